/**
 * The record at one commit, as plans see it. Built from an index or from files, and moved forward by changes; never
 * changed in place, but for what is loaded late (documents and segments of ended tasks), which cannot alter an answer.
 */
import type { Lease, Policy, Repo, Task, Worker } from "../generated/types.ts";
import { Layered } from "./layered.ts";
import {
  entryRow,
  idsPointingTo,
  type LoadedObjects,
  noObjects,
  type ObjectsOver,
  rowsEnding,
  rowsOfKind,
} from "./object-index.ts";
import { brokenObjectRow, type Link, linkedTaskRow, type ObjectRow, objectRow } from "./object-rows.ts";
import { type Kind, type ObjectKind, placeOf } from "./paths.ts";
import { brokenRow, closedRow, isEnded, openRow } from "./rows.ts";
import { BARE_POLICY, rulesOf } from "./rules.ts";
import {
  type ClosedTask,
  type Doc,
  type LeaseView,
  type OpenTask,
  type Problem,
  type Rules,
  type Snapshot,
  Suspended,
} from "./snapshot.ts";

export type Settled = "done" | "failed" | "canceled" | "missing";

/** What became of a path: a document (added: there was none before), something unreadable, or nothing any more. */
export type FileChange =
  | { path: string; doc: Doc; added?: boolean }
  | { path: string; problem: Problem }
  | { path: string; gone: true };

/** All that is kept of the record besides documents; the form in which it is stored and loaded. */
export interface Index {
  policy: Policy;
  workers: ReadonlyMap<string, Worker>;
  repos: ReadonlyMap<string, Repo>;
  problems: ReadonlyMap<string, Problem>;
  open: Layered<OpenTask>;
  /** Leases whose task has ended or does not exist; none in a sound record. */
  stray: ReadonlyMap<string, LeaseView>;
  /** How the ended dependencies of open tasks ended. */
  settled: ReadonlyMap<string, Settled>;
  /** Changes to ended tasks that are not in the loaded segments. null: no longer ended. */
  closedOver: ReadonlyMap<string, ClosedTask | null>;
  /** Changes to objects, and to where tasks lead, that are not in the loaded segments. */
  objectsOver: ObjectsOver;
}

/** What is loaded on demand; shared by all snapshots of one base commit. */
export interface Loaded {
  docs: Map<string, Doc | null>;
  /** Everything that is not in docs does not exist. */
  allDocs: boolean;
  closed: Map<string, Map<string, ClosedTask>>;
  /** The segment of an ended task's id. */
  segmentOf: (id: string) => string;
  /** Every segment there is. */
  segments: () => readonly string[];
  objects: LoadedObjects;
}

const EMPTY: Index = {
  policy: BARE_POLICY,
  workers: new Map(),
  repos: new Map(),
  problems: new Map(),
  open: Layered.from(new Map()),
  stray: new Map(),
  settled: new Map(),
  closedOver: new Map(),
  objectsOver: new Map(),
};

export function nothingLoaded(): Loaded {
  return {
    ...{ docs: new Map(), allDocs: true, closed: new Map(), segmentOf: () => "", segments: () => [] },
    objects: noObjects(),
  };
}

export class State implements Snapshot {
  readonly rules: Rules;

  constructor(
    readonly tip: string | null,
    readonly index: Index,
    private readonly loaded: Loaded,
    /** Documents that differ from the base commit's. */
    private readonly docsOver: ReadonlyMap<string, Doc | null> = new Map(),
  ) {
    this.rules = rulesOf(index.policy);
  }

  /** The record before its first commit. */
  /** Without any file. */
  static empty(tip: string | null = null): State {
    return new State(tip, EMPTY, nothingLoaded());
  }

  get policy(): Policy {
    return this.index.policy;
  }
  get workers(): ReadonlyMap<string, Worker> {
    return this.index.workers;
  }
  get repos(): ReadonlyMap<string, Repo> {
    return this.index.repos;
  }
  get problems(): ReadonlyMap<string, Problem> {
    return this.index.problems;
  }

  open(): Iterable<OpenTask> {
    return this.index.open.values();
  }

  openTask(id: string): OpenTask | undefined {
    return this.index.open.get(id);
  }

  closedTask(id: string): ClosedTask | undefined {
    const changed = this.index.closedOver.get(id);
    if (changed !== undefined) return changed ?? undefined;
    const segment = this.loaded.segmentOf(id);
    const rows = this.loaded.closed.get(segment);
    if (rows) return rows.get(id);
    if (!this.loaded.segments().includes(segment)) return undefined;
    throw new Suspended({ closed: [id] });
  }

