/** Ids: a short prefix and a ULID in lower case (DESIGN section 3; FEATURES E21). */
import { sha256 } from "./sha256.ts";

const ALPHABET = "0123456789abcdefghjkmnpqrstvwxyz";
const RANDOM_BITS = 80n;

const toNumber = (ulid: string): bigint =>
  [...ulid].reduce((sum, char) => sum * 32n + BigInt(ALPHABET.indexOf(char)), 0n);

function toUlid(number: bigint): string {
  let text = "";
  for (let rest = number, i = 0; i < 26; i++, rest /= 32n) text = ALPHABET[Number(rest % 32n)] + text;
  return text;
}

/**
 * The n-th id that belongs to an operation: the operation's ULID with n added to its random part. So planning the same
 * operation again gives the same ids, and ids of one operation sort in the order in which they were asked for.
 */
export function nthId(op: string, n: number): string {
  const number = toNumber(op);
  const time = number >> RANDOM_BITS;
  return toUlid((time << RANDOM_BITS) | ((number + BigInt(n)) & ((1n << RANDOM_BITS) - 1n)));
}

/** Milliseconds since 1970 in a ULID's first ten characters. */
export const ulidTime = (ulid: string): number => Number(toNumber(ulid) >> RANDOM_BITS);

/** The id that a text alone gives: 128 bits of its hash in the form of a ULID, the same in every clone. */
export const idOfText = (prefix: string, text: string): string =>
  `${prefix}_${toUlid(BigInt(`0x${sha256(text).slice(0, 32)}`))}`;
