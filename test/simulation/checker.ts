/**
 * Judges a simulation. It follows the hub commit by commit, knows what callers asked for and what they were told, and
 * throws at the first thing that must not be.
 */
import type { MemoryHub } from "../../src/engine/memory/remote.ts";
import type { Oid, Ticket } from "../../src/engine/ports.ts";
import { INVARIANTS, type Past, remember } from "./invariants.ts";
import {
  type Changed,
  type Commit,
  changesBetween,
  dataOf,
  type Files,
  historyOf,
  lineOf,
  NO_FILES,
  readCommit,
  withChanges,
} from "./record.ts";
import type { PolicyPlan } from "./scenario.ts";

/** Something happened that must not. */
export class Violation extends Error {
  constructor(
    readonly invariant: string,
    readonly detail: string,
  ) {
    super(`${invariant}: ${detail}`);
  }
}

/** What a caller was told. */
export interface Told {
  op: string;
  ok: boolean;
  code?: string;
  commit?: Oid | null;
  result?: unknown;
}

interface Holding {
  id: string;
  epoch: number;
}

export class Checker {
  files: Files = NO_FILES;
  readonly tickets = new Map<string, Ticket>();
  /** Operations in the ledger, with their commits. */
  readonly ledger = new Map<string, Oid>();
  /** Operations whose callers were told: not done. */
  private readonly refused = new Map<string, string>();
  private readonly accepted = new Map<string, Oid>();
  /** Queued offline and not answered. */
  readonly offline = new Set<string>();
  private readonly past: Past = { epochs: new Map(), holders: new Map(), over: new Set() };
  private readonly toldHolders = new Map<string, string>();
  /** Commits that people made: they are no operations, whatever their messages say. */
  private readonly peoples = new Set<Oid>();

  constructor(
    private readonly hub: MemoryHub,
    private readonly policy: PolicyPlan,
  ) {}

  asked(ticket: Ticket): void {
    this.tickets.set(ticket.op, ticket);
    if (ticket.deadline === null) this.offline.add(ticket.op);
  }

  /** A person's commits are about to come onto the record. */
  expectPeople(oids: readonly Oid[]): void {
    for (const oid of oids) this.peoples.add(oid);
  }

  /** The record moved on the hub. */
  moved(from: Oid | null, to: Oid): void {
    const line = lineOf(this.hub.store, from, to);
    if (!line || line.every((commit) => this.peoples.has(commit.oid))) this.edited(from, to);
    else for (const commit of line) this.operation(commit);
  }

  private edited(from: Oid | null, to: Oid): void {
    const history = historyOf(this.hub.store, to);
    for (const [op, oid] of this.accepted) {
      if (!history.has(oid))
        throw new Violation(
          "what was acknowledged is in the ledger",
          `${op} was accepted as ${oid} and is gone`,
        );
    }
    if (from !== null && !history.has(from))
      throw new Violation("the history is never replaced", `${to} does not descend from ${from}`);
    for (const commit of history.values()) {
      if (commit.op && !this.peoples.has(commit.oid) && !this.ledger.has(commit.op)) {
        throw new Violation("only operations make operations' commits", `${commit.oid} came with a merge`);
      }
    }
    const tree = from === null ? null : readCommit(this.hub.store, from).tree;
    this.step(changesBetween(this.hub.store, tree, readCommit(this.hub.store, to).tree));
  }

  private step(changes: readonly Changed[]): Files {
    const before = this.files;
    this.files = withChanges(this.hub.store, before, changes);
    remember(this.past, before, this.files);
    return before;
  }

  private operation(commit: Commit): void {
    const { op, oid } = commit;
    const ticket = op === undefined ? undefined : this.tickets.get(op);
    if (op === undefined || !ticket)
      throw new Violation("only operations make commits", `${oid} names ${op}`);
    const twin = this.ledger.get(op);
    if (twin)
      throw new Violation(
        "an operation is in the ledger once",
        `${op} (${ticket.name}) as ${twin} and as ${oid}`,
      );
    const refusal = this.refused.get(op);
    if (refusal)
      throw new Violation(
        "what was refused is not in the ledger",
        `${op} (${ticket.name}) was refused as ${refusal} and is there as ${oid}`,
      );
    this.ledger.set(op, oid);
    const parent = commit.parents[0];
    const tree = parent === undefined ? null : readCommit(this.hub.store, parent).tree;
    const changes = changesBetween(this.hub.store, tree, commit.tree);
    const before = this.files;
    const after = withChanges(this.hub.store, before, changes);
    const step = {
      commit,
      ticket,
      before,
      after,
      changes,
      content: (blob: Oid) => dataOf(this.hub.store, blob),
      runs: this.policy.runs,
    };
    for (const [name, rule] of Object.entries(INVARIANTS)) {
      const complaint = rule(step, this.past);
      if (complaint) throw new Violation(name, `${complaint} (${op} ${ticket.name}, commit ${oid})`);
    }
    this.step(changes);
  }

  /** A leader has put an answer on the desk, whether or not anyone comes for it. */
  given(op: string): void {
    this.offline.delete(op);
  }

  /** A caller has its answer. */
  answered(told: Told): void {
    const { op } = told;
    const landed = this.ledger.get(op);
    const name = this.tickets.get(op)?.name;
    if (!told.ok && told.code === "unknown_outcome") return;
    if (told.ok && told.commit) {
      const isQuoted = landed !== undefined && this.peoples.has(told.commit);
      if (!isQuoted && landed !== told.commit) {
        throw new Violation(
          "what was acknowledged is in the ledger",
          `${op} (${name}) was accepted as ${told.commit}; the ledger has ${landed ?? "nothing"}`,
        );
      }
      this.accepted.set(op, landed ?? told.commit);
      if (name === "claim") this.holds(told);
      return;
    }
    // Told that nothing had to be published is told that there is no commit of it.
    const code = told.ok ? "unchanged" : (told.code ?? "?");
    if (landed)
      throw new Violation(
        "what was refused is not in the ledger",
        `${op} (${name}) was answered ${code}, and is there as ${landed}`,
      );
    this.refused.set(op, code);
    if (told.ok && name === "claim") this.holds(told);
  }

  /** Two workers are never both told that they hold a task at one epoch. */
  private holds({ result }: Told): void {
    const { worker, tasks } = result as { worker?: string; tasks?: Holding[] };
    if (worker === undefined) return;
    for (const { id, epoch } of tasks ?? []) {
      const key = `${id} ${epoch}`;
      const other = this.toldHolders.get(key) ?? this.past.holders.get(key);
      if (other !== worker)
        throw new Violation(
          "one holder for a task and epoch",
          `${worker} was told to hold ${key}; on the record it is ${other}`,
        );
      this.toldHolders.set(key, worker);
    }
  }

  /** The tasks that have not ended, in order. */
  open(): string[] {
    const ended = new Set(["done", "failed", "canceled"]);
    return [...this.files.tasks.values()]
      .filter((task) => !ended.has(task.status))
      .map(({ id }) => id)
      .sort();
  }
}
