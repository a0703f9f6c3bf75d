/** The worker takes tasks again; a retired one comes back by a maintainer alone. */
import type { Ctx, Plan } from "../../core/operation.ts";
import type { Snapshot } from "../../core/snapshot.ts";
import type { WorkerResumeInput } from "../../generated/types.ts";
import { planStanding, type Stood } from "./standing.ts";

export const planWorkerResume = (snapshot: Snapshot, input: WorkerResumeInput, ctx: Ctx): Plan<Stood> =>
  planStanding("resume", snapshot, input.name, ctx);
