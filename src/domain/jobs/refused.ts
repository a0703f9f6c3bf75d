/** Why a claim gets no job: the named one cannot be taken, or none can, and when that may change. */
import { type Refusal, refuse } from "../../core/refusal.ts";
import type { Snapshot } from "../../core/snapshot.ts";
import { iso, ms, spell } from "../../core/time.ts";
import type { JobClaimInput } from "../../generated/types.ts";
import { unreadable } from "../tasks/act.ts";
import { leaseOf, type Moment } from "../tasks/state.ts";
import { chanceOf, retryMoment } from "./claim.ts";
import type { FoundJob } from "./find.ts";
import { jobStatusOf } from "./statuses.ts";

const SAFE = "Nothing was changed.";

/** undefined: the named job can be taken, or ended since its attempts are used up. */
export function refuseClaim({ open, closed }: FoundJob, at: Moment): Refusal | undefined {
  const job_id = (open ?? closed)?.job?.id ?? "";
  if (closed) return jobEnded(job_id, jobStatusOf(closed.status));
  if (open?.lease && "broken" in open.lease) return unreadable(open.lease.broken.path, open.lease.broken);
  const chance = open && chanceOf(open, at);
  if (!open || chance === "take" || chance === "end") return undefined;
  const lease = leaseOf(open);
  if (chance === "live" && lease?.worker) {
    const until = lease.expires_at ? `, until ${lease.expires_at}` : "";
    return refuse("task_held", `${lease.worker} holds ${job_id}${until}. ${SAFE}`, {
      hint: "owp job claim, for another one",
      data: { job_id, worker: lease.worker, lease_expires_at: lease.expires_at, lease_epoch: lease.epoch },
    });
  }
  const not_before = chance === "wait" && lease ? iso(retryMoment(job_id, lease, at)) : undefined;
  const why = not_before ? `waits for its next attempt until ${not_before}` : "is not open for claims";
  return refuse("task_not_claimable", `${job_id} ${why}. ${SAFE}`, {
    hint: `owp job show ${job_id}`,
    data: { job_id, ...(not_before ? { not_before } : {}) },
  });
}

export const jobEnded = (job_id: string, status: string): Refusal =>
  refuse("job_ended", `${job_id} has ended: it is ${status}, and stays so. ${SAFE}`, {
    data: { job_id, status },
  });

/** None is queued: those that run, and those that wait for their next attempt. */
export function refuseNone(snapshot: Snapshot, { type }: JobClaimInput, at: Moment): Refusal {
  const counts = { running: 0, waiting: 0 };
  let earliest = Number.POSITIVE_INFINITY;
  for (const task of snapshot.open()) {
    if (!task.job || (type !== undefined && task.job.type !== type)) continue;
    const chance = chanceOf(task, at);
    const lease = leaseOf(task);
    if (!lease || (chance !== "live" && chance !== "wait")) continue;
    counts[chance === "live" ? "running" : "waiting"]++;
    earliest = Math.min(
      earliest,
      chance === "live" ? ms(lease.expires_at) : retryMoment(task.job.id, lease, at),
    );
  }
  const kind = type === undefined ? "" : ` of type ${type}`;
  const soon = Number.isFinite(earliest)
    ? ` One may become free at ${iso(earliest)} (in ${spell(earliest - at.now)}).`
    : "";
  const message = `No job${kind} can be taken: ${counts.running} running, ${counts.waiting} waiting for a retry.${soon}`;
  return refuse("nothing_to_claim", message, {
    hint: "owp job list",
    data: { ...counts, ...(soon ? { earliest_at: iso(earliest) } : {}) },
  });
}
