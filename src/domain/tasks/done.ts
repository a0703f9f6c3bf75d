/** `owp done`: the work is finished. The outcome keeps its epoch and the proof of work; the lease goes away. */
import type { Ctx, Plan } from "../../core/operation.ts";
import { pathOf } from "../../core/paths.ts";
import type { Snapshot } from "../../core/snapshot.ts";
import { iso } from "../../core/time.ts";
import type { ArtifactNote, DoneInput, Task } from "../../generated/types.ts";
import { prepare } from "./act.ts";
import { dependents } from "./dependents.ts";
import { type ActResult, named, onOutcome, unchangedEnd } from "./settle.ts";

export interface DoneResult extends ActResult {
  /** Tasks that waited for this one alone and may be claimed now. */
  freed?: { id: string; short: string; title: string }[];
}

export function planDone(snapshot: Snapshot, input: DoneInput, ctx: Ctx): Plan<DoneResult> {
  const at = prepare(snapshot, "done", input, ctx);
  if (!at.ok) return at;
  const artifacts = proof(input, iso(ctx.now));
  if ("closed" in at) return unchangedEnd(at, notRecorded(snapshot, at.closed.id, input, artifacts));
  const planned = onOutcome(
    snapshot,
    at,
    "done",
    { type: "task.done", now: ctx.now, message: input.message },
    artifacts,
  );
  if (!planned.ok) return planned;
  const freed = dependents(snapshot, at.task.id)
    .filter(({ blocked_by }) =>
      blocked_by.every((id) => id === at.task.id || snapshot.dependency(id) === "done"),
    )
    .map(named);
  return freed.length > 0 ? { ...planned, result: { ...planned.result, freed } } : planned;
}

function proof({ pr, commit, patch }: DoneInput, at: string): ArtifactNote[] {
  const notes: ArtifactNote[] = [];
  if (pr) notes.push({ type: "pr", uri: pr, at });
  if (commit) notes.push({ type: "commit", uri: commit.toLowerCase(), at });
  if (patch) notes.push({ type: "code_patch", uri: patch, at });
  return notes;
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
