/** How an issue stands to others: no circle, and blocks mirrored where it counts, in the other's blocked_by (B30). */
import type { Change, Ctx } from "../../core/operation.ts";
import { pathOf, shortId } from "../../core/paths.ts";
import { type Refusal, refuse } from "../../core/refusal.ts";
import type { Snapshot } from "../../core/snapshot.ts";
import { iso } from "../../core/time.ts";
import type { Task } from "../../generated/types.ts";
import { readTask } from "../tasks/docs.ts";
import { verifyNoCircle, verifyParent } from "../tasks/links.ts";

/** (suspends) */
export function verifyIssueLinks(snapshot: Snapshot, task: Task): Refusal | undefined {
  const { parent, blocked_by = [], blocks = [] } = task.relationships ?? {};
  return (
    verifyNoCircle(snapshot, task.id, blocked_by, blocks) ??
    (parent ? verifyParent(snapshot, task.id, parent) : undefined)
  );
}

/** (suspends) The open tasks that this one says it blocks, each with it in its own blocked_by. */
export function mirrored(
  snapshot: Snapshot,
  task: Task,
  ctx: Ctx,
): { ok: true; changes: Change[]; ids: string[] } | Refusal {
  const changes: Change[] = [];
  const ids: string[] = [];
  for (const id of task.relationships?.blocks ?? []) {
    const open = snapshot.openTask(id);
    if (open?.blocked_by.includes(task.id)) continue;
    if (!open)
      return refuse(
        "task_ended",
        `${shortId(id)} has ended and waits for nothing any more. Nothing was changed.`,
        { data: { field: "relationships.blocks", id } },
      );
    const found = readTask(snapshot, id);
    if (!found.ok) return found;
    const relationships = {
      ...found.task.relationships,
      blocked_by: [...(found.task.relationships?.blocked_by ?? []), task.id],
    };
    changes.push({
      path: pathOf("Task", id),
      value: { ...found.task, relationships, updated_at: iso(ctx.now) },
    });
    ids.push(id);
  }
  return { ok: true, changes, ids };
}
