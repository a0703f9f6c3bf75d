/** The simulated world: one hub, machines with a clone each, and the processes that run on them. */
import { MemoryDesk, MemoryRoom } from "../../src/engine/memory/desk.ts";
import { MemoryIndex, MemoryShelf } from "../../src/engine/memory/index.ts";
import { MemoryHub, MemoryRemote } from "../../src/engine/memory/remote.ts";
import { MemoryStore } from "../../src/engine/memory/store.ts";
import type { Clock, Desk, Oid, Push, PushOutcome, Remote } from "../../src/engine/ports.ts";
import { type IndexStore, RecordView } from "../../src/engine/record.ts";
import { loadOperation, RecordHub } from "../../src/lib/hub.ts";
import { Checker } from "./checker.ts";
import { FaultBox, type FaultPlan, type PushFault } from "./faults.ts";
import { begin, START_MS } from "./genesis.ts";
import type { Mutant } from "./mutants.ts";
import { actOf, mend, Desk as PersonsDesk } from "./people.ts";
import { Random } from "./random.ts";
import { lineOf, readCommit } from "./record.ts";
import type { ClonePlan, ProcessPlan, Scenario } from "./scenario.ts";
import { Actor, type Call, type Fate, Scheduler } from "./scheduler.ts";

/** A clone and its machine. What is here outlives its processes. */
export interface Machine {
  index: number;
  id: string;
  plan: ClonePlan;
  store: MemoryStore;
  room: MemoryRoom;
  shelf: MemoryShelf;
  /** ms by which its wall clock is off now. */
  clock_ms: number;
}

/** A process and what it has of the product. */
export interface Process {
  actor: Actor;
  machine: Machine;
  /** Which of the clone's plans it runs for; -1: none. */
  plan: number;
  hub: RecordHub;
  /** Called when it dies, for each thing that it is in the middle of. */
  onDeath: Set<() => void>;
}

const TELL = 12;
const VERY_LATE_MS = 30_000;
/** Facts that go with the clone's id: without them it would have another one. */
const OF_THE_CLONE: ReadonlySet<string> = new Set(["signal", "signals_sent"]);
const short = (oid: Oid | null | undefined) => oid?.slice(0, 7) ?? "none";

export class World {
  readonly random: Random;
  readonly scheduler: Scheduler;
  readonly hub = new MemoryHub();
  readonly checker: Checker;
  readonly faults: FaultBox;
  readonly machines: Machine[];
  /** Ids of all tasks that anyone made. */
  readonly tasks: string[] = [];
  private readonly here = new Actor("world");
  private readonly processes = new Map<Actor, Process>();
  private readonly sound = new Map<string, Oid>();
  private updates = 0;
  private started = 0;
  private arriving = 0;
  /** Pushes that are under way though nobody waits for them any more. */
  late = 0;

  constructor(
    readonly scenario: Scenario,
    readonly mutant: Mutant,
    readonly trace: ((line: string) => void) | undefined,
  ) {
    this.random = new Random(scenario.seed);
    this.scheduler = new Scheduler(new Random(this.random.int(2 ** 32)));
    this.checker = new Checker(this.hub, scenario.policy);
    this.faults = new FaultBox(scenario.faults);
    this.machines = scenario.clones.map((plan, index) => ({
      index,
      id: `0000000${plan.copy_of ?? index}`.replaceAll("0", "k"),
      plan,
      store: new MemoryStore(),
      room: new MemoryRoom(),
      shelf: new MemoryShelf(),
      clock_ms: plan.clock_ms,
    }));
    this.scheduler.fateOf = (call) => this.fateOf(call);
    this.scheduler.onCrash = (call, when) => {
      this.tell(call.actor.name, `DIES ${when} ${call.label}`);
      this.end(this.processes.get(call.actor) as Process);
    };
  }

  /** ms since 1970, by a clock that is right. */
  get trueNow(): number {
    return START_MS + Math.floor(this.scheduler.now);
  }

  /** One line of the story. */
  tell(who: string, what: string): void {
    this.trace?.(`${(this.scheduler.now / 1000).toFixed(3).padStart(10)} ${who.padEnd(TELL)} ${what}`);
  }

