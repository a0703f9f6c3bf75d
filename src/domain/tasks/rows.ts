/** What results say of a task: the fields that a reader needs to recognise it and to decide. */
import { shortId } from "../../core/paths.ts";
import type { OpenTask } from "../../core/snapshot.ts";
import { leaseOf, type TaskState } from "./state.ts";

export interface TaskRow {
  id: string;
  /** The end of the id, as people type it. */
  short: string;
  title: string;
  repo: string;
  priority: number;
  estimate: number;
  tier: number;
  area?: string;
  skills: string[];
  state: TaskState;
}

export function taskRow(task: OpenTask, state: TaskState): TaskRow {
  const { id, title, repo, priority, estimate, tier, area, skills } = task;
  return {
    id,
    short: shortId(id),
    title,
    repo,
    priority,
    estimate,
    tier,
    ...(area ? { area } : {}),
    skills,
    state,
  };
}

export interface HeldRow extends TaskRow {
  worker: string;
  epoch: number;
  attempt: number;
  claimed_at?: string;
  expires_at: string | null;
  /** ms until the lease runs out; below zero: it has. null: it does not. */
  time_left_ms: number | null;
  message?: string;
}

/** A held task; undefined where no one holds it. */
export function heldRow(task: OpenTask, state: TaskState, now: number): HeldRow | undefined {
  const lease = leaseOf(task);
  if (!lease?.worker) return undefined;
  return {
    ...taskRow(task, state),
    worker: lease.worker,
    epoch: lease.epoch,
    attempt: lease.attempt,
    ...(lease.claimed_at ? { claimed_at: lease.claimed_at } : {}),
    expires_at: lease.expires_at,
    time_left_ms: lease.expires_at === null ? null : Date.parse(lease.expires_at) - now,
    ...(lease.message ? { message: lease.message } : {}),
  };
}
