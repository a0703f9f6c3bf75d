/** What comes of an act on one task: the change-set, its line in the log, and the result. */
import type { Ctx, LedgerEvent, Planned } from "../../core/operation.ts";
import { shortId } from "../../core/paths.ts";
import { type Refusal, refuse } from "../../core/refusal.ts";
import type { OpenTask, Snapshot } from "../../core/snapshot.ts";
import { iso } from "../../core/time.ts";
import type { ArtifactNote, Lease, Run, Task, Worker } from "../../generated/types.ts";
import { endRun, followLease } from "../runs/follow.ts";
import type { Over, Standing } from "./act.ts";
import type { Lapsed } from "./admit.ts";
import { readTask } from "./docs.ts";
import { called, clip } from "./find.ts";
import { ARTIFACT_LIMIT, fenced, lastEpoch, noLease, withArtifacts } from "./lease.ts";
import type { TaskState } from "./state.ts";

/** What became of a task by an act. */
export interface ActResult {
  id: string;
  short: string;
  title: string;
  state: TaskState;
  /** The holder now, or the one who held it to its end; null: no one. */
  worker: string | null;
  epoch: number;
  attempt?: number;
  expires_at?: string;
  not_before?: string;
  artifacts?: ArtifactNote[];
  /** The commit whose merge ended it. */
  merged_as?: string;
  /** It was so before; nothing was published. */
  already?: true;
  /** A maintainer acted for an absent holder. */
  forced?: true;
}

/** What the log says besides the type. */
export interface Said {
  message?: string;
  /** Whom it concerns besides the actor. */
  worker?: string;
  warnings?: string[];
  /** Leases that end with it. */
  lapsed?: Lapsed;
  /** Proof of work that the act names, and what the attempt cost: its run keeps both. */
  made?: readonly ArtifactNote[];
  cost?: Run["cost"];
  category?: NonNullable<Task["outcome"]>["category"];
}

/** A change-set that writes the task's lease. */
export function onLease(
  snapshot: Snapshot,
  ctx: Ctx,
  at: Standing,
  type: string,
  next: Lease,
  said: Said & { holder?: Worker } = {},
): Planned<ActResult> {
  const fresh = at.forced && at.lease ? fenced(next, at.lease, { reason: "forced" }) : next;
  const { lease, changes, ...followed } = followLease(snapshot, ctx, at.task, fresh, said, said.holder);
  const warnings = [...(said.warnings ?? []), ...followed.warnings, ...costless(said, at.lease)];
  return {
    ok: true,
    changes: [...at.changes, ...changes, ...(said.lapsed?.changes ?? [])],
    event: eventOf(at, type, lease.epoch, said),
    result: leaseResult(at, lease),
    ...(warnings.length > 0 ? { warnings } : {}),
  };
}

/** What an attempt cost is kept with its run, and nowhere else. */
const costless = ({ cost }: Said, lease: Lease | undefined): string[] =>
  cost && !lease?.run ? ["no run is open for it, so what it cost is not recorded"] : [];

