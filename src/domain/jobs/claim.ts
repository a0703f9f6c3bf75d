/**
 * `owp job claim`: the oldest job that can be taken, or the named one. A lease that ran out is told (job.lease_expired) in
 * the commit that takes the job over. A job whose attempts are used up ends as failed (retry_exhausted), and the claim
 * goes on to the next one (FEATURES D35–D42).
 */
import type { Change, Ctx, Plan } from "../../core/operation.ts";
import { type Refusal, refuse } from "../../core/refusal.ts";
import type { OpenTask, Snapshot } from "../../core/snapshot.ts";
import { ms } from "../../core/time.ts";
import type { JobClaimInput, JobFailure, Lease } from "../../generated/types.ts";
import { claimed, durationText, fenced, leaseChange } from "../tasks/lease.ts";
import { subjectOf } from "../tasks/settle.ts";
import { lapseOf, leaseOf, type Moment, momentOf, stateOf } from "../tasks/state.ts";
import type { Enlisted } from "../workers/acting.ts";
import { jobActor } from "./actor.ts";
import { retryAt } from "./backoff.ts";
import { ended } from "./end.ts";
import { findJob } from "./find.ts";
import { artifactsOf, type JobAt, maxAttemptsOf, readJob, requestOf, requestsOf } from "./job.ts";
import { byAccepted } from "./list.ts";
import { refuseClaim, refuseNone } from "./refused.ts";
import { type JobShown, shown } from "./show.ts";
import { JobEvents } from "./trailers.ts";
import { verifyType } from "./types.ts";

export interface JobClaimed {
  worker: string;
  /** This claim registered the worker. */
  registered?: true;
  /** The job that was taken; null: there was none, and those in `exhausted` have ended. */
  claimed: JobShown | null;
  /** The job_id of each job that this claim ended, since its attempts are used up. */
  exhausted: string[];
}

/** So many jobs one claim ends, before it leaves the others to the next one. */
const EXHAUSTED_LIMIT = 50;

const RETRY_EXHAUSTED: JobFailure = {
  code: "retry_exhausted",
  message: "lease expired after retry cap",
  retryable: false,
};

/** What a claim can do with a job at this moment. */
export type Chance = "take" | "end" | "wait" | "live" | "none";

export function chanceOf(task: OpenTask, at: Moment): Chance {
  const state = stateOf(task, at);
  if (state === "queued" || state === "retry") return "take";
  if (state !== "expired") return state === "in_progress" ? "live" : "none";
  const lease = leaseOf(task);
  if (!lease || !task.job) return "none";
  if (lease.attempt >= maxAttemptsOf(task, at.rules)) return "end";
  return at.now < retryMoment(task.job.id, lease, at) ? "wait" : "take";
}

/** ms since 1970. A time that cannot be read has passed. */
export const retryMoment = (jobId: string, lease: Lease, { rules }: Moment): number =>
  retryAt(rules.jobs, jobId, lease.attempt, ms(lease.expires_at) || 0);

export function planJobClaim(snapshot: Snapshot, input: JobClaimInput, ctx: Ctx): Plan<JobClaimed> {
  const wrong = verifyType(input.type, snapshot.rules);
  if (wrong) return wrong;
  const who = jobActor(snapshot, ctx, { active: true });
  if (!who.ok) return who;
  const at = momentOf(snapshot, ctx);
  const line = candidates(snapshot, input, at);
  if (!line.ok) return line;
  const claim = new Claim(snapshot, who, input, ctx);
  for (const task of line.tasks) {
    const chance = chanceOf(task, at);
    if (chance !== "take" && (chance !== "end" || claim.isFull)) continue;
    const job = readJob(snapshot, { ok: true, open: task }, ctx);
    if (!job.ok) continue; // Broken files stop nothing else.
    if (chance === "end") claim.end(job);
    else return claim.take(job, task, at);
  }
  return claim.isEmpty ? refuseNone(snapshot, input, at) : claim.without();
}

