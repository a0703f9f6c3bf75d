/** How far a search for a nonce has come, in words. */
import { expectedAttempts } from "../../core/pow.ts";
import { spell } from "../../core/time.ts";
import type { RunOptions } from "../types.ts";
import type { SolveOptions } from "./solve.ts";

export function workReporter(
  difficulty: number,
  onProgress: RunOptions["onProgress"],
): SolveOptions["onProgress"] | undefined {
  if (!onProgress) return undefined;
  const expected = expectedAttempts(difficulty);
  const millions = (count: number) => (count / 1e6).toFixed(1);
  return ({ next, per_second }) => {
    const left = Math.max(0, expected - next) / Math.max(1, per_second);
    const rest = left > 0 ? `some ${spell(Math.ceil(left) * 1000)} left` : "any moment now";
    onProgress({
      stage: `proof of work, ${difficulty} bits: ${millions(next)} of about ${millions(expected)} million hashes, ${rest}`,
    });
  };
}
