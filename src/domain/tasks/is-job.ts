/** Jobs have commands of their own: what the others say of them. */
import { type Refusal, refuse } from "../../core/refusal.ts";
import type { ClosedTask, OpenTask } from "../../core/snapshot.ts";
import { called } from "./find.ts";
import type { Act } from "./transitions.ts";

/** The verb of `owp job` that does it; what is left out JobSpec does not know. */
const INSTEAD: Partial<Record<Act | "edit", string>> = {
  claim: "claim",
  done: "complete",
  fail: "fail",
  renew: "heartbeat",
  cancel: "cancel",
};

const FENCED: ReadonlySet<string> = new Set(["complete", "fail", "heartbeat"]);

/** undefined: the task is no job. what: the fields that an edit would change. */
export function refuseJob(
  act: Act | "edit",
  task: OpenTask | ClosedTask | undefined,
  what: readonly string[] = [],
): Refusal | undefined {
  if (!task?.job) return undefined;
  const { id: job_id } = task.job;
  const verb = INSTEAD[act];
  const fence = verb !== undefined && FENCED.has(verb) ? " --token <token> --epoch <n>" : "";
  const why =
    what.length > 0
      ? `${what.join(", ")} of a job cannot be edited`
      : verb
        ? `owp ${act} is for tasks`
        : `there is no ${act} for jobs`;
  return refuse("job_task", `${called(task)} is a job: ${why}. Nothing was changed.`, {
    hint: `owp job ${verb ?? "show"} ${job_id}${fence}`,
    data: { task: task.id, job_id, act, ...(what.length > 0 ? { fields: what } : {}) },
  });
}
