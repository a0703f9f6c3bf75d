/** `owp requeue`: a task that has ended opens again; one that is stuck with its holder comes free (maintainers). Attempts start anew. */
import type { Ctx, Plan } from "../../core/operation.ts";
import { pathOf } from "../../core/paths.ts";
import type { Snapshot } from "../../core/snapshot.ts";
import { iso } from "../../core/time.ts";
import type { Lease, RequeueInput, Task } from "../../generated/types.ts";
import { endingOf } from "../runs/ending.ts";
import { endRun } from "../runs/follow.ts";
import { type Over, prepare, unreadable } from "./act.ts";
import { readTask } from "./docs.ts";
import { freed } from "./lease.ts";
import { verifyNoCircle } from "./links.ts";
import { type ActResult, named, onLease, subjectOf, unchanged } from "./settle.ts";

export function planRequeue(snapshot: Snapshot, input: RequeueInput, ctx: Ctx): Plan<ActResult> {
  const at = prepare(snapshot, "requeue", input, ctx);
  if (!at.ok) return at;
  if ("closed" in at) return reopen(snapshot, at, input, ctx);
  if (at.step.again || !at.lease) return unchanged(at);
  const { message } = input;
  const next = freed(at.task, at.lease, "queued", 0);
  return onLease(
    snapshot,
    ctx,
    at,
    "task.requeued",
    { ...next, ...(message ? { message } : {}) },
    { message },
  );
}

/**
 * The outcome goes, and its epoch lives on in the lease, one higher: a holder of the old one stays fenced off (A57).
 * since: work that was merged up to then, by default up to now, does not end it again.
 */
export function reopen(
  snapshot: Snapshot,
  over: Pick<Over, "closed" | "name" | "changes">,
  { message, since }: { message?: string; since?: number },
  ctx: Ctx,
): Plan<ActResult> {
  const { closed, name, changes } = over;
  const file = readTask(snapshot, closed.id);
  if (!file.ok) return file;
  // While it was ended it waited for nothing; others may wait for it now.
  const circle = verifyNoCircle(snapshot, closed.id, file.task.relationships?.blocked_by ?? []);
  if (circle) return circle;
  const { outcome, ...rest } = file.task;
  const leasePath = pathOf("Lease", closed.id);
  const problem = snapshot.problems.get(leasePath);
  if (problem) return unreadable(leasePath, problem);
  const stray = snapshot.doc<Lease>(leasePath)?.value;
  const epoch = Math.max(closed.epoch, outcome?.epoch ?? 0, stray?.epoch ?? 0) + 1;
  const task: Task = { ...rest, status: "ready", updated_at: iso(ctx.now) };
  const artifacts = outcome?.artifacts;
  const lease: Lease = {
    kind: "Lease",
    task: closed.id,
    worker: null,
    epoch,
    attempt: 0,
    phase: "queued",
    ttl: null,
    expires_at: null,
    reopened_at: iso(since ?? ctx.now),
    ...(message ? { message } : {}),
    ...(artifacts ? { artifacts } : {}),
  };
  // Who ended the task by hand left the lease where it was, and its run under way.
  const ended = stray && endRun(snapshot, ctx, stray, endingOf(stray, lease), file.task.title);
  return {
    ok: true,
    changes: [
      ...changes,
      { path: file.path, value: task },
      { path: leasePath, value: lease },
      ...(ended?.changes ?? []),
    ],
    event: {
      type: "task.requeued",
      subject: subjectOf("requeue", closed),
      tasks: [{ id: closed.id, epoch }],
      actor: name,
      ...(closed.worker && closed.worker !== name ? { worker: closed.worker } : {}),
      ...(message ? { message } : {}),
    },
    result: {
      ...named(closed),
      state: "queued",
      worker: null,
      epoch,
      attempt: 0,
      ...(artifacts ? { artifacts } : {}),
    },
  };
}
