/** `owp release`: back to the queue. A voluntary hand-back is no attempt; the epoch stays, so that the next one's is larger. */
import type { Ctx, Plan } from "../../core/operation.ts";
import type { OpenTask, Snapshot } from "../../core/snapshot.ts";
import type { ReleaseInput } from "../../generated/types.ts";
import { prepareHeld } from "./act.ts";
import { freed } from "./lease.ts";
import { type ActResult, onLease, unchanged } from "./settle.ts";
import { leaseOf } from "./state.ts";

export function planRelease(snapshot: Snapshot, input: ReleaseInput, ctx: Ctx): Plan<ActResult> {
  const at = prepareHeld(snapshot, "release", input, ctx, (task) => wasFreed(task, "queued", input.epoch));
  if (!at.ok) return at;
  if (at.repeated) return unchanged(at);
  const { message } = input;
  const next = freed(at.task, at.lease, "queued", at.lease.attempt - 1);
  return onLease(
    snapshot,
    ctx,
    at,
    "task.released",
    { ...next, ...(message ? { message } : {}) },
    { message },
  );
}

/** Only its last holder knows the epoch of a lease that no one holds: naming it shows that this act was theirs. */
export function wasFreed(task: OpenTask, phase: "queued" | "retry", epoch: number | undefined): boolean {
  const lease = leaseOf(task);
  return lease !== undefined && !lease.worker && lease.phase === phase && lease.epoch === epoch;
}
