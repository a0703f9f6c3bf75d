/** The environment of a git process: what the user set to reach a server stays, what points at a repository goes. */
import { realpathSync } from "node:fs";
import { join, sep } from "node:path";
import { isatty } from "node:tty";

/** Variables of git that say how to reach and trust a server, or where the user's own config lies. All others go. */
const KEPT = new Set([
  "GIT_ALLOW_PROTOCOL",
  "GIT_ASKPASS",
  "GIT_CEILING_DIRECTORIES",
  "GIT_CONFIG_GLOBAL",
  "GIT_CONFIG_NOSYSTEM",
  "GIT_CONFIG_SYSTEM",
  "GIT_EXEC_PATH",
  "GIT_PROTOCOL_FROM_USER",
  "GIT_PROXY_COMMAND",
  "GIT_SSH",
  "GIT_SSH_COMMAND",
  "GIT_SSH_VARIANT",
  "GIT_TERMINAL_PROMPT",
]);
const KEPT_PREFIX = /^GIT_(HTTP|SSL|PROXY_SSL)_/;

/** True where a person sits at the terminal and can answer a question for a password. */
export const isInteractive = (): boolean => isatty(0) && isatty(2);

/**
 * The environment for git, made from the given one. Everything in `git rev-parse --local-env-vars` is cleared, and
 * with it GIT_INDEX_FILE, GIT_NAMESPACE, GIT_QUARANTINE_PATH and whatever else a hook hands down; traces would mix
 * with git's words. The config entries count for this process alone, and not for a server on the same machine.
 */
export function gitEnvironment(
  config: readonly (readonly [key: string, value: string])[] = [],
  from: NodeJS.ProcessEnv = process.env,
): NodeJS.ProcessEnv {
  const env: NodeJS.ProcessEnv = {};
  for (const [name, value] of Object.entries(from)) {
    if (!name.startsWith("GIT_") || KEPT.has(name) || KEPT_PREFIX.test(name)) env[name] = value;
  }
  env.LC_ALL = "C";
  env.LANGUAGE = "";
  env.GIT_OPTIONAL_LOCKS = "0";
  env.GIT_NO_REPLACE_OBJECTS = "1";
  if (!isInteractive()) env.GIT_TERMINAL_PROMPT ??= "0";
  if (config.length > 0) env.GIT_CONFIG_COUNT = String(config.length);
  for (const [index, [key, value]] of config.entries()) {
    env[`GIT_CONFIG_KEY_${index}`] = key;
    env[`GIT_CONFIG_VALUE_${index}`] = value;
  }
  return env;
}

/** Where git keeps what a push brings until the receiving hooks have agreed to it. */
const QUARANTINE = ["GIT_QUARANTINE_PATH", "GIT_OBJECT_DIRECTORY", "GIT_ALTERNATE_OBJECT_DIRECTORIES"];

/**
 * For a process that only reads objects of this repository: empty but in a hook that git runs while it receives a push
 * here, where the pushed objects lie apart. Anything that names another repository stays out.
 */
export function quarantineOf(gitDir: string, from: NodeJS.ProcessEnv = process.env): NodeJS.ProcessEnv {
  const apart = from.GIT_QUARANTINE_PATH;
  if (!apart) return {};
  try {
    if (!realpathSync(apart).startsWith(`${realpathSync(join(gitDir, "objects"))}${sep}`)) return {};
  } catch {
    return {};
  }
  return Object.fromEntries(QUARANTINE.map((name) => [name, from[name]]));
}
