/** Where the task stands that a commit of the code names, and whether it counts there. */
import type { Refusal } from "../../core/refusal.ts";
import type { ClosedTask, OpenTask, Rules, Snapshot } from "../../core/snapshot.ts";
import { ms } from "../../core/time.ts";
import type { Mention, SettleInput } from "../../generated/types.ts";
import { best, FRAGMENT_MIN } from "../tasks/find.ts";
import { leaseOf } from "../tasks/state.ts";

/** Why a mention changes nothing, where that is worth saying. */
export interface Skipped {
  /** As the commit names it. */
  task: string;
  commit: string;
  why: "unknown" | "ambiguous" | "other_repo" | "ended" | "unreadable" | Refusal["code"];
  /** Goes on after the commit and the task: "there is no such task". */
  says: string;
}

type Resolved = { task: OpenTask | ClosedTask } | Pick<Skipped, "why" | "says">;

const FULL_ID = /^t_[0-9a-hjkmnp-tv-z]{26}$/;

/**
 * (may suspend) A part of an id counts only where no other task has it, ended ones among them: a commit is read again
 * long after, when another task may end in the same letters.
 */
export function resolveMention(snapshot: Snapshot, text: string): Resolved {
  const unknown: Resolved = { why: "unknown", says: "there is no such task in this record" };
  if (FULL_ID.test(text)) {
    const task = snapshot.openTask(text) ?? snapshot.closedTask(text);
    return task ? { task } : unknown;
  }
  if (text.length < FRAGMENT_MIN || !/^[0-9a-z_]+$/.test(text)) return unknown;
  const [task, ...more] = best([...snapshot.open(), ...snapshot.closed()], text);
  if (!task) return unknown;
  return more.length === 0
    ? { task }
    : { why: "ambiguous", says: `${more.length + 1} tasks have that in their id; the whole id tells which` };
}

export const isEnded = (task: OpenTask | ClosedTask): task is ClosedTask => "ended_at" in task;

/** What the range says of a task in the end: a revert takes back what came before it, and the other way round. */
export interface Verdict {
  task: OpenTask | ClosedTask;
  mention: Mention;
}

/** (may suspend) The last word on each task, in the order of the range, and what leads nowhere. */
export function verdictsOf(
  snapshot: Snapshot,
  input: SettleInput,
): { verdicts: Verdict[]; skipped: Skipped[] } {
  const last = new Map<string, Verdict>();
  const skipped: Skipped[] = [];
  const known = new Map<string, Resolved>();
  for (const mention of input.merged) {
    if (!counts(mention, snapshot.rules)) continue;
    const found = known.get(mention.task) ?? resolveMention(snapshot, mention.task);
    const isNew = !known.has(mention.task);
    known.set(mention.task, found);
    const said = { task: mention.task, commit: mention.commit };
    if ("why" in found) {
      if (isNew) skipped.push({ ...said, ...found });
    } else if (input.repos && !input.repos.includes(found.task.repo) && !isBroken(found.task)) {
      const says = `it belongs to repo ${found.task.repo}, whose default branch this is not`;
      if (isNew) skipped.push({ ...said, why: "other_repo", says });
    } else {
      last.delete(found.task.id);
      last.set(found.task.id, { task: found.task, mention });
    }
  }
  return { verdicts: [...last.values()], skipped };
}

const counts = ({ reverts }: Mention, rules: Rules): boolean =>
  reverts ? rules.merge_closes && rules.reverts_reopen : rules.merge_closes;

const isBroken = (task: OpenTask | ClosedTask): boolean =>
  !isEnded(task) && (task.broken !== undefined || (task.lease !== undefined && "broken" in task.lease));

/**
 * What is to be done about a verdict; undefined: nothing, since the record has it already. A clone reads the same
 * commits again and again, so what was merged before the task was opened again does not end it, and a revert from
 * before its end does not open it.
 */
export function stepOf({
  task,
  mention,
}: Verdict): "close" | "reopen" | Pick<Skipped, "why" | "says"> | undefined {
  if (task.job) return { why: "job_task", says: "it is a job, which owp job complete ends" };
  if (isEnded(task)) {
    if (mention.reverts)
      return task.status === "done" && ms(mention.at) >= ms(task.ended_at) ? "reopen" : undefined;
    return task.status === "done" ? undefined : { why: "ended", says: `it stays ${task.status}` };
  }
  if (mention.reverts) return undefined;
  if (isBroken(task)) return { why: "unreadable", says: "its files cannot be read (owp validate)" };
  const reopened = ms(leaseOf(task)?.reopened_at);
  return ms(mention.at) <= reopened ? undefined : "close";
}
