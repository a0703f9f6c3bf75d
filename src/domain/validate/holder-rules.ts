/** Who may do what to a task: the holder, a maintainer, or whoever takes over a lease that has run out. */
import { ms } from "../../core/time.ts";
import type { Lease } from "../../generated/types.ts";
import { STATES, type TaskState } from "../tasks/state.ts";
import { TRANSITIONS } from "../tasks/transitions.ts";
import { type CommitRule, eachStep, OWN } from "./commit-rule.ts";
import type { TaskStep } from "./commit-view.ts";
import { ends, isMerge } from "./merge-rules.ts";
import { storedState } from "./stored-state.ts";

export const HOLDER_RULES: readonly CommitRule[] = [
  {
    code: "status_step",
    severity: "error",
    kinds: ["Task", "Lease"],
    on: OWN,
    why: "The state machine is one table (docs/state-machines.md), and this step is not in it.",
    check: eachStep(({ before, after }, { repair }) => {
      const [from, to] = [storedState(before), storedState(after)];
      // A repair may take any step, since it sets back what was edited by hand; but it opens nothing that has ended.
      const isLegal = repair ? after.ended || !before.ended : LEGAL.get(from ?? "new")?.has(to as TaskState);
      if (!to || isLegal) return;
      const message = from
        ? `The task went from ${from} to ${to}, which is no step of the state machine.`
        : `A new task cannot begin as ${to}.`;
      return { on: "Task", keys: ["status"], message };
    }),
  },
  {
    code: "outcome_worker",
    severity: "error",
    kinds: ["Task", "Lease"],
    on: OWN,
    butRepairs: true,
    why: "An outcome names who held the task, even where a maintainer ended it for them (outcome.by): it is the proof of who did the work.",
    check: eachStep((step) => {
      const worker = step.after.task?.outcome?.worker;
      const holder = step.before.lease?.worker;
      if (!ends(step) || !worker || worker === holder) return;
      const message = `The outcome names ${worker} as the holder, and ${holder ?? "no one"} held the task.`;
      return { on: "Task", keys: ["outcome", "worker"], message };
    }),
  },
  {
    code: "not_holder",
    severity: "error",
    kinds: ["Task", "Lease"],
    on: ["operation"],
    why: "Only its holder or a maintainer changes a live lease or ends the task; others wait until the lease has run out. A job is its token's holder's, whatever their name.",
    check: eachStep((step, view) => {
      const { before, after } = step;
      const { actor, byMaintainer } = view;
      const holder = before.lease?.worker;
      if (byMaintainer || holder === actor || before.task?.job) return;
      const isOver = isTakeover(step) || (isMerge(view) && ends(step));
      if (holder && !isOver && !same(before.lease, after.lease)) {
        return {
          on: "Lease",
          message: `${actor} changed the lease of ${holder} and is neither its holder nor a maintainer.`,
        };
      }
      const withdrawn = after.task?.status === "canceled" && before.task?.created_by === actor;
      if (holder || !ends(step) || withdrawn || isMerge(view)) return;
      return {
        on: "Task",
        keys: ["status"],
        message: `${actor} ended a task that no one held, and is no maintainer.`,
      };
    }),
  },
  {
    code: "claim_for_other",
    severity: "error",
    kinds: ["Lease"],
    on: ["operation"],
    why: "A claim is the holder's own act; only the last holder or a maintainer may hand a task to someone else.",
    check: eachStep(({ before, after }, { actor, byMaintainer }) => {
      const [from, to] = [before.lease?.worker, after.lease?.worker];
      if (!to || to === from || to === actor || byMaintainer || from === actor) return;
      return { on: "Lease", keys: ["worker"], message: `${actor} claimed the task in the name of ${to}.` };
    }),
  },
  {
    code: "takeover_unexplained",
    severity: "error",
    kinds: ["Lease"],
    on: OWN,
    why: "Whoever takes a task from its holder writes from whom and why (taken_from), so that the late holder can be told.",
    check: eachStep((step) => {
      const lost = lostBy(step);
      if (!lost || step.after.epoch <= lost.epoch || tells(step.after.lease, lost)) return;
      const to = step.after.lease?.worker ?? "no one";
      const message = `The task went from ${lost.worker} (epoch ${lost.epoch}) to ${to} (epoch ${step.after.epoch}), and taken_from does not say so.`;
      return { on: "Lease", keys: ["taken_from"], message };
    }),
  },
  {
    code: "takeover_early",
    severity: "error",
    kinds: ["Lease"],
    on: OWN,
    why: "A lease is taken over only after expires_at and the allowed skew, that of a job from expires_at on; blocked work and open pull requests do not expire (A48).",
    check: eachStep((step, { rules, commit }) => {
      const [lost, next] = [lostBy(step), step.after.lease];
      const reason = next?.taken_from?.reason;
      if (!lost || !tells(next, lost) || (reason !== "expired" && reason !== "silent")) return;
      const at = next?.claimed_at ? ms(next.claimed_at) : commit.at_ms;
      const parked = lost.phase !== "in_progress" || lost.expires_at === null;
      const isOver = lost.job
        ? reason === "expired" && at >= ms(lost.expires_at)
        : reason === "silent" || at > ms(lost.expires_at) + rules.max_skew_ms - SECOND;
      if (!parked && isOver) return;
      const why =
        lost.expires_at === null
          ? "has no end"
          : parked
            ? `does not expire while it is ${lost.phase}`
            : `stood until ${lost.expires_at}`;
      return {
        on: "Lease",
        keys: ["taken_from", "reason"],
        message: `The lease of ${lost.worker} was taken as ${reason}, and it ${why}.`,
      };
    }),
  },
  {
    code: "coordination_edited",
    severity: "warning",
    kinds: ["Task", "Lease"],
    on: ["edit"],
    why: "People edit what is to be done; leases and outcomes are written by commands, and a hand-made one is no operation in the ledger.",
    check: eachStep(({ before, after }) => {
      if (!after.exists) return;
      if (!same(before.lease, after.lease)) {
        const keys = differing(before.lease, after.lease);
        return {
          on: "Lease",
          keys,
          message: "The lease was changed by a commit that is no operation of owp.",
        };
      }
      if (!before.exists || same(before.task?.outcome, after.task?.outcome)) return;
      return {
        on: "Task",
        keys: ["outcome"],
        message: "The outcome was changed by a commit that is no operation of owp.",
      };
    }),
  },
];

