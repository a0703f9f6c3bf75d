/**
 * Leases that cannot be read, contradict themselves, are gone, or whose epoch was turned back. The epoch that a task gets is
 * never lower than any that its history shows; where that was turned back it is one higher, so that whoever holds an older
 * one is fenced off.
 */
import { pathOf, placeOf } from "../../core/paths.ts";
import { isEnded } from "../../core/rows.ts";
import type { Lease, Task } from "../../generated/types.ts";
import { type Bench, valueIn } from "./bench.ts";
import type { Good } from "./evidence.ts";
import { spellCommit } from "./files.ts";

/** A task with what its history says of its lease. */
interface Case {
  id: string;
  path: string;
  taskPath: string;
  task: Task;
  /** The highest epoch that ever stood in one of its files. */
  highest: number;
  /** The lease's text now, and its value where it can be read; sound: nothing is wrong with it by itself. */
  text: string | undefined;
  lease: Lease | undefined;
  sound: boolean;
  /** The finding to name, for the mend. */
  code: string;
}

export function mendLeases(bench: Bench): void {
  for (const path of Object.keys(bench.round.files)) {
    const place = placeOf(path);
    if (place?.kind !== "Lease") continue;
    const taskPath = pathOf("Task", place.id);
    const task = bench.value<Task>(taskPath);
    const text = bench.text(path);
    if (task) mendLease(bench, caseOf(bench, place.id, path, task));
    else if (text !== undefined && bench.text(taskPath) === undefined)
      bench.put(
        path,
        undefined,
        "lease_stray",
        "deleted; there is no such task, and never was one that could be read",
      );
  }
}

function caseOf(bench: Bench, id: string, path: string, task: Task): Case {
  const text = bench.text(path);
  const lease = bench.value<Lease>(path);
  const finding = bench.round.findings.find((each) => each.path === path && LEASE_CODES.has(each.code));
  return {
    ...{ id, path, task, text, lease },
    taskPath: pathOf("Task", id),
    highest: bench.round.epochs[id] ?? 0,
    sound: lease !== undefined && finding === undefined,
    code: finding?.code ?? (text !== undefined && !lease ? "yaml_syntax" : "epoch_decreased"),
  };
}

/** What can be wrong with a readable lease by itself. */
const LEASE_CODES: ReadonlySet<string> = new Set([
  "holder_phase",
  "lease_expiry",
  "taken_from_epoch",
  "time_impossible",
]);

function mendLease(bench: Bench, at: Case): void {
  if (isEnded(at.task)) endLease(bench, at);
  else if (at.text === undefined) bringBack(bench, at);
  else if (!at.sound) restore(bench, at);
  else if (at.lease && at.lease.epoch < at.highest)
    raise(bench, at, at.lease, "epoch_decreased", `went back to ${at.lease.epoch}`);
  else if (at.lease && holdersOf(bench, at.path, at.lease.epoch).size > 1)
    raise(bench, at, at.lease, "holder_same_epoch", `${at.lease.epoch} was given to more than one holder`);
}

/** Everyone whom the history shows as the holder of an epoch. */
function holdersOf(bench: Bench, path: string, epoch: number): Set<string> {
  const leases = (bench.file(path)?.versions ?? []).map(({ text }) => valueIn<Lease>(path, text ?? ""));
  return new Set(leases.flatMap((lease) => (lease?.worker && lease.epoch === epoch ? [lease.worker] : [])));
}

/** The task has ended: its epoch lives in the outcome, and the lease goes. */
function endLease(bench: Bench, { task, taskPath, path, text, highest }: Case): void {
  if (text !== undefined) bench.put(path, undefined, "lease_ended", `deleted; the task is ${task.status}`);
  const { outcome } = task;
  if (!outcome || outcome.epoch >= highest) return;
  const epoch = highest + 1;
  const did = `its outcome's epoch went back to ${outcome.epoch} and is ${epoch} now`;
  bench.edit(taskPath, { ...task, outcome: { ...outcome, epoch } }, "epoch_decreased", did);
}

