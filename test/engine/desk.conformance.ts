/** What every desk must do for the processes of one clone. Run by desk.test.ts against the files and against memory. */
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { Answer, Desk, Pending, Ticket } from "../../src/engine/ports.ts";

/** The desks of one clone, each as another process has it. */
export interface Office {
  /** A desk in a process of its own, which runs until it is killed. */
  open(): Desk;
  kill(desk: Desk): Promise<void>;
  close(): Promise<void>;
}

let made = 0;

function ticket(more: Partial<Ticket> = {}): Ticket {
  made += 1;
  return {
    op: `01k${String(made).padStart(23, "0")}`,
    name: "note",
    input: { id: "k3f9", text: "é ☃" },
    caller: { name: "ada", explicit: true, actor_kind: "human", clone: "abcd1234" },
    enqueued_at: 1_700_000_000_000 + made,
    deadline: 1_700_000_060_000,
    clock_shift_ms: 0,
    ...more,
  };
}

const yes = ({ op }: Ticket): Answer => ({
  ok: true,
  op,
  result: { n: 1 },
  commit: null,
  already: false,
  warnings: [],
  attempts: 1,
});
const tip = (digit: string) => digit.repeat(40);
const pending = (one: Ticket, more: Partial<Pending> = {}): Pending => ({
  tip: tip("a"),
  base: null,
  tickets: [{ ticket: one, commit: tip("a"), answer: yes(one) }],
  ...more,
});

