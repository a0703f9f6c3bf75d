/**
 * The search for a nonce, as fast as JavaScript does it. Seed and nonce fit one block of SHA-256, of which the seed's half never
 * changes: the first eight rounds are done once. The other 56 are written out one after another, with their constants in
 * them and the message in variables, since arrays in the inner loop cost as much as the hash. The program is text, so that
 * a worker thread can be started from it wherever this file lies; nothing from outside can be in it.
 */

/** The first of `count` decimal nonces from `from` whose hash has that many leading zero bits (at most 64); -1: none of them. */
export type Search = (seedHex: string, bits: number, from: number, count: number) => number;

const SEED_WORDS = 8;
const ROUNDS = 64;

const primes = (count: number): number[] => {
  const found: number[] = [];
  for (let number = 2; found.length < count; number++)
    if (found.every((prime) => number % prime !== 0)) found.push(number);
  return found;
};
const fraction = (root: number): number => Math.floor((root % 1) * 2 ** 32) | 0;
const K = primes(ROUNDS).map((prime) => fraction(Math.cbrt(prime)));
const START = primes(8).map((prime) => fraction(Math.sqrt(prime)));

const turned = (word: string, by: number): string => `(${word}>>>${by}|${word}<<${32 - by})`;
const names = (count: number, name: string): string[] =>
  Array.from({ length: count }, (_, i) => `${name}${i}`);

/** One round: `state` names a to h; answers the names for the next round. */
function round(state: string[], i: number, word: string, lines: string[]): string[] {
  const [a, b, c, d, e, f, g, h] = state as [string, string, string, string, string, string, string, string];
  const sum1 = `(${turned(e, 6)}^${turned(e, 11)}^${turned(e, 25)})`;
  const sum0 = `(${turned(a, 2)}^${turned(a, 13)}^${turned(a, 22)})`;
  lines.push(
    `t=${h}+${sum1}+(${g}^${e}&(${f}^${g}))+${word}+(${K[i]})|0`,
    `${d}=${d}+t|0`,
    `${h}=t+${sum0}+(${a}&${b}|${c}&(${a}|${b}))|0`,
  );
  return [h, a, b, c, d, e, f, g];
}

/** The message's word i from the sixteen before it, in place. */
function schedule(i: number): string {
  const [x, y] = [`w${(i - 15) & 15}`, `w${(i - 2) & 15}`];
  const low = `(${turned(x, 7)}^${turned(x, 18)}^${x}>>>3)`;
  const high = `(${turned(y, 17)}^${turned(y, 19)}^${y}>>>10)`;
  return `w${i & 15}=w${i & 15}+${low}+w${(i - 7) & 15}+${high}|0`;
}

function program(): string {
  const state = [..."abcdefgh"];
  const first: string[] = [];
  let now = state;
  for (let i = 0; i < SEED_WORDS; i++) now = round(now, i, `s${i}`, first);
  const rest: string[] = [];
  for (let i = SEED_WORDS; i < ROUNDS; i++) {
    if (i >= 16) rest.push(schedule(i));
    now = round(now, i, `w${i & 15}`, rest);
  }
  const [seed, digits, kept] = [names(SEED_WORDS, "s"), names(8, "m"), names(8, "k")];
  return `(seedHex, bits, from, count) => {
  const block = new Uint8Array(64);
  for (let i = 0; i < 32; i++) block[i] = parseInt(seedHex.slice(2 * i, 2 * i + 2), 16);
  const word = (i) => block[4*i]<<24 | block[4*i+1]<<16 | block[4*i+2]<<8 | block[4*i+3];
  const [${seed.join(",")}] = [0,1,2,3,4,5,6,7].map(word);
  let length = 0;
  const write = (text) => {
    block.fill(0, 32);
    block[32] = 58;
    length = text.length;
    for (let i = 0; i < length; i++) block[33 + i] = text.charCodeAt(i);
    block[33 + length] = 128;
  };
  write(String(from));
  let t = 0;
  let [${state.join(",")}] = [${START.join(",")}];
  ${first.join(";")};
  const [${kept.join(",")}] = [${now.join(",")}];
  const high = bits > 31 ? -1 : -1 << (32 - bits), low = bits <= 32 ? 0 : bits > 63 ? -1 : -1 << (64 - bits);
  let ${names(16, "w").join(",")};
  let [${digits.join(",")}] = [8,9,10,11,12,13,14,0].map((i) => i && word(i));
  for (let tried = 0; tried < count; tried++) {
    ${seed.map((name, i) => `w${i}=${name}`).join(";")};
    ${names(7, "m")
      .map((name, i) => `w${i + 8}=${name}`)
      .join(";")};
    w15 = (33 + length) * 8;
    ${state.map((name, i) => `${name}=${kept[i]}`).join(";")};
    ${rest.join(";")};
    if (((${now[0]} + (${START[0]}) | 0) & high) === 0 && ((${now[1]} + (${START[1]}) | 0) & low) === 0) return from + tried;
    let at = 32 + length;
    while (block[at] === 57) block[at--] = 48;
    if (at > 32) block[at]++;
    else write(String(from + tried + 1));
    const from4 = at > 32 ? at >> 2 : 8;
    m6 = word(14); m5 = word(13); m4 = word(12);
    if (from4 < 12) { m3 = word(11); m2 = word(10); m1 = word(9); m0 = word(8); }
  }
  return -1;
}`;
}

/** The search as the text of a function. */
export const SEARCH: string = program();

export const search: Search = new Function(`return ${SEARCH}`)() as Search;
