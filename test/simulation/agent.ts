/** Whoever runs commands: follows the steps of its plan, believes what it was told, and starts again after a crash. */
import type { Answer } from "../../src/engine/ports.ts";
import type { Outcome, RunOptions } from "../../src/lib/types.ts";
import { type Told, Violation } from "./checker.ts";
import { WORKERS } from "./genesis.ts";
import { Random } from "./random.ts";
import type { ProcessPlan, Step } from "./scenario.ts";
import { Actor } from "./scheduler.ts";
import { type Wish, wishOf } from "./verbs.ts";
import type { Machine, Process, World } from "./world.ts";

/** A command answers by its deadline and this much more, ms; freezes and slow steps of the simulation come on top. */
const PATIENCE_MS = 10_000 + 60_000;
const HANDS_LIMIT = 6;
/** How often it looks whether what runs beside has ended. */
const IDLE_MS = 20;
/** How often an operation is tried again under its id. */
const RETRY_LIMIT = 2;

interface Hand {
  id: string;
  epoch: number;
}

type Ended = { outcome: Outcome } | { died: true };

export class Agent {
  readonly actor: Actor;
  done = false;
  private process: Process | undefined;
  private beside = 0;
  private hands: Hand[] = [];

  constructor(
    private readonly world: World,
    private readonly machine: Machine,
    readonly plan: ProcessPlan,
    private readonly index: number,
  ) {
    this.actor = new Actor(`agent ${machine.index}.${index}`);
  }

  /** Follows the plan to its end. */
  start(): void {
    this.world.scheduler.start(this.actor, async () => {
      for (const [i, step] of this.plan.steps.entries()) {
        await this.world.scheduler.sleep(this.actor, step.wait_ms);
        if (step.beside) this.startBeside(step, i);
        else await this.step(step, this.actor);
      }
      while (this.beside > 0) await this.world.scheduler.sleep(this.actor, IDLE_MS);
      this.leave();
      this.done = true;
    });
  }

  private startBeside(step: Step, index: number): void {
    this.beside++;
    const actor = new Actor(`${this.actor.name}/${index}`);
    this.world.scheduler.start(actor, async () => {
      await this.step(step, actor);
      this.beside--;
    });
  }

  private async step(step: Step, actor: Actor): Promise<void> {
    const beliefs = { tasks: this.world.tasks, workers: WORKERS, hands: this.hands };
    const wish = wishOf(step.verb, beliefs, new Random(step.choice));
    if (!wish) return;
    const op = new Random(step.choice ^ 0x5bd1e995).ulid(this.openProcess().hub.parts.clock.now());
    let ended = await this.run(wish, op, step, false, actor);
    for (let tries = 0; step.retry && !isAnswered(ended) && tries < RETRY_LIMIT; tries++) {
      ended = await this.run(wish, op, step, true, actor);
    }
  }

  /** One command, in a process of its own or in the one that lives on. */
  async run(
    wish: Wish,
    op: string,
    step: Omit<Step, "choice" | "verb" | "wait_ms">,
    again: boolean,
    actor = this.actor,
  ): Promise<Ended> {
    const { world } = this;
    const process = this.openProcess();
    const { woken, wake } = world.scheduler.park<Ended>(actor);
    const died = () => {
      if (this.process === process) this.process = undefined;
      wake({ died: true });
    };
    process.onDeath.add(died);
    const controller = new AbortController();
    if (step.abort_ms !== undefined) world.soon(step.abort_ms, () => controller.abort());
    const options: RunOptions = { timeout_ms: step.timeout_ms, abort: controller.signal };
    if (step.offline) options.offline = true;
    const named = ["sync", "heartbeat", "status"].includes(wish.name) ? {} : { op };
    const told = `${wish.name} ${JSON.stringify(wish.input)} [${op.slice(-4)}]${again ? " again" : ""}${step.offline ? " offline" : ""}`;
    world.tell(process.actor.name, `$ ${told} as ${this.plan.worker}`);
    const began = world.scheduler.now;
    world.scheduler.start(process.actor, async () => {
      const outcome = await process.hub.run(wish.name, wish.input, { ...options, ...named });
      world.tell(
        process.actor.name,
        `= ${outcome.ok ? saying(outcome.result) : `${outcome.code}: ${outcome.message}`} [${op.slice(-4)}]`,
      );
      world.judge(() => this.learn(wish, outcome, world.scheduler.now - began, step.timeout_ms));
      wake({ outcome });
    });
    const ended = await woken;
    process.onDeath.delete(died);
    if (!this.plan.long_lived) this.leave();
    return ended;
  }

