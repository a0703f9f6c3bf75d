/**
 * Objects in packs, read without a process: a command reads a handful of them, and to start `git cat-file` takes longer
 * than to find them. Whatever is not plainly there is left to git: other versions, large objects, packs that went away.
 */
import { closeSync, openSync, readdirSync, readSync, statSync } from "node:fs";
import { join } from "node:path";
import { inflateSync } from "node:zlib";
import type { GitObject, ObjectType, Oid } from "../ports.ts";

/** Larger ones are read by git. */
const SIZE_LIMIT = 1 << 20;
/** Git's own packs have chains of at most 50. */
const DEPTH_LIMIT = 64;
/** Looking into more packs than this takes longer than asking git. */
const PACKS_LIMIT = 20;
/** What deflate may add to what does not shrink. */
const DEFLATE_SLACK = 1024;
const OFFSETS_AT = 8 + 1024;
const TYPES: Readonly<Record<number, ObjectType>> = { 1: "commit", 2: "tree", 3: "blob" };
const OFS_DELTA = 6;
const REF_DELTA = 7;

/** Something is not as it was expected: git knows better. */
class Unreadable extends Error {}

interface Content {
  type: ObjectType;
  data: Buffer;
}

export class PackedReader {
  #packs: Pack[] | undefined;

  /** store: the bare repository. */
  constructor(readonly store: string) {}

  /** undefined: ask git. */
  read(oid: Oid): GitObject | undefined {
    try {
      this.#packs ??= openPacks(join(this.store, "objects", "pack"));
      const found = this.#find(oid, 0);
      return found && { oid, ...found };
    } catch {
      return undefined; // Packs come and go: git finds what there is.
    }
  }

  close(): void {
    for (const pack of this.#packs ?? []) pack.close();
    this.#packs = undefined;
  }

  #find(oid: Oid, depth: number): Content | undefined {
    for (const pack of this.#packs ?? []) {
      const offset = pack.offsetOf(oid);
      if (offset !== undefined) return this.#at(pack, offset, depth);
    }
    return undefined;
  }

  #at(pack: Pack, offset: number, depth: number): Content {
    if (depth > DEPTH_LIMIT) throw new Unreadable("a chain without end");
    const entry = pack.entryAt(offset);
    const type = TYPES[entry.type];
    if (type) return { type, data: entry.inflate() };
    const base =
      entry.type === OFS_DELTA
        ? this.#at(pack, offset - entry.back(), depth + 1)
        : entry.type === REF_DELTA
          ? this.#find(entry.baseOid(), depth + 1)
          : undefined;
    if (!base) throw new Unreadable("no base");
    return { type: base.type, data: applyDelta(base.data, entry.inflate()) };
  }
}

function openPacks(folder: string): Pack[] {
  const names = readdirSync(folder).filter((name) => name.endsWith(".idx"));
  if (names.length > PACKS_LIMIT) return [];
  const packs = names.map((name) => new Pack(join(folder, name.slice(0, -4))));
  // What is asked for most likely lies in the largest.
  return packs.sort((a, b) => b.size - a.size);
}

class Pack {
  readonly size: number;
  #index: number | undefined;
  #data: number | undefined;
  #fanout: Buffer | undefined;

  /** path: without its ending. */
  constructor(readonly path: string) {
    this.size = statSync(`${path}.idx`).size;
  }

  /** Where the object begins, by an index of version 2 with offsets below 2 GiB. */
  offsetOf(oid: Oid): number | undefined {
    this.#index ??= openSync(`${this.path}.idx`, "r");
    this.#fanout ??= this.#head(this.#index);
    const first = Number.parseInt(oid.slice(0, 2), 16);
    const from = first === 0 ? 0 : this.#fanout.readUInt32BE((first - 1) * 4);
    const to = this.#fanout.readUInt32BE(first * 4);
    const names = read(this.#index, OFFSETS_AT + from * 20, (to - from) * 20);
    const wanted = Buffer.from(oid, "hex");
    let [low, high] = [0, to - from];
    while (low < high) {
      const middle = (low + high) >> 1;
      const order = names.compare(wanted, 0, 20, middle * 20, middle * 20 + 20);
      if (order === 0) return this.#offset(from + middle);
      // Buffer.compare answers how names[middle] stands to what is wanted.
      if (order < 0) low = middle + 1;
      else high = middle;
    }
    return undefined;
  }

  #head(index: number): Buffer {
    const head = read(index, 0, OFFSETS_AT);
    if (head.readUInt32BE(0) !== 0xff744f63 || head.readUInt32BE(4) !== 2)
      throw new Unreadable("not version 2");
    return head.subarray(8);
  }

