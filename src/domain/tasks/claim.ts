/**
 * `owp claim`: take a task. Without an id, what I hold already comes back; else the best task for me by A32–A45.
 * A lease whose holder's time is over is a candidate like any other; taking it over cites the evidence. Several tasks
 * are one change-set, in which each pick sees the load and the area locks of those before it (A37).
 */
import type { Ctx, Plan } from "../../core/operation.ts";
import { shortId } from "../../core/paths.ts";
import { type Refusal, refuse } from "../../core/refusal.ts";
import type { OpenTask, Snapshot } from "../../core/snapshot.ts";
import type { ClaimInput } from "../../generated/types.ts";
import { type Enlisted, enlist, isMaintainer } from "../workers/acting.ts";
import { lapsedBy } from "./admit.ts";
import type { ClaimedTask } from "./claimed.ts";
import { mergedAs } from "./docs.ts";
import { type Obstacle, obstacle, REASONS, type Reason } from "./eligibility.ts";
import { called, findTask } from "./find.ts";
import { type Granted, grant, isActive, keep } from "./grant.ts";
import { refuseJob } from "./is-job.ts";
import { refuseEnded } from "./late.ts";
import { claimed, fenced, ttlFor } from "./lease.ts";
import {
  byClaimOrder,
  type Filter,
  heldBy,
  loadOf,
  matches,
  take,
  type World,
  worldOf,
} from "./scheduling.ts";
import { lapseOf, leaseOf } from "./state.ts";
import { nothingToClaim } from "./tally.ts";

export interface ClaimResult {
  worker: string;
  /** This claim registered the worker. */
  registered?: true;
  tasks: ClaimedTask[];
}

export function planClaim(snapshot: Snapshot, input: ClaimInput, ctx: Ctx): Plan<ClaimResult> {
  const who = enlist(snapshot, ctx);
  if (!who.ok) return who;
  const wrong = verifyInput(snapshot, input);
  if (wrong) return wrong;
  const world = worldOf(snapshot, ctx, who.name);
  return input.id === undefined
    ? claimBest(world, who, input, ctx)
    : claimNamed(world, who, input.id, input, ctx);
}

function verifyInput(snapshot: Snapshot, { id, count, force, repo }: ClaimInput): Refusal | undefined {
  if (id !== undefined && (count ?? 1) > 1) {
    return refuse(
      "invalid_input",
      "A named task is one task: give an id or a count, not both. Nothing was changed.",
    );
  }
  if (id === undefined && force) {
    return refuse("invalid_input", "--force takes a task by its id. Nothing was changed.");
  }
  return verifyRepo(snapshot, repo);
}

/** A filter by a repo that does not exist would find nothing and not say why. */
export function verifyRepo(snapshot: Snapshot, repo: string | undefined): Refusal | undefined {
  if (repo === undefined || snapshot.repos.has(repo)) return undefined;
  return refuse("repo_unknown", `The record has no repo ${repo}.`, {
    data: { repo, repos: [...snapshot.repos.keys()].sort() },
  });
}

// --- without an id ---------------------------------------------------------------------------------------

function claimBest(world: World, who: Enlisted, input: ClaimInput, ctx: Ctx): Plan<ClaimResult> {
  const { snapshot } = world;
  const count = input.count ?? 1;
  const held = input.another
    ? []
    : heldBy(snapshot, who.name).filter((task) => isActive(task) && matches(task, input));
  const idle = verifyActive(who, ctx);
  const picks = idle ? [] : pick(world, who, input, ctx, count - held.length);
  if (picks.length > 0) return grant(snapshot, who, held, picks, ctx);
  if (held.length > 0) return keep(snapshot, who, held, ctx);
  return idle ?? nothingToClaim(who.worker, world, input);
}

function verifyActive({ name, worker }: Enlisted, ctx: Ctx): Refusal | undefined {
  if (worker.status !== "active") {
    return refuse(
      "worker_retired",
      `Worker ${name} is ${worker.status} and takes no work. Nothing was changed.`,
      {
        hint: worker.status === "paused" ? `owp worker resume ${name}` : "owp worker list",
        data: { worker: name, status: worker.status },
      },
    );
  }
  const own = ctx.pulses
    .filter((pulse) => pulse.worker === name)
    .sort((a, b) => a.unchanged_ms - b.unchanged_ms)[0];
  if (own?.status !== "paused") return undefined;
  return refuse("worker_retired", `The last heartbeat of ${name} says paused. Nothing was changed.`, {
    hint: "owp heartbeat --status working",
    data: { worker: name, status: "paused" },
  });
}

