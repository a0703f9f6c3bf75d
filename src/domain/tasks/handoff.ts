/** `owp handoff`: the holder gives the task to another worker, in one commit and with the next epoch. */
import type { Ctx, Plan } from "../../core/operation.ts";
import { type Refusal, refuse } from "../../core/refusal.ts";
import type { OpenTask, Snapshot } from "../../core/snapshot.ts";
import type { HandoffInput, Worker } from "../../generated/types.ts";
import { isMaintainer } from "../workers/acting.ts";
import { findWorker } from "../workers/find.ts";
import { type Held, prepareHeld } from "./act.ts";
import { admit } from "./admit.ts";
import { missingSkills } from "./eligibility.ts";
import { called } from "./find.ts";
import { fenced, handedOver, ttlFor } from "./lease.ts";
import { type ActResult, onLease, unchanged } from "./settle.ts";
import { leaseOf } from "./state.ts";

export function planHandoff(snapshot: Snapshot, input: HandoffInput, ctx: Ctx): Plan<ActResult> {
  const to = findWorker(snapshot, input.to)?.name ?? input.to;
  const { message } = input;
  const at = prepareHeld(snapshot, "handoff", input, ctx, (task, name) =>
    wasHandedOver(task, name, to, input.epoch),
  );
  if (!at.ok) return at;
  if (at.repeated || at.lease.worker === to) return unchanged(at);
  const target = receiver(snapshot, to);
  if ("ok" in target) return target;
  const room = admit(snapshot, at, target, ctx);
  if (!room.ok && !(input.force && isMaintainer(at.worker))) return unfit(at, target, room);
  const next = handedOver(at.task, at.lease, to, ttlFor(target, snapshot.rules), ctx.now);
  const lease = fenced({ ...next, ...(message ? { message } : {}) }, at.lease, { reason: "handoff" });
  const missing = missingSkills(at.task, target);
  const warnings = missing.length > 0 ? [`${to} lists no skill ${missing.join(", ")}`] : [];
  const lapsed = room.ok ? room.lapsed : undefined;
  return onLease(snapshot, ctx, at, "task.handed_off", lease, {
    message,
    worker: to,
    warnings,
    lapsed,
    holder: target,
  });
}

/** The record shows that this worker gave the task to that one. */
function wasHandedOver(task: OpenTask, from: string, to: string, epoch: number | undefined): boolean {
  const lease = leaseOf(task);
  const handed = lease?.taken_from;
  if (lease?.worker !== to || handed?.reason !== "handoff" || handed.worker !== from) return false;
  return epoch === undefined || epoch === handed.epoch;
}

function receiver(snapshot: Snapshot, to: string): Worker | Refusal {
  const worker = findWorker(snapshot, to);
  if (!worker) {
    return refuse("worker_unknown", `The record has no worker ${to}. Nothing was changed.`, {
      data: { worker: to },
    });
  }
  if (worker.status === "active") return worker;
  return refuse("not_allowed", `${to} is ${worker.status} and takes no work. Nothing was changed.`, {
    data: { worker: to, status: worker.status },
  });
}

const unfit = (at: Held, target: Worker, room: Refusal): Refusal =>
  refuse("not_allowed", `${called(at.task)} is not for ${target.name}: ${room.message}`, {
    hint: `owp worker show ${target.name}`,
    data: { worker: target.name, ...room.data },
  });
