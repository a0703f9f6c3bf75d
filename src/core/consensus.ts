/** Whether votes decide, as an exact ratio: no clone may round another way than the others (FEATURES C49–C52). */
import type { Rules } from "./snapshot.ts";

export type Verdict = "accepted" | "rejected";

/**
 * With the prior Beta(a, b) and up and down votes, P(p > 1/2) = sum of C(n, k) for k < a + up, over 2^n, where
 * n = a + b + up + down - 1. It decides when it, or what is left of one, reaches the threshold.
 */
export function verdictOf(
  up: number,
  down: number,
  { prior, threshold, min_votes }: Rules["consensus"],
): Verdict | undefined {
  if (up + down < min_votes) return undefined;
  const [mine, theirs] = [prior[0] + up, prior[1] + down];
  const n = mine + theirs - 1;
  let below = 0n;
  for (let k = 0, term = 1n; k < mine; term = (term * BigInt(n - k)) / BigInt(k + 1), k++) below += term;
  const all = 1n << BigInt(n);
  const [over, under] = ratioOf(threshold);
  const reaches = (part: bigint) => part * under >= over * all;
  if (reaches(below)) return "accepted";
  return reaches(all - below) ? "rejected" : undefined;
}

/** A decimal such as 0.95 as the ratio that its digits say. */
function ratioOf(decimal: number): [bigint, bigint] {
  const [whole = "0", digits = ""] = String(decimal).split(".");
  return [BigInt(whole + digits), 10n ** BigInt(digits.length)];
}