  closedEnding(text: string): ClosedTask[] {
    const segment = this.loaded.segmentOf(text);
    const rows = this.loaded.closed.get(segment);
    if (!rows && this.loaded.segments().includes(segment)) throw new Suspended({ closed: [text] });
    const kept = [...(rows?.values() ?? [])].filter(({ id }) => !this.index.closedOver.has(id));
    const changed = [...this.index.closedOver.values()].filter((row) => row !== null);
    return [...kept, ...changed].filter(({ id }) => id.endsWith(text));
  }

  *closed(): Iterable<ClosedTask> {
    if (this.loaded.segments().some((segment) => !this.loaded.closed.has(segment)))
      throw new Suspended({ closed: "all" });
    for (const rows of this.loaded.closed.values()) {
      for (const row of rows.values()) if (!this.index.closedOver.has(row.id)) yield row;
    }
    for (const row of this.index.closedOver.values()) if (row) yield row;
  }

  dependency(id: string): "open" | Settled {
    if (this.index.open.get(id)) return "open";
    return this.index.settled.get(id) ?? this.closedTask(id)?.status ?? "missing";
  }

  object(id: string): ObjectRow | undefined {
    const row = entryRow(this.index.objectsOver, this.loaded.objects, id);
    return row?.kind === "Task" ? undefined : row;
  }

  objects(kind: ObjectKind): Iterable<ObjectRow> {
    return rowsOfKind(this.index.objectsOver, this.loaded.objects, kind);
  }

  objectsEnding(text: string): ObjectRow[] {
    return rowsEnding(this.index.objectsOver, this.loaded.objects, text);
  }

  links(id: string): readonly Link[] {
    return entryRow(this.index.objectsOver, this.loaded.objects, id)?.links ?? [];
  }

  pointingTo(id: string): readonly string[] {
    return idsPointingTo(this.index.objectsOver, this.loaded.objects, id);
  }

  doc<T = unknown>(path: string): Doc<T> | undefined {
    const changed = this.docsOver.get(path);
    if (changed !== undefined) return (changed ?? undefined) as Doc<T> | undefined;
    const known = this.loaded.docs.get(path);
    if (known !== undefined) return (known ?? undefined) as Doc<T> | undefined;
    if (this.loaded.allDocs) return undefined;
    throw new Suspended({ docs: [path] });
  }

  /** The snapshot after some files changed. Suspends where it must know how a new dependency ended. */
  apply(changes: Iterable<FileChange>, tip: string | null = this.tip): State {
    const next = this.edit();
    next.add(changes);
    return next.finish(tip);
  }

  /** The way to a next snapshot through changes that come part by part. */
  edit(): Edit {
    return new Edit(this, this.loaded, this.docsOver);
  }

  /** The same index over a new base commit: documents are loaded anew. */
  rebase(tip: string | null, loaded: Loaded): State {
    return new State(tip, this.index, loaded);
  }
}

/** A next snapshot while changes to it come in. */
export class Edit {
  private readonly draft: Draft;
  private readonly docs: Map<string, Doc | null>;

  constructor(
    before: State,
    private readonly loaded: Loaded,
    docsOver: ReadonlyMap<string, Doc | null>,
  ) {
    this.draft = new Draft(before.index);
    this.docs = new Map(docsOver);
  }

  /** keepDocs false: the documents are not kept, and loaded again where someone asks. */
  add(changes: Iterable<FileChange>, keepDocs = true): void {
    for (const change of changes) {
      this.draft.file(change);
      if (keepDocs) this.docs.set(change.path, "doc" in change ? change.doc : null);
    }
  }

  /** Suspends where it must know how a new dependency ended; may then be called again. */
  finish(tip: string | null): State {
    const index = this.draft.finish();
    const next = new State(tip, index, this.loaded, this.docs);
    const settled = settle(next, this.draft.touched, index.settled);
    return new State(tip, { ...index, settled }, this.loaded, this.docs);
  }
}

/** Looks up how the dependencies of the touched tasks ended, so that scheduling never needs the ended ones. */
function settle(
  state: State,
  touched: Iterable<string>,
  known: ReadonlyMap<string, Settled>,
): ReadonlyMap<string, Settled> {
  const settled = new Map(known);
  const unknown = new Set<string>();
  for (const id of touched) {
    for (const dependency of state.openTask(id)?.blocked_by ?? []) {
      if (!state.openTask(dependency) && !settled.has(dependency)) unknown.add(dependency);
    }
  }
  for (const id of unknown) settled.set(id, state.closedTask(id)?.status ?? "missing");
  return settled;
}

/** The next index while it is being made. */
class Draft {
  readonly touched = new Set<string>();
  private readonly open = new Map<string, OpenTask | null>();
  private readonly closed = new Map<string, ClosedTask | null>();
  private readonly objects = new Map<string, ObjectRow | null>();
  private readonly workers: Map<string, Worker>;
  private readonly repos: Map<string, Repo>;
  private readonly problems: Map<string, Problem>;
  private readonly stray: Map<string, LeaseView>;
  private readonly settled: Map<string, Settled>;
  private policy: Policy;