  private openProcess(): Process {
    const process = this.process ?? this.world.open(this.machine, this.plan, this.index);
    this.process = process;
    return process;
  }

  /** The process that lives on ends too. */
  private leave(): void {
    if (this.process) this.world.end(this.process);
    this.process = undefined;
  }

  /** What the product promises with an answer, someone relies on from now on. */
  private heard(answer: Told): void {
    const { checker, faults } = this.world;
    checker.answered(answer);
    if (answer.code === "remote_denied" && !faults.declines([answer.op])) {
      throw new Violation("one bad operation does not sink the others", answer.op);
    }
  }

  private learn(wish: Wish, outcome: Outcome, took_ms: number, timeout_ms: number): void {
    const { faults, tasks } = this.world;
    const frozen = faults.plans.reduce((sum, plan) => sum + (plan.kind === "freeze" ? plan.ms : 0), 0);
    // A deadline is a time by the clock: one that was set since says nothing.
    const isClockSet = faults.plans.some(
      (plan) => plan.kind === "clock" && plan.clone === this.machine.index,
    );
    if (!isClockSet && took_ms > timeout_ms + PATIENCE_MS + frozen) {
      throw new Violation(
        "commands answer in time",
        `${wish.name} took ${Math.round(took_ms)} ms with a timeout of ${timeout_ms} ms`,
      );
    }
    if (wish.name === "sync" && outcome.ok) {
      for (const answer of (outcome.result as { answers: Answer[] }).answers) this.heard(answer);
    }
    const isCopied = this.world.scenario.clones.some(({ copy_of }) => copy_of !== undefined);
    if (wish.name === "heartbeat" && !outcome.ok && /copy/.test(outcome.message) && !isCopied) {
      throw new Violation("a clone is not taken for a copy of itself", outcome.message);
    }
    if (["sync", "heartbeat", "status"].includes(wish.name) || (outcome.ok && outcome.queued)) return;
    this.heard(outcome);
    if (!outcome.ok) {
      if (outcome.code === "lease_lost") this.hands = this.hands.filter(({ id }) => id !== wish.input.id);
      return;
    }
    if (wish.name === "add") tasks.push(...tasksOf(outcome.result).map(({ id }) => id));
    if (wish.name === "claim") this.hands = [...this.hands, ...tasksOf(outcome.result)].slice(-HANDS_LIMIT);
  }
}

const isAnswered = (ended: Ended): boolean =>
  "outcome" in ended && (ended.outcome.ok || ended.outcome.code !== "unknown_outcome");

/** The tasks of a result, or, where the operation had landed before, of its entry in the ledger. */
function tasksOf(result: unknown): Hand[] {
  const { id, tasks, entry } = result as { id?: string; tasks?: Hand[]; entry?: { tasks: Hand[] } };
  if (id !== undefined) return [{ id, epoch: 0 }];
  return (tasks ?? entry?.tasks ?? []).map((task) => ({ id: task.id, epoch: task.epoch }));
}

function saying(result: unknown): string {
  const text = JSON.stringify(result) ?? "";
  return text.length > 160 ? `ok ${text.slice(0, 157)}...` : `ok ${text}`;
}
