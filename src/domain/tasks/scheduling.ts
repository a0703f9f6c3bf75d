/** What scheduling counts: load of workers, locked areas, open pull requests; and the order of the queue (FEATURES A32–A40). */
import type { Ctx } from "../../core/operation.ts";
import type { OpenTask, Snapshot } from "../../core/snapshot.ts";
import { areasOf, overlapping } from "../repos/areas.ts";
import { holderOf, leaseOf, type Moment, momentOf, stateOf } from "./state.ts";

export interface Load {
  /** Estimates of what is in progress; blocked work and open pull requests free capacity (A35). */
  points: number;
  tasks: number;
}

/** The queue at one moment. `take` moves it forward within one plan, so that each pick sees the ones before it (A37). */
export interface World {
  snapshot: Snapshot;
  at: Moment;
  load: Map<string, Load>;
  /** For `repo area`: the tasks in progress there, by their own area. */
  areas: Map<string, OpenTask[]>;
  /** For `repo area`: tasks whose holder's time is over. They lock nothing, and lose their holder when the area is taken. */
  lapsed: Map<string, OpenTask[]>;
  /** Open pull requests by repo. */
  prs: Map<string, number>;
}

/** self: the worker who looks, and who is thereby alive: its own late leases count as in progress. */
export function worldOf(snapshot: Snapshot, ctx: Ctx, self: string): World {
  const world: World = {
    snapshot,
    at: momentOf(snapshot, ctx),
    load: new Map(),
    areas: new Map(),
    lapsed: new Map(),
    prs: new Map(),
  };
  for (const task of snapshot.open()) {
    if (task.lease && !task.job) place(world, task, self);
  }
  return world;
}

function place(world: World, task: OpenTask, self: string): void {
  const state = stateOf(task, world.at);
  const holder = holderOf(task);
  const area = areaOf(world.snapshot, task);
  if (state === "pr_opened") world.prs.set(task.repo, (world.prs.get(task.repo) ?? 0) + 1);
  const working = state === "in_progress" || state === "expired";
  if (working && holder) addLoad(world, holder, task, 1);
  if (area === undefined) return;
  if (state === "expired" && holder !== self) push(world.lapsed, area, task);
  else if (working || state === "broken") push(world.areas, area, task);
}

/** Counts a task as in progress with this worker, and no longer with the one before. */
export function take(world: World, task: OpenTask, worker: string): void {
  const lease = leaseOf(task);
  if (lease?.worker && lease.phase === "in_progress") addLoad(world, lease.worker, task, -1);
  addLoad(world, worker, task, 1);
  const [area, ...others] = locksOf(world.snapshot, task);
  if (area === undefined) return;
  for (const lock of [area, ...others]) world.lapsed.delete(lock);
  push(world.areas, area, task);
}

export const loadOf = (world: World, worker: string): Load =>
  world.load.get(worker) ?? { points: 0, tasks: 0 };

/** The lock that a task in progress takes; undefined where it takes none (A40). */
export function areaOf(snapshot: Snapshot, task: OpenTask): string | undefined {
  const area = task.area?.trim();
  if (!area || snapshot.repos.get(task.repo)?.policy?.area_locks_enabled === false) return undefined;
  return `${task.repo} ${area}`;
}

/** The lock that a task takes, and those that must be free with it: of the listed areas that share a path with its own. */
export function locksOf(snapshot: Snapshot, task: OpenTask): string[] {
  const area = areaOf(snapshot, task);
  if (area === undefined) return [];
  const others = overlapping(areasOf(snapshot.repos.get(task.repo)), task.area?.trim() ?? "");
  return [area, ...others.map((name) => `${task.repo} ${name}`)];
}

function addLoad(world: World, worker: string, task: OpenTask, sign: 1 | -1): void {
  const { points, tasks } = loadOf(world, worker);
  world.load.set(worker, { points: points + sign * task.estimate, tasks: tasks + sign });
}

function push(map: Map<string, OpenTask[]>, key: string, task: OpenTask): void {
  const tasks = map.get(key);
  if (tasks) tasks.push(task);
  else map.set(key, [task]);
}

/** Claim order: priority down, estimate up, id up (A32). */
export function byClaimOrder(a: OpenTask, b: OpenTask): number {
  return b.priority - a.priority || a.estimate - b.estimate || (a.id < b.id ? -1 : a.id > b.id ? 1 : 0);
}

/** Which tasks a command looks at. */
export interface Filter {
  repo?: string;
  area?: string;
  label?: string;
}

export function matches(task: OpenTask, { repo, area, label }: Filter): boolean {
  if (repo !== undefined && task.repo !== repo) return false;
  if (area !== undefined && task.area?.trim() !== area.trim()) return false;
  return label === undefined || task.labels.includes(label);
}

/** What a worker holds, in claim order; jobs are held by whoever has the token. */
export function heldBy(snapshot: Snapshot, worker: string): OpenTask[] {
  const held: OpenTask[] = [];
  for (const task of snapshot.open()) if (holderOf(task) === worker && !task.job) held.push(task);
  return held.sort(byClaimOrder);
}
