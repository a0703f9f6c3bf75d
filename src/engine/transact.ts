/**
 * Carries an operation to the remote: queue, lead, plan on a fresh snapshot, publish by compare-and-swap, confirm.
 * Processes of one clone hand their tickets to whoever leads; a whole clone is one contender. Safety is the remote's
 * compare-and-swap and the operation id; the lock and the queue only save work.
 */

import { ulidTime } from "../core/ids.ts";
import { once } from "../core/once.ts";
import { type Refusal, refuse } from "../core/refusal.ts";

import { alreadyLanded, canceled, noRecord, success, toAnswer, tooLate, unknown } from "./answers.ts";
import { faultRefusal } from "./git/errors.ts";
import { FRESH, type Fresh, LOOKED_AT, type Look, type Looking, look } from "./look.ts";
import type { LoadOperation, Prepared } from "./planning.ts";
import type { Answer, Fault, FaultClass, Oid, Pending, Point, PushOutcome, Ticket } from "./ports.ts";
import type { RecordView } from "./record.ts";
import { Turn } from "./turn.ts";
import { PER_COMMIT, Undecided } from "./undecided.ts";

/** Everything the engine works with; main and the simulation put it together. */
export interface Parts extends Looking {
  random: () => number;
  operations: LoadOperation;
  point: Point;
}

/** Plans bring the codec and its parser along, which can be loaded while the remote is being asked. */
export const planning = once(() => import("./planning.ts"));

/** How often a caller looks for its answer: soon at first, and less often the longer it waits. */
const POLL_MS = 8;
const POLL_GROWTH = 1.15;
const LONGEST_POLL_MS = 100;
const PAUSE_MS = 50;
const PAUSE_CAP_MS = 4000;
/** How long a caller whose ticket is being worked on waits beyond its deadline for the answer. */
const GRACE_MS = 10_000;
/** Rejections without the remote having moved before they count as permanent. */
const STALL_LIMIT = 5;
/** Fetches that fail in a row before a command gives up; less where no connection can be made at all. */
const FETCH_TRIES: Partial<Record<FaultClass, number>> = { unreachable: 2, transport: 4, busy: 6 };

const PERMANENT: ReadonlySet<FaultClass> = new Set([
  "auth",
  "not_found",
  "hook",
  "protected",
  "too_large",
  "layout",
  "hash",
  "disk",
]);

/** Queues an operation and waits for its answer; leads when nobody else of this clone does. */
export async function submit(parts: Parts, ticket: Ticket, abort?: AbortSignal): Promise<Answer> {
  const { desk, clock } = parts;
  await desk.enqueue(ticket);
  await parts.point("enqueued");
  const deadline = ticket.deadline ?? clock.now();
  for (let poll = POLL_MS; ; poll = Math.min(poll * POLL_GROWTH, LONGEST_POLL_MS)) {
    const answer = await desk.collect(ticket.op);
    if (answer) return answer;
    const lock = await desk.lock();
    if (lock) {
      try {
        await new Leader(parts, ticket, abort).run();
      } catch (error) {
        // Whatever failed after the remote accepted, say keeping books on a full disk, does not undo the acceptance.
        const answer = await desk.collect(ticket.op);
        if (answer) return answer;
        throw error;
      } finally {
        await lock.release();
      }
      const led = await desk.collect(ticket.op);
      if (led) return led;
    }
    if (abort?.aborted || clock.now() >= deadline) {
      if (await desk.withdraw(ticket.op))
        return toAnswer(ticket, ticket.suspect ? unknown() : abort?.aborted ? canceled() : tooLate(0), 0);
      if (clock.now() >= deadline + GRACE_MS) return toAnswer(ticket, unknown(), 0);
    }
    await clock.sleep(poll * (0.5 + parts.random()), undefined);
  }
}

/** What `owp sync` found out. */
export interface SyncReport {
  /** Answers of the operations that were queued offline, in their order. */
  answers: Answer[];
  /** Why others of them wait on in the queue; what these say of themselves is not the last word. */
  waiting: (Refusal & { op: string })[];
  /** What became of operations whose outcome was unknown. */
  notices: string[];
  /** Why the remote could not be looked at. */
  refusal?: Refusal;
}

