/** What goes wrong: plain data, and the box that says at each call whether it goes wrong now. */
import type { FaultClass } from "../../src/engine/ports.ts";
import type { Call, Fate } from "./scheduler.ts";

/** lost: the report is lost, before or after the change was taken. late: the same, and it is taken some time later. */
export type PushFault = "lost before" | "lost after" | "late" | "busy" | "conflict";

export type FaultPlan =
  /** Of a clone: from its nth push (1 is the first) on, so many pushes. */
  | { kind: "push"; clone: number; nth: number; count: number; how: PushFault }
  | { kind: "fetch"; clone: number; nth: number; count: number; how: FaultClass }
  /** Locks that are granted though another process holds them. */
  | { kind: "lock"; clone: number; nth: number; count: number }
  /** A process dies at its nth call whose label starts so. orphan_ms: a push that is under way arrives so much later. */
  | {
      kind: "crash";
      clone: number;
      process: number;
      label: string;
      nth: number;
      when: "before" | "after";
      orphan_ms?: number;
    }
  /** A process stands still for a while. */
  | { kind: "freeze"; clone: number; process: number; nth: number; ms: number }
  /** After so many changes of the record. */
  | { kind: "clock"; clone: number; after: number; clock_ms: number }
  | { kind: "signals lost"; after: number }
  /** The clone's caches are lost: index and small facts. */
  | { kind: "cache lost"; clone: number; after: number }
  /** A hook of the server that dislikes operations whose id ends in one of these. */
  | { kind: "hook"; letters: string };

/** Counts the calls of clones and processes, and says what becomes of each. */
export class FaultBox {
  private readonly counts = new Map<string, number>();
  /** Healed: from now on everything works. */
  healed = false;

  constructor(readonly plans: readonly FaultPlan[]) {}

  private count(key: string): number {
    const next = (this.counts.get(key) ?? 0) + 1;
    this.counts.set(key, next);
    return next;
  }

  /** The fault of a clone's next push, fetch or lock. */
  next<K extends "push" | "fetch" | "lock">(
    kind: K,
    clone: number,
  ): Extract<FaultPlan, { kind: K }> | undefined {
    const nth = this.count(`${kind} ${clone}`);
    if (this.healed) return undefined;
    return this.plans.find(
      (plan): plan is Extract<FaultPlan, { kind: K }> =>
        plan.kind === kind && plan.clone === clone && nth >= plan.nth && nth < plan.nth + plan.count,
    );
  }

  /** Does the process die or stand still at this call? */
  fateOf(clone: number, process: number, call: Call): { fate: Fate; orphan_ms?: number } {
    if (this.healed) return { fate: "go" };
    for (const [index, plan] of this.plans.entries()) {
      if (
        (plan.kind !== "crash" && plan.kind !== "freeze") ||
        plan.clone !== clone ||
        plan.process !== process
      )
        continue;
      if (plan.kind === "crash" && !call.label.startsWith(plan.label)) continue;
      if (this.count(`plan ${index}`) !== plan.nth) continue;
      if (plan.kind === "freeze") return { fate: { wait: plan.ms } };
      return {
        fate: `crash ${plan.when}`,
        ...(plan.orphan_ms !== undefined && { orphan_ms: plan.orphan_ms }),
      };
    }
    return { fate: "go" };
  }

  /** Does the server's hook decline a chain of these operations? */
  declines(ops: readonly string[]): boolean {
    if (this.healed) return false;
    return this.plans.some(
      (plan) => plan.kind === "hook" && ops.some((op) => plan.letters.includes(op.slice(-1))),
    );
  }

  /** What happens after the record's nth change. */
  after(n: number): FaultPlan[] {
    if (this.healed) return [];
    return this.plans.filter((plan) => "after" in plan && plan.after === n);
  }
}
