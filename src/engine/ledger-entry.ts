/** An operation in the commit log: how it is written and how it is read back. The log is the ledger. */
import type { LedgerEvent } from "../core/operation.ts";
import { formatMessage, parseTrailers } from "./objects.ts";
import type { Commit } from "./walk.ts";

/** A commit of more tasks than this names their number only. */
const TASK_TRAILER_LIMIT = 100;

/** What the trailers of an operation's commit say. */
export interface Entry {
  op: string;
  event: string;
  actor: string;
  clone: string;
  worker?: string;
  message?: string;
  tasks: { id: string; epoch?: number }[];
}

export function commitMessage(event: LedgerEvent, op: string, clone: string): string {
  const trailers: [string, string][] = [
    ["Owp-Op", op],
    ["Owp-Event", event.type],
    ["Owp-Actor", event.actor],
    ["Owp-Clone", clone],
  ];
  if (event.worker) trailers.push(["Owp-Worker", event.worker]);
  const tasks = event.tasks ?? [];
  if (tasks.length > TASK_TRAILER_LIMIT) trailers.push(["Owp-Tasks", String(tasks.length)]);
  else
    for (const task of tasks)
      trailers.push(["Owp-Task", task.epoch === undefined ? task.id : `${task.id} epoch=${task.epoch}`]);
  for (const [key, value] of event.trailers ?? []) trailers.push([key, value]);
  return formatMessage(event.subject, event.message ?? "", trailers);
}

const TASK = /^(t_[0-9a-hjkmnp-tv-z]{26})(?: epoch=(\d{1,15}))?$/;

/** The entry of a commit; undefined for merges and for commits that carry no operation: those are edits. */
export const trailersOf = (commit: Commit): Entry | undefined =>
  commit.parents.length > 1 ? undefined : entryIn(commit.message);

/** What the trailers of a message say, whether or not they count. */
export function entryIn(message: string): Entry | undefined {
  const fields = new Map<string, string>();
  const tasks: Entry["tasks"] = [];
  for (const [key, value] of parseTrailers(message)) {
    const task = key === "Owp-Task" ? TASK.exec(value) : null;
    if (task)
      tasks.push(
        task[2] === undefined ? { id: task[1] as string } : { id: task[1] as string, epoch: Number(task[2]) },
      );
    else if (!fields.has(key)) fields.set(key, value);
  }
  const [op, event, actor] = [fields.get("Owp-Op"), fields.get("Owp-Event"), fields.get("Owp-Actor")];
  if (!op || !event || !actor) return undefined;
  const entry: Entry = { op, event, actor, clone: fields.get("Owp-Clone") ?? "", tasks };
  const worker = fields.get("Owp-Worker");
  if (worker) entry.worker = worker;
  return entry;
}
