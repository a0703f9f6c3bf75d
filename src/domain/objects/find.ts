/** From what a person types to one object: an id, a part of one that only it has, or a repo's slug. */
import { kindOfId, type ObjectKind, shortId } from "../../core/paths.ts";
import type { RefKind } from "../../core/refs.ts";
import { type Refusal, refuse } from "../../core/refusal.ts";
import type { Snapshot } from "../../core/snapshot.ts";
import { best, clip, FRAGMENT_MIN, findTask } from "../tasks/find.ts";
import { aKind, wordOfKind } from "./words.ts";

export interface FoundObject {
  ok: true;
  kind: RefKind;
  id: string;
}

const FULL_ID = /^[a-z]{1,2}_[0-9a-hjkmnp-tv-z]{26}$/;
const CANDIDATE_LIMIT = 20;
const NAMED_LIMIT = 5;

/** (suspends) kind: only among these; by default among all. */
export function findObject(snapshot: Snapshot, typed: string, kind?: RefKind): FoundObject | Refusal {
  const text = typed.trim().toLowerCase();
  if (FULL_ID.test(text)) return byId(snapshot, text, kind);
  if (kind === undefined || kind === "Repo") {
    const repo = snapshot.repos.get(text);
    if (repo) return { ok: true, kind: "Repo", id: repo.id };
    if (kind === "Repo") return unknown(text, kind);
  }
  if (kind === "Issue") return asIssue(findTask(snapshot, text));
  if (text.length < FRAGMENT_MIN)
    return refuse(
      "usage",
      `"${text}" is too short for a part of an id: four characters or more. Nothing was changed.`,
      { hint: `owp object list ${kind ? wordOfKind(kind) : "<kind>"}`, data: { id: text } },
    );
  const fits = snapshot.objectsEnding(text).filter((row) => kind === undefined || row.kind === kind);
  const open = kind === undefined ? best(snapshot.open(), text).filter(({ id }) => id.endsWith(text)) : [];
  const tasks = kind === undefined && open.length === 0 ? snapshot.closedEnding(text) : open;
  const found = [...fits, ...tasks.map(({ id, title }) => ({ id, title, kind: "Issue" as const }))];
  if (found.length > 0) return only(found as Candidate[], text);
  if (kind !== undefined) {
    const inside = [...snapshot.objects(kind as ObjectKind)].filter(({ id }) => id.includes(text));
    return inside.length > 0 ? only(inside as Candidate[], text) : unknown(text, kind);
  }
  const task = findTask(snapshot, text);
  return !task.ok && task.code === "task_unknown" ? unknown(text, undefined) : asIssue(task);
}

interface Candidate {
  id: string;
  title: string;
  kind: RefKind;
}

const asIssue = (found: ReturnType<typeof findTask>): FoundObject | Refusal =>
  found.ok ? { ok: true, kind: "Issue", id: found.id } : found;

function byId(snapshot: Snapshot, id: string, kind: RefKind | undefined): FoundObject | Refusal {
  const stored = kindOfId(id);
  const is: RefKind | undefined = stored === "Task" ? "Issue" : stored;
  if (is === undefined) return unknown(id, kind);
  if (kind !== undefined && is !== kind)
    return refuse(
      "wrong_kind",
      `${id} is the id of ${aKind(is)}, not of ${aKind(kind)}. Nothing was changed.`,
      {
        hint: `owp object list ${wordOfKind(kind)}`,
        data: { id, is, wanted: kind },
      },
    );
  if (is === "Issue") return asIssue(findTask(snapshot, id));
  const exists =
    is === "Repo"
      ? [...snapshot.repos.values()].some((repo) => repo.id === id)
      : snapshot.object(id) !== undefined;
  return exists ? { ok: true, kind: is, id } : unknown(id, is);
}

function unknown(text: string, kind: RefKind | undefined): Refusal {
  const what = kind === undefined ? "object" : aKind(kind).replace(/^an? /, "");
  return refuse("object_unknown", `There is no ${what} ${text}. Nothing was changed.`, {
    ...(kind === undefined ? {} : { hint: `owp object list ${wordOfKind(kind)}` }),
    data: { id: text, ...(kind ? { kind } : {}) },
  });
}

function only(fits: Candidate[], text: string): FoundObject | Refusal {
  const [first] = fits;
  if (fits.length === 1 && first) return { ok: true, kind: first.kind, id: first.id };
  const candidates = fits
    .sort((a, b) => (a.id < b.id ? -1 : 1))
    .slice(0, CANDIDATE_LIMIT)
    .map(({ id, title, kind }) => ({ id, title, kind }));
  const named = candidates.slice(0, NAMED_LIMIT).map(({ id, title }) => `${id} ${clip(title, 40)}`);
  if (fits.length > named.length) named.push(`${fits.length - named.length} more`);
  return refuse(
    "object_ambiguous",
    `${fits.length} objects have ${text} in their id: ${named.join("; ")}. Nothing was changed.`,
    { data: { candidates } },
  );
}

/** `run k3f9`, for messages and subjects. */
export const namedObject = (kind: RefKind, id: string): string =>
  `${wordOfKind(kind).replaceAll("-", " ")} ${shortId(id)}`;
