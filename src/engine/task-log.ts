/** The commits about one task, found backwards from the tip: trailers name the task, and its lease is read at each. */
import { type EventRows, parseFile } from "../core/explains.ts";
import { pathOf } from "../core/paths.ts";
import { eventOf } from "./ledger.ts";
import { trailersOf } from "./ledger-entry.ts";
import { newestFirst } from "./merges.ts";
import type { ObjectStore, Oid } from "./ports.ts";
import { readPath } from "./tree.ts";
import type { Commit } from "./walk.ts";

/** A commit about the task. Whatever its trailers do not explain is one `record.edited`. */
export interface TaskCommit {
  /** ISO 8601, by the committer's clock. */
  at: string;
  event: string;
  actor: string;
  /** What its author said of it. */
  message?: string;
  /** The task's lease after it; undefined where there is none, or none that can be read. */
  lease?: unknown;
}

export interface TaskLog {
  /** Oldest first. */
  commits: TaskCommit[];
  /** false: the search ended before it came to the first of them. */
  complete: boolean;
}

/** How far back one question looks: commits that are read, and of them commits about the task. */
export interface TaskLogLimits {
  commits: number;
  found: number;
}

/** isFirst: nothing about the task is older than this. */
export async function readTaskLog(
  store: ObjectStore,
  tip: Oid,
  task: string,
  rows: EventRows,
  isFirst: (commit: TaskCommit) => boolean,
  limits: TaskLogLimits,
): Promise<TaskLog> {
  const commits: TaskCommit[] = [];
  let read = 0;
  for await (const commit of newestFirst(store, tip)) {
    if (read++ >= limits.commits || commits.length >= limits.found)
      return { commits: commits.reverse(), complete: false };
    if (!trailersOf(commit)?.tasks.some(({ id }) => id === task)) continue;
    const found = await taskCommit(store, commit, task, rows);
    commits.push(found);
    if (isFirst(found)) break;
  }
  return { commits: commits.reverse(), complete: true };
}

async function taskCommit(
  store: ObjectStore,
  commit: Commit,
  task: string,
  rows: EventRows,
): Promise<TaskCommit> {
  const { at, event, actor, op } = await eventOf(store, commit, rows, Number.POSITIVE_INFINITY);
  const path = pathOf("Lease", task);
  const lease = parseFile(path, await readPath(store, commit.tree, path)).value;
  const message = op === undefined ? "" : bodyOf(commit.message);
  return {
    at,
    event,
    actor,
    ...(message === "" ? {} : { message }),
    ...(lease === undefined ? {} : { lease }),
  };
}

/** What stands between the subject and the trailers of an operation's commit. */
const bodyOf = (message: string): string => message.trimEnd().split("\n\n").slice(1, -1).join("\n\n");
