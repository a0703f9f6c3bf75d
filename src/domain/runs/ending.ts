/**
 * How a run stands that a claim opened: it follows the lease, in one table for the acts, for the rules of history and for
 * docs/state-machines.md. While the task is held the run is what CWOM calls the task's state (../tasks/words.ts).
 */
import type { Lease, Run, Task } from "../../generated/types.ts";
import { wordOf } from "../tasks/words.ts";

type FailureCategory = NonNullable<Run["failure"]>["category"];

interface EndRow {
  status: "done" | "failed" | "canceled";
  /** Of a failure: what it is put down to where no one says. */
  category?: FailureCategory;
  /** What the run keeps of it where no one says more. */
  says?: string;
}

/** How a holder's time with a task ends. */
export const ENDINGS = {
  done: { status: "done" },
  failed: { status: "failed", category: "unknown", says: "the attempt came to nothing" },
  canceled: { status: "canceled", says: "the task was canceled" },
  released: { status: "canceled", says: "the task went back to the queue" },
  handoff: { status: "canceled", says: "the task was handed over" },
  forced: { status: "canceled", says: "a maintainer took the task" },
  expired: { status: "failed", category: "runtime", says: "the lease ran out" },
  silent: { status: "failed", category: "runtime", says: "the heartbeat fell silent" },
} as const satisfies Record<string, EndRow>;

export type Ending = keyof typeof ENDINGS;

export const endRow = (ending: Ending): EndRow => ENDINGS[ending];

/** How the holding of `before` ended, by what stands afterwards. ended: the task's status, where it ended with it. */
export function endingOf(before: Lease, after: Lease | undefined, ended?: Task["status"]): Ending {
  if (ended === "done" || ended === "failed" || ended === "canceled") return ended;
  const from = after?.taken_from;
  const reason = from?.worker === before.worker && from?.epoch === before.epoch ? from.reason : undefined;
  if (reason !== undefined && reason !== "forced") return reason;
  if (after?.phase === "retry") return "failed";
  return after?.worker ? "forced" : "released";
}

/** The run of a lease that is held. */
export const heldStatus = ({ phase }: Pick<Lease, "phase">): Run["status"] =>
  wordOf(phase === "queued" ? "in_progress" : phase, "cwom") === "blocked" ? "blocked" : "running";

/** The same holder goes on: a maintainer's forced act, a renewal or another phase change no hands. */
export const isSameHolding = (before: Lease | undefined, after: Lease): boolean =>
  before?.worker === after.worker && before.claimed_at === after.claimed_at;
