/** Ways in which the product could be broken, put on from outside: each must be noticed. */

import type { Snapshot } from "../../src/core/snapshot.ts";
import type { MemoryRoom } from "../../src/engine/memory/desk.ts";
import type { MemoryHub } from "../../src/engine/memory/remote.ts";
import type { Loadable, LoadOperation } from "../../src/engine/planning.ts";
import type { Desk, Push, PushOutcome, Ticket } from "../../src/engine/ports.ts";
import { RecordView } from "../../src/engine/record.ts";

/** What is put between the product and its world. Nothing: the product as it is. */
export interface Mutant {
  push?: (push: Push, hub: MemoryHub) => Push;
  /** What the product hears of a push. */
  report?: (outcome: PushOutcome) => PushOutcome;
  desk?: (desk: Desk, room: MemoryRoom) => Desk;
  operations?: (load: LoadOperation) => LoadOperation;
  View?: typeof RecordView;
}

type Plan = Loadable["plan"];

/** Operations with another plan in the place of some. */
const planning =
  (names: readonly string[], mutate: (plan: Plan) => Plan): NonNullable<Mutant["operations"]> =>
  (load) =>
  async (name) => {
    const operation = await load(name);
    return operation && names.includes(name) ? { ...operation, plan: mutate(operation.plan) } : operation;
  };

function holderOf(snapshot: Snapshot, id: string | undefined): string | undefined {
  const task = [...snapshot.open()].find((row) => row.id === id);
  return task?.lease && !("broken" in task.lease) ? (task.lease.worker ?? undefined) : undefined;
}

/** The epoch that a holder names is not looked at. */
const withoutEpoch =
  (plan: Plan): Plan =>
  (snapshot, input, ctx) => {
    const { epoch: _epoch, ...rest } = input as { epoch?: number };
    return plan(snapshot, rest as never, ctx);
  };

/** A late holder acts in the name of whoever holds the task now. */
const inHoldersName =
  (plan: Plan): Plan =>
  (snapshot, input, ctx) => {
    const { epoch, ...rest } = input as { id?: string; epoch?: number };
    const holder = epoch === undefined ? undefined : holderOf(snapshot, rest.id);
    const caller = holder === undefined ? ctx.caller : { ...ctx.caller, name: holder, explicit: true };
    const planned = plan(snapshot, rest as never, { ...ctx, caller });
    return planned.ok && planned.event
      ? { ...planned, event: { ...planned.event, actor: ctx.caller.name } }
      : planned;
  };

/** A release takes the lease's file away, and the epoch with it. */
const withoutLease =
  (plan: Plan): Plan =>
  (snapshot, input, ctx) => {
    const planned = plan(snapshot, input, ctx);
    if (!planned.ok) return planned;
    const isLease = (path: string) => path.startsWith("leases/");
    return {
      ...planned,
      changes: planned.changes.map((change) =>
        isLease(change.path) ? { path: change.path, value: null } : change,
      ),
    };
  };

/** What follows a lease is left as it is. */
const withoutRun =
  (plan: Plan): Plan =>
  (snapshot, input, ctx) => {
    const planned = plan(snapshot, input, ctx);
    if (!planned.ok) return planned;
    return { ...planned, changes: planned.changes.filter(({ path }) => !path.startsWith("runs/")) };
  };

/** Reopening starts to count from one again. */
const fromTheStart =
  (plan: Plan): Plan =>
  (snapshot, input, ctx) => {
    const planned = plan(snapshot, input, ctx);
    if (!planned.ok) return planned;
    const changes = planned.changes.filter(
      (change) => !(change.path.startsWith("leases/") && !snapshot.doc(change.path)),
    );
    return { ...planned, changes };
  };

/** A view that never finds an operation in the ledger. */
class Forgetful extends RecordView {
  override recentOp(): boolean {
    return false;
  }
  override async findOp(): Promise<undefined> {
    return undefined;
  }
}

/** A desk that hands out what other leaders have taken, though they live. */
const greedy = (desk: Desk, room: MemoryRoom): Desk => ({
  ...desk,
  take: async (options) => {
    const own = await desk.take(options);
    const all = options?.orphans
      ? [...room.taken.values()].map(({ text }) => JSON.parse(text) as Ticket)
      : [];
    const others = all.filter(({ op }) => !own.some((ticket) => ticket.op === op));
    return [...own, ...others.map((ticket) => ({ ...ticket, suspect: true }))];
  },
});

const HOLDERS = ["done", "block", "resume", "pr", "fail", "release", "handoff", "renew"];

export const MUTANTS: Record<string, Mutant> = {
  "no lease on push": {
    push: (push, hub) =>
      push.record ? { ...push, record: { base: hub.record, tip: push.record.tip } } : push,
  },
  "no epoch check, by the same worker": { operations: planning(HOLDERS, withoutEpoch) },
  "no epoch check, by a late holder": { operations: planning(HOLDERS, inHoldersName) },
  "an unknown outcome taken for accepted": {
    report: (outcome) => (outcome.record === "unknown" ? { ...outcome, record: "accepted" } : outcome),
  },
  "an unknown outcome taken for rejected": {
    report: (outcome) => (outcome.record === "unknown" ? { ...outcome, record: "rejected" } : outcome),
  },
  "the epoch does not survive release": { operations: planning(["release"], withoutLease) },
  "the epoch does not survive reopening": { operations: planning(["requeue"], fromTheStart) },
  "a run does not end with its lease": { operations: planning(["done", "release"], withoutRun) },
  "operations are not looked for in the ledger": { View: Forgetful },
  "chains that were left behind are forgotten": { desk: (desk) => ({ ...desk, pendings: async () => [] }) },
  "a leader takes what another one works on": { desk: greedy },
};
