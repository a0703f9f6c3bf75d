/**
 * The state machine: one table of states × acts, used by every operation and printed in docs/state-machines.md (A57).
 * A cell is a step, or the code of the refusal. Where the seeds or their originals contradict each other, this decides:
 * claimed work may be done straight away; an ended task opens again by requeue alone; a pull request that is open goes
 * back to work by resume before it can be blocked; a holder whose time is over keeps the task until someone takes over.
 * A merge takes the steps of done, and a revert that of requeue, for whoever settles it (../merges/settle.ts).
 */
import type { Code } from "../../core/refusal.ts";
import type { TaskState } from "./state.ts";

export const ACTS = [
  "claim",
  "resume",
  "block",
  "pr",
  "done",
  "fail",
  "release",
  "handoff",
  "renew",
  "requeue",
  "cancel",
] as const;
export type Act = (typeof ACTS)[number];

/**
 * Who may take a step. worker: any active worker. holder: the holder, or a maintainer with --force (epoch + 1).
 * owner: the holder, a maintainer, or, where no one else holds the task, its creator. ender: whoever ended it.
 */
export type By = "worker" | "holder" | "maintainer" | "owner" | "ender";

export interface Step {
  /** Where it leads; fail leads to the second one when the attempts are used up. */
  to: readonly TaskState[];
  by: By;
  /** The task is there already: a repetition changes little or nothing. */
  again?: true;
}

export type Cell = Step | Code;

const step = (by: By, ...to: TaskState[]): Step => ({ by, to });
const again = (by: By, to: TaskState): Step => ({ by, to: [to], again: true });

/** No one holds the task. */
const FREE: Record<Act, Cell> = {
  claim: step("worker", "in_progress"),
  resume: "not_holder",
  block: "not_holder",
  pr: "not_holder",
  done: step("maintainer", "done"),
  fail: "not_holder",
  release: "not_holder",
  handoff: "not_holder",
  renew: "not_holder",
  requeue: step("maintainer", "queued"),
  cancel: step("owner", "canceled"),
};

/** Someone holds the task. */
const HELD: Record<Act, Cell> = {
  claim: "task_held",
  resume: step("holder", "in_progress"),
  block: step("holder", "blocked"),
  pr: step("holder", "pr_opened"),
  done: step("holder", "done"),
  fail: step("holder", "retry", "failed"),
  release: step("holder", "queued"),
  handoff: step("holder", "in_progress"),
  renew: step("holder", "in_progress"),
  requeue: step("maintainer", "queued"),
  cancel: step("owner", "canceled"),
};

/** The task has ended. */
const ENDED: Record<Act, Cell> = {
  claim: "task_ended",
  resume: "task_ended",
  block: "task_ended",
  pr: "task_ended",
  done: "task_ended",
  fail: "task_ended",
  release: "task_ended",
  handoff: "task_ended",
  renew: "task_ended",
  requeue: step("worker", "queued"),
  cancel: "task_ended",
};

const BROKEN = Object.fromEntries(ACTS.map((act) => [act, "record_invalid"])) as Record<Act, Cell>;

export const TRANSITIONS: Record<TaskState, Record<Act, Cell>> = {
  planned: { ...FREE, claim: "task_not_claimable", requeue: "illegal_transition" },
  queued: { ...FREE, requeue: again("worker", "queued") },
  retry: FREE,
  in_progress: { ...HELD, resume: again("holder", "in_progress") },
  expired: { ...HELD, claim: step("worker", "in_progress") },
  blocked: { ...HELD, block: again("holder", "blocked"), renew: again("holder", "blocked") },
  pr_opened: {
    ...HELD,
    block: "illegal_transition",
    pr: again("holder", "pr_opened"),
    renew: again("holder", "pr_opened"),
  },
  done: { ...ENDED, done: again("ender", "done") },
  failed: { ...ENDED, fail: again("ender", "failed") },
  canceled: { ...ENDED, cancel: again("worker", "canceled") },
  broken: BROKEN,
};

export const stepOf = (state: TaskState, act: Act): Cell => TRANSITIONS[state][act];
