/** The tasks (jobs are none: they are of this queue) as they stand in the record, for owp import elsewhere or for other programs. */
import type { Ctx, Plan } from "../../core/operation.ts";
import { pathOf } from "../../core/paths.ts";
import type { Snapshot } from "../../core/snapshot.ts";
import { renderItem } from "../../core/yaml-write.ts";
import type { ExportInput, Task } from "../../generated/types.ts";
import { readTasks } from "../tasks/docs.ts";
import { tasksToCsv } from "./csv-tasks.ts";

export interface Exported {
  format: NonNullable<ExportInput["format"]>;
  count: number;
  /** Whole task files, in the order of their ids. */
  tasks: Task[];
}

export function planExport(snapshot: Snapshot, input: ExportInput, _ctx: Ctx): Plan<Exported> {
  const ids = [...snapshot.open()].filter(({ job }) => !job).map(({ id }) => id);
  if (input.all) for (const { id, job } of snapshot.closed()) if (!job) ids.push(id);
  const tasks = readTasks(snapshot, ids.sort()).map((task) =>
    withoutDone(snapshot, task, input.all === true),
  );
  const unreadable = [...snapshot.open()].filter(({ broken }) => broken).map(({ id }) => pathOf("Task", id));
  return {
    ok: true,
    changes: [],
    result: { format: input.format ?? "yaml", count: tasks.length, tasks },
    warnings: unreadable.map((path) => `${path} cannot be read and is left out.`),
  };
}

/** Where ended tasks are left out, nobody need wait for one that is done: elsewhere its id would lead nowhere. */
function withoutDone(snapshot: Snapshot, task: Task, isWhole: boolean): Task {
  const before = task.relationships?.blocked_by;
  if (isWhole || !before?.some((id) => snapshot.dependency(id) === "done")) return task;
  const { blocked_by: _before, ...others } = task.relationships ?? {};
  const blocked_by = before.filter((id) => snapshot.dependency(id) !== "done");
  const relationships = blocked_by.length > 0 ? { ...others, blocked_by } : others;
  const { relationships: _all, ...rest } = task;
  return Object.keys(relationships).length > 0 ? { ...task, relationships } : (rest as Task);
}

/** The export as text. */
export function renderExport({ format, tasks }: Exported): string {
  if (format === "csv") return tasksToCsv(tasks);
  if (format === "json") return `${JSON.stringify(tasks, null, 2)}\n`;
  if (format === "jsonl") return tasks.map((task) => `${JSON.stringify(task)}\n`).join("");
  return tasks.length === 0 ? "[]\n" : tasks.map((task) => renderItem(task, 0)).join("");
}
