/** `owp done`: the work is finished. The outcome keeps its epoch and the proof of work; the lease goes away. */
import type { Ctx, Plan, Planned } from "../../core/operation.ts";
import { pathOf } from "../../core/paths.ts";
import type { ClosedTask, OpenTask, Snapshot } from "../../core/snapshot.ts";
import { iso } from "../../core/time.ts";
import type { ArtifactNote, DoneInput, Task, Worker } from "../../generated/types.ts";
import { noteOf } from "../runs/artifacts.ts";
import { costOf } from "../runs/cost.ts";
import { prepare } from "./act.ts";
import { freedBy } from "./dependents.ts";
import { mergedAs } from "./docs.ts";
import { isActive } from "./grant.ts";
import { mergedMeanwhile } from "./meanwhile.ts";
import { bestFor, withDone } from "./next.ts";
import { heldBy } from "./scheduling.ts";
import { type ActResult, named, onOutcome, unchangedEnd } from "./settle.ts";
import { leaseOf } from "./state.ts";

export interface DoneResult extends ActResult {
  /** Tasks that waited for this one alone and may be claimed now. */
  freed?: NamedTask[];
  /** What a claim would give now: what the worker still works on, else the best that is free; else what waits for them. */
  next?: NamedTask & { yours?: true; waits?: "blocked" | "pr_opened" };
}

type NamedTask = ReturnType<typeof named>;

export function planDone(snapshot: Snapshot, input: DoneInput, ctx: Ctx): Plan<DoneResult> {
  const asked = prepare(snapshot, "done", input, ctx);
  const at = asked.ok ? asked : (mergedMeanwhile(snapshot, input, ctx) ?? asked);
  if (!at.ok) return at;
  const artifacts = proof(input, iso(ctx.now));
  if ("closed" in at) return doneAlready(snapshot, at.closed, input, artifacts);
  const planned = onOutcome(snapshot, ctx, at, "done", {
    type: "task.done",
    message: input.message,
    made: artifacts,
    ...costOf(input),
  });
  if (!planned.ok) return planned;
  const freed = freedBy(snapshot, new Set([at.task.id])).map(named);
  const next = nextOf(withDone(snapshot, at.task.id), at.worker, ctx);
  return {
    ...planned,
    result: { ...planned.result, ...(freed.length > 0 ? { freed } : {}), ...(next ? { next } : {}) },
  };
}

/** As `owp claim` chooses: work in progress comes back first. */
function nextOf(after: Snapshot, who: Worker, ctx: Ctx): DoneResult["next"] {
  const mine = heldBy(after, who.name);
  const active = mine.find(isActive);
  if (active) return { ...named(active), yours: true };
  const best = bestFor(after, who, ctx);
  if (best) return named(best);
  const [parked] = mine;
  const phase = parked && leaseOf(parked)?.phase;
  if (phase !== "blocked" && phase !== "pr_opened") return undefined;
  return { ...named(parked as OpenTask), yours: true, waits: phase };
}

function proof({ pr, commit, patch, artifact = [] }: DoneInput, at: string): ArtifactNote[] {
  const notes: ArtifactNote[] = [];
  if (pr) notes.push({ type: "pr", uri: pr, at });
  if (commit) notes.push({ type: "commit", uri: commit.toLowerCase(), at });
  if (patch) notes.push({ type: "code_patch", uri: patch, at });
  return [...notes, ...artifact.map((text) => noteOf(text, at))];
}

function doneAlready(
  snapshot: Snapshot,
  closed: ClosedTask,
  input: DoneInput,
  artifacts: ArtifactNote[],
): Planned<DoneResult> {
  const planned = unchangedEnd({ closed }, notRecorded(snapshot, closed.id, input, artifacts));
  const merged_as = mergedAs(snapshot, closed.id);
  return merged_as === undefined ? planned : { ...planned, result: { ...planned.result, merged_as } };
}

/** A repetition publishes nothing: say so where it brought something that the outcome does not have. */
function notRecorded(
  snapshot: Snapshot,
  id: string,
  { message }: DoneInput,
  artifacts: ArtifactNote[],
): string[] {
  const outcome = snapshot.doc<Task>(pathOf("Task", id))?.value.outcome;
  const known = (one: ArtifactNote) =>
    outcome?.artifacts?.some((old) => old.type === one.type && old.uri === one.uri);
  const isKnown = (message === undefined || message === outcome?.message) && artifacts.every(known);
  return isKnown ? [] : ["it was done already; what this call added was not recorded"];
}
