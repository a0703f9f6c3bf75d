/** Reads a whole pack at once: objects from bytes, deltas resolved. For packs of a record, which fit in memory. */
import { createHash } from "node:crypto";
import { inflateSync } from "node:zlib";
import { objectOf } from "../objects.ts";
import type { GitObject, ObjectType, Oid } from "../ports.ts";

/** A larger object is refused: no file of a record is nearly so large. */
const OBJECT_LIMIT_BYTES = 32 * 1024 * 1024;
const HEADER_BYTES = 12;
const HASH_BYTES = 20;
/** Pack types by number; 5 is unused, 4 is a tag, which no record has. */
const TYPES: Record<number, ObjectType> = { 1: "commit", 2: "tree", 3: "blob" };
const TAG = 4;
const DELTA_BY_OFFSET = 6;
const DELTA_BY_NAME = 7;

interface Entry {
  at: number;
  type: number;
  data: Buffer;
  /** A delta's base: where it starts in this pack, or its name. */
  base?: number | Oid;
}

/** Every object of a pack. outside: looks up the base of a delta that is not in it. Throws where the pack is damaged. */
export function unpack(pack: Buffer, outside: (oid: Oid) => GitObject | undefined): GitObject[] {
  if (pack.toString("latin1", 0, 4) !== "PACK" || pack.readUInt32BE(4) !== 2)
    throw new Error("not a git pack of version 2");
  const end = pack.length - HASH_BYTES;
  const hash = createHash("sha1").update(pack.subarray(0, end)).digest();
  if (!hash.equals(pack.subarray(end))) throw new Error("the pack was damaged on its way");
  const entries: Entry[] = [];
  const count = pack.readUInt32BE(8);
  for (let at = HEADER_BYTES; entries.length < count; ) {
    const { entry, next } = readEntry(pack, at, end);
    entries.push(entry);
    at = next;
  }
  return resolve(entries, outside);
}

function readEntry(pack: Buffer, at: number, end: number): { entry: Entry; next: number } {
  let pos = at;
  const byte = () => {
    if (pos >= end) throw new Error("the pack ends in the middle of an object");
    return pack[pos++] as number;
  };
  let current = byte();
  const type = (current >> 4) & 7;
  let size = current & 15;
  for (let factor = 16; current & 0x80; factor *= 128) {
    current = byte();
    size += (current & 0x7f) * factor;
  }
  if (size > OBJECT_LIMIT_BYTES)
    throw new Error(`the pack holds an object of ${size} bytes, more than a record's file may have`);
  const entry: Entry = { at, type, data: Buffer.alloc(0) };
  if (type === DELTA_BY_OFFSET) {
    current = byte();
    let back = current & 0x7f;
    while (current & 0x80) {
      current = byte();
      back = (back + 1) * 128 + (current & 0x7f);
    }
    entry.base = at - back;
  } else if (type === DELTA_BY_NAME) {
    entry.base = pack.toString("hex", pos, pos + HASH_BYTES);
    pos += HASH_BYTES;
  }
  const inflated = inflateSync(pack.subarray(pos, end), {
    info: true,
    maxOutputLength: Math.max(1, size),
    chunkSize: Math.max(64, size),
  }) as unknown as { buffer: Buffer; engine: { bytesWritten: number } };
  if (inflated.buffer.length !== size) throw new Error("an object of the pack is not as long as it says");
  entry.data = inflated.buffer;
  return { entry, next: pos + inflated.engine.bytesWritten };
}

/** Applies deltas to their bases, however deep, until all are whole. */
function resolve(entries: readonly Entry[], outside: (oid: Oid) => GitObject | undefined): GitObject[] {
  const byOffset = new Map<number, GitObject>();
  const byName = new Map<Oid, GitObject>();
  let waiting = entries.filter((entry) => entry.type !== TAG);
  while (waiting.length > 0) {
    const still: Entry[] = [];
    for (const entry of waiting) {
      const object = whole(entry, byOffset, (oid) => byName.get(oid) ?? outside(oid));
      if (!object) still.push(entry);
      else {
        byOffset.set(entry.at, object);
        byName.set(object.oid, object);
      }
    }
    if (still.length === waiting.length) throw new Error("the pack holds a delta whose base is missing");
    waiting = still;
  }
  return [...byName.values()];
}

/** undefined: its base is not whole yet. */
function whole(
  entry: Entry,
  byOffset: ReadonlyMap<number, GitObject>,
  named: (oid: Oid) => GitObject | undefined,
): GitObject | undefined {
  if (entry.base === undefined) {
    const type = TYPES[entry.type];
    if (!type) throw new Error(`the pack holds an object of the unknown type ${entry.type}`);
    return objectOf(type, entry.data);
  }
  const base = typeof entry.base === "number" ? byOffset.get(entry.base) : named(entry.base);
  return base && objectOf(base.type, applyDelta(asBuffer(base.data), entry.data));
}

/** Git's delta: copies from the base and bytes of its own. */
function applyDelta(base: Buffer, delta: Buffer): Buffer {
  let pos = 0;
  const size = () => {
    let value = 0;
    for (let factor = 1; ; factor *= 128) {
      const byte = delta[pos++] ?? 0;
      value += (byte & 0x7f) * factor;
      if (!(byte & 0x80)) return value;
    }
  };
  if (size() !== base.length) throw new Error("a delta of the pack does not fit its base");
  const target = size();
  if (target > OBJECT_LIMIT_BYTES)
    throw new Error(`the pack holds an object of ${target} bytes, more than a record's file may have`);
  const parts: Buffer[] = [];
  const number = (flags: number, bytes: number) => {
    let value = 0;
    for (let i = 0; i < bytes; i++) if (flags & (1 << i)) value += (delta[pos++] ?? 0) * 256 ** i;
    return value;
  };
  while (pos < delta.length) {
    const op = delta[pos++] as number;
    if (op & 0x80) {
      const from = number(op, 4);
      const length = number(op >> 4, 3) || 0x10000;
      parts.push(base.subarray(from, from + length));
    } else {
      parts.push(delta.subarray(pos, pos + op));
      pos += op;
    }
  }
  const data = Buffer.concat(parts);
  if (data.length !== target) throw new Error("a delta of the pack does not give what it says");
  return data;
}

const asBuffer = (data: Uint8Array): Buffer => Buffer.from(data.buffer, data.byteOffset, data.byteLength);
