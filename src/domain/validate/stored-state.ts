/** The state of a task as its files say it, without a clock: a lease that ran out still reads as it was written. */
import type { TaskState } from "../tasks/state.ts";
import type { Side } from "./commit-view.ts";

export function storedState({ task, lease, exists }: Side): TaskState | undefined {
  if (!exists || !task) return undefined;
  if (task.status !== "planned" && task.status !== "ready") return task.status;
  if (lease?.worker)
    return lease.phase === "blocked" || lease.phase === "pr_opened" ? lease.phase : "in_progress";
  if (task.status === "planned") return "planned";
  return lease?.phase === "retry" ? "retry" : "queued";
}
