/** Lists objects by what people ask for, the newest first (FEATURES B25, B35, B51, B66, B71, B73). */

import { readObjects } from "../../core/docs.ts";
import { ulidTime } from "../../core/ids.ts";
import type { ObjectRow } from "../../core/object-rows.ts";
import type { Ctx, Plan } from "../../core/operation.ts";
import { kindOfId, shortId } from "../../core/paths.ts";
import type { RefKind } from "../../core/refs.ts";
import { type Refusal, refuse } from "../../core/refusal.ts";
import type { Snapshot } from "../../core/snapshot.ts";
import { iso } from "../../core/time.ts";
import type { ObjectListInput } from "../../generated/types.ts";
import { closedListRow, openListRow } from "../tasks/listing.ts";
import { momentOf } from "../tasks/state.ts";
import { levelOf } from "../tasks/words.ts";
import { findObject } from "./find.ts";
import { KIND_OF_WORD, type KindWord, wordOfKind } from "./words.ts";

const DEFAULT_LIMIT = 100;
/** What a repo is that does not say so (B19). */
const DEFAULT_VISIBILITY = "private";

export interface ListedObject {
  id: string;
  short: string;
  title: string;
  created_at: string;
  [fact: string]: string | readonly string[] | undefined;
}

export interface ObjectsListed {
  kind: RefKind;
  objects: ListedObject[];
  /** How many match; objects holds those from offset on, at most limit. */
  total: number;
  offset: number;
}

/** Which filters each kind has. */
const FILTERS: Readonly<Record<RefKind, readonly (keyof ObjectListInput)[]>> = {
  Repo: ["visibility"],
  Issue: ["repo", "status", "type", "priority", "ref"],
  ContextPacket: ["issue", "version", "ref"],
  ConstraintSnapshot: ["scope", "owner"],
  DoctrineRef: ["namespace", "name", "version", "type", "priority", "repo", "ref"],
  Run: ["issue", "repo", "status", "mode", "ref"],
  Artifact: ["issue", "run", "type", "ref"],
};
const ALWAYS = new Set(["kind", "limit", "offset"]);
/** Filters that name another object, and its kind. */
const LEADS: Readonly<Record<string, RefKind | undefined>> = {
  issue: "Issue",
  run: "Run",
  repo: "Repo",
  ref: undefined,
};

export function planObjectList(snapshot: Snapshot, input: ObjectListInput, ctx: Ctx): Plan<ObjectsListed> {
  const kind = KIND_OF_WORD[input.kind as KindWord];
  const stranger = Object.keys(input).find(
    (name) => !ALWAYS.has(name) && !FILTERS[kind].includes(name as keyof ObjectListInput),
  );
  if (stranger !== undefined) return noSuchFilter(kind, stranger);
  const asked = readFilters(snapshot, kind, input);
  if (!asked.ok) return asked;
  const rows = [...rowsOf(snapshot, kind, asked, ctx)].filter((row) => passes(row, asked));
  rows.sort((a, b) =>
    a.created_at === b.created_at ? (a.id < b.id ? 1 : -1) : a.created_at < b.created_at ? 1 : -1,
  );
  const offset = input.offset ?? 0;
  const objects = rows.slice(offset, offset + (input.limit ?? DEFAULT_LIMIT));
  return { ok: true, changes: [], result: { kind, objects, total: rows.length, offset } };
}

interface Asked {
  facts: [name: string, value: string][];
  /** Only these. */
  ids?: ReadonlySet<string>;
}

/** (suspends) What is asked of facts, and the ids of those that lead where they should. */
function readFilters(
  snapshot: Snapshot,
  kind: RefKind,
  input: ObjectListInput,
): ({ ok: true } & Asked) | Refusal {
  const asked: Asked = { facts: [] };
  for (const name of FILTERS[kind]) {
    const given = input[name];
    if (given === undefined) continue;
    if (!(name in LEADS)) asked.facts.push([name, String(given)]);
    else {
      const found = findObject(snapshot, String(given), LEADS[name]);
      if (!found.ok) return { ...found, data: { ...found.data, field: name } };
      if (kind === "Issue" && name === "repo") asked.facts.push(["repo", slugOf(snapshot, found.id)]);
      else asked.ids = intersection(asked.ids, snapshot.pointingTo(found.id));
    }
  }
  return { ok: true, ...asked };
}

const slugOf = (snapshot: Snapshot, id: string): string =>
  [...snapshot.repos.values()].find((repo) => repo.id === id)?.slug ?? "";

const intersection = (known: ReadonlySet<string> | undefined, ids: readonly string[]): ReadonlySet<string> =>
  new Set(known ? ids.filter((id) => known.has(id)) : ids);

const passes = (row: ListedObject, { facts, ids }: Asked): boolean =>
  (ids === undefined || ids.has(row.id)) && facts.every(([name, value]) => row[name] === value);

/** (suspends) */
function* rowsOf(snapshot: Snapshot, kind: RefKind, { ids }: Asked, ctx: Ctx): Iterable<ListedObject> {
  if (kind === "Repo") {
    for (const { id, slug, name, visibility, created_at } of snapshot.repos.values())
      yield { id, short: slug, title: name, visibility: visibility ?? DEFAULT_VISIBILITY, created_at };
  } else if (kind === "Issue") yield* issueRows(snapshot, ctx);
  // A few that are known are read alone: an issue has some runs, the record tens of thousands.
  else if (ids) {
    const some = [...ids].filter((id) => kindOfId(id) === kind);
    for (const row of readObjects(snapshot, some)) yield rowOf(row);
  } else for (const row of snapshot.objects(kind)) yield rowOf(row);
}

function* issueRows(snapshot: Snapshot, ctx: Ctx): Iterable<ListedObject> {
  const at = momentOf(snapshot, ctx);
  for (const task of snapshot.open()) {
    const { id, short, title, repo, status, priority, type } = openListRow(snapshot, task, at);
    const cwom = status === "waiting" ? "ready" : status;
    const facts = { status: cwom, type: type ?? "feature", priority: levelOf(priority), repo };
    yield { id, short, title, ...facts, created_at: task.created_at };
  }
  for (const task of snapshot.closed()) {
    const { id, short, title, repo, status, priority } = closedListRow(task);
    const facts = { status, type: task.type ?? "feature", priority: levelOf(priority), repo };
    // The short form of an ended task does not say when it was made, and its id does.
    yield { id, short, title, ...facts, created_at: iso(ulidTime(id.slice(2))) };
  }
}

const LINK_FACTS: Readonly<Record<string, string>> = { for_issue: "issue", produced_by: "run" };

function rowOf({ id, title, created_at, facts, links, broken }: ObjectRow): ListedObject {
  const row: ListedObject = { id, short: shortId(id), title, ...facts, created_at };
  for (const [field, target] of links) {
    const name = LINK_FACTS[field];
    if (name !== undefined) row[name] = target;
  }
  return broken ? { ...row, broken: broken.message } : row;
}

function noSuchFilter(kind: RefKind, name: string): Refusal {
  const word = wordOfKind(kind);
  const known = FILTERS[kind].map((one) => `--${one}`).join(", ");
  return refuse("invalid_input", `${word} is not listed by ${name}; there are ${known}.`, {
    hint: "owp object list --help",
    data: { field: name, kind },
  });
}
