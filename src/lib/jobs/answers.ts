/**
 * The answers of submit and cancel also say how far the projections are (FEATURES D28, D59). That is read when the change has
 * landed, and cannot undo it: where it fails, the change is told as accepted, and the projections as degraded (D29).
 */
import { degradedBy, type ProjectionsTold, readyOf, reasonsOf } from "../../domain/jobs/projections/ready.ts";
import type { RecordHub } from "../hub.ts";
import type { Outcome, RunOptions } from "../types.ts";
import { readLedger } from "./ledger.ts";

/** result: that of the operation, with ProjectionsTold, where its change is on the record or was there before. */
export async function runTelling(
  name: "job submit" | "job cancel",
  hub: RecordHub,
  input: Record<string, unknown>,
  op: string,
  options: RunOptions,
): Promise<Outcome> {
  const outcome = await hub.operate(name, input, op, options);
  if (!outcome.ok || outcome.review || options.dry_run) return outcome;
  return { ...outcome, result: { ...(outcome.result as object), ...(await projectionsTold(hub)) } };
}

async function projectionsTold(hub: RecordHub): Promise<ProjectionsTold> {
  try {
    const { state, ignored } = await readLedger(hub, hub.parts.view.snapshot.tip as string);
    const { projection_status, projection_lag, degraded_reasons } = readyOf(state, reasonsOf(state, ignored));
    return { projection_status, projection_lag, ...(degraded_reasons && { degraded_reasons }) };
  } catch (error) {
    // Whatever it is: to throw would call a change that has landed a failed one.
    return degradedBy((error as Error).message);
  }
}
