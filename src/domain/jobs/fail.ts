/** `owp job fail`: the job has failed, for good, also where its failure is called retryable (FEATURES D44–D47). */
import type { Ctx, Plan } from "../../core/operation.ts";
import type { Snapshot } from "../../core/snapshot.ts";
import type { JobFailInput, JobFailure } from "../../generated/types.ts";
import { endBy, type JobEnded, jobFor, unchanged } from "./act.ts";
import { jobActor } from "./actor.ts";
import { readArtifacts } from "./artifacts.ts";
import { verifyFence } from "./fence.ts";
import { isTerminal } from "./statuses.ts";

const DEFAULT_CODE: JobFailure["code"] = "request_rejected";

export function planJobFail(snapshot: Snapshot, input: JobFailInput, ctx: Ctx): Plan<JobEnded> {
  const at = jobFor(snapshot, input.id, ctx);
  if (!at.ok) return at;
  if (isTerminal(at.status)) return unchanged(snapshot, at);
  const held = verifyFence(at, input);
  if (!held.ok) return held;
  const brought = readArtifacts(held.job, held.lease, input.artifacts);
  if (!brought.ok) return brought;
  const who = jobActor(snapshot, ctx);
  if (!who.ok) return who;
  const failure: JobFailure = {
    code: input.code ?? DEFAULT_CODE,
    ...(input.message ? { message: input.message } : {}),
    retryable: input.retryable ?? false,
  };
  const payload = {
    failure,
    result_status: "failed",
    ...(brought.added ? { artifacts: brought.added } : {}),
  };
  const end = {
    ...{ status: "failed" as const, artifacts: brought.all, failure },
    ...{ request_id: input.request_id, message: input.message },
  };
  return endBy(snapshot, held, who, { verb: "fail", type: "job.failed", payload, ...end }, ctx);
}
