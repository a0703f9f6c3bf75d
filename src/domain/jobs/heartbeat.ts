/** `owp job heartbeat`: a sign of life on the record: the lease lasts its whole length from now on (FEATURES D43). */
import type { Ctx, Plan } from "../../core/operation.ts";
import type { Snapshot } from "../../core/snapshot.ts";
import { iso } from "../../core/time.ts";
import type { JobHeartbeatInput, Lease } from "../../generated/types.ts";
import { durationText, leaseChange } from "../tasks/lease.ts";
import { subjectOf } from "../tasks/settle.ts";
import { jobFor } from "./act.ts";
import { jobActor } from "./actor.ts";
import { readArtifacts } from "./artifacts.ts";
import { verifyFence } from "./fence.ts";
import { requestOf } from "./job.ts";
import { jobEnded } from "./refused.ts";
import { type JobShown, shown } from "./show.ts";
import { isTerminal } from "./statuses.ts";
import { JobEvents } from "./trailers.ts";

export function planJobHeartbeat(snapshot: Snapshot, input: JobHeartbeatInput, ctx: Ctx): Plan<JobShown> {
  const at = jobFor(snapshot, input.id, ctx);
  if (!at.ok) return at;
  const { job_id } = at.job;
  if (isTerminal(at.status)) return jobEnded(job_id, at.status);
  const held = verifyFence(at, input);
  if (!held.ok) return held;
  const brought = readArtifacts(held.job, held.lease, input.artifacts);
  if (!brought.ok) return brought;
  const who = jobActor(snapshot, ctx);
  if (!who.ok) return who;
  const { lease_ms } = snapshot.rules.jobs;
  const expires_at = iso(ctx.now + lease_ms);
  const events = new JobEvents(ctx.op);
  const last_event_id = events.add("job.heartbeat", job_id, requestOf(held.job), {
    lease_epoch: held.lease.epoch,
    lease_expires_at: expires_at,
    ...(brought.added ? { artifacts: brought.added } : {}),
  });
  const artifacts = { ...held.lease.job.artifacts, ...brought.added };
  const lease: Lease = {
    ...held.lease,
    ...{ ttl: durationText(lease_ms), renewed_at: iso(ctx.now), expires_at },
    job: {
      ...held.lease.job,
      ...(Object.keys(artifacts).length > 0 ? { artifacts } : {}),
      last_event_id,
    },
  };
  return {
    ok: true,
    changes: [...who.changes, leaseChange(lease)],
    event: events.ledger({
      subject: subjectOf("heartbeat of job", held.task),
      tasks: [{ id: held.task.id, epoch: lease.epoch }],
      actor: who.name,
    }),
    result: shown(snapshot, { ...held, lease }),
  };
}
