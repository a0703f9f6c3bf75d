/** Is there room for a task that goes (back) into work with this worker? And who loses a lease by it, whose time is over. */
import type { Change, Ctx } from "../../core/operation.ts";
import { type Refusal, refuse } from "../../core/refusal.ts";
import type { OpenTask, Snapshot } from "../../core/snapshot.ts";
import type { Worker } from "../../generated/types.ts";
import { followLease } from "../runs/follow.ts";
import { draftWorker } from "../workers/acting.ts";
import type { Held } from "./act.ts";
import { obstacle, type Reason } from "./eligibility.ts";
import { called } from "./find.ts";
import { fenced, freed } from "./lease.ts";
import { locksOf, type World, worldOf } from "./scheduling.ts";
import { lapseOf, leaseOf } from "./state.ts";

/** Leases that end because their area is taken by other work. */
export interface Lapsed {
  changes: Change[];
  tasks: { id: string; epoch: number }[];
}

const ROOM: readonly Reason[] = ["capacity", "concurrency", "area_locked"];

/** For the worker a task is handed to: room, and the trust that its tier asks for. */
export const admit = (snapshot: Snapshot, at: Held, target: Worker, ctx: Ctx) =>
  room(snapshot, at, target, ctx, ["tier", ...ROOM]);

/** For the holder who goes on with it. */
export function readmit(snapshot: Snapshot, at: Held, holder: string, ctx: Ctx) {
  const worker = snapshot.workers.get(holder) ?? draftWorker(snapshot.rules, holder, ctx);
  return room(snapshot, at, worker, ctx, ROOM);
}

function room(
  snapshot: Snapshot,
  { task, name }: Held,
  who: Omit<Worker, "id">,
  ctx: Ctx,
  asked: readonly Reason[],
): { ok: true; lapsed: Lapsed } | Refusal {
  const world = worldOf(snapshot, ctx, name);
  const found = obstacle(task, who, world, asked);
  if (!found) return { ok: true, lapsed: lapsedBy(world, task, ctx) };
  return refuse("task_not_claimable", `${called(task)} ${found.says}. Nothing was changed.`, {
    hint: "owp status",
    data: { task: task.id, reason: found.reason, ...found.facts },
  });
}

/**
 * Work in an area whose last holder's time is over (A40, A47): that lease ends here, with the next epoch, so that its
 * late holder cannot come back beside the new work.
 */
export function lapsedBy(world: World, task: OpenTask, ctx: Ctx): Lapsed {
  const late = locksOf(world.snapshot, task)
    .flatMap((lock) => world.lapsed.get(lock) ?? [])
    .filter(({ id }) => id !== task.id);
  const lapsed: Lapsed = { changes: [], tasks: [] };
  for (const other of late) {
    const lease = leaseOf(other);
    const lapse = lease && lapseOf(lease, world.at);
    if (!lapse) continue;
    const next = fenced(freed(other, lease, "retry", lease.attempt), lease, lapse);
    lapsed.changes.push(...followLease(world.snapshot, ctx, other, next).changes);
    lapsed.tasks.push({ id: other.id, epoch: next.epoch });
  }
  return lapsed;
}
