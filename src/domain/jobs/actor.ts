/** Who acts on a job. Any worker may who is not retired: the claim token decides the rest. */
import type { Ctx } from "../../core/operation.ts";
import { type Refusal, refuse } from "../../core/refusal.ts";
import type { Snapshot } from "../../core/snapshot.ts";
import { type Enlisted, enlist } from "../workers/acting.ts";

/** active: it is to take work, so one that is paused may not either. */
export function jobActor(snapshot: Snapshot, ctx: Ctx, { active = false } = {}): Enlisted | Refusal {
  const who = enlist(snapshot, ctx);
  if (!who.ok) return who;
  const { name, worker } = who;
  if (worker.status === "active" || (worker.status !== "retired" && !active)) return who;
  return refuse("worker_retired", `Worker ${name} is ${worker.status}. Nothing was changed.`, {
    hint: worker.status === "paused" ? `owp worker resume ${name}` : "owp worker list",
    data: { worker: name, status: worker.status },
  });
}
