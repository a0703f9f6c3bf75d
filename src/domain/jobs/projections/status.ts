/** A job's status as a reader at a moment sees it: the seed's truth table (FEATURES D85). */
import { isExpired } from "../expiry.ts";
import type { JobStatus } from "../statuses.ts";
import type { Job } from "./state.ts";

/** unknown: there is a lease, and nothing says until when. */
type LeaseSight = "none" | "fresh" | "expired" | "unknown";

const BY_LEASE: Record<LeaseSight, JobStatus> = {
  none: "queued",
  fresh: "running",
  expired: "retry_waiting",
  unknown: "degraded",
};

/** now: ms since 1970. isStale: the projection that is asked was marked stale; the queue never is. */
export function statusOf(job: Pick<Job, "ended" | "lease">, now: number, isStale = false): JobStatus {
  if (job.ended) return job.ended;
  return isStale ? "degraded" : BY_LEASE[sightOf(job.lease, now)];
}

function sightOf(lease: Job["lease"], now: number): LeaseSight {
  if (!lease) return "none";
  if (lease.over) return "expired";
  if (lease.expires_at === undefined) return "unknown";
  return isExpired(lease.expires_at, now) ? "expired" : "fresh";
}