/** How a task ends: the outcome goes into its file and the lease goes away; the epoch lives on in the outcome. */
export function onOutcome(
  snapshot: Snapshot,
  ctx: Ctx,
  at: Standing,
  status: "done" | "failed" | "canceled",
  {
    type,
    merge,
    ...said
  }: Said & {
    type: string;
    /** The commit whose merge ended it, and when that was. */
    merge?: { commit: string; at: number };
  },
): Planned<ActResult> | Refusal {
  const { task, lease, forced, name } = at;
  const { now } = ctx;
  const file = readTask(snapshot, task.id);
  if (!file.ok) return file;
  const kept = withArtifacts(lease?.artifacts, said.made ?? []);
  if (kept && kept.length > ARTIFACT_LIMIT) return tooMany(task);
  const outcome: NonNullable<Task["outcome"]> = {
    epoch: lastEpoch(task) + (forced ? 1 : 0),
    attempt: lease?.attempt ?? 0,
    worker: lease?.worker ?? null,
    at: iso(merge?.at ?? now),
    ...(lease?.worker === name ? {} : { by: name }),
    ...(merge ? { merged_as: merge.commit } : {}),
    ...(said.message ? { message: said.message } : {}),
    ...(said.category ? { category: said.category } : {}),
    ...(kept ? { artifacts: kept } : {}),
  };
  const ended: Task = { ...file.task, status, outcome, updated_at: iso(now) };
  const run = lease && endRun(snapshot, ctx, lease, status, task.title, said, merge?.at ?? now);
  const gone = lease ? [noLease(task.id)] : [];
  const warnings = [...(said.warnings ?? []), ...(run?.warnings ?? []), ...costless(said, lease)];
  return {
    ok: true,
    changes: [...at.changes, { path: file.path, value: ended }, ...gone, ...(run?.changes ?? [])],
    event: eventOf(at, type, outcome.epoch, said),
    result: {
      ...named(task),
      state: status,
      worker: outcome.worker ?? null,
      epoch: outcome.epoch,
      attempt: outcome.attempt,
      ...(kept ? { artifacts: kept } : {}),
      ...(merge ? { merged_as: merge.commit } : {}),
      ...(forced ? { forced: true as const } : {}),
    },
    ...(warnings.length > 0 ? { warnings } : {}),
  };
}

export const tooMany = (task: OpenTask): Refusal =>
  refuse(
    "invalid_input",
    `${called(task)} has ${ARTIFACT_LIMIT} artifacts, and no task takes more. Nothing was changed.`,
    {
      data: { task: task.id, limit: ARTIFACT_LIMIT },
    },
  );

/** It is so already: no commit, and the answer says so. */
export function unchanged(at: Standing): Planned<ActResult> {
  const lease = at.lease;
  const result: ActResult = lease
    ? leaseResult(at, lease)
    : { ...named(at.task), state: at.state, worker: null, epoch: at.task.epoch_floor };
  return { ok: true, changes: [], result: { ...result, already: true } };
}

/** The task had ended like this before. */
export function unchangedEnd({ closed }: Pick<Over, "closed">, warnings: string[] = []): Planned<ActResult> {
  const { status, worker, epoch } = closed;
  const result: ActResult = { ...named(closed), state: status, worker: worker ?? null, epoch, already: true };
  return { ok: true, changes: [], result, ...(warnings.length > 0 ? { warnings } : {}) };
}

function leaseResult(at: Standing, lease: Lease): ActResult {
  return {
    ...named(at.task),
    state: lease.worker
      ? (lease.phase as TaskState)
      : at.task.status === "planned"
        ? "planned"
        : (lease.phase as TaskState),
    worker: lease.worker,
    epoch: lease.epoch,
    attempt: lease.attempt,
    ...(lease.expires_at ? { expires_at: lease.expires_at } : {}),
    ...(lease.not_before ? { not_before: lease.not_before } : {}),
    ...(lease.artifacts ? { artifacts: lease.artifacts } : {}),
    ...(at.forced ? { forced: true as const } : {}),
  };
}

export const named = ({ id, title }: { id: string; title: string }) => ({ id, short: shortId(id), title });

const SUBJECT_LIMIT = 100;

/** The first line of a commit: `done k3f9: Add /healthz`. */
export const subjectOf = (verb: string, task: { id: string; title: string }): string =>
  clip(`${verb} ${shortId(task.id)}: ${task.title}`, SUBJECT_LIMIT);

export function eventOf(
  at: Standing,
  type: string,
  epoch: number,
  { message, worker, lapsed }: Said,
): LedgerEvent {
  const concerned = worker ?? (at.forced ? at.lease?.worker : undefined);
  return {
    type,
    subject: subjectOf(at.act, at.task),
    tasks: [{ id: at.task.id, epoch }, ...(lapsed?.tasks ?? [])],
    actor: at.name,
    ...(concerned ? { worker: concerned } : {}),
    ...(message ? { message } : {}),
  };
}
