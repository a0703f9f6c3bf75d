/** SHA-256 (FIPS 180-4) of a text's UTF-8 bytes: plans need it at once and without any package of a platform. */

const ROUND = roots(64, 1 / 3);
const START = roots(8, 1 / 2);
const BLOCK = 64;

/** 64 hexadecimal digits. */
export function sha256(text: string): string {
  const hash = Uint32Array.from(START);
  const bytes = padded(new TextEncoder().encode(text));
  for (let at = 0; at < bytes.byteLength; at += BLOCK) mix(hash, bytes, at);
  return [...hash].map((word) => word.toString(16).padStart(8, "0")).join("");
}

/** The first 32 bits of the fractional parts of the first primes' roots. */
function roots(count: number, power: number): number[] {
  const found: number[] = [];
  for (let number = 2; found.length < count; number++) {
    let divisor = 2;
    while (divisor * divisor <= number && number % divisor !== 0) divisor++;
    if (divisor * divisor > number) found.push(Math.floor((number ** power % 1) * 2 ** 32));
  }
  return found;
}

/** The message, a one, zeros, and its length in bits. */
function padded(message: Uint8Array): DataView {
  const view = new DataView(new ArrayBuffer(Math.ceil((message.length + 9) / BLOCK) * BLOCK));
  new Uint8Array(view.buffer).set(message);
  view.setUint8(message.length, 0x80);
  view.setUint32(view.byteLength - 8, Math.floor(message.length / 2 ** 29));
  view.setUint32(view.byteLength - 4, message.length << 3);
  return view;
}

type Eight = [number, number, number, number, number, number, number, number];

const turn = (word: number, by: number): number => (word >>> by) | (word << (32 - by));

function mix(hash: Uint32Array, bytes: DataView, at: number): void {
  const words = new Uint32Array(BLOCK);
  for (let i = 0; i < BLOCK; i++) {
    if (i < 16) words[i] = bytes.getUint32(at + 4 * i);
    else {
      const [early, late] = [words[i - 15] as number, words[i - 2] as number];
      const low = turn(early, 7) ^ turn(early, 18) ^ (early >>> 3);
      const high = turn(late, 17) ^ turn(late, 19) ^ (late >>> 10);
      words[i] = (words[i - 16] as number) + low + (words[i - 7] as number) + high;
    }
  }
  let [a, b, c, d, e, f, g, h] = [...hash] as Eight;
  for (let i = 0; i < BLOCK; i++) {
    const choice = (e & f) ^ (~e & g);
    const first = h + (turn(e, 6) ^ turn(e, 11) ^ turn(e, 25)) + choice + (ROUND[i] as number);
    const one = (first + (words[i] as number)) | 0;
    const two = (turn(a, 2) ^ turn(a, 13) ^ turn(a, 22)) + ((a & b) ^ (a & c) ^ (b & c));
    [h, g, f, e, d, c, b, a] = [g, f, e, (d + one) | 0, c, b, a, (one + two) | 0];
  }
  for (const [i, word] of [a, b, c, d, e, f, g, h].entries()) hash[i] = (hash[i] as number) + word;
}
