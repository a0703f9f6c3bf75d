/** A new object: everything that was given is kept, every reference leads somewhere, and what would break a rule is refused (B34, B60). */
import type { Ctx, Plan } from "../../core/operation.ts";
import { OBJECT_PREFIX, type ObjectKind, pathOf, shortId } from "../../core/paths.ts";
import type { RefKind } from "../../core/refs.ts";
import { type Refusal, refuse } from "../../core/refusal.ts";
import type { Snapshot } from "../../core/snapshot.ts";
import { iso } from "../../core/time.ts";
import type { ObjectNewInput, Repo, Run } from "../../generated/types.ts";
import { badField, isSlug } from "../tasks/fields.ts";
import { type Enlisted, enlist } from "../workers/acting.ts";
import { assemble, type Content, readValue } from "./assemble.ts";
import { verifyChain } from "./chain.ts";
import { actorOf, basedOn, DEFAULTS, derived, timed } from "./defaults.ts";
import { findObject, namedObject } from "./find.ts";
import { judge } from "./judge.ts";
import { newIssue } from "./new-issue.ts";
import { resolveRefs } from "./refs.ts";
import { type Json, merged } from "./value.ts";
import { KIND_OF_WORD, type KindWord } from "./words.ts";

export interface ObjectWritten {
  kind: RefKind;
  id: string;
  /** What people type: the last characters of the id, or a repo's slug. */
  short: string;
  path: string;
  /** A version, where the kind has one. */
  version?: string;
}

export function planObjectNew(snapshot: Snapshot, input: ObjectNewInput, ctx: Ctx): Plan<ObjectWritten> {
  const { kind: word, from, ...content } = input;
  const kind = KIND_OF_WORD[word as KindWord];
  const me = enlist(snapshot, ctx);
  if (!me.ok) return me;
  if (from !== undefined && (kind === "Repo" || kind === "Issue"))
    return badField("from", from, `left out: ${word} has no versions`);
  const given = readValue(kind, content.value);
  if (!given.ok) return given;
  const parts: Content = { ...content, value: given.value };
  if (kind === "Issue") return newIssue(snapshot, parts, ctx, me);
  if (kind === "Repo") return newRepo(snapshot, parts, ctx, me);
  return newObject(snapshot, kind, { ...parts, from }, ctx, me);
}

function newObject(
  snapshot: Snapshot,
  kind: ObjectKind,
  { from, ...content }: Content,
  ctx: Ctx,
  me: Enlisted,
): Plan<ObjectWritten> {
  const base = from === undefined ? { ok: true as const, value: {} } : readBase(snapshot, kind, String(from));
  if (!base.ok) return base;
  const defaults = DEFAULTS[kind](actorOf(me.name, me.worker), ctx);
  const made = assemble(kind, merged(defaults, base.value), content);
  if (!made.ok) return made;
  const resolved = resolveRefs(snapshot, kind, made.value);
  if (!resolved.ok) return resolved;
  const id = ctx.newId(OBJECT_PREFIX[kind]);
  const filled = { kind, id, ...derived(snapshot, kind, resolved.value), created_at: iso(ctx.now) } as Json;
  const judged = judge(snapshot, kind, id, filled);
  if (!judged.ok) return judged;
  const value = kind === "Run" ? timed(filled as unknown as Run, undefined, ctx.now) : filled;
  const refusal = verifyChain(snapshot, kind, value);
  if (refusal) return refusal;
  const issue = (filled.for_issue as { id?: string } | undefined)?.id;
  const version = typeof filled.version === "string" ? { version: filled.version } : {};
  return {
    ok: true,
    changes: [...me.changes, { path: pathOf(kind, id), value }],
    event: {
      type: "object.created",
      subject: `add ${namedObject(kind, id)}`,
      ...(issue === undefined ? {} : { tasks: [{ id: issue }] }),
      actor: me.name,
    },
    result: { kind, id, short: shortId(id), path: pathOf(kind, id), ...version },
    warnings: judged.warnings,
  };
}

/** (suspends) The content of the object that the new one is made from. */
function readBase(snapshot: Snapshot, kind: ObjectKind, typed: string): { ok: true; value: Json } | Refusal {
  const found = findObject(snapshot, typed, kind);
  if (!found.ok) return found;
  const path = pathOf(kind, found.id);
  const doc = snapshot.doc<Json>(path);
  if (doc) return { ok: true, value: basedOn(kind, doc.value) };
  const why = snapshot.problems.get(path)?.message ?? "it is missing";
  return refuse("record_invalid", `${path} cannot be read: ${why}. Nothing was changed.`, { data: { path } });
}

function newRepo(snapshot: Snapshot, content: Content, ctx: Ctx, me: Enlisted): Plan<ObjectWritten> {
  const made = assemble("Repo", {}, content);
  if (!made.ok) return made;
  const { slug } = made.value;
  if (typeof slug !== "string" || !isSlug(slug))
    return badField(
      "slug",
      slug,
      "1 to 100 lower-case letters, digits, dots and dashes, such as app or my-app",
    );
  const path = pathOf("Repo", slug);
  if (snapshot.repos.has(slug) || snapshot.problems.has(path))
    return refuse("already_exists", `There is a repo ${slug} already. Nothing was changed.`, {
      hint: `owp object edit repo ${slug}`,
      data: { field: "slug", value: slug },
    });
  const id = ctx.newId("r");
  const value = { kind: "Repo", id, name: slug, ...made.value, created_at: iso(ctx.now) } as unknown as Repo;
  const judged = judge(snapshot, "Repo", slug, value);
  if (!judged.ok) return judged;
  return {
    ok: true,
    changes: [...me.changes, { path, value }],
    event: { type: "object.created", subject: `add repo ${slug}`, actor: me.name },
    result: { kind: "Repo", id, short: slug, path },
    warnings: judged.warnings,
  };
}
