/** Loose objects, read and written without a process. */
import { randomBytes } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { deflateSync, inflateSync } from "node:zlib";
import type { GitObject, ObjectType, Oid } from "../ports.ts";
import { OBJECT_LIMIT_BYTES } from "./limits.ts";

/**
 * Writes an object so that it is there whole or not at all. Not synced to the disk: the store is a cache, and what was
 * published is on the remote.
 */
export function writeLoose(store: string, object: GitObject): void {
  const folder = join(store, "objects", object.oid.slice(0, 2));
  const path = join(folder, object.oid.slice(2));
  if (existsSync(path)) return;
  // Git's own name for such files, so that its clean-up knows what a crash left behind.
  const temporary = join(folder, `tmp_obj_${randomBytes(8).toString("hex")}`);
  const bytes = deflateSync(
    Buffer.concat([Buffer.from(`${object.type} ${object.data.length}\0`), object.data]),
    { level: 1 },
  );
  try {
    writeFileSync(temporary, bytes, { mode: 0o444, flag: "wx" });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ENOENT") throw error;
    mkdirSync(folder, { recursive: true });
    writeFileSync(temporary, bytes, { mode: 0o444, flag: "wx" });
  }
  try {
    renameSync(temporary, path);
  } catch (error) {
    rmSync(temporary, { force: true });
    if (!existsSync(path)) throw error;
  }
}

/** The object, where it is loose, intact and not oversized; undefined leaves it to git. */
export function readLoose(store: string, oid: Oid): GitObject | undefined {
  try {
    const file = readFileSync(join(store, "objects", oid.slice(0, 2), oid.slice(2)));
    const bytes = inflateSync(file, { maxOutputLength: OBJECT_LIMIT_BYTES });
    const end = bytes.indexOf(0);
    const header = /^(blob|tree|commit) (\d+)$/.exec(bytes.toString("latin1", 0, end));
    if (!header || Number(header[2]) !== bytes.length - end - 1) return undefined;
    return { oid, type: header[1] as ObjectType, data: bytes.subarray(end + 1) };
  } catch {
    return undefined;
  }
}
