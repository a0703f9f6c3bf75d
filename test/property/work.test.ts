/** Random work on one record: whatever the workers try, in whatever order, the rules of scheduling and fencing hold. */

import { describe, expect, it } from "vitest";
import type { Ctx, Plan } from "../../src/core/operation.ts";
import { ERRORS } from "../../src/core/refusal.ts";
import type { State } from "../../src/core/state.ts";
import { planBlock } from "../../src/domain/tasks/block.ts";
import { planCancel } from "../../src/domain/tasks/cancel.ts";
import { planClaim } from "../../src/domain/tasks/claim.ts";
import { planDone } from "../../src/domain/tasks/done.ts";
import { planFail } from "../../src/domain/tasks/fail.ts";
import { planHandoff } from "../../src/domain/tasks/handoff.ts";
import { planPr } from "../../src/domain/tasks/pr.ts";
import { planRelease } from "../../src/domain/tasks/release.ts";
import { planRenew } from "../../src/domain/tasks/renew.ts";
import { planRequeue } from "../../src/domain/tasks/requeue.ts";
import { planResume } from "../../src/domain/tasks/resume.ts";
import type { Lease, Task, Worker } from "../../src/generated/types.ts";
import { fc } from "../helpers/chance.ts";
import {
  applied,
  ctx,
  HOUR,
  leaseIn,
  MINUTE,
  NOW,
  policy,
  pulse,
  record,
  repo,
  task,
  taskIn,
  tid,
  waiting,
  worker,
} from "../helpers/record.ts";

const WORKERS = ["ada", "bob", "cyd", "max"] as const;
const TASKS = ["aaaa", "bbbb", "cccc", "dddd", "eeee", "ffff", "gggg", "hhhh"] as const;
type Name = (typeof WORKERS)[number];
type Short = (typeof TASKS)[number];

const start = (): State =>
  record(
    policy({ attempts: { max: 3, backoff: "10m" } }),
    repo("web", { max_open_prs: 2 }),
    worker("ada", { capacity_points: 3, max_concurrent_tasks: 2, skills: ["sql"] }),
    worker("bob", { capacity_points: 5, max_concurrent_tasks: 1 }),
    worker("cyd", { capacity_points: 2, max_concurrent_tasks: 3, trust_tier: "trusted" }),
    task("aaaa", { area: "x", estimate: 2 }),
    task("bbbb", { area: "x", priority: 80 }),
    task("cccc", { area: "y", skills: ["sql"] }),
    task("dddd", { area: "y", estimate: 2 }),
    task("eeee", { tier: 1 }),
    task("ffff", { estimate: 3, max_attempts: 1 }),
    waiting("gggg", ["bbbb"]),
    waiting("hhhh", ["aaaa", "cccc"], { area: "x" }),
  );

interface Step {
  act: string;
  who: Name;
  on: Short;
  to: Name;
  /** Of the epochs that this worker got for this task, the latest or an older one; 0: none is named. */
  epoch: number;
  force: boolean;
  named: boolean;
  /** Where the worker holds something, it acts on that, and not on whatever `on` names. */
  own: boolean;
  count: number;
  passMs: number;
  /** The heartbeat that all holders have sent, and for how long it has stood still. */
  silentMs: number | null;
}

