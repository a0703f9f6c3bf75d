/**
 * How long to wait before the next push. Pure: all randomness and all times come in.
 *
 * The log tells who contends and who won last, and every clone reads the same log. So contenders take turns: who won
 * longest ago pushes at once, the next one cycle later, and so on; who has just won comes last. A clone that the log does
 * not know yet, and everyone in a burst, uses full jitter over a window that grows with its losses.
 */
import type { RecentOp } from "./record.ts";

/** A window of jitter never exceeds this many cycles of look, plan and push. */
const CAP_CYCLES = 8;
const FIRST_CYCLE_MS = 40;
/** A clone that has not committed for its turn and so many cycles more has left. */
const PATIENCE_CYCLES = 6;

/** The length of an undisturbed cycle in ms: follows shorter ones fast and longer ones, which load explains, slowly. */
export function nextCycle(before: number | undefined, measuredMs: number): number {
  if (before === undefined) return measuredMs;
  const weight = measuredMs < before ? 0.5 : 0.1;
  return before + (measuredMs - before) * weight;
}

export interface Situation {
  /** The newest operations, newest first. */
  recent: readonly RecentOp[];
  clone: string;
  /** Elapsed ms now. */
  elapsed: number;
  cycleMs: number | undefined;
  /** Pushes of this operation that lost. */
  losses: number;
  /** How long the oldest operation waits, ms. */
  ageMs: number;
  random: () => number;
}

/** ms to wait before the next push. */
export function turnDelay(at: Situation): number {
  const cycle = at.cycleMs ?? FIRST_CYCLE_MS;
  const before = clonesBefore(at, cycle);
  if (before === undefined) return jitter(at, cycle);
  return before * cycle * (0.8 + at.random() * 0.4) + (at.losses > 0 ? jitter(at, cycle / 2) : 0);
}

/** How many active clones won longer ago than this one; undefined where this one is not known to contend. */
function clonesBefore({ recent, clone, elapsed }: Situation, cycle: number): number | undefined {
  // Distinct clones, the last winner first.
  const winners: RecentOp[] = [];
  for (const entry of recent) {
    if (!winners.some((known) => known.clone === entry.clone)) winners.push(entry);
  }
  const patience = (winners.length + PATIENCE_CYCLES) * cycle;
  const active = winners.filter((entry) => elapsed - entry.seen <= patience);
  const mine = active.findIndex((entry) => entry.clone === clone);
  return mine < 0 ? undefined : active.length - 1 - mine;
}

/** Full jitter; nothing before the first loss. Who has waited long draws from a smaller window. */
function jitter({ losses, ageMs, random }: Situation, cycle: number): number {
  if (losses === 0) return 0;
  const window = Math.min(CAP_CYCLES, 2 ** (losses - 1)) * cycle;
  return random() * (window / (1 + ageMs / (cycle * CAP_CYCLES * 4)));
}
