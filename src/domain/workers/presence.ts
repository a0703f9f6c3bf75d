/** Is a worker there? A pure reading of heartbeats and of what it did on the record (FEATURES A07–A09). */
import type { Ctx, Pulse } from "../../core/operation.ts";
import type { OpenTask, Snapshot } from "../../core/snapshot.ts";
import { iso, ms } from "../../core/time.ts";
import type { Worker } from "../../generated/types.ts";
import { leaseOf } from "../tasks/state.ts";

export interface Presence {
  /** A sign of life no older than the policy's heartbeat_timeout: a heartbeat, a claim, a renewal, the registration. */
  online: boolean;
  /** What its latest heartbeat said; null: none was seen. */
  status: Pulse["status"] | null;
  note?: string;
  /** The latest sign of life that this clone knows of; null: none. */
  last_seen: string | null;
}

/** held: what the worker holds, for a claim is a sign of life too. isMe: it runs this very command. */
export function presenceOf(
  snapshot: Snapshot,
  worker: Worker,
  held: readonly OpenTask[],
  isMe: boolean,
  ctx: Ctx,
): Presence {
  const { heartbeat_timeout_ms: limit, max_skew_ms } = snapshot.rules;
  const pulse = freshest(ctx.pulses.filter((one) => one.worker === worker.name));
  const acts = held.map(leaseOf).flatMap((lease) => [lease?.claimed_at, lease?.renewed_at]);
  const seen = [worker.created_at, ...acts].map(ms).filter((at) => at <= ctx.now + max_skew_ms);
  if (pulse) seen.push(ctx.now - pulse.unchanged_ms);
  if (isMe) seen.push(ctx.now);
  const last = seen.length > 0 ? Math.max(...seen) : undefined;
  return {
    online: last !== undefined && ctx.now - last <= limit,
    status: pulse?.status ?? null,
    ...(pulse?.note ? { note: pulse.note } : {}),
    last_seen: last === undefined ? null : iso(Math.min(last, ctx.now)),
  };
}

/** Of several clones' heartbeats of one worker, the one that changed last. */
const freshest = (pulses: readonly Pulse[]): Pulse | undefined =>
  pulses.reduce<Pulse | undefined>(
    (best, one) => (best && best.unchanged_ms <= one.unchanged_ms ? best : one),
    undefined,
  );