/** Looks at the remote, settles what is pending, and plans the operations that were queued offline. */
export async function sync(parts: Parts, deadline: number, abort?: AbortSignal): Promise<SyncReport> {
  for (;;) {
    const lock = await parts.desk.lock();
    if (lock) {
      try {
        return await new Leader(parts, undefined, abort, deadline).sync();
      } finally {
        await lock.release();
      }
    }
    if (abort?.aborted || parts.clock.now() >= deadline)
      return { answers: [], waiting: [], notices: [], refusal: tooLate(0) };
    await parts.clock.sleep(POLL_MS, abort);
  }
}

/** One member of a chain. */
interface Member {
  ticket: Ticket;
  prepared: Prepared;
  commit: Oid;
}

interface Chain {
  base: Oid | null;
  tip: Oid | null;
  members: Member[];
  /** Answers that rest on the chain's own commits: told only once those have landed. */
  resting: { ticket: Ticket; answer: Answer }[];
}

class Leader {
  private readonly answers: SyncReport["answers"] = [];
  /** What was planned without a look was no change: only a look can tell. */
  private mustLook = false;
  private readonly waiting: SyncReport["waiting"] = [];
  private readonly notices: string[] = [];
  private batch: Ticket[] = [];
  private stalls = 0;
  private attempts = 0;
  private fetchFailures = 0;
  /** How many operations a chain may hold; halved while a bad one is sought. */
  private limit = Number.POSITIVE_INFINITY;
  /** A fetch has succeeded. */
  private looked = false;
  /** Why fetches were given up. */
  private failure: Refusal | undefined;
  /** The last failure that was no lost race, while it lasts: what callers are told whose time is over. */
  private trouble: Refusal | undefined;
  /** The last push that the remote took for no reason of ours. */
  private rejection: { base: Oid | null; refusal: Refusal; tickets: readonly Ticket[] } | undefined;
  private seen: Look = { ok: true, pulses: [], previous: undefined, from: 0 };
  private readonly turn: Turn;
  private readonly undecided: Undecided;
  /** Answers by the commits that were pushed. One may have landed although its push was answered with no: curl repeats a request whose connection broke. */
  private readonly sent = new Map<Oid, Answer>();
  /** Operations that may have landed long ago, and were looked for and not found. */
  private readonly absent = new Set<string>();

  constructor(
    private readonly parts: Parts,
    private readonly own: Ticket | undefined,
    private readonly abort: AbortSignal | undefined,
    /** Given for a sync: until when it tries. */
    private readonly syncDeadline?: number,
  ) {
    this.turn = new Turn(parts, {
      deadline: () => this.deadline,
      sleep: (ms) => this.sleep(ms),
      look: async () => !(await this.fetch()),
    });
    this.undecided = new Undecided(parts, async () => !(await this.fetch()));
  }

  /** Works until every ticket it took is answered; a sync, until it has looked and knows what became of everything. */
  async run(): Promise<void> {
    const { clock } = this.parts;
    await this.turn.recall();
    await this.take(true);
    while (this.isBusy()) {
      await this.dropLate();
      if (!this.isBusy()) continue;
      await this.turn.beforeLook();
      const began = clock.elapsed();
      const trusting = await this.trustsView();
      if (!trusting && (!(await this.look()) || (this.batch.length > 0 && (await this.turn.beforePush()))))
        continue;
      await this.take(false);
      const chain = await this.plan(trusting);
      if (!chain) this.mustLook = true;
      else if (chain.members.length > 0) await this.publish(chain, trusting ? undefined : began);
      else if (this.isBusy()) await this.pause(++this.turn.losses);
    }
    if (this.attempts > 0) await this.turn.remember();
  }

  async sync(): Promise<SyncReport> {
    await this.run();
    const { answers, waiting, notices, failure } = this;
    return { answers, waiting, notices, ...(!this.looked && failure && { refusal: failure }) };
  }

  private isBusy(): boolean {
    if (this.batch.length > 0) return true;
    if (this.syncDeadline === undefined || this.failure) return false;
    const isOver = this.abort?.aborted || this.parts.clock.now() >= this.syncDeadline;
    return !this.looked || (this.undecided.size > 0 && !isOver);
  }

