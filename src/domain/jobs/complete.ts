/** `owp job complete`: the job is done. The first end stands; a job that has one answers as it is (FEATURES D44, D45). */
import type { Ctx, Plan } from "../../core/operation.ts";
import type { Snapshot } from "../../core/snapshot.ts";
import type { JobCompleteInput } from "../../generated/types.ts";
import { endBy, type JobEnded, jobFor, unchanged } from "./act.ts";
import { jobActor } from "./actor.ts";
import { readArtifacts } from "./artifacts.ts";
import { verifyFence } from "./fence.ts";
import { isTerminal } from "./statuses.ts";

export function planJobComplete(snapshot: Snapshot, input: JobCompleteInput, ctx: Ctx): Plan<JobEnded> {
  const at = jobFor(snapshot, input.id, ctx);
  if (!at.ok) return at;
  if (isTerminal(at.status)) return unchanged(snapshot, at);
  const held = verifyFence(at, input);
  if (!held.ok) return held;
  const brought = readArtifacts(held.job, held.lease, input.artifacts);
  if (!brought.ok) return brought;
  const who = jobActor(snapshot, ctx);
  if (!who.ok) return who;
  const payload = {
    lease_epoch: held.lease.epoch,
    ...(brought.added ? { artifacts: brought.added } : {}),
    result_status: "succeeded",
  };
  const end = { status: "done" as const, artifacts: brought.all, request_id: input.request_id };
  return endBy(snapshot, held, who, { verb: "complete", type: "job.completed", payload, ...end }, ctx);
}