  async begin(): Promise<void> {
    const { tip, tasks } = await begin(this.hub, this.scenario, this.random);
    this.tasks.push(...tasks);
    this.checker.expectPeople([tip]);
    this.checker.moved(null, tip);
    const open = this.checker.files;
    if (open.tasks.size !== tasks.length || open.broken.size > 0)
      throw new Error("the first commit is broken");
  }

  // --- processes -------------------------------------------------------------------------------------------

  open(machine: Machine, plan: ProcessPlan, index: number): Process {
    const actor = new Actor(`c${machine.index}p${index < 0 ? "x" : index}.${this.started++}`);
    const process: Process = {
      actor,
      machine,
      plan: index,
      hub: this.hubOf(actor, machine, plan),
      onDeath: new Set(),
    };
    this.processes.set(actor, process);
    return process;
  }

  /** The process ends, whatever it was doing. */
  end(process: Process): void {
    this.scheduler.kill(process.actor);
    this.processes.delete(process.actor);
    for (const tell of process.onDeath) tell();
  }

  private lives(name: string): boolean {
    return [...this.processes.keys()].some((actor) => actor.name === name);
  }

  private fateOf(call: Call): Fate {
    const process = this.processes.get(call.actor);
    if (!process || process.plan < 0) return "go";
    const { fate, orphan_ms } = this.faults.fateOf(process.machine.index, process.plan, call);
    if (fate === "crash before" && orphan_ms !== undefined && call.label.startsWith("push"))
      this.arriveLate(orphan_ms, call.effect);
    return fate;
  }

  /** Something that the world does by itself, some time from now. */
  soon(ms: number, effect: () => unknown): void {
    this.late++;
    const done = async () => {
      this.late--;
      await effect();
    };
    this.scheduler.start(this.here, () => this.scheduler.call(this.here, "soon", done, ms));
  }

  // --- the record moves ------------------------------------------------------------------------------------

  /** Looks at the hub after something may have moved it. */
  private moved(before: Oid | null, who: string): void {
    const after = this.hub.record;
    if (after === before || after === null) return;
    if (this.trace) {
      const line = lineOf(this.hub.store, before, after) ?? [readCommit(this.hub.store, after)];
      for (const commit of line)
        this.tell(
          who,
          `>> ${short(commit.oid)} ${commit.message.split("\n")[0]} [${commit.op?.slice(-4) ?? "by hand"}]`,
        );
    }
    this.judge(() => this.checker.moved(before, after));
    this.updates++;
    for (const plan of this.scenario.people) {
      if (plan.after === this.updates && !this.faults.healed)
        this.soon(this.random.int(50), () => this.person(plan));
    }
    for (const plan of this.faults.after(this.updates)) this.strike(plan);
  }

  /** What the checker objects to ends the run, whoever caused it. */
  judge(look: () => void): void {
    try {
      look();
    } catch (error) {
      this.scheduler.fail(error);
    }
  }

  private async person(plan: Scenario["people"][number]): Promise<void> {
    if (this.faults.healed) return;
    const at = this.trueNow + plan.clock_ms;
    await this.byHand(plan.act, (desk) => actOf(plan, desk, new Random(plan.choice)), at);
  }

  private async byHand(what: string, act: (desk: PersonsDesk) => Promise<Oid[]>, at: number): Promise<void> {
    const before = this.hub.record;
    const commits = await act(new PersonsDesk(this.hub, this.checker.files, at, this.sound));
    const tip = commits[commits.length - 1];
    if (!tip) return;
    this.tell("someone", what);
    this.checker.expectPeople(commits);
    this.hub.record = tip;
    this.moved(before, "someone");
  }

  private strike(plan: FaultPlan): void {
    this.tell("world", JSON.stringify(plan));
    if (plan.kind === "signals lost") this.hub.signals.clear();
    if (plan.kind === "clock") this.machine(plan.clone).clock_ms = plan.clock_ms;
    if (plan.kind === "cache lost") {
      this.machine(plan.clone).shelf.kept = undefined;
      const { memo } = this.machine(plan.clone).room;
      for (const name of memo.keys()) if (!OF_THE_CLONE.has(name)) memo.delete(name);
    }
  }

  private machine(index: number): Machine {
    return this.machines[index] as Machine;
  }

