/**
 * `owp settle`: code that reached the default branch ends the tasks that its commits name, whoever held them, and a
 * revert opens them again where policy says so. The proof is the code's history, so any worker may; a lease that
 * someone else held ends with the next epoch, as by a maintainer's hand. One commit for all.
 */
import { readDocs } from "../../core/docs.ts";
import type { Change, Ctx, Plan, Planned } from "../../core/operation.ts";
import { pathOf, shortId } from "../../core/paths.ts";
import { type Refusal, refuse } from "../../core/refusal.ts";
import type { ClosedTask, OpenTask, Snapshot } from "../../core/snapshot.ts";
import { iso, ms } from "../../core/time.ts";
import type { ArtifactNote, Mention, SettleInput, Task } from "../../generated/types.ts";
import { freedBy } from "../tasks/dependents.ts";
import { clip } from "../tasks/find.ts";
import { circleThrough } from "../tasks/links.ts";
import { reopen } from "../tasks/requeue.ts";
import { type ActResult, named, onOutcome } from "../tasks/settle.ts";
import { leaseOf, momentOf, stateOf } from "../tasks/state.ts";
import { stepOf as stepOfAct } from "../tasks/transitions.ts";
import { type Enlisted, enlist } from "../workers/acting.ts";
import { type Skipped, stepOf, type Verdict, verdictsOf } from "./standing.ts";
import { eventOf, warningsOf } from "./told.ts";

/** A task that a merge ended, or a revert opened. */
export interface Settled extends ActResult {
  commit: string;
  pr?: string;
}

export interface SettleResult {
  merged: Settled[];
  reopened: Settled[];
  /** What commits name and cannot be settled. */
  skipped: Skipped[];
  /** Tasks that waited for these alone and may be claimed now. */
  freed?: { id: string; short: string; title: string }[];
}

/** One task's part of the commit. */
type Part = { ok: true; changes: Change[]; settled: Settled; concerned?: string } | Refusal;

export function planSettle(snapshot: Snapshot, input: SettleInput, ctx: Ctx): Plan<SettleResult> {
  const { verdicts, skipped } = verdictsOf(snapshot, input);
  const closing: Verdict[] = [];
  const opening: Verdict[] = [];
  for (const verdict of verdicts) {
    const step = stepOf(verdict);
    if (step === "close") closing.push(verdict);
    else if (step === "reopen") opening.push(verdict);
    else if (step) skipped.push({ task: verdict.mention.task, commit: verdict.mention.commit, ...step });
  }
  if (closing.length + opening.length === 0) return answer({ merged: [], reopened: [], skipped }, input);
  const who = settler(snapshot, ctx);
  if (!who.ok) return who;
  readDocs(
    snapshot,
    [...closing, ...opening].map(({ task }) => pathOf("Task", task.id)),
  );
  const waits = new Map<string, readonly string[]>();
  const [merged, shut] = split(closing, (verdict) => close(snapshot, verdict, who, ctx));
  const [reopened, kept] = split(opening, (verdict) => open(snapshot, verdict, who, ctx, waits));
  const parts = [...merged, ...reopened];
  const result: SettleResult = {
    merged: merged.map(({ settled }) => settled),
    reopened: reopened.map(({ settled }) => settled),
    skipped: [...skipped, ...shut, ...kept],
  };
  if (parts.length === 0) return answer(result, input);
  const freed = freedBy(snapshot, new Set(result.merged.map(({ id }) => id))).map(named);
  return {
    ...answer({ ...result, ...(freed.length > 0 ? { freed } : {}) }, input),
    changes: [...who.changes, ...parts.flatMap(({ changes }) => changes)],
    event: eventOf(result, who.name, parts.length === 1 ? parts[0]?.concerned : undefined),
  };
}

/** A build machine is another one each time: it settles under the name of its kind, `github-actions`. */
function settler(snapshot: Snapshot, ctx: Ctx): Enlisted | Refusal {
  const { caller } = ctx;
  const isMachine = caller.actor_kind === "system" && !caller.explicit;
  const name = isMachine ? (caller.name.split("@")[0] ?? caller.name) : caller.name;
  const who = enlist(snapshot, isMachine ? { ...ctx, caller: { ...caller, name, explicit: true } } : ctx);
  if (!who.ok || who.worker.status !== "retired") return who;
  return refuse("worker_retired", `Worker ${who.name} is retired. Nothing was changed.`, {
    data: { worker: who.name },
  });
}

