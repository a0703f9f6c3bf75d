/** The lease file after each act: one function a change of hands, and the rule that the epoch never decreases. */

import type { Change } from "../../core/operation.ts";
import { pathOf } from "../../core/paths.ts";
import type { OpenTask, Rules } from "../../core/snapshot.ts";
import { durationMs, iso, ms } from "../../core/time.ts";
import type { ArtifactNote, Lease, Worker } from "../../generated/types.ts";
import { type Lapse, leaseOf } from "./state.ts";

/** Fields that say something of one holder's time with the task; a change of hands drops them. */
const OF_HOLDER = ["run", "claimed_at", "renewed_at", "not_before", "message", "taken_from"] as const;

/** The last epoch of a task: of its lease, or of an earlier outcome. */
export const lastEpoch = (task: OpenTask): number => Math.max(leaseOf(task)?.epoch ?? 0, task.epoch_floor);

/** A lease without its holder's fields; artifacts, meta and what a newer version wrote stay (A59). */
function bare(task: OpenTask): Partial<Lease> {
  const kept: Partial<Lease> = { ...leaseOf(task) };
  for (const field of OF_HOLDER) delete kept[field];
  return kept;
}

/** How long a lease of this worker lasts, as it is written in the file. */
export function ttlFor(worker: Pick<Worker, "actor_kind">, rules: Rules, asked?: string): string {
  return asked ?? durationText(rules.lease_ms[worker.actor_kind]);
}

const UNITS = [
  ["d", 86_400_000],
  ["h", 3_600_000],
  ["m", 60_000],
] as const;

/** A length of time in ms as files write it. */
export function durationText(length: number): string {
  // A single day reads better as 24h.
  const [unit, size] = UNITS.find(
    ([name, one]) => length % one === 0 && !(name === "d" && length === one),
  ) ?? ["s", 1000];
  return `${Math.max(1, Math.round(length / size))}${unit}`;
}

/** A new holder starts work: epoch and attempt go up. */
export function claimed(task: OpenTask, worker: string, ttl: string, now: number): Lease {
  return {
    ...bare(task),
    kind: "Lease",
    task: task.id,
    worker,
    epoch: lastEpoch(task) + 1,
    attempt: (leaseOf(task)?.attempt ?? 0) + 1,
    phase: "in_progress",
    ttl,
    claimed_at: iso(now),
    expires_at: iso(now + durationMs(ttl)),
  };
}

/** A new holder by the old one's wish: the attempt goes on. */
export function handedOver(task: OpenTask, lease: Lease, to: string, ttl: string, now: number): Lease {
  return { ...claimed(task, to, ttl, now), attempt: lease.attempt };
}

/** No holder: queued or waiting for a retry. The epoch stays, so that the next claim's is larger. */
export function freed(task: OpenTask, lease: Lease, phase: "queued" | "retry", attempt: number): Lease {
  return {
    ...(bare(task) as Lease),
    kind: "Lease",
    task: task.id,
    worker: null,
    epoch: lease.epoch,
    attempt: Math.max(0, attempt),
    phase,
    ttl: null,
    expires_at: null,
  };
}

/** The lease of someone else, changed against them: the epoch goes up, and the lease says why (DESIGN section 6). */
export function fenced(next: Lease, before: Lease, lapse: Lapse | { reason: "forced" | "handoff" }): Lease {
  const { worker, epoch } = before;
  const fencedEpoch = Math.max(next.epoch, epoch + 1);
  return worker
    ? { ...next, epoch: fencedEpoch, taken_from: { worker, epoch, ...lapse } }
    : { ...next, epoch: fencedEpoch };
}

/** A sign of life on the record: only once half of the lease has passed, so that commands cost no extra diff. */
export function renewed(lease: Lease, now: number): Lease {
  if (!lease.worker || !lease.ttl || lease.expires_at === null) return lease;
  const length = durationMs(lease.ttl);
  if (ms(lease.expires_at) - now > length / 2) return lease;
  return { ...lease, renewed_at: iso(now), expires_at: iso(now + length) };
}

export const leaseChange = (lease: Lease): Change => ({ path: pathOf("Lease", lease.task), value: lease });

export const noLease = (task: string): Change => ({ path: pathOf("Lease", task), value: null });

/** Most artifacts that one task may have (the schema's limit). */
export const ARTIFACT_LIMIT = 200;

/** What is there, and what is new; never twice the same, never less than before (A59). */
export function withArtifacts(
  known: readonly ArtifactNote[] | undefined,
  added: readonly ArtifactNote[],
): ArtifactNote[] | undefined {
  const fresh = added.filter((one) => !known?.some((old) => old.type === one.type && old.uri === one.uri));
  const all = [...(known ?? []), ...fresh];
  return all.length > 0 ? all : undefined;
}

/** A lease without some of its optional fields. */
export function without<K extends "message" | "not_before" | "taken_from">(
  lease: Lease,
  ...fields: K[]
): Lease {
  const kept = { ...lease };
  for (const field of fields) delete kept[field];
  return kept;
}
