/** What changed at the source since the last import, where no one changed it here. */
import type { Ctx } from "../../core/operation.ts";
import { shortId } from "../../core/paths.ts";
import type { Snapshot } from "../../core/snapshot.ts";
import { iso } from "../../core/time.ts";
import type { Task } from "../../generated/types.ts";
import { DEFAULT_PRIORITY } from "../tasks/add.ts";
import { readTasks } from "../tasks/docs.ts";
import { withFields } from "../tasks/fields.ts";
import { digestOf, FOLLOWED, type Followed, importedDigest, withDigest } from "./digest.ts";
import type { Ready } from "./import-items.ts";
import type { Match } from "./import-match.ts";

/** A task that changed at the source, and in which fields. */
export interface ChangedTask {
  id: string;
  short: string;
  title: string;
  fields: (keyof Followed)[];
}

export interface FollowedTasks {
  /** The tasks that change. */
  tasks: Task[];
  changed: ChangedTask[];
  /** Changed there and here. */
  kept: { key: string; title: string; why: string }[];
  counts: { updated: number; unchanged: number; kept: number };
}

/** (suspends) Ended tasks, and those that have no mark of an import, stay as they are. */
export function followSource(
  snapshot: Snapshot,
  wanted: readonly Ready[],
  match: Match,
  ctx: Ctx,
): FollowedTasks {
  const known = wanted.filter(({ item }) => match.known.has(item.key));
  const docs = new Map(
    readTasks(
      snapshot,
      known.flatMap(({ item }) => match.openKeys.get(item.key) ?? []),
    ).map((task) => [task.id, task]),
  );
  const found: FollowedTasks = {
    ...{ tasks: [], changed: [], kept: [] },
    counts: { updated: 0, unchanged: 0, kept: 0 },
  };
  for (const ready of known) {
    const task = docs.get(match.openKeys.get(ready.item.key) ?? "");
    const next = task && followed(task, ready);
    if (!task || !next || next === "unchanged") found.counts.unchanged++;
    else if (next === "kept") {
      found.counts.kept++;
      const { key, title } = ready.item;
      found.kept.push({ key, title, why: `changed at the source and in ${shortId(task.id)}, which stays` });
    } else {
      found.counts.updated++;
      found.tasks.push({ ...next, updated_at: iso(ctx.now) });
      const { id, title } = next;
      found.changed.push({ id, short: shortId(id), title, fields: changedFields(task, next) });
    }
  }
  return found;
}

function followed(task: Task, { item, fields }: Ready): Task | "unchanged" | "kept" {
  const last = importedDigest(task);
  if (last === undefined) return "unchanged";
  const { title = item.title, description, priority = DEFAULT_PRIORITY, labels } = fields;
  if (digestOf({ title, description, priority, labels }) === last) return "unchanged";
  if (digestOf(task) !== last) return "kept";
  return withDigest(withFields(task, { title, description, priority, labels }));
}

const changedFields = (before: Followed, after: Followed): (keyof Followed)[] =>
  FOLLOWED.filter((name) => JSON.stringify(before[name]) !== JSON.stringify(after[name]));
