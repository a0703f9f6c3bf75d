/** Task files for plans that change or copy them. */
import { readDocs } from "../../core/docs.ts";
import { pathOf } from "../../core/paths.ts";
import { type Refusal, refuse } from "../../core/refusal.ts";
import type { Snapshot } from "../../core/snapshot.ts";
import type { Task } from "../../generated/types.ts";

/** (suspends) The whole tasks of these ids, in their order; unreadable ones are left out. */
export function readTasks(snapshot: Snapshot, ids: Iterable<string>): Task[] {
  const docs = readDocs<Task>(
    snapshot,
    [...ids].map((id) => pathOf("Task", id)),
  );
  return [...docs.values()].map((doc) => doc.value);
}

/** (suspends) The commit whose merge ended a task; undefined where it ended otherwise, or has not. */
export const mergedAs = (snapshot: Snapshot, id: string): string | undefined =>
  snapshot.doc<Task>(pathOf("Task", id))?.value.outcome?.merged_as;

/** (suspends) One task's file, for a change of it. */
export function readTask(snapshot: Snapshot, id: string): { ok: true; path: string; task: Task } | Refusal {
  const path = pathOf("Task", id);
  const doc = snapshot.doc<Task>(path);
  if (doc) return { ok: true, path, task: doc.value };
  const problem = snapshot.problems.get(path);
  return refuse(
    "record_invalid",
    `${path} cannot be read: ${problem?.message ?? "it is missing"}. Nothing was changed.`,
    {
      hint: `owp repair, by a maintainer; or mend the file, then owp validate ${path}`,
      data: { path, line: problem?.line },
    },
  );
}
