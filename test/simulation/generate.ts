/** A scenario from a seed: who works with what, and what goes wrong. */
import type { FaultPlan } from "./faults.ts";
import { WORKERS } from "./genesis.ts";
import { PEOPLES_ACTS, type PersonPlan } from "./people.ts";
import { Random } from "./random.ts";
import type { ClonePlan, PolicyPlan, ProcessPlan, Scenario, Step, TaskPlan } from "./scenario.ts";
import type { Verb } from "./verbs.ts";

const HOUR_MS = 3_600_000;
const TO_2096_MS = 70 * 365.25 * 24 * HOUR_MS;

const VERB_WEIGHTS: Record<Verb, number> = {
  claim: 24,
  "claim for a while": 5,
  "claim another": 8,
  "claim some": 5,
  "claim one": 8,
  "claim by force": 2,
  done: 20,
  "done by force": 2,
  release: 6,
  "release by force": 2,
  block: 4,
  resume: 5,
  pr: 4,
  fail: 5,
  renew: 2,
  handoff: 4,
  requeue: 5,
  cancel: 3,
  add: 6,
  edit: 4,
  note: 6,
  heartbeat: 4,
  sync: 4,
  status: 1,
};
/** Those that may wait in the clone's queue. */
const OFFLINE: ReadonlySet<Verb> = new Set(["done", "release", "block", "pr", "fail", "add", "edit", "note"]);
/** Where a process may die: at these points, and at any of its calls. */
const CRASH_LABELS = [
  "point",
  "point took",
  "point wrote",
  "point pending",
  "point pushed",
  "point answered",
  "point settled",
  "push",
  "pushed",
  "answer",
  "drop",
  "save",
  "take",
  "",
];

export function generate(seed: number): Scenario {
  const random = new Random(Math.imul(seed, 0x01000193) ^ 0x9747b28c);
  const clones = Array.from({ length: random.between(1, 4) }, (_, index) => clonePlan(random, index));
  const isCalm = random.chance(0.15);
  return {
    seed,
    policy: policyPlan(random),
    tasks: Array.from({ length: random.between(2, 8) }, (_, index) => taskPlan(random, index)),
    clones,
    faults: isCalm ? [] : Array.from({ length: random.int(14) }, () => faultPlan(random, clones)),
    people: isCalm ? [] : Array.from({ length: random.int(5) }, () => personPlan(random)),
  };
}

function policyPlan(random: Random): PolicyPlan {
  return {
    lease: random.pick(["5s", "20s", "2m", "4h"]),
    heartbeat_timeout: random.pick(["5s", "30s", "15m"]),
    max_skew: random.pick(["1s", "30s", "5m"]),
    backoff: random.pick(["0s", "0s", "10s"]),
    max_attempts: random.between(1, 4),
    capacity_points: random.between(2, 5),
    max_concurrent_tasks: random.between(1, 3),
    max_open_prs: random.pick([null, null, 1, 2]),
    runs: random.pick(["always", "never"]),
  };
}

function taskPlan(random: Random, index: number): TaskPlan {
  return {
    estimate: random.between(1, 3),
    priority: random.pick([20, 50, 50, 80]),
    tier: random.pick([0, 0, 0, 0, 1, 3]),
    ...(random.chance(0.4) && { area: random.pick(["auth", "web"]) }),
    skills: random.chance(0.2) ? ["rust"] : [],
    after: index > 0 && random.chance(0.3) ? [random.int(index)] : [],
    planned: random.chance(0.06),
  };
}

function clonePlan(random: Random, index: number): ClonePlan {
  const far = random.chance(0.3);
  return {
    clock_ms: random.chance(0.08)
      ? random.pick([HOUR_MS, -HOUR_MS, TO_2096_MS])
      : random.between(-1000, 1000),
    drift: random.chance(0.1) ? 1.01 : 1,
    fetch_ms: far ? 500 : random.between(5, 60),
    push_ms: far ? 1200 : random.between(10, 90),
    ...(index > 0 && random.chance(0.05) && { copy_of: random.int(index) }),
    processes: Array.from({ length: random.between(1, 3) }, () => processPlan(random)),
  };
}

