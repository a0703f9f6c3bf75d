/** Changes of an object, only where CWOM allows change: a run's progress, an artifact's verification, an issue's text, a repo's fields (B24, B42, B50, B58, B61, B65). */
import type { Ctx, Plan } from "../../core/operation.ts";
import { type ObjectKind, pathOf, shortId } from "../../core/paths.ts";
import type { RefKind } from "../../core/refs.ts";
import { type Refusal, refuse } from "../../core/refusal.ts";
import type { Snapshot } from "../../core/snapshot.ts";
import { iso } from "../../core/time.ts";
import type { ObjectEditInput, Repo, Run } from "../../generated/types.ts";
import { type Enlisted, enlist, isMaintainer } from "../workers/acting.ts";
import { assemble, type Content, readValue } from "./assemble.ts";
import { verifyChain } from "./chain.ts";
import { brokenChanges, isImmutable } from "./changes.ts";
import { timed } from "./defaults.ts";
import { editIssue } from "./edit-issue.ts";
import { findObject, namedObject } from "./find.ts";
import { judge } from "./judge.ts";
import { resolveRefs } from "./refs.ts";
import { hasEnded } from "./run-status.ts";
import { isSame, type Json } from "./value.ts";
import { aKind, KIND_OF_WORD, type KindWord, wordOfKind } from "./words.ts";

export interface ObjectEdited {
  kind: RefKind;
  id: string;
  short: string;
  /** Fields at the top that changed. */
  changed: string[];
  /** It was so before; nothing was published. */
  already?: true;
}

export function planObjectEdit(snapshot: Snapshot, input: ObjectEditInput, ctx: Ctx): Plan<ObjectEdited> {
  const { kind: word, id: typed, ...content } = input;
  const found = findObject(snapshot, typed, word && KIND_OF_WORD[word as KindWord]);
  if (!found.ok) return found;
  const { kind, id } = found;
  if (kind !== "Issue" && kind !== "Repo" && isImmutable(kind)) return immutable(kind, id);
  const me = enlist(snapshot, ctx);
  if (!me.ok) return me;
  const given = readValue(kind, content.value);
  if (!given.ok) return given;
  const parts: Content = { ...content, value: given.value };
  if (kind === "Issue") return editIssue(snapshot, id, parts, ctx, me);
  if (kind === "Repo") return editRepo(snapshot, id, parts, ctx, me);
  const file = readObject(snapshot, kind, id);
  if (!file.ok) return file;
  const made = assemble(kind, file.value, parts);
  if (!made.ok) return made;
  return writeObject(snapshot, { kind, id, before: file.value, after: made.value }, ctx, me);
}

export interface Rewrite {
  kind: ObjectKind;
  id: string;
  before: Json;
  /** References may still be parts of ids. */
  after: Json;
  /** The ledger's word; object.edited by default. */
  event?: string;
}

/** (suspends) The rest of an edit: what changed may change, and what comes out holds. */
export function writeObject(
  snapshot: Snapshot,
  { kind, id, before, after, event = "object.edited" }: Rewrite,
  ctx: Ctx,
  me: Enlisted,
): Plan<ObjectEdited> {
  const resolved = resolveRefs(snapshot, kind, after);
  if (!resolved.ok) return resolved;
  const changed = differing(before, resolved.value);
  const result = { kind, id, short: shortId(id), changed };
  if (changed.length === 0) return { ok: true, changes: [], result: { ...result, already: true } };
  const others = kind === "Run" ? verifyExecutor(before as unknown as Run, me) : undefined;
  if (others) return others;
  const judged = judge(snapshot, kind, id, resolved.value, before);
  if (!judged.ok) return judged;
  const [breach] = brokenChanges(kind, before, resolved.value);
  if (breach)
    return refuse(
      breach.breach === "step" ? "illegal_transition" : "immutability_violation",
      `${namedObject(kind, id)}: ${breach.message} Nothing was changed.`,
      {
        hint: `owp object new ${wordOfKind(kind)} --from ${shortId(id)}`,
        data: { field: breach.keys.join("."), id, kind },
      },
    );
  const run = resolved.value as unknown as Run;
  const value = kind === "Run" ? timed(run, before as unknown as Run, ctx.now) : resolved.value;
  const again = judge(snapshot, kind, id, value, before);
  if (!again.ok) return again;
  const refusal = verifyChain(snapshot, kind, value);
  if (refusal) return refusal;
  const issue = (before.for_issue as { id?: string } | undefined)?.id;
  const ended = kind === "Run" && hasEnded(run.status) && run.status !== before.status;
  const what = ended ? `is ${run.status}` : changed.join(", ");
  return {
    ok: true,
    changes: [...me.changes, { path: pathOf(kind, id), value: { ...value, updated_at: iso(ctx.now) } }],
    event: {
      type: event,
      subject: `edit ${namedObject(kind, id)}: ${what}`,
      ...(issue === undefined ? {} : { tasks: [{ id: issue }] }),
      actor: me.name,
    },
    result,
    warnings: again.warnings,
  };
}

