/**
 * A run follows its lease: a claim opens it, what is proved becomes its artifacts, and it ends with the holder's time,
 * however that ends. `run` in the lease file names it, so that no task has two that are open.
 */
import type { Change, Ctx } from "../../core/operation.ts";
import { pathOf, shortId } from "../../core/paths.ts";
import type { OpenTask, Snapshot } from "../../core/snapshot.ts";
import { iso, ms } from "../../core/time.ts";
import type { ArtifactNote, Lease, Run, Worker } from "../../generated/types.ts";
import { hasEnded } from "../objects/run-status.ts";
import { leaseChange } from "../tasks/lease.ts";
import { withArtifactsOf } from "./artifacts.ts";
import { type Ending, endingOf, endRow, heldStatus, isSameHolding } from "./ending.ts";
import { openRun } from "./open.ts";

/** What an act says that its run keeps. */
export interface RunTold {
  message?: string;
  category?: NonNullable<Run["failure"]>["category"];
  /** Proof of work that this act names. */
  made?: readonly ArtifactNote[];
  cost?: Run["cost"];
}

export interface Followed {
  changes: Change[];
  warnings: string[];
}

const NOTHING: Followed = { changes: [], warnings: [] };

/** (suspends) The next lease, with the run that it names, and the changes of both. holder: whoever has it from now on. */
export function followLease(
  snapshot: Snapshot,
  ctx: Ctx,
  task: OpenTask,
  next: Lease,
  told: RunTold = {},
  holder?: Worker,
): Followed & { lease: Lease } {
  const before = task.lease && !("broken" in task.lease) ? task.lease : undefined;
  if (next.worker && isSameHolding(before, next)) {
    const { changes, warnings } = goOn(snapshot, ctx, next, task.title, told);
    return { lease: next, changes: [leaseChange(next), ...changes], warnings };
  }
  const why = told.message ?? next.taken_from?.evidence;
  const ended = before
    ? endRun(snapshot, ctx, before, endingOf(before, next), task.title, {
        ...told,
        ...(why ? { message: why } : {}),
      })
    : NOTHING;
  const run = holder && next.worker ? openRun(snapshot, ctx, task, next, holder) : undefined;
  const lease: Lease = run ? { ...next, run: run.id } : next;
  return {
    lease,
    changes: [leaseChange(lease), ...ended.changes, ...(run ? [runChange(run)] : [])],
    warnings: ended.warnings,
  };
}

/** The same holder, perhaps in another phase, perhaps with more to show. */
function goOn(snapshot: Snapshot, ctx: Ctx, lease: Lease, title: string, told: RunTold): Followed {
  const status = heldStatus(lease);
  const found = runOf(snapshot, lease, (told.made ?? []).length > 0);
  if (!("run" in found)) return found;
  const { run } = found;
  const made = withArtifactsOf(snapshot, ctx, run, told.made ?? [], title);
  if (status === run.status && !made.outputs) return NOTHING;
  const next: Run = {
    ...run,
    ...(made.outputs ? { outputs: made.outputs } : {}),
    status,
    updated_at: iso(ctx.now),
  };
  return { changes: [runChange(next), ...made.changes], warnings: [] };
}

/** (suspends) The run of a lease that ends. at: when, ms since 1970, where that is not now. */
export function endRun(
  snapshot: Snapshot,
  ctx: Pick<Ctx, "now" | "newId">,
  lease: Lease,
  ending: Ending,
  title: string,
  told: RunTold = {},
  at: number = ctx.now,
): Followed {
  const found = runOf(snapshot, lease, told.cost !== undefined);
  if (!("run" in found)) return found;
  const { run } = found;
  const { status, category, says } = endRow(ending);
  const message = told.message || says;
  const made = withArtifactsOf(snapshot, ctx, run, told.made ?? [], title);
  const outputs = made.outputs ?? run.outputs;
  const summary = category === undefined && message && !outputs?.result_summary;
  const next: Run = {
    ...run,
    status,
    telemetry: { ...run.telemetry, ...timesOf(run, at) },
    ...(told.cost ? { cost: { ...run.cost, ...told.cost } } : {}),
    ...(outputs || summary
      ? { outputs: { ...outputs, ...(summary ? { result_summary: message } : {}) } }
      : {}),
    ...(category ? { failure: { category: told.category ?? category, message: message ?? "" } } : {}),
    updated_at: iso(ctx.now),
  };
  return { changes: [runChange(next), ...made.changes], warnings: [] };
}

/** A clock that is behind the one by which the run began measures no time. */
function timesOf({ telemetry }: Run, at: number): Run["telemetry"] {
  const started = ms(telemetry?.started_at);
  if (Number.isNaN(started)) return { ended_at: iso(at) };
  const ended = Math.max(at, started);
  return { ended_at: iso(ended), duration_s: Math.round((ended - started) / 1000) };
}

/** (suspends) The run that a lease names; else what there is to say, where the act has something for it to keep. */
function runOf(snapshot: Snapshot, lease: Lease, isMissed: boolean): { run: Run } | Followed {
  if (!lease.run) return NOTHING;
  const run = snapshot.doc<Run>(pathOf("Run", lease.run))?.value;
  if (run && !hasEnded(run.status)) return { run };
  if (!isMissed) return NOTHING;
  const why = run ? `has ended (${run.status})` : "cannot be read";
  return { changes: [], warnings: [`run ${shortId(lease.run)} ${why}, and keeps nothing of this`] };
}

const runChange = (run: Run): Change => ({ path: pathOf("Run", run.id), value: run });