export function deskConformance(name: string, makeOffice: () => Promise<Office>): void {
  describe(`${name}: desk`, () => {
    let office: Office;
    let a: Desk;
    let b: Desk;
    beforeEach(async () => {
      office = await makeOffice();
      [a, b] = [office.open(), office.open()];
    });
    afterEach(() => office.close());

    test("tickets of all processes come oldest first, and once", async () => {
      const [late, early, other] = [
        ticket({ enqueued_at: 30 }),
        ticket({ enqueued_at: 10 }),
        ticket({ enqueued_at: 20 }),
      ];
      await a.enqueue(late);
      await a.enqueue(early);
      await b.enqueue(other);
      expect(await b.take()).toEqual([early, other, late]);
      expect(await b.take({ orphans: true, offline: true })).not.toContainEqual(early);
      expect(await a.take({ orphans: true })).toEqual([]);
    });

    test.each([
      ["withdrawn first", true],
      ["taken first", false],
    ])("a ticket is withdrawn or taken, never both: %s", async (_case, withdrawFirst) => {
      const one = ticket();
      await a.enqueue(one);
      const order = withdrawFirst
        ? [() => a.withdraw(one.op), () => b.take()]
        : [() => b.take(), () => a.withdraw(one.op)];
      const [first, second] = [await order[0]?.(), await order[1]?.()];
      expect([first, second]).toEqual(withdrawFirst ? [true, []] : [[one], false]);
      expect(await a.withdraw(one.op)).toBe(false);
    });

    test("withdraw and take at the same moment", async () => {
      for (let i = 0; i < 20; i++) {
        const one = ticket();
        await a.enqueue(one);
        const [withdrawn, taken] = await Promise.all([a.withdraw(one.op), b.take()]);
        expect(taken).toEqual(withdrawn ? [] : [one]);
      }
    });

    test("two leaders at the same moment share the tickets", async () => {
      const all = Array.from({ length: 20 }, () => ticket());
      for (const one of all) await a.enqueue(one);
      const [mine, theirs] = await Promise.all([a.take(), b.take()]);
      expect([...mine, ...theirs].map(({ op }) => op).sort()).toEqual(all.map(({ op }) => op));
    });

    test("an answer reaches the caller, whichever process gives it, and once", async () => {
      const [own, others] = [ticket(), ticket()];
      await a.enqueue(own);
      await b.enqueue(others);
      await a.take();
      await a.answer(yes(own));
      await a.answer(yes(others));
      expect(await b.collect(own.op)).toBeUndefined();
      expect(await a.collect(own.op)).toEqual(yes(own));
      expect(await b.collect(others.op)).toEqual(yes(others));
      expect(await a.collect(own.op)).toBeUndefined();
      expect(await b.collect(others.op)).toBeUndefined();
    });

    test("nothing is kept for a caller that is gone", async () => {
      const one = ticket();
      await b.enqueue(one);
      await a.take();
      await office.kill(b);
      await a.answer(yes(one));
      expect(await office.open().collect(one.op)).toBeUndefined();
    });

    test("tickets of a caller that is gone are not taken", async () => {
      await b.enqueue(ticket());
      await office.kill(b);
      expect(await a.take()).toEqual([]);
    });

    test("what a dead leader took passes to one other leader, marked suspect", async () => {
      const [mine, its] = [ticket(), ticket()];
      const dead = office.open();
      await a.enqueue(mine);
      await dead.enqueue(its);
      expect(await dead.take()).toHaveLength(2);
      expect(await b.take({ orphans: true })).toEqual([]);
      await office.kill(dead);
      expect(await b.take()).toEqual([]);
      const both = await Promise.all([b.take({ orphans: true }), office.open().take({ orphans: true })]);
      expect(both.flat()).toEqual([{ ...mine, suspect: true }]);
    });

    test("what a leader left that failed is found again by its own process", async () => {
      const one = ticket();
      await a.enqueue(one);
      await b.take();
      expect(await b.take({ orphans: true })).toEqual([{ ...one, suspect: true }]);
      await b.answer(yes(one));
      expect(await b.take({ orphans: true })).toEqual([]);
    });

    test("an operation that was queued again waits for its leader, and has an answer of its own", async () => {
      const one = ticket();
      const again = { ...one, suspect: true };
      await a.enqueue(one);
      await b.take();
      const other = office.open();
      await other.enqueue(again);
      expect(await other.take({ orphans: true })).toEqual([]);
      await b.answer(yes(one));
      expect(await other.collect(one.op)).toBeUndefined();
      expect(await a.collect(one.op)).toEqual(yes(one));
      expect(await b.take()).toEqual([again]);
      await a.enqueue(again);
      expect(await b.take()).toEqual([again]);
      await b.answer(yes(one));
      expect(await other.collect(one.op)).toEqual(yes(one));
      expect(await a.collect(one.op)).toEqual(yes(one));
    });

    test("the answer to an earlier try is not the answer to a later one", async () => {
      const one = ticket();
      await a.enqueue(one);
      await b.take();
      await a.enqueue({ ...one, suspect: true });
      await b.answer(yes(one));
      expect(await a.collect(one.op)).toBeUndefined();
      expect(await a.withdraw(one.op)).toBe(true);
    });

    test("tickets that were queued offline wait for a sync, and outlive their caller and its leader", async () => {
      const [first, second] = [ticket({ deadline: null }), ticket({ deadline: null })];
      const gone = office.open();
      await gone.enqueue(second);
      await gone.enqueue(first);
      expect(await a.take({ orphans: true })).toEqual([]);
      expect(await a.offlineTickets()).toEqual([first, second]);
      expect(await gone.take({ offline: true })).toEqual([first, second]);
      await gone.answer(yes(first));
      await office.kill(gone);
      expect(await a.offlineTickets()).toEqual([second]);
      expect(await a.take({ orphans: true })).toEqual([]);
      expect(await a.take({ orphans: true, offline: true })).toEqual([{ ...second, suspect: true }]);
      await a.answer(yes(second));
      expect(await b.offlineTickets()).toEqual([]);
      expect(await b.collect(second.op)).toBeUndefined();
    });

    test("what could not be sent goes back into the offline queue", async () => {
      const one = ticket({ deadline: null });
      await a.enqueue(one);
      await b.take({ offline: true });
      await b.postpone({ ...one, suspect: true });
      expect(await a.offlineTickets()).toEqual([{ ...one, suspect: true }]);
      expect(await b.take({ orphans: true })).toEqual([]);
      expect(await a.take({ offline: true, orphans: true })).toEqual([{ ...one, suspect: true }]);
    });

    test("the lock is with one process, and passes on when that one releases it or dies", async () => {
      const lock = await a.lock();
      expect(lock).toBeDefined();
      expect(await a.lock()).toBeUndefined();
      expect(await b.lock()).toBeUndefined();
      await lock?.release();
      expect(await b.lock()).toBeDefined();
      await lock?.release();
      expect(await a.lock()).toBeUndefined();
      await office.kill(b);
      expect(await a.lock()).toBeDefined();
      expect(await office.open().lock()).toBeUndefined();
    });

    test("a chain is pending until it is dropped, and is settled by one who may", async () => {
      const one = pending(ticket());
      await a.savePending(one);
      expect(await a.pendings()).toEqual([one]);
      expect(await b.pendings()).toEqual([]);
      const told = { ...one, told: true };
      await a.savePending(told);
      expect(await b.pendings()).toEqual([told]);
      await b.dropPending(one.tip);
      expect(await a.pendings()).toEqual([]);
      await b.dropPending(one.tip);
    });

    test("a chain of a dead leader is found", async () => {
      const one = pending(ticket());
      await a.savePending(one);
      await office.kill(a);
      expect(await b.pendings()).toEqual([one]);
    });

    test("facts are shared, and the newest counts", async () => {
      expect(await a.recall("cycle_ms")).toBeUndefined();
      await a.remember("cycle_ms", 40);
      await b.remember("cycle_ms", 50.5);
      await b.remember("signals", { x: null });
      expect(await a.recall("cycle_ms")).toBe(50.5);
      expect(await office.open().recall("signals")).toEqual({ x: null });
    });
  });
}