type Run = (state: State, step: Step, epoch: number | undefined, ctx: Ctx) => Plan<unknown>;
const id = ({ on }: Step) => tid(on);
const DO: Record<string, Run> = {
  claim: (s, step, _e, c) =>
    planClaim(
      s,
      step.named ? { id: id(step), force: step.force } : { another: step.force, count: step.count },
      c,
    ),
  block: (s, step, epoch, c) => planBlock(s, { id: id(step), message: "stuck", epoch, force: step.force }, c),
  resume: (s, step, epoch, c) => planResume(s, { id: id(step), epoch, force: step.force }, c),
  pr: (s, step, epoch, c) =>
    planPr(s, { id: id(step), url: `https://example.org/${step.count}`, epoch, force: step.force }, c),
  done: (s, step, epoch, c) => planDone(s, { id: id(step), epoch, force: step.force }, c),
  fail: (s, step, epoch, c) => planFail(s, { id: id(step), epoch, force: step.force }, c),
  release: (s, step, epoch, c) => planRelease(s, { id: id(step), epoch, force: step.force }, c),
  handoff: (s, step, epoch, c) => planHandoff(s, { id: id(step), to: step.to, epoch, force: step.force }, c),
  renew: (s, step, epoch, c) => planRenew(s, step.named ? { id: id(step), epoch } : {}, c),
  requeue: (s, step, _e, c) => planRequeue(s, { id: id(step) }, c),
  cancel: (s, step, _e, c) => planCancel(s, { id: id(step) }, c),
};

const steps = (force: boolean) =>
  fc.array(
    fc.record<Step>({
      act: fc.oneof(
        { weight: 3, arbitrary: fc.constant("claim") },
        { weight: 5, arbitrary: fc.constantFrom(...Object.keys(DO)) },
      ),
      who: fc.constantFrom(...WORKERS),
      on: fc.constantFrom(...TASKS),
      to: fc.constantFrom(...WORKERS),
      epoch: fc.nat(2),
      force: force ? fc.boolean() : fc.constant(false),
      named: fc.boolean(),
      own: fc.oneof(
        { weight: 3, arbitrary: fc.constant(true) },
        { weight: 1, arbitrary: fc.constant(false) },
      ),
      count: fc.integer({ min: 1, max: 4 }),
      passMs: fc.oneof(
        { weight: 4, arbitrary: fc.nat(20 * MINUTE) },
        { weight: 1, arbitrary: fc.nat(6 * HOUR) },
      ),
      silentMs: fc.oneof(fc.constant(null), fc.nat(HOUR)),
    }),
    { minLength: 5, maxLength: 40 },
  );

const epochOf = (state: State, short: Short): number =>
  leaseIn(state, short)?.epoch ?? taskIn(state, short)?.outcome?.epoch ?? 0;
const holder = (state: State, short: Short): string | null => leaseIn(state, short)?.worker ?? null;
const started = (state: State) =>
  TASKS.map((short) => ({ short, lease: leaseIn(state, short), task: taskIn(state, short) as Task })).filter(
    (one): one is { short: Short; lease: Lease; task: Task } =>
      one.lease?.worker != null && one.lease.phase === "in_progress",
  );

/** The step on a task that its worker holds, so that most steps are more than a refusal. */
function aimed(state: State, step: Step): Step {
  const held = TASKS.filter((short) => holder(state, short) === step.who);
  const on = held[TASKS.indexOf(step.on) % Math.max(1, held.length)];
  return step.own && on && step.act !== "claim" ? { ...step, on } : step;
}

/** Runs the steps and calls back after each accepted one. */
function run(
  all: Step[],
  check: (before: State, next: State, step: Step, named: number | undefined) => void,
): State {
  let state = start();
  let now = NOW;
  const got = new Map<string, number[]>();
  for (const drawn of all) {
    const step = aimed(state, drawn);
    now += step.passMs;
    const known = got.get(`${step.who} ${step.on}`) ?? [];
    const epoch = step.epoch === 0 ? undefined : known.at(-step.epoch);
    const pulses =
      step.silentMs === null
        ? []
        : started(state).map(({ short, lease }) =>
            pulse(String(lease.worker), [[short, lease.epoch]], { unchanged_ms: step.silentMs as number }),
          );
    const call = () => (DO[step.act] as Run)(state, step, epoch, ctx(step.who, { now, pulses }));
    const plan = call();
    expect(JSON.stringify(call())).toBe(JSON.stringify(plan));
    if (!plan.ok) {
      expect(ERRORS).toHaveProperty(plan.code);
      continue;
    }
    const next = applied(state, plan);
    const touched = plan.changes
      .map(({ path }) => path)
      .filter((path) => path.startsWith("leases/") || path.startsWith("tasks/"));
    for (const path of touched) expect(plan.event?.tasks?.some((one) => path.includes(one.id))).toBe(true);
    check(state, next, step, epoch);
    state = next;
    for (const short of TASKS) {
      const name = holder(state, short);
      const list = got.get(`${name} ${short}`) ?? [];
      if (name && list.at(-1) !== epochOf(state, short))
        got.set(`${name} ${short}`, [...list, epochOf(state, short)]);
    }
  }
  return state;
}

