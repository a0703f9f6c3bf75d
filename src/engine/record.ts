/** One clone's view of the record: brings it from the last known commit to the remote's, and loads what plans ask for. */

import { clockProblem, type Sighting } from "../core/clock.ts";
import { foldEntries, inSegments, noObjects } from "../core/object-index.ts";
import { once } from "../core/once.ts";
import { pathOf, placeOf } from "../core/paths.ts";
import { type Refusal, refuse } from "../core/refusal.ts";
import { PROTOCOL, readsProtocol } from "../core/rules.ts";
import { type Doc, type Need, Suspended } from "../core/snapshot.ts";
import { type FileChange, type Loaded, State } from "../core/state.ts";
import { trailersOf } from "./ledger-entry.ts";
import type { ObjectStore, Oid } from "./ports.ts";
import { justFetched, type RecentOp, recentOps } from "./recent.ts";
import { diffTrees, readPaths, type TreeChange } from "./tree.ts";
import { type Commit, commitsBetween, readCommit } from "./walk.ts";

/** How many times one plan may ask for more before that is a fault. */
const SUSPENSION_LIMIT = 1000;
const RECENT_LIMIT = 32;
/** Files read at once. */
const BATCH = 1000;
/** Of more changes than this the documents are not kept: whoever wants one loads it. */
const DOCS_LIMIT = 2000;
const REOPEN_MS = 30_000;
/** How many commits back a readable policy is looked for. */
const POLICY_SEARCH_LIMIT = 1000;

/** Where an index is kept between processes. */
export interface IndexStore {
  load(): Promise<StoredIndex | undefined>;
  /** Keeps the index, unless another process kept one since it was loaded. Answers what is kept now. */
  save(next: StoredIndex, touched: ReadonlySet<string> | "all"): Promise<StoredIndex | undefined>;
  /** The same index for another view of this process: each remembers what it loaded. */
  beside(): IndexStore;
}

export interface StoredIndex {
  state: State;
  loaded: Loaded;
  tree: Oid;
  recent: RecentOp[];
  /** Loads segments of ended tasks. */
  loadClosed(segments: "all" | readonly string[]): Promise<void>;
  /** Loads segments of objects. */
  loadObjects(segments: readonly string[]): Promise<void>;
}

export type Progress = (stage: string, done?: number, total?: number) => void;

interface Tools {
  store: ObjectStore;
  indexes: IndexStore;
  elapsed: () => number;
  progress?: Progress;
}

/** The codec brings a parser along: loaded when there is a file to read. A view that is up to date reads none. */
const codec = once(() => import("../core/codec.ts"));
type Codec = Awaited<ReturnType<typeof codec>>;

export class RecordView {
  private state = State.empty();
  /** The tree of the last known tip. */
  tree: Oid | null = null;
  private loadClosed: StoredIndex["loadClosed"] = async () => {};
  private loadObjects: StoredIndex["loadObjects"] = async () => {};
  private loaded: Loaded | undefined;
  recent: RecentOp[] = [];
  /** Operations that were seen on the remote before they were fetched. */
  private sighted: readonly RecentOp[] = [];
  /** Ids whose rows differ from the index that is kept. */
  private touched = new Set<string>();
  /** The index was made from nothing: what is kept shares nothing with it. */
  private rebuilt = false;
  private openedAt: number | undefined;

  constructor(private readonly tools: Tools) {}

  /** A view of its own for what runs at the same time: a view serves one call after another. */
  beside(): RecordView {
    return new RecordView({ ...this.tools, indexes: this.tools.indexes.beside() });
  }

  /** The snapshot at the last known tip. */
  get snapshot(): State {
    return this.state;
  }

  /** The kept index was taken up. */
  get isOpen(): boolean {
    return this.openedAt !== undefined;
  }

  /** Takes up the kept index: at the start, and again after a while, since its segments may have been replaced. */
  async open(): Promise<void> {
    const elapsed = this.tools.elapsed();
    if (this.openedAt !== undefined && elapsed - this.openedAt < REOPEN_MS) return;
    this.openedAt = elapsed;
    const stored = await this.tools.indexes.load();
    if (stored) this.take(stored);
    else if (!this.loaded) [this.state, this.tree] = [State.empty(), null];
    this.touched = new Set();
  }