  constructor(private readonly before: Index) {
    this.workers = new Map(before.workers);
    this.repos = new Map(before.repos);
    this.problems = new Map(before.problems);
    this.stray = new Map(before.stray);
    this.settled = new Map(before.settled);
    this.policy = before.policy;
  }

  file(change: FileChange): void {
    if ("problem" in change) this.problems.set(change.path, change.problem);
    else this.problems.delete(change.path);
    const place = placeOf(change.path);
    if (place) this.kinds[place.kind](place.id, change);
  }

  private readonly kinds: Record<Kind, (id: string, change: FileChange) => void> = {
    Policy: (_id, change) => {
      if ("doc" in change) this.policy = change.doc.value as Policy;
      if ("gone" in change) this.problems.set(change.path, missing(change.path));
    },
    Worker: (name, change) => {
      if ("doc" in change) this.workers.set(name, change.doc.value as Worker);
      else this.workers.delete(name);
    },
    Repo: (slug, change) => {
      if ("doc" in change) this.repos.set(slug, change.doc.value as Repo);
      else this.repos.delete(slug);
    },
    Task: (id, change) => this.task(id, change),
    Lease: (id, change) => {
      const lease: LeaseView | undefined =
        "doc" in change
          ? (change.doc.value as Lease)
          : "problem" in change
            ? { broken: change.problem }
            : undefined;
      this.place(id, this.row(id), lease);
    },
    // Read by its path when a job is submitted.
    JobKey: () => undefined,
    ContextPacket: (id, change) => this.object("ContextPacket", id, change),
    ConstraintSnapshot: (id, change) => this.object("ConstraintSnapshot", id, change),
    DoctrineRef: (id, change) => this.object("DoctrineRef", id, change),
    Run: (id, change) => this.object("Run", id, change),
    Artifact: (id, change) => this.object("Artifact", id, change),
  };

  private object(kind: ObjectKind, id: string, change: FileChange): void {
    if ("doc" in change) this.objects.set(id, objectRow(kind, change.doc.value as object));
    else this.objects.set(id, "problem" in change ? brokenObjectRow(kind, id, change.problem) : null);
  }

  /** A task that never led anywhere, and does not now, leaves no trace: most tasks are so. */
  private links(id: string, task: Task | undefined, added: boolean): void {
    const row = task && linkedTaskRow(task);
    const before = this.row(id);
    if (row || !(added || (before && !before.linked))) this.objects.set(id, row ?? null);
  }

  private row(id: string): OpenTask | undefined {
    const changed = this.open.get(id);
    return changed === undefined ? this.before.open.get(id) : (changed ?? undefined);
  }

  private task(id: string, change: FileChange): void {
    const lease = this.row(id)?.lease ?? this.stray.get(id);
    const task = "doc" in change ? (change.doc.value as Task) : undefined;
    const ended = task && isEnded(task);
    const added = "added" in change && change.added === true;
    this.links(id, task, added);
    if (ended) {
      // Dependents that come with it are looked after at the end; those that were there before know it as open or settled.
      if (this.row(id) || this.settled.has(id)) this.settled.set(id, task.status as Settled);
      this.closed.set(id, closedRow(task));
    } else {
      if (!added && !this.row(id)) this.closed.set(id, null);
      if ("gone" in change) this.settled.set(id, "missing");
      else this.settled.delete(id);
    }
    if (task && !ended) this.place(id, openRow(task), lease);
    else if ("problem" in change) this.place(id, brokenRow(id, change.problem), lease);
    else this.place(id, undefined, lease);
  }

  /** Keeps a lease with its open task, or among the stray ones where there is no such task. */
  private place(id: string, row: OpenTask | undefined, lease: LeaseView | undefined): void {
    this.stray.delete(id);
    if (!row) {
      if (this.row(id)) this.open.set(id, null);
      if (lease) this.stray.set(id, lease);
      return;
    }
    this.touched.add(id);
    const { lease: _before, ...rest } = row;
    this.open.set(id, lease ? { ...rest, lease } : rest);
  }

  finish(): Index {
    return {
      policy: this.policy,
      workers: this.workers,
      repos: this.repos,
      problems: this.problems,
      open: this.before.open.with(this.open),
      stray: this.stray,
      settled: this.settled,
      closedOver: new Map([...this.before.closedOver, ...this.closed]),
      objectsOver: new Map([...this.before.objectsOver, ...this.objects]),
    };
  }
}

function missing(path: string): Problem {
  return {
    path,
    code: "missing",
    message: "the policy file is gone; the last valid one still counts",
    severity: "error",
  };
}
