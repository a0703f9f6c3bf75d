/** A change as it is put on a branch for review: what someone with an editor would have written, so that it merges easily. */
import type { Change, Plan } from "../../core/operation.ts";
import { placeOf } from "../../core/paths.ts";
import type { Snapshot } from "../../core/snapshot.ts";
import type { Task } from "../../generated/types.ts";

/**
 * (suspends) The plan without what would make two changes conflict that have nothing to do with each other: updated_at,
 * which every edit of a task writes, and the registration of its author, which belongs to the author's first act.
 */
export function asProposal<R>(snapshot: Snapshot, plan: Plan<R>): Plan<R> {
  if (!plan.ok) return plan;
  const changes = plan.changes
    .filter(({ path }) => placeOf(path)?.kind !== "Worker")
    .map((change) => (placeOf(change.path)?.kind === "Task" ? asOfBefore(snapshot, change) : change));
  return { ...plan, changes };
}

function asOfBefore(snapshot: Snapshot, change: Change): Change {
  const before = snapshot.doc<Task>(change.path)?.value;
  if (before === undefined || change.value === null) return change;
  const { updated_at: _moment, ...task } = change.value as Task;
  const { updated_at } = before;
  return { ...change, value: updated_at === undefined ? task : { ...task, updated_at } };
}
