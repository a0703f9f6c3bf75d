/**
 * Loads the program with V8's cache of compiled code: to compile it anew takes longer than most commands run. The cache
 * lies beside the program, or in the user's cache folder where that cannot be written, and can be lost at any time.
 */
import { mkdirSync, readFileSync, renameSync, statSync, writeFileSync } from "node:fs";
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

export interface Program<T> {
  exports: T;
  /** Keeps what a command compiled for the next process, unless that is there already. */
  keep(command: string): void;
}

/** file: a CommonJS bundle in ASCII. hash: of its content, since V8 itself looks at its length only. */
export function loadProgram<T>(file: string, hash: string): Program<T> {
  const folders = cacheFolders(file);
  const name = `program-${process.version}-${process.arch}.cache`;
  const found = folders
    .map((folder) => readCache(join(folder, name), hash))
    .find((cache) => cache !== undefined);
  const source = `(function(exports,require,module){${readFileSync(file, "latin1")}\n})`;
  const script = new Script(source, { filename: file, ...(found && { cachedData: found.data }) });
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
    const header = JSON.parse(bytes.toString("utf8", 0, end)) as Omit<Cache, "data">;
    return header.program === hash ? { ...header, data: bytes.subarray(end + 1) } : undefined;
  } catch {
    return undefined;
  }
}

function writeCache(folder: string, name: string, { data, ...header }: Cache): boolean {
  const aside = join(folder, `${name}.${process.pid}.tmp`);
  try {
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    writeFileSync(aside, Buffer.concat([Buffer.from(`${JSON.stringify(header)}\n`), data]));
    renameSync(aside, join(folder, name));
    return true;
  } catch {
    return false;
  }
}