/** Those that may be meant, in the order in which they are asked. */
function candidates(
  snapshot: Snapshot,
  { id, type }: JobClaimInput,
  at: Moment,
): { ok: true; tasks: OpenTask[] } | Refusal {
  if (id === undefined) {
    const tasks: (OpenTask & { job: NonNullable<OpenTask["job"]> })[] = [];
    for (const task of snapshot.open())
      if (task.job && (type === undefined || task.job.type === type)) tasks.push({ ...task, job: task.job });
    return { ok: true, tasks: tasks.sort(byAccepted) };
  }
  if (type !== undefined) {
    return refuse(
      "invalid_input",
      "A named job is one job: give an id or a type, not both. Nothing was changed.",
    );
  }
  const found = findJob(snapshot, id);
  if (!found.ok) return found;
  return refuseClaim(found, at) ?? { ok: true, tasks: found.open ? [found.open] : [] };
}

/** The one commit of a claim while it is made. */
class Claim {
  private readonly events: JobEvents;
  private readonly changes: Change[] = [];
  private readonly tasks: { id: string; epoch: number }[] = [];
  private readonly exhausted: string[] = [];
  private subject = "";

  constructor(
    private readonly snapshot: Snapshot,
    private readonly who: Enlisted,
    private readonly input: JobClaimInput,
    private readonly ctx: Ctx,
  ) {
    this.events = new JobEvents(ctx.op);
  }

  get isEmpty(): boolean {
    return this.exhausted.length === 0;
  }

  get isFull(): boolean {
    return this.exhausted.length >= EXHAUSTED_LIMIT;
  }

  /** The job has failed, by the rule and not by its worker. */
  end(at: JobAt): void {
    const { job_id } = at.job;
    const payload = { failure: RETRY_EXHAUSTED, result_status: "failed" };
    const event_id = this.events.add("job.failed", job_id, requestOf(at.job), payload);
    const { task, changes } = ended(at, {
      ...{ status: "failed", event_id, by: this.who.name, now: this.ctx.now },
      ...{ failure: RETRY_EXHAUSTED, message: RETRY_EXHAUSTED.message },
      artifacts: artifactsOf(at.job, at.lease),
    });
    this.changes.push(...changes);
    this.tasks.push({ id: task.id, epoch: task.outcome?.epoch ?? 0 });
    this.exhausted.push(job_id);
    this.subject = subjectOf("fail job", task);
  }

  take(at: JobAt, row: OpenTask, moment: Moment): Plan<JobClaimed> {
    const { snapshot, who, input, ctx } = this;
    const { job, lease: before } = at;
    const request_id = input.request_id ?? requestOf(job);
    const lapse = before && lapseOf(before, moment);
    if (before?.worker) {
      const old = { lease_epoch: before.epoch, token_hash: before.job?.token_hash, attempt: before.attempt };
      this.events.add("job.lease_expired", job.job_id, request_id, old);
    }
    const next = claimed(row, who.name, durationText(snapshot.rules.jobs.lease_ms), ctx.now);
    const last_event_id = this.events.add("job.claimed", job.job_id, request_id, {
      ...{ attempt: next.attempt, lease_epoch: next.epoch, lease_expires_at: next.expires_at },
      ...{ token_hash: input.token_hash, worker: who.name },
    });
    const request_ids = requestsOf(job, before, input.request_id).slice(job.request_ids.length);
    const artifacts = before?.job?.artifacts;
    const held: Lease = {
      ...next,
      job: {
        token_hash: input.token_hash,
        ...(request_ids.length > 0 ? { request_ids } : {}),
        ...(artifacts ? { artifacts } : {}),
        last_event_id,
      },
    };
    const lease = before && lapse ? fenced(held, before, lapse) : held;
    this.changes.push(leaseChange(lease));
    this.tasks.push({ id: at.task.id, epoch: lease.epoch });
    this.subject = subjectOf("claim job", at.task);
    return this.planned(shown(snapshot, { ...at, lease, state: "in_progress", status: "running" }));
  }

  /** Jobs have ended, and there is none to take. */
  without(): Plan<JobClaimed> {
    return this.planned(null);
  }

  private planned(claimed: JobShown | null): Plan<JobClaimed> {
    const { who, changes, events, subject, tasks, exhausted } = this;
    return {
      ok: true,
      changes: [...who.changes, ...changes],
      event: events.ledger({ subject, tasks, actor: who.name }),
      result: {
        worker: who.name,
        ...(who.isNew ? { registered: true as const } : {}),
        claimed,
        exhausted,
      },
    };
  }
}