  /** Everything works from now on, clocks are right, and broken files are mended. */
  async heal(): Promise<void> {
    this.faults.healed = true;
    for (const machine of this.machines) machine.clock_ms = 0;
    await this.byHand("mends", mend, this.trueNow);
  }

  // --- ports -----------------------------------------------------------------------------------------------

  private hubOf(actor: Actor, machine: Machine, plan: ProcessPlan): RecordHub {
    const step = <T>(label: string, effect: () => T | Promise<T>, ms = 0) =>
      this.scheduler.call(actor, label, effect, ms);
    const clock = this.clockOf(actor, machine, plan);
    const desk = this.deskOf(actor, machine, step);
    const store = {
      read: (oids: readonly Oid[]) => step("read", () => machine.store.read(oids)),
      write: (objects: Parameters<MemoryStore["write"]>[0]) =>
        step("write", () => machine.store.write(objects)),
    };
    const indexes = indexOf(new MemoryIndex(machine.shelf), step);
    const random = new Random(this.random.int(2 ** 32));
    const View = this.mutant.View ?? RecordView;
    const parts = {
      clone: machine.id,
      store,
      remote: this.remoteOf(actor, machine),
      desk: this.mutant.desk?.(desk, machine.room) ?? desk,
      view: new View({ store, indexes, elapsed: clock.elapsed }),
      clock,
      random: () => random.next(),
      operations: this.mutant.operations?.(loadOperation) ?? loadOperation,
      point: (name: string) => step(`point ${name}`, () => {}),
      names: { remote: "origin", branch: "owp" },
      caller: { name: plan.worker, explicit: plan.explicit, actor_kind: "agent" as const, clone: machine.id },
      origin: {},
      place: { folder: "/simulated" },
      clockShiftMs: 0,
      newOp: () => random.ulid(clock.now()),
      dispose: () => {},
      progress: {},
    };
    return new RecordHub(parts);
  }

  private clockOf(actor: Actor, machine: Machine, plan: ProcessPlan): Clock {
    const { drift } = machine.plan;
    const now = () => {
      const off = this.faults.healed
        ? 0
        : machine.clock_ms + plan.clock_ms + this.scheduler.now * (drift - 1);
      return Math.floor(this.trueNow + off);
    };
    // Another machine has been up for another while.
    const elapsed = () => this.scheduler.now + 1_000_000 * (machine.index + 1);
    return { now, elapsed, sleep: (ms, abort) => this.scheduler.sleep(actor, ms, abort) };
  }

  private remoteOf(actor: Actor, machine: Machine): Remote {
    const inner = new MemoryRemote(this.hub, machine.store);
    const { fetch_ms, push_ms } = machine.plan;
    const spread = (ms: number) => ms * (0.5 + this.random.next());
    return {
      // Half of the machines have the hub on their disk.
      ...(machine.index % 2 === 0 && { glance: (since: Oid) => inner.glance(since) }),
      fetch: async () => {
        const fault = this.faults.next("fetch", machine.index);
        if (fault) {
          this.tell(actor.name, `fetch: ${fault.how}`);
          await this.scheduler.call(actor, "fetch", () => {}, spread(fetch_ms));
          return { ok: false, fault: { class: fault.how, text: "simulated" } };
        }
        const fetched = await this.scheduler.call(actor, "fetch", () => inner.fetch(), spread(fetch_ms));
        return this.scheduler.call(actor, "fetched", () => fetched, spread(1));
      },
      push: async (push) => {
        const outcome = await this.push(actor, machine, inner, push, spread(push_ms));
        return this.mutant.report?.(outcome) ?? outcome;
      },
    };
  }

