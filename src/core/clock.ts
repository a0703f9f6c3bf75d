/** Is this machine's clock plausible beside what others committed? (DESIGN section 6) */
import { iso, spell } from "./time.ts";

/** The newest operation of one clone that the record shows. */
export interface Sighting {
  clone: string;
  /** ms since 1970, by that clone's clock. */
  at: number;
  /** It arrived between this clone's last look at the remote and the present one. */
  fresh: boolean;
}

const ABSURD_MS = 24 * 3_600_000;
/** A commit is dated, in whole seconds, when it is planned, and may land as late as its operation's deadline. */
const ON_ITS_WAY_MS = 61_000;

/**
 * Says what is wrong with the clock, or undefined. Behind: the upper median of the newest commit of each clone, ours
 * counted as `now`, lies ahead of us. Ahead: what others committed since our last look is dated well before that look.
 * A single clone far in the future (a date of 2096) is ignored.
 */
export function clockProblem(
  now: number,
  sightings: readonly Sighting[],
  lastLook: number | undefined,
  maxSkewMs: number,
): string | undefined {
  const absurd = sightings.filter((seen) => seen.at > now + ABSURD_MS);
  const believed = absurd.length > 1 ? sightings : sightings.filter((seen) => seen.at <= now + ABSURD_MS);
  const votes = [now, ...believed.map((seen) => seen.at)].sort((a, b) => a - b);
  const median = votes[Math.floor(votes.length / 2)] as number;
  if (median > now + maxSkewMs) {
    return `this clock says ${iso(now)}, but the record's newest commits are dated up to ${spell(median - now)} later`;
  }
  const fresh = believed.filter((seen) => seen.fresh).map((seen) => seen.at);
  const newest = fresh.sort((a, b) => a - b)[Math.floor(fresh.length / 2)];
  if (lastLook !== undefined && newest !== undefined && newest < lastLook - maxSkewMs - ON_ITS_WAY_MS) {
    return `this clock says ${iso(now)}, but what others committed since the last look is dated ${spell(lastLook - newest)} before that look`;
  }
  return undefined;
}
