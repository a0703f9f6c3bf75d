/** Who leads here: a task's packets and runs, a run's artifacts; read from the index, wherever the Ref was written. */
import { readObjects } from "../../core/docs.ts";
import type { ObjectRow } from "../../core/object-rows.ts";
import { kindOfId, type ObjectKind } from "../../core/paths.ts";
import type { Snapshot } from "../../core/snapshot.ts";

/** (suspends) The objects of a kind that lead to this id, by one field where it is named; the newest first. */
export function pointing(snapshot: Snapshot, id: string, kind: ObjectKind, field?: string): ObjectRow[] {
  const ids = snapshot.pointingTo(id).filter((source) => kindOfId(source) === kind);
  return readObjects(snapshot, ids)
    .filter(({ links }) =>
      links.some(([at, target]) => target === id && (field === undefined || at === field)),
    )
    .sort(newestFirst);
}

const BLOCKED_BY = "relationships.blocked_by";

/** (suspends) The tasks that wait for this one: those that say so themselves, where it counts, and those that it lists. */
export function blockedBy(snapshot: Snapshot, id: string, listed: readonly string[] = []): string[] {
  const waiting = snapshot
    .pointingTo(id)
    .filter((source) => snapshot.links(source).some(([field, to]) => field === BLOCKED_BY && to === id));
  return [...new Set([...listed, ...waiting])].sort();
}

/** Ids are made in the order of time, which decides between objects of one moment. */
export const newestFirst = (a: ObjectRow, b: ObjectRow): number =>
  a.created_at === b.created_at ? (a.id < b.id ? 1 : -1) : a.created_at < b.created_at ? 1 : -1;