function processPlan(random: Random): ProcessPlan {
  const isDefault = random.chance(0.4);
  const long_lived = random.chance(0.4);
  const busy = long_lived && random.chance(0.3);
  return {
    worker: isDefault ? random.pick(["agent@host/main", "agent@host/side"]) : random.pick(WORKERS),
    explicit: !isDefault,
    long_lived,
    clock_ms: random.chance(0.03) ? HOUR_MS : 0,
    steps: Array.from({ length: random.between(3, 14) }, () => stepPlan(random, busy)),
  };
}

function stepPlan(random: Random, busy: boolean): Step {
  const verb = random.weighted(VERB_WEIGHTS);
  const wait = random.weighted({ none: 5, short: 4, while: 2, long: 0.3 });
  return {
    verb,
    choice: random.int(2 ** 32),
    wait_ms: { none: 0, short: random.int(500), while: random.int(40_000), long: random.int(2 * HOUR_MS) }[
      wait
    ],
    timeout_ms: random.pick([60_000, 60_000, 20_000, 3000, 500]),
    ...(OFFLINE.has(verb) && random.chance(0.15) && { offline: true as const }),
    ...(random.chance(0.05) && { abort_ms: random.int(400) }),
    ...(busy && random.chance(0.6) && { beside: true as const }),
    ...(random.chance(0.6) && { retry: true as const }),
  };
}

const FAULT_WEIGHTS: Record<FaultPlan["kind"], number> = {
  push: 9,
  fetch: 3,
  lock: 4,
  crash: 12,
  freeze: 3,
  clock: 2,
  "signals lost": 1,
  "cache lost": 1,
  hook: 1.5,
};

function faultPlan(random: Random, clones: readonly ClonePlan[]): FaultPlan {
  const clone = random.int(clones.length);
  const process = random.int((clones[clone] as ClonePlan).processes.length);
  const after = random.between(1, 25);
  const nth = random.between(1, 12);
  const count = random.pick([1, 1, 2, 3, 12]);
  const kind = random.weighted(FAULT_WEIGHTS);
  const plans: Record<typeof kind, () => FaultPlan> = {
    push: () => ({
      kind: "push",
      clone,
      nth,
      count,
      how: random.pick(["lost before", "lost after", "lost after", "late", "busy", "conflict"]),
    }),
    fetch: () => ({
      kind: "fetch",
      clone,
      nth,
      count,
      how: random.pick(["unreachable", "transport", "busy"]),
    }),
    lock: () => ({ kind: "lock", clone, nth, count: count * 4 }),
    crash: () => ({
      kind: "crash",
      clone,
      process,
      label: random.pick(CRASH_LABELS),
      nth: random.between(1, 6),
      when: random.pick(["before", "after"]),
      ...(random.chance(0.4) && { orphan_ms: random.int(3000) }),
    }),
    freeze: () => ({
      kind: "freeze",
      clone,
      process,
      nth: random.between(1, 200),
      ms: random.pick([300, 5000, 40_000, 200_000]),
    }),
    clock: () => ({ kind: "clock", clone, after, clock_ms: random.pick([0, HOUR_MS, -HOUR_MS, TO_2096_MS]) }),
    "signals lost": () => ({ kind: "signals lost", after }),
    "cache lost": () => ({ kind: "cache lost", clone, after }),
    hook: () => ({ kind: "hook", letters: random.pick(["0", "gh", "stvw"]) }),
  };
  return plans[kind]();
}

function personPlan(random: Random): PersonPlan {
  return {
    after: random.between(1, 20),
    act: random.pick(PEOPLES_ACTS),
    choice: random.int(2 ** 32),
    clock_ms: random.chance(0.15) ? random.pick([HOUR_MS, -HOUR_MS, TO_2096_MS]) : 0,
  };
}
