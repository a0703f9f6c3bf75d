/** An act that waits offline means the task and the lease that its author saw, and never a later one of theirs. */
import type { Ctx } from "../../core/operation.ts";
import type { Refusal } from "../../core/refusal.ts";
import type { Snapshot } from "../../core/snapshot.ts";
import { actingWorker } from "../workers/acting.ts";
import { type ActInput, theHeld } from "./act.ts";
import { findTask } from "./find.ts";
import { leaseOf } from "./state.ts";
import type { Act } from "./transitions.ts";

/** The input with the task's whole id, and the epoch where the caller holds it. A task that this view does not know stays as it was typed. */
export function pinAct<I extends ActInput>(
  snapshot: Snapshot,
  input: I,
  ctx: Ctx,
  act: Act,
): { ok: true; input: I } | Refusal {
  const { name } = actingWorker(snapshot, ctx);
  const target = input.id === undefined ? theHeld(snapshot, name, act) : findTask(snapshot, input.id);
  if (!target.ok) return target.code === "task_unknown" ? { ok: true, input } : target;
  const { open } = target;
  const id = open?.id ?? target.closed?.id;
  const lease = open && leaseOf(open);
  const epoch = input.epoch ?? (lease?.worker === name ? lease.epoch : undefined);
  return { ok: true, input: { ...input, id, ...(epoch !== undefined && { epoch }) } };
}