const RUNS = Number(process.env.OWP_PROPERTY_RUNS ?? 300);

describe("random work by four workers", () => {
  it("A40 A44 A37 capacity, concurrency and area locks are never exceeded without force", () => {
    fc.assert(
      fc.property(steps(false), (all) => {
        run(all, (_before, next) => {
          const areas = new Set<string>();
          const load = new Map<string, { points: number; tasks: number }>();
          for (const {
            lease,
            task: { area, estimate },
          } of started(next)) {
            const name = String(lease.worker);
            const { points, tasks } = load.get(name) ?? { points: 0, tasks: 0 };
            load.set(name, { points: points + estimate, tasks: tasks + 1 });
            if (area) expect(areas.has(area), `two at work in ${area}`).toBe(false);
            if (area) areas.add(area);
          }
          for (const [name, { points, tasks }] of load) {
            const who = next.workers.get(name) as Worker;
            expect(points, `${name}'s points`).toBeLessThanOrEqual(who.capacity_points);
            expect(tasks, `${name}'s tasks`).toBeLessThanOrEqual(who.max_concurrent_tasks);
          }
        });
      }),
      { numRuns: RUNS },
    );
  });

  it("A57 epochs never decrease, and every new holder has a larger one, with force too", () => {
    fc.assert(
      fc.property(steps(true), (all) => {
        run(all, (before, next) => {
          for (const short of TASKS) {
            expect(epochOf(next, short)).toBeGreaterThanOrEqual(epochOf(before, short));
            const [was, is] = [holder(before, short), holder(next, short)];
            if (is !== null && is !== was)
              expect(epochOf(next, short)).toBeGreaterThan(epochOf(before, short));
          }
        });
      }),
      { numRuns: RUNS },
    );
  });

  it("A51 A52 only the holder, at the present epoch, finishes; an end stands until a requeue", () => {
    fc.assert(
      fc.property(steps(true), (all) => {
        run(all, (before, next, step, named) => {
          for (const short of TASKS) {
            const [was, is] = [taskIn(before, short)?.status, taskIn(next, short)?.status];
            if (was === is) continue;
            if (was !== "ready") {
              expect([step.act, is]).toEqual(["requeue", "ready"]);
              continue;
            }
            const lease = leaseIn(before, short);
            if (step.act === "cancel" || step.force) continue;
            expect(lease?.worker).toBe(step.who);
            if (named !== undefined) expect(lease?.epoch).toBe(named);
            expect(taskIn(next, short)?.outcome).toMatchObject({ epoch: lease?.epoch, worker: step.who });
          }
        });
      }),
      { numRuns: RUNS },
    );
  });

  it("B31 A31 A33 no one starts what waits, or what they lack the skill or the trust for", () => {
    fc.assert(
      fc.property(steps(false), (all) => {
        run(all, (before, next, step) => {
          if (step.act !== "claim") return;
          for (const { short, lease, task: one } of started(next)) {
            if (holder(before, short) === lease.worker) continue;
            const who = next.workers.get(String(lease.worker)) as Worker;
            for (const needed of one.relationships?.blocked_by ?? [])
              expect(next.dependency(needed)).toBe("done");
            for (const skill of one.skills ?? []) expect(who.skills).toContain(skill);
            if (one.tier) expect(["trusted", "maintainer"]).toContain(who.trust_tier);
            expect(leaseIn(before, short)?.phase ?? "queued").toMatch(/queued|retry|in_progress/);
          }
        });
      }),
      { numRuns: RUNS },
    );
  });
});
