/** The references of an object that is being written: what was typed becomes a Ref to exactly one object of the right kind (B07). */
import type { ObjectKind } from "../../core/paths.ts";
import { REF_FIELDS, type RefField, type RefKind } from "../../core/refs.ts";
import type { Refusal } from "../../core/refusal.ts";
import type { Snapshot } from "../../core/snapshot.ts";
import type { Ref } from "../../generated/types.ts";
import { badField } from "../tasks/fields.ts";
import { findObject } from "./find.ts";
import { type Json, readAt, writeAt } from "./value.ts";

/** Of an Issue in CWOM's form: its relationships are Refs too. */
const ISSUE_FIELDS: readonly RefField[] = [{ field: "repo", to: "Repo" }, ...REF_FIELDS.Task];

export const refFields = (kind: ObjectKind | "Issue"): readonly RefField[] =>
  kind === "Issue" ? ISSUE_FIELDS : REF_FIELDS[kind];

/** (suspends) The value with whole ids. A Ref may be given as an id alone, a part of one, or (a repo) as a slug. */
export function resolveRefs(
  snapshot: Snapshot,
  kind: ObjectKind | "Issue",
  value: Json,
): { ok: true; value: Json } | Refusal {
  let next = value;
  for (const { field, to, many } of refFields(kind)) {
    const keys = field.split(".");
    const held = readAt(next, keys);
    if (held === undefined || held === null) continue;
    if (many && !Array.isArray(held)) return badField(field, held, "a list of references");
    const refs: Ref[] = [];
    for (const [index, one] of (many ? (held as unknown[]) : [held]).entries()) {
      const ref = resolveRef(snapshot, one, to, many ? `${field}[${index}]` : field);
      if (!ref.ok) return ref;
      refs.push(ref.ref);
    }
    next = writeAt(next, keys, many ? refs : refs[0]);
  }
  return { ok: true, value: next };
}

function resolveRef(
  snapshot: Snapshot,
  given: unknown,
  to: RefKind,
  field: string,
): { ok: true; ref: Ref } | Refusal {
  const { kind = to, id, ...more } = (typeof given === "string" ? { id: given } : given) as Partial<Ref>;
  if (typeof given !== "object" && typeof given !== "string")
    return badField(field, given, `a reference to a ${to}`);
  if (typeof id !== "string" || id.trim() === "") return badField(`${field}.id`, id, `the id of a ${to}`);
  if (kind !== to) return badField(`${field}.kind`, kind, to);
  const found = findObject(snapshot, id, to);
  if (!found.ok) return { ...found, message: `${field}: ${found.message}`, data: { ...found.data, field } };
  return { ok: true, ref: { kind: to, id: found.id, ...more } };
}
