/** The form of a rule of history: a row of a table with the kinds of commit that it judges. */
import { pathOf } from "../../core/paths.ts";
import type { CommitView, Mode, TaskStep } from "./commit-view.ts";
import type { Found, Keys, Rule } from "./rule.ts";

export interface CommitRule extends Rule<CommitView> {
  on: readonly Mode[];
  /** A maintainer's repair may do it: it makes up at once for what several acts, or none, have done. */
  butRepairs?: true;
}

export const ANY: readonly Mode[] = ["operation", "edit", "merge"];
/** Commits with one parent: what changed is this commit's own doing. */
export const OWN: readonly Mode[] = ["operation", "edit"];

/** A finding of one task's step: `on` says which of its two files to point at. */
export interface StepFound {
  on: "Task" | "Lease";
  keys?: Keys;
  message: string;
}

/** A check that looks at one task at a time. Steps with an unreadable file are left to the rules of that file. */
export function eachStep(
  judge: (step: TaskStep, view: CommitView) => StepFound | undefined,
  options: { evenBroken?: boolean } = {},
): CommitRule["check"] {
  return function* (view): Iterable<Found> {
    for (const step of view.tasks) {
      if (!options.evenBroken && (step.before.broken || step.after.broken)) continue;
      const found = judge(step, view);
      if (found)
        yield {
          path: pathOf(found.on, step.id),
          ...(found.keys ? { keys: found.keys } : {}),
          message: found.message,
        };
    }
  };
}
