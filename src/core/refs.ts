/** Which fields of an object lead to others, and to what: one table for the index, the rules and whoever walks the chain (CWOM 2.6, 4, 5). */
import type { Ref } from "../generated/types.ts";
import type { ObjectKind } from "./paths.ts";

export type RefKind = Ref["kind"];

export interface RefField {
  /** Names of mappings and the field, joined by dots. */
  field: string;
  /** What it must lead to. */
  to: RefKind;
  many?: true;
}

/** A reference where it stands. */
export interface RefAt extends RefField {
  keys: (string | number)[];
  /** What it says it leads to; a task's relationships are ids alone. */
  kind: string;
  id: string;
  role?: string;
}

const one = (field: string, to: RefKind): RefField => ({ field, to });
const many = (field: string, to: RefKind): RefField => ({ field, to, many: true });

/** A task's relationships hold ids of tasks, all others hold Refs. */
export const REF_FIELDS: Readonly<Record<"Task" | ObjectKind, readonly RefField[]>> = {
  Task: [
    one("relationships.parent", "Issue"),
    many("relationships.blocks", "Issue"),
    many("relationships.blocked_by", "Issue"),
    many("relationships.duplicates", "Issue"),
    many("doctrine_refs", "DoctrineRef"),
    many("constraints", "ConstraintSnapshot"),
    many("context_packets", "ContextPacket"),
    many("runs", "Run"),
  ],
  ContextPacket: [
    one("for_issue", "Issue"),
    many("doctrine_refs", "DoctrineRef"),
    one("constraint_snapshot", "ConstraintSnapshot"),
  ],
  ConstraintSnapshot: [],
  DoctrineRef: [many("applicability.repo_refs", "Repo")],
  Run: [
    one("for_issue", "Issue"),
    one("repo", "Repo"),
    many("inputs.context_packets", "ContextPacket"),
    many("inputs.doctrine_refs", "DoctrineRef"),
    one("inputs.constraint_snapshot", "ConstraintSnapshot"),
    many("outputs.artifacts", "Artifact"),
  ],
  Artifact: [one("produced_by", "Run"), one("for_issue", "Issue")],
};

/** The table with each field's names apart: every file of every validation is read through it. */
const WAYS = Object.fromEntries(
  Object.entries(REF_FIELDS).map(([kind, fields]) => [
    kind,
    fields.map((row) => ({ row, keys: row.field.split(".") })),
  ]),
) as unknown as Readonly<Record<"Task" | ObjectKind, readonly { row: RefField; keys: string[] }[]>>;

/** Every reference of a file that its schema accepts, in the order of the table. */
export function refsIn(kind: "Task" | ObjectKind, value: object): RefAt[] {
  const found: RefAt[] = [];
  for (const { row, keys } of WAYS[kind]) {
    const held = valueAt(value, keys);
    if (held === undefined || held === null) continue;
    if (!row.many) found.push(refAt(row, keys, held));
    else
      for (const [index, item] of (held as unknown[]).entries())
        found.push(refAt(row, [...keys, index], item));
  }
  return found;
}

function refAt({ field, to, many: isMany }: RefField, keys: (string | number)[], held: unknown): RefAt {
  const { kind, id, role } =
    typeof held === "string" ? { kind: to, id: held, role: undefined } : (held as Ref);
  const ref: RefAt = { field, to, keys, kind, id };
  if (isMany) ref.many = true;
  if (role) ref.role = role;
  return ref;
}

function valueAt(value: unknown, keys: readonly string[]): unknown {
  let at = value;
  for (const key of keys) at = (at as Record<string, unknown> | null | undefined)?.[key];
  return at;
}
