/** What a claim publishes: new leases, and those that come back to the worker who holds them already. */
import type { Change, Ctx, LedgerEvent, Planned } from "../../core/operation.ts";
import { shortId } from "../../core/paths.ts";
import type { OpenTask, Snapshot } from "../../core/snapshot.ts";
import type { Lease } from "../../generated/types.ts";
import { followLease } from "../runs/follow.ts";
import { type Enlisted, takenName } from "../workers/acting.ts";
import type { Lapsed } from "./admit.ts";
import type { ClaimResult } from "./claim.ts";
import { claimedTasks } from "./claimed.ts";
import { leaseChange, renewed } from "./lease.ts";
import { subjectOf } from "./settle.ts";
import { leaseOf } from "./state.ts";

/** One task that comes into the caller's hands, and the late leases in its area that end with it. */
export interface Granted {
  task: OpenTask;
  lease: Lease;
  lapsed: Lapsed;
}

/** Blocked work and open pull requests do not come back by themselves: their holder waits, and may do something else. */
export const isActive = (task: OpenTask): boolean => leaseOf(task)?.phase === "in_progress";

/** Already held: nothing changes hands. A lease that is half over is renewed, as by any command of its holder. */
export function keep(snapshot: Snapshot, who: Enlisted, held: OpenTask[], ctx: Ctx): Planned<ClaimResult> {
  const rows = held.map((task) => ({
    task,
    lease: renewed(leaseOf(task) as Lease, ctx.now),
    already_held: true as const,
  }));
  const extended = rows.filter(({ task, lease }) => lease !== task.lease);
  const changes = extended.map(({ lease }) => leaseChange(lease));
  const result = { worker: who.name, tasks: claimedTasks(snapshot, rows, ctx) };
  const parked = held.filter((task) => !isActive(task));
  const warnings = parked.map(
    (task) => `${shortId(task.id)} is ${leaseOf(task)?.phase}: owp resume goes on with it`,
  );
  return {
    ok: true,
    changes,
    ...(changes.length > 0 ? { event: eventOf("task.renewed", "renew", who.name, extended, []) } : {}),
    result,
    ...(warnings.length > 0 ? { warnings } : {}),
  };
}

/** One commit for all that was picked; what was held before is told again and not written. */
export function grant(
  snapshot: Snapshot,
  who: Enlisted,
  held: OpenTask[],
  picks: Granted[],
  ctx: Ctx,
): Planned<ClaimResult> {
  const kept = held.map((task) => ({ task, lease: leaseOf(task) as Lease, already_held: true as const }));
  const changes: Change[] = [...who.changes];
  const taken = picks.map(({ task, lease, lapsed }) => {
    const followed = followLease(snapshot, ctx, task, lease, {}, who.worker);
    changes.push(...followed.changes, ...lapsed.changes);
    return { task, lease: followed.lease };
  });
  const from = picks.find(({ lease }) => lease.taken_from)?.lease.taken_from;
  const event = eventOf(
    from ? "task.taken_over" : "task.claimed",
    "claim",
    who.name,
    picks,
    picks.flatMap(({ lapsed }) => lapsed.tasks),
  );
  return {
    ok: true,
    changes,
    event: {
      ...event,
      ...(from ? { worker: from.worker } : {}),
      ...(from?.evidence ? { message: from.evidence } : {}),
    },
    result: {
      worker: who.name,
      ...(who.isNew ? { registered: true as const } : {}),
      tasks: claimedTasks(snapshot, [...kept, ...taken], ctx),
    },
    ...(who.isNew ? { warnings: ofNew(who.name, ctx) } : {}),
  };
}

/** Who expected the plain default name must hear that another clone has it. */
function ofNew(name: string, ctx: Ctx): string[] {
  const taken = takenName(name, ctx);
  if (taken === undefined) return [];
  return [`${taken} is the worker of another clone: you are ${name} here (--as ${taken} if that is you)`];
}

function eventOf(
  type: string,
  verb: string,
  actor: string,
  rows: { task: OpenTask; lease: Lease }[],
  more: Lapsed["tasks"],
): LedgerEvent {
  const [first] = rows;
  const tasks = rows.map(({ task, lease }) => ({ id: task.id, epoch: lease.epoch }));
  const many = `${verb} ${rows.map(({ task }) => shortId(task.id)).join(", ")}`;
  const subject = first && rows.length === 1 ? subjectOf(verb, first.task) : many;
  return { type, subject, tasks: [...tasks, ...more], actor };
}
