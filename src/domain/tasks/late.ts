/** Is it still theirs? What a holder hears who comes too late, or was never the holder (FEATURES A52, A56). */
import { shortId } from "../../core/paths.ts";
import { type Refusal, refuse } from "../../core/refusal.ts";
import type { ClosedTask, OpenTask } from "../../core/snapshot.ts";
import { spell } from "../../core/time.ts";
import type { Lease } from "../../generated/types.ts";
import { called } from "./find.ts";
import { leaseOf } from "./state.ts";

const SAFE = "Nothing was changed.";

/** undefined: the task is held by this worker, at the epoch that was named. */
export function verifyHolder(
  task: OpenTask,
  name: string,
  epoch: number | undefined,
  now: number,
): Refusal | undefined {
  const lease = leaseOf(task);
  const current = lease?.epoch ?? task.epoch_floor;
  const stale = epoch !== undefined && epoch !== current;
  if (lease?.worker === name && !stale) return undefined;
  const lost = stale || lease?.taken_from?.worker === name;
  if (!lost) return notHolder(task, lease, now);
  const yours = epoch === undefined ? "" : ` Yours was epoch ${epoch}.`;
  return refuse(
    "lease_lost",
    `${standing(task, lease, name, now)}${reasonOf(lease)}${yours} What was finished late is not accepted. ${SAFE}`,
    { hint: lateHint(task, lease, name), data: facts(task, lease, current, epoch) },
  );
}

function notHolder(task: OpenTask, lease: Lease | undefined, now: number): Refusal {
  const hint = lease?.worker ? "owp status" : `owp claim ${shortId(task.id)}`;
  return refuse("not_holder", `${standing(task, lease, undefined, now)} ${SAFE}`, {
    hint,
    data: facts(task, lease, lease?.epoch ?? task.epoch_floor, undefined),
  });
}

/** Who has it now, since when, at which epoch. */
function standing(task: OpenTask, lease: Lease | undefined, self: string | undefined, now: number): string {
  if (!lease?.worker) return `No one holds ${called(task)} now${lease ? ` (epoch ${lease.epoch})` : ""}.`;
  const since = lease.claimed_at
    ? ` since ${lease.claimed_at}, ${spell(now - Date.parse(lease.claimed_at))} ago`
    : "";
  const who = lease.worker === self ? "You hold" : `${lease.worker} holds`;
  return `${who} ${called(task)} now${since} (epoch ${lease.epoch}).`;
}

const REASON_WORDS = {
  expired: "ran out",
  silent: "was taken over when its heartbeats stopped",
  forced: "was ended by a maintainer",
  handoff: "was handed over",
} as const;

function reasonOf(lease: Lease | undefined): string {
  const from = lease?.taken_from;
  return from ? ` The lease of ${from.worker} (epoch ${from.epoch}) ${REASON_WORDS[from.reason]}.` : "";
}

/** What the late one can still do: leave what they have, and take other work. */
function lateHint(task: OpenTask, lease: Lease | undefined, name: string): string {
  const short = shortId(task.id);
  const next = !lease?.worker
    ? `owp claim ${short}`
    : lease.worker === name
      ? `owp show ${short}`
      : "owp claim";
  return `owp note ${short} "what you have, and where it is", then ${next}`;
}

function facts(task: OpenTask, lease: Lease | undefined, epoch: number, named: number | undefined) {
  return {
    task: task.id,
    worker: lease?.worker ?? null,
    epoch,
    ...(named === undefined ? {} : { your_epoch: named }),
    ...(lease?.claimed_at ? { since: lease.claimed_at } : {}),
    ...(lease?.expires_at ? { until: lease.expires_at } : {}),
    ...(lease?.taken_from ? { taken_from: lease.taken_from } : {}),
  };
}

/** An act on a task that has ended: lease_lost for a holder of an older epoch, task_ended for others. */
export function refuseEnded(task: ClosedTask, epoch: number | undefined, mergedAs?: string): Refusal {
  const late = epoch !== undefined && epoch !== task.epoch;
  const by = task.worker ? ` by ${task.worker}` : "";
  const merge = mergedAs === undefined ? "" : `, merged as ${mergedAs.slice(0, 10)}`;
  const yours = late ? ` Yours was epoch ${epoch}: what was finished late is not accepted.` : "";
  return refuse(
    late ? "lease_lost" : "task_ended",
    `${called(task)} has ended: ${task.status}${by} at ${task.ended_at} (epoch ${task.epoch})${merge}.${yours} ${SAFE}`,
    {
      hint: late
        ? `owp note ${shortId(task.id)} "what you have, and where it is"`
        : `owp requeue ${shortId(task.id)}`,
      data: {
        task: task.id,
        status: task.status,
        worker: task.worker ?? null,
        epoch: task.epoch,
        ended_at: task.ended_at,
        ...(mergedAs === undefined ? {} : { merged_as: mergedAs }),
        ...(late ? { your_epoch: epoch } : {}),
      },
    },
  );
}
