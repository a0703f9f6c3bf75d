/** How long to wait before the next push. Pure: all randomness and all times come in. */
import type { RecentOp } from "./record.ts";

/** A wait never exceeds this many cycles of fetch, plan and push. */
const CAP_CYCLES = 8;
const FIRST_CYCLE_MS = 40;
/** Clones that committed within this many cycles count as contenders. */
const ACTIVE_CYCLES = 12;

/** The running length of one cycle, as a moving average in ms. */
export function nextCycle(before: number | undefined, measuredMs: number): number {
  return before === undefined ? measuredMs : before * 0.7 + measuredMs * 0.3;
}

/** After a lost race: full jitter over a window that grows with the losses and shrinks with the operation's age. */
export function retryDelay(losses: number, ageMs: number, cycleMs: number | undefined, random: () => number): number {
  const cycle = cycleMs ?? FIRST_CYCLE_MS;
  if (losses <= 1) return random() * cycle * 0.5;
  const window = Math.min(CAP_CYCLES, 2 ** (losses - 1)) * cycle;
  const seniority = 1 + ageMs / (cycle * CAP_CYCLES);
  return random() * (window / seniority);
}

/**
 * Before a first push: who has just won lets those by who were active too and have not won since. The wait is one cycle
 * for each of them, with jitter, so contenders take turns and mostly do not meet.
 */
export function courtesyDelay(recent: readonly RecentOp[], clone: string, elapsed: number, cycleMs: number | undefined, random: () => number): number {
  const cycle = cycleMs ?? FIRST_CYCLE_MS;
  const active = recent.filter((entry) => elapsed - entry.seen <= ACTIVE_CYCLES * cycle);
  const mine = active.findIndex((entry) => entry.clone === clone);
  if (mine < 0) return 0;
  const since = new Set(active.slice(0, mine).map((entry) => entry.clone));
  const contenders = new Set(active.map((entry) => entry.clone));
  const waiting = contenders.size - 1 - since.size;
  return waiting <= 0 ? 0 : waiting * cycle * (0.5 + random() * 0.5);
}
