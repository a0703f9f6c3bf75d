/** What owp takes from the user's git config: how to reach a server, and nothing else. One git process, and only after a change. */
import { createHash } from "node:crypto";
import { homedir } from "node:os";
import { join, resolve } from "node:path";
import type { Refusal } from "../../core/refusal.ts";
import { faultOf, faultRefusal } from "./errors.ts";
import type { Repository } from "./locate.ts";
import { runGit } from "./process.ts";
import { readSettingsCache, stateOf, writeSettingsCache } from "./settings-cache.ts";
import type { GitStore } from "./store.ts";

/** A key in git's own spelling (section and last part in lower case) and its value. */
export type ConfigEntry = [key: string, value: string];

export interface Settings {
  /** For every git process that talks to the remote: what only this repository's config says of credentials, ssh, http. */
  carried: ConfigEntry[];
  /** remote.*, url.*, owp.* and user.* of all scopes, in git's order. */
  entries: ConfigEntry[];
}

interface Listed {
  scope: string;
  /** The config file. */
  origin: string;
  key: string;
  value: string;
}

const CARRIED = /^(?:credential|http|ssh|protocol)\.|^core\.(?:sshcommand|gitproxy|askpass)$/;
const LOOKED_AT = /^(?:remote|url|owp|user)\./;
const CONFIG_TIMEOUT_MS = 10_000;

/** The settings of a repository, from the cache where no config file has changed since. */
export async function readSettings(repository: Repository, store: GitStore): Promise<Settings | Refusal> {
  const name = createHash("sha1").update(repository.gitDir).digest("hex").slice(0, 12);
  const cachePath = join(repository.commonDir, "owp", "settings", `${name}.json`);
  const cached = readSettingsCache(cachePath);
  if (cached) return cached;

  const cwd = repository.toplevel ?? repository.gitDir;
  const listed = await listConfig(cwd, []);
  if ("ok" in listed) return listed;
  if (!listed.some(({ scope }) => scope === "local")) {
    const distrusted = await askWhy(cwd);
    if (distrusted) return distrusted;
  }
  const files = [...new Set([...usualFiles(repository), ...listed.map(({ origin }) => origin)])];
  const state = stateOf(files);
  // Conditional includes of the user's own config may hold for this repository and not for the store.
  const conditional = listed.some(({ key }) => key.startsWith("includeif."));
  const inStore = conditional ? await listConfig(store.path, ["--git-dir", store.path]) : [];
  if ("ok" in inStore) return inStore;
  const seen = conditional ? new Set(inStore.map(({ origin }) => origin)) : undefined;
  const carried = listed.filter(
    ({ key, scope, origin }) =>
      CARRIED.test(key) &&
      (scope === "local" || scope === "worktree" || (seen !== undefined && !seen.has(origin))),
  );
  const settings: Settings = {
    carried: carried.map(({ key, value }) => [key, value]),
    entries: listed.filter(({ key }) => LOOKED_AT.test(key)).map(({ key, value }) => [key, value]),
  };
  writeSettingsCache(cachePath, { state, files, settings });
  return settings;
}

/** The last value of a key, or undefined. */
export function settingOf(settings: Settings, key: string): string | undefined {
  return settings.entries.findLast(([each]) => each === key)?.[1];
}

async function listConfig(cwd: string, before: string[]): Promise<Listed[] | Refusal> {
  const args = [...before, "config", "--list", "--includes", "-z", "--show-scope", "--show-origin"];
  const done = await runGit(args, { cwd, timeoutMs: CONFIG_TIMEOUT_MS });
  if (done.code !== 0) return faultRefusal(faultOf(done), { remote: cwd, branch: "", doing: "read" });
  const fields = done.stdout.split("\0");
  const listed: Listed[] = [];
  for (let at = 0; at + 2 < fields.length; at += 3) {
    const [scope, origin, entry] = fields.slice(at, at + 3) as [string, string, string];
    const split = entry.indexOf("\n");
    // A key without "=" means true.
    const [key, value] = split < 0 ? [entry, "true"] : [entry.slice(0, split), entry.slice(split + 1)];
    listed.push({
      scope,
      origin: origin.startsWith("file:") ? resolve(cwd, origin.slice(5)) : origin,
      key,
      value,
    });
  }
  return listed;
}

/** Git leaves out the config of a repository that it does not trust, without a word; asked directly it says why. */
async function askWhy(cwd: string): Promise<Refusal | undefined> {
  const done = await runGit(["rev-parse", "--git-dir"], { cwd, timeoutMs: CONFIG_TIMEOUT_MS });
  return done.code === 0
    ? undefined
    : faultRefusal(faultOf(done), { remote: cwd, branch: "", doing: "read" });
}

/** The files that git reads, and those that it would read if they were there. */
function usualFiles(repository: Repository): string[] {
  const { GIT_CONFIG_GLOBAL, GIT_CONFIG_SYSTEM, XDG_CONFIG_HOME } = process.env;
  return [
    join(repository.commonDir, "config"),
    join(repository.gitDir, "config.worktree"),
    join(repository.gitDir, "HEAD"),
    GIT_CONFIG_SYSTEM ?? "/etc/gitconfig",
    ...(GIT_CONFIG_GLOBAL
      ? [GIT_CONFIG_GLOBAL]
      : [
          join(homedir(), ".gitconfig"),
          join(XDG_CONFIG_HOME || join(homedir(), ".config"), "git", "config"),
        ]),
  ];
}
