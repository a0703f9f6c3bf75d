/** Which items are on the record already. */

import { sourceKey } from "../../core/rows.ts";
import type { Snapshot } from "../../core/snapshot.ts";
import type { Task } from "../../generated/types.ts";
import type { Ready } from "./import-items.ts";

export interface Match {
  /** Items by key that the record has, and the task's id. */
  known: ReadonlyMap<string, string>;
  /** Of these, the tasks that have not ended. */
  openKeys: ReadonlyMap<string, string>;
  /** The task's id of every key that has one; new items are added by the plan. */
  ids: Map<string, string>;
  /** `system external_id` of every task of the record that was looked at, and the task's id. */
  sources: ReadonlyMap<string, string>;
}

/** (suspends) Ended tasks are read only when an item, or what it points to, is not among the open ones. */
export function matchItems(snapshot: Snapshot, system: string, items: readonly Ready[]): Match {
  const sources = new Map<string, string>();
  const open = new Set<string>();
  for (const task of snapshot.open()) {
    open.add(task.id);
    if (task.source !== undefined) sources.set(task.source, task.id);
  }
  const inRecord = new Set(open);
  const find = ({ item }: Ready): string | undefined =>
    item.id !== undefined && inRecord.has(item.id) ? item.id : sources.get(keyOf(item, system) ?? "");
  if (items.some((ready) => find(ready) === undefined)) {
    for (const task of snapshot.closed()) {
      inRecord.add(task.id);
      if (task.source !== undefined && !sources.has(task.source)) sources.set(task.source, task.id);
    }
  }
  const known = new Map<string, string>();
  const openKeys = new Map<string, string>();
  for (const ready of items) {
    const id = find(ready);
    if (id === undefined) continue;
    known.set(ready.item.key, id);
    if (open.has(id)) openKeys.set(ready.item.key, id);
  }
  return { known, openKeys, ids: new Map(known), sources };
}

/** What an item's task has as its source: the source that it brings along, or this import's. */
function keyOf(item: Ready["item"], system: string): string | undefined {
  const brought = item.extra?.source as Task["source"];
  return sourceKey(brought) ?? (item.external_id === undefined ? undefined : `${system} ${item.external_id}`);
}
