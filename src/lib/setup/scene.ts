/** What a target looks at: the repository as git and the file system show it. Writes nothing, and opens no record. */
import { readdirSync, realpathSync } from "node:fs";
import { basename, dirname, join, relative, resolve } from "node:path";
import { type Refusal, refuse } from "../../core/refusal.ts";
import { locateRepository, type Repository } from "../../engine/git/locate.ts";
import { runGit } from "../../engine/git/process.ts";
import { branchOf } from "../branch.ts";
import type { OpenOptions } from "../types.ts";
import { readText } from "./files.ts";
import type { Scene } from "./target.ts";

const ASK_TIMEOUT_MS = 10_000;
/** Names that need no quotes in scripts and in YAML. */
const PLAIN_NAME = /^[A-Za-z0-9][A-Za-z0-9._/@+-]*$/;

export async function openScene(place: OpenOptions): Promise<Scene | Refusal> {
  const repository = locateRepository(place.dir);
  if (!repository) return refuse("no_repository", `${place.dir} is not inside a git repository.`);
  const cwd = repository.toplevel ?? repository.gitDir;
  const git = async (...args: string[]): Promise<string | undefined> => {
    const done = await runGit(args, { cwd, timeoutMs: ASK_TIMEOUT_MS });
    return done.code === 0 ? done.stdout.trim() : undefined;
  };
  const settings = new Map<string, string | undefined>();
  for (const key of ["owp.branch", "owp.queue"]) settings.set(key, await git("config", "--get", key));
  const named = branchOf(place, (key) => settings.get(key) || undefined);
  if (!named.ok) return named;
  const { branch } = named;
  if (!PLAIN_NAME.test(branch))
    return refuse("usage", `"${branch}" is no branch name that can stand in scripts. Nothing was written.`, {
      hint: "owp help init",
    });
  const remotes = (await git("remote"))?.split("\n").filter((name) => name !== "") ?? [];
  const wanted = place.remote ?? ((await git("config", "--get", "owp.remote")) || "origin");
  const remote = remotes.includes(wanted) ? wanted : remotes[0];
  return {
    repository,
    branch,
    hasRemote: remote !== undefined,
    defaultBranch: async () => {
      const name = await defaultBranch(git, remote, branch);
      return PLAIN_NAME.test(name) ? name : "main";
    },
    hooks: async () =>
      ownHooks(repository, resolve(cwd, (await git("rev-parse", "--git-path", "hooks")) ?? "hooks")),
    read: (path) => (repository.toplevel === null ? undefined : readText(join(repository.toplevel, path))),
    list: (path) => namesIn(join(cwd, path)),
  };
}

type Git = (...args: string[]) => Promise<string | undefined>;

/** What the clone was told when it was made, else what the remote says now, else what is checked out. */
async function defaultBranch(git: Git, remote: string | undefined, record: string): Promise<string> {
  if (remote !== undefined) {
    const known = await git("symbolic-ref", "--quiet", "--short", `refs/remotes/${remote}/HEAD`);
    if (known) return known.slice(remote.length + 1);
    const told = /^ref: refs\/heads\/(\S+)\tHEAD$/m.exec(
      (await git("ls-remote", "--symref", remote, "HEAD")) ?? "",
    );
    if (told?.[1]) return told[1];
  }
  const here = await git("symbolic-ref", "--quiet", "--short", "HEAD");
  return here && here !== record ? here : "main";
}

/** core.hooksPath may lead to a folder that serves every repository of the user. */
function ownHooks(repository: Repository, path: string): string | Refusal {
  // husky fills this folder itself, and runs the hooks of the one above it.
  const folder = basename(path) === "_" && basename(dirname(path)) === ".husky" ? dirname(path) : path;
  const roots = [repository.commonDir, repository.toplevel].filter((root) => root !== null);
  if (roots.some((root) => isBelow(root, folder))) return folder;
  return refuse(
    "setup_blocked",
    `git runs the hooks of ${folder} here (core.hooksPath), which is no folder of this repository: others may share it. Nothing was written.`,
    { hint: "git config core.hooksPath .git/hooks gives this repository hooks of its own" },
  );
}

/** The nearest folder that exists decides: links are followed. */
export function isBelow(root: string, path: string): boolean {
  let at = path;
  for (;;) {
    try {
      const way = relative(realpathSync(root), realpathSync(at));
      return way === "" || !(way.startsWith("..") || resolve(way) === way);
    } catch {
      if (dirname(at) === at) return false;
      at = dirname(at);
    }
  }
}

function namesIn(folder: string): string[] {
  try {
    return readdirSync(folder).sort();
  } catch {
    return [];
  }
}
