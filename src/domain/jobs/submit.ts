/**
 * `owp job submit`: a job is accepted when its commit has landed. The same key, or else the same job_id, answers with the
 * job that is there, and writes nothing; a request's id says nothing of whether a job is there (FEATURES D20–D31, D52).
 */
import type { Change, Ctx, Plan } from "../../core/operation.ts";
import { pathOf, shortId } from "../../core/paths.ts";
import { type Refusal, refuse } from "../../core/refusal.ts";
import type { Snapshot } from "../../core/snapshot.ts";
import { iso } from "../../core/time.ts";
import type { JobKey, JobSubmitInput, Task } from "../../generated/types.ts";
import { newTask } from "../tasks/add.ts";
import { badField } from "../tasks/fields.ts";
import { clip } from "../tasks/find.ts";
import { resolveRepo } from "../tasks/links.ts";
import { subjectOf } from "../tasks/settle.ts";
import { momentOf } from "../tasks/state.ts";
import { jobActor } from "./actor.ts";
import { jobAt, type QueueJobState, queueState } from "./job.ts";
import { keyIdOf, taskIdOf } from "./places.ts";
import { targetsOf } from "./projections/names.ts";
import { JobEvents } from "./trailers.ts";
import { verifyType } from "./types.ts";

export interface JobSubmitted {
  accepted: true;
  /** The task that is the job. */
  id: string;
  short: string;
  /** The request that submitted it first. */
  request_id: string;
  job_id: string;
  status: QueueJobState["status"];
  last_event_id: string;
  idempotency_key?: string;
  /** It was there before; nothing was published. */
  existing?: true;
}

const TITLE_LIMIT = 300;
const KEY_BYTES_LIMIT = 256;
/** Kept free, since /v1/jobs/schedule is no job. */
const RESERVED: ReadonlySet<string> = new Set(["schedule"]);

export function planJobSubmit(snapshot: Snapshot, input: JobSubmitInput, ctx: Ctx): Plan<JobSubmitted> {
  const wrong = verifyType(input.type, snapshot.rules) ?? verifyWords(input);
  if (wrong) return wrong;
  const known = byKey(snapshot, input.idempotency_key) ?? byJobId(snapshot, input.job_id);
  if (known) return known.ok ? existing(snapshot, known.task, ctx) : known;
  return accept(snapshot, input, ctx);
}

function verifyWords({ job_id, idempotency_key }: JobSubmitInput): Refusal | undefined {
  if (job_id !== undefined && RESERVED.has(job_id)) return badField("job_id", job_id, "another word");
  const bytes = new TextEncoder().encode(idempotency_key).length;
  if (bytes <= KEY_BYTES_LIMIT) return undefined;
  return badField("idempotency_key", idempotency_key, `a text of at most ${KEY_BYTES_LIMIT} bytes`);
}

type Known = { ok: true; task: Task } | Refusal | undefined;

/** (suspends) */
function byKey(snapshot: Snapshot, key: string | undefined): Known {
  if (key === undefined) return undefined;
  const path = pathOf("JobKey", keyIdOf(key));
  const pointer = snapshot.doc<JobKey>(path)?.value;
  if (!pointer) return brokenAt(snapshot, path);
  const target = pathOf("Task", pointer.task);
  const task = snapshot.doc<Task>(target)?.value;
  if (task?.job?.idempotency_key === key) return { ok: true, task };
  return (
    brokenAt(snapshot, target) ??
    unfit(path, `it leads to ${target}, which is no job with its idempotency key`)
  );
}

/** (suspends) */
function byJobId(snapshot: Snapshot, jobId: string | undefined): Known {
  if (jobId === undefined) return undefined;
  const path = pathOf("Task", taskIdOf(jobId));
  const task = snapshot.doc<Task>(path)?.value;
  if (!task) return brokenAt(snapshot, path);
  return task.job?.job_id === jobId ? { ok: true, task } : unfit(path, `it is not the job ${jobId}`);
}

function brokenAt(snapshot: Snapshot, path: string): Refusal | undefined {
  const problem = snapshot.problems.get(path);
  return problem && unfit(path, problem.message);
}

/** Whether the job is there cannot be told, so a second one is not risked. */
const unfit = (path: string, why: string): Refusal =>
  refuse("record_invalid", `${path} cannot be relied on: ${why}. Nothing was changed.`, { data: { path } });

function existing(snapshot: Snapshot, task: Task, ctx: Ctx): Plan<JobSubmitted> {
  const at = jobAt(snapshot, task, momentOf(snapshot, ctx));
  const result = submitted(task.id, queueState(at, snapshot.rules));
  return { ok: true, changes: [], result: { ...result, existing: true } };
}

function accept(snapshot: Snapshot, input: JobSubmitInput, ctx: Ctx): Plan<JobSubmitted> {
  const who = jobActor(snapshot, ctx);
  if (!who.ok) return who;
  const repo = resolveRepo(snapshot, input.repo);
  if (!repo.ok) return repo;
  const { type, payload, idempotency_key } = input;
  const job_id = input.job_id ?? ctx.newId(`job_${type}`);
  const request_id = input.request_id ?? ctx.newId("req");
  const id = taskIdOf(job_id);
  const projection_targets = targetsOf(type);
  const { max_attempts } = snapshot.rules.jobs;
  const key = idempotency_key === undefined ? {} : { idempotency_key };
  const events = new JobEvents(ctx.op);
  const event = { job_type: type, ...key, max_attempts, projection_targets };
  const accepted_event_id = events.add("job.accepted", job_id, request_id, event);
  const task: Task = {
    ...newTask(id, { title: clip(`${type} ${job_id}`, TITLE_LIMIT), repo: repo.slug }, {}),
    max_attempts,
    job: {
      job_id,
      type,
      request_ids: [request_id],
      ...key,
      projection_targets,
      ...(payload ? { payload } : {}),
      accepted_event_id,
    },
    created_at: iso(ctx.now),
    created_by: who.name,
  };
  const changes: Change[] = [...who.changes, { path: pathOf("Task", id), value: task }];
  if (idempotency_key !== undefined) {
    const pointer: JobKey = { kind: "JobKey", id: keyIdOf(idempotency_key), task: id };
    changes.push({ path: pathOf("JobKey", pointer.id), value: pointer });
  }
  return {
    ok: true,
    changes,
    event: events.ledger({ subject: subjectOf("submit job", task), tasks: [{ id }], actor: who.name }),
    result: {
      accepted: true,
      id,
      short: shortId(id),
      ...{ request_id, job_id, status: "queued", last_event_id: accepted_event_id },
      ...key,
    },
  };
}

function submitted(id: string, state: QueueJobState): JobSubmitted {
  const { request_id, job_id, status, last_event_id, idempotency_key } = state;
  return {
    accepted: true,
    id,
    short: shortId(id),
    ...{ request_id, job_id, status, last_event_id },
    ...(idempotency_key === undefined ? {} : { idempotency_key }),
  };
}
