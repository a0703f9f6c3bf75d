/**
 * Whether votes decide, as an exact ratio: no clone may round another way than the others (FEATURES C49–C52). Pure
 * arithmetic on integers; nothing here knows who voted.
 */
import type { Rules } from "../../core/snapshot.ts";

export type Verdict = "accepted" | "rejected";

/** A fraction of integers; it need not be in lowest terms. */
export interface Ratio {
  over: bigint;
  under: bigint;
}

/**
 * P(p > 1/2) when p has the distribution Beta(a + up, b + down), for whole numbers a, b of 1 or more. With
 * n = a + b + up + down - 1 it is the sum of C(n, k) for k < a + up, over 2^n: the chance that of n coins fewer than
 * a + up show heads. C50's vectors: 3-0 is 15/16, 4-0 is 31/32.
 */
export function posterior(up: number, down: number, prior: readonly [number, number]): Ratio {
  const [mine, theirs] = [prior[0] + up, prior[1] + down];
  const n = mine + theirs - 1;
  // The shorter side is summed: the binomials are symmetric, and all of them add up to 2^n.
  const isShort = mine <= theirs;
  const part = binomialSum(n, isShort ? mine : theirs);
  const under = 1n << BigInt(n);
  return { over: isShort ? part : under - part, under };
}

/** The sum of C(n, k) for k < count. */
function binomialSum(n: number, count: number): bigint {
  let sum = 0n;
  let term = 1n;
  for (let k = 0; k < count; k++) {
    sum += term;
    term = (term * BigInt(n - k)) / BigInt(k + 1);
  }
  return sum;
}

/**
 * The verdict of so many votes for and against; undefined: not decided yet. accepted where P(p > 1/2) is the threshold or
 * more, rejected where P(p < 1/2) is; a threshold is more than a half, so never both. Neutral votes do not come in (C47).
 */
export function verdictOf(
  up: number,
  down: number,
  { prior, threshold, min_votes }: Rules["consensus"],
): Verdict | undefined {
  if (up + down < min_votes) return undefined;
  const { over, under } = posterior(up, down, prior);
  const limit = ratioOf(threshold);
  const reaches = (part: bigint) => part * limit.under >= limit.over * under;
  if (reaches(over)) return "accepted";
  return reaches(under - over) ? "rejected" : undefined;
}

/** A decimal as the ratio that its digits say: 0.95 is 95/100, whatever a float makes of it. */
export function ratioOf(decimal: number): Ratio {
  const [digits = "0", exponent = "0"] = String(decimal).split("e");
  const [whole = "0", behind = ""] = digits.split(".");
  const shift = Number(exponent) - behind.length;
  const number = BigInt(whole + behind);
  return shift >= 0
    ? { over: number * 10n ** BigInt(shift), under: 1n }
    : { over: number, under: 10n ** BigInt(-shift) };
}

/** `31/32`: in lowest terms, so that it is the same text everywhere. */
export function ratioText({ over, under }: Ratio): string {
  const common = gcd(over, under);
  return `${over / common}/${under / common}`;
}

const gcd = (a: bigint, b: bigint): bigint => (b === 0n ? a : gcd(b, a % b));

const SHOWN_DIGITS = 4;

/** `0.9687`: cut, not rounded, so that what does not reach the threshold never looks as if it did. For show alone. */
export function ratioShown({ over, under }: Ratio): string {
  const scale = 10n ** BigInt(SHOWN_DIGITS);
  const text = String((over * scale) / under).padStart(SHOWN_DIGITS + 1, "0");
  return `${text.slice(0, -SHOWN_DIGITS)}.${text.slice(-SHOWN_DIGITS)}`;
}

/** How many of so many equal parts it fills; for a bar. */
export const partsOf = ({ over, under }: Ratio, parts: number): number =>
  Number((over * BigInt(parts)) / under);
