/**
 * Why a task is not for a worker now: a closed table of reasons, asked in order (FEATURES A32–A45, B31). The first that
 * applies is the answer. A task to which none applies is claimable.
 */
import { pathOf, shortId } from "../../core/paths.ts";
import type { Code } from "../../core/refusal.ts";
import type { OpenTask } from "../../core/snapshot.ts";
import { iso, ms, spell } from "../../core/time.ts";
import type { Worker } from "../../generated/types.ts";
import { loadOf, locksOf, type World } from "./scheduling.ts";
import { leaseOf, maxAttempts, stateOf } from "./state.ts";

/** What scheduling needs to know of a worker. */
export type Candidate = Pick<
  Worker,
  "name" | "skills" | "capacity_points" | "max_concurrent_tasks" | "status" | "trust_tier"
>;

type Facts = Record<string, unknown>;
/** A sentence's end (after the task's id) and the facts behind it; undefined: the reason does not apply. */
type Rule = (task: OpenTask, who: Candidate, world: World) => { says: string; facts: Facts } | undefined;

interface ReasonRow {
  rule: Rule;
  /** What claiming the task by its id answers. */
  code: Code;
  /** closed: not open for anyone. later: open, and no one can have it yet. yours: open, and not for this worker. */
  kind: "closed" | "later" | "yours";
  /** A maintainer may claim it nevertheless, with --force. */
  forcible: boolean;
  /** After a number, in the summary of a claim that found nothing. */
  counted: string;
}

const row = (
  kind: ReasonRow["kind"],
  code: Code,
  forcible: boolean,
  counted: string,
  rule: Rule,
): ReasonRow => ({ rule, code, kind, forcible, counted });

const shorts = (ids: string[]) => ids.map(shortId).join(", ");
const NAMED_LIMIT = 5;

const broken: Rule = (task, _who, { snapshot }) => {
  const repo = pathOf("Repo", task.repo);
  const lease = task.lease && "broken" in task.lease ? task.lease.broken : undefined;
  const problem = task.broken ?? lease ?? (task.repo ? snapshot.problems.get(repo) : undefined);
  if (!problem) return undefined;
  return {
    says: `has a file that cannot be read: ${problem.path}: ${problem.message}`,
    facts: { path: problem.path },
  };
};

const job: Rule = (task) => (task.job ? { says: "is a job", facts: { job_id: task.job.id } } : undefined);

const planned: Rule = (task) =>
  task.status === "planned" && !leaseOf(task)?.worker
    ? { says: "is planned and not open yet", facts: {} }
    : undefined;

const held: Rule = (task, who, { at }) => {
  const lease = leaseOf(task);
  if (!lease?.worker) return undefined;
  const mine = lease.worker === who.name;
  if (stateOf(task, at) === "expired" && !mine) return undefined;
  const since = lease.claimed_at ? ` since ${lease.claimed_at}` : "";
  const until = lease.expires_at ? `, until ${lease.expires_at}` : "";
  const facts = {
    worker: lease.worker,
    phase: lease.phase,
    since: lease.claimed_at,
    until: lease.expires_at,
    epoch: lease.epoch,
  };
  return { says: `is held by ${mine ? "you" : lease.worker}${since}${until} (${lease.phase})`, facts };
};

/** The task is with someone, in a phase that does not expire. */
const blocked: Rule = (task, who, world) => {
  const phase = leaseOf(task)?.phase;
  return phase === "blocked" || phase === "pr_opened" ? held(task, who, world) : undefined;
};

const waiting: Rule = (task, _who, { snapshot }) => {
  const open = task.blocked_by
    .map((id) => ({ id, ended: snapshot.dependency(id), title: snapshot.openTask(id)?.title }))
    .filter(({ ended }) => ended !== "done");
  if (open.length === 0) return undefined;
  const named = open
    .slice(0, NAMED_LIMIT)
    .map(({ id, ended, title }) =>
      ended === "open" ? `${shortId(id)} ${title}` : `${shortId(id)} (${ended})`,
    );
  const more = open.length > NAMED_LIMIT ? [`${open.length - NAMED_LIMIT} more`] : [];
  return {
    says: `waits for ${[...named, ...more].join(", ")}`,
    facts: { waits_for: open.map(({ id }) => id) },
  };
};

const backingOff: Rule = (task, _who, { at }) => {
  const from = [leaseOf(task)?.not_before, task.not_before].map(ms).filter((time) => time > at.now);
  if (from.length === 0) return undefined;
  const until = Math.max(...from);
  return {
    says: `may be claimed in ${spell(until - at.now)}, not before`,
    facts: { not_before: iso(until) },
  };
};

const exhausted: Rule = (task, _who, { at }) => {
  const attempt = leaseOf(task)?.attempt ?? 0;
  const limit = maxAttempts(task, at.rules);
  if (attempt < limit) return undefined;
  return {
    says: `was tried ${attempt} of ${limit} times; owp requeue opens it again`,
    facts: { attempt, max_attempts: limit },
  };
};

const paused: Rule = (_task, who) =>
  who.status === "active"
    ? undefined
    : { says: `is closed to a worker who is ${who.status}`, facts: { status: who.status } };

const assigned: Rule = (task, who) =>
  task.assigned_to && task.assigned_to !== who.name
    ? { says: `is meant for ${task.assigned_to}`, facts: { assigned_to: task.assigned_to } }
    : undefined;

