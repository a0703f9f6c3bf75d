/** One step of history as the rules want to see it: what a commit changed, and whatever else of the record they ask for. */
import {
  type ChangedFile,
  type Content,
  type Files,
  type Need,
  type Past,
  Wanted,
} from "../../domain/validate/commit-view.ts";
import { entryIn } from "../../engine/ledger-entry.ts";
import type { ObjectStore, Oid } from "../../engine/ports.ts";
import { listFiles, readPaths, type TreeChange } from "../../engine/tree.ts";
import { readCommit } from "../../engine/walk.ts";
import { contentsOf } from "./record.ts";

type Side = "before" | "after";

const COMMITS_KEPT = 100_000;

/** The trees of a commit and of a parent, of which parts are loaded. before null: a first commit has none. */
export class Step {
  readonly before: Files;
  readonly after: Files;
  readonly #trees: Record<Side, Oid | null>;
  readonly #files = { before: new Map<string, Content>(), after: new Map<string, Content>() };
  readonly #folders = { before: new Map<string, string[]>(), after: new Map<string, string[]>() };

  constructor(
    private readonly store: ObjectStore,
    private readonly past: LoadedPast,
    before: Oid | null,
    after: Oid,
  ) {
    this.#trees = { before, after };
    this.before = this.#side("before");
    this.after = this.#side("after");
  }

  #side(side: Side): Files {
    return {
      read: (path) => {
        if (!this.#files[side].has(path)) throw new Wanted({ side, file: path });
        return this.#files[side].get(path);
      },
      below: (folder) => {
        const paths = this.#folders[side].get(folder);
        if (!paths) throw new Wanted({ side, folder });
        return paths;
      },
    };
  }

  /** Loads these files on both sides. */
  async load(paths: readonly string[]): Promise<void> {
    for (const side of ["before", "after"] as const) await this.#read(side, paths);
  }

  /** Runs a check until nothing more is wanted; each time it is run anew. */
  async check<T>(run: () => T): Promise<T> {
    for (;;) {
      try {
        return run();
      } catch (error) {
        if (!(error instanceof Wanted)) throw error;
        await this.#meet(error.need);
      }
    }
  }

  async #meet(need: Need): Promise<void> {
    if ("since" in need) await this.past.load(need.since, need.notBefore_ms);
    else if ("folder" in need) await this.#list(need.side, need.folder);
    else await this.#read(need.side, [need.file]);
  }

  async #list(side: Side, folder: string): Promise<void> {
    const tree = this.#trees[side];
    const files = tree === null ? [] : await listFiles(this.store, tree, [folder]);
    for (const [{ path }, bytes] of await contentsOf(this.store, files)) this.#files[side].set(path, bytes);
    this.#folders[side].set(
      folder,
      files.map(({ path }) => path),
    );
  }

  async #read(side: Side, paths: readonly string[]): Promise<void> {
    const oids = await readPaths(this.store, this.#trees[side], paths);
    const there = paths.flatMap((path, index) => {
      const oid = oids[index];
      return oid == null ? [] : [{ path, oid }];
    });
    for (const path of paths) this.#files[side].set(path, undefined);
    for (const [{ path }, bytes] of await contentsOf(this.store, there)) this.#files[side].set(path, bytes);
  }
}

/** What lies behind a commit, as far as a check has asked for it. */
export class LoadedPast implements Past {
  readonly #known = new Map<Oid, ReturnType<Past["since"]>>();

  constructor(
    private readonly commits: Commits,
    private readonly parents: readonly Oid[],
  ) {}

  since(oid: Oid, notBefore_ms: number): ReturnType<Past["since"]> {
    if (!this.#known.has(oid)) throw new Wanted({ since: oid, notBefore_ms });
    return this.#known.get(oid);
  }

  /** All paths from the commit back to this one, or to where the limit is. */
  async load(oid: Oid, notBefore_ms: number): Promise<void> {
    const seen = new Set<Oid>(this.parents);
    const ops = new Set<string>();
    let until_ms = this.parents.includes(oid) ? Number.POSITIVE_INFINITY : undefined;
    for (const next of seen) {
      if (next === oid) continue;
      const commit = await this.commits.read(next);
      if (commit.parents.includes(oid)) until_ms = Math.max(until_ms ?? 0, commit.at_ms);
      if (commit.op !== undefined) ops.add(commit.op);
      if (commit.at_ms >= notBefore_ms) for (const parent of commit.parents) seen.add(parent);
    }
    this.#known.set(oid, until_ms === undefined ? undefined : { until_ms, ops });
  }
}

/** What a walk needs of a commit; kept, since one stamp after the other looks at the same ones. */
export class Commits {
  readonly #known = new Map<Oid, { at_ms: number; parents: readonly Oid[]; op?: string }>();

  constructor(private readonly store: ObjectStore) {}

  async read(oid: Oid): Promise<{ at_ms: number; parents: readonly Oid[]; op?: string }> {
    const known = this.#known.get(oid);
    if (known) return known;
    const { committer, parents, message } = await readCommit(this.store, oid);
    const op = entryIn(message)?.op;
    const fresh = { at_ms: committer.at_ms, parents, ...(op === undefined ? {} : { op }) };
    if (this.#known.size >= COMMITS_KEPT) this.#known.clear();
    this.#known.set(oid, fresh);
    return fresh;
  }
}

/** The changed files with their texts, and the paths of those that the store lacks. */
export async function readChanged(
  store: ObjectStore,
  changes: readonly TreeChange[],
): Promise<{ changed: ChangedFile[]; lost: string[] }> {
  const sides = changes.flatMap(({ before, after }) => [before, after]).filter((oid) => oid !== null);
  const contents = (
    await contentsOf(
      store,
      sides.map((oid) => ({ oid })),
    )
  ).values();
  const take = (oid: Oid | null) => (oid === null ? undefined : contents.next().value?.[1]);
  const lost: string[] = [];
  const changed: ChangedFile[] = [];
  for (const { path, before, after } of changes) {
    const [old, fresh] = [take(before), take(after)];
    if ((before !== null && !old) || (after !== null && !fresh)) lost.push(path);
    else changed.push({ path, ...(old ? { before: old } : {}), ...(fresh ? { after: fresh } : {}) });
  }
  return { changed, lost };
}
