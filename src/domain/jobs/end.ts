/** How a job ends: its outcome goes into its file, with what the lease had gathered, and the lease goes away. */
import type { Change } from "../../core/operation.ts";
import { pathOf } from "../../core/paths.ts";
import { iso } from "../../core/time.ts";
import type { JobFailure, Task } from "../../generated/types.ts";
import { noLease } from "../tasks/lease.ts";
import { type JobAt, requestsOf } from "./job.ts";
import type { Job } from "./types.ts";

export interface End {
  status: "done" | "failed" | "canceled";
  /** The event that ends it. */
  event_id: string;
  /** Who ends it. */
  by: string;
  now: number;
  /** All that it has then. */
  artifacts: Record<string, string>;
  request_id?: string;
  failure?: JobFailure;
  message?: string;
}

export function ended(
  { task, job, lease }: JobAt,
  end: End,
): { task: Task & { job: Job }; changes: Change[] } {
  const { status, event_id, by, now, artifacts, request_id, failure, message } = end;
  const outcome: NonNullable<Task["outcome"]> = {
    epoch: lease?.epoch ?? 0,
    attempt: lease?.attempt ?? 0,
    worker: lease?.worker ?? null,
    at: iso(now),
    ...(lease?.worker === by ? {} : { by }),
    ...(message ? { message } : {}),
  };
  const next: Task & { job: Job } = {
    ...task,
    status,
    job: {
      ...job,
      request_ids: requestsOf(job, lease, request_id),
      last_event_id: event_id,
      ...(failure ? { failure } : {}),
      ...(Object.keys(artifacts).length > 0 ? { artifacts } : {}),
    },
    outcome,
    updated_at: iso(now),
  };
  const path = pathOf("Task", task.id);
  return { task: next, changes: [{ path, value: next }, ...(lease ? [noLease(task.id)] : [])] };
}

/** The ended job, to be shown. */
export const asEnded = (task: Task & { job: Job }, status: JobAt["status"]): Omit<JobAt, "ok"> => ({
  task,
  job: task.job,
  state: task.status as JobAt["state"],
  status,
});
