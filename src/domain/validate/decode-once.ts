/** A check of history meets the same bytes again and again: as a file after one commit, before the next, and beside many. */
import { type Decoded, decode } from "../../core/codec.ts";

const known = new WeakMap<Uint8Array, { path: string; decoded: Decoded }>();

/** As decode, and remembered for as long as the bytes themselves are kept. */
export function decodeOnce(path: string, bytes: Uint8Array): Decoded {
  const seen = known.get(bytes);
  if (seen?.path === path) return seen.decoded;
  const decoded = decode(path, bytes);
  known.set(bytes, { path, decoded });
  return decoded;
}
