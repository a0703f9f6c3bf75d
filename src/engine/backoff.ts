/**
 * Whose turn it is, and how long to wait. Pure: all randomness and all times come in.
 *
 * The log tells who contends and who won last, and every clone reads the same log. So contenders take turns: who won
 * longest ago goes next, and the others look again when it has had time for that (docs/decisions/0008-taking-turns.md).
 * A clone that the log does not know yet does not wait for a turn. When it loses, it draws its next moment from a window,
 * a smaller one each time: who has lost most is most likely next.
 */
import type { RecentOp } from "./recent.ts";

/** A turn is at least so much of an undisturbed cycle of look, plan and push: part of the next one may lie beside it. */
const TURN_CYCLES = 0.8;
/** A longer cycle is the way to a far host, where others work in the meantime: waiting for longer would gain nothing. */
const TURN_CAP_MS = 100;
/** Turns are slower under load, as the log shows; never expected slower than this, or than so many undisturbed cycles. */
const BUSY_TURN_CAP_MS = 400;
const BUSY_CYCLES = 2;
/** Where a cycle takes longer than that, one more look costs more than a push that loses. */
const FAR_MS = 400;
const FIRST_CYCLE_MS = 50;
/** A clone whose turn it is has so many turns before the next one goes; where it has left, those after it may have too. */
const PATIENCE_TURNS = 1.5;
const IMPATIENCE_TURNS = 0.5;
/** A clone has left that others have passed by, or that has not won for everyone's turns and so many more. */
const SILENT_TURNS = 20;
/** A clone that no one else is in line with cannot see those who lose to it: after so many wins in a row it lets them by. */
const RUN_WINS = 8;
/** Time for one of them to look and to push: a turn of this clone's own may have been a push alone. */
const ROOM_TURNS = 2.5;
/** While clones join, those in line give them so long a start. */
const HEAD_START_TURNS = 0.5;
/** The window of a clone that the log does not know, in turns, after its first loss. */
const WINDOW_TURNS = 8;
/** A view is as good as fresh while it is so much younger than the last change that another clone made. */
const FRESH_SHARE = 0.1;
const FRESH_CAP_MS = 30_000;

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

export interface Wait {
  /** So many wins of others come first. 0: it is this clone's turn. */
  wins: number;
  /** How long they should take; who cannot see them happen waits for so long. */
  ms: number;
}

const NOW: Wait = { wins: 0, ms: 0 };

/** The length of an undisturbed cycle in ms: the shortest, which load explains less than longer ones; it slowly follows those. */
export function nextCycle(before: number | undefined, measuredMs: number): number {
  return before === undefined || measuredMs < before ? measuredMs : before + (measuredMs - before) * 0.03;
}

/** May a plan be published on a view that stood where the remote did at `freshAt` (elapsed ms)? The push finds out whether it still does. */
export function isFresh(at: Situation, freshAt: number): boolean {
  const { recent, clone, elapsed } = at;
  if (roomMs(at, contention(at)) > 0) return false;
  const age = elapsed - freshAt;
  const other = recent.find((op) => op.clone !== clone);
  const since = other ? elapsed - other.seen : Number.POSITIVE_INFINITY;
  return age >= 0 && since >= 0 && age < Math.min(FRESH_CAP_MS, since * FRESH_SHARE);
}

/** The wait before the look that an attempt begins with: who has won lets the others go first. */
export function beforeLook(at: Situation): Wait {
  const found = contention(at);
  const { line, turnMs, isGrowing } = found;
  const wait = waitFor(at, line, turnMs, 0);
  const [last] = line;
  const room = roomMs(at, found);
  if (last && room > 0) return until(last.seen + room, at);
  if (wait.wins > 0 || !last || !isGrowing || line.length === 1) return wait;
  return until(last.seen + HEAD_START_TURNS * turnMs, at);
}

function until(moment: number, { elapsed }: Situation): Wait {
  const ms = moment - elapsed;
  return ms > 0 ? { wins: 1, ms } : NOW;
}