  /** Lets go of all rows, where the index that is kept has them: the next look takes it up again. The tip stays known. */
  rest(): void {
    if (this.touched.size > 0 || this.rebuilt || this.openedAt === undefined) return;
    this.state = State.empty(this.state.tip);
    [this.loaded, this.openedAt] = [undefined, undefined];
  }

  private take(stored: StoredIndex): void {
    this.state = stored.state;
    this.tree = stored.tree;
    this.loaded = stored.loaded;
    this.loadClosed = stored.loadClosed;
    this.loadObjects = stored.loadObjects;
    this.recent = stored.recent;
  }

  /** Moves to a tip that the remote showed. A replaced history is refused, and the view stays where it was. */
  async advance(tip: Oid | null, acceptRewrite = false): Promise<Refusal | undefined> {
    if (tip === this.state.tip) return protocolProblem(this.state);
    if (tip === null) return this.state.tip === null ? undefined : gone();
    const old = this.state.tip;
    const commit = await readCommit(this.tools.store, tip);
    if (old === null) {
      await this.rebuild(commit);
    } else {
      const between = await commitsBetween(this.tools.store, old, tip);
      if (!between.descends && !acceptRewrite) return rewritten(old, tip);
      if (!between.descends) await this.rebuild(commit);
      else await this.step(commit, between.commits);
    }
    return protocolProblem(this.state);
  }

  private async rebuild(commit: Commit): Promise<void> {
    this.state = State.empty();
    this.tree = null;
    this.loaded = undefined;
    const commits = await newest(this.tools.store, commit);
    this.recent = [];
    this.rebuilt = true;
    const policy = await this.lastValidPolicy(commit);
    if (policy) this.state = this.state.apply([policy]);
    await this.step(commit, commits);
  }

  /** Where the present policy cannot be read, the last one that could (DESIGN section 3); bounded. */
  private async lastValidPolicy(from: Commit): Promise<FileChange | undefined> {
    const { decode } = await codec();
    let commit: Commit | undefined = from;
    let last: Oid | null = null;
    for (let depth = 0; commit && depth < POLICY_SEARCH_LIMIT; depth++) {
      const [oid] = await readPaths(this.tools.store, commit.tree, [pathOf("Policy", "owp")]);
      const [blob] = oid && oid !== last ? await this.tools.store.read([oid]) : [];
      const change = blob && fileChange(decode, pathOf("Policy", "owp"), blob.data, false);
      if (change && "doc" in change) return depth === 0 ? undefined : change;
      last = oid ?? null;
      const parent: Oid | undefined = commit.parents[0];
      commit = parent === undefined ? undefined : await readCommit(this.tools.store, parent);
    }
    return undefined;
  }

  private async step(commit: Commit, commits: readonly Commit[]): Promise<void> {
    this.remember(commits);
    const changed = await diffTrees(this.tools.store, this.tree, commit.tree);
    const loaded = this.freshLoaded();
    const edit = this.state.rebase(commit.oid, loaded).edit();
    const keepDocs = changed.length <= DOCS_LIMIT;
    for await (const changes of this.readChanges(changed)) {
      edit.add(changes, keepDocs);
      // The documents read on the way are the new base's own: the layer over it starts empty.
      if (keepDocs) for (const change of changes) loaded.docs.set(change.path, docOf(change));
      if (!this.rebuilt) for (const { path } of changes) this.touched.add(placeOf(path)?.id ?? path);
    }
    this.state = (await this.loading(() => edit.finish(commit.oid))).rebase(commit.oid, loaded);
    this.tree = commit.tree;
    this.loaded = loaded;
  }

  /** Keeps the index for the next process. Called when an operation is through, not at every step. */
  async persist(): Promise<void> {
    const tip = this.state.tip;
    if ((this.touched.size === 0 && !this.rebuilt) || tip === null || this.tree === null || !this.loaded)
      return;
    const { state, loaded, tree, recent, loadClosed, loadObjects } = this;
    const kept = await this.tools.indexes.save(
      { state, loaded, tree, recent, loadClosed, loadObjects },
      this.rebuilt ? "all" : this.touched,
    );
    this.touched = new Set();
    this.rebuilt = false;
    if (kept) this.take(kept);
    // Another process of this clone kept its own meanwhile: where that is further on, so is this view from now on.
    const isOther = kept && kept.state.tip !== tip;
    if (isOther && !(await commitsBetween(this.tools.store, tip, kept.state.tip as Oid)).descends)
      await this.advance(tip, true);
    this.openedAt = this.tools.elapsed();
  }