function pick(world: World, who: Enlisted, input: ClaimInput, ctx: Ctx, wanted: number): Granted[] {
  const picks: Granted[] = [];
  const taken = new Set<string>();
  const { max_concurrent_tasks: most } = who.worker;
  while (picks.length < wanted && loadOf(world, who.name).tasks < most) {
    const task = best(world, who, input, taken);
    if (!task) break;
    taken.add(task.id);
    picks.push(takeOne(world, task, who, input, ctx));
  }
  return picks;
}

/** The first in claim order without an obstacle. Only tasks that would be first are looked at closely. */
function best(world: World, who: Enlisted, filter: Filter, taken: ReadonlySet<string>): OpenTask | undefined {
  let first: OpenTask | undefined;
  for (const task of world.snapshot.open()) {
    if (first && byClaimOrder(task, first) > 0) continue;
    if (taken.has(task.id) || !matches(task, filter)) continue;
    if (!obstacle(task, who.worker, world)) first = task;
  }
  return first;
}

function takeOne(
  world: World,
  task: OpenTask,
  who: Enlisted,
  input: ClaimInput,
  ctx: Ctx,
  forced = false,
): Granted {
  const before = leaseOf(task);
  const lapsed = lapsedBy(world, task, ctx);
  const ttl = ttlFor(who.worker, world.snapshot.rules, input.for);
  const next = claimed(task, who.name, ttl, ctx.now);
  const lapse =
    before && (lapseOf(before, world.at) ?? (forced ? ({ reason: "forced" } as const) : undefined));
  take(world, task, who.name);
  return { task, lease: before && lapse ? fenced(next, before, lapse) : next, lapsed };
}

// --- with an id ------------------------------------------------------------------------------------------

const UNFORCIBLE = (Object.keys(REASONS) as Reason[]).filter((reason) => !REASONS[reason].forcible);

function claimNamed(world: World, who: Enlisted, id: string, input: ClaimInput, ctx: Ctx): Plan<ClaimResult> {
  const { snapshot } = world;
  const found = findTask(snapshot, id);
  if (!found.ok) return found;
  const job = refuseJob("claim", found.open ?? found.closed);
  if (job) return job;
  if (found.closed) return refuseEnded(found.closed, undefined, mergedAs(snapshot, found.id));
  const task = found.open as OpenTask;
  if (leaseOf(task)?.worker === who.name) return keep(snapshot, who, [task], ctx);
  const idle = verifyActive(who, ctx);
  if (idle) return idle;
  const inTheWay = obstacle(task, who.worker, world);
  if (!inTheWay) return grant(snapshot, who, [], [takeOne(world, task, who, input, ctx)], ctx);
  if (!input.force) return refuseClaim(task, inTheWay);
  if (!isMaintainer(who.worker)) {
    return refuse(
      "not_allowed",
      `Only a maintainer may claim with --force; ${called(task)} ${inTheWay.says}. Nothing was changed.`,
      {
        data: { task: task.id, reason: inTheWay.reason, trust_tier: who.worker.trust_tier },
      },
    );
  }
  const firm = obstacle(task, who.worker, world, UNFORCIBLE);
  if (firm) return refuseClaim(task, firm);
  return grant(snapshot, who, [], [takeOne(world, task, who, input, ctx, true)], ctx);
}

const HINTS: Partial<Record<Reason, (task: OpenTask) => string>> = {
  planned: (task) => `owp edit ${shortId(task.id)} --status ready`,
  exhausted: (task) => `owp requeue ${shortId(task.id)}`,
  broken: () => "owp validate",
  held: () => "owp ready",
  blocked: () => "owp ready",
};

function refuseClaim(task: OpenTask, { reason, says, facts }: Obstacle): Refusal {
  return refuse(REASONS[reason].code, `${called(task)} ${says}. Nothing was changed.`, {
    hint: HINTS[reason]?.(task) ?? "owp ready --explain",
    data: { task: task.id, reason, ...facts },
  });
}
