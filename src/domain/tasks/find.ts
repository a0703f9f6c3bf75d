/** From what a person types to a task: an id, or a part of one that only it has. */
import { shortId } from "../../core/paths.ts";
import { type Refusal, refuse } from "../../core/refusal.ts";
import type { ClosedTask, OpenTask, Snapshot } from "../../core/snapshot.ts";

/** Exactly one of open and closed is there. */
export interface Found {
  ok: true;
  id: string;
  open?: OpenTask;
  closed?: ClosedTask;
}

/** The shortest part of an id that counts. */
export const FRAGMENT_MIN = 4;
const CANDIDATE_LIMIT = 20;
const NAMED_LIMIT = 5;

/** Open tasks first; only where none of them fits, those that have ended (suspends). The end of an id counts before its middle. */
export function findTask(snapshot: Snapshot, typed: string): Found | Refusal {
  const text = typed.trim().toLowerCase();
  if (FULL_ID.test(text))
    return found(snapshot.openTask(text)) ?? ended(snapshot.closedTask(text)) ?? unknown(text);
  if (text.length < FRAGMENT_MIN) {
    return refuse(
      "usage",
      `"${text}" is too short for a part of an id: four characters or more. Nothing was changed.`,
      {
        hint: "owp list",
        data: { id: text },
      },
    );
  }
  const open = best(snapshot.open(), text);
  if (open.length > 0) return only(open, text, found);
  const ending = snapshot.closedEnding(text);
  const closed = ending.length > 0 ? ending : best(snapshot.closed(), text);
  if (closed.length > 0) return only(closed, text, ended);
  return unknown(text);
}

const FULL_ID = /^t_[0-9a-hjkmnp-tv-z]{26}$/;

const unknown = (text: string): Refusal =>
  refuse("task_unknown", `There is no task ${text}. Nothing was changed.`, { data: { id: text } });

const found = (open: OpenTask | undefined): Found | undefined => open && { ok: true, id: open.id, open };
const ended = (closed: ClosedTask | undefined): Found | undefined =>
  closed && { ok: true, id: closed.id, closed };

/** Those whose id ends in the text, or, where there is none, those whose id holds it. */
export function best<T extends { id: string }>(tasks: Iterable<T>, text: string): T[] {
  const ends: T[] = [];
  const holds: T[] = [];
  for (const task of tasks) {
    if (task.id.endsWith(text)) ends.push(task);
    else if (ends.length === 0 && task.id.includes(text)) holds.push(task);
  }
  return ends.length > 0 ? ends : holds;
}

function only<T extends { id: string; title: string }>(
  fits: T[],
  text: string,
  answer: (task: T) => Found | undefined,
): Found | Refusal {
  const [first] = fits;
  if (fits.length === 1 && first) return answer(first) as Found;
  const candidates = fits
    .sort((a, b) => (a.id < b.id ? -1 : 1))
    .slice(0, CANDIDATE_LIMIT)
    .map(({ id, title }) => ({ id, title }));
  const named = candidates.slice(0, NAMED_LIMIT).map(({ id, title }) => `${id} ${clip(title, 40)}`);
  if (fits.length > named.length) named.push(`${fits.length - named.length} more`);
  return refuse(
    "task_ambiguous",
    `${fits.length} tasks have ${text} in their id: ${named.join("; ")}. Nothing was changed.`,
    {
      data: { candidates },
    },
  );
}

/** `k3f9 "Add /healthz"`, for messages. */
export const called = (task: { id: string; title: string }): string =>
  `${shortId(task.id)} "${clip(task.title, 60)}"`;

/** A text of at most so many characters, cut between characters and marked where it is cut. */
export function clip(text: string, limit: number): string {
  if (text.length <= limit) return text;
  const chars = [...text];
  return chars.length <= limit ? text : `${chars.slice(0, limit - 1).join("")}…`;
}
