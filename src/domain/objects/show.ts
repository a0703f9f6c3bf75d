/** One object, as it is stored or in CWOM's exact form. */
import type { Ctx, Plan } from "../../core/operation.ts";
import { pathOf, shortId } from "../../core/paths.ts";
import type { RefKind } from "../../core/refs.ts";
import type { Snapshot } from "../../core/snapshot.ts";
import type { ObjectShowInput, Ref } from "../../generated/types.ts";
import { readTask } from "../tasks/docs.ts";
import { findTask } from "../tasks/find.ts";
import { issueOf } from "../tasks/issue.ts";
import { momentOf, stateOf } from "../tasks/state.ts";
import { cwomOf } from "./cwom.ts";
import { readObject } from "./edit.ts";
import { findObject } from "./find.ts";
import { pointing } from "./pointing.ts";
import { type Json, readAt, writeAt } from "./value.ts";
import { KIND_OF_WORD, type KindWord } from "./words.ts";

export interface ObjectShown {
  kind: RefKind;
  id: string;
  /** What people type: the last characters of the id, or a repo's slug. */
  short: string;
  path: string;
  object: Json;
}

export function planObjectShow(snapshot: Snapshot, input: ObjectShowInput, ctx: Ctx): Plan<ObjectShown> {
  const found = findObject(snapshot, input.id, input.kind && KIND_OF_WORD[input.kind as KindWord]);
  if (!found.ok) return found;
  const { kind, id } = found;
  if (kind === "Issue") return showIssue(snapshot, id, ctx);
  if (kind === "Repo") {
    const repo = [...snapshot.repos.values()].find((one) => one.id === id);
    const { slug } = repo as { slug: string };
    const value = repo as unknown as Json;
    const object = input.cwom ? cwomOf(kind, value) : value;
    return { ok: true, changes: [], result: { kind, id, short: slug, path: pathOf(kind, slug), object } };
  }
  const file = readObject(snapshot, kind, id);
  if (!file.ok) return file;
  const whole = input.cwom && kind === "Run" ? withArtifacts(snapshot, id, file.value) : file.value;
  const object = input.cwom ? cwomOf(kind, whole) : whole;
  return { ok: true, changes: [], result: { kind, id, short: shortId(id), path: pathOf(kind, id), object } };
}

function showIssue(snapshot: Snapshot, id: string, ctx: Ctx): Plan<ObjectShown> {
  const found = findTask(snapshot, id);
  if (!found.ok) return found;
  const file = readTask(snapshot, found.id);
  if (!file.ok) return file;
  const { open, closed } = found;
  const state = open ? stateOf(open, momentOf(snapshot, ctx)) : (closed?.status ?? "broken");
  const object = issueOf(snapshot, file.task, state) as unknown as Json;
  return {
    ok: true,
    changes: [],
    result: { kind: "Issue", id, short: shortId(id), path: file.path, object },
  };
}

/** (suspends) What a run lists, and what says itself that it made it; the oldest first. */
function withArtifacts(snapshot: Snapshot, id: string, run: Json): Json {
  const listed = (readAt(run, ["outputs", "artifacts"]) ?? []) as Ref[];
  const known = new Set(listed.map((ref) => ref.id));
  const others = pointing(snapshot, id, "Artifact", "produced_by").filter((row) => !known.has(row.id));
  const more = others.reverse().map((row): Ref => ({ kind: "Artifact", id: row.id }));
  return writeAt(run, ["outputs", "artifacts"], [...listed, ...more]);
}
