/** `owp fail`: an attempt came to nothing. With attempts left the task waits for a retry; without, it ends as failed. */
import type { Ctx, Plan } from "../../core/operation.ts";
import type { Rules, Snapshot } from "../../core/snapshot.ts";
import { iso } from "../../core/time.ts";
import type { FailInput, Lease } from "../../generated/types.ts";
import { costOf } from "../runs/cost.ts";
import { prepare } from "./act.ts";
import { stranded } from "./dependents.ts";
import { freed } from "./lease.ts";
import { wasFreed } from "./release.ts";
import { type ActResult, onLease, onOutcome, unchanged, unchangedEnd } from "./settle.ts";
import { maxAttempts } from "./state.ts";

export function planFail(snapshot: Snapshot, input: FailInput, ctx: Ctx): Plan<ActResult> {
  const at = prepare(snapshot, "fail", input, ctx, (task) => wasFreed(task, "retry", input.epoch));
  if (!at.ok) return at;
  if ("closed" in at) return unchangedEnd(at);
  if (at.repeated) return unchanged(at);
  const { message, category, no_retry } = input;
  const { lease, task } = at;
  if (lease && !no_retry && lease.attempt < maxAttempts(task, snapshot.rules)) {
    const next = freed(task, lease, "retry", lease.attempt);
    const from = notBefore(lease, snapshot.rules, ctx.now);
    const retry: Lease = { ...next, ...(from ? { not_before: from } : {}), ...(message ? { message } : {}) };
    return onLease(snapshot, ctx, at, "task.retry", retry, { message, category, ...costOf(input) });
  }
  const warnings = stranded(snapshot, task.id);
  return onOutcome(snapshot, ctx, at, "failed", {
    type: "task.failed",
    message,
    category,
    warnings,
    ...costOf(input),
  });
}

const DOUBLINGS_LIMIT = 30;

/** The wait doubles with each attempt, up to the policy's cap; undefined: no wait. */
function notBefore(
  { attempt }: Lease,
  { backoff_ms, backoff_cap_ms }: Rules,
  now: number,
): string | undefined {
  if (backoff_ms === 0) return undefined;
  const doublings = Math.min(Math.max(0, attempt - 1), DOUBLINGS_LIMIT);
  return iso(now + Math.min(backoff_ms * 2 ** doublings, backoff_cap_ms));
}
