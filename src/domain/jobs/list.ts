/** `owp job list`: jobs in the order in which they were accepted; ended ones only when they are asked for. */
import type { Ctx, Plan } from "../../core/operation.ts";
import type { ClosedTask, JobRow, OpenTask, Snapshot } from "../../core/snapshot.ts";
import type { JobListInput } from "../../generated/types.ts";
import { readTasks } from "../tasks/docs.ts";
import { momentOf, stateOf, type TaskState } from "../tasks/state.ts";
import { jobAt } from "./job.ts";
import { type JobShown, shown } from "./show.ts";
import { isTerminal, type JobStatus, jobStatusOf } from "./statuses.ts";
import { verifyType } from "./types.ts";

export interface JobsListed {
  jobs: JobShown[];
  /** How many match; jobs holds those from offset on, at most limit. */
  total: number;
  offset: number;
  /** How many match, by status. */
  counts: Partial<Record<JobStatus, number>>;
}

interface Row {
  id: string;
  job: JobRow;
  status: JobStatus;
}

const DEFAULT_LIMIT = 100;

/** The oldest first: an event's id begins with the moment of its operation. */
export const byAccepted = (a: { job: JobRow }, b: { job: JobRow }): number =>
  a.job.accepted_event_id < b.job.accepted_event_id ? -1 : 1;

export function planJobList(snapshot: Snapshot, input: JobListInput, ctx: Ctx): Plan<JobsListed> {
  const wrong = verifyType(input.type, snapshot.rules);
  if (wrong) return wrong;
  const at = momentOf(snapshot, ctx);
  const rows: Row[] = [];
  const look = (task: OpenTask | ClosedTask, state: TaskState) => {
    const status = jobStatusOf(state);
    if (!task.job || (input.type !== undefined && task.job.type !== input.type)) return;
    if (!input.status || input.status.includes(status)) rows.push({ id: task.id, job: task.job, status });
  };
  for (const task of snapshot.open()) if (task.job) look(task, stateOf(task, at));
  if (input.all || input.status?.some(isTerminal))
    for (const task of snapshot.closed()) look(task, task.status);
  rows.sort(byAccepted);
  const counts: JobsListed["counts"] = {};
  for (const { status } of rows) counts[status] = (counts[status] ?? 0) + 1;
  const offset = input.offset ?? 0;
  const page = rows.slice(offset, offset + (input.limit ?? DEFAULT_LIMIT));
  const files = readTasks(
    snapshot,
    page.map(({ id }) => id),
  );
  const jobs = files.map((task) => shown(snapshot, jobAt(snapshot, task, at)));
  return { ok: true, changes: [], result: { jobs, total: rows.length, offset, counts } };
}
