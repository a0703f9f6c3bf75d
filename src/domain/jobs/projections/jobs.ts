/** Jobs in the seed's two forms: as projections show them (JobProjection), and as the queue has them (QueueJobState). */
import { isExhausted, type QueueJobState } from "../job.ts";
import type { JobStatus } from "../statuses.ts";
import type { Job, LedgerState } from "./state.ts";
import { isStale } from "./state.ts";
import { statusOf } from "./status.ts";

const RESULTS = { completed: "succeeded", failed: "failed", cancelled: "cancelled" } as const;

type Shared = Pick<
  Job,
  | "job_id"
  | "job_type"
  | "request_id"
  | "request_ids"
  | "failure"
  | "artifacts"
  | "projection_targets"
  | "created_at"
  | "updated_at"
  | "last_event_id"
>;

/** FEATURES D78. */
export interface JobProjection extends Shared {
  status: JobStatus;
  /** Only of a job with a terminal event (FEATURES D83). */
  result_status?: (typeof RESULTS)[keyof typeof RESULTS];
}

/**
 * The payload stands in the job's file alone, and the claim token nowhere. A lease's end is only told while it stands;
 * targets only of a job whose acceptance is known.
 */
export type LedgerJob = Omit<QueueJobState, "payload" | "claim_token" | "projection_targets"> &
  Partial<Pick<QueueJobState, "projection_targets">>;

function sharedOf(job: Job): Shared {
  const { job_id, job_type, request_id, request_ids, failure, artifacts, projection_targets } = job;
  const { created_at, updated_at, last_event_id } = job;
  return {
    job_id,
    ...(job_type !== undefined && { job_type }),
    request_id,
    request_ids,
    ...(failure && { failure }),
    ...(artifacts && { artifacts }),
    ...(projection_targets && { projection_targets }),
    created_at,
    updated_at,
    last_event_id,
  };
}

/** Every job, in the order in which they were accepted. now: ms since 1970. */
export function jobProjections(state: LedgerState, now: number): JobProjection[] {
  const stale = isStale(state, "daemon-job-status");
  return [...state.jobs.values()].map((job) => ({
    ...sharedOf(job),
    status: statusOf(job, now, stale),
    ...(job.ended && { result_status: RESULTS[job.ended] }),
  }));
}

/** The queue as the ledger alone tells it (QueueSnapshot): jobs whose first record is lost have no type, and are left out. */
export function queueSnapshot(
  state: LedgerState,
  now: number,
): { jobs: LedgerJob[]; last_event_id?: string } {
  const jobs = [...state.jobs.values()].flatMap((job) => queueJob(job, now) ?? []);
  return { jobs, ...(state.last_event_id !== undefined && { last_event_id: state.last_event_id }) };
}

function queueJob(job: Job, now: number): LedgerJob | undefined {
  const { job_type, lease } = job;
  if (job_type === undefined) return undefined;
  const status = statusOf(job, now);
  // The seed's form takes moments alone; one that cannot be read has expired.
  const expires =
    job.ended || Number.isNaN(Date.parse(lease?.expires_at ?? "")) ? undefined : lease?.expires_at;
  return {
    ...sharedOf(job),
    job_type,
    status,
    ...(job.idempotency_key !== undefined && { idempotency_key: job.idempotency_key }),
    attempt: job.attempt,
    max_attempts: job.max_attempts,
    lease_epoch: job.lease_epoch,
    ...(expires !== undefined && { lease_expires_at: expires }),
    retry_exhausted: isExhausted({ ...job, status }),
    artifacts: job.artifacts ?? {},
  };
}
