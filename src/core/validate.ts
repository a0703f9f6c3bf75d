/** Holds values to the schemas, with findings in words that a person understands. */

import artifact from "../generated/validators/cwom/artifact.js";
import constraintSnapshot from "../generated/validators/cwom/constraint-snapshot.js";
import contextPacket from "../generated/validators/cwom/context-packet.js";
import doctrineRef from "../generated/validators/cwom/doctrine-ref.js";
import run from "../generated/validators/cwom/run.js";
import jobKey from "../generated/validators/job-key.js";
import lease from "../generated/validators/lease.js";
import policy from "../generated/validators/owp.js";
import repo from "../generated/validators/repo.js";
import type { Validator } from "../generated/validators/runtime.js";
import task from "../generated/validators/task.js";
import worker from "../generated/validators/worker.js";
import type { Kind } from "./paths.ts";
import { MAX_DEPTH } from "./problem.ts";
import { demandOf, dotted, firstOfEach, keysOf } from "./violations.ts";

const VALIDATORS: Record<Kind, Validator<unknown>> = {
  Policy: policy,
  Worker: worker,
  Repo: repo,
  Task: task,
  Lease: lease,
  JobKey: jobKey,
  ContextPacket: contextPacket,
  ConstraintSnapshot: constraintSnapshot,
  DoctrineRef: doctrineRef,
  Run: run,
  Artifact: artifact,
};

/** YAML takes keys of up to 1024 characters, escapes counted. */
const MAX_KEY_CHARS = 150;

/** One broken rule: where in the value (keys and indices), and what it must be. */
export interface Violation {
  at: string[];
  /** For instance `priority: must be at most 1000`. */
  message: string;
}

/** The rules of the kind's schema that a value breaks, one a field. */
export function schemaViolations(kind: Kind, value: unknown): Violation[] {
  const validate = VALIDATORS[kind];
  if (validate(value)) return [];
  return firstOfEach(validate.errors ?? []).map((error) => violation(keysOf(error), demandOf(error)));
}

function violation(at: string[], words: string): Violation {
  return { at, message: `${dotted(at) || "the file"}: ${words}` };
}

/** Parts of a value that no file can hold and no reader would give back; schemas leave free fields unchecked. */
export function storageViolations(value: unknown, at: string[] = []): Violation[] {
  if (typeof value === "number") {
    const exact = Number.isInteger(value) ? Number.isSafeInteger(value) : Number.isFinite(value);
    return exact ? [] : [violation(at, "cannot be held exactly as a number")];
  }
  if (value === null || typeof value === "string" || typeof value === "boolean") return [];
  if (typeof value !== "object") return [violation(at, `cannot be stored (${typeof value})`)];
  if (at.length > MAX_DEPTH)
    return [violation(at.slice(0, 3), "mappings and lists lie too deep in each other")];
  if (Array.isArray(value))
    return value.flatMap((item, index) => storageViolations(item, [...at, String(index)]));
  return Object.entries(value).flatMap(([key, item]) => {
    if (item === undefined) return [];
    if (key === "<<" || key === "__proto__") return [violation(at, `must not have the key ${key}`)];
    if (key.length > MAX_KEY_CHARS)
      return [violation(at, `must not have keys of more than ${MAX_KEY_CHARS} characters`)];
    return storageViolations(item, [...at, key]);
  });
}
