/** What merges bring into a history, and what they decide themselves: people and hosts make them, and push what came out. */
import type { ObjectStore, Oid } from "./ports.ts";
import { diffTrees, readPaths } from "./tree.ts";
import { type Commit, commitsBetween, ledgerOrder, readCommit } from "./walk.ts";

/** The commits that are reachable from a tip and from none of the others, in ledger order. */
export async function commitsSince(store: ObjectStore, others: readonly Oid[], tip: Oid): Promise<Commit[]> {
  let wanted: Set<Oid> | undefined;
  let parents: Oid[] = [];
  for (const other of others.length > 0 ? others : [null]) {
    const { commits } = await commitsBetween(store, other, tip);
    const fresh = commits.filter(({ oid }) => wanted?.has(oid) ?? true);
    wanted = new Set(fresh.map(({ oid }) => oid));
    parents = fresh.flatMap((commit) => commit.parents);
  }
  const before = new Set(parents.filter((oid) => !wanted?.has(oid)));
  const ordered: Commit[] = [];
  if (wanted?.has(tip)) for await (const commit of ledgerOrder(store, tip, before)) ordered.push(commit);
  return ordered;
}

/** The history in ledger order backwards: a merge, what its sides bring, and on along the first parents. Reads as it goes. */
export async function* newestFirst(store: ObjectStore, tip: Oid): AsyncGenerator<Commit> {
  for (let oid: Oid | undefined = tip; oid !== undefined; ) {
    const commit: Commit = await readCommit(store, oid);
    yield commit;
    for (let side = commit.parents.length - 1; side > 0; side--)
      yield* (
        await commitsSince(store, commit.parents.slice(0, side), commit.parents[side] as Oid)
      ).reverse();
    oid = commit.parents[0];
  }
}

/**
 * The paths that a commit itself changed. Of a merge those that it decided: a file that is no plain merge of what its sides
 * made of it. What is one is told by the sides' own commits.
 */
export async function ownPaths(store: ObjectStore, commit: Commit): Promise<string[]> {
  const sides = await Promise.all(commit.parents.map(async (oid) => (await readCommit(store, oid)).tree));
  if (sides.length < 2) return pathsOf(await diffTrees(store, sides[0] ?? null, commit.tree));
  const diffs = await Promise.all(sides.map((side) => diffTrees(store, side, commit.tree)));
  const paths = [...new Set(diffs.flatMap(pathsOf))].sort();
  const base = await baseTree(store, commit);
  const at = await Promise.all([commit.tree, base, ...sides].map((tree) => readPaths(store, tree, paths)));
  const own: string[] = [];
  for (const [index, path] of paths.entries()) {
    const [now = null, before = null, ...were] = at.map((blobs) => blobs[index] ?? null);
    if (!(await isPlainMerge(store, now, before, were))) own.push(path);
  }
  return own;
}

/** As git makes one without asking: the one side's change, or the lines of both sides' changes. */
async function isPlainMerge(
  store: ObjectStore,
  now: Oid | null,
  before: Oid | null,
  were: readonly (Oid | null)[],
): Promise<boolean> {
  const changed = [...new Set(were.filter((oid) => oid !== before))];
  if (changed.length === 0) return now === before;
  if (changed.length === 1) return now === changed[0];
  const blobs = [now, before, ...changed].filter((oid) => oid !== null);
  if (blobs.length !== 4) return false;
  const [merged, old, one, other] = (await store.read(blobs)).map((blob) => linesOf(blob?.data));
  const count = (lines: ReadonlyMap<string, number> | undefined, line: string) => lines?.get(line) ?? 0;
  return [...new Set([merged, old, one, other].flatMap((lines) => [...(lines?.keys() ?? [])]))].every(
    (line) => {
      const [more, mine, theirs] = [merged, one, other].map((lines) => count(lines, line) - count(old, line));
      // The same change on both sides is made once.
      return more === (mine ?? 0) + (theirs ?? 0) || (mine === theirs && more === mine);
    },
  );
}

/** How often each line stands in a text. */
function linesOf(data: Uint8Array | undefined): Map<string, number> {
  const lines = new Map<string, number>();
  for (const line of new TextDecoder().decode(data).split("\n")) lines.set(line, (lines.get(line) ?? 0) + 1);
  return lines;
}

const pathsOf = (changes: readonly { path: string }[]): string[] => changes.map(({ path }) => path);

/** The tree from which a merge's first two sides went apart; of several the newest. null: they have nothing in common. */
async function baseTree(store: ObjectStore, { parents }: Commit): Promise<Oid | null> {
  const [first, second] = parents as [Oid, Oid];
  const side = await commitsSince(store, [first], second);
  const brought = new Set(side.map(({ oid }) => oid));
  const shared = new Set(side.flatMap((commit) => commit.parents).filter((oid) => !brought.has(oid)));
  if (!brought.has(second)) shared.add(second);
  const commits = await Promise.all([...shared].map((oid) => readCommit(store, oid)));
  return commits.sort((a, b) => b.committer.at_ms - a.committer.at_ms)[0]?.tree ?? null;
}
