/** A worker as results show it: its record, whether it is there, and what it has in hand. */
import type { Ctx } from "../../core/operation.ts";
import type { OpenTask, Snapshot } from "../../core/snapshot.ts";
import type { Worker } from "../../generated/types.ts";
import { type HeldRow, heldRow } from "../tasks/rows.ts";
import { byClaimOrder, type Load, loadOf, type World, worldOf } from "../tasks/scheduling.ts";
import { holderOf, stateOf } from "../tasks/state.ts";
import { type Presence, presenceOf } from "./presence.ts";

export interface WorkerRow {
  worker_id: string;
  name: string;
  display?: string;
  actor_kind: Worker["actor_kind"];
  status: Worker["status"];
  trust_tier: Worker["trust_tier"];
  reputation: number;
  skills: string[];
  capacity_points: number;
  max_concurrent_tasks: number;
  github_handle?: string;
  presence: Presence;
  /** What is in progress; blocked work and open pull requests do not count (A35). */
  load: Load;
  holds: HeldRow[];
  /** The caller. */
  me?: true;
  metrics?: Worker["metrics"];
  created_at: string;
  updated_at?: string;
}

/** Rows of many workers cost one walk over the open tasks. */
export function workerRows(snapshot: Snapshot, workers: Iterable<Worker>, me: string, ctx: Ctx): WorkerRow[] {
  const held = new Map<string, OpenTask[]>();
  for (const task of snapshot.open()) {
    const holder = holderOf(task);
    if (holder) held.set(holder, [...(held.get(holder) ?? []), task]);
  }
  const world = worldOf(snapshot, ctx, me);
  return [...workers].map((worker) =>
    rowOf(snapshot, world, worker, (held.get(worker.name) ?? []).sort(byClaimOrder), me, ctx),
  );
}

function rowOf(
  snapshot: Snapshot,
  world: World,
  worker: Worker,
  held: OpenTask[],
  me: string,
  ctx: Ctx,
): WorkerRow {
  const { id, kind: _kind, token_hash: _hash, clone: _clone, meta: _meta, reputation = 0, ...rest } = worker;
  return {
    worker_id: id,
    ...rest,
    github_handle: worker.github_handle ?? undefined,
    reputation,
    presence: presenceOf(snapshot, worker, held, worker.name === me, ctx),
    load: loadOf(world, worker.name),
    holds: held.flatMap((task) => heldRow(task, stateOf(task, world.at), ctx.now) ?? []),
    ...(worker.name === me ? { me: true as const } : {}),
  };
}
