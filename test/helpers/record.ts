/** Records for table tests: whole files from a few words, a caller, and what a plan made of them. No git, no clock. */
import { decode, encode } from "../../src/core/codec.ts";
import { nthId } from "../../src/core/ids.ts";
import type { Caller, Ctx, Plan, Planned, Pulse } from "../../src/core/operation.ts";
import { pathOf } from "../../src/core/paths.ts";
import type { Refusal } from "../../src/core/refusal.ts";
import type { FileChange, State } from "../../src/core/state.ts";
import { iso } from "../../src/core/time.ts";
import type { Lease, Policy, Repo, Task, Worker } from "../../src/generated/types.ts";
import { stateOf } from "./state.ts";

/** The moment at which tests happen: 2026-03-01T12:00:00Z. */
export const NOW = Date.UTC(2026, 2, 1, 12);
export const MINUTE = 60_000;
export const HOUR = 3_600_000;

/** A moment before (negative) or after NOW, as files write it. */
export const at = (offsetMs: number): string => iso(NOW + offsetMs);

/** The whole id of a task that people call by these last characters: `tid("k3f9")`. */
export function tid(short: string): string {
  if (!/^[0-9a-hjkmnp-tv-z]{4,}$/.test(short)) throw new Error(`${short}: ids have no i, l, o and u`);
  return `t_${short.padStart(26, "0")}`;
}

/** One file of a record. */
export type File = readonly [path: string, value: object | string];

export function task(short: string, fields: Partial<Omit<Task, "kind" | "id">> = {}): File {
  const id = tid(short);
  const value: Task = {
    ...{ kind: "Task", id, title: `Task ${short}`, repo: "web", status: "ready", priority: 50, estimate: 1 },
    created_at: at(-24 * HOUR),
    created_by: "maker",
    ...fields,
  };
  return [pathOf("Task", id), value];
}

/** A task that waits for others, named by their last characters. */
export const waiting = (short: string, blockedBy: string[], fields: Parameters<typeof task>[1] = {}): File =>
  task(short, { ...fields, relationships: { blocked_by: blockedBy.map(tid) } });

/** A task that has ended. */
export const ended = (
  short: string,
  status: "done" | "failed" | "canceled",
  outcome: Partial<NonNullable<Task["outcome"]>> = {},
): File =>
  task(short, { status, outcome: { epoch: 1, attempt: 1, worker: "ada", at: at(-HOUR), ...outcome } });

/** ada's lease of four hours, half an hour old, in progress; any field may differ. */
export function lease(short: string, fields: Partial<Omit<Lease, "kind" | "task">> = {}): File {
  const id = tid(short);
  const held = { claimed_at: at(-HOUR / 2), ttl: "4h", expires_at: at(3.5 * HOUR) };
  const times = fields.worker === null ? { ttl: null, expires_at: null } : held;
  const value: Lease = {
    ...{ kind: "Lease", task: id, worker: "ada", epoch: 1, attempt: 1, phase: "in_progress" },
    ...times,
    ...fields,
  };
  return [pathOf("Lease", id), value];
}

/** Times of a lease that ran out an hour ago. */
export const LATE = { claimed_at: at(-5 * HOUR), expires_at: at(-HOUR) };

export function worker(name: string, fields: Partial<Omit<Worker, "kind" | "name">> = {}): File {
  const value: Worker = {
    ...{
      kind: "Worker",
      id: `w_${nthId("0".repeat(26), hash(name))}`,
      name,
      actor_kind: "agent",
      skills: [],
    },
    ...{ capacity_points: 5, max_concurrent_tasks: 2, status: "active", trust_tier: "basic" },
    created_at: at(-48 * HOUR),
    ...fields,
  };
  return [pathOf("Worker", name), value];
}

export const maintainer = (name: string): File => worker(name, { trust_tier: "maintainer" });

export function repo(slug: string, policy?: Repo["policy"]): File {
  const id = `r_${nthId("0".repeat(26), hash(slug))}`;
  const value: Repo = { kind: "Repo", id, slug, name: slug, created_at: at(-72 * HOUR) };
  return [pathOf("Repo", slug), policy ? { ...value, policy } : value];
}

export const policy = (fields: Partial<Omit<Policy, "kind">> = {}): File => [
  pathOf("Policy", ""),
  { kind: "Policy", protocol: "1.0", ...fields } satisfies Policy,
];

/** A file that cannot be read, in the place of another. */
export const broken = ([path]: File): File => [path, "a: [1\n"];

/** A record with these files; repo web, workers ada (basic) and max (maintainer) are there unless given otherwise. */
export function record(...files: File[]): State {
  return bare(policy(), repo("web"), worker("ada"), maintainer("max"), ...files);
}

/** A record with these files and no others. */
export const bare = (...files: File[]): State => stateOf(Object.fromEntries(files));

/** Who calls, when, and what their clone heard. */
export interface Called extends Partial<Caller> {
  now?: number;
  pulses?: readonly Pulse[];
  op?: string;
}

/** A call by a worker of that name, given with --as. */
export function ctx(name: string, { now = NOW, pulses = [], op = OP, ...caller }: Called = {}): Ctx {
  let asked = 0;
  return {
    now,
    op,
    pulses,
    caller: { name, explicit: true, actor_kind: "agent", clone: "c10ne001", ...caller },
    newId: (prefix) => `${prefix}_${nthId(op, asked++)}`,
  };
}

const OP = "01kjm0000000000000000000aa";

/** A heartbeat of this worker for these tasks, unchanged for so long. */
export const pulse = (
  name: string,
  leases: [short: string, epoch: number][],
  fields: Partial<Pulse> = {},
): Pulse => ({
  worker: name,
  clone: "c10ne002",
  status: "working",
  at: at(0),
  unchanged_ms: 0,
  ...fields,
  leases: leases.map(([short, epoch]) => ({ task: tid(short), epoch })),
});

/** The plan's change-set; a refusal fails the test with its sentence. */
export function ok<R>(plan: Plan<R>): Planned<R> {
  if (!plan.ok) throw new Error(`refused: ${plan.code}: ${plan.message}`);
  return plan;
}

/** The refusal; a change-set fails the test. */
export function refused<R>(plan: Plan<R>): Refusal {
  if (plan.ok) throw new Error(`not refused: ${JSON.stringify(plan.result)}`);
  return plan;
}

/** `ok` or the code of the refusal: one word for a table row. */
export const code = (plan: Plan): string => (plan.ok ? "ok" : plan.code);

/** The record after the plan's change-set, through the text of its files: what breaks a schema fails here. */
export function applied<R>(state: State, plan: Plan<R>): State {
  const changes = ok(plan).changes.map(({ path, value }): FileChange => {
    if (value === null) return { path, gone: true };
    const before = state.doc(path);
    const decoded = decode(path, new TextEncoder().encode(encode(path, value, before?.text)));
    if (!decoded.ok) throw new Error(`${path}: ${decoded.problem.message}`);
    return { path, doc: decoded.doc, added: before === undefined };
  });
  return state.apply(changes);
}

export const leaseIn = (state: State, short: string): Lease | undefined =>
  state.doc<Lease>(pathOf("Lease", tid(short)))?.value;

export const taskIn = (state: State, short: string): Task | undefined =>
  state.doc<Task>(pathOf("Task", tid(short)))?.value;

function hash(text: string): number {
  let sum = 7;
  for (const char of text) sum = (sum * 31 + (char.codePointAt(0) ?? 0)) % 1_000_003;
  return sum;
}
