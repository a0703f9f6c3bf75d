/** What is asked before every act on one task: who acts, on which task, and may they. */
import type { Change, Ctx } from "../../core/operation.ts";
import { pathOf, shortId } from "../../core/paths.ts";
import { type Refusal, refuse } from "../../core/refusal.ts";
import type { ClosedTask, OpenTask, Problem, Snapshot } from "../../core/snapshot.ts";
import type { Lease, Task, Worker } from "../../generated/types.ts";
import { enlist, isMaintainer } from "../workers/acting.ts";
import { mergedAs } from "./docs.ts";
import { called, findTask } from "./find.ts";
import { refuseJob } from "./is-job.ts";
import { refuseEnded, verifyHolder } from "./late.ts";
import { heldBy } from "./scheduling.ts";
import { leaseOf, momentOf, stateOf, type TaskState } from "./state.ts";
import { type Act, type Step, stepOf } from "./transitions.ts";

/** What every act on one task may be given. */
export interface ActInput {
  id?: string;
  epoch?: number;
  force?: boolean;
}

/** An act that may be done on an open task. */
export interface Standing {
  ok: true;
  act: Act;
  task: OpenTask;
  lease: Lease | undefined;
  state: TaskState;
  step: Step;
  name: string;
  worker: Worker;
  /** Someone else's lease is changed: the epoch goes up. */
  forced: boolean;
  /** This act of this holder is on the record already. */
  repeated: boolean;
  /** Registers a new worker; often empty. */
  changes: Change[];
}

/** The task has ended, and the act has a meaning there. */
export interface Over {
  ok: true;
  closed: ClosedTask;
  step: Step;
  name: string;
  worker: Worker;
  changes: Change[];
}

/** An act on a task that has a lease: all that the table gives to holders. */
export type Held = Standing & { lease: Lease };

/** prepare, for acts that have no meaning on a task without a lease. */
export function prepareHeld(...args: Parameters<typeof prepare>): Held | Refusal {
  const at = prepare(...args);
  if (!at.ok) return at;
  if ("closed" in at || !at.lease) throw new Error(`the table lets ${args[1]} on a task that no one holds`);
  return { ...at, lease: at.lease };
}

/** Acts that only a holder has a part in, or a maintainer in the holder's place. */
const isHolders = (act: Act): boolean => {
  const cell = stepOf("in_progress", act);
  return typeof cell !== "string" && cell.by === "holder";
};

/** Everything that is asked before an act. isRepeated: does the record show this very act of this worker? */
export function prepare(
  snapshot: Snapshot,
  act: Act,
  input: ActInput,
  ctx: Ctx,
  isRepeated: (task: OpenTask, name: string) => boolean = () => false,
): Standing | Over | Refusal {
  const who = enlist(snapshot, ctx);
  if (!who.ok) return who;
  const { name, worker, changes } = who;
  const target = input.id === undefined ? theHeld(snapshot, name, act) : findTask(snapshot, input.id);
  if (!target.ok) return target;
  const job = refuseJob(act, target.open ?? target.closed);
  if (job) return job;
  if (target.closed) return over(snapshot, act, target.closed, { name, worker, changes }, input);
  const task = target.open as OpenTask;
  const state = stateOf(task, momentOf(snapshot, ctx));
  const problem = task.broken ?? (task.lease && "broken" in task.lease ? task.lease.broken : undefined);
  if (problem) return unreadable(problem.path, problem);
  const lease = leaseOf(task);
  const others = lease?.worker !== name;
  const base = { ok: true as const, act, task, lease, state, name, worker, changes };
  if (isRepeated(task, name))
    return { ...base, step: { to: [state], by: "holder" }, forced: false, repeated: true };
  if (isHolders(act)) {
    const forces = input.force && others;
    const refusal = forces ? verifyForce(worker, task) : verifyHolder(task, name, input.epoch, ctx.now);
    if (refusal) return refusal;
  }
  const step = stepOf(state, act);
  if (typeof step === "string") return refuseStep(step, act, task, state);
  const denied = verifyBy(snapshot, step, { task, lease, name, worker });
  if (denied) return denied;
  return { ...base, step, forced: others && Boolean(lease?.worker), repeated: false };
}

/** Acts that mean a task in one phase: what is in progress, or what waits. The others may mean any that is held. */
const MEANT: Partial<Record<Act | "trailer", (task: OpenTask) => boolean>> = {
  done: (task) => leaseOf(task)?.phase === "in_progress",
  block: (task) => leaseOf(task)?.phase === "in_progress",
  pr: (task) => leaseOf(task)?.phase === "in_progress",
  trailer: (task) => leaseOf(task)?.phase === "in_progress",
  resume: (task) => leaseOf(task)?.phase !== "in_progress",
};

