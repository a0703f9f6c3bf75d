/** Renewing: a sign of life on the record, for one lease or for all that a worker holds (A11). heartbeat calls it. */
import type { Change, Ctx, Plan } from "../../core/operation.ts";
import { shortId } from "../../core/paths.ts";
import type { OpenTask, Snapshot } from "../../core/snapshot.ts";
import type { Lease, RenewInput } from "../../generated/types.ts";
import { actingWorker } from "../workers/acting.ts";
import { prepareHeld } from "./act.ts";
import { leaseChange, renewed } from "./lease.ts";
import { type HeldRow, heldRow } from "./rows.ts";
import { heldBy } from "./scheduling.ts";
import { leaseOf, momentOf, stateOf } from "./state.ts";

export interface RenewResult {
  worker: string;
  /** All that was asked about, as it stands now. */
  held: HeldRow[];
  /** Ids of those whose lease was extended; the others have more than half of it left. */
  renewed: string[];
}

export function planRenew(snapshot: Snapshot, input: RenewInput, ctx: Ctx): Plan<RenewResult> {
  let name = actingWorker(snapshot, ctx).name;
  let held: OpenTask[];
  if (input.id === undefined) {
    held = heldBy(snapshot, name);
    if (input.epoch !== undefined) held = held.filter((task) => leaseOf(task)?.epoch === input.epoch);
  } else {
    const at = prepareHeld(snapshot, "renew", input, ctx);
    if (!at.ok) return at;
    name = at.name;
    held = [at.task];
  }
  const next = held.map((task) => ({ ...task, lease: renewed(leaseOf(task) as Lease, ctx.now) }));
  const extended = next.filter((task, i) => task.lease !== held[i]?.lease);
  const at = momentOf(snapshot, ctx);
  const result: RenewResult = {
    worker: name,
    held: next.flatMap((task) => heldRow(task, stateOf(task, at), ctx.now) ?? []),
    renewed: extended.map(({ id }) => id),
  };
  const changes: Change[] = extended.map(({ lease }) => leaseChange(lease));
  if (changes.length === 0) return { ok: true, changes, result };
  return {
    ok: true,
    changes,
    event: {
      type: "task.renewed",
      subject: `renew ${extended.map(({ id }) => shortId(id)).join(", ")}`,
      tasks: extended.map(({ id, lease }) => ({ id, epoch: lease.epoch })),
      actor: name,
    },
    result,
  };
}
