/** What a hub offers: the same to the command line and to programs that use the library. */
import type { Refusal } from "../core/refusal.ts";

/** How far a long step has come: fetching, indexing, importing. */
export interface Progress {
  stage: string;
  done?: number;
  total?: number;
}

export interface RunOptions {
  /** The operation's id, a ULID in lower case; the same id twice is one operation. */
  op?: string;
  timeout_ms?: number;
  /** Query: answer from what this clone has. Change: leave it in the queue for `owp sync`. */
  offline?: boolean;
  /** Plan, and publish nothing. */
  dry_run?: boolean;
  /** Put the change on a branch of its own instead of on the record; request: and open a pull request with gh or glab. */
  review?: "branch" | "request";
  abort?: AbortSignal;
  onProgress?: (progress: Progress) => void;
}

/** One file of a dry run, as text; before absent: a new file, after absent: a deleted one. */
export interface FileChange {
  path: string;
  before?: string;
  after?: string;
}

/** A change on a branch of the record's remote, where people look at it and merge it. Nothing of it is on the record yet. */
export interface Review {
  branch: string;
  /** The record's commit that it was planned on, and its own. */
  base: string;
  commit: string;
  /** The host's page that shows the difference and opens a request; only for hosts that are known by their name. */
  url?: string;
  /** The request, where one was opened. */
  request?: string;
  /** Command lines that usually come next. */
  commands: string[];
}

/** How old the answer is: the commit it rests on, and when the remote last confirmed it. */
export interface ViewAge {
  tip: string | null;
  age_ms: number;
  stale: boolean;
}

export interface Success {
  ok: true;
  op: string;
  result: unknown;
  commit: string | null;
  /** This operation id had landed before: nothing was done a second time. */
  already: boolean;
  /** It waits in the clone's queue for `owp sync`. */
  queued: boolean;
  warnings: string[];
  /** Only after a dry run. */
  changes?: FileChange[];
  /** Only of a change that was put on a branch for review. */
  review?: Review;
  view: ViewAge;
  attempts: number;
}

export type Outcome = Success | (Refusal & { op: string });

/** What a record's first repo is named after. */
export interface HubPlace {
  /** The remote's URL; left out where the repository itself is the remote. */
  url?: string;
  /** The project's folder. */
  folder: string;
  /** The branch that is checked out where the repository was cloned. */
  default_branch?: string;
}

export interface Hub {
  run(name: string, input: unknown, options?: RunOptions): Promise<Outcome>;
  close(): Promise<void>;
}

export interface OpenOptions {
  dir: string;
  as?: string;
  branch?: string;
  /** One of several records beside each other: its branch is the record's branch, a dash, and this. */
  queue?: string;
  remote?: string;
  /** A record to read by URL, with no clone. */
  hub?: string;
  env?: Record<string, string | undefined>;
  now?: () => number;
}

export type OpenHub = (options: OpenOptions) => Promise<Hub | Refusal>;
