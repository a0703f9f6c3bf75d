/** Walks the commit graph. The walk is by commit date with two colours, so that it reads little even across merges. */
import { type CommitFields, decodeCommit } from "./objects.ts";
import type { GitObject, ObjectStore, Oid } from "./ports.ts";
import { MissingObject } from "./tree-cache.ts";

export interface Commit extends CommitFields {
  oid: Oid;
}

const NEW = 1;
const OLD = 2;

export async function readCommit(store: ObjectStore, oid: Oid): Promise<Commit> {
  const [object] = await store.read([oid]);
  if (object?.type !== "commit") throw new MissingObject(oid);
  return commitOf(object);
}

/** The commit that an object is. */
export const commitOf = ({ oid, data }: GitObject): Commit => ({ oid, ...decodeCommit(data) });

export interface Between {
  /** Reachable from the new tip and not from the old one, newest first. */
  commits: Commit[];
  /** false: the old tip is no ancestor of the new one; the history was replaced. */
  descends: boolean;
}

/** The commits that lead from one tip to another; old null: all of them. */
export async function commitsBetween(store: ObjectStore, old: Oid | null, tip: Oid): Promise<Between> {
  const colour = new Map<Oid, number>();
  const loaded = new Map<Oid, Commit>();
  const queue: Commit[] = [];
  const add = async (oid: Oid, paint: number) => {
    const before = colour.get(oid) ?? 0;
    colour.set(oid, before | paint);
    if (loaded.has(oid)) {
      if ((before | paint) !== before && !queue.some((c) => c.oid === oid))
        queue.push(loaded.get(oid) as Commit);
      return;
    }
    const commit = await readCommit(store, oid);
    loaded.set(oid, commit);
    queue.push(commit);
  };
  await add(tip, NEW);
  if (old !== null) await add(old, OLD);
  const isNew = (oid: Oid) => colour.get(oid) === NEW;
  // Of one second the new ones first: so that nothing older than the old tip is read where the history is a line.
  const isBefore = (a: Commit, b: Commit) =>
    a.committer.at_ms > b.committer.at_ms ||
    (a.committer.at_ms === b.committer.at_ms && isNew(a.oid) && !isNew(b.oid));
  while (queue.some((commit) => isNew(commit.oid))) {
    let next = 0;
    for (let i = 1; i < queue.length; i++) if (isBefore(queue[i] as Commit, queue[next] as Commit)) next = i;
    const [commit] = queue.splice(next, 1) as [Commit];
    for (const parent of commit.parents) await add(parent, colour.get(commit.oid) as number);
  }
  const commits = [...loaded.values()].filter((commit) => isNew(commit.oid));
  return { commits, descends: old === null || ((colour.get(old) as number) & NEW) !== 0 };
}

/** The whole history in ledger order, oldest first: parents before children, first parents first. Deterministic in the tip. */
export async function* ledgerOrder(
  store: ObjectStore,
  tip: Oid,
  until?: ReadonlySet<Oid>,
): AsyncGenerator<Commit> {
  const done = new Set<Oid>(until);
  const stack: { commit: Commit; next: number }[] = [];
  const push = async (oid: Oid) => {
    if (!done.has(oid)) stack.push({ commit: await readCommit(store, oid), next: 0 });
  };
  await push(tip);
  while (stack.length > 0) {
    const top = stack.at(-1) as { commit: Commit; next: number };
    const parent = top.commit.parents[top.next++];
    if (parent !== undefined) await push(parent);
    else {
      stack.pop();
      if (!done.has(top.commit.oid)) yield top.commit;
      done.add(top.commit.oid);
    }
  }
}
