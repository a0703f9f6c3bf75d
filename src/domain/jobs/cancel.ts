/**
 * `owp job cancel`: ends a job that is not wanted any more, also one that runs: its worker's next heartbeat is refused.
 * Whoever may submit may cancel (FEATURES D54–D59).
 */
import type { Ctx, Plan } from "../../core/operation.ts";
import type { Snapshot } from "../../core/snapshot.ts";
import type { JobCancelInput } from "../../generated/types.ts";
import { endBy, jobFor } from "./act.ts";
import { jobActor } from "./actor.ts";
import { artifactsOf } from "./job.ts";
import { type JobShown, shown } from "./show.ts";
import { isTerminal } from "./statuses.ts";

export interface JobCancelled extends JobShown {
  /** The job is cancelled: by this call or before it. */
  cancelled: boolean;
  outcome: "cancelled" | `already_terminal_${"completed" | "failed" | "cancelled"}`;
}

const DEFAULT_REASON = "cancelled";

export function planJobCancel(snapshot: Snapshot, input: JobCancelInput, ctx: Ctx): Plan<JobCancelled> {
  const at = jobFor(snapshot, input.id, ctx);
  if (!at.ok) return at;
  const { job, lease, status } = at;
  if (isTerminal(status)) {
    const outcome = `already_terminal_${status}` as JobCancelled["outcome"];
    const result = { cancelled: status === "cancelled", outcome, ...shown(snapshot, at) };
    return { ok: true, changes: [], result };
  }
  const who = jobActor(snapshot, ctx);
  if (!who.ok) return who;
  const reason = input.reason?.trim() || DEFAULT_REASON;
  const end = { status: "canceled" as const, artifacts: artifactsOf(job, lease), message: reason };
  const payload = { reason, result_status: "cancelled" };
  const how = {
    verb: "cancel",
    type: "job.cancelled" as const,
    payload,
    ...end,
    request_id: input.request_id,
  };
  const planned = endBy(snapshot, at, who, how, ctx);
  return { ...planned, result: { cancelled: true, outcome: "cancelled", ...planned.result } };
}
