/** The commits of operations that carry a trailer, and what it says: ledgers of their own within the ledger. */
import type { EventRows } from "../core/explains.ts";
import { GatheredReads } from "./gathered.ts";
import { eventOf } from "./ledger.ts";
import { trailersOf } from "./ledger-entry.ts";
import { newestFirst } from "./merges.ts";
import { parseTrailers } from "./objects.ts";
import type { ObjectStore, Oid } from "./ports.ts";
import { type Commit, readCommit } from "./walk.ts";

/** A commit whose trailers count, with the values of the wanted one, in order. */
export interface TrailerCommit {
  commit: Oid;
  /** ms since 1970 by the committer's clock; 0 where that is no time. */
  at_ms: number;
  op: string;
  actor: string;
  values: string[];
}

export interface TrailerLog {
  /** In the ledger's order. */
  commits: TrailerCommit[];
  /** They follow those up to `since`; false: that is not on the line of first parents, and these are all there are. */
  continues: boolean;
  /** How many commits were looked at. */
  read: number;
}

interface Wanted {
  /** The trailer's key. */
  key: string;
  rows: EventRows;
  /** Only what came after this commit. */
  since?: Oid;
  progress?: (stage: string, done: number) => void;
}

/** Commits whose diffs are looked at together, and how many such lots at the same time: while git reads for one, another is compared. */
const AT_ONCE = 256;
const LOTS_AT_ONCE = 3;
const PROGRESS_EVERY = 10_000;

/** Reads forwards from `since`, or the whole history. A foreign commit that has the trailer is none of these. */
export async function readTrailerLog(store: ObjectStore, tip: Oid, wanted: Wanted): Promise<TrailerLog> {
  const lots: Promise<TrailerCommit[]>[] = [];
  let waiting: Commit[] = [];
  const examine = () => {
    const lot = explained(store, waiting, wanted);
    lot.catch(() => undefined); // It is told when the lot is awaited.
    lots.push(lot);
    waiting = [];
  };
  let mainline: Oid | undefined = tip;
  let continues = false;
  let read = 0;
  for await (const commit of newestFirst(store, tip)) {
    // Only on this line is everything before it in the ledger its history: a side of a merge comes later.
    const isMainline = commit.oid === mainline;
    continues = isMainline && commit.oid === wanted.since;
    if (continues) break;
    if (isMainline) mainline = commit.parents[0];
    if (carries(commit, wanted.key)) waiting.push(commit);
    if (waiting.length === AT_ONCE) examine();
    await lots.at(-LOTS_AT_ONCE - 1);
    if (++read % PROGRESS_EVERY === 0) wanted.progress?.("reading the ledger", read);
  }
  examine();
  return { commits: (await Promise.all(lots)).flat().reverse(), continues, read };
}

/** Such a commit with the tasks that it names, and its tree to read them in. */
export interface PlacedCommit extends TrailerCommit {
  tree: Oid;
  tasks: string[];
}

/** The same of commits that are known to be there, in the order given. */
export async function readTrailersAt(
  store: ObjectStore,
  commits: readonly Oid[],
  key: string,
): Promise<PlacedCommit[]> {
  const gathered = new GatheredReads(store);
  const read = await Promise.all(commits.map((oid) => readCommit(gathered, oid)));
  return read.flatMap((commit) => {
    const found = trailerCommit(commit, key);
    const tasks = trailersOf(commit)?.tasks.map(({ id }) => id) ?? [];
    return found ? { ...found, tree: commit.tree, tasks } : [];
  });
}

const carries = (commit: Commit, key: string): boolean =>
  commit.message.includes(`\n${key}:`) && trailerCommit(commit, key) !== undefined;

/** Those whose trailers explain their diff. */
async function explained(
  store: ObjectStore,
  commits: readonly Commit[],
  { key, rows }: Wanted,
): Promise<TrailerCommit[]> {
  const gathered = new GatheredReads(store);
  const events = await Promise.all(
    commits.map((commit) => eventOf(gathered, commit, rows, Number.POSITIVE_INFINITY)),
  );
  return commits.flatMap((commit, index) =>
    events[index]?.op === undefined ? [] : (trailerCommit(commit, key) ?? []),
  );
}

function trailerCommit(commit: Commit, key: string): TrailerCommit | undefined {
  const entry = trailersOf(commit);
  const values = entry
    ? parseTrailers(commit.message).flatMap(([name, value]) => (name === key ? [value] : []))
    : [];
  if (!entry || values.length === 0) return undefined;
  const { op, actor } = entry;
  return { commit: commit.oid, at_ms: commit.committer.at_ms, op, actor, values };
}
