/** An object in CWOM's exact form: every field of the specification, and none that it does not have (CWOM 4). */

import { KINDS } from "../../core/paths.ts";
import { KEY_ORDER, type KeyOrder } from "../../generated/key-order.ts";
import { isMapping, type Json, merged } from "./value.ts";
import type { FiledKind } from "./words.ts";

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

/** The same of what lies inside, by the field that holds it. */
const INSIDE: Readonly<Record<string, Json>> = {
  "documents[]": { digest: null, excerpt: null },
  "data_blobs[]": { uri: null, inline: null, digest: null },
  "checks[]": { evidence_uri: null },
  source: { external_id: null, url: null },
};
const REF: Json = { role: null };

/** Of a repo's policy, what is CWOM's and no rule of scheduling. */
const CWOM_POLICY = ["allowed_tools", "secrets_profile"];

export function cwomOf(kind: FiledKind, value: Json): Json {
  const order = KEY_ORDER[KINDS[kind].schema];
  const whole = filled(merged(ABSENT[kind], value)) as Json;
  const ordered = inOrder(whole, order) as Json;
  if (kind === "ConstraintSnapshot") return ordered;
  const policy = isMapping(ordered.policy) ? { policy: only(ordered.policy, CWOM_POLICY) } : {};
  return { ...ordered, ...policy, updated_at: ordered.updated_at ?? ordered.created_at };
}

const only = (value: Json, names: readonly string[]): Json =>
  Object.fromEntries(names.map((name) => [name, value[name]]));

/** The fields that the schema knows, in its order; free data as it is. */
function inOrder(value: unknown, order: KeyOrder | null | undefined): unknown {
  if (Array.isArray(value)) return value.map((entry) => inOrder(entry, order));
  if (!isMapping(value) || !order) return value;
  const known = Object.keys(order).filter((name) => name in value);
  return Object.fromEntries(known.map((name) => [name, inOrder(value[name], order[name])]));
}

/** With the absent fields of what lies inside: Refs, sources and entries of lists. */
function filled(value: unknown, name = ""): unknown {
  if (name === "meta") return value;
  if (Array.isArray(value)) return value.map((entry) => filled(entry, `${name}[]`));
  if (!isMapping(value)) return value;
  const absent = name !== "" && isRef(value) ? REF : INSIDE[name];
  return Object.fromEntries(
    Object.entries({ ...absent, ...value }).map(([key, inner]) => [key, filled(inner, key)]),
  );
}

const isRef = (value: Json): boolean => typeof value.kind === "string" && typeof value.id === "string";
