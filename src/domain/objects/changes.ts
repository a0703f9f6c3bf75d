/**
 * What may change in one of CWOM's objects, once it is there: one table, for the commands and for the rules of history
 * (CWOM 4.3, 4.4, 4.6; FEATURES B42, B50, B58, B61, B65).
 */
import type { ObjectKind } from "../../core/paths.ts";
import type { Run } from "../../generated/types.ts";
import { hasEnded, mayBecome } from "./run-status.ts";
import { isSame, type Json } from "./value.ts";

/** Fields at the top that may change; all others stay as they are. */
const FREE: Readonly<Record<ObjectKind, readonly string[]>> = {
  ContextPacket: [],
  ConstraintSnapshot: [],
  DoctrineRef: [],
  Run: ["status", "telemetry", "cost", "inputs", "outputs", "failure", "updated_at"],
  Artifact: ["verification", "tags", "meta", "updated_at"],
};

/** Kinds of which nothing changes: what is new is a new version, or a new object. */
export const isImmutable = (kind: ObjectKind): boolean => FREE[kind].length === 0;

/** Lists of a run that only grow, at their end. */
const GROWING = [
  ["inputs", "context_packets"],
  ["inputs", "doctrine_refs"],
  ["outputs", "artifacts"],
  ["outputs", "decision_log"],
] as const;
/** Fields of a run that are set once. */
const SET_ONCE = [
  ["inputs", "constraint_snapshot"],
  ["outputs", "result_summary"],
] as const;

export type Breach = "fixed" | "shrunk" | "reopened" | "step";

export interface BrokenChange {
  breach: Breach;
  keys: string[];
  message: string;
}

/** What a change does that it may not. */
export function* brokenChanges(kind: ObjectKind, before: object, after: object): Iterable<BrokenChange> {
  const [old, fresh] = [before as Json, after as Json];
  for (const field of new Set([...Object.keys(old), ...Object.keys(fresh)])) {
    if (FREE[kind].includes(field) || isSame(old[field], fresh[field])) continue;
    yield { breach: "fixed", keys: [field], message: `${field} was changed, and never changes.` };
  }
  if (kind === "Run") yield* brokenRun(before as Run, after as Run);
}

function* brokenRun(before: Run, after: Run): Iterable<BrokenChange> {
  for (const keys of GROWING) {
    const [old, fresh] = [at(before, keys) ?? [], at(after, keys) ?? []] as [unknown[], unknown[]];
    const kept = old.every((entry, index) => isSame(entry, fresh[index]));
    if (!kept)
      yield {
        breach: "shrunk",
        keys: [...keys],
        message: `${keys.join(".")} lost or changed an entry; entries are only added, and another run supersedes this one.`,
      };
  }
  for (const keys of SET_ONCE) {
    const [old, fresh] = [at(before, keys), at(after, keys)];
    if (old == null || old === "" || isSame(old, fresh)) continue;
    yield {
      breach: "shrunk",
      keys: [...keys],
      message: `${keys.join(".")} was changed; it is set once, and another run supersedes this one.`,
    };
  }
  const [from, to] = [before.status, after.status];
  if (mayBecome(from, to)) return;
  const reopened = hasEnded(from);
  yield {
    breach: reopened ? "reopened" : "step",
    keys: ["status"],
    message: reopened
      ? `The run has ended (${from}) and never opens again (${to}); another attempt is another run.`
      : `A run that is ${from} does not become ${to} at once.`,
  };
}

const at = (value: object, keys: readonly string[]): unknown =>
  keys.reduce<unknown>((inner, key) => (inner as Json | null | undefined)?.[key], value);
