/** Which worker a command means, and who may change it. */
import type { Ctx } from "../../core/operation.ts";
import { pathOf } from "../../core/paths.ts";
import { type Refusal, refuse } from "../../core/refusal.ts";
import type { Snapshot } from "../../core/snapshot.ts";
import type { Worker } from "../../generated/types.ts";
import { type Acting, actingWorker, isMaintainer } from "./acting.ts";

export interface Target {
  ok: true;
  me: Acting;
  worker: Worker;
}

/** The named worker, or the caller's own. */
export function targetWorker(snapshot: Snapshot, typed: string | undefined, ctx: Ctx): Target | Refusal {
  const me = actingWorker(snapshot, ctx);
  const name = typed?.trim().toLowerCase() ?? me.name;
  const worker = snapshot.workers.get(name);
  if (worker) return { ok: true, me, worker };
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
  const message = name === me.name ? `You (${name}) are not registered yet.` : `There is no worker ${name}.`;
  return refuse("worker_unknown", `${message} Nothing was changed.`, {
    ...(name === me.name ? { hint: "owp worker register, or owp claim, which registers you" } : {}),
    data: { worker: name },
  });
}

/** A worker's record is its own; maintainers keep everyone's. */
export function verifyOwn({ me, worker }: Target): Refusal | undefined {
  if (worker.name === me.name || isMaintainer(me.worker)) return undefined;
  return refuse(
    "not_allowed",
    `Only ${worker.name} or a maintainer may change this worker; you are ${me.name}. Nothing was changed.`,
    {
      data: { worker: worker.name, actor: me.name },
    },
  );
}

/** A record that had a maintainer keeps one. */
export function verifyMaintained(snapshot: Snapshot, next: Worker): Refusal | undefined {
  if (!isMaintainer(snapshot.workers.get(next.name)) || isMaintainer(next)) return undefined;
  for (const other of snapshot.workers.values())
    if (other.name !== next.name && isMaintainer(other)) return undefined;
  return refuse(
    "not_allowed",
    `${next.name} is the last maintainer; make someone else one first. Nothing was changed.`,
    {
      hint: "owp worker edit <name> --trust-tier maintainer",
      data: { worker: next.name },
    },
  );
}
