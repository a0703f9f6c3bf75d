/** What must hold inside a task's file: its status and outcome, its references, its weight. */
import type { Task } from "../../generated/types.ts";
import { about, type FileRule } from "./file-rule.ts";
import type { Found } from "./rule.ts";

const ENDED: ReadonlySet<Task["status"]> = new Set(["done", "failed", "canceled"]);

export const TASK_RULES: readonly FileRule[] = [
  {
    code: "outcome_missing",
    severity: "error",
    why: "An ended task says how, when and under which epoch it ended; without that its epoch would be lost.",
    ...about("Task", ({ status, outcome }) =>
      ENDED.has(status) && !outcome
        ? { keys: ["status"], message: `The status is ${status}, and there is no outcome.` }
        : undefined,
    ),
  },
  {
    code: "outcome_unexpected",
    severity: "error",
    why: "A task that has an outcome has ended; requeue takes the outcome away and keeps its epoch in the lease.",
    ...about("Task", ({ status, outcome }) =>
      outcome && !ENDED.has(status)
        ? {
            keys: ["outcome"],
            message: `There is an outcome, and the status is ${status}; owp requeue opens a task again.`,
          }
        : undefined,
    ),
  },
  {
    code: "self_reference",
    severity: "error",
    why: "A task that waits for itself is never started, and one that is its own parent has no place in the tree (B30).",
    ...about("Task", selfReferences),
  },
  {
    code: "repeated_reference",
    severity: "warning",
    why: "Naming a task twice in one list says nothing more and is often the leftover of a merge.",
    ...about("Task", repeatedReferences),
  },
  {
    code: "estimate_over_cap",
    severity: "error",
    why: "The policy's max_estimate caps what one task may weigh (5 points by OWP v0.1); larger work is split.",
    ...about("Task", ({ estimate }, { rules }) =>
      estimate > rules.max_estimate
        ? {
            keys: ["estimate"],
            message: `The estimate is ${estimate}, and the policy's max_estimate is ${rules.max_estimate}.`,
          }
        : undefined,
    ),
  },
];

type TaskList = "blocked_by" | "blocks" | "duplicates";
const LISTS: readonly TaskList[] = ["blocked_by", "blocks", "duplicates"];

function* selfReferences({ id, relationships }: Task): Iterable<Found> {
  if (relationships?.parent === id)
    yield { keys: ["relationships", "parent"], message: "The task is its own parent." };
  for (const list of LISTS) {
    const index = relationships?.[list]?.indexOf(id) ?? -1;
    if (index !== -1)
      yield { keys: ["relationships", list, index], message: `The task names itself in ${list}.` };
  }
}

function* repeatedReferences({ relationships }: Task): Iterable<Found> {
  for (const list of LISTS) {
    const ids = relationships?.[list] ?? [];
    const seen = new Set<string>();
    for (const [index, id] of ids.entries()) {
      if (seen.has(id))
        yield { keys: ["relationships", list, index], message: `${list} names ${id} more than once.` };
      seen.add(id);
    }
  }
}
