/** From what a caller types to a job: its job_id, or the end of that or of its task's id. */
import { pathOf } from "../../core/paths.ts";
import { type Refusal, refuse } from "../../core/refusal.ts";
import type { ClosedTask, OpenTask, Snapshot } from "../../core/snapshot.ts";
import { unreadable } from "../tasks/act.ts";
import { called, FRAGMENT_MIN } from "../tasks/find.ts";
import { taskIdOf } from "./places.ts";

/** Exactly one of open and closed is there, and has a job. */
export interface FoundJob {
  ok: true;
  open?: OpenTask;
  closed?: ClosedTask;
}

const CANDIDATES_LIMIT = 20;
const TASK_ID = /^t_[0-9a-hjkmnp-tv-z]{26}$/;

/** (suspends) Whole ids cost one look; only a part of one goes through the rows, open jobs first. */
export function findJob(snapshot: Snapshot, typed: string): FoundJob | Refusal {
  const text = typed.trim();
  const byId = TASK_ID.test(text) ? text : taskIdOf(text);
  const open = snapshot.openTask(byId);
  if (open?.broken) return unreadable(open.broken.path, open.broken);
  if (open) return open.job ? { ok: true, open } : noJob(open);
  const closed = snapshot.closedTask(byId);
  if (closed) return closed.job ? { ok: true, closed } : noJob(closed);
  const problem = snapshot.problems.get(pathOf("Task", byId));
  if (problem) return unreadable(problem.path, problem);
  const part = text.toLowerCase();
  if (part.length < FRAGMENT_MIN) return unknown(text);
  const [one, ...more] = endingIn(snapshot.open(), part);
  if (one) return more.length > 0 ? ambiguous(text, [one, ...more]) : { ok: true, open: one };
  const [ended, ...others] = endingIn(snapshot.closed(), part);
  if (ended) return others.length > 0 ? ambiguous(text, [ended, ...others]) : { ok: true, closed: ended };
  return unknown(text);
}

const endingIn = <Row extends OpenTask | ClosedTask>(rows: Iterable<Row>, part: string): Row[] => {
  const found: Row[] = [];
  for (const row of rows)
    if (row.job && (row.job.id.toLowerCase().endsWith(part) || row.id.endsWith(part))) found.push(row);
  return found;
};

const unknown = (text: string): Refusal =>
  refuse("job_unknown", `There is no job ${text}. Nothing was changed.`, { data: { job_id: text } });

const noJob = (task: OpenTask | ClosedTask): Refusal =>
  refuse("job_unknown", `${called(task)} is a task and no job. Nothing was changed.`, {
    hint: `owp show ${task.id}`,
    data: { task: task.id },
  });

function ambiguous(text: string, rows: readonly (OpenTask | ClosedTask)[]): Refusal {
  const ids = rows.map(({ job }) => job?.id ?? "").sort();
  const named = ids.slice(0, CANDIDATES_LIMIT);
  return refuse("task_ambiguous", `${ids.length} jobs end in ${text}. Nothing was changed.`, {
    hint: `owp job show ${named[0]}`,
    data: { candidates: named },
  });
}