/** The id was left out: the one task that this worker holds, or the one of them that the act can only mean. */
export function theHeld(
  snapshot: Snapshot,
  name: string,
  act: Act | "trailer",
): { ok: true; open: OpenTask; closed?: undefined } | Refusal {
  const held = heldBy(snapshot, name);
  const meant = held.length > 1 ? held.filter(MEANT[act] ?? (() => true)) : held;
  const [first] = meant;
  if (first && meant.length === 1) return { ok: true, open: first };
  const candidates = held.map(({ id, title }) => ({ id, title }));
  const named = held
    .slice(0, HELD_NAMED)
    .map((task) => `${called(task)} (${leaseOf(task)?.phase.replace("_", " ")})`);
  if (held.length > named.length) named.push(`${held.length - named.length} more`);
  const message =
    named.length > 0
      ? `You hold ${held.length} tasks: ${named.join(", ")}. Say which one. Nothing was changed.`
      : "You hold no task. Nothing was changed.";
  return refuse("ambiguous_held", message, {
    hint: named.length > 0 ? `owp ${act} <id>` : "owp claim",
    data: { worker: name, candidates },
  });
}

const HELD_NAMED = 5;

function over(
  snapshot: Snapshot,
  act: Act,
  closed: ClosedTask,
  who: { name: string; worker: Worker; changes: Change[] },
  { epoch }: ActInput,
): Over | Refusal {
  const step = stepOf(closed.status, act);
  const sameEnd = closed.worker === who.name && (epoch === undefined || epoch === closed.epoch);
  if (typeof step === "string" || (step.by === "ender" && !sameEnd))
    return refuseEnded(closed, epoch, mergedAs(snapshot, closed.id));
  if (who.worker.status === "retired" && !step.again) return retired(who.name);
  return { ok: true, closed, step, ...who };
}

const verifyForce = (worker: Worker, task: OpenTask): Refusal | undefined =>
  isMaintainer(worker)
    ? undefined
    : refuse(
        "not_allowed",
        `Only a maintainer may act for another with --force; you are ${worker.trust_tier}. Nothing was changed.`,
        {
          data: { task: task.id, worker: worker.name, trust_tier: worker.trust_tier },
        },
      );

/** The steps that are not the holder's alone. */
function verifyBy(
  snapshot: Snapshot,
  { by }: Step,
  { task, lease, name, worker }: Pick<Standing, "task" | "lease" | "name" | "worker">,
): Refusal | undefined {
  if (by === "holder" || isMaintainer(worker)) return undefined;
  if (by === "worker") return worker.status === "retired" ? retired(name) : undefined;
  if (by === "owner") {
    if (lease?.worker === name) return undefined;
    if (!lease?.worker && snapshot.doc<Task>(pathOf("Task", task.id))?.value.created_by === name)
      return undefined;
  }
  const holder = lease?.worker ? `, held by ${lease.worker}` : "";
  const who =
    by === "owner" ? "its holder, its creator while no one holds it, or a maintainer" : "a maintainer";
  return refuse(
    "not_allowed",
    `${called(task)} is ${lease?.phase ?? task.status}${holder}: this takes ${who}. Nothing was changed.`,
    {
      data: { task: task.id, worker: lease?.worker ?? null },
    },
  );
}

const retired = (name: string): Refusal =>
  refuse("worker_retired", `Worker ${name} is retired. Nothing was changed.`, { data: { worker: name } });

/** A file that an act rests on is broken: nothing is built on it. */
export function unreadable(path: string, problem: Problem): Refusal {
  return refuse("record_invalid", `${path} cannot be read: ${problem.message}. Nothing was changed.`, {
    hint: `owp repair, by a maintainer; or mend the file, then owp validate ${path}`,
    data: { path, ...(problem.line ? { line: problem.line } : {}) },
  });
}

const WAY_OUT: Partial<Record<Act, Partial<Record<TaskState, string>>>> = {
  block: { pr_opened: "resume" },
  requeue: { planned: "edit" },
};

function refuseStep(
  code: Exclude<ReturnType<typeof stepOf>, Step>,
  act: Act,
  task: OpenTask,
  state: TaskState,
): Refusal {
  const way = WAY_OUT[act]?.[state];
  const hint = way && `owp ${way} ${shortId(task.id)}${way === "edit" ? " --status ready" : ""}`;
  const what = code === "not_holder" ? "no one holds it" : `${act} has no meaning there`;
  return refuse(code, `${called(task)} is ${state}: ${what}. Nothing was changed.`, {
    ...(hint ? { hint } : {}),
    data: { task: task.id, state, act },
  });
}
