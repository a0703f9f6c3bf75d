/** `owp resume`: from blocked, or from an open pull request, back to work. It takes capacity and the area's lock again. */
import type { Ctx, Plan } from "../../core/operation.ts";
import type { Snapshot } from "../../core/snapshot.ts";
import { durationMs, iso } from "../../core/time.ts";
import type { Lease, ResumeInput } from "../../generated/types.ts";
import { prepareHeld } from "./act.ts";
import { readmit } from "./admit.ts";
import { renewed, without } from "./lease.ts";
import { type ActResult, onLease, unchanged } from "./settle.ts";

export function planResume(snapshot: Snapshot, input: ResumeInput, ctx: Ctx): Plan<ActResult> {
  const at = prepareHeld(snapshot, "resume", input, ctx);
  if (!at.ok) return at;
  if (at.step.again && !at.forced) return unchanged(at);
  if (at.lease.phase === "in_progress")
    return onLease(snapshot, ctx, at, "task.resumed", renewed(at.lease, ctx.now));
  const room = readmit(snapshot, at, at.lease.worker ?? at.name, ctx);
  if (!room.ok) return room;
  return onLease(snapshot, ctx, at, "task.resumed", restarted(at.lease, ctx.now), { lapsed: room.lapsed });
}

/** Blocked work does not expire, so its old end may be long past: the time starts anew. */
function restarted(lease: Lease, now: number): Lease {
  const next: Lease = { ...without(lease, "message"), phase: "in_progress" };
  if (!lease.ttl) return next;
  return { ...next, renewed_at: iso(now), expires_at: iso(now + durationMs(lease.ttl)) };
}
