/**
 * JobSpec's statuses: which may follow which (FEATURES D49), and where the stored state reads as which. The words are
 * those of the one table of vocabularies (../tasks/words.ts); degraded is what cannot be told, since a file is broken.
 */
import type { TaskState } from "../tasks/state.ts";
import { wordOf } from "../tasks/words.ts";

export const JOB_STATUSES = [
  "queued",
  "running",
  "retry_waiting",
  "completed",
  "failed",
  "cancelled",
  "degraded",
] as const;
export type JobStatus = (typeof JOB_STATUSES)[number];

/** What may follow; nothing follows an end. */
export const JOB_STEPS: Readonly<Record<JobStatus, readonly JobStatus[]>> = {
  queued: ["running", "cancelled", "failed", "degraded"],
  running: ["completed", "failed", "cancelled", "retry_waiting", "degraded"],
  retry_waiting: ["queued", "running", "failed", "cancelled", "degraded"],
  completed: [],
  failed: [],
  cancelled: [],
  degraded: ["queued", "running", "failed", "cancelled"],
};

export const isTerminal = (status: JobStatus): boolean => JOB_STEPS[status].length === 0;

/** The status of a job in this state; a job has no state without one. */
export function jobStatusOf(state: TaskState): JobStatus {
  const word = wordOf(state, "jobspec") as JobStatus | undefined;
  // A job that someone set to planned by hand waits like any other.
  return word ?? "queued";
}
