/** `owp prime`: what an agent must know before it starts, in under 400 tokens. */
import type { Ctx, Plan } from "../../core/operation.ts";
import { shortId } from "../../core/paths.ts";
import type { OpenTask, Snapshot } from "../../core/snapshot.ts";
import type { PrimeInput } from "../../generated/types.ts";
import { actingWorker, draftWorker } from "../workers/acting.ts";
import { obstacle } from "./eligibility.ts";
import { clip } from "./find.ts";
import { byClaimOrder, heldBy, worldOf } from "./scheduling.ts";
import { leaseOf, momentOf, stateOf, type TaskState } from "./state.ts";

interface PrimedTask {
  short: string;
  title: string;
  repo: string;
}

export interface PrimeResult {
  worker: string;
  /** The first of what I hold, in claim order. */
  held: (PrimedTask & { state: TaskState; epoch: number; expires_at: string | null })[];
  held_total: number;
  /** The first of what I could claim. */
  ready: PrimedTask[];
  ready_total: number;
  /** The everyday loop: a command and what it does. */
  commands: [command: string, does: string][];
}

const SHOWN = 3;
const TITLE_LIMIT = 60;

const COMMANDS: PrimeResult["commands"] = [
  ["owp claim", "take the best task for you, or get back the one you hold"],
  ["owp done -m <text>", "finish it (--pr, --commit: proof of work)"],
  ["owp block -m <why>", "stuck: it stays yours, and you may claim another"],
  ["owp release", "hand it back; owp fail -m <why>: the attempt failed"],
  ["owp note <id> <text>", "leave a note; owp show <id>: everything about a task"],
];

export function planPrime(snapshot: Snapshot, _input: PrimeInput, ctx: Ctx): Plan<PrimeResult> {
  const { name, worker } = actingWorker(snapshot, ctx);
  const who = worker ?? draftWorker(snapshot.rules, name, ctx);
  const world = worldOf(snapshot, ctx, name);
  const at = momentOf(snapshot, ctx);
  const held = heldBy(snapshot, name);
  const ready: OpenTask[] = [];
  for (const task of snapshot.open()) if (!obstacle(task, who, world)) ready.push(task);
  return {
    ok: true,
    changes: [],
    result: {
      worker: name,
      held: held.slice(0, SHOWN).map((task) => ({
        ...primed(task),
        state: stateOf(task, at),
        epoch: leaseOf(task)?.epoch ?? 0,
        expires_at: leaseOf(task)?.expires_at ?? null,
      })),
      held_total: held.length,
      ready: ready.sort(byClaimOrder).slice(0, SHOWN).map(primed),
      ready_total: ready.length,
      commands: COMMANDS,
    },
  };
}

const primed = ({ id, title, repo }: OpenTask): PrimedTask => ({
  short: shortId(id),
  title: clip(title, TITLE_LIMIT),
  repo: clip(repo, TITLE_LIMIT / 2),
});
