/** `owp cancel`: the task will not be done. What depends on it is named, for it waits on. */
import type { Ctx, Plan } from "../../core/operation.ts";
import type { Snapshot } from "../../core/snapshot.ts";
import type { CancelInput } from "../../generated/types.ts";
import { prepare } from "./act.ts";
import { stranded } from "./dependents.ts";
import { type ActResult, onOutcome, unchangedEnd } from "./settle.ts";

export function planCancel(snapshot: Snapshot, input: CancelInput, ctx: Ctx): Plan<ActResult> {
  const at = prepare(snapshot, "cancel", input, ctx);
  if (!at.ok) return at;
  if ("closed" in at) return unchangedEnd(at);
  const warnings = stranded(snapshot, at.task.id);
  return onOutcome(snapshot, ctx, at, "canceled", {
    type: "task.canceled",
    message: input.message,
    warnings,
  });
}
