/** Adds a reference from one object to another, where CWOM lets the first one change; the same pair twice is no change (B30, B82). */
import type { Ctx, Plan } from "../../core/operation.ts";
import { shortId } from "../../core/paths.ts";
import type { RefField, RefKind } from "../../core/refs.ts";
import { type Refusal, refuse } from "../../core/refusal.ts";
import type { Snapshot } from "../../core/snapshot.ts";
import type { ObjectLinkInput, Ref } from "../../generated/types.ts";
import { readTask } from "../tasks/docs.ts";
import { enlist } from "../workers/acting.ts";
import { isImmutable } from "./changes.ts";
import { immutable, readObject, writeObject } from "./edit.ts";
import { writeIssue } from "./edit-issue.ts";
import { type FoundObject, findObject, namedObject } from "./find.ts";
import { formOf } from "./issue-form.ts";
import { refFields } from "./refs.ts";
import { type Json, readAt, writeAt } from "./value.ts";
import { aKind } from "./words.ts";

export interface ObjectLinked {
  from: { kind: RefKind; id: string };
  to: { kind: RefKind; id: string };
  /** The field that holds the reference. */
  field: string;
  /** false: the two were linked before; nothing was published. */
  linked: boolean;
  already?: true;
}

export function planObjectLink(snapshot: Snapshot, input: ObjectLinkInput, ctx: Ctx): Plan<ObjectLinked> {
  const from = findObject(snapshot, input.from);
  if (!from.ok) return from;
  const to = findObject(snapshot, input.to);
  if (!to.ok) return to;
  const field = fieldFor(from, to, input.relation);
  if ("ok" in field) return field;
  if (from.id === to.id)
    return refuse(
      "invalid_input",
      `${namedObject(from.kind, from.id)} cannot lead to itself. Nothing was changed.`,
      {
        data: { from: from.id, to: to.id },
      },
    );
  const me = enlist(snapshot, ctx);
  if (!me.ok) return me;
  const before = readForm(snapshot, from);
  if (!before.ok) return before;
  const after = withLink(before.value, field, to, input.role);
  if ("code" in after) return after;
  const said = {
    from: { kind: from.kind, id: from.id },
    to: { kind: to.kind, id: to.id },
    field: field.field,
  };
  if (after.value === before.value)
    return { ok: true, changes: [], result: { ...said, linked: false, already: true } };
  const written =
    from.kind === "Issue"
      ? writeIssue(snapshot, from.id, after.value, ctx, me, "object.linked")
      : writeObject(
          snapshot,
          { kind: "Run", id: from.id, before: before.value, after: after.value, event: "object.linked" },
          ctx,
          me,
        );
  return written.ok ? { ...written, result: { ...said, linked: true } } : written;
}

/** The field of the first that leads to the second's kind; where several do, the one that --relation names. */
function fieldFor(from: FoundObject, to: FoundObject, relation: string | undefined): RefField | Refusal {
  if (from.kind !== "Issue" && from.kind !== "Repo" && isImmutable(from.kind))
    return immutable(from.kind, from.id);
  const fields =
    from.kind === "Repo" ? [] : refFields(from.kind).filter((one) => one.to === to.kind && FREE(one));
  const named = fields.filter(({ field }) => relation === undefined || field.split(".").at(-1) === relation);
  const [only, ...more] = named;
  if (only && more.length === 0) return only;
  const names = fields.map(({ field }) => field.split(".").at(-1)).join(", ");
  if (fields.length === 0)
    return refuse(
      "invalid_input",
      `${namedObject(from.kind, from.id)} does not lead to ${aKind(to.kind)} that is added later. Nothing was changed.`,
      { hint: "owp help object link", data: { from: from.kind, to: to.kind } },
    );
  const said = relation === undefined ? "Say how" : `There is no ${relation}; say how`;
  return refuse(
    "usage",
    `${said} ${namedObject(from.kind, from.id)} leads to ${namedObject(to.kind, to.id)}: ${names}. Nothing was changed.`,
    {
      hint: `owp object link ${shortId(from.id)} ${shortId(to.id)} --relation ${fields[0]?.field.split(".").at(-1)}`,
    },
  );
}

/** Fields that say what an object is are set when it is made. */
const FREE = ({ field }: RefField): boolean => !["for_issue", "repo", "produced_by"].includes(field);

function readForm(snapshot: Snapshot, { kind, id }: FoundObject): { ok: true; value: Json } | Refusal {
  if (kind !== "Issue") return readObject(snapshot, "Run", id);
  const file = readTask(snapshot, id);
  return file.ok ? { ok: true, value: formOf(snapshot, file.task) } : file;
}

/** The same value where the two are linked already. */
function withLink(
  value: Json,
  { field, many }: RefField,
  to: FoundObject,
  role?: string,
): { value: Json } | Refusal {
  const keys = field.split(".");
  const held = readAt(value, keys);
  const refs = (many ? (held ?? []) : held ? [held] : []) as Ref[];
  if (refs.some(({ id }) => id === to.id)) return { value };
  const ref: Ref = { kind: to.kind, id: to.id, ...(role === undefined ? {} : { role }) };
  if (many) return { value: writeAt(value, keys, [...refs, ref]) };
  const [known] = refs;
  if (known === undefined || field === "relationships.parent") return { value: writeAt(value, keys, ref) };
  return refuse(
    "immutability_violation",
    `${field} leads to ${known.id}, and is set once. Nothing was changed.`,
    { data: { field, id: known.id } },
  );
}
