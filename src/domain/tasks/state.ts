/** Where a task stands: a pure reading of its file, its lease and the moment (FEATURES F08). */
import type { Ctx } from "../../core/operation.ts";
import type { OpenTask, Rules, Snapshot } from "../../core/snapshot.ts";
import { ms, spell } from "../../core/time.ts";
import type { Lease } from "../../generated/types.ts";
import { isExpired } from "../jobs/expiry.ts";

/**
 * The states of the machine in transitions.ts. planned, done, failed and canceled are stored with the task; the others
 * are read from its lease. expired: the holder's time is over, and anyone may take over. broken: a file is unreadable.
 */
export const STATES = [
  "planned",
  "queued",
  "retry",
  "in_progress",
  "expired",
  "blocked",
  "pr_opened",
  "done",
  "failed",
  "canceled",
  "broken",
] as const;
export type TaskState = (typeof STATES)[number];

/** What a reading in time needs to know: the clock, the policy and the silence of holders. */
export interface Moment {
  now: number;
  rules: Rules;
  /** For `worker task epoch`: ms for which the freshest heartbeat that lists this lease has not changed. */
  silence: ReadonlyMap<string, number>;
}

const lookup = (worker: string, task: string, epoch: number) => `${worker} ${task} ${epoch}`;

export function momentOf(snapshot: Snapshot, ctx: Ctx): Moment {
  const silence = new Map<string, number>();
  for (const pulse of ctx.pulses) {
    for (const { task, epoch } of pulse.leases) {
      const key = lookup(pulse.worker, task, epoch);
      silence.set(key, Math.min(pulse.unchanged_ms, silence.get(key) ?? Number.POSITIVE_INFINITY));
    }
  }
  return { now: ctx.now, rules: snapshot.rules, silence };
}

/** Why a holder's time is over, and what shows it; kept in the lease of whoever takes over. */
export interface Lapse {
  reason: "expired" | "silent";
  evidence: string;
}

/**
 * The two timeouts of DESIGN section 6. (i) The lease on the record ran out, with the allowed skew on top. (ii) The
 * holder's heartbeat for this lease was seen and has stood still. A missing heartbeat shows nothing, and work that is
 * blocked or under review does not expire (A48); nor does a lease without an end (E40). A job's lease is over on the
 * second, and by nothing else (D38).
 */
export function lapseOf(lease: Lease, at: Moment): Lapse | undefined {
  if (lease.job) return jobLapse(lease, at.now);
  if (!lease.worker || PARKED.has(lease.phase) || lease.expires_at === null) return undefined;
  const over = at.now - ms(lease.expires_at);
  if (over > at.rules.max_skew_ms) {
    const skew = spell(at.rules.max_skew_ms);
    return {
      reason: "expired",
      evidence: `expires_at ${lease.expires_at} passed ${spell(over)} ago (${skew} of skew allowed)`,
    };
  }
  const silent = at.silence.get(lookup(lease.worker, lease.task, lease.epoch));
  if (silent === undefined || silent <= at.rules.heartbeat_timeout_ms) return undefined;
  const limit = spell(at.rules.heartbeat_timeout_ms);
  return { reason: "silent", evidence: `heartbeat unchanged for ${spell(silent)} (limit ${limit})` };
}

function jobLapse({ worker, expires_at }: Lease, now: number): Lapse | undefined {
  if (!worker || !isExpired(expires_at, now)) return undefined;
  return { reason: "expired", evidence: `lease_expires_at ${expires_at} has passed` };
}

const PARKED: ReadonlySet<string> = new Set(["blocked", "pr_opened"]);

/** The lease of a task, where there is one that can be read. */
export function leaseOf(task: OpenTask): Lease | undefined {
  return task.lease && !("broken" in task.lease) ? task.lease : undefined;
}

/** Who holds the task; undefined: no one, or no one knows. */
export const holderOf = (task: OpenTask): string | undefined => leaseOf(task)?.worker ?? undefined;

/** A hand-edited lease with a holder in a phase that has none counts as held (fails closed). */
export function stateOf(task: OpenTask, at: Moment): TaskState {
  if (task.broken || (task.lease && "broken" in task.lease)) return "broken";
  const lease = leaseOf(task);
  if (lease?.worker) {
    if (lease.phase === "blocked" || lease.phase === "pr_opened") return lease.phase;
    return lapseOf(lease, at) ? "expired" : "in_progress";
  }
  if (task.status === "planned") return "planned";
  return lease?.phase === "retry" ? "retry" : "queued";
}

/** How often the task may be tried. */
export const maxAttempts = (task: Pick<OpenTask, "max_attempts">, rules: Rules): number =>
  task.max_attempts ?? rules.max_attempts;
