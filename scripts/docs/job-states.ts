/** The statuses of jobs, for docs/state-machines.md: what may follow what, from the table that plans and validate read. */
import { JOB_STATUSES, JOB_STEPS, type JobStatus } from "../../src/domain/jobs/statuses.ts";
import { cell, code, table } from "./markdown.ts";

export function jobTable(): string {
  const rows = JOB_STATUSES.map((from) => [
    code(from),
    JOB_STEPS[from].map(code).join(", ") || "nothing: the first end stands",
    cell(MEANS[from]),
  ]);
  return table(["status", "what may follow", "what it means"], rows);
}

const MEANS: Record<JobStatus, string> = {
  queued: "no one has claimed it yet",
  running: "claimed, and its lease has not run out",
  retry_waiting: "its lease ran out: read from the clock, and written by the next claim",
  completed: "done",
  failed: "its worker said so, or its attempts are used up (retry_exhausted)",
  cancelled: "not wanted any more",
  degraded: "its file or its lease cannot be read",
};
