/** Keeps the store small: its own gc is off, so that no command waits for it, and is run in the background when due. */
import { spawn } from "node:child_process";
import { existsSync, readdirSync, statSync } from "node:fs";
import { join } from "node:path";
import { gitEnvironment } from "./environment.ts";

/** Loose objects and packs above which it is due; git's own numbers. */
const LOOSE_DUE = 6700;
const PACKS_DUE = 50;
/** Objects are spread evenly over so many folders, so that one of them tells the number in all. */
const FOLDERS = 256;
/** What a failed gc left to say is respected for so long, as git does. */
const LOG_RESPECTED_MS = 86_400_000;

/** Starts git's gc for the store where it is due, and does not wait for it. Answers whether it did. */
export function maintainStore(store: string): boolean {
  if (!isDue(store)) return false;
  const config = {
    "gc.auto": LOOSE_DUE,
    "gc.autoPackLimit": PACKS_DUE,
    // Objects of a change that is on its way have no ref yet.
    "gc.pruneExpire": "2.weeks.ago",
    // Fetches read their refs as files.
    "gc.packRefs": "false",
  };
  const options = Object.entries(config).flatMap(([key, value]) => ["-c", `${key}=${value}`]);
  spawn("git", ["--git-dir", store, ...options, "gc", "--auto", "--quiet"], {
    cwd: store,
    env: gitEnvironment(),
    stdio: "ignore",
    detached: true,
    windowsHide: true,
  })
    .on("error", () => {}) // The store works without.
    .unref();
  return true;
}

function isDue(store: string): boolean {
  const log = statSync(join(store, "gc.log"), { throwIfNoEntry: false });
  if (existsSync(join(store, "gc.pid")) || (log && log.mtimeMs > Date.now() - LOG_RESPECTED_MS)) return false;
  const packs = count(join(store, "objects", "pack"), /\.pack$/);
  return packs > PACKS_DUE || count(join(store, "objects", "17"), /^[0-9a-f]{38}$/) * FOLDERS > LOOSE_DUE;
}

function count(folder: string, pattern: RegExp): number {
  return existsSync(folder) ? readdirSync(folder).filter((name) => pattern.test(name)).length : 0;
}
