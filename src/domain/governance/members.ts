/** Who may propose and vote: members, that is workers who are registered and active (FEATURES C33, C53). */
import type { Ctx } from "../../core/operation.ts";
import { type Refusal, refuse } from "../../core/refusal.ts";
import type { Snapshot } from "../../core/snapshot.ts";
import { actingWorker, type Enlisted, enlist } from "../workers/acting.ts";

/** doing: what is refused, after "to": `vote`. A claim registers a worker in passing; a vote does not. */
export function verifyMember(snapshot: Snapshot, ctx: Ctx, doing: string): Enlisted | Refusal {
  const { name, worker } = actingWorker(snapshot, ctx);
  if (!worker && !snapshot.problems.has(`workers/${name}.yaml`))
    return refuse(
      "worker_unknown",
      `You (${name}) are not registered here, and only members ${doing}. Nothing was changed.`,
      { hint: "owp worker register", data: { worker: name } },
    );
  if (worker && worker.status !== "active")
    return refuse(
      "worker_retired",
      `Worker ${name} is ${worker.status}, and only active members ${doing}. Nothing was changed.`,
      { data: { worker: name, status: worker.status } },
    );
  return enlist(snapshot, ctx);
}
