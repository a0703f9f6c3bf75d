/** The bytes of a pack, made here and handed to `git index-pack`: one process for any number of objects. */
import { createHash } from "node:crypto";
import { deflateSync } from "node:zlib";
import type { GitObject } from "../ports.ts";

const TYPE_NUMBER = { commit: 1, tree: 2, blob: 3 } as const;

/** A version 2 pack of whole objects, in pieces. */
export function* packBytes(objects: readonly GitObject[]): Generator<Uint8Array> {
  const hash = createHash("sha1");
  const emit = (bytes: Uint8Array) => {
    hash.update(bytes);
    return bytes;
  };
  const header = Buffer.from("PACK\0\0\0\u0002\0\0\0\0", "latin1");
  header.writeUInt32BE(objects.length, 8);
  yield emit(header);
  for (const { type, data } of objects) {
    yield emit(Buffer.concat([entryHeader(TYPE_NUMBER[type], data.length), deflateSync(data, { level: 1 })]));
  }
  yield hash.digest();
}

/** Type and size: four bits of the size beside the type, then seven a byte, the lowest first. */
function entryHeader(type: number, size: number): Buffer {
  const bytes: number[] = [];
  let byte = (type << 4) | (size & 15);
  for (let rest = Math.floor(size / 16); rest > 0; rest = Math.floor(rest / 128)) {
    bytes.push(byte | 0x80);
    byte = rest & 0x7f;
  }
  return Buffer.from([...bytes, byte]);
}
