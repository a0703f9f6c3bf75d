/**
 * Loads the program with V8's cache of compiled code: to compile it anew takes longer than most commands run. The cache
 * lies beside the program, or in the user's cache folder where that cannot be written, and can be lost at any time.
 */
import { createHash } from "node:crypto";
import { mkdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { Script } from "node:vm";

interface Cache {
  /** The program's hash. */
  program: string;
  /** Commands that have run: the functions that they called are in the cache. */
  commands: string[];
  data: Buffer;
}

interface Header extends Omit<Cache, "data"> {
  /** Of the data: V8 runs what it is given, and garbled code ends the process. */
  sha1: string;
}

export interface Program<T> {
  exports: T;
  /** Keeps what a command compiled for the next process, unless that is there already. */
  keep(command: string): void;
}

/**
 * file: a function of (exports, require, module) in ASCII. hash: of its content, since V8 itself looks at its length
 * only.
 */
export function loadProgram<T>(file: string, hash: string): Program<T> {
  const folders = cacheFolders(file);
  const name = `program-${process.version}-${process.arch}.cache`;
  let found: Cache | undefined;
  for (const folder of folders) found ??= readCache(join(folder, name), hash);
  const script = new Script(readFileSync(file, "latin1"), {
    filename: file,
    ...(found && { cachedData: found.data }),
  });
  const cache = script.cachedDataRejected ? undefined : found;
  const module = { exports: {} };
  script.runInThisContext()(module.exports, createRequire(file), module);
  const keep = (command: string) => {
    const commands = cache?.commands ?? [];
    if (commands.includes(command)) return;
    const next = { program: hash, commands: [...commands, command], data: script.createCachedData() };
    folders.some((folder) => writeCache(folder, name, next));
  };
  return { exports: module.exports as T, keep };
}

function cacheFolders(file: string): string[] {
  const { XDG_CACHE_HOME, HOME } = process.env;
  const user = XDG_CACHE_HOME || (HOME && join(HOME, ".cache"));
  return [dirname(file), ...(user ? [join(user, "owp")] : [])];
}

/** A header line of JSON, then V8's bytes. What another user wrote is code that another user chose. */
function readCache(path: string, hash: string): Cache | undefined {
  try {
    const { uid } = statSync(path);
    if (process.getuid && uid !== 0 && uid !== process.getuid()) return undefined;
    const bytes = readFileSync(path);
    const end = bytes.indexOf(0x0a);
    const { sha1, ...header } = JSON.parse(bytes.toString("utf8", 0, end)) as Header;
    const data = bytes.subarray(end + 1);
    return header.program === hash && sha1 === sha1Of(data) ? { ...header, data } : undefined;
  } catch {
    return undefined;
  }
}

const sha1Of = (data: Buffer): string => createHash("sha1").update(data).digest("hex");

function writeCache(folder: string, name: string, { data, ...rest }: Cache): boolean {
  const header: Header = { ...rest, sha1: sha1Of(data) };
  const aside = join(folder, `${name}.${process.pid}.tmp`);
  try {
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    writeFileSync(aside, Buffer.concat([Buffer.from(`${JSON.stringify(header)}\n`), data]));
    renameSync(aside, join(folder, name));
    return true;
  } catch {
    rmSync(aside, { force: true });
    return false;
  }
}
