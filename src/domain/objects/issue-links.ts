/** How an issue stands to others: no circle, and what it blocks is written where it counts, in the other's blocked_by (B30). */
import type { Change, Ctx } from "../../core/operation.ts";
import { shortId } from "../../core/paths.ts";
import { type Refusal, refuse } from "../../core/refusal.ts";
import type { Snapshot } from "../../core/snapshot.ts";
import { iso } from "../../core/time.ts";
import type { Task } from "../../generated/types.ts";
import { readTask } from "../tasks/docs.ts";
import { verifyNoCircle, verifyParent } from "../tasks/links.ts";
import type { Formed } from "./issue-form.ts";
import { blockedBy } from "./pointing.ts";

/** (suspends) */
export function verifyIssueLinks(snapshot: Snapshot, { task, blocks }: Formed): Refusal | undefined {
  const { parent, blocked_by = [] } = task.relationships ?? {};
  return (
    verifyNoCircle(snapshot, task.id, blocked_by, blocks) ??
    (parent ? verifyParent(snapshot, task.id, parent) : undefined)
  );
}

/** (suspends) The tasks that wait for this one from now on, and those that no longer do. */
export function mirrored(
  snapshot: Snapshot,
  { task: { id }, blocks }: Formed,
  before: readonly string[] | undefined,
  ctx: Ctx,
): { ok: true; changes: Change[]; ids: string[] } | Refusal {
  const waiting = blockedBy(snapshot, id);
  const listed = new Set(before);
  const added = blocks.filter((one) => !waiting.includes(one) && !listed.has(one));
  const freed = waiting.filter((one) => !blocks.includes(one) && snapshot.openTask(one));
  const changes: Change[] = [];
  for (const other of [...added, ...freed]) {
    if (!snapshot.openTask(other))
      return refuse(
        "task_ended",
        `${shortId(other)} has ended and waits for nothing any more. Nothing was changed.`,
        { data: { field: "relationships.blocks", id: other } },
      );
    const found = readTask(snapshot, other);
    if (!found.ok) return found;
    const rest = (found.task.relationships?.blocked_by ?? []).filter((one) => one !== id);
    const blocked_by = freed.includes(other) ? rest : [...rest, id];
    const value: Task = {
      ...found.task,
      relationships: { ...found.task.relationships, blocked_by },
      updated_at: iso(ctx.now),
    };
    changes.push({ path: found.path, value });
  }
  return { ok: true, changes, ids: [...added, ...freed] };
}
