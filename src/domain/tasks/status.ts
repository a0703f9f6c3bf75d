/** `owp status`: what I hold, who holds what, and how the queue stands (FEATURES A53, A54, A63). */
import type { Ctx, Plan } from "../../core/operation.ts";
import type { OpenTask, Snapshot } from "../../core/snapshot.ts";
import type { StatusInput, Worker } from "../../generated/types.ts";
import { type JobStatus, jobStatusOf } from "../jobs/statuses.ts";
import { actingWorker } from "../workers/acting.ts";
import { presenceOf } from "../workers/presence.ts";
import { type HeldRow, heldRow } from "./rows.ts";
import { byClaimOrder, type Load, loadOf, type World, worldOf } from "./scheduling.ts";
import { type Lapse, lapseOf, leaseOf, STATES, stateOf, type TaskState } from "./state.ts";

export interface WorkerLoad extends Load {
  name: string;
  id: string;
  status: Worker["status"];
  trust_tier: Worker["trust_tier"];
  capacity_points: number;
  max_concurrent_tasks: number;
  /** A sign of life within the heartbeat timeout (A09). */
  online: boolean;
}

export interface StatusResult {
  worker: { name: string; id?: string; registered: boolean };
  /** In claim order: priority down, estimate up (A54). */
  mine: HeldRow[];
  others: HeldRow[];
  /** Open tasks by state; waiting: ready, with dependencies that are not done. With `ended` also done, failed, canceled. */
  tasks: Partial<Record<TaskState | "waiting", number>>;
  /** Jobs that have not ended, by JobSpec's status; they are counted here alone (owp job list). */
  jobs?: Partial<Record<JobStatus, number>>;
  repositories: { repo: string; max_open_prs: number | null; current_open_prs: number; throttled: boolean }[];
  workers: WorkerLoad[];
  workers_online: number;
  /** Held tasks that anyone may take over, with what shows it. */
  expired: (HeldRow & Lapse)[];
  /** Files of the record that cannot be read. */
  problems: number;
}

export function planStatus(snapshot: Snapshot, input: StatusInput, ctx: Ctx): Plan<StatusResult> {
  const { name, worker } = actingWorker(snapshot, ctx);
  const world = worldOf(snapshot, ctx, name);
  const held: HeldRow[] = [];
  const expired: StatusResult["expired"] = [];
  const tasks = countsOf(snapshot, world, input.ended ?? false);
  const jobs = jobCounts(snapshot, world);
  const byWorker: HeldByWorker = new Map();
  for (const task of heldTasks(snapshot)) {
    const row = heldRow(task, stateOf(task, world.at), ctx.now);
    const lease = leaseOf(task);
    if (!row || !lease) continue;
    held.push(row);
    byWorker.set(row.worker, [...(byWorker.get(row.worker) ?? []), task]);
    const lapse = lapseOf(lease, world.at);
    if (lapse) expired.push({ ...row, ...lapse });
  }
  const workers = workerLoads(snapshot, world, byWorker, name, ctx);
  return {
    ok: true,
    changes: [],
    result: {
      worker: { name, ...(worker ? { id: worker.id } : {}), registered: worker !== undefined },
      mine: held.filter((row) => row.worker === name),
      others: held.filter((row) => row.worker !== name),
      tasks,
      ...(Object.keys(jobs).length > 0 ? { jobs } : {}),
      repositories: repositories(snapshot, world),
      workers,
      workers_online: workers.filter(({ online }) => online).length,
      expired,
      problems: snapshot.problems.size,
    },
  };
}

type HeldByWorker = Map<string, OpenTask[]>;

function heldTasks(snapshot: Snapshot): OpenTask[] {
  const held: OpenTask[] = [];
  for (const task of snapshot.open()) if (leaseOf(task)?.worker && !task.job) held.push(task);
  return held.sort(byClaimOrder);
}

function countsOf(snapshot: Snapshot, { at }: World, ended: boolean): StatusResult["tasks"] {
  const counts: StatusResult["tasks"] = {};
  const add = (key: TaskState | "waiting") => {
    counts[key] = (counts[key] ?? 0) + 1;
  };
  for (const task of snapshot.open()) {
    if (task.job) continue;
    const state = stateOf(task, at);
    const isFree = state === "queued" || state === "retry";
    const waits = isFree && task.blocked_by.some((id) => snapshot.dependency(id) !== "done");
    add(waits ? "waiting" : state);
  }
  if (ended) for (const task of snapshot.closed()) if (!task.job) add(task.status);
  return Object.fromEntries(COUNTED.flatMap((key) => (counts[key] ? [[key, counts[key]]] : [])));
}

function jobCounts(snapshot: Snapshot, { at }: World): NonNullable<StatusResult["jobs"]> {
  const counts: NonNullable<StatusResult["jobs"]> = {};
  for (const task of snapshot.open()) {
    if (!task.job) continue;
    const status = jobStatusOf(stateOf(task, at));
    counts[status] = (counts[status] ?? 0) + 1;
  }
  return counts;
}

/** The order in which they are told, whatever comes first on the record. */
const COUNTED = [...STATES, "waiting"] as const;

function repositories(snapshot: Snapshot, { prs }: World): StatusResult["repositories"] {
  return [...snapshot.repos.values()]
    .sort((a, b) => (a.slug < b.slug ? -1 : 1))
    .map(({ slug, policy }) => {
      const limit = policy?.max_open_prs ?? null;
      const open = prs.get(slug) ?? 0;
      return {
        repo: slug,
        max_open_prs: limit,
        current_open_prs: open,
        throttled: limit !== null && open >= limit,
      };
    });
}

function workerLoads(
  snapshot: Snapshot,
  world: World,
  held: HeldByWorker,
  self: string,
  ctx: Ctx,
): WorkerLoad[] {
  return [...snapshot.workers.values()]
    .filter(({ status }) => status !== "retired")
    .sort((a, b) => (a.name < b.name ? -1 : 1))
    .map((worker) => {
      const { name, id, status, trust_tier, capacity_points, max_concurrent_tasks } = worker;
      const { online } = presenceOf(snapshot, worker, held.get(name) ?? [], name === self, ctx);
      return {
        name,
        id,
        status,
        trust_tier,
        capacity_points,
        max_concurrent_tasks,
        ...loadOf(world, name),
        online,
      };
    });
}