  private async push(
    actor: Actor,
    machine: Machine,
    inner: MemoryRemote,
    push: Push,
    ms: number,
  ): Promise<PushOutcome> {
    const fault = this.faults.next("push", machine.index) ?? this.lockedOut();
    const what = push.record
      ? `push ${short(push.record.base)}..${short(push.record.tip)}`
      : "push of a signal";
    const effect = async (): Promise<PushOutcome> => {
      const before = this.hub.record;
      if (push.record && before === push.record.base && this.isDeclined(machine, push.record))
        return lost("rejected", "hook");
      const outcome = await inner.push(this.mutant.push?.(push, this.hub) ?? push);
      this.moved(before, actor.name);
      return outcome;
    };
    const lost = (
      record: "unknown" | "rejected",
      kind: "transport" | "hook" | "busy" | "conflict",
    ): PushOutcome => ({
      record: push.record ? record : "none",
      signal: push.signal ? record : "none",
      fault: { class: kind, text: "simulated" },
    });
    const report = async (how: string, outcome: PushOutcome): Promise<PushOutcome> => {
      await this.scheduler.call(actor, `pushed ${how}`, () => {}, ms / 4);
      this.tell(actor.name, `${what}: ${how}`);
      return outcome;
    };
    const outcome = await this.scheduler.call(
      actor,
      what,
      fault && fault.how !== "lost after" ? () => undefined : effect,
      ms,
    );
    if (outcome)
      return fault ? report("lost after", lost("unknown", "transport")) : report(outcome.record, outcome);
    if (fault?.how === "late")
      this.arriveLate(
        this.random.chance(0.6) ? ms * 8 * this.random.next() : this.random.int(VERY_LATE_MS),
        effect,
      );
    if (fault?.how === "busy" || fault?.how === "conflict")
      return report(fault.how, lost("rejected", fault.how));
    return report(fault?.how ?? "lost", lost("unknown", "transport"));
  }

  /** A push that nobody waits for any more works its way through the server, and holds the lock of the branch. */
  private arriveLate(ms: number, effect: () => unknown): void {
    this.arriving++;
    this.soon(ms, () => {
      this.arriving--;
      return effect();
    });
  }

  private lockedOut(): { how: PushFault } | undefined {
    return this.arriving > 0 && this.random.chance(0.4) ? { how: "conflict" } : undefined;
  }

  private isDeclined(machine: Machine, { base, tip }: { base: Oid | null; tip: Oid }): boolean {
    const line = lineOf(machine.store, base, tip) ?? [];
    return this.faults.declines(line.flatMap(({ op }) => op ?? []));
  }

  private deskOf(
    actor: Actor,
    machine: Machine,
    step: <T>(label: string, effect: () => Promise<T>) => Promise<T>,
  ): Desk {
    const inner = new MemoryDesk(machine.room, actor.name, (name) => this.lives(name));
    let leading = false;
    return {
      enqueue: (ticket) =>
        step("enqueue", () => {
          this.checker.asked(ticket);
          return inner.enqueue(ticket);
        }),
      take: (options) => step("take", () => inner.take(options)),
      withdraw: (op) => step("withdraw", () => inner.withdraw(op)),
      answer: (answer) =>
        step("answer", () => {
          this.checker.given(answer.op);
          return inner.answer(answer);
        }),
      postpone: (ticket) => step("postpone", () => inner.postpone(ticket)),
      collect: (op) => step("collect", () => inner.collect(op)),
      offlineTickets: () => step("offline tickets", () => inner.offlineTickets()),
      lock: async () => {
        const fault = this.faults.next("lock", machine.index);
        const lock = await step("lock", () => inner.lock());
        // A process knows whether it leads itself; only that of another one may go unnoticed.
        if (leading || (!lock && !fault)) return undefined;
        if (!lock) this.tell(actor.name, "is given the lock that another has");
        leading = true;
        const release = async () => {
          leading = false;
          await lock?.release();
        };
        return { release: () => step("unlock", release) };
      },
      savePending: (pending) => step("save pending", () => inner.savePending(pending)),
      pendings: () => step("pendings", () => inner.pendings()),
      dropPending: (tip) => step("drop pending", () => inner.dropPending(tip)),
      recall: <T>(name: string) => step("recall", () => inner.recall<T>(name)),
      remember: (name, value) => step("remember", () => inner.remember(name, value)),
    };
  }
}

type Stepped = <T>(label: string, effect: () => Promise<T>) => Promise<T>;

function indexOf(index: MemoryIndex, step: Stepped): IndexStore {
  return {
    load: () => step("load index", () => index.load()),
    save: (next, touched) => step("save index", () => index.save(next, touched)),
    beside: () => indexOf(index.beside(), step),
  };
}
