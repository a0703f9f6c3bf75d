/** pause, resume and retire: one table of statuses and commands (FEATURES A10). */
import type { Ctx, Plan } from "../../core/operation.ts";
import { pathOf, shortId } from "../../core/paths.ts";
import { refuse } from "../../core/refusal.ts";
import type { Snapshot } from "../../core/snapshot.ts";
import { iso } from "../../core/time.ts";
import type { Worker } from "../../generated/types.ts";
import { heldBy } from "../tasks/scheduling.ts";
import { isMaintainer } from "./acting.ts";
import { targetWorker, verifyMaintained, verifyOwn } from "./rights.ts";

export interface Stood {
  name: string;
  status: Worker["status"];
  /** Ids of the tasks that it holds, and keeps. */
  holds: string[];
  /** It was so before; nothing was published. */
  already?: true;
}

const VERBS = {
  pause: { to: "paused", event: "worker.paused" },
  resume: { to: "active", event: "worker.resumed" },
  retire: { to: "retired", event: "worker.retired" },
} as const;

export type StandingVerb = keyof typeof VERBS;

export function planStanding(
  verb: StandingVerb,
  snapshot: Snapshot,
  name: string | undefined,
  ctx: Ctx,
): Plan<Stood> {
  const target = targetWorker(snapshot, name, ctx);
  if (!target.ok) return target;
  const denied = verifyOwn(target);
  if (denied) return denied;
  const { me, worker } = target;
  const { to, event } = VERBS[verb];
  const held = heldBy(snapshot, worker.name);
  const result: Stood = { name: worker.name, status: to, holds: held.map(({ id }) => id) };
  if (worker.status === to) return { ok: true, changes: [], result: { ...result, already: true } };
  if (worker.status === "retired" && (verb === "pause" || !isMaintainer(me.worker))) {
    const way = verb === "pause" ? "There is nothing to pause." : "A maintainer can bring it back.";
    return refuse("worker_retired", `${worker.name} is retired. ${way} Nothing was changed.`, {
      data: { worker: worker.name },
    });
  }
  const next: Worker = { ...worker, status: to, updated_at: iso(ctx.now) };
  const unmaintained = verifyMaintained(snapshot, next);
  if (unmaintained) return unmaintained;
  const kept = `${worker.name} still holds ${held.map(({ id }) => shortId(id)).join(", ")}; owp release or owp handoff passes work on.`;
  return {
    ok: true,
    changes: [{ path: pathOf("Worker", worker.name), value: next }],
    event: {
      type: event,
      subject: `${verb} ${worker.name}`,
      actor: me.name,
      ...(me.name === worker.name ? {} : { worker: worker.name }),
    },
    result,
    warnings: held.length > 0 && to !== "active" ? [kept] : [],
  };
}
