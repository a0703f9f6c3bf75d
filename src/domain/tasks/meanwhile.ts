/** A merge that ended a holder's task took nothing from them: whoever says done afterwards hears that it is. */
import type { Ctx } from "../../core/operation.ts";
import type { ClosedTask, Snapshot } from "../../core/snapshot.ts";
import { actingWorker } from "../workers/acting.ts";
import type { ActInput } from "./act.ts";
import { mergedAs } from "./docs.ts";
import { findTask } from "./find.ts";
import { heldBy } from "./scheduling.ts";

/** (suspends) The task that the caller means and that a merge ended while they held it; without an id, the last one to end of a worker who holds nothing. */
export function mergedMeanwhile(
  snapshot: Snapshot,
  { id, epoch }: ActInput,
  ctx: Ctx,
): { ok: true; closed: ClosedTask } | undefined {
  const { name } = actingWorker(snapshot, ctx);
  const closed = id === undefined ? lastEnded(snapshot, name) : closedTask(snapshot, id);
  if (closed?.status !== "done" || closed.worker !== name) return undefined;
  if (mergedAs(snapshot, closed.id) === undefined) return undefined;
  // The epoch that they held the task under; the merge took the next one where another settled it.
  const isTheirs = epoch === undefined || epoch === closed.epoch || epoch === closed.epoch - 1;
  return isTheirs ? { ok: true, closed } : undefined;
}

function closedTask(snapshot: Snapshot, id: string): ClosedTask | undefined {
  const found = findTask(snapshot, id);
  return found.ok ? found.closed : undefined;
}

function lastEnded(snapshot: Snapshot, name: string): ClosedTask | undefined {
  if (heldBy(snapshot, name).length > 0) return undefined;
  let last: ClosedTask | undefined;
  for (const task of snapshot.closed())
    if (task.worker === name && (!last || task.ended_at > last.ended_at)) last = task;
  return last;
}
