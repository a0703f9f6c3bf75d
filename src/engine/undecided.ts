/**
 * Chains of which it is not known whether they are on the record: their report was lost, or their leader died. Nothing
 * in them is planned again or refused before that is known, for either could make a liar of the other.
 */
import { ulidTime } from "../core/ids.ts";
import type { Desk, FaultClass, Pending, Point, Remote } from "./ports.ts";
import type { RecordView } from "./record.ts";

/** Refusals that one commit of a chain may cause, and that the server would repeat. */
export const PER_COMMIT: ReadonlySet<FaultClass> = new Set(["hook", "protected", "too_large"]);

interface Parts {
  desk: Desk;
  view: RecordView;
  remote: Remote;
  point: Point;
}

/** What became of a chain. */
export interface Fate {
  pending: Pending;
  landed: boolean;
}

export class Undecided {
  private chains: Pending[] = [];

  /** refetch: moves the view to what the remote shows now; false where it cannot. */
  constructor(
    private readonly parts: Parts,
    private readonly refetch: () => Promise<boolean>,
  ) {}

  get size(): number {
    return this.chains.length;
  }

  /** Takes up what earlier leaders left. After a take: their tickets come to us only when their chains are there to see. */
  async load(): Promise<void> {
    const known = new Set(this.chains.map(({ tip }) => tip));
    for (const pending of await this.parts.desk.pendings())
      if (!known.has(pending.tip)) this.chains.push(pending);
  }

  add(pending: Pending): void {
    this.chains.push(pending);
  }

  private holding(op: string): Pending[] {
    return this.chains.filter((pending) => pending.tickets.some(({ ticket }) => ticket.op === op));
  }

  has(op: string): boolean {
    return this.holding(op).length > 0;
  }

  /** The caller is about to hear that the outcome is unknown: a later command says what it was. */
  async tell(op: string): Promise<void> {
    for (const pending of this.holding(op)) {
      pending.told = true;
      await this.parts.desk.savePending(pending);
    }
  }

  /** Finds out what can be found out, on a view that was fetched after the chains were loaded. The caller forgets each chain when it has drawn its conclusions. */
  async *settle(): AsyncGenerator<Fate> {
    for (const pending of [...this.chains]) {
      const fate = await this.fateOf(pending);
      if (fate === "unknown") continue;
      this.chains = this.chains.filter((other) => other !== pending);
      yield { pending, landed: fate === "landed" };
      await this.parts.desk.dropPending(pending.tip);
      await this.parts.point("settled");
    }
  }

  /**
   * Lost for good is only what the record has left behind, or what the server's rules decline: while the record stands
   * at the chain's base, the first push may still be on its way. So the identical chain is pushed again.
   */
  private async fateOf(pending: Pending): Promise<"landed" | "lost" | "unknown"> {
    const { view, remote } = this.parts;
    if (await view.contains(pending.tip)) return "landed";
    if (view.snapshot.tip !== pending.base) return "lost";
    const again = await remote.push({ record: { base: pending.base, tip: pending.tip } });
    await this.parts.point("pushed again");
    if (again.record === "rejected" && PER_COMMIT.has(again.fault?.class ?? "other")) return "lost";
    if (again.record === "unknown" || !(await this.refetch())) return "unknown";
    if (await view.contains(pending.tip)) return "landed";
    return view.snapshot.tip === pending.base ? "unknown" : "lost";
  }

  /** A chain was lost; this operation of it may have landed in another one since. */
  async landedSince(op: string): Promise<boolean> {
    return (await this.parts.view.findOp(op, ulidTime(op))) !== undefined;
  }
}
