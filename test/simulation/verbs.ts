/** What an agent of the simulation may try, one row a verb: from what it believes to the input of an operation. */
import type { Random } from "./random.ts";

/** What an agent believes; often out of date, as in life. */
export interface Beliefs {
  /** Tasks that exist, as far as anyone knows. */
  tasks: readonly string[];
  workers: readonly string[];
  /** What it holds, or held: task and epoch, newest last. */
  hands: readonly { id: string; epoch: number }[];
}

export interface Wish {
  name: string;
  input: Record<string, unknown>;
}

/** undefined: it has nothing to do this with. */
type Row = (beliefs: Beliefs, random: Random) => Wish | undefined;

/** The newest that it holds, mostly; sometimes an older one. It names its epoch, mostly. */
function mine({ hands }: Beliefs, random: Random): { id: string; epoch?: number } | undefined {
  const hand = random.chance(0.8) ? hands[hands.length - 1] : hands[random.int(hands.length)];
  if (!hand) return undefined;
  return random.chance(0.75) ? { id: hand.id, epoch: hand.epoch } : { id: hand.id };
}

/** An act on what it holds. */
const act =
  (name: string, more: (random: Random) => object = () => ({})): Row =>
  (beliefs, random) => {
    const hand = mine(beliefs, random);
    return hand && { name, input: { ...hand, ...more(random) } };
  };

/** An act on any task. */
const any =
  (name: string, more: (random: Random, beliefs: Beliefs) => object = () => ({})): Row =>
  (beliefs, random) => {
    if (beliefs.tasks.length === 0) return undefined;
    const id = random.pick(beliefs.tasks);
    return { name, input: { id, ...more(random, beliefs) } };
  };

const message = (random: Random) => ({ message: `message ${random.int(100)}` });
const url = (random: Random) => ({ url: `https://example.org/pull/${random.int(50)}` });
const forced = (random: Random) => ({ ...message(random), force: true });

function newTask(random: Random, { tasks }: Beliefs): object {
  return {
    title: `Task ${random.int(1000)}`,
    estimate: random.between(1, 3),
    priority: random.pick([20, 50, 80]),
    ...(random.chance(0.4) && { area: random.pick(["auth", "web"]) }),
    ...(random.chance(0.2) && tasks.length > 0 && { blocked_by: [random.pick(tasks)] }),
    ...(random.chance(0.1) && { planned: true }),
  };
}

export const VERBS = {
  claim: () => ({ name: "claim", input: {} }),
  "claim for a while": (_beliefs, random) => ({
    name: "claim",
    input: { for: random.pick(["20s", "2m", "1h"]) },
  }),
  "claim another": () => ({ name: "claim", input: { another: true } }),
  "claim some": (_beliefs, random) => ({ name: "claim", input: { count: random.between(2, 4) } }),
  "claim one": any("claim"),
  "claim by force": any("claim", () => ({ force: true })),
  done: act("done", (random) => (random.chance(0.5) ? message(random) : {})),
  "done by force": any("done", forced),
  release: act("release"),
  "release by force": any("release", forced),
  block: act("block", message),
  resume: act("resume"),
  pr: act("pr", url),
  fail: act("fail", (random) => (random.chance(0.2) ? { no_retry: true } : message(random))),
  renew: act("renew"),
  handoff: (beliefs, random) => {
    const hand = mine(beliefs, random);
    return hand && { name: "handoff", input: { ...hand, to: random.pick(beliefs.workers) } };
  },
  requeue: any("requeue"),
  cancel: any("cancel"),
  add: (beliefs, random) => ({ name: "add", input: newTask(random, beliefs) as Record<string, unknown> }),
  edit: any("edit", (random) =>
    random.pick([
      { priority: random.int(100) },
      { estimate: random.between(1, 4) },
      { area: random.pick(["auth", "web"]) },
    ]),
  ),
  note: any("note", (random) => ({ text: `note ${random.int(100)}` })),
  heartbeat: () => ({ name: "heartbeat", input: {} }),
  sync: () => ({ name: "sync", input: {} }),
  status: () => ({ name: "status", input: {} }),
} as const satisfies Record<string, Row>;

export type Verb = keyof typeof VERBS;

export const wishOf = (verb: Verb, beliefs: Beliefs, random: Random): Wish | undefined =>
  VERBS[verb](beliefs, random);
