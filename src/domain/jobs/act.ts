/** What complete, fail and cancel share: a job that has ended answers as it is, one that has not ends in one commit. */
import type { Ctx, Plan } from "../../core/operation.ts";
import type { Refusal } from "../../core/refusal.ts";
import type { Snapshot } from "../../core/snapshot.ts";
import { unreadable } from "../tasks/act.ts";
import { subjectOf } from "../tasks/settle.ts";
import type { Enlisted } from "../workers/acting.ts";
import { asEnded, type End, ended } from "./end.ts";
import { findJob } from "./find.ts";
import { type JobAt, readJob, requestOf } from "./job.ts";
import { type JobShown, shown } from "./show.ts";
import { jobStatusOf } from "./statuses.ts";
import { JobEvents, type JobEventType } from "./trailers.ts";

export interface JobEnded extends JobShown {
  /** It had ended before; nothing was published. */
  already?: true;
}

/** The job that is meant, in a state that can be told. */
export function jobFor(snapshot: Snapshot, typed: string, ctx: Ctx): JobAt | Refusal {
  const found = findJob(snapshot, typed);
  if (!found.ok) return found;
  const lease = found.open?.lease;
  if (lease && "broken" in lease) return unreadable(lease.broken.path, lease.broken);
  return readJob(snapshot, found, ctx);
}

export const unchanged = (snapshot: Snapshot, at: JobAt): Plan<JobEnded> & { ok: true } => ({
  ok: true,
  changes: [],
  result: { ...shown(snapshot, at), already: true },
});

export function endBy(
  snapshot: Snapshot,
  at: JobAt,
  who: Enlisted,
  how: Omit<End, "event_id" | "by" | "now"> & { verb: string; type: JobEventType; payload: object },
  ctx: Ctx,
): Plan<JobEnded> & { ok: true } {
  const { verb, type, payload, ...end } = how;
  const events = new JobEvents(ctx.op);
  const event_id = events.add(type, at.job.job_id, end.request_id ?? requestOf(at.job), payload);
  const { task, changes } = ended(at, { ...end, event_id, by: who.name, now: ctx.now });
  return {
    ok: true,
    changes: [...who.changes, ...changes],
    event: events.ledger({
      subject: subjectOf(`${verb} job`, at.task),
      tasks: [{ id: task.id, epoch: task.outcome?.epoch ?? 0 }],
      actor: who.name,
      ...(end.message ? { message: end.message } : {}),
    }),
    result: shown(snapshot, asEnded(task, jobStatusOf(end.status))),
  };
}
