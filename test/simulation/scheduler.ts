/**
 * Runs simulated processes one step at a time. Whatever a process asks of the world is a call that waits here; a seeded
 * draw decides which of the waiting calls is carried out next, and only then does its process go on, up to its next
 * call. Time is virtual: it passes a little with each step, and jumps when everyone sleeps.
 */
import type { Random } from "./random.ts";

/** Something that runs: a process, a program that starts processes, or the world itself. */
export class Actor {
  alive = true;
  /** How likely its calls are drawn, against others'. */
  weight = 1;
  /** Calls that wait. More than one where the code asks for several things at once. */
  waiting = 0;
  onIdle: (() => void) | undefined;

  constructor(readonly name: string) {}
}

export interface Call {
  actor: Actor;
  label: string;
  due: number;
  effect: () => unknown;
  resume: (value: unknown) => void;
  fail: (error: unknown) => void;
}

/** What happens to a call that is drawn. wait: not now, but at the earliest in so many ms. */
export type Fate = "go" | "crash before" | "crash after" | { wait: number };

/** A step takes up to so much virtual time, ms. */
const STEP_MS = 1;
const STEP_LIMIT = 300_000;
/** The draw's weights change once in so many steps: some run ahead, some hardly move. */
const RESHUFFLE = 150;
const WEIGHTS = [1, 1, 1, 1, 0.2, 0.03, 6] as const;

/** The simulation went on for ever, or came to a halt. */
export class Stuck extends Error {}

export class Scheduler {
  /** Virtual ms since the start. */
  now = 0;
  steps = 0;
  fateOf: (call: Call) => Fate = () => "go";
  onCrash: (call: Call, when: "before" | "after") => void = ({ actor }) => this.kill(actor);
  private calls: Call[] = [];
  /** A fault of the code that is simulated, or of the simulation. */
  private error: unknown;

  constructor(private readonly random: Random) {}

  /** Waits for its turn, and at the earliest for so many ms; then does what it stands for and goes on with the result. */
  call<T>(actor: Actor, label: string, effect: () => T | Promise<T>, delay = 0): Promise<T> {
    if (!actor.alive) return new Promise(() => {});
    return new Promise<T>((resolve, reject) => {
      const due = this.now + delay;
      this.calls.push({ actor, label, due, effect, resume: resolve as Call["resume"], fail: reject });
      actor.waiting++;
      idle(actor);
    });
  }

  /** A sleep that ends early when it is aborted. */
  sleep(actor: Actor, ms: number, abort?: AbortSignal): Promise<void> {
    if (ms <= 0 || abort?.aborted) return this.call(actor, "sleep", () => {});
    const slept = this.call(actor, "sleep", () => {}, ms);
    const call = this.calls[this.calls.length - 1] as Call;
    const hurry = () => {
      call.due = this.now;
    };
    abort?.addEventListener("abort", hurry);
    return slept.finally(() => abort?.removeEventListener("abort", hurry));
  }

  /** Waits until someone calls wake; then for its turn. */
  park<T>(actor: Actor): { woken: Promise<T>; wake: (value: T) => void } {
    let resume: (value: T) => void = () => {};
    const woken = new Promise<T>((resolve) => {
      resume = resolve;
    });
    idle(actor);
    const wake = (value: T) => void this.call(actor, "wake", () => value).then(resume);
    return { woken, wake };
  }

  /** Lets an actor run some code, from its turn on. */
  start(actor: Actor, code: () => Promise<void>): void {
    this.call(actor, "start", () => {})
      .then(code)
      .catch((error: unknown) => this.fail(error))
      .finally(() => idle(actor));
  }

  /** Its calls are never carried out, and its code never goes on. */
  kill(actor: Actor): void {
    actor.alive = false;
    this.calls = this.calls.filter((call) => call.actor !== actor);
    idle(actor);
  }

  /** Ends the run with this error. */
  fail(error: unknown): void {
    this.error ??= error;
  }

  /** Goes on until `until` says so. Throws what the simulated code throws. */
  async run(until: () => boolean): Promise<void> {
    while (!until()) {
      if (++this.steps > STEP_LIMIT)
        throw new Stuck(`still running after ${STEP_LIMIT} steps: ${this.state()}`);
      const call = this.draw();
      if (!call) throw new Stuck("nothing can go on");
      await this.carryOut(call);
      if (this.error) throw this.error;
    }
  }

  private state(): string {
    return this.calls.map((call) => `${call.actor.name} ${call.label}`).join(", ");
  }

  private draw(): Call | undefined {
    if (this.calls.length === 0) return undefined;
    if (this.steps % RESHUFFLE === 0)
      for (const { actor } of this.calls) actor.weight = this.random.pick(WEIGHTS);
    let due = this.calls.filter((call) => call.due <= this.now);
    if (due.length === 0) {
      this.now = Math.min(...this.calls.map((call) => call.due));
      due = this.calls.filter((call) => call.due <= this.now);
    }
    let left = this.random.next() * due.reduce((sum, { actor }) => sum + actor.weight, 0);
    const isDrawn = ({ actor }: Call) => {
      left -= actor.weight;
      return left < 0;
    };
    const call = due.find(isDrawn) ?? (due[due.length - 1] as Call);
    this.calls.splice(this.calls.indexOf(call), 1);
    call.actor.waiting--;
    this.now += this.random.next() * STEP_MS;
    return call;
  }

  private async carryOut(call: Call): Promise<void> {
    const { actor } = call;
    const fate = this.fateOf(call);
    if (typeof fate === "object") {
      call.due = this.now + fate.wait;
      actor.waiting++;
      this.calls.push(call);
      return;
    }
    if (fate === "crash before") return this.onCrash(call, "before");
    let next: () => void;
    try {
      const value = await call.effect();
      next = () => call.resume(value);
    } catch (error) {
      next = () => call.fail(error);
    }
    if (fate === "crash after") return this.onCrash(call, "after");
    if (actor.alive) await this.goOn(actor, next);
  }

  /** Until the process has asked for the next thing, or has ended. */
  private async goOn(actor: Actor, next: () => void): Promise<void> {
    const stopped = new Promise<void>((resolve) => {
      actor.onIdle = resolve;
    });
    next();
    // A process that still waits for something else may have nothing new to ask.
    if (actor.waiting > 0) await new Promise<void>((resolve) => setImmediate(resolve));
    else await stopped;
  }
}

function idle(actor: Actor): void {
  actor.onIdle?.();
  actor.onIdle = undefined;
}
