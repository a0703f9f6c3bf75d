/** Remembers what was read from the git config, for as long as no config file changes: a git process costs milliseconds. */
import { randomBytes } from "node:crypto";
import { mkdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import type { Settings } from "./settings.ts";

interface Cached {
  /** Of the files and of the environment, when it was read. */
  state: string;
  files: string[];
  settings: Settings;
}

const FORMAT = 1;

/** The settings, where they are still those of the files. */
export function readSettingsCache(path: string): Settings | undefined {
  try {
    const cached = JSON.parse(readFileSync(path, "utf8")) as Cached;
    return cached.state === stateOf(cached.files) ? cached.settings : undefined;
  } catch {
    return undefined;
  }
}

/** Stores the settings, for this user's eyes: a header of http may be a token. Where it cannot, nothing is lost. */
export function writeSettingsCache(path: string, cached: Cached): void {
  const temporary = `${path}.${randomBytes(6).toString("hex")}`;
  try {
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(temporary, JSON.stringify(cached), { mode: 0o600 });
    renameSync(temporary, path);
  } catch {
    rmSync(temporary, { force: true });
  }
}

/** Changes whenever one of the files, or what chooses them, does. */
export function stateOf(files: readonly string[]): string {
  const { HOME, XDG_CONFIG_HOME, GIT_CONFIG_GLOBAL, GIT_CONFIG_SYSTEM, GIT_CONFIG_NOSYSTEM } = process.env;
  const states = files.map((file) => {
    const stat = statSync(file, { throwIfNoEntry: false, bigint: true });
    return stat ? `${stat.mtimeNs}/${stat.size}/${stat.ino}` : "-";
  });
  return JSON.stringify([
    FORMAT,
    HOME,
    XDG_CONFIG_HOME,
    GIT_CONFIG_GLOBAL,
    GIT_CONFIG_SYSTEM,
    GIT_CONFIG_NOSYSTEM,
    states,
  ]);
}