  private freshLoaded(): Loaded {
    const before = this.loaded;
    return {
      docs: new Map(),
      allDocs: false,
      closed: before?.closed ?? new Map(),
      segmentOf: before?.segmentOf ?? (() => ""),
      segments: before?.segments ?? (() => []),
      objects: before?.objects ?? noObjects(),
    };
  }

  /** Says which of the operations that a fetch will bring were seen already, and when. */
  sight(ops: readonly RecentOp[]): void {
    this.sighted = ops;
  }

  private remember(commits: readonly Commit[]): void {
    const now = this.tools.elapsed();
    const ops = justFetched(recentOps(commits, now), this.recent[0]?.seen).map(
      (op) => this.sighted.find(({ oid }) => oid === op.oid) ?? op,
    );
    this.sighted = [];
    this.recent = [...ops, ...this.recent].slice(0, Math.max(RECENT_LIMIT, ops.length));
  }

  /** What became of the files, in parts that memory holds. */
  private async *readChanges(changed: readonly TreeChange[]): AsyncGenerator<FileChange[]> {
    const known = changed.filter((change) => placeOf(change.path));
    if (known.length === 0) return;
    const { decode } = await codec();
    for (let from = 0; from < known.length; from += BATCH) {
      const part = known.slice(from, from + BATCH);
      const blobs = await this.tools.store.read(
        part.flatMap((change) => (change.after ? [change.after] : [])),
      );
      let next = 0;
      yield part.map(({ path, before, after }) =>
        after === null
          ? { path, gone: true }
          : fileChange(decode, path, blobs[next++]?.data, before === null),
      );
      if (known.length > BATCH) this.tools.progress?.("reading the record", from + part.length, known.length);
    }
  }

  /** Runs a pure function on snapshots, loading what it asks for until it has all it needs. */
  async loading<T>(run: () => T): Promise<T> {
    for (let round = 0; round < SUSPENSION_LIMIT; round++) {
      try {
        return run();
      } catch (error) {
        if (!(error instanceof Suspended)) throw error;
        await this.load(error.need);
      }
    }
    throw new Error("a plan asked for more than it may");
  }

  private async load(need: Need): Promise<void> {
    if ("closed" in need) {
      const segmentOf = this.loaded?.segmentOf ?? (() => "");
      const segments = need.closed === "all" ? "all" : [...new Set(need.closed.map(segmentOf))];
      await this.loadClosed(segments).catch(() => this.remake());
      return;
    }
    if ("objects" in need) {
      await this.loadObjects(need.objects).catch(() => this.remake(need.objects));
      return;
    }
    const loaded = this.loaded;
    if (!loaded || this.tree === null) throw new Error("a document was asked for before there is a record");
    const { decode } = await codec();
    const oids = await readPaths(this.tools.store, this.tree, need.docs);
    const blobs = await this.tools.store.read(oids.filter((oid) => oid !== null));
    let next = 0;
    for (const [i, path] of need.docs.entries()) {
      const change = oids[i] == null ? undefined : fileChange(decode, path, blobs[next++]?.data, false);
      loaded.docs.set(path, change && "doc" in change ? change.doc : null);
    }
  }

  /** Segments, of ended tasks or of objects, that cannot be read any more are made again from the record, in their place: snapshots share them. */
  private async remake(objectSegments: readonly string[] = []): Promise<void> {
    const fresh = new RecordView(this.tools);
    await fresh.advance(this.state.tip);
    const { closed, segmentOf, segments, objects } = this.loaded as Loaded;
    for (const name of segments()) closed.set(name, new Map());
    for (const row of fresh.snapshot.closed()) closed.get(segmentOf(row.id))?.set(row.id, row);
    const entries = foldEntries(() => undefined, fresh.snapshot.index.objectsOver);
    for (const [name, made] of inSegments(entries, objects.widths)) objects.segments.set(name, made);
    for (const name of objectSegments) if (!objects.segments.has(name)) objects.segments.set(name, new Map());
    await fresh.persist();
  }

