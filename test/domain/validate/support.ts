import { encode } from "../../../src/core/codec.ts";
import { pathOf } from "../../../src/core/paths.ts";
import { keyIdOf, taskIdOf } from "../../../src/domain/jobs/places.ts";
import { checkCommit } from "../../../src/domain/validate/check-commit.ts";
import type { CommitContext, Entry } from "../../../src/domain/validate/commit-view.ts";
import type { Finding } from "../../../src/domain/validate/rule.ts";
import type { JobKey, Lease, Policy, Repo, Task, Worker } from "../../../src/generated/types.ts";

const ULID = "01jh0000000000000000000000";

/** The n-th id of a prefix; the last character differs, so each has a folder of its own. */
export const id = (prefix: string, n: number): string =>
  `${prefix}_${ULID.slice(0, -2)}${String(n).padStart(2, "0")}`;
export const T1 = id("t", 1);
export const T2 = id("t", 2);
export const T3 = id("t", 3);

export const NOW = Date.parse("2026-01-02T12:00:00Z");

export const policy = (more: Partial<Policy> = {}): Policy => ({ kind: "Policy", protocol: "1.0", ...more });

export const repo = (slug = "main", more: Partial<Repo> = {}): Repo => ({
  kind: "Repo",
  id: id("r", 1),
  slug,
  name: slug,
  created_at: "2026-01-01T00:00:00Z",
  ...more,
});

export const worker = (name: string, n: number, more: Partial<Worker> = {}): Worker => ({
  kind: "Worker",
  id: id("w", n),
  name,
  actor_kind: "agent",
  skills: [],
  capacity_points: 5,
  max_concurrent_tasks: 2,
  status: "active",
  trust_tier: "basic",
  created_at: "2026-01-01T00:00:00Z",
  ...more,
});

export const task = (more: Partial<Task> = {}): Task => ({
  kind: "Task",
  id: T1,
  title: "Add /healthz",
  repo: "main",
  status: "ready",
  priority: 50,
  estimate: 1,
  created_at: "2026-01-01T00:00:00Z",
  created_by: "ada",
  ...more,
});

export const lease = (more: Partial<Lease> = {}): Lease => ({
  kind: "Lease",
  task: T1,
  worker: "ada",
  epoch: 3,
  attempt: 1,
  phase: "in_progress",
  ttl: "4h",
  claimed_at: "2026-01-02T10:00:00Z",
  expires_at: "2026-01-02T14:00:00Z",
  ...more,
});

/** The job j-1, which ada claimed under epoch 3, and its key's file. */
export const JOB = taskIdOf("j-1");
const EVENT = `evt_${ULID}`;
const JOB_FIELDS: NonNullable<Task["job"]> = {
  ...{ job_id: "j-1", type: "rpi.run", request_ids: ["r-1"], idempotency_key: "k-1" },
  ...{ projection_targets: ["daemon-status"], payload: { goal: "x" }, accepted_event_id: EVENT },
};
export const job = (more: Partial<typeof JOB_FIELDS> = {}, task_: Partial<Task> = {}): Task =>
  task({ id: JOB, max_attempts: 3, job: { ...JOB_FIELDS, ...more }, ...task_ });
export const jobKey = (more: Partial<JobKey> = {}): JobKey => ({
  kind: "JobKey",
  id: keyIdOf("k-1"),
  task: JOB,
  ...more,
});
export const tokenHash = (digit: string): string => `sha256:${digit.repeat(64)}`;
export const jobLease = (more: Partial<Lease> = {}, token = tokenHash("1")): Lease =>
  lease({
    ...{ task: JOB, attempt: 3, ttl: "1m", expires_at: "2026-01-02T10:01:00Z" },
    job: { token_hash: token, last_event_id: EVENT },
    ...more,
  });

/** A lease without a holder. */
export const free = (more: Partial<Lease> = {}): Lease => ({
  kind: "Lease",
  task: T1,
  worker: null,
  epoch: 3,
  attempt: 0,
  phase: "queued",
  ttl: null,
  expires_at: null,
  ...more,
});

export const outcome = (more: Partial<NonNullable<Task["outcome"]>> = {}): NonNullable<Task["outcome"]> => ({
  epoch: 3,
  attempt: 1,
  worker: "ada",
  at: "2026-01-02T11:00:00Z",
  ...more,
});

export type Value = Policy | Repo | Worker | Task | Lease | JobKey;

export function pathFor(value: Value): string {
  if (value.kind === "Policy") return pathOf("Policy", "owp");
  if (value.kind === "Repo") return pathOf("Repo", value.slug);
  if (value.kind === "Worker") return pathOf("Worker", value.name);
  return value.kind === "Lease" ? pathOf("Lease", value.task) : pathOf(value.kind, value.id);
}

export const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);

/** Path and text of values. */
export const filesOf = (...values: Value[]): Record<string, string> =>
  Object.fromEntries(values.map((value) => [pathFor(value), encode(pathFor(value), value)]));

export interface Forged {
  before: readonly Value[];
  after: readonly Value[];
  /** Trailers of an operation; left out: a person's commit. */
  entry?: Partial<Entry>;
  jobRecords?: readonly string[];
  parents?: number;
  at_ms?: number;
  now?: number;
  operations?: CommitContext["operations"];
  /** Texts that replace or add to the encoded values. */
  beforeText?: Record<string, string>;
  afterText?: Record<string, string>;
}

const EVERYTHING = [
  { events: ["task.any"], touches: ["Policy", "Worker", "Repo", "Task", "Lease", "JobKey"] },
];

/** Runs the check of one commit on two sets of values. */
export function checkForged(forged: Forged): Finding[] {
  const before = { ...filesOf(...forged.before), ...forged.beforeText };
  const after = { ...filesOf(...forged.after), ...forged.afterText };
  const paths = [...new Set([...Object.keys(before), ...Object.keys(after)])].sort();
  const changed = paths
    .filter((path) => before[path] !== after[path])
    .map((path) => ({ path, before: before[path], after: after[path] }));
  const entry = forged.entry && { op: ULID, event: "task.any", actor: "ada", tasks: [], ...forged.entry };
  const commit = {
    oid: "c".repeat(40),
    parents: Array.from({ length: forged.parents ?? 1 }, (_, n) => String(n).repeat(40)),
    at_ms: forged.at_ms ?? NOW,
    subject: "x",
    author: "Ada <ada@example.org>",
    ...(entry ? { entry } : {}),
    ...(forged.jobRecords ? { jobRecords: forged.jobRecords } : {}),
  };
  const context = { now: forged.now ?? NOW, operations: forged.operations ?? EVERYTHING };
  return checkCommit(
    (path) => before[path],
    (path) => after[path],
    changed,
    commit,
    context,
  );
}
