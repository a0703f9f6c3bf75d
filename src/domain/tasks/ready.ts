/** `owp ready`: what this worker could claim now, in claim order; with explain, why every other open task is not for it. */
import type { Ctx, Plan } from "../../core/operation.ts";
import type { OpenTask, Snapshot } from "../../core/snapshot.ts";
import type { ReadyInput } from "../../generated/types.ts";
import { actingWorker, draftWorker } from "../workers/acting.ts";
import { verifyRepo } from "./claim.ts";
import { type Obstacle, obstacle, type Reason } from "./eligibility.ts";
import { type TaskRow, taskRow } from "./rows.ts";
import { byClaimOrder, matches, worldOf } from "./scheduling.ts";
import { stateOf } from "./state.ts";

export interface ExplainedTask extends TaskRow {
  claimable: boolean;
  reason?: Reason;
  /** Goes on after the task's short id: `needs rust`. */
  says: string;
  facts?: Record<string, unknown>;
}

export interface ReadyResult {
  worker: string;
  /** Claimable now, each by itself; claiming one may use up the room for the next. */
  ready: TaskRow[];
  /** How many are claimable; more than are listed, where a limit cut them. */
  total: number;
  /** Every open task, the claimable ones first; only with explain. */
  explained?: ExplainedTask[];
  /** How many open tasks were looked at. */
  open: number;
}

const LIMIT = 20;

export function planReady(snapshot: Snapshot, input: ReadyInput, ctx: Ctx): Plan<ReadyResult> {
  const unknown = verifyRepo(snapshot, input.repo);
  if (unknown) return unknown;
  const { name, worker } = actingWorker(snapshot, ctx);
  const who = worker ?? draftWorker(snapshot.rules, name, ctx);
  const world = worldOf(snapshot, ctx, name);
  const claimable: OpenTask[] = [];
  const others: { task: OpenTask; found: Obstacle }[] = [];
  let open = 0;
  for (const task of snapshot.open()) {
    if (!matches(task, input)) continue;
    open++;
    const found = obstacle(task, who, world);
    if (!found) claimable.push(task);
    else if (input.explain) others.push({ task, found });
  }
  claimable.sort(byClaimOrder);
  others.sort((a, b) => byClaimOrder(a.task, b.task));
  const rowOf = (task: OpenTask) => taskRow(task, stateOf(task, world.at));
  const result: ReadyResult = {
    worker: name,
    ready: claimable.slice(0, input.limit ?? LIMIT).map(rowOf),
    total: claimable.length,
    open,
  };
  if (!input.explain) return { ok: true, changes: [], result };
  const explained = [
    ...claimable.map((task) => explainYours(rowOf(task))),
    ...others.map(({ task, found }): ExplainedTask => ({ ...rowOf(task), claimable: false, ...found })),
  ];
  return { ok: true, changes: [], result: { ...result, explained: explained.slice(0, input.limit) } };
}

const explainYours = (row: TaskRow): ExplainedTask => ({
  ...row,
  claimable: true,
  says: row.state === "expired" ? "is free again: its holder's time is over" : "is for you",
});
