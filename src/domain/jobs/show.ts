/** `owp job show`: one job as JobSpec shows it. */
import type { Ctx, Plan } from "../../core/operation.ts";
import { shortId } from "../../core/paths.ts";
import type { Snapshot } from "../../core/snapshot.ts";
import type { JobShowInput } from "../../generated/types.ts";
import { findJob } from "./find.ts";
import { type JobAt, type QueueJobState, queueState, readJob } from "./job.ts";

export interface JobShown {
  /** The task that is the job. */
  id: string;
  short: string;
  /** Who holds it, or held it to its end; null: no one. */
  worker: string | null;
  job: QueueJobState;
}

export function planJobShow(snapshot: Snapshot, input: JobShowInput, ctx: Ctx): Plan<JobShown> {
  const found = findJob(snapshot, input.id);
  if (!found.ok) return found;
  const at = readJob(snapshot, found, ctx);
  if (!at.ok) return at;
  return { ok: true, changes: [], result: shown(snapshot, at) };
}

export function shown(snapshot: Snapshot, at: Omit<JobAt, "ok">): JobShown {
  const { id, outcome } = at.task;
  const worker = outcome?.worker ?? at.lease?.worker ?? null;
  return { id, short: shortId(id), worker, job: queueState(at, snapshot.rules) };
}
