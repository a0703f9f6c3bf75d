/** Runs and leases: who may change a run, and that a run which a claim opened ends with its holder's time (FEATURES B56–B61). */
import { pathOf } from "../../core/paths.ts";
import type { Run } from "../../generated/types.ts";
import { hasEnded } from "../objects/run-status.ts";
import { endingOf, endRow } from "../runs/ending.ts";
import type { CommitRule } from "./commit-rule.ts";
import type { CommitView, FileStep, TaskStep } from "./commit-view.ts";
import type { RecordView } from "./record-view.ts";
import type { Found, Rule } from "./rule.ts";

export const RUN_RULES: readonly CommitRule[] = [
  {
    code: "run_not_holder",
    severity: "error",
    kinds: ["Run"],
    on: ["operation"],
    why: "A run is the account of whoever works: its executor or a maintainer changes it, or the commit that changes the lease which names it.",
    check: changedByOthers,
  },
  {
    code: "run_adrift",
    severity: "error",
    kinds: ["Lease", "Run"],
    on: ["operation"],
    butRepairs: true,
    why: "A run that a claim opened follows the lease that names it (B58): it begins with the claim, and ends in the commit that ends the holder's time.",
    check: adrift,
  },
];

function* changedByOthers({ files, tasks, actor, byMaintainer }: CommitView): Iterable<Found> {
  if (byMaintainer) return;
  const following = new Set(tasks.flatMap(({ before }) => before.lease?.run ?? []));
  for (const { path, kind, id, before } of files) {
    if (kind !== "Run" || !before || following.has(id)) continue;
    const executor = (before as Run).executor.actor.actor_id;
    if (executor !== actor)
      yield { path, message: `${actor} changed the run of ${executor} and is no maintainer.` };
  }
}

function* adrift({ files, tasks }: CommitView): Iterable<Found> {
  const runs = new Map(files.flatMap((file) => (file.kind === "Run" ? [[file.id, file] as const] : [])));
  for (const step of tasks) {
    const [was, is] = [step.before.lease?.run, step.after.lease?.run];
    if (step.before.broken || step.after.broken || was === is) continue;
    const old = was === undefined ? undefined : runs.get(was);
    if (old) yield* badEnd(step, old);
    if (is !== undefined) yield* badStart(step, is, runs.get(is));
  }
}

/** A run that could not be read, or had ended before, is none of the lease's any more. */
function* badEnd(
  { before, after }: TaskStep,
  { path, before: old, after: fresh }: FileStep,
): Iterable<Found> {
  if (!before.lease || !old || !fresh || hasEnded((old as Run).status)) return;
  const ending = endingOf(before.lease, after.lease, after.task?.status);
  const { status } = endRow(ending);
  const is = (fresh as Run).status;
  if (is === status) return;
  const message = `The holder's time ended (${ending}), so the run is ${status}; this one is ${is}.`;
  yield { path, keys: ["status"], message };
}

function* badStart({ id, after }: TaskStep, run: string, file: FileStep | undefined): Iterable<Found> {
  const found = (message: string): Found => ({ path: pathOf("Lease", id), keys: ["run"], message });
  if (!file || file.was || !file.after)
    return yield found(`The lease names ${run}, which its claim did not open.`);
  const { for_issue, status, executor } = file.after as Run;
  if (for_issue.id !== id) yield found(`The lease names ${run}, a run for ${for_issue.id}.`);
  if (hasEnded(status)) yield found(`The lease names ${run}, which has ended (${status}).`);
  const holder = after.lease?.worker;
  if (executor.actor.actor_id !== holder)
    yield found(`The lease of ${holder ?? "no one"} names ${run}, a run by ${executor.actor.actor_id}.`);
}

export const RUN_RECORD_RULES: readonly Rule<RecordView>[] = [
  {
    code: "lease_run",
    severity: "warning",
    kinds: ["Lease", "Run"],
    why: "What a holder proves becomes the artifacts of the run that the lease names; one that is not there, has ended or is another task's keeps nothing.",
    check: leaseRuns,
  },
];

function* leaseRuns({ leases, objects, exists }: RecordView): Iterable<Found> {
  for (const [id, lease] of leases) {
    if ("broken" in lease || !lease.run) continue;
    const run = objects.get(lease.run);
    const status = run?.facts.status as Run["status"] | undefined;
    const wrong = !run
      ? !exists("Run", lease.run) && "does not exist"
      : !run.links.some(([field, target]) => field === "for_issue" && target === id)
        ? "is for another task"
        : status !== undefined && hasEnded(status) && `has ended (${status})`;
    if (wrong)
      yield { path: pathOf("Lease", id), keys: ["run"], message: `It names ${lease.run}, which ${wrong}.` };
  }
}
