/** One line of a listing: a task in brief, whether it has ended or not. */

import { shortId } from "../../core/paths.ts";
import type { ClosedTask, OpenTask, Snapshot } from "../../core/snapshot.ts";
import { holderOf, type Moment, stateOf, type TaskState } from "./state.ts";
import { wordOf } from "./words.ts";

/** CWOM's statuses; waiting: ready, with dependencies that are not done; broken: a file cannot be read. */
export type Status =
  | "planned"
  | "ready"
  | "waiting"
  | "running"
  | "blocked"
  | "done"
  | "failed"
  | "canceled"
  | "broken";

export interface ListRow {
  id: string;
  /** The last characters of the id, which people type. */
  short: string;
  title: string;
  repo: string;
  status: Status;
  /** The step of the state machine behind the status. */
  state: TaskState;
  priority: number;
  labels: string[];
  parent?: string;
  /** The job_id, where the task is a job (owp job list). */
  job?: string;
  /** Who holds it now, or who ended it. */
  holder?: string;
  /** These stand only in rows of tasks that have not ended. */
  estimate?: number;
  tier?: number;
  type?: string;
  area?: string;
  skills?: string[];
  assigned_to?: string;
  /** What it waits for: dependencies that are not done. */
  waits_for?: string[];
  created_at?: string;
  /** The last change of its text; for ended tasks the end. */
  updated_at?: string;
}

export function openListRow(snapshot: Snapshot, task: OpenTask, at: Moment): ListRow {
  const {
    id,
    title,
    repo,
    priority,
    estimate,
    tier,
    labels,
    skills,
    type,
    area,
    assigned_to,
    parent,
    created_at,
  } = task;
  const waits_for = task.blocked_by.filter((one) => snapshot.dependency(one) !== "done");
  const state = stateOf(task, at);
  return dropUndefined({
    ...{ id, short: shortId(id), title, repo, status: statusOf(state, waits_for.length > 0), state },
    ...{ priority, estimate, tier, type, area, labels, skills, assigned_to, holder: holderOf(task), parent },
    job: task.job?.id,
    waits_for: waits_for.length > 0 ? waits_for : undefined,
    ...{ created_at, updated_at: task.updated_at ?? created_at },
  });
}

export function closedListRow(task: ClosedTask): ListRow {
  const { id, title, repo, status, priority, labels, parent } = task;
  return dropUndefined({
    ...{ id, short: shortId(id), title, repo, status, state: status, priority, labels, parent },
    ...{ job: task.job?.id, holder: task.worker ?? undefined, updated_at: task.ended_at },
  });
}

export function statusOf(state: TaskState, isWaiting: boolean): Status {
  if (state === "broken") return "broken";
  const word = wordOf(state, "cwom") as Status;
  return word === "ready" && isWaiting ? "waiting" : word;
}

export function dropUndefined<T extends object>(row: T): T {
  for (const key of Object.keys(row) as (keyof T)[]) if (row[key] === undefined) delete row[key];
  return row;
}

/** The most urgent first, in the order of claims (A32); then what has ended, the latest end first. */
export function byPriority(a: ListRow, b: ListRow): number {
  const [endedA, endedB] = [isOver(a), isOver(b)];
  if (endedA !== endedB) return endedA ? 1 : -1;
  if (endedA) return byUpdated(a, b);
  return b.priority - a.priority || (a.estimate ?? 0) - (b.estimate ?? 0) || (a.id < b.id ? -1 : 1);
}

const isOver = (row: ListRow): boolean =>
  row.status === "done" || row.status === "failed" || row.status === "canceled";

/** Newest first: an id begins with the moment at which it was made. */
export const byCreated = (a: ListRow, b: ListRow): number => (a.id > b.id ? -1 : 1);

export function byUpdated(a: ListRow, b: ListRow): number {
  const [one, other] = [a.updated_at ?? "", b.updated_at ?? ""];
  return one === other ? byCreated(a, b) : one > other ? -1 : 1;
}
