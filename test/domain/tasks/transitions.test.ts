import { describe, expect, it } from "vitest";
import type { Ctx, Plan } from "../../../src/core/operation.ts";
import { ERRORS } from "../../../src/core/refusal.ts";
import type { Snapshot } from "../../../src/core/snapshot.ts";
import { planBlock } from "../../../src/domain/tasks/block.ts";
import { planCancel } from "../../../src/domain/tasks/cancel.ts";
import { planClaim } from "../../../src/domain/tasks/claim.ts";
import { planDone } from "../../../src/domain/tasks/done.ts";
import { planFail } from "../../../src/domain/tasks/fail.ts";
import { findTask } from "../../../src/domain/tasks/find.ts";
import { planHandoff } from "../../../src/domain/tasks/handoff.ts";
import { planPr } from "../../../src/domain/tasks/pr.ts";
import { planRelease } from "../../../src/domain/tasks/release.ts";
import { planRenew } from "../../../src/domain/tasks/renew.ts";
import { planRequeue } from "../../../src/domain/tasks/requeue.ts";
import { planResume } from "../../../src/domain/tasks/resume.ts";
import { momentOf, STATES, stateOf, type TaskState } from "../../../src/domain/tasks/state.ts";
import { ACTS, type Act, type Cell, TRANSITIONS } from "../../../src/domain/tasks/transitions.ts";
import {
  applied,
  broken,
  code,
  ctx,
  ended,
  type File,
  LATE,
  lease,
  leaseIn,
  ok,
  record,
  task,
  tid,
  worker,
} from "../../helpers/record.ts";

const id = "aaaa";
/** A record in which the task is in each state; ada holds or held it. */
const IN: Record<TaskState, File[]> = {
  planned: [task(id, { status: "planned" })],
  queued: [task(id)],
  retry: [task(id), lease(id, { worker: null, phase: "retry" })],
  in_progress: [task(id), lease(id)],
  expired: [task(id), lease(id, LATE)],
  blocked: [task(id), lease(id, { phase: "blocked" })],
  pr_opened: [task(id), lease(id, { phase: "pr_opened" })],
  done: [ended(id, "done")],
  failed: [ended(id, "failed")],
  canceled: [ended(id, "canceled")],
  broken: [broken(task(id))],
};
const DO: Record<Act, (s: Snapshot, c: Ctx) => Plan<unknown>> = {
  claim: (s, c) => planClaim(s, { id }, c),
  resume: (s, c) => planResume(s, { id }, c),
  block: (s, c) => planBlock(s, { id, message: "stuck" }, c),
  pr: (s, c) => planPr(s, { id, url: "https://example.org/pull/1" }, c),
  done: (s, c) => planDone(s, { id }, c),
  fail: (s, c) => planFail(s, { id }, c),
  release: (s, c) => planRelease(s, { id }, c),
  handoff: (s, c) => planHandoff(s, { id, to: "bob" }, c),
  renew: (s, c) => planRenew(s, { id }, c),
  requeue: (s, c) => planRequeue(s, { id }, c),
  cancel: (s, c) => planCancel(s, { id }, c),
};
const recordIn = (state: TaskState) => record(worker("bob"), worker("maker"), ...IN[state]);

/** Who takes a step, and who must not. */
const TAKES = { worker: "bob", holder: "ada", maintainer: "max", owner: "max", ender: "ada" } as const;
const MUST_NOT = {
  worker: [],
  holder: ["bob"],
  maintainer: ["bob"],
  owner: ["bob"],
  ender: ["bob"],
} as const;

function stateAfter(state: Snapshot): TaskState {
  const found = findTask(state, tid(id));
  if (!found.ok) throw new Error(found.message);
  return found.open ? stateOf(found.open, momentOf(state, ctx("ada"))) : (found.closed?.status ?? "broken");
}

const PAIRS = STATES.flatMap((state) =>
  ACTS.map((act) => [state, act, TRANSITIONS[state][act]] as [TaskState, Act, Cell]),
);

describe("A57 B36 the table is whole, and the operations keep to it", () => {
  it("has a step or a code for every state and act", () => {
    expect(PAIRS).toHaveLength(STATES.length * ACTS.length);
    for (const [, , cell] of PAIRS) {
      if (typeof cell === "string") expect(ERRORS).toHaveProperty(cell);
      else expect(cell.to.every((one) => STATES.includes(one))).toBe(true);
    }
  });

  it.each(PAIRS)("%s × %s", (state, act, cell) => {
    const before = recordIn(state);
    expect(state === "broken" || stateAfter(before) === state).toBe(true);
    if (typeof cell === "string") {
      const answers = ["ada", "bob", "max"].map((name) => code(DO[act](before, ctx(name))));
      // A holder's act by someone else is refused as such before the machine is asked.
      const expected = cell === "illegal_transition" ? [cell, "not_holder"] : [cell];
      const mine = act === "claim" && leaseIn(before, id)?.worker === "ada";
      for (const answer of mine ? answers.slice(1) : answers) expect(expected).toContain(answer);
      return;
    }
    const free = !leaseIn(before, id)?.worker && !["done", "failed", "canceled"].includes(state);
    const plan =
      act === "done" && free
        ? planDone(before, { id, force: true }, ctx("max"))
        : DO[act](before, ctx(TAKES[cell.by]));
    expect(cell.to).toContain(stateAfter(applied(before, plan)));
    for (const name of MUST_NOT[cell.by]) {
      expect(["not_holder", "not_allowed", "task_ended"]).toContain(code(DO[act](before, ctx(name))));
    }
  });

  const stated: [TaskState, Act, TaskState | "refused"][] = [
    ["in_progress", "block", "blocked"],
    ["blocked", "resume", "in_progress"],
    ["in_progress", "pr", "pr_opened"],
    ["blocked", "pr", "pr_opened"],
    ["pr_opened", "resume", "in_progress"],
    ["pr_opened", "block", "refused"],
    ["in_progress", "done", "done"],
    ["blocked", "done", "done"],
    ["pr_opened", "done", "done"],
    ["done", "resume", "refused"],
    ["done", "claim", "refused"],
    ["done", "requeue", "queued"],
    ["failed", "requeue", "queued"],
    ["canceled", "requeue", "queued"],
  ];
  it.each(stated)("A57 %s × %s is %s", (state, act, to) => {
    const cell = TRANSITIONS[state][act];
    expect(typeof cell === "string" ? "refused" : cell.to[0]).toBe(to);
  });

  it("A48 no act of time alone leads out of blocked and pr_opened", () => {
    for (const phase of ["blocked", "pr_opened"] as const) {
      const state = record(task(id), lease(id, { phase, ...LATE }));
      expect(stateAfter(state)).toBe(phase);
      expect(code(planClaim(state, { id }, ctx("bob")))).toBe("task_held");
    }
  });
});

it("a step that leads nowhere new publishes nothing the second time", () => {
  for (const [state, act, cell] of PAIRS) {
    if (typeof cell === "string" || !cell.again) continue;
    const before = recordIn(state);
    const once = applied(before, DO[act](before, ctx(TAKES[cell.by])));
    expect(ok(DO[act](once, ctx(TAKES[cell.by]))).changes).toEqual([]);
  }
});