export const differing = (before: Json, after: Json): string[] =>
  [...new Set([...Object.keys(before), ...Object.keys(after)])].filter(
    (name) => !isSame(before[name], after[name]),
  );

/** (suspends) */
export function readObject(
  snapshot: Snapshot,
  kind: ObjectKind,
  id: string,
): { ok: true; value: Json } | Refusal {
  const path = pathOf(kind, id);
  const doc = snapshot.doc<Json>(path);
  if (doc) return { ok: true, value: doc.value };
  const problem = snapshot.problems.get(path);
  return refuse(
    "record_invalid",
    `${path} cannot be read: ${problem?.message ?? "it is missing"}. Nothing was changed.`,
    { hint: `mend the file, then owp validate ${path}`, data: { path, line: problem?.line } },
  );
}

/** A kind that never changes (CWOM 4.3, 4.4; [I] IMMUTABILITY_VIOLATION). */
export function immutable(kind: ObjectKind, id: string): Refusal {
  const what = aKind(kind);
  return refuse(
    "immutability_violation",
    `${what[0]?.toUpperCase()}${what.slice(1)} never changes: what is new is a new version. Nothing was changed.`,
    {
      hint: `owp object new ${wordOfKind(kind)} --from ${shortId(id)}`,
      data: { object_id: id, kind },
    },
  );
}

function editRepo(
  snapshot: Snapshot,
  id: string,
  content: Content,
  ctx: Ctx,
  me: Enlisted,
): Plan<ObjectEdited> {
  const repo = [...snapshot.repos.values()].find((one) => one.id === id) as Repo;
  const before = repo as unknown as Json;
  const made = assemble("Repo", before, content);
  if (!made.ok) return made;
  const changed = differing(before, made.value);
  const result = { kind: "Repo" as const, id, short: repo.slug, changed };
  if (changed.length === 0) return { ok: true, changes: [], result: { ...result, already: true } };
  if (changed.includes("slug"))
    return refuse(
      "immutability_violation",
      `The slug of repo ${repo.slug} never changes; its name may. Nothing was changed.`,
      { hint: `owp object edit repo ${repo.slug} --name <name>`, data: { field: "slug", object_id: id } },
    );
  if (!isMaintainer(me.worker))
    return refuse(
      "not_allowed",
      `Only a maintainer changes a repo; you are ${me.worker.trust_tier}. Nothing was changed.`,
      { data: { repo: repo.slug, fields: changed } },
    );
  const judged = judge(snapshot, "Repo", repo.slug, made.value, before);
  if (!judged.ok) return judged;
  return {
    ok: true,
    changes: [
      ...me.changes,
      { path: pathOf("Repo", repo.slug), value: { ...made.value, updated_at: iso(ctx.now) } },
    ],
    event: {
      type: "object.edited",
      subject: `edit repo ${repo.slug}: ${changed.join(", ")}`,
      actor: me.name,
    },
    result,
    warnings: judged.warnings,
  };
}

/** A run is the account of whoever works. */
function verifyExecutor({ id, executor }: Run, { name, worker }: Enlisted): Refusal | undefined {
  const by = executor.actor.actor_id;
  if (by === name || isMaintainer(worker)) return undefined;
  return refuse(
    "not_allowed",
    `${namedObject("Run", id)} is the run of ${by}: its executor or a maintainer changes it. Nothing was changed.`,
    { data: { run: id, executor: by, worker: name } },
  );
}