/** What can be done, and what cannot: one broken task does not hold up the others. */
function split(
  verdicts: readonly Verdict[],
  part: (verdict: Verdict) => Part,
): [Extract<Part, { ok: true }>[], Skipped[]] {
  const done: Extract<Part, { ok: true }>[] = [];
  const skipped: Skipped[] = [];
  for (const verdict of verdicts) {
    const made = part(verdict);
    const { task, commit } = verdict.mention;
    if (made.ok) done.push(made);
    else
      skipped.push({
        task,
        commit,
        why: made.code,
        says: made.message.replace(/ Nothing was changed\.$/, ""),
      });
  }
  return [done, skipped];
}

function close(snapshot: Snapshot, { task: row, mention }: Verdict, who: Enlisted, ctx: Ctx): Part {
  const task = row as OpenTask;
  const lease = leaseOf(task);
  const state = stateOf(task, momentOf(snapshot, ctx));
  const step = stepOfAct(state, "done");
  if (typeof step === "string") throw new Error(`the table has no end for a task that is ${state}`);
  const forced = Boolean(lease?.worker) && lease?.worker !== who.name;
  const planned = onOutcome(
    snapshot,
    ctx,
    { ...who, act: "done", task, lease, state, step, changes: [], forced, repeated: false },
    "done",
    {
      type: "task.merged",
      ...(mention.subject ? { message: mention.subject } : {}),
      // The clock of whoever made the commit may be ahead.
      merge: { commit: mention.commit, at: Math.min(ctx.now, ms(mention.at)) },
      made: proof(mention, iso(ctx.now)),
    },
  );
  return planned.ok ? partOf(planned, mention, forced ? lease?.worker : undefined) : planned;
}

function proof({ commit, pr, subject }: Mention, at: string): ArtifactNote[] {
  const note: ArtifactNote = { type: "commit", uri: commit, ...(subject ? { title: subject } : {}), at };
  return pr ? [note, { type: "pr", uri: pr, at }] : [note];
}

/** waits: what the tasks that this commit opens wait for. Together they could wait in a circle that none of them closes alone. */
function open(
  snapshot: Snapshot,
  { task: row, mention }: Verdict,
  who: Enlisted,
  ctx: Ctx,
  waits: Map<string, readonly string[]>,
): Part {
  const closed = row as ClosedTask;
  const file = snapshot.doc<Task>(pathOf("Task", closed.id))?.value;
  waits.set(closed.id, file?.relationships?.blocked_by ?? []);
  const edges = (id: string) => waits.get(id) ?? snapshot.openTask(id)?.blocked_by ?? [];
  const circle = circleThrough(closed.id, edges);
  const message = clip(`taken back by ${mention.commit}: ${mention.subject ?? ""}`.replace(/: $/, ""), 4000);
  const since = Math.min(ctx.now, ms(mention.at));
  const planned = circle
    ? refuse("dependency_cycle", `the dependencies would run in a circle: ${circle.map(shortId).join(" → ")}`)
    : reopen(snapshot, { closed, name: who.name, changes: [] }, { message, since }, ctx);
  if (!planned.ok) waits.delete(closed.id);
  return planned.ok ? partOf(planned, mention, closed.worker ?? undefined) : planned;
}

function partOf({ changes, result }: Planned<ActResult>, mention: Mention, concerned?: string | null): Part {
  const { commit, pr } = mention;
  return {
    ok: true,
    changes,
    settled: { ...result, commit, ...(pr ? { pr } : {}) },
    ...(concerned ? { concerned } : {}),
  };
}

function answer(result: SettleResult, input: SettleInput): Planned<SettleResult> {
  const warnings = warningsOf(result.skipped, input);
  return { ok: true, changes: [], result, ...(warnings.length > 0 ? { warnings } : {}) };
}
