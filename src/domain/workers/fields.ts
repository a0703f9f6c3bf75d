/** What people may write of a worker: one row a field, used by register and edit (FEATURES A03–A05). */
import type { Refusal } from "../../core/refusal.ts";
import type { Worker } from "../../generated/types.ts";
import { badField, isWorkerName, oneLine, skillTags, whole } from "../tasks/fields.ts";

export interface WorkerFields {
  display?: string;
  actor_kind?: Worker["actor_kind"];
  github_handle?: string;
  skills?: string[];
  capacity_points?: number;
  max_concurrent_tasks?: number;
  trust_tier?: Worker["trust_tier"];
  reputation?: number;
  token_hash?: string;
}

interface FieldRow {
  /** What the value must be, after "it must be". */
  rule: string;
  /** The value as it is stored; undefined: it breaks the rule. */
  read(value: unknown): unknown;
}

const oneOf = (...words: string[]): FieldRow => ({
  rule: `one of ${words.join(", ")}`,
  read: (value) => words.find((word) => word === value),
});

const FIELDS: Record<keyof WorkerFields, FieldRow> = {
  display: { rule: "one line of 1 to 120 characters", read: (value) => oneLine(value, 120) },
  actor_kind: oneOf("human", "agent", "system"),
  github_handle: { rule: "one line of 1 to 120 characters", read: (value) => oneLine(value, 120) },
  skills: {
    rule: "at most 100 words, each one line of 1 to 100 characters without commas",
    read: (value) => skillTags(value, 100),
  },
  capacity_points: { rule: "a whole number from 1 to 100", read: (value) => whole(value, 1, 100) },
  max_concurrent_tasks: { rule: "a whole number from 1 to 20", read: (value) => whole(value, 1, 20) },
  trust_tier: oneOf("untrusted", "basic", "trusted", "maintainer"),
  reputation: { rule: "a number", read: (value) => (Number.isFinite(value) ? value : undefined) },
  token_hash: {
    rule: "sha256: and 64 hexadecimal digits; the token itself never enters the record",
    read: (value) => (typeof value === "string" && /^sha256:[0-9a-f]{64}$/.test(value) ? value : undefined),
  },
};

export const WORKER_FIELDS = Object.keys(FIELDS) as (keyof WorkerFields)[];

/** Reads the fields that the input has, or says which one breaks which rule. */
export function readWorkerFields(
  input: Partial<Record<keyof WorkerFields, unknown>>,
): { ok: true; fields: WorkerFields } | Refusal {
  const fields: Record<string, unknown> = {};
  for (const name of WORKER_FIELDS) {
    if (input[name] === undefined) continue;
    const value = FIELDS[name].read(input[name]);
    if (value === undefined) return badField(name, input[name], FIELDS[name].rule);
    fields[name] = value;
  }
  return { ok: true, fields: fields as WorkerFields };
}

/**
 * A name as people write it (`Ada Lovelace`) and the worker's name that it becomes: lower case, dashes for blanks. What
 * a name cannot hold besides is refused, not rewritten.
 */
export function readWorkerName(typed: string): { ok: true; name: string; display?: string } | Refusal {
  const text = typed.trim();
  const name = text.toLowerCase().replace(/ +/g, "-");
  if (!isWorkerName(name)) {
    return badField(
      "name",
      typed,
      "1 to 120 lower-case letters, digits and . _ @ + - with at most one slash, such as ada or claude@box/web",
    );
  }
  return name === text ? { ok: true, name } : { ok: true, name, display: text };
}