  private async take(orphans: boolean): Promise<void> {
    // What a sync puts back it does not take again.
    const taken = await this.parts.desk.take({
      offline: orphans && this.syncDeadline !== undefined,
      orphans,
    });
    // The same operation may have been queued twice.
    for (const ticket of taken) {
      const known = this.batch.find(({ op }) => op === ticket.op);
      if (!known) this.batch.push(ticket);
      else if (ticket.suspect) known.suspect = true;
    }
    if (orphans || taken.some(({ suspect }) => suspect)) await this.undecided.load();
    await this.parts.point("took");
  }

  private deadlineOf(ticket: Ticket): number {
    return ticket.deadline ?? this.syncDeadline ?? 0;
  }

  /** The moment at which nobody of the batch waits any longer. */
  private get deadline(): number {
    return Math.max(this.syncDeadline ?? 0, ...this.batch.map((ticket) => this.deadlineOf(ticket)));
  }

  private async dropLate(): Promise<void> {
    const now = this.parts.clock.now();
    for (const ticket of [...this.batch]) {
      const stopped = this.abort?.aborted && ticket.op === this.own?.op;
      if (stopped || now >= this.deadlineOf(ticket))
        await this.refuse(ticket, stopped ? canceled() : (this.trouble ?? tooLate(this.attempts)));
    }
  }

  /**
   * Says no, which promises that nothing was changed: where that is not known, says so instead. What was queued offline
   * goes back into its queue, unless it is the operation itself that cannot be.
   */
  private async refuse(ticket: Ticket, refusal: Refusal, isFinal = false): Promise<void> {
    const sure = !this.undecided.has(ticket.op) && (!ticket.suspect || this.absent.has(ticket.op));
    await this.undecided.tell(ticket.op);
    const answer = { ...(sure ? refusal : unknown()), op: ticket.op, attempts: this.attempts };
    if (ticket.deadline !== null || (isFinal && sure)) return this.give(answer, ticket);
    this.waiting.push(answer);
    this.batch = this.batch.filter(({ op }) => op !== ticket.op);
    await this.parts.desk.postpone(sure ? ticket : { ...ticket, suspect: true });
  }

  /** Stores an answer for whoever waits for it and takes its ticket out of the batch. */
  private async give(answer: Answer, { op, deadline }: Ticket): Promise<void> {
    const isTold = answer.ok && this.notices.length > 0 && op === this.own?.op;
    const told = isTold ? { ...answer, warnings: [...answer.warnings, ...this.notices] } : answer;
    this.batch = this.batch.filter((ticket) => ticket.op !== op);
    if (deadline === null) this.answers.push(told);
    await this.parts.desk.answer(told);
    await this.parts.point("answered");
  }

  private async refuseAll(
    refusal: Refusal,
    tickets: readonly Ticket[] = this.batch,
    isFinal = false,
  ): Promise<void> {
    for (const ticket of tickets) await this.refuse(ticket, refusal, isFinal);
  }

  /** A refusal when the remote or its record cannot be worked with just now. */
  private async fetch(): Promise<{ refusal: Refusal; fault?: Fault } | undefined> {
    const seen = await look(this.parts);
    if (!seen.ok) return seen;
    this.seen = seen;
    await this.parts.point("looked");
    return undefined;
  }

  /**
   * Is the view most likely what the remote has? Then a change may be planned and pushed without a look: that the remote
   * accepts it proves that it had not moved. Whatever is no change, or rests on heartbeats, takes a look.
   */
  private async trustsView(): Promise<boolean> {
    const { view, desk, clock } = this.parts;
    const isPlain = this.syncDeadline === undefined && this.undecided.size === 0 && !this.rejection;
    if (!isPlain || this.mustLook || this.turn.losses > 0 || this.batch.some(({ suspect }) => suspect))
      return false;
    if (!view.isOpen) await view.open();
    const fresh = await desk.recall<Fresh>(FRESH);
    // Another process of this clone may have moved on since this one took up the index.
    if (!fresh || fresh.heard || fresh.tip === null || fresh.tip !== view.snapshot.tip) return false;
    if (!this.turn.isFresh(fresh.at)) return false;
    const previous = await desk.recall<number>(LOOKED_AT);
    this.seen = { ok: true, pulses: [], previous, from: clock.elapsed() };
    return true;
  }

