/**
 * What must hold of every change of the record, one row a rule. A rule looks at one step: the files before, the files
 * after, and the operation that made it. It shares no code with the planning that it judges.
 */
import { decode } from "../../src/core/codec.ts";
import type { Oid, Ticket } from "../../src/engine/ports.ts";
import type { Changed, Commit, Files, LeaseFile } from "./record.ts";
import type { PolicyPlan } from "./scenario.ts";

export interface Step {
  commit: Commit;
  /** The operation, as its caller asked for it. */
  ticket: Ticket;
  before: Files;
  after: Files;
  changes: readonly Changed[];
  content: (oid: Oid) => Uint8Array;
  /** The policy's, which no one changes: people only break its file. */
  runs: PolicyPlan["runs"];
}

/** What the whole history shows so far. */
export interface Past {
  /** The largest epoch of a task ever seen. */
  epochs: Map<string, number>;
  /** For `task epoch`: who has held it. */
  holders: Map<string, string>;
  /** For `task epoch`: it was given up or ended; nobody may hold it again. */
  over: Set<string>;
}

/** A sentence that says what is wrong; undefined: nothing. */
type Rule = (step: Step, past: Past) => string | undefined;

const isForced = ({ ticket }: Step) => (ticket.input as { force?: boolean }).force === true;
const holderOf = (files: Files, id: string) => files.leases.get(id)?.worker ?? undefined;
const isEnded = (files: Files, id: string) =>
  ["done", "failed", "canceled"].includes(files.tasks.get(id)?.status ?? "");
const isWorking = (lease: LeaseFile | undefined) => Boolean(lease?.worker) && lease?.phase === "in_progress";

/** Ids of tasks whose file or lease this step changed. */
function touched({ before, after }: Step): string[] {
  const ids = new Set<string>();
  for (const kind of ["tasks", "leases"] as const) {
    for (const [id, file] of after[kind]) if (before[kind].get(id) !== file) ids.add(id);
    for (const id of before[kind].keys()) if (!after[kind].has(id)) ids.add(id);
  }
  return [...ids];
}

function firstOf<T>(list: Iterable<T>, complain: (one: T) => string | undefined): string | undefined {
  for (const one of list) {
    const complaint = complain(one);
    if (complaint) return complaint;
  }
  return undefined;
}

const filesValidate: Rule = ({ changes, content }) =>
  firstOf(changes, ({ path, after }) => {
    if (after === null || !path.endsWith(".yaml")) return undefined;
    const decoded = decode(path, content(after));
    return decoded.ok ? undefined : `${path}: ${decoded.problem.message}`;
  });

const brokenFilesStay: Rule = ({ changes, before }) =>
  firstOf(changes, ({ path }) =>
    before.broken.has(path) ? `${path} could not be read and was written over` : undefined,
  );

const oneHolder: Rule = (step, past) =>
  firstOf(touched(step), (id) => {
    const lease = step.after.leases.get(id);
    if (!lease?.worker) return undefined;
    const key = `${id} ${lease.epoch}`;
    const other = past.holders.get(key);
    if (other !== undefined && other !== lease.worker)
      return `${key} was held by ${other} and is now held by ${lease.worker}`;
    if (past.over.has(key)) return `${key} was given up and is held again by ${lease.worker}`;
    return undefined;
  });

const epochsGrow: Rule = (step, past) =>
  firstOf(touched(step), (id) => {
    const { before, after } = step;
    const top = past.epochs.get(id) ?? 0;
    const lease = after.leases.get(id);
    const outcome = after.tasks.get(id)?.outcome;
    if (lease && lease.epoch < top) return `${id} had epoch ${top}; its lease now says ${lease.epoch}`;
    if (isEnded(after, id) && !isEnded(before, id) && (outcome?.epoch ?? 0) < top) {
      return `${id} had epoch ${top}; its outcome says ${outcome?.epoch}`;
    }
    const holder = holderOf(after, id);
    if (holder && holder !== holderOf(before, id) && lease && lease.epoch <= top) {
      return `${id} came to ${holder} with epoch ${lease.epoch}, which is not above ${top}`;
    }
    if (isEnded(before, id) && after.tasks.has(id) && !isEnded(after, id) && (lease?.epoch ?? 0) <= top) {
      return `${id} was opened again with epoch ${lease?.epoch}, which is not above ${top}`;
    }
    if (before.leases.has(id) && !lease && !isEnded(after, id))
      return `the lease of ${id} is gone, and the task is open`;
    return undefined;
  });

