/** Whether the leases that stand now fit what their holders and areas can bear. Two sound commits can merge into too much. */
import { pathOf } from "../../core/paths.ts";
import { ms } from "../../core/time.ts";
import { areasOf, overlapping } from "../repos/areas.ts";
import type { RecordView } from "./record-view.ts";
import type { Found, Rule } from "./rule.ts";

export const LOAD_RULES: readonly Rule<RecordView>[] = [
  {
    code: "over_capacity",
    severity: "warning",
    kinds: ["Lease", "Worker", "Task"],
    why: "A worker's work in progress may not exceed its capacity points (OWP v0.1); only a maintainer's forced act, a merge or an edit can lead there.",
    check: overCapacity,
  },
  {
    code: "over_concurrency",
    severity: "warning",
    kinds: ["Lease", "Worker"],
    why: "A worker may not hold more tasks in progress than its max_concurrent_tasks; only a maintainer's forced act, a merge or an edit can lead there.",
    check: overConcurrency,
  },
  {
    code: "area_shared",
    severity: "warning",
    kinds: ["Lease", "Task", "Repo"],
    why: "Work in one area of a repo is done one task at a time, so that people do not edit the same files at once.",
    check: sharedAreas,
  },
];

interface Held {
  id: string;
  worker: string;
  estimate: number;
  repo: string;
  area: string;
}

/** Leases in progress that have not expired: blocked and pr_opened free capacity and area (FEATURES A35, A40). Jobs take none. */
function* inProgress({ leases, tasks, now, rules }: RecordView): Iterable<Held> {
  for (const [id, lease] of leases) {
    if ("broken" in lease || lease.worker === null || lease.phase !== "in_progress") continue;
    if (now > ms(lease.expires_at) + rules.max_skew_ms) continue;
    const task = tasks.get(id);
    if (!task || task.broken || task.job) continue;
    yield {
      id,
      worker: lease.worker,
      estimate: task.estimate ?? 0,
      repo: task.repo,
      area: task.area?.trim() ?? "",
    };
  }
}

function groups(record: RecordView, key: (held: Held) => string): Map<string, Held[]> {
  const grouped = new Map<string, Held[]>();
  for (const held of inProgress(record)) {
    const list = grouped.get(key(held));
    if (list) list.push(held);
    else grouped.set(key(held), [held]);
  }
  return grouped;
}

function* overCapacity(record: RecordView): Iterable<Found> {
  for (const [name, held] of groups(record, ({ worker }) => worker)) {
    const limit = record.workers.get(name)?.capacity_points;
    const points = held.reduce((sum, { estimate }) => sum + estimate, 0);
    if (limit === undefined || points <= limit) continue;
    const message = `${name} has ${points} points in progress and a capacity of ${limit}.`;
    yield { path: pathOf("Worker", name), keys: ["capacity_points"], message };
  }
}

function* overConcurrency(record: RecordView): Iterable<Found> {
  for (const [name, held] of groups(record, ({ worker }) => worker)) {
    const limit = record.workers.get(name)?.max_concurrent_tasks;
    if (limit === undefined || held.length <= limit) continue;
    const message = `${name} has ${held.length} tasks in progress and may have ${limit} at once.`;
    yield { path: pathOf("Worker", name), keys: ["max_concurrent_tasks"], message };
  }
}

function* sharedAreas(record: RecordView): Iterable<Found> {
  const grouped = groups(record, ({ repo, area }) => `${repo} ${area}`);
  for (const held of inProgress(record)) {
    const { id, repo, area } = held;
    const policy = record.repos.get(repo)?.policy;
    if (!area || policy?.area_locks_enabled === false) continue;
    const areas = [area, ...overlapping(areasOf(record.repos.get(repo)), area)];
    const [first] = areas
      .flatMap((name) => grouped.get(`${repo} ${name}`) ?? [])
      .filter((other) => other.id < id)
      .sort((a, b) => (a.id < b.id ? -1 : 1));
    if (!first) continue;
    const shares = first.area === area ? "" : `, which shares files with ${first.area},`;
    const message = `It is in progress in the area ${area}${shares} of ${repo} at the same time as ${first.id}.`;
    yield { path: pathOf("Lease", id), message };
  }
}
