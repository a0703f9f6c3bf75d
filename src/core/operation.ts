/** What an operation is: a pure plan on a snapshot. It knows neither git nor clock nor environment. */
import type { Refusal } from "./refusal.ts";
import type { Snapshot } from "./snapshot.ts";
import type { RawViolation } from "./violations.ts";

/** Who runs a command, before the record is looked at. */
export interface Caller {
  /** The worker's name: --as, OWP_WORKER or the default `agent@host/worktree`. */
  name: string;
  /** false: the name is the default one, and another clone's worker of that name is someone else. */
  explicit: boolean;
  actor_kind: "human" | "agent" | "system";
  /** The clone's id. */
  clone: string;
}

/** What this clone saw of another worker's heartbeats (DESIGN section 6). */
export interface Pulse {
  worker: string;
  clone: string;
  status: "idle" | "working" | "paused";
  note?: string;
  /** Written by the worker's own clock; for show only. */
  at: string;
  leases: { task: string; epoch: number }[];
  /** How long this clone has seen the same heartbeat, in ms of its own elapsed time, on a fresh look. */
  unchanged_ms: number;
}

/** All that a plan may know besides the snapshot and its input. Nothing in a plan reads a clock or the environment. */
export interface Ctx {
  /** ms since 1970, the caller's clock. */
  now: number;
  caller: Caller;
  /** The operation's id, a ULID. */
  op: string;
  /** A fresh id such as `t_…` ; deterministic in (op, how many were asked for before). */
  newId(prefix: string): string;
  pulses: readonly Pulse[];
}

/** One file of the change-set. value null: delete the file. */
export interface Change {
  path: string;
  value: object | null;
  /** A file written as it stands, for instance from a template; value is then what it says. */
  text?: string;
  /** Only of a repair: what stands there now, is no file of the record's, and is written over all the same. */
  stands?: string;
}

/** What the commit log says of an operation: its subject line and its trailers. The log is the ledger. */
export interface LedgerEvent {
  /** For instance `task.claimed`. */
  type: string;
  /** The commit's first line, without the id of the operation. */
  subject: string;
  tasks?: { id: string; epoch?: number }[];
  /** The worker it concerns, where that is not the actor. */
  worker?: string;
  /** Who acted: set by the plan with the effective name. */
  actor: string;
  message?: string;
  /** Further trailers, in their order, of a ledger within the ledger. */
  trailers?: readonly (readonly [key: string, value: string])[];
}

export interface Planned<R> {
  ok: true;
  /** Empty: nothing to publish, the result is read from the snapshot. */
  changes: Change[];
  event?: LedgerEvent;
  /** Plain JSON. */
  result: R;
  /** Things worth saying that are no errors. */
  warnings?: string[];
}

export type Plan<R = unknown> = Planned<R> | Refusal;

/** A row of the table in src/domain/operations.ts: all that the CLI, the gateway and the library need of an operation. */
export interface OperationRow {
  /** The command's words, for instance `claim` or `worker register`. */
  name: string;
  group: "setup" | "plan" | "work" | "watch" | "decide" | "healthy";
  /** One line for the list of commands. */
  summary: string;
  /** query: reads only. change: may publish a commit. */
  type: "query" | "change";
  /** Input fields taken as words of the command line, in order; `id?` may be left out, `text...` takes the rest. */
  args: string[];
  /** Lines for the help text. */
  examples: string[];
  /** May wait in the clone's queue until `owp sync`. */
  offline: boolean;
  /** Kinds whose files it may touch; a commit that touches others is not this operation (ledger). */
  touches: readonly string[];
  /** Makes the record; every other operation needs one. */
  creates?: boolean;
  /** Its plan reads the record's history besides the snapshot: the engine adds it to the input. */
  history?: true;
  /** May be put on a branch for review instead of on the record: --pr. */
  review?: true;
  /** The event types it writes. */
  events: readonly string[];
  load(): Promise<{
    plan: (snapshot: Snapshot, input: never, ctx: Ctx) => Plan;
    schema: object;
    check: InputCheck;
  }>;
}

/** A compiled validator of an operation's input. */
export interface InputCheck {
  (input: unknown): boolean;
  errors?: RawViolation[] | null;
}
