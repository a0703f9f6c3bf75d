/** One worker: its record, whether it is there, and what it holds. */
import type { Ctx, Plan } from "../../core/operation.ts";
import type { Snapshot } from "../../core/snapshot.ts";
import type { WorkerShowInput } from "../../generated/types.ts";
import { targetWorker } from "./rights.ts";
import { type WorkerRow, workerRows } from "./row.ts";

export function planWorkerShow(snapshot: Snapshot, input: WorkerShowInput, ctx: Ctx): Plan<WorkerRow> {
  const target = targetWorker(snapshot, input.name, ctx);
  if (!target.ok) return target;
  const [row] = workerRows(snapshot, [target.worker], target.me.name, ctx);
  return { ok: true, changes: [], result: row as WorkerRow };
}
