/** The worker takes no more work; its record stays, for the tasks and the log that name it. */
import type { Ctx, Plan } from "../../core/operation.ts";
import type { Snapshot } from "../../core/snapshot.ts";
import type { WorkerRetireInput } from "../../generated/types.ts";
import { planStanding, type Stood } from "./standing.ts";

export const planRetire = (snapshot: Snapshot, input: WorkerRetireInput, ctx: Ctx): Plan<Stood> =>
  planStanding("retire", snapshot, input.name, ctx);
