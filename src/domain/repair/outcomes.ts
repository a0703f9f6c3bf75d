/** Tasks that were ended, or opened again, by hand and by halves. What has ended stays ended. */
import { pathOf, placeOf } from "../../core/paths.ts";
import { isEnded } from "../../core/rows.ts";
import { iso } from "../../core/time.ts";
import type { Lease, Task } from "../../generated/types.ts";
import { type Bench, valueIn } from "./bench.ts";
import { spellCommit } from "./files.ts";

/** Of every task that is looked at: what is wrong with a file shows only when it can be read again. */
export function completeOutcomes(bench: Bench): void {
  for (const path of Object.keys(bench.round.files)) {
    const task = placeOf(path)?.kind === "Task" ? bench.value<Task>(path) : undefined;
    if (task && isEnded(task) && !task.outcome) fillOutcome(bench, path, task);
    if (task && !isEnded(task) && task.outcome) endAgain(bench, path, task);
  }
}

/** Someone wrote the status alone: the outcome is made from the history. A holder is fenced off, as by a maintainer's forced act. */
function fillOutcome(bench: Bench, path: string, task: Task): void {
  const lease = bench.value<Lease>(pathOf("Lease", task.id));
  const epoch = bench.round.epochs[task.id] ?? 0;
  const versions = bench.file(path)?.versions ?? [];
  const by = versions.findLast((_version, at) => statusIn(path, versions[at - 1]?.text) !== task.status);
  const outcome: NonNullable<Task["outcome"]> = {
    epoch: lease?.worker ? epoch + 1 : epoch,
    attempt: lease?.attempt ?? 0,
    worker: lease?.worker ?? null,
    at: by ? iso(by.at_ms) : task.created_at,
    by: bench.mender.name,
    ...(by ? { message: `Ended by hand in ${spellCommit(by)}.` } : {}),
    ...(lease?.artifacts ? { artifacts: lease.artifacts } : {}),
  };
  const did = `${task.status} by hand; its outcome is filled in, at epoch ${outcome.epoch}`;
  bench.edit(path, { ...task, outcome }, "outcome_missing", did);
}

/** Someone set the status back and left the outcome: requeue opens a task, and keeps its epoch. */
function endAgain(bench: Bench, path: string, task: Task): void {
  const ended = (bench.file(path)?.versions ?? [])
    .map(({ text }) => valueIn<Task>(path, text ?? ""))
    .findLast((version) => version && isEnded(version) && version.outcome?.epoch === task.outcome?.epoch);
  if (!ended) return;
  const did = `${ended.status} again, as its outcome says; owp requeue opens it`;
  bench.edit(path, { ...task, status: ended.status }, "outcome_unexpected", did);
}

const statusIn = (path: string, text: string | undefined): string | undefined =>
  text === undefined ? undefined : valueIn<Task>(path, text)?.status;
