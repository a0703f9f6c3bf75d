/** Whoever settles a merge ends tasks that others hold: what its commit must show for that. */
import { type CommitRule, eachStep, type StepFound } from "./commit-rule.ts";
import type { CommitView, TaskStep } from "./commit-view.ts";

export const ends = ({ before, after }: TaskStep): boolean => before.exists && !before.ended && after.ended;

/** The commit says that it settles merges. Its steps are judged here, in place of the rules of holders. */
export const isMerge = ({ mode, commit }: Pick<CommitView, "mode" | "commit">): boolean =>
  mode === "operation" && commit.entry?.event === EVENT;

const EVENT = "task.merged";

export const MERGE_RULES: readonly CommitRule[] = [
  {
    code: "merge_unproven",
    severity: "error",
    kinds: ["Task", "Lease"],
    on: ["operation"],
    why: "Any worker may end a task whose code was merged, where policy says so; so the outcome names the commit (merged_as), and the next epoch where someone else held the task.",
    check: eachStep((step, view) => (isMerge(view) && ends(step) ? unproven(step, view) : undefined)),
  },
  {
    code: "merge_other_step",
    severity: "error",
    kinds: ["Task", "Lease"],
    on: ["operation"],
    why: "A commit that settles merges ends tasks, and opens ended ones; it changes no lease that goes on.",
    check: eachStep(({ before, after }, view) => {
      if (!isMerge(view) || !before.exists || before.ended || after.ended) return undefined;
      return { on: "Lease", message: "The commit settles merges, and changes a task that goes on." };
    }),
  },
];

function unproven({ before, after }: TaskStep, { rules, actor }: CommitView): StepFound | undefined {
  const { status, outcome } = after.task ?? {};
  const found = (keys: StepFound["keys"], message: string): StepFound => ({ on: "Task", keys, message });
  if (!rules.merge_closes)
    return found(["status"], "The task was ended by a merge, and owp.yaml says merge.closes: false.");
  if (status !== "done") return found(["status"], `A merge ends a task as done, and this one is ${status}.`);
  const proof = outcome?.artifacts?.some(({ type, uri }) => type === "commit" && uri === outcome.merged_as);
  if (!outcome?.merged_as || !proof)
    return found(
      ["outcome"],
      "The outcome of a merge names its commit in merged_as and among the artifacts.",
    );
  const holder = before.lease?.worker;
  const epoch = before.epoch + (holder && holder !== actor ? 1 : 0);
  if (after.epoch !== epoch)
    return found(
      ["outcome", "epoch"],
      `The outcome has epoch ${after.epoch}; a merge ends what ${holder ?? "no one"} held under ${epoch}.`,
    );
  if (holder !== actor && outcome.by !== actor)
    return found(["outcome", "by"], `The outcome does not say that ${actor} settled it.`);
  return undefined;
}
