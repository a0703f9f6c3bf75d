/** Which open tasks wait for a task. */
import { shortId } from "../../core/paths.ts";
import type { OpenTask, Snapshot } from "../../core/snapshot.ts";
import { byClaimOrder } from "./scheduling.ts";

/** In claim order. */
export function dependents(snapshot: Snapshot, id: string): OpenTask[] {
  const found: OpenTask[] = [];
  for (const task of snapshot.open()) if (task.blocked_by.includes(id)) found.push(task);
  return found.sort(byClaimOrder);
}

/** Open tasks that waited for these and for nothing else that is not done, in claim order. */
export function freedBy(snapshot: Snapshot, done: ReadonlySet<string>): OpenTask[] {
  const isDone = (id: string) => done.has(id) || snapshot.dependency(id) === "done";
  const found: OpenTask[] = [];
  for (const task of snapshot.open())
    if (!done.has(task.id) && task.blocked_by.some((id) => done.has(id)) && task.blocked_by.every(isDone))
      found.push(task);
  return found.sort(byClaimOrder);
}

const NAMED_LIMIT = 5;

/** A warning for an end that is not done: what depends on the task stays where it is. */
export function stranded(snapshot: Snapshot, id: string): string[] {
  const waiting = dependents(snapshot, id);
  if (waiting.length === 0) return [];
  const named = waiting.slice(0, NAMED_LIMIT).map((task) => shortId(task.id));
  const more = waiting.length > NAMED_LIMIT ? ` and ${waiting.length - NAMED_LIMIT} more` : "";
  const wait = waiting.length === 1 ? "depends on it and waits" : "depend on it and wait";
  return [
    `${named.join(", ")}${more} ${wait}: owp edit takes the dependency away, owp requeue opens this one again`,
  ];
}
