/** `owp block`: the holder is stuck. The task stays theirs, frees their capacity, and does not expire. */
import type { Ctx, Plan } from "../../core/operation.ts";
import type { Snapshot } from "../../core/snapshot.ts";
import type { BlockInput } from "../../generated/types.ts";
import { prepareHeld } from "./act.ts";
import { renewed } from "./lease.ts";
import { type ActResult, onLease, unchanged } from "./settle.ts";

export function planBlock(snapshot: Snapshot, input: BlockInput, ctx: Ctx): Plan<ActResult> {
  const at = prepareHeld(snapshot, "block", input, ctx);
  if (!at.ok) return at;
  const { message } = input;
  if (at.step.again && !at.forced && at.lease.message === message) return unchanged(at);
  return onLease(
    snapshot,
    ctx,
    at,
    "task.blocked",
    { ...renewed(at.lease, ctx.now), phase: "blocked", message },
    { message },
  );
}
