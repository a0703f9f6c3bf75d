/** Who had a task before, and what came of it: read from its commits, oldest first. Pure. */
import type { Lease } from "../../generated/types.ts";

/** One commit about a task, as the ledger tells it. */
export interface TaskStep {
  /** ISO 8601, by the committer's clock. */
  at: string;
  event: string;
  actor: string;
  /** What the actor said. */
  message?: string;
  /** The task's lease after it; left out where there is none, or none that can be read. */
  lease?: Lease;
}

/** One worker's time with a task. */
export interface Attempt {
  epoch: number;
  attempt: number;
  worker: string;
  claimed_at?: string;
  /** Left out while it goes on. */
  ended_at?: string;
  /** failed, released, expired, silent, forced, handoff, requeued, done, canceled or edited. */
  ended?: string;
  /** Why, in the words of whoever ended it, or as the record shows it. */
  message?: string;
}

/** What an event that leaves no holder says of the attempt before. */
const ENDS: Readonly<Record<string, string>> = {
  "task.retry": "failed",
  "task.failed": "failed",
  "task.released": "released",
  "task.requeued": "requeued",
  "task.done": "done",
  "task.canceled": "canceled",
  // A late lease of an area ends when someone else takes the area.
  "task.claimed": "expired",
  "task.taken_over": "expired",
};

export function attemptsOf(steps: readonly TaskStep[]): Attempt[] {
  const attempts: Attempt[] = [];
  let running: Attempt | undefined;
  for (const step of steps) {
    const { lease } = step;
    if (running && (!lease?.worker || lease.epoch !== running.epoch)) {
      end(running, step);
      running = undefined;
    }
    if (!lease?.worker || running) continue;
    const { epoch, attempt, worker, claimed_at } = lease;
    running = { epoch, attempt, worker, ...(claimed_at ? { claimed_at } : {}) };
    attempts.push(running);
  }
  return attempts;
}

function end(attempt: Attempt, { at, event, message, lease }: TaskStep): void {
  const taken = lease?.taken_from?.epoch === attempt.epoch ? lease.taken_from : undefined;
  attempt.ended_at = at;
  attempt.ended = taken?.reason ?? (lease?.worker ? undefined : ENDS[event]) ?? "edited";
  const why = taken?.evidence ?? message ?? (lease?.worker ? undefined : lease?.message);
  if (why) attempt.message = why;
}
