/** The fence of a job: whoever shows the claim token and its epoch, while the lease lasts (FEATURES D43, D44). */
import { type Refusal, refuse } from "../../core/refusal.ts";
import type { Lease } from "../../generated/types.ts";
import type { JobAt } from "./job.ts";

export interface Fence {
  token_hash: string;
  epoch: number;
}

export type HeldJob = JobAt & { lease: Lease & { job: NonNullable<Lease["job"]> } };

/** Asked of a job that has not ended: first whose it is, then whether the time is over. */
export function verifyFence(at: JobAt, { token_hash, epoch }: Fence): HeldJob | Refusal {
  const { job, lease, status } = at;
  const { job_id } = job;
  const data = { job_id, status, lease_epoch: lease?.epoch ?? 0, your_epoch: epoch };
  if (!lease?.worker || !lease.job || lease.epoch !== epoch || lease.job.token_hash !== token_hash) {
    const why = !lease?.worker
      ? "no one holds it"
      : lease.epoch === epoch
        ? `the token is not that of its claim by ${lease.worker}`
        : `its present claim, by ${lease.worker}, has epoch ${lease.epoch} and not ${epoch}`;
    return refuse("fence_mismatch", `${job_id} is not yours: ${why}. Nothing was changed.`, { data });
  }
  if (status === "running") return { ...at, lease: { ...lease, job: lease.job } };
  const message = `The lease of ${job_id} ran out at ${lease.expires_at}. Nothing was changed.`;
  return refuse("lease_expired", message, { data: { ...data, lease_expires_at: lease.expires_at } });
}
