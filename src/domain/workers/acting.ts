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
 * A default name belongs to the clone that first acted under it: the same `agent@host/worktree` in another clone (a copied
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
  /** Registers a new worker, or binds a default name to this clone; empty otherwise. */
  changes: Change[];
  /** This change registers it. */
  isNew: boolean;
}

/** The worker who makes a change; a new one is registered in the same change-set, where the policy is open. */
export function enlist(snapshot: Snapshot, ctx: Ctx): Enlisted | Refusal {
  const { name, worker } = actingWorker(snapshot, ctx);
  const path = pathOf("Worker", name);
  if (worker) return { ok: true, name, ...bound(worker, path, ctx), isNew: false };
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
    const taken = takenName(name, ctx);
    const why = taken === undefined ? "" : `, since ${taken} is the worker of another clone`;
    const lead = `You are ${name} here${why}, and no such worker is registered.`;
    return refuseNew(snapshot, "worker_unknown", lead, { name, kind: ctx.caller.actor_kind });
  }
  const created: Worker = { ...draftWorker(snapshot.rules, name, ctx), id: ctx.newId("w") };
  return { ok: true, name, worker: created, changes: [{ path, value: created }], isNew: true };
}

/** A default name that a maintainer registered is of no clone yet: it becomes that of the first to act under it. */
function bound(worker: Worker, path: string, ctx: Ctx): Pick<Enlisted, "worker" | "changes"> {
  if (ctx.caller.explicit || worker.clone !== undefined) return { worker, changes: [] };
  const value: Worker = { ...worker, clone: ctx.caller.clone, updated_at: iso(ctx.now) };
  return { worker: value, changes: [{ path, value }] };
}

/** The default name that is another clone's, where the caller therefore acts under a name behind it. */
export const takenName = (name: string, { caller }: Ctx): string | undefined =>
  name === caller.name ? undefined : caller.name;

const MAINTAINERS_NAMED = 3;

/** Registration is closed: who registers workers here, and with which command. lead: what is refused, as a sentence. */
export function refuseNew(
  snapshot: Snapshot,
  code: "worker_unknown" | "not_allowed",
  lead: string,
  { name, kind }: { name: string; kind: Worker["actor_kind"] },
): Refusal {
  const maintainers = [...snapshot.workers.values()].filter(isMaintainer).map((worker) => worker.name);
  const named = maintainers.sort().slice(0, MAINTAINERS_NAMED);
  const who = named.length > 0 ? `a maintainer (${named.join(", ")})` : "a maintainer";
  const own = kind === "human" ? "" : ` --actor-kind ${kind}`;
  return refuse(code, `${lead} Registration is closed: ${who} registers workers. Nothing was changed.`, {
    hint: `ask ${named[0] ?? "a maintainer"} to run: owp worker register ${name}${own}`,
    data: { worker: name, maintainers },
  });
}

export const isMaintainer = (worker: Worker | undefined): boolean =>
  worker?.trust_tier === "maintainer" && worker.status !== "retired";
