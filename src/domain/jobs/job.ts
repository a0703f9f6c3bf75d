/** A job as the record has it at a moment, and as JobSpec shows it (QueueJobState; FEATURES D32, D33, D38, D39, D41). */
import type { Ctx } from "../../core/operation.ts";
import type { Refusal } from "../../core/refusal.ts";
import type { Rules, Snapshot } from "../../core/snapshot.ts";
import type { JobFailure, Lease, Task } from "../../generated/types.ts";
import { readTask } from "../tasks/docs.ts";
import { leaseOf, type Moment, momentOf, stateOf, type TaskState } from "../tasks/state.ts";
import type { FoundJob } from "./find.ts";
import type { ProjectionName } from "./projections/names.ts";
import { type JobStatus, jobStatusOf } from "./statuses.ts";
import type { Job } from "./types.ts";

export interface JobAt {
  ok: true;
  task: Task;
  job: Job;
  /** The lease, while the job has not ended; left out where there never was one, or it cannot be read. */
  lease?: Lease;
  state: TaskState;
  status: JobStatus;
}

/** Fields that JobSpec leaves optional are left out where they have no value: its schema knows no null. */
export interface QueueJobState {
  job_id: string;
  job_type: string;
  /** The request that submitted it. */
  request_id: string;
  /** All requests that brought about an event, in their order. */
  request_ids: string[];
  status: JobStatus;
  idempotency_key?: string;
  attempt: number;
  max_attempts: number;
  /** In the answer to its claim alone. */
  claim_token?: string;
  lease_epoch: number;
  lease_expires_at?: string;
  /** All attempts are used up: it has failed for that, or will at the next claim. */
  retry_exhausted: boolean;
  failure?: JobFailure;
  artifacts: Record<string, string>;
  projection_targets: ProjectionName[];
  payload: Record<string, unknown>;
  last_event_id: string;
  created_at: string;
  /** When its last event was. */
  updated_at: string;
}

/** (suspends) Reads the task's file. */
export function readJob(snapshot: Snapshot, { open, closed }: FoundJob, ctx: Ctx): JobAt | Refusal {
  const file = readTask(snapshot, (open ?? closed)?.id ?? "");
  if (!file.ok) return file;
  return jobAt(snapshot, file.task, momentOf(snapshot, ctx));
}

export function jobAt(snapshot: Snapshot, task: Task, at: Moment): JobAt {
  if (!task.job) throw new Error(`${task.id} is no job`);
  const open = snapshot.openTask(task.id);
  const lease = open && leaseOf(open);
  const state = open ? stateOf(open, at) : (task.status as TaskState);
  return { ok: true, task, job: task.job, ...(lease ? { lease } : {}), state, status: jobStatusOf(state) };
}

export const maxAttemptsOf = (task: Pick<Task, "max_attempts">, { jobs }: Rules): number =>
  task.max_attempts ?? jobs.max_attempts;

export function queueState({ task, job, lease, status }: Omit<JobAt, "ok">, rules: Rules): QueueJobState {
  const { outcome } = task;
  const attempt = outcome?.attempt ?? lease?.attempt ?? 0;
  const max_attempts = maxAttemptsOf(task, rules);
  const held = lease?.job;
  return {
    job_id: job.job_id,
    job_type: job.type,
    request_id: requestOf(job),
    request_ids: requestsOf(job, lease),
    status,
    ...(job.idempotency_key === undefined ? {} : { idempotency_key: job.idempotency_key }),
    attempt,
    max_attempts,
    lease_epoch: outcome?.epoch ?? lease?.epoch ?? 0,
    ...(lease?.expires_at ? { lease_expires_at: lease.expires_at } : {}),
    retry_exhausted: isExhausted({ status, attempt, max_attempts, failure: job.failure }),
    ...(job.failure ? { failure: job.failure } : {}),
    artifacts: artifactsOf(job, lease),
    projection_targets: job.projection_targets,
    payload: job.payload ?? {},
    last_event_id: job.last_event_id ?? held?.last_event_id ?? job.accepted_event_id,
    created_at: task.created_at,
    updated_at: outcome?.at ?? lease?.renewed_at ?? lease?.claimed_at ?? task.created_at,
  };
}

type Tries = Pick<QueueJobState, "status" | "attempt" | "max_attempts"> & {
  failure?: JobFailure | undefined;
};

/** All attempts are used up (FEATURES D41). */
export const isExhausted = ({ status, attempt, max_attempts, failure }: Tries): boolean =>
  failure?.code === "retry_exhausted" || (status === "retry_waiting" && attempt >= max_attempts);

/** The request that submitted it: what an event says that came by no request of its own. */
export const requestOf = (job: Job): string => job.request_ids[0] as string;

/** All of them, those of the lease behind those of the file, and now this one; each once (D52). */
export const requestsOf = (job: Job, lease: Lease | undefined, request?: string): string[] => [
  ...new Set([...job.request_ids, ...(lease?.job?.request_ids ?? []), ...(request ? [request] : [])]),
];

export const artifactsOf = (job: Job, lease: Lease | undefined): Record<string, string> => ({
  ...job.artifacts,
  ...lease?.job?.artifacts,
});
