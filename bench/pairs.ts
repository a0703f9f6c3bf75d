/** Two things timed in turn, so that whatever else the machine does strikes both. */
import { median } from "./stage.ts";

export interface Pairs {
  /** Median ms of each, and the median of the pairs' ratios. */
  first: number;
  second: number;
  ratio: number;
}

/** Answers first / second. Each answers the ms that it took; the first round of both is not counted. */
export async function paired(
  rounds: number,
  first: () => Promise<number>,
  second: () => Promise<number>,
): Promise<Pairs> {
  const times: [number, number][] = [];
  for (let round = 0; round <= rounds; round++) {
    // Who goes first alternates: the second finds a warmer machine.
    if (round % 2 === 0) times.push([await first(), await second()]);
    else {
      const after = await second();
      times.push([await first(), after]);
    }
  }
  const counted = times.slice(1);
  return {
    first: median(counted.map(([ms]) => ms)),
    second: median(counted.map(([, ms]) => ms)),
    ratio: median(counted.map(([a, b]) => a / b)),
  };
}
