/** Packs, made here with their index: a few files and no process for any number of objects. */
import { createHash, randomBytes } from "node:crypto";
import { closeSync, mkdirSync, openSync, renameSync, rmSync, writeFileSync, writeSync } from "node:fs";
import { join } from "node:path";
import { deflateSync } from "node:zlib";
import type { GitObject, Oid } from "../ports.ts";

const TYPE_NUMBER = { commit: 1, tree: 2, blob: 3 } as const;
/** Offsets from here on need a table of their own in the index: more than one write ever brings. */
const OFFSET_LIMIT = 2 ** 31;

interface Entry {
  oid: Oid;
  crc: number;
  offset: number;
}

/** Writes a pack of whole objects, each once. Not synced to the disk: the store is a cache, and what was published is on the remote. */
export function writePack(store: string, objects: readonly GitObject[]): void {
  const folder = join(store, "objects", "pack");
  mkdirSync(folder, { recursive: true });
  // Git's own name for such files, so that its clean-up knows what a crash left behind.
  const temporary = join(folder, `tmp_pack_${randomBytes(8).toString("hex")}`);
  try {
    const { entries, checksum } = writeEntries(temporary, objects);
    const name = join(folder, `pack-${checksum.toString("hex")}`);
    writeFileSync(`${temporary}.idx`, packIndex(entries, checksum), { mode: 0o444 });
    // A pack is there when its index is.
    renameSync(temporary, `${name}.pack`);
    renameSync(`${temporary}.idx`, `${name}.idx`);
  } finally {
    rmSync(temporary, { force: true });
    rmSync(`${temporary}.idx`, { force: true });
  }
}

/** A pack of whole objects, to be sent. */
export function packBytes(objects: readonly GitObject[]): Buffer {
  const bytes = Buffer.concat([packHeader(objects.length), ...objects.map(entryOf)]);
  return Buffer.concat([bytes, createHash("sha1").update(bytes).digest()]);
}

function packHeader(objects: number): Buffer {
  const header = Buffer.from("PACK\0\0\0\u0002\0\0\0\0", "latin1");
  header.writeUInt32BE(objects, 8);
  return header;
}

const entryOf = ({ type, data }: GitObject): Buffer =>
  Buffer.concat([entryHeader(TYPE_NUMBER[type], data.length), deflateSync(data, { level: 1 })]);

function writeEntries(path: string, objects: readonly GitObject[]): { entries: Entry[]; checksum: Buffer } {
  const file = openSync(path, "wx", 0o444);
  try {
    const hash = createHash("sha1");
    const entries: Entry[] = [];
    let offset = 0;
    const write = (bytes: Buffer) => {
      hash.update(bytes);
      writeAll(file, bytes);
      offset += bytes.length;
    };
    write(packHeader(objects.length));
    for (const object of objects) {
      const bytes = entryOf(object);
      entries.push({ oid: object.oid, crc: crc32(bytes), offset });
      write(bytes);
      if (offset >= OFFSET_LIMIT) throw new Error("a pack of more than 2 GiB");
    }
    const checksum = hash.digest();
    writeAll(file, checksum);
    return { entries, checksum };
  } finally {
    closeSync(file);
  }
}

function writeAll(file: number, bytes: Buffer): void {
  for (let from = 0; from < bytes.length; ) from += writeSync(file, bytes, from);
}

/** Version 2: how many names begin with each byte or a lower one, the names, their checksums, their offsets. */
function packIndex(entries: readonly Entry[], packChecksum: Buffer): Buffer {
  const sorted = [...entries].sort((a, b) => (a.oid < b.oid ? -1 : 1));
  const fanout = Buffer.alloc(1024);
  const [crcs, offsets] = [Buffer.alloc(sorted.length * 4), Buffer.alloc(sorted.length * 4)];
  for (const [index, { oid, crc, offset }] of sorted.entries()) {
    fanout.writeUInt32BE(index + 1, Number.parseInt(oid.slice(0, 2), 16) * 4);
    crcs.writeUInt32BE(crc, index * 4);
    offsets.writeUInt32BE(offset, index * 4);
  }
  for (let byte = 1; byte < 256; byte++) {
    if (fanout.readUInt32BE(byte * 4) === 0) fanout.copy(fanout, byte * 4, byte * 4 - 4, byte * 4);
  }
  const names = Buffer.from(sorted.map(({ oid }) => oid).join(""), "hex");
  const body = Buffer.concat([
    Buffer.from("\xfftOc\0\0\0\u0002", "latin1"),
    fanout,
    names,
    crcs,
    offsets,
    packChecksum,
  ]);
  return Buffer.concat([body, createHash("sha1").update(body).digest()]);
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

let table: Uint32Array | undefined;

/** The checksum of zip and of git's pack index; Node 20 has none. */
function crc32(bytes: Uint8Array): number {
  table ??= Uint32Array.from({ length: 256 }, (_, byte) => {
    let value = byte;
    for (let bit = 0; bit < 8; bit++) value = value & 1 ? (value >>> 1) ^ 0xedb88320 : value >>> 1;
    return value;
  });
  let crc = 0xffffffff;
  for (const byte of bytes) crc = (crc >>> 8) ^ (table[(crc ^ byte) & 0xff] as number);
  return ~crc >>> 0;
}
