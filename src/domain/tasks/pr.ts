/** `owp pr`: a pull request is open. The task stays its holder's, frees their capacity, and does not expire. */
import type { Ctx, Plan } from "../../core/operation.ts";
import type { Snapshot } from "../../core/snapshot.ts";
import { iso } from "../../core/time.ts";
import type { ArtifactNote, PrInput } from "../../generated/types.ts";
import { noteOf } from "../runs/artifacts.ts";
import { prepareHeld } from "./act.ts";
import { ARTIFACT_LIMIT, renewed, withArtifacts, without } from "./lease.ts";
import { type ActResult, onLease, tooMany, unchanged } from "./settle.ts";

export function planPr(snapshot: Snapshot, input: PrInput, ctx: Ctx): Plan<ActResult> {
  const at = prepareHeld(snapshot, "pr", input, ctx);
  if (!at.ok) return at;
  const { message } = input;
  const known = at.lease.artifacts ?? [];
  const now = iso(ctx.now);
  const made: ArtifactNote[] = [
    { type: "pr", uri: input.url, at: now },
    ...(input.artifact ?? []).map((text) => noteOf(text, now)),
  ];
  const artifacts = withArtifacts(known, made) ?? [];
  const nothingNew =
    artifacts.length === known.length && (message === undefined || message === at.lease.message);
  if (at.step.again && !at.forced && nothingNew) return unchanged(at);
  if (artifacts.length > ARTIFACT_LIMIT) return tooMany(at.task);
  const lease = without(renewed(at.lease, ctx.now), "message");
  return onLease(
    snapshot,
    ctx,
    at,
    "task.pr_opened",
    { ...lease, phase: "pr_opened", artifacts, ...(message ? { message } : {}) },
    { message: message ? `${input.url}\n\n${message}` : input.url, made },
  );
}