const TRUST = { untrusted: 0, basic: 0, trusted: 2, maintainer: 3 } as const;
const TIER_NEEDS = ["", "a trusted worker", "a trusted worker", "a maintainer"] as const;

const tier: Rule = (task, who) =>
  task.tier > TRUST[who.trust_tier]
    ? {
        says: `has tier ${task.tier} and needs ${TIER_NEEDS[task.tier] ?? "a maintainer"}; ${who.name} is ${who.trust_tier}`,
        facts: { tier: task.tier, trust_tier: who.trust_tier },
      }
    : undefined;

const fold = (tag: string) => tag.trim().toLowerCase();

/** Skills that a task needs and a worker lacks; compared trimmed and without regard to case (A05). */
export function missingSkills(task: Pick<OpenTask, "skills">, who: Pick<Candidate, "skills">): string[] {
  const has = new Set(who.skills.map(fold));
  return task.skills
    .filter((skill) => fold(skill) !== "" && !has.has(fold(skill)))
    .map((skill) => skill.trim());
}

const skills: Rule = (task, who) => {
  const missing = missingSkills(task, who);
  return missing.length > 0 ? { says: `needs ${missing.join(", ")}`, facts: { missing } } : undefined;
};

const capacity: Rule = (task, who, world) => {
  const { points } = loadOf(world, who.name);
  if (points + task.estimate <= who.capacity_points) return undefined;
  const left = Math.max(0, who.capacity_points - points);
  return {
    says: `takes ${task.estimate} points; ${left} of ${who.capacity_points} are left`,
    facts: { estimate: task.estimate, used_points: points, capacity_points: who.capacity_points },
  };
};

const concurrency: Rule = (_task, who, world) => {
  const { tasks } = loadOf(world, who.name);
  if (tasks + 1 <= who.max_concurrent_tasks) return undefined;
  return {
    says: `would be one more than the ${who.max_concurrent_tasks} that may be in progress at once`,
    facts: { used_tasks: tasks, max_concurrent_tasks: who.max_concurrent_tasks },
  };
};

const repoThrottled: Rule = (task, _who, { snapshot, prs }) => {
  const limit = snapshot.repos.get(task.repo)?.policy?.max_open_prs;
  const open = prs.get(task.repo) ?? 0;
  if (limit === undefined || limit === null || open < limit) return undefined;
  return {
    says: `must wait: ${task.repo} has ${open} of ${limit} pull requests open`,
    facts: { repo: task.repo, max_open_prs: limit, current_open_prs: open },
  };
};

const areaLocked: Rule = (task, _who, world) => {
  const area = task.area?.trim();
  const others = locksOf(world.snapshot, task)
    .flatMap((lock) => world.areas.get(lock) ?? [])
    .filter(({ id }) => id !== task.id);
  if (others.length === 0) return undefined;
  const ids = others.map(({ id }) => id);
  const shared = [...new Set(others.map((other) => other.area?.trim()))].filter((name) => name !== area);
  const where = shared.length > 0 ? `, which shares files with ${shared.join(", ")}` : "";
  return {
    says: `is in area ${area}${where}, where ${shorts(ids)} is in progress`,
    facts: { area, locked_by: ids },
  };
};

/** In the order in which they are asked. */
export const REASONS = {
  broken: row("closed", "record_invalid", false, "unreadable", broken),
  job: row("closed", "job_task", false, "for owp job claim", job),
  blocked: row("closed", "task_held", true, "blocked or under review", blocked),
  held: row("closed", "task_held", true, "held", held),
  planned: row("closed", "task_not_claimable", false, "planned", planned),
  waiting: row("closed", "task_not_claimable", false, "waiting for other tasks", waiting),
  backing_off: row("later", "task_not_claimable", true, "not yet due", backingOff),
  exhausted: row("later", "task_not_claimable", true, "out of attempts", exhausted),
  paused: row("yours", "worker_retired", false, "closed to you while you are not active", paused),
  assigned: row("yours", "task_not_claimable", true, "meant for others", assigned),
  tier: row("yours", "task_not_claimable", true, "above your trust tier", tier),
  skills: row("yours", "task_not_claimable", true, "need other skills", skills),
  capacity: row("yours", "task_not_claimable", true, "over your capacity", capacity),
  concurrency: row("yours", "task_not_claimable", true, "over your number of tasks", concurrency),
  repo_throttled: row(
    "yours",
    "task_not_claimable",
    true,
    "in repos with enough pull requests open",
    repoThrottled,
  ),
  area_locked: row("yours", "task_not_claimable", true, "area-locked", areaLocked),
} as const satisfies Record<string, ReasonRow>;

export type Reason = keyof typeof REASONS;
const ORDER = Object.keys(REASONS) as Reason[];

export interface Obstacle {
  reason: Reason;
  /** Goes on after the task's id: `needs rust`. */
  says: string;
  facts: Facts;
}

/** The first reason, of those asked about, why the task is not for this worker now; undefined: it is. */
export function obstacle(
  task: OpenTask,
  who: Candidate,
  world: World,
  asked: readonly Reason[] = ORDER,
): Obstacle | undefined {
  for (const reason of asked) {
    const found = REASONS[reason].rule(task, who, world);
    if (found) return { reason, ...found };
  }
  return undefined;
}