  /** true: the view is fresh. false: try again, or the batch was refused. */
  private async look(): Promise<boolean> {
    const failed = await this.fetch();
    if (!failed) {
      if (this.fetchFailures > 0) this.trouble = undefined;
      this.fetchFailures = 0;
      this.looked = true;
      await this.settle();
      await this.stall();
      return true;
    }
    this.trouble = failed.refusal;
    const tries = failed.fault ? (FETCH_TRIES[failed.fault.class] ?? 1) : 1;
    const isOver = this.parts.clock.now() >= this.deadline;
    if (++this.fetchFailures < tries && !isOver) await this.pause(this.fetchFailures);
    else {
      this.failure = failed.refusal;
      await this.refuseAll(failed.refusal);
    }
    return false;
  }

  /** A rejection after which the remote still stands where it stood was no conflict: not for ever again. */
  private async stall(): Promise<void> {
    const { rejection } = this;
    if (!rejection) return;
    this.rejection = undefined;
    this.stalls = this.parts.view.snapshot.tip === rejection.base ? this.stalls + 1 : 0;
    if (this.stalls >= STALL_LIMIT) await this.refuseAll(rejection.refusal, rejection.tickets);
    else if (this.stalls > 0) await this.pause(this.stalls);
  }

  /** After something failed that is no race: full jitter over a window that grows. */
  private async pause(failures: number): Promise<void> {
    const window = Math.min(PAUSE_CAP_MS, PAUSE_MS * 2 ** failures);
    await this.sleep(
      Math.min(this.parts.random() * window, Math.max(0, this.deadline - this.parts.clock.now())),
    );
  }

  /** A caller who gives up wakes the leader that it is, and not one that works on for others. */
  private async sleep(ms: number): Promise<void> {
    const isOwn = this.batch.some((ticket) => ticket.op === this.own?.op);
    await this.parts.clock.sleep(ms, isOwn || !this.own ? this.abort : undefined);
  }

  /**
   * Plans the batch on the view's snapshot. What rests on nothing unpublished is answered at once; on a view that is only
   * trusted nothing can be, and undefined is the answer.
   */
  private async plan(trusting: boolean): Promise<Chain | undefined> {
    const { view, store, clock } = this.parts;
    let state = view.snapshot;
    const chain: Chain = { base: state.tip, tip: null, members: [], resting: [] };
    let parent = { commit: state.tip, tree: view.tree };
    for (const ticket of [...this.batch].sort((a, b) => a.enqueued_at - b.enqueued_at)) {
      if (chain.members.length >= this.limit) break;
      if (this.undecided.has(ticket.op)) continue;
      const now = clock.now() + ticket.clock_shift_ms;
      if (trusting && ticket.suspect) return undefined;
      const outcome = await this.planOne(ticket, state, now);
      if (!("prepared" in outcome)) {
        if (trusting) return undefined;
        const isFact = outcome.ok && outcome.already;
        if (isFact || chain.members.length === 0) await this.give(outcome, ticket);
        else chain.resting.push({ ticket, answer: outcome });
        continue;
      }
      const { link } = await planning();
      const made = await link(store, parent, outcome.prepared, ticket, now);
      await store.write(made.objects);
      await this.parts.point("wrote");
      chain.members.push({ ticket, prepared: outcome.prepared, commit: made.commit });
      parent = { commit: made.commit, tree: made.tree };
      state = outcome.prepared.next;
    }
    chain.tip = chain.members.at(-1)?.commit ?? null;
    await this.parts.point("planned");
    return chain;
  }

