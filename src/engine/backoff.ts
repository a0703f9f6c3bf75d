/**
 * Whose turn it is, and how long to wait. Pure: all randomness and all times come in.
 *
 * The log tells who contends and who won last, and every clone reads the same log. So contenders take turns: who won
 * longest ago goes next, and the others look again when it has had time for that (docs/decisions/0008-taking-turns.md).
 * A clone that the log does not know yet does not wait for a turn. When it loses, it draws its next moment from a window,
 * a smaller one each time: who has lost most is most likely next.
 */
import type { RecentOp } from "./record.ts";

/** The length of a turn in undisturbed cycles of look, plan and push: part of the next one may lie beside it. */
const TURN_CYCLES = 0.8;
/** A longer cycle is the way to a far host, where others work in the meantime: waiting for longer would gain nothing. */
const TURN_CAP_MS = 100;
/** Where a cycle takes longer than that, one more look costs more than a push that loses. */
const FAR_MS = 400;
const FIRST_CYCLE_MS = 50;
/** A clone whose turn it is may take so many turns before the next one goes. */
const PATIENCE_TURNS = 2;
/** A clone has left that so many wins too many have passed by, or that has not won for everyone's turns and so many more. */
const PASSED_BY = 1;
const SILENT_TURNS = 20;
/** The window of a clone that the log does not know, in turns, after its first loss. */
const WINDOW_TURNS = 8;

export interface Situation {
  /** The newest operations, newest first. */
  recent: readonly RecentOp[];
  clone: string;
  /** Elapsed ms now. */
  elapsed: number;
  /** As nextCycle made it; undefined before the first push. */
  cycleMs: number | undefined;
  /** Pushes of these operations that lost. */
  losses: number;
  random: () => number;
}

/** The length of an undisturbed cycle in ms: the shortest, which load explains less than longer ones; it slowly follows those. */
export function nextCycle(before: number | undefined, measuredMs: number): number {
  return before === undefined || measuredMs < before ? measuredMs : before + (measuredMs - before) * 0.03;
}

const turnMs = ({ cycleMs = FIRST_CYCLE_MS }: Situation) => Math.min(cycleMs * TURN_CYCLES, TURN_CAP_MS);

/** ms to wait before the look that an attempt begins with: who has won lets the others go first. */
export function lookDelay(at: Situation): number {
  const turn = turnMs(at);
  const line = contenders(at, turn);
  const place = line.findIndex((won) => won.clone === at.clone);
  const mine = line[place];
  if (!mine) return at.losses === 0 ? 0 : at.random() * Math.max(1, WINDOW_TURNS / at.losses) * turn;
  if (at.losses > 0) return 0;
  return Math.max(0, mine.seen + (line.length - 1 - place) * turn - at.elapsed);
}

/** ms to wait for the turns of others, seen after a look, and then to look again; 0: push. */
export function pushDelay(at: Situation): number {
  const turn = turnMs(at);
  const line = contenders(at, turn);
  const place = line.findIndex(({ clone }) => clone === at.clone);
  const [last] = line;
  if (!last || place < 0 || (at.cycleMs ?? 0) > FAR_MS) return 0;
  const letPass = Math.floor((at.elapsed - last.seen) / (turn * PATIENCE_TURNS));
  const before = line.length - 1 - place - letPass;
  return before > 0 ? (before - 0.5) * turn : 0;
}

/** The last win of each clone that contends, the newest first: the last of them is next. */
function contenders({ recent, elapsed }: Situation, turn: number): RecentOp[] {
  const line: RecentOp[] = [];
  for (const [index, won] of recent.entries()) {
    if (line.some(({ clone }) => clone === won.clone)) continue;
    const age = elapsed - won.seen;
    // A clock that ran backwards means that the machine was started anew.
    if (index > line.length + PASSED_BY || age < 0 || age > (line.length + SILENT_TURNS) * turn) break;
    line.push(won);
  }
  return line;
}
