/** The worker gets no new task and keeps those it holds (FEATURES A10). */
import type { Ctx, Plan } from "../../core/operation.ts";
import type { Snapshot } from "../../core/snapshot.ts";
import type { WorkerPauseInput } from "../../generated/types.ts";
import { planStanding, type Stood } from "./standing.ts";

export const planPause = (snapshot: Snapshot, input: WorkerPauseInput, ctx: Ctx): Plan<Stood> =>
  planStanding("pause", snapshot, input.name, ctx);
