/** How some files of a record came to be what they are: every version of each, and the last good one on each line of history. */
import { trailersOf } from "./ledger-entry.ts";
import { isTreeMode, SUBMODULE, type TreeEntry } from "./objects.ts";
import type { ObjectStore, Oid } from "./ports.ts";
import { loadTrees } from "./tree-cache.ts";
import { ledgerOrder } from "./walk.ts";

/** A commit as far as a history of files needs it; a hundred thousand of them are held at once. */
export interface Step {
  oid: Oid;
  /** Its place in the ledger's order. */
  order: number;
  tree: Oid;
  parents: readonly Oid[];
  subject: string;
  author: string;
  at_ms: number;
  /** No operation's trailers: a person or a host made it. */
  byHand: boolean;
}

/** All commits up to a tip, in ledger order: parents before children. */
export async function stepsTo(store: ObjectStore, tip: Oid): Promise<Step[]> {
  const steps: Step[] = [];
  for await (const commit of ledgerOrder(store, tip)) {
    const { oid, tree, parents, message, author, committer } = commit;
    const subject = message.split("\n", 1)[0] ?? "";
    const byHand = trailersOf(commit) === undefined;
    steps.push({
      oid,
      order: steps.length,
      tree,
      parents,
      subject,
      author: author.name,
      at_ms: committer.at_ms,
      byHand,
    });
  }
  return steps;
}

/** A file at a commit; null: there was none. */
export interface Version {
  step: Step;
  blob: Oid | null;
}

/** Commits whose trees are read together: a round trip a level of folders, instead of one a commit. */
const AT_ONCE = 500;

/** The blob at each path, for each step. */
async function blobsIn(
  store: ObjectStore,
  steps: readonly Step[],
  paths: readonly string[],
): Promise<(Oid | null)[][]> {
  const folders = new Map<Oid, ReadonlyMap<string, TreeEntry>>();
  const names = paths.map((path) => path.split("/"));
  const entryAt = (tree: Oid, way: readonly string[]): TreeEntry | undefined => {
    let entry: TreeEntry | undefined;
    for (let at = 0, folder: Oid | undefined = tree; at < way.length; at++) {
      entry = folder === undefined ? undefined : folders.get(folder)?.get(way[at] ?? "");
      folder = entry && isTreeMode(entry.mode) ? entry.oid : undefined;
    }
    return entry;
  };
  const deepest = Math.max(...names.map((way) => way.length));
  for (let depth = 0; depth < deepest; depth++) {
    const ways = new Set(
      names.filter((way) => way.length > depth).map((way) => way.slice(0, depth).join("/")),
    );
    const wanted = steps.flatMap(({ tree }) =>
      [...ways].map((way) => (way === "" ? tree : folderOf(entryAt(tree, way.split("/"))))),
    );
    const fresh = new Set(wanted.filter((oid) => oid !== undefined && !folders.has(oid)) as Oid[]);
    for (const [oid, entries] of await loadTrees(store, [...fresh]))
      folders.set(oid, new Map(entries.map((entry) => [entry.name, entry])));
  }
  return steps.map(({ tree }) => names.map((way) => blobOid(entryAt(tree, way))));
}

const folderOf = (entry: TreeEntry | undefined): Oid | undefined =>
  entry && isTreeMode(entry.mode) ? entry.oid : undefined;

const blobOid = (entry: TreeEntry | undefined): Oid | null =>
  entry && !isTreeMode(entry.mode) && entry.mode !== SUBMODULE ? entry.oid : null;

export class PathHistory {
  private readonly steps = new Map<Oid, Step>();
  /** The blob at each path, by commit. Commits that change none share the list of their first parent. */
  private readonly blobs = new Map<Oid, readonly (Oid | null)[]>();

  private constructor(private readonly index: ReadonlyMap<string, number>) {}

  /** steps: a whole history, as stepsTo answers it. */
  static async read(
    store: ObjectStore,
    steps: readonly Step[],
    paths: readonly string[],
  ): Promise<PathHistory> {
    const history = new PathHistory(new Map(paths.map((path, at) => [path, at])));
    for (let from = 0; from < steps.length; from += AT_ONCE) {
      const part = steps.slice(from, from + AT_ONCE);
      const read = await blobsIn(store, part, paths);
      for (const [at, step] of part.entries()) {
        const blobs = read[at] ?? [];
        const before = history.blobs.get(step.parents[0] ?? "");
        history.steps.set(step.oid, step);
        history.blobs.set(step.oid, before?.every((blob, index) => blob === blobs[index]) ? before : blobs);
      }
    }
    return history;
  }

  /** The file at a commit. */
  at(commit: Oid, path: string): Oid | null {
    return this.blobs.get(commit)?.[this.index.get(path) ?? -1] ?? null;
  }

  /** What the file has been, oldest first: each commit that left it as none of its parents had it. */
  versions(path: string): Version[] {
    const found: Version[] = [];
    for (const step of this.steps.values()) {
      const blob = this.at(step.oid, path);
      const before = step.parents.map((parent) => this.at(parent, path));
      if (before.length === 0 ? blob !== null : !before.includes(blob)) found.push({ step, blob });
    }
    return found;
  }

  /** From a tip backwards, on each line of history, the last commit at which the file was good; first parents first. */
  lastGood(tip: Oid, path: string, isGood: (blob: Oid) => boolean): Version[] {
    const found: Version[] = [];
    const seen = new Set<Oid>();
    const stack = [tip];
    for (let oid = stack.pop(); oid !== undefined; oid = stack.pop()) {
      const step = this.steps.get(oid);
      if (!step || seen.has(oid)) continue;
      seen.add(oid);
      const blob = this.at(oid, path);
      if (blob !== null && isGood(blob)) found.push({ step, blob });
      else stack.push(...[...step.parents].reverse());
    }
    return found;
  }
}
