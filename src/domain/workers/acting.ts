/** Who acts: from the caller's name to a worker of the record, registering it where the policy is open. */
import type { Change, Ctx } from "../../core/operation.ts";
import { pathOf } from "../../core/paths.ts";
import { type Refusal, refuse } from "../../core/refusal.ts";
import type { Rules, Snapshot } from "../../core/snapshot.ts";
import { iso } from "../../core/time.ts";
import type { Worker } from "../../generated/types.ts";

/** The effective name, and its worker where the record has one that can be read. */
export interface Acting {
  name: string;
  worker: Worker | undefined;
}

const NAME_LIMIT = 120;

/**
 * A default name belongs to the clone that registered it: the same `agent@host/worktree` in another clone (a copied
 * folder, another container) is another worker, and takes the end of its clone's id. A name given by --as is meant.
 */
export function actingWorker(snapshot: Snapshot, ctx: Ctx): Acting {
  const { name, explicit, clone } = ctx.caller;
  const known = snapshot.workers.get(name);
  const foreign = !explicit && known?.clone !== undefined && known.clone !== clone;
  if (!foreign) return { name, worker: known };
  const suffix = `-${clone.slice(-4)}`;
  const own = name.slice(0, NAME_LIMIT - suffix.length) + suffix;
  return { name: own, worker: snapshot.workers.get(own) };
}

/** What an unknown worker would be: the policy's defaults, and no skills yet. */
export function draftWorker(rules: Rules, name: string, ctx: Ctx): Omit<Worker, "id"> {
  return {
    kind: "Worker",
    name,
    actor_kind: ctx.caller.actor_kind,
    skills: [],
    capacity_points: rules.capacity_points,
    max_concurrent_tasks: rules.max_concurrent_tasks,
    status: "active",
    trust_tier: rules.default_trust,
    ...(ctx.caller.explicit ? {} : { clone: ctx.caller.clone }),
    created_at: iso(ctx.now),
  };
}

/** The actor of a change, with the change that registers it where it is new. */
export interface Enlisted {
  ok: true;
  name: string;
  worker: Worker;
  /** Empty for a worker that the record knows. */
  changes: Change[];
}

/** The worker who makes a change; a new one is registered in the same change-set, where the policy is open. */
export function enlist(snapshot: Snapshot, ctx: Ctx): Enlisted | Refusal {
  const { name, worker } = actingWorker(snapshot, ctx);
  if (worker) return { ok: true, name, worker, changes: [] };
  const path = pathOf("Worker", name);
  const problem = snapshot.problems.get(path);
  if (problem) {
    return refuse(
      "record_invalid",
      `The file of worker ${name} cannot be read: ${problem.message}. Nothing was changed.`,
      {
        data: { path, line: problem.line },
      },
    );
  }
  if (snapshot.rules.registration === "closed") {
    return refuse(
      "worker_unknown",
      `The record has no worker ${name}, and a maintainer registers workers here. Nothing was changed.`,
      {
        hint: `ask a maintainer for: owp worker register ${name}`,
        data: { worker: name },
      },
    );
  }
  const created: Worker = { ...draftWorker(snapshot.rules, name, ctx), id: ctx.newId("w") };
  return { ok: true, name, worker: created, changes: [{ path, value: created }] };
}

export const isMaintainer = (worker: Worker | undefined): boolean =>
  worker?.trust_tier === "maintainer" && worker.status !== "retired";
