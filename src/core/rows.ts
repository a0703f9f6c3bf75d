/** Task files in their compact forms: what the index keeps and what scheduling reads. */
import type { Task } from "../generated/types.ts";
import { refsIn } from "./refs.ts";
import type { ClosedTask, OpenTask, Problem } from "./snapshot.ts";

const ENDED = new Set(["done", "failed", "canceled"]);

export const isEnded = (task: Task): boolean => ENDED.has(task.status);

/** What rows keep of a job; undefined: the task is none. */
const jobRow = ({ job }: Task) =>
  job && { id: job.job_id, type: job.type, accepted_event_id: job.accepted_event_id };

/** The key under which an import finds its task again. */
export function sourceKey(source: Task["source"]): string | undefined {
  return source?.external_id ? `${source.system} ${source.external_id}` : undefined;
}

/**
 * A row as it is kept, by the hundred thousand: without the fields that are undefined, and with texts of its own. Texts
 * out of a parser are slices of the file's text, and would keep all of it in memory.
 */
const compact = <T extends object>(row: T): T => JSON.parse(JSON.stringify(row)) as T;

export function openRow(task: Task): OpenTask {
  return compact<OpenTask>({
    id: task.id,
    title: task.title,
    repo: task.repo,
    status: task.status as OpenTask["status"],
    type: task.type,
    priority: task.priority,
    estimate: task.estimate,
    tier: task.tier ?? 0,
    area: task.area?.trim() || undefined,
    skills: task.skills ?? [],
    labels: task.labels ?? [],
    assigned_to: task.assigned_to,
    max_attempts: task.max_attempts,
    not_before: task.not_before,
    parent: task.relationships?.parent ?? undefined,
    blocked_by: task.relationships?.blocked_by ?? [],
    linked: refsIn("Task", task).length > 0 || undefined,
    source: sourceKey(task.source),
    created_at: task.created_at,
    updated_at: task.updated_at,
    epoch_floor: task.outcome?.epoch ?? 0,
    job: jobRow(task),
  });
}

export function closedRow(task: Task): ClosedTask {
  return compact<ClosedTask>({
    id: task.id,
    title: task.title,
    repo: task.repo,
    status: task.status as ClosedTask["status"],
    type: task.type,
    priority: task.priority,
    labels: task.labels ?? [],
    source: sourceKey(task.source),
    parent: task.relationships?.parent ?? undefined,
    worker: task.outcome?.worker ?? undefined,
    epoch: task.outcome?.epoch ?? 0,
    ended_at: task.outcome?.at ?? task.updated_at ?? task.created_at,
    job: jobRow(task),
  });
}

/** The row of a task file that cannot be read: not claimable, not done, and named in every listing. */
export function brokenRow(id: string, problem: Problem): OpenTask {
  return {
    id,
    title: "(unreadable)",
    repo: "",
    status: "planned",
    priority: 0,
    estimate: 1,
    tier: 0,
    skills: [],
    labels: [],
    blocked_by: [],
    created_at: "1970-01-01T00:00:00Z",
    epoch_floor: 0,
    // It may have been until now, and may be again.
    linked: true,
    broken: problem,
  };
}
