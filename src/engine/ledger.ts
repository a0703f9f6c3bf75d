/** The ledger: operations and edits as the commit log tells them, in one deterministic order. */
import {
  ANYTHING,
  type EventRows,
  epochOf,
  parseFile,
  type Told,
  tasksIn,
  touchesOf,
  whyNoOperation,
} from "../core/explains.ts";
import { pathOf } from "../core/paths.ts";
import { type Entry, trailersOf } from "./ledger-entry.ts";
import { newestFirst, ownPaths } from "./merges.ts";
import type { ObjectStore, Oid } from "./ports.ts";
import { readPaths } from "./tree.ts";
import { type Commit, readCommit } from "./walk.ts";

/** One commit as an event. Whatever is no operation of owp's is one `record.edited`. */
export interface LogEvent {
  commit: Oid;
  /** ISO 8601, by the committer's clock. */
  at: string;
  event: string;
  /** The worker, or the commit's author for an edit. */
  actor: string;
  op?: string;
  subject: string;
  tasks: { id: string; epoch?: number }[];
  /** Paths that the commit itself changed; of a merge, what it decided. */
  paths: string[];
  /** Dated so far in the future that its time says nothing. */
  future?: true;
}

export interface LogFilter {
  task?: string;
  worker?: string;
  /** Exact, or a prefix with a star: `task.*`. */
  event?: string;
  sinceMs?: number;
  limit: number;
}

const FUTURE_MS = 24 * 3_600_000;

/** The newest events that pass the filter, newest first. */
export async function readLog(
  store: ObjectStore,
  tip: Oid,
  filter: LogFilter,
  rows: EventRows,
  nowMs: number,
): Promise<LogEvent[]> {
  const events: LogEvent[] = [];
  for await (const commit of newestFirst(store, tip)) {
    if (events.length >= filter.limit) break;
    const event = await eventOf(store, commit, rows, nowMs);
    // A merge that decided nothing: what it brings is told by the commits that it brings.
    if (commit.parents.length > 1 && event.paths.length === 0) continue;
    if (passes(event, filter)) events.push(event);
  }
  return events;
}

/** Reads one commit as an event. Its trailers count only where they explain its diff. */
export async function eventOf(
  store: ObjectStore,
  commit: Commit,
  rows: EventRows,
  nowMs: number,
): Promise<LogEvent> {
  const parent = commit.parents[0];
  const before = parent === undefined ? null : (await readCommit(store, parent)).tree;
  const paths = await ownPaths(store, commit);
  const entry = trailersOf(commit);
  const explained =
    entry !== undefined &&
    whyNoOperation(await toldBy(store, commit, entry, { before, paths }, rows), rows) === undefined;
  const event: LogEvent = {
    commit: commit.oid,
    at: new Date(commit.committer.at_ms).toISOString(),
    event: explained ? entry.event : "record.edited",
    actor: explained ? entry.actor : commit.author.name,
    ...(explained && { op: entry.op }),
    subject: commit.message.split("\n", 1)[0] ?? "",
    tasks: explained ? entry.tasks : tasksIn(paths).map((id) => ({ id })),
    paths,
  };
  if (commit.committer.at_ms > nowMs + FUTURE_MS) event.future = true;
  return event;
}

/** The commit as the test of its trailers sees it, with the files read that they speak of. */
async function toldBy(
  store: ObjectStore,
  commit: Commit,
  entry: Entry,
  diff: { before: Oid | null; paths: readonly string[] },
  rows: EventRows,
): Promise<Told> {
  const named = new Set(entry.tasks.filter(({ epoch }) => epoch !== undefined).map(({ id }) => id));
  const wanted = tasksIn(diff.paths)
    .filter((id) => named.has(id))
    .flatMap((id) => [pathOf("Task", id), pathOf("Lease", id)]);
  const oids = await readPaths(store, commit.tree, wanted);
  const blobs = await store.read(oids.filter((oid) => oid !== null));
  let next = 0;
  const files = new Map(
    wanted.map((path, index) => [
      path,
      parseFile(path, oids[index] === null ? undefined : blobs[next++]?.data),
    ]),
  );
  // Only the operation that begins a record asks whether there was one.
  const begins = touchesOf(entry.event, rows).has(ANYTHING);
  const [policy] = begins ? await readPaths(store, diff.before, [pathOf("Policy", "owp")]) : [];
  return {
    parents: commit.parents.length,
    entry,
    paths: diff.paths,
    first: begins && policy === null,
    epochAfter: (id) => epochOf(id, (path) => files.get(path) ?? parseFile(path, undefined)),
  };
}

function passes(event: LogEvent, filter: LogFilter): boolean {
  if (filter.task && !event.tasks.some((task) => task.id === filter.task)) return false;
  if (filter.worker && event.actor !== filter.worker) return false;
  if (filter.sinceMs !== undefined && Date.parse(event.at) < filter.sinceMs) return false;
  if (!filter.event) return true;
  return filter.event.endsWith("*")
    ? event.event.startsWith(filter.event.slice(0, -1))
    : event.event === filter.event;
}
