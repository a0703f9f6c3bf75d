/** Finds the repository around a folder by reading its files, as git would, without starting a process. */
import { existsSync, readFileSync, realpathSync, statSync } from "node:fs";
import { basename, dirname, join, resolve } from "node:path";

export interface Repository {
  /** The git dir of this worktree. */
  gitDir: string;
  /** The git dir that all worktrees share; `owp/` lies in it. */
  commonDir: string;
  /** The folder of the checkout; null for a bare repository. */
  toplevel: string | null;
  /** The linked worktree's name as git knows it, else the name of the checkout's folder. */
  worktree: string;
  /** The checkout is a linked worktree. */
  linked: boolean;
  /** The name of the clone's own folder, which its worktrees share. */
  folder: string;
  objectFormat: "sha1" | "sha256";
  bare: boolean;
}

/** The repository that the folder lies in; undefined where there is none. GIT_DIR is not asked: hooks set it. */
export function locateRepository(folder: string): Repository | undefined {
  let at: string;
  try {
    at = realpathSync(folder);
  } catch {
    return undefined;
  }
  for (;;) {
    const dotGit = join(at, ".git");
    const gitDir = readGitFile(dotGit) ?? dotGit;
    if (isGitDir(gitDir)) return describe(realpathSync(gitDir), at);
    if (isGitDir(at)) return describe(at, null);
    const parent = dirname(at);
    if (parent === at) return undefined;
    at = parent;
  }
}

function describe(gitDir: string, checkout: string | null): Repository {
  const commonDir = commonDirOf(gitDir);
  const linked = commonDir !== gitDir;
  const config = readText(join(commonDir, "config")) ?? "";
  const bare = !linked && /^\s*bare\s*=\s*true/im.test(config);
  const toplevel = bare ? null : (checkout ?? (basename(gitDir) === ".git" ? dirname(gitDir) : null));
  const place = linked ? gitDir : (toplevel ?? checkout ?? gitDir);
  const own = basename(commonDir) === ".git" ? dirname(commonDir) : commonDir;
  return {
    gitDir,
    commonDir,
    toplevel,
    worktree: nameOf(place),
    linked,
    folder: nameOf(own),
    objectFormat: /^\s*objectformat\s*=\s*"?sha256/im.test(config) ? "sha256" : "sha1",
    bare,
  };
}

const nameOf = (folder: string): string => basename(folder).replace(/\.git$/, "");

/** Where a `.git` file points: a linked worktree, a submodule, or a repository kept elsewhere. */
function readGitFile(path: string): string | undefined {
  const target = /^gitdir: (.+?)\s*$/.exec(
    statSync(path, { throwIfNoEntry: false })?.isFile() ? (readText(path) ?? "") : "",
  );
  return target?.[1] === undefined ? undefined : resolve(dirname(path), target[1]);
}

function commonDirOf(gitDir: string): string {
  const common = readText(join(gitDir, "commondir"));
  return common === undefined ? gitDir : realpathSync(resolve(gitDir, common.trim()));
}

/** Git's own test: a HEAD, objects and refs, the last two in the common dir. */
function isGitDir(path: string): boolean {
  if (!existsSync(join(path, "HEAD"))) return false;
  try {
    const common = commonDirOf(path);
    return existsSync(join(common, "objects")) && existsSync(join(common, "refs"));
  } catch {
    return false;
  }
}

function readText(path: string): string | undefined {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return undefined;
  }
}
