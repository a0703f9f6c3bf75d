/**
 * What the engine needs of the world. Two implementations of the store stand behind these: git (git/) and memory
 * (memory/); one conformance suite holds both. The engine itself never names git, a file or a process.
 */

import type { Refusal } from "../core/refusal.ts";

/** A SHA-1 object name, 40 hex digits. */
export type Oid = string;

export type ObjectType = "blob" | "tree" | "commit";

export interface GitObject {
  oid: Oid;
  type: ObjectType;
  data: Uint8Array;
}

/** The clone's own object store (store.git). Objects are immutable; a read of a missing one answers undefined. */
export interface ObjectStore {
  /** In the order asked; undefined where there is none. */
  read(oids: readonly Oid[]): Promise<(GitObject | undefined)[]>;
  /** After this the objects can be read by every process of the clone, and pushed. Writing one that is there is no error. */
  write(objects: readonly GitObject[]): Promise<void>;
}

/** What the remote showed at one moment. */
export interface RemoteView {
  /** The record's tip; null where the branch does not exist. */
  record: Oid | null;
  /** Tip of refs/owp/signals/<clone> by clone id. Losable: may be empty or old. */
  signals: ReadonlyMap<string, Oid>;
}

/** Why the remote did not do what was asked. The class chooses the message and the backoff, never the truth. */
export type FaultClass =
  | "conflict" /* the ref moved, or was being moved */
  | "busy" /* the server could not take it just now: lock files, unpacker errors */
  | "transport" /* connection lost, 5xx, 429: it may or may not have landed */
  | "unreachable" /* no connection could be made */
  | "auth" /* no or wrong credential, 401, 403 */
  | "not_found" /* no such repository */
  | "hook" /* a pre-receive or update hook declined */
  | "protected" /* a branch rule of the host declined */
  | "too_large" /* 413, quota */
  | "layout" /* a ref stands in the way (owp/x), hidden ref, shallow update, checked-out branch */
  | "hash" /* SHA-256 */
  | "disk" /* this machine's disk is full */
  | "other";

export interface Fault {
  class: FaultClass;
  /** git's own words, shortened, without credentials. */
  text: string;
}

export type FetchOutcome = { ok: true; view: RemoteView } | { ok: false; fault: Fault };

/** A compare-and-swap of the record and, beside it, the clone's own signal ref. Either part may be absent. */
export interface Push {
  /** base null: the branch must not exist yet. The tip is a descendant of base. */
  record?: { base: Oid | null; tip: Oid };
  /** old null: the ref must not exist yet; next null: delete it. */
  signal?: { clone: string; old: Oid | null; next: Oid | null };
}

export interface PushOutcome {
  /** What the remote reported for the record. unknown: the report was lost, it may have landed or not. */
  record: "none" | "accepted" | "rejected" | "unknown";
  /** The signal's fate; never decides anything. */
  signal: "none" | "accepted" | "rejected" | "unknown";
  /** Where the record, or a signal that was pushed alone, is not accepted. */
  fault?: Fault;
}

/** The remote as the engine uses it. Each call is bounded in time by the implementation (timeoutMs) and by the signal. */
export interface Remote {
  /** Brings the record's whole history and the signals into the object store and says where they stand. */
  fetch(options?: { timeoutMs?: number; abort?: AbortSignal }): Promise<FetchOutcome>;
  push(push: Push, options?: { timeoutMs?: number; abort?: AbortSignal }): Promise<PushOutcome>;
  /** The record's commits since this one, newest first, where they can be seen at hardly any cost, as on this disk; undefined where only a fetch can tell. A hint: it decides nothing. */
  glance?(since: Oid): GitObject[] | undefined;
}

/** One operation waiting in the clone's queue: plain data, so that any process of the clone can plan it. */
export interface Ticket {
  /** The operation's id, a ULID in lower case. */
  op: string;
  /** Row of the operations table. */
  name: string;
  input: unknown;
  caller: { name: string; explicit: boolean; actor_kind: "human" | "agent" | "system"; clone: string };
  /** The commit author's address; none: one made of the name. */
  email?: string;
  /** ms since 1970. */
  enqueued_at: number;
  /** ms since 1970; null: queued offline, waits for `owp sync`. */
  deadline: number | null;
  /** Shift of the caller's clock against the process's (OWP_NOW), ms. */
  clock_shift_ms: number;
  /** Set when an earlier leader may have published it already: look in the ledger before planning. */
  suspect?: boolean;
}

/** A chain that was pushed, or was about to be, and is not settled. Written before the push, removed after the answers. */
export interface Pending {
  /** The chain's last commit. */
  tip: Oid;
  base: Oid | null;
  /** Its callers were told that the outcome is unknown: the next command says what became of it. */
  told?: boolean;
  tickets: { ticket: Ticket; commit: Oid; answer: Answer }[];
}

/** What became of an operation. Plain JSON, readable by the process that waits for it. */
export type Answer =
  | {
      ok: true;
      op: string;
      result: unknown;
      commit: Oid | null;
      already: boolean;
      warnings: string[];
      attempts: number;
    }
  | (Refusal & { op: string; attempts: number });

/**
 * The desk: what the processes of one clone share on disk (`.git/owp/`). Every method is atomic in itself; nothing
 * depends on the lock being kept: a ticket is with one leader at a time, and passes to another only when that one's
 * process has ended. A leader that dies leaves tickets taken and chains pending; the next one finds them.
 */
export interface Desk {
  enqueue(ticket: Ticket): Promise<void>;
  /**
   * Takes every waiting ticket (with `offline` those that were queued offline too), oldest first; with `orphans` also
   * what a leader left behind that is gone, or an earlier one of this process, marked suspect. An operation that another
   * leader works on, who was asked for it before, stays in the queue. Only under the lock.
   */
  take(options?: { offline?: boolean; orphans?: boolean }): Promise<Ticket[]>;
  /** true: it was still waiting and will not run. false: it was taken, or is answered. */
  withdraw(op: string): Promise<boolean>;
  /** Stores the answer for the caller and forgets the ticket. */
  answer(answer: Answer): Promise<void>;
  /** Puts a taken ticket that was queued offline back into its queue, as it is now. */
  postpone(ticket: Ticket): Promise<void>;
  /** The answer, if there is one; reading removes it. */
  collect(op: string): Promise<Answer | undefined>;
  /** What waits for `owp sync`, oldest first. */
  offlineTickets(): Promise<Ticket[]>;
  /** undefined: someone else leads. An optimisation: two leaders do no harm. */
  lock(): Promise<{ release(): Promise<void> } | undefined>;
  savePending(pending: Pending): Promise<void>;
  /** Chains that no one else is settling: their leader is gone, or has told its callers, or was of this process. */
  pendings(): Promise<Pending[]>;
  dropPending(tip: Oid): Promise<void>;
  /** Small facts of this clone that outlive a process, by name; losable. */
  recall<T>(name: string): Promise<T | undefined>;
  remember(name: string, value: unknown): Promise<void>;
}

export interface Clock {
  /** ms since 1970, as this process believes. */
  now(): number;
  /** ms of elapsed time that no clock change touches, shared by the processes of this machine. */
  elapsed(): number;
  sleep(ms: number, abort?: AbortSignal): Promise<void>;
}

/** Named points where a crash is tried in the simulation; a no-op in the product. */
export type Point = (name: string) => Promise<void> | void;