  /** Says why this machine's clock is not to be trusted, or undefined. lastLook: ms since 1970 of the look before the present one. */
  clockProblem(
    now: number,
    ownClone: string,
    lastLook: number | undefined,
    freshSince: number,
  ): string | undefined {
    const newest = new Map<string, Sighting>();
    for (const { clone, at, seen } of this.recent) {
      if (clone === ownClone || newest.has(clone)) continue;
      newest.set(clone, { clone, at, fresh: seen >= freshSince });
    }
    return clockProblem(now, [...newest.values()], lastLook, this.state.rules.max_skew_ms);
  }

  /** Was the operation among the newest commits that this view has seen? */
  recentOp(op: string): boolean {
    return this.recent.some((entry) => entry.op === op);
  }

  /** Looks for an operation in the ledger, back to the time at which it was made. */
  async findOp(op: string, madeAt: number): Promise<Commit | undefined> {
    const known = this.recent.find((entry) => entry.op === op);
    if (known) return readCommit(this.tools.store, known.oid);
    if (this.state.tip === null) return undefined;
    return findBackwards(this.tools.store, this.state.tip, op, madeAt);
  }

  /** Does the history of the present tip contain this commit? */
  async contains(oid: Oid): Promise<boolean> {
    const tip = this.state.tip;
    if (tip === null) return false;
    if (tip === oid || this.recent.some((entry) => entry.oid === oid)) return true;
    const [object] = await this.tools.store.read([oid]);
    if (!object) return false;
    return (await commitsBetween(this.tools.store, oid, tip)).descends;
  }
}

const MARGIN_MS = 26 * 3_600_000;
/** So many older commits in a row end the search: one clock that runs behind does not. */
const OLDER_IN_A_ROW = 64;

async function findBackwards(
  store: ObjectStore,
  tip: Oid,
  op: string,
  madeAt: number,
): Promise<Commit | undefined> {
  const seen = new Set<Oid>([tip]);
  let level: Oid[] = [tip];
  let older = 0;
  while (level.length > 0 && older < OLDER_IN_A_ROW) {
    const next: Oid[] = [];
    for (const oid of level) {
      const commit = await readCommit(store, oid);
      if (trailersOf(commit)?.op === op) return commit;
      older = commit.committer.at_ms < madeAt - MARGIN_MS ? older + 1 : 0;
      for (const parent of commit.parents) {
        if (!seen.has(parent)) next.push(parent);
        seen.add(parent);
      }
    }
    level = next;
  }
  return undefined;
}

/** The newest commits along first parents, for the recent operations of a view that starts afresh. */
async function newest(store: ObjectStore, from: Commit): Promise<Commit[]> {
  const commits = [from];
  while (commits.length < RECENT_LIMIT) {
    const parent = commits.at(-1)?.parents[0];
    if (parent === undefined) break;
    commits.push(await readCommit(store, parent));
  }
  return commits;
}

const docOf = (change: FileChange): Doc | null => ("doc" in change ? change.doc : null);

function fileChange(
  decode: Codec["decode"],
  path: string,
  data: Uint8Array | undefined,
  added: boolean,
): FileChange {
  if (!data)
    return {
      path,
      problem: {
        path,
        code: "missing_blob",
        message: "its content is missing from the object store",
        severity: "error",
      },
    };
  const decoded = decode(path, data);
  return decoded.ok ? { path, doc: decoded.doc, added } : { path, problem: decoded.problem };
}

function protocolProblem(state: State): Refusal | undefined {
  if (readsProtocol(state.rules.protocol)) return undefined;
  return refuse(
    "protocol_newer",
    `The record speaks protocol ${state.rules.protocol}; this owp reads ${PROTOCOL}. Nothing was changed.`,
    { data: { record: state.rules.protocol, reads: PROTOCOL } },
  );
}

function gone(): Refusal {
  return refuse(
    "record_rewritten",
    "The record's branch is gone from the remote. This clone still has its last copy; nothing was changed.",
    { hint: "owp doctor" },
  );
}

function rewritten(old: Oid, tip: Oid): Refusal {
  return refuse(
    "record_rewritten",
    `The record on the remote (${tip.slice(0, 10)}) does not descend from what this clone saw last (${old.slice(0, 10)}): its history was replaced. Nothing was changed.`,
    { data: { was: old, is: tip } },
  );
}