const HOLDERS_ACTS = new Set(["block", "resume", "pr", "done", "fail", "release", "handoff", "renew"]);

/** What a holder does counts only for the lease that it names, and only from its holder. */
const noStaleEpoch: Rule = (step) => {
  const { ticket, commit, before } = step;
  const input = ticket.input as { id?: string; epoch?: number };
  if (!HOLDERS_ACTS.has(ticket.name) || isForced(step)) return undefined;
  const changed = touched(step);
  const named = changed.filter((id) =>
    input.id === undefined ? holderOf(before, id) === commit.actor : id.endsWith(input.id),
  );
  if (named.length === 0)
    return `${ticket.name} by ${commit.actor} changed ${changed.join(", ")}, which it does not hold`;
  return firstOf(named, (id) => {
    const lease = before.leases.get(id);
    if (lease?.worker !== commit.actor)
      return `${ticket.name} of ${id} by ${commit.actor}, while ${lease?.worker ?? "no one"} held it`;
    if (input.epoch === undefined || input.epoch === lease?.epoch) return undefined;
    return `${ticket.name} of ${id} for epoch ${input.epoch}, while the record stood at ${lease?.epoch}`;
  });
};

const oneCompletion: Rule = (step) =>
  firstOf(touched(step), (id) => {
    const { before, after, commit } = step;
    if (!isEnded(before, id) || !isEnded(after, id)) return undefined;
    const [a, b] = [before.tasks.get(id), after.tasks.get(id)];
    const same =
      a?.status === b?.status &&
      a?.outcome?.epoch === b?.outcome?.epoch &&
      a?.outcome?.worker === b?.outcome?.worker;
    return same ? undefined : `${id} had ended, and ended once more by ${commit.event}`;
  });

/** The outcome is the holder's, at the holder's epoch. */
const outcomeIsHolders: Rule = (step) =>
  firstOf(touched(step), (id) => {
    const { before, after } = step;
    if (isEnded(before, id) || !isEnded(after, id)) return undefined;
    const [lease, outcome] = [before.leases.get(id), after.tasks.get(id)?.outcome];
    if (!outcome) return `${id} ended without an outcome`;
    if ((outcome.worker ?? null) !== (lease?.worker ?? null))
      return `${id} was held by ${lease?.worker} and ended by ${outcome.worker}`;
    return undefined;
  });

interface Load {
  points: number;
  tasks: number;
}

function loadOf(files: Files, worker: string): Load {
  const load = { points: 0, tasks: 0 };
  for (const [id, lease] of files.leases) {
    const task = files.tasks.get(id);
    if (!task || isEnded(files, id) || lease.worker !== worker || !isWorking(lease)) continue;
    load.points += task.estimate;
    load.tasks += 1;
  }
  return load;
}

/** Nobody's load grows beyond their limits by an operation, unless a maintainer forces it. */
const capacityHolds: Rule = (step) => {
  if (isForced(step)) return undefined;
  const workers = new Set(touched(step).map((id) => holderOf(step.after, id)));
  return firstOf(workers, (name) => {
    const worker = name === undefined ? undefined : step.after.workers.get(name);
    if (!worker || name === undefined) return undefined;
    const [old, now] = [loadOf(step.before, name), loadOf(step.after, name)];
    if (now.points > old.points && now.points > worker.capacity_points) {
      return `${name} has ${now.points} points in progress, and capacity for ${worker.capacity_points}`;
    }
    if (now.tasks > old.tasks && now.tasks > worker.max_concurrent_tasks) {
      return `${name} has ${now.tasks} tasks in progress, and room for ${worker.max_concurrent_tasks}`;
    }
    return undefined;
  });
};

function areaOf(files: Files, id: string): string | undefined {
  const task = files.tasks.get(id);
  if (!task?.area || isEnded(files, id) || !isWorking(files.leases.get(id))) return undefined;
  return files.repos.get(task.repo)?.policy?.area_locks_enabled === false
    ? undefined
    : `${task.repo} ${task.area}`;
}

const areasHold: Rule = (step) => {
  if (isForced(step)) return undefined;
  return firstOf(touched(step), (id) => {
    const area = areaOf(step.after, id);
    if (area === undefined || area === areaOf(step.before, id)) return undefined;
    const other = [...step.after.leases.keys()].find((one) => one !== id && areaOf(step.after, one) === area);
    return other && `${id} came into area ${area}, where ${other} is in progress`;
  });
};

