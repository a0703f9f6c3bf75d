/** The newest operations of a record as one clone saw them happen. */
import { trailersOf } from "./ledger-entry.ts";
import type { Oid } from "./ports.ts";
import type { Commit } from "./walk.ts";

/** An operation's commit as the view remembers it, newest first: for clocks, fairness and the question "did it land?". */
export interface RecentOp {
  oid: Oid;
  op: string;
  actor: string;
  clone: string;
  /** ms since 1970 by its own clock. */
  at: number;
  /** Elapsed ms (Clock.elapsed) when this clone saw it happen; of what one fetch brought, when that most likely was. */
  seen: number;
}

/** The operations among commits, in the order given. seen: elapsed ms now. */
export function recentOps(commits: readonly Commit[], seen: number): RecentOp[] {
  return commits.flatMap((commit) => {
    const trailers = trailersOf(commit);
    if (!trailers) return [];
    const { op, actor, clone } = trailers;
    return [{ oid: commit.oid, op, actor, clone, at: commit.committer.at_ms, seen }];
  });
}

/**
 * Operations that one fetch brought, newest first, landed one after another, and not all when they were seen: at even
 * distances, over as long as their own clocks say and no longer ago than the last one before them was seen.
 */
export function justFetched(ops: readonly RecentOp[], before: number | undefined): RecentOp[] {
  const [newest, oldest] = [ops[0], ops.at(-1)];
  if (!newest || !oldest || before === undefined) return [...ops];
  const span = Math.max(0, Math.min(newest.seen - before, newest.at - oldest.at));
  return ops.map((op, index) => ({ ...op, seen: op.seen - (span * index) / Math.max(1, ops.length - 1) }));
}