  #offset(place: number): number {
    const count = (this.#fanout as Buffer).readUInt32BE(255 * 4);
    const offset = read(this.#index as number, OFFSETS_AT + count * 24 + place * 4, 4).readUInt32BE(0);
    if (offset >= 2 ** 31) throw new Unreadable("a large offset");
    return offset;
  }

  entryAt(offset: number): Entry {
    this.#data ??= openSync(`${this.path}.pack`, "r");
    return new Entry(this.#data, offset);
  }

  close(): void {
    for (const file of [this.#index, this.#data]) if (file !== undefined) closeSync(file);
    [this.#index, this.#data] = [undefined, undefined];
  }
}

/** One entry of a pack: type and size, for a delta its base, and deflated bytes. */
class Entry {
  readonly type: number;
  readonly #size: number;
  #bytes: Buffer;
  #at = 0;

  constructor(
    readonly file: number,
    readonly offset: number,
  ) {
    this.#bytes = read(file, offset, 64, true);
    let byte = this.#next();
    this.type = (byte >> 4) & 7;
    let size = byte & 15;
    for (let shift = 4; byte & 0x80; shift += 7) {
      byte = this.#next();
      size += (byte & 0x7f) * 2 ** shift;
    }
    if (size > SIZE_LIMIT) throw new Unreadable("a large object");
    this.#size = size;
  }

  #next(): number {
    const byte = this.#bytes[this.#at++];
    if (byte === undefined) throw new Unreadable("cut off");
    return byte;
  }

  /** How far before this entry the delta's base begins. */
  back(): number {
    let byte = this.#next();
    let distance = byte & 0x7f;
    while (byte & 0x80) {
      byte = this.#next();
      distance = (distance + 1) * 128 + (byte & 0x7f);
    }
    return distance;
  }

  baseOid(): Oid {
    this.#at += 20;
    return this.#bytes.toString("hex", this.#at - 20, this.#at);
  }

  /** The rest, inflated. */
  inflate(): Buffer {
    const bytes = read(this.file, this.offset + this.#at, this.#size + DEFLATE_SLACK, true);
    const data = inflateSync(bytes, { maxOutputLength: SIZE_LIMIT + 1 });
    if (data.length !== this.#size) throw new Unreadable("another size");
    return data;
  }
}

/** The text that a delta makes of its base: sizes first, then copies from the base and bytes of its own. */
function applyDelta(base: Buffer, delta: Buffer): Buffer {
  let at = 0;
  const next = () => {
    const byte = delta[at++];
    if (byte === undefined) throw new Unreadable("a delta cut off");
    return byte;
  };
  const size = () => {
    let value = 0;
    for (let shift = 0, byte = 0x80; byte & 0x80; shift += 7) {
      byte = next();
      value += (byte & 0x7f) * 2 ** shift;
    }
    return value;
  };
  if (size() !== base.length) throw new Unreadable("a delta of another base");
  const length = size();
  if (length > SIZE_LIMIT) throw new Unreadable("a large object");
  const parts: Buffer[] = [];
  while (at < delta.length) {
    const op = next();
    if (op & 0x80) {
      const number = (bits: number, from: number) => {
        let value = 0;
        for (let i = 0; i < bits; i++) if (op & (1 << (from + i))) value += next() * 2 ** (8 * i);
        return value;
      };
      const start = number(4, 0);
      const count = number(3, 4) || 0x10000;
      parts.push(base.subarray(start, start + count));
    } else {
      parts.push(delta.subarray(at, at + op));
      at += op;
    }
  }
  const data = Buffer.concat(parts);
  if (data.length !== length) throw new Unreadable("another size");
  return data;
}

/** Bytes of a file; fewer only where that is said to do. */
function read(file: number, offset: number, length: number, orLess = false): Buffer {
  const bytes = Buffer.allocUnsafe(length);
  let filled = 0;
  while (filled < length) {
    const got = readSync(file, bytes, filled, length - filled, offset + filled);
    if (got === 0) break;
    filled += got;
  }
  if (filled < length && !orLess) throw new Unreadable("cut off");
  return bytes.subarray(0, filled);
}