/** Files hold whole seconds. */
const SECOND = 1000;

const same = (a: unknown, b: unknown): boolean => JSON.stringify(a) === JSON.stringify(b);

/** The first field that differs and is still there; none where the file came or went. */
function differing(before: Lease | undefined, after: Lease | undefined): string[] {
  const [old, fresh] = [before ?? {}, after ?? {}] as Record<string, unknown>[];
  const field = Object.keys(fresh ?? {}).find((key) => before && !same(old?.[key], fresh?.[key]));
  return field === undefined ? [] : [field];
}

/** The lease that someone lost, to another or to no one, while the task went on; a release at the same epoch loses nothing. */
function lostBy({ before, after }: TaskStep): (Lease & { worker: string }) | undefined {
  const { lease } = before;
  if (!lease?.worker || !after.lease || after.lease.worker === lease.worker) return undefined;
  return { ...lease, worker: lease.worker };
}

const tells = (next: Lease | undefined, lost: Lease): boolean =>
  next?.taken_from?.worker === lost.worker && next.taken_from.epoch === lost.epoch;

/** A lease that ran out ends; whether it had run out is takeover_early's business, and for whom claim_for_other's. */
function isTakeover(step: TaskStep): boolean {
  const [lost, next] = [lostBy(step), step.after.lease];
  const reason = next?.taken_from?.reason;
  return (
    lost !== undefined &&
    next !== undefined &&
    next.epoch > lost.epoch &&
    (reason === "expired" || reason === "silent")
  );
}

/** What the table of acts allows in one commit, and the steps of intent: an edit opens a planned task or shelves a free one. */
const LEGAL: ReadonlyMap<TaskState | "new", ReadonlySet<TaskState>> = legalSteps();

function legalSteps(): Map<TaskState | "new", Set<TaskState>> {
  const legal = new Map<TaskState | "new", Set<TaskState>>();
  for (const from of STATES) {
    const targets = Object.values(TRANSITIONS[from]).flatMap((cell) =>
      typeof cell === "string" ? [] : cell.to,
    );
    legal.set(from, new Set([from, ...targets]));
  }
  legal.get("planned")?.add("queued").add("retry");
  for (const from of ["queued", "retry", "in_progress", "blocked", "pr_opened"] as const)
    legal.get(from)?.add("planned");
  // An import may bring tasks that have ended elsewhere.
  legal.set("new", new Set<TaskState>(["planned", "queued", "done", "failed", "canceled"]));
  return legal;
}