/** A claim takes what is ready: dependencies done, and room for another pull request. */
const claimsAreReady: Rule = (step) => {
  const { ticket, before, after } = step;
  if (ticket.name !== "claim") return undefined;
  return firstOf(touched(step), (id) => {
    const holder = holderOf(after, id);
    const task = after.tasks.get(id);
    if (
      !holder ||
      !task ||
      (holder === holderOf(before, id) && before.leases.get(id)?.epoch === after.leases.get(id)?.epoch)
    )
      return undefined;
    const open = task.relationships?.blocked_by?.find((one) => before.tasks.get(one)?.status !== "done");
    if (open) return `${id} was claimed, and waits for ${open}`;
    const limit = before.repos.get(task.repo)?.policy?.max_open_prs;
    const prs = [...before.leases].filter(
      ([one, lease]) =>
        lease.phase === "pr_opened" && before.tasks.get(one)?.repo === task.repo && !isEnded(before, one),
    );
    if (isForced(step) || limit === undefined || limit === null || prs.length < limit) return undefined;
    return `${id} was claimed with ${prs.length} of ${limit} pull requests open`;
  });
};

const isOver = (files: Files, run: string) =>
  ["done", "failed", "canceled"].includes(files.runs.get(run)?.status ?? "");

/** A run begins with the claim that names it and is its holder's; it has ended when the lease names it no longer. */
const runsFollow: Rule = ({ before, after }) =>
  firstOf(new Set([...before.leases.keys(), ...after.leases.keys()]), (id) => {
    const [old, lease] = [before.leases.get(id), after.leases.get(id)];
    if (old === lease || [...after.broken].some((path) => path.includes(id))) return undefined;
    if (old?.run && old.run !== lease?.run && before.runs.has(old.run) && !isOver(after, old.run))
      return `${id} is no longer held under ${old.run}, which goes on`;
    if (!lease?.run || lease.run === old?.run) return undefined;
    const run = after.runs.get(lease.run);
    if (!run || isOver(after, lease.run)) return `${id} is held under ${lease.run}, which is not under way`;
    return run.for_issue.id === id && run.executor.actor.actor_id === lease.worker
      ? undefined
      : `${lease.run} is not ${lease.worker}'s for ${id}`;
  });

/** Where the policy asks for runs, none is held without one from its claim on. */
const claimsOpenRuns: Rule = ({ ticket, before, after, runs }) => {
  if (runs !== "always" || ticket.name !== "claim") return undefined;
  return firstOf(after.leases, ([id, lease]) => {
    const isNew = lease.worker && before.leases.get(id)?.epoch !== lease.epoch;
    return isNew && !lease.run ? `${id} was claimed without a run` : undefined;
  });
};

export const INVARIANTS = {
  "every commit validates": filesValidate,
  "broken files are not written over": brokenFilesStay,
  "one holder for a task and epoch": oneHolder,
  "epochs only grow": epochsGrow,
  "no stale epoch is accepted": noStaleEpoch,
  "one completion an opening": oneCompletion,
  "the outcome is the holder's": outcomeIsHolders,
  "capacity is not exceeded": capacityHolds,
  "areas are locked": areasHold,
  "claims take what is ready": claimsAreReady,
  "runs follow their leases": runsFollow,
  "claims open runs": claimsOpenRuns,
} as const satisfies Record<string, Rule>;

/** Takes a step into the past: after it was judged, or where people made it. */
export function remember(past: Past, before: Files, after: Files): void {
  const ids = new Set([...before.leases.keys(), ...after.leases.keys(), ...after.tasks.keys()]);
  for (const id of ids) {
    const [old, lease, task] = [before.leases.get(id), after.leases.get(id), after.tasks.get(id)];
    if (before.leases.get(id) === lease && before.tasks.get(id) === task) continue;
    const top = Math.max(past.epochs.get(id) ?? 0, lease?.epoch ?? 0, task?.outcome?.epoch ?? 0);
    past.epochs.set(id, top);
    if (lease?.worker) past.holders.set(`${id} ${lease.epoch}`, lease.worker);
    const isUnreadable = after.broken.has(`leases/${id.at(-2)}/${id.at(-1)}/${id}.yaml`);
    if (old?.worker && !isUnreadable && (lease?.epoch !== old.epoch || !lease.worker))
      past.over.add(`${id} ${old.epoch}`);
  }
}
