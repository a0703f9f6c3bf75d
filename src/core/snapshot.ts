/** What a plan sees of the record. A snapshot is frozen: a change is a new snapshot. */
import type { Lease, Policy, Repo, Task, Worker } from "../generated/types.ts";
import type { Link, ObjectRow } from "./object-rows.ts";
import type { ObjectKind } from "./paths.ts";

/** Something wrong with a file. Broken files are reported and stop nothing else. */
export interface Problem {
  path: string;
  /** 1-based. */
  line?: number;
  /** For instance yaml_syntax, duplicate_key, too_large, schema, reference. */
  code: string;
  message: string;
  severity: "error" | "warning";
}

/** A file as read: its text (comments live there) and its value, or what is wrong with it. */
export interface Doc<T = unknown> {
  path: string;
  text: string;
  value: T;
}

/** A lease as the queue sees it. An unreadable one counts as held by someone unknown, for ever. */
export type LeaseView = Lease | { broken: Problem };

/** Of a task that is a job, what finds it and puts it in line. */
export interface JobRow {
  id: string;
  type: string;
  accepted_event_id: string;
}

/** The compact form of a task that has not ended: all that scheduling needs, and no long text. */
export interface OpenTask {
  id: string;
  title: string;
  repo: string;
  status: "planned" | "ready";
  type?: Task["type"];
  priority: number;
  estimate: number;
  tier: number;
  area?: string;
  skills: string[];
  labels: string[];
  assigned_to?: string;
  max_attempts?: number;
  /** Timestamp: not claimable before. */
  not_before?: string;
  parent?: string;
  blocked_by: string[];
  /** It points to other tasks or objects. */
  linked?: true;
  /** `system external_id`, for imports that come again. */
  source?: string;
  created_at: string;
  updated_at?: string;
  /** The epoch of an earlier outcome: the next claim's is larger. */
  epoch_floor: number;
  lease?: LeaseView;
  /** The task is a job: owp job alone gives it out and ends it. */
  job?: JobRow;
  /** The task file cannot be read: not claimable, not done. */
  broken?: Problem;
}

/** The compact form of a task that has ended. */
export interface ClosedTask {
  id: string;
  title: string;
  repo: string;
  status: "done" | "failed" | "canceled";
  type?: Task["type"];
  priority: number;
  labels: string[];
  source?: string;
  parent?: string;
  worker?: string | null;
  epoch: number;
  ended_at: string;
  job?: JobRow;
}

/** The policy of jobs; lengths in ms. */
export interface JobRules {
  lease_ms: number;
  max_attempts: number;
  backoff_ms: number;
  backoff_cap_ms: number;
  /** Types besides JobSpec's. */
  types: readonly string[];
}

/** A policy with every default filled in; lengths in ms. */
export interface Rules {
  protocol: string;
  lease_ms: { agent: number; human: number; system: number };
  heartbeat_timeout_ms: number;
  max_skew_ms: number;
  max_attempts: number;
  backoff_ms: number;
  backoff_cap_ms: number;
  registration: "open" | "closed";
  default_trust: "untrusted" | "basic" | "trusted";
  capacity_points: number;
  max_concurrent_tasks: number;
  max_estimate: number;
  /** A merge of code ends the tasks that it names. */
  merge_closes: boolean;
  /** A revert of it opens them again. */
  reverts_reopen: boolean;
  jobs: JobRules;
  /** Where heartbeats go. */
  signals: "refs" | "branches";
  /** When a claim opens a run. */
  runs: "always" | "packets" | "never";
  /** Codes of warnings that count as errors here. */
  raised: ReadonlySet<string>;
}

/**
 * The record at one commit. Methods marked (suspends) may throw `Suspended` when what they need is not loaded yet;
 * the engine loads it and plans again, so a plan simply calls them and never catches.
 */
export interface Snapshot {
  /** The commit; null before the first one. */
  readonly tip: string | null;
  readonly policy: Policy;
  readonly rules: Rules;
  readonly workers: ReadonlyMap<string, Worker>;
  readonly repos: ReadonlyMap<string, Repo>;
  /** Broken files by path. */
  readonly problems: ReadonlyMap<string, Problem>;
  /** Tasks that have not ended, in no particular order; broken ones among them. */
  open(): Iterable<OpenTask>;
  openTask(id: string): OpenTask | undefined;
  /** (suspends) */
  closedTask(id: string): ClosedTask | undefined;
  /** (suspends) Ended tasks whose id ends in these characters, four or more. */
  closedEnding(text: string): ClosedTask[];
  /** (suspends) Every task that has ended. */
  closed(): Iterable<ClosedTask>;
  /** How a task that something depends on ended: `open`, an outcome, or `missing`. Never suspends for a dependency of an open task. */
  dependency(id: string): "open" | "done" | "failed" | "canceled" | "missing";
  /** (suspends) An object of CWOM that has a file of its own; undefined for a task or a repo. */
  object(id: string): ObjectRow | undefined;
  /** (suspends) Every object of a kind, in no particular order; broken ones among them. */
  objects(kind: ObjectKind): Iterable<ObjectRow>;
  /** (suspends) Objects whose id ends in these characters. */
  objectsEnding(text: string): ObjectRow[];
  /** (suspends) Where an object or a task leads. */
  links(id: string): readonly Link[];
  /** (suspends) The ids of the objects and tasks that lead to this object, task or repo, in order; tasks not for a repo. */
  pointingTo(id: string): readonly string[];
  /** (suspends) A file's value and text; undefined where there is none, or where it is broken (then see problems). */
  doc<T = unknown>(path: string): Doc<T> | undefined;
}

/** What a suspended plan waits for. */
export type Need = { docs: string[] } | { closed: string[] | "all" } | { objects: string[] };

/** Thrown by a snapshot to the engine when something is not loaded yet. Plans let it pass. */
export class Suspended extends Error {
  constructor(readonly need: Need) {
    super("suspended: the engine loads what is missing and plans again");
  }
}
