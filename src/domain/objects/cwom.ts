/** An object in CWOM's exact form: every field of the specification, and none that it does not have (CWOM 4). */

import type { ObjectKind } from "../../core/paths.ts";
import { KINDS } from "../../core/paths.ts";
import { KEY_ORDER } from "../../generated/key-order.ts";
import { isMapping, type Json, merged } from "./value.ts";
import type { FiledKind } from "./words.ts";

const NONE: Json = {};
const TAIL: Json = { tags: [], meta: {} };

/** What a field is that is absent. */
const ABSENT: Readonly<Record<FiledKind, Json>> = {
  Repo: {
    ...{ source: null, default_branch: "main", visibility: "private", owners: [] },
    ...{ policy: { allowed_tools: [], secrets_profile: null }, links: [] },
    ...TAIL,
  },
  ContextPacket: {
    inputs: { documents: [], data_blobs: [], links: [] },
    ...{
      assumptions: [],
      open_questions: [],
      instructions: "",
      doctrine_refs: [],
      constraint_snapshot: null,
    },
    ...TAIL,
  },
  ConstraintSnapshot: {
    constraints: {
      time: { available_minutes: null, deadline: null },
      energy: { score_0_5: null, notes: null },
      health: { flags: [], notes: null },
      budget: { usd_available: null, burn_limit_usd: null },
      tools: { allowed: [], blocked: [] },
      environment: { location: null, connectivity: "ok", device: null },
      risk: { tolerance: "medium", notes: null },
    },
    ...TAIL,
  },
  DoctrineRef: {
    ...{ priority: "should", rationale: null, links: [] },
    applicability: { repo_refs: [], issue_types: [], tags: [] },
    ...TAIL,
  },
  Run: {
    executor: { toolchain: [] },
    inputs: { context_packets: [], doctrine_refs: [], constraint_snapshot: null },
    plan: { steps: [], risk_notes: [] },
    telemetry: { started_at: null, ended_at: null, duration_s: null },
    cost: { usd: null, tokens: null, compute_s: null },
    outputs: { artifacts: [], result_summary: "", decision_log: [] },
    failure: null,
    ...TAIL,
  },
  Artifact: {
    ...{ uri: "", digest: null, media_type: null, size_bytes: null, preview: null },
    verification: { status: "unverified", checks: [] },
    ...TAIL,
  },
};

/** Entries of lists, and single Refs, with their own absent fields. */
const ENTRY: Readonly<Record<string, Json>> = {
  documents: { digest: null, excerpt: null },
  data_blobs: { uri: null, inline: null, digest: null },
  checks: { evidence_uri: null },
};
const REF: Json = { role: null };
const SOURCE: Json = { external_id: null, url: null };

/** Of a repo's policy, what is CWOM's and no rule of scheduling. */
const CWOM_POLICY = ["allowed_tools", "secrets_profile"];

export function cwomOf(kind: FiledKind, value: Json): Json {
  const order = KEY_ORDER[kind === "Repo" ? KINDS.Repo.schema : KINDS[kind as ObjectKind].schema] ?? NONE;
  const whole = merged(ABSENT[kind], value);
  const known = Object.keys(order).filter((name) => name in whole);
  const ordered = Object.fromEntries(known.map((name) => [name, filled(name, whole[name])]));
  if (kind === "ConstraintSnapshot") return ordered;
  const policy = isMapping(ordered.policy) ? { policy: only(ordered.policy, CWOM_POLICY) } : {};
  return { ...ordered, ...policy, updated_at: ordered.updated_at ?? ordered.created_at };
}

const only = (value: Json, names: readonly string[]): Json =>
  Object.fromEntries(names.map((name) => [name, value[name]]));

function filled(name: string, value: unknown): unknown {
  if (name === "meta") return value;
  if (Array.isArray(value))
    return value.map((entry) => (isMapping(entry) ? filledEntry(name, entry) : entry));
  if (!isMapping(value)) return value;
  const whole = isRef(value) ? merged(REF, value) : name === "source" ? merged(SOURCE, value) : value;
  return Object.fromEntries(Object.entries(whole).map(([key, inner]) => [key, filled(key, inner)]));
}

const filledEntry = (name: string, entry: Json): unknown =>
  filled("", merged(isRef(entry) ? REF : (ENTRY[name] ?? NONE), entry));

const isRef = (value: Json): boolean => typeof value.kind === "string" && typeof value.id === "string";