/** So long after its last win a clone waits that alone has won of late, and so quickly that no one can have come in between; else 0. */
function roomMs({ recent, clone }: Situation, { line }: Contention): number {
  const run = recent.slice(0, RUN_WINS);
  if (line.length !== 1 || run.length < RUN_WINS || run.some((won) => won.clone !== clone)) return 0;
  // Operations of one push are seen together, with no gap between.
  const gaps = run
    .slice(1)
    .map((won, index) => (run[index]?.seen ?? won.seen) - won.seen)
    .filter((ms) => ms > 0);
  const room = gaps.length > 0 ? ROOM_TURNS * Math.min(...gaps) : 0;
  return gaps.every((ms) => ms < room) ? room : 0;
}

/** The wait for the turns of others, seen after a look, and then to look again. */
export function beforePush(at: Situation): Wait {
  const { line, turnMs } = contention(at);
  return (at.cycleMs ?? 0) > FAR_MS ? NOW : waitFor(at, line, turnMs, 0.25);
}

/** The wait of a clone that lost and that the log does not know: a random one, shorter with each loss. */
export function afterLoss(at: Situation): Wait {
  const { line, turnMs } = contention(at);
  if (at.losses === 0 || line.some(({ clone }) => clone === at.clone)) return NOW;
  const turns = at.random() * Math.max(1, WINDOW_TURNS / at.losses);
  // Everyone who draws waits for others to win: never for turns that are longer than one would take alone.
  const ms = Math.min(turnMs, Math.max(BUSY_TURN_CAP_MS, at.cycleMs ?? FIRST_CYCLE_MS));
  return { wins: Math.floor(turns), ms: turns * ms };
}

/** Who looks a little early finds its turn, and who is a little late holds everyone up. */
function waitFor(
  { elapsed, clone }: Situation,
  line: readonly RecentOp[],
  turnMs: number,
  atLeast: number,
): Wait {
  const place = line.findIndex((won) => won.clone === clone);
  const [last] = line;
  if (!last || place < 0) return NOW;
  // Each whose turn came and who did not use it is passed.
  const late = (elapsed - last.seen) / turnMs - PATIENCE_TURNS;
  const passed = late < 0 ? 0 : 1 + Math.floor(late / IMPATIENCE_TURNS);
  const wins = line.length - 1 - place - passed;
  if (wins <= 0) return NOW;
  return { wins, ms: Math.max(turnMs * atLeast, last.seen + (wins - 0.25) * turnMs - elapsed) };
}

/** Who contends, how long a turn takes, and whether clones have joined of late. */
interface Contention {
  /** The last win of each clone that contends, the newest first: the last of them is next. */
  line: RecentOp[];
  turnMs: number;
  isGrowing: boolean;
}

function contention({ recent, elapsed, cycleMs = FIRST_CYCLE_MS }: Situation): Contention {
  const cycle = cycleMs * TURN_CYCLES;
  const idle = Math.min(cycle, TURN_CAP_MS);
  const line: RecentOp[] = [];
  const gaps: number[] = [];
  for (const [index, won] of recent.entries()) {
    const age = elapsed - won.seen;
    // A clock that ran backwards means that the machine was started anew.
    if (index > line.length || age < 0 || age > (line.length + SILENT_TURNS) * cycle) break;
    const later = recent[index - 1];
    if (later) gaps.push(later.seen - won.seen);
    if (!line.some(({ clone }) => clone === won.clone)) line.push(won);
  }
  const middle = gaps.sort((a, b) => a - b)[Math.floor(gaps.length / 2)] ?? 0;
  const isGrowing = line.some(
    ({ clone }) => recent.findLastIndex((won) => won.clone === clone) < line.length,
  );
  const cap = Math.max(BUSY_TURN_CAP_MS, BUSY_CYCLES * cycleMs);
  return {
    line,
    turnMs: Math.max(idle, Math.min(middle, cap)),
    isGrowing,
  };
}