  private async planOne(
    ticket: Ticket,
    state: RecordView["snapshot"],
    now: number,
  ): Promise<Answer | { prepared: Prepared }> {
    const { view, clone } = this.parts;
    const isSuspect = ticket.suspect && !this.absent.has(ticket.op);
    const landed =
      isSuspect || view.recentOp(ticket.op) ? await view.findOp(ticket.op, ulidTime(ticket.op)) : undefined;
    if (landed) return this.sent.get(landed.oid) ?? alreadyLanded(ticket, landed, this.attempts);
    this.absent.add(ticket.op);
    const operation = await this.parts.operations(ticket.name);
    if (!operation) return toAnswer(ticket, refuse("usage", `There is no operation ${ticket.name}.`), 0);
    const bare = operation.creates ? undefined : noRecord(state, this.parts.names.branch);
    if (bare) return toAnswer(ticket, bare, this.attempts);
    const { previous, from } = this.seen;
    const lastLook = previous === undefined ? undefined : previous + ticket.clock_shift_ms;
    const wrong = operation.touches.includes("Lease")
      ? view.clockProblem(now, clone, lastLook, from)
      : undefined;
    if (wrong)
      return toAnswer(ticket, refuse("clock_implausible", `${wrong}. Nothing was changed.`), this.attempts);
    const { prepare } = await planning();
    const prepared = await prepare(view, state, ticket, operation, now, this.seen.pulses);
    if ("code" in prepared) return toAnswer(ticket, prepared, this.attempts);
    if (prepared.files.length === 0) return success(ticket, prepared, null, this.attempts);
    return { prepared };
  }

  private async publish(chain: Chain, began: number | undefined): Promise<void> {
    const { desk, remote, clock } = this.parts;
    this.attempts++;
    const pending = pendingOf(chain, this.attempts);
    await desk.savePending(pending);
    for (const { commit, answer } of pending.tickets) this.sent.set(commit, answer);
    await this.parts.point("pending");
    const outcome = await remote.push({ record: { base: chain.base, tip: pending.tip } });
    await this.parts.point("pushed");
    if (began !== undefined) this.turn.took(clock.elapsed() - began);
    if (outcome.record === "accepted") await this.landed(pending, chain.resting);
    else if (outcome.record === "unknown") this.undecided.add(pending);
    else await this.rejected(pending, outcome);
  }

  private async landed(pending: Pending, resting: Chain["resting"]): Promise<void> {
    for (const { ticket, answer } of [...pending.tickets, ...resting]) await this.give(answer, ticket);
    await this.parts.desk.dropPending(pending.tip);
    await this.parts.point("settled");
    this.limit = Number.POSITIVE_INFINITY;
    const { view, desk, clock } = this.parts;
    await view.advance(pending.tip);
    const fresh = await desk.recall<Fresh>(FRESH);
    if (fresh?.heard === false)
      await desk.remember(FRESH, { tip: pending.tip, at: clock.elapsed(), heard: false } satisfies Fresh);
  }

  /** The remote said no. Plan again where it moved; tell where it will not change its mind. */
  private async rejected(pending: Pending, outcome: PushOutcome): Promise<void> {
    const fault = outcome.fault ?? { class: "other" as const, text: "" };
    const refusal = faultRefusal(fault, { ...this.parts.names, doing: "publish" });
    await this.parts.desk.dropPending(pending.tip);
    const tickets = pending.tickets.map((member) => member.ticket);
    if (PER_COMMIT.has(fault.class) && tickets.length > 1) {
      this.limit = Math.ceil(tickets.length / 2);
      return;
    }
    if (PERMANENT.has(fault.class)) {
      this.limit = Number.POSITIVE_INFINITY;
      return this.refuseAll(refusal, tickets, PER_COMMIT.has(fault.class));
    }
    this.trouble = fault.class === "conflict" ? undefined : refusal;
    this.rejection = { base: pending.base, refusal, tickets };
    this.turn.losses++;
  }

  /** Draws the conclusions of what became of undecided chains. */
  private async settle(): Promise<void> {
    for await (const { pending, landed } of this.undecided.settle()) {
      for (const { ticket, answer } of pending.tickets) {
        if (landed) await this.give(answer, ticket);
        else for (const waiting of this.batch) waiting.suspect ||= waiting.op === ticket.op;
        if (!pending.told) continue;
        const isThere = landed || (await this.undecided.landedSince(ticket.op));
        this.notices.push(
          `an earlier ${ticket.name} (${ticket.op}) whose outcome was unknown ${isThere ? "did land" : "did not land"}`,
        );
      }
    }
  }
}

function pendingOf(chain: Chain, attempts: number): Pending {
  const tickets = chain.members.map(({ ticket, prepared, commit }) => ({
    ticket,
    commit,
    answer: success(ticket, prepared, commit, attempts),
  }));
  return { tip: chain.tip as Oid, base: chain.base, tickets };
}
