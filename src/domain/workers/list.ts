/** Who takes part: the workers, who of them is there, and what they have in hand (FEATURES A09, A35). */
import type { Ctx, Plan } from "../../core/operation.ts";
import { placeOf } from "../../core/paths.ts";
import type { Snapshot } from "../../core/snapshot.ts";
import type { WorkerListInput } from "../../generated/types.ts";
import { actingWorker } from "./acting.ts";
import { type WorkerRow, workerRows } from "./row.ts";

export interface WorkersListed {
  /** Those that are there first, then by name. */
  workers: WorkerRow[];
  total: number;
  online: number;
}

export function planWorkerList(snapshot: Snapshot, input: WorkerListInput, ctx: Ctx): Plan<WorkersListed> {
  const fold = (word: string) => word.trim().toLowerCase();
  const skill = input.skill === undefined ? undefined : fold(input.skill);
  const chosen = [...snapshot.workers.values()].filter(
    (worker) =>
      (input.all || worker.status !== "retired") &&
      (skill === undefined || worker.skills.some((one) => fold(one) === skill)),
  );
  const rows = workerRows(snapshot, chosen, actingWorker(snapshot, ctx).name, ctx)
    .filter((row) => !input.online || row.presence.online)
    .sort((a, b) => Number(b.presence.online) - Number(a.presence.online) || (a.name < b.name ? -1 : 1));
  const broken = [...snapshot.problems.values()].filter(({ path }) => placeOf(path)?.kind === "Worker");
  return {
    ok: true,
    changes: [],
    result: { workers: rows, total: rows.length, online: rows.filter((row) => row.presence.online).length },
    warnings: broken.map(({ path, message }) => `${path} cannot be read: ${message}.`),
  };
}
