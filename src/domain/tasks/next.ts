/** What a worker could do when a task of theirs is done: so that done tells what comes next, and claim is the one other call. */
import type { Ctx } from "../../core/operation.ts";
import type { OpenTask, Snapshot } from "../../core/snapshot.ts";
import { type Candidate, obstacle } from "./eligibility.ts";
import { byClaimOrder, worldOf } from "./scheduling.ts";

/** The snapshot as it will be when the task is done, as far as scheduling looks. */
export const withDone = (snapshot: Snapshot, id: string): Snapshot =>
  Object.create(snapshot, {
    open: {
      *value() {
        for (const task of snapshot.open()) if (task.id !== id) yield task;
      },
    },
    openTask: { value: (one: string) => (one === id ? undefined : snapshot.openTask(one)) },
    dependency: { value: (one: string) => (one === id ? "done" : snapshot.dependency(one)) },
  });

/** The best task for a worker, as a claim would choose; undefined: there is none now. */
export function bestFor(snapshot: Snapshot, who: Candidate, ctx: Ctx): OpenTask | undefined {
  const world = worldOf(snapshot, ctx, who.name);
  let first: OpenTask | undefined;
  for (const task of snapshot.open()) {
    if (first && byClaimOrder(task, first) > 0) continue;
    if (!obstacle(task, who, world)) first = task;
  }
  return first;
}