function raise(bench: Bench, { path, highest }: Case, lease: Lease, code: string, why: string): void {
  const epoch = highest + 1;
  const did = `its epoch ${why} and is ${epoch} now; ${lease.worker ?? "no one"} holds it as before`;
  bench.edit(path, { ...lease, epoch }, code, did);
}

/** The lease is gone and the task goes on. Deleted by hand it comes back; lost with an outcome, it begins with no holder. */
function bringBack(bench: Bench, at: Case): void {
  const { path, taskPath, highest } = at;
  if (highest === 0) return;
  const ends = bench.file(taskPath)?.versions ?? [];
  const outcome = Math.max(
    0,
    ...ends.map(({ text }) => valueIn<Task>(taskPath, text ?? "")?.outcome?.epoch ?? 0),
  );
  const best = bestLease(bench, path);
  if (best && best.epoch === highest && outcome < highest)
    bench.put(path, best.text, "lease_removed", `restored as it stood at ${spellCommit(best)}`);
  else bench.edit(path, freed(at, best), "epoch_decreased", freedWords(at));
}

/** The lease cannot be read or contradicts itself: as it stood last, unless its epoch, or who holds it, is in doubt. */
function restore(bench: Bench, at: Case): void {
  const { path, highest, lease, code } = at;
  const best = bestLease(bench, path);
  const value = best && valueIn<Lease>(path, best.text);
  const isSame = lease === undefined || lease.worker === value?.worker;
  if (!best || !value || isDisputed(bench, path, best))
    bench.edit(path, freed(at, best), code, freedWords(at));
  else if (best.epoch === highest && isSame)
    bench.put(path, best.text, code, `restored as it stood at ${spellCommit(best)}`);
  else {
    const next: Lease = { ...value, epoch: highest + 1, ...takenFrom(lease, value.worker) };
    const did = `restored as it stood at ${spellCommit(best)}, with epoch ${next.epoch}, for ${highest} stood in it since`;
    bench.edit(path, next, code, did, best.text);
  }
}

const goodLeases = (bench: Bench, path: string): readonly Good[] => bench.file(path)?.good ?? [];

/** On whichever side of a merge the lease went further. */
const bestLease = (bench: Bench, path: string): Good | undefined =>
  [...goodLeases(bench, path)].sort((a, b) => b.epoch - a.epoch)[0];

/** Two sides of a merge give the same epoch to different holders: neither can be told from the other. */
function isDisputed(bench: Bench, path: string, best: Good): boolean {
  const holders = goodLeases(bench, path)
    .filter(({ epoch }) => epoch === best.epoch)
    .map(({ text }) => valueIn<Lease>(path, text)?.worker);
  return new Set(holders).size > 1;
}

/** Held by no one, above every epoch there was: what a holder sends late is refused. */
function freed({ id, lease, highest }: Case, best: Good | undefined): Lease {
  const known = best && valueIn<Lease>(pathOf("Lease", id), best.text);
  const { artifacts } = known ?? {};
  return {
    kind: "Lease",
    task: id,
    worker: null,
    epoch: highest + 1,
    attempt: 0,
    phase: "queued",
    ttl: null,
    expires_at: null,
    ...(artifacts ? { artifacts } : {}),
    ...takenFrom(lease, null),
  };
}

const freedWords = ({ highest }: Case): string =>
  `held by no one, with epoch ${highest + 1}, above all that its history shows`;

/** For the holder of a readable lease who is not the holder any more. */
function takenFrom(lease: Lease | undefined, worker: string | null): Pick<Lease, "taken_from"> {
  if (!lease?.worker || lease.worker === worker) return {};
  const taken_from = {
    worker: lease.worker,
    epoch: lease.epoch,
    reason: "forced" as const,
    evidence: "owp repair",
  };
  return { taken_from };
}
