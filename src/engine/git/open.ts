/** Opens the clone's store, and makes it first where there is none. */
import { randomBytes } from "node:crypto";
import { existsSync, mkdirSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { type Refusal, refuse } from "../../core/refusal.ts";
import { faultOf, faultRefusal } from "./errors.ts";
import type { Repository } from "./locate.ts";
import { runGit } from "./process.ts";
import { GitStore } from "./store.ts";

/** The oldest git that owp works with. */
const GIT_MINIMUM = [2, 34] as const;

/**
 * The store's config. It stands above the user's own, and takes back whatever in that would disturb: hooks, signing,
 * pruning, tags, submodules, gc. Nothing is synced to the disk, since the remote has what counts.
 */
const STORE_CONFIG = `[core]
	repositoryformatversion = 0
	bare = true
	hooksPath = /dev/null
	logAllRefUpdates = false
	fsync = none
	fsmonitor = false
[gc]
	auto = 0
	autoPackLimit = 0
[maintenance]
	auto = false
[fetch]
	prune = false
	pruneTags = false
	recurseSubmodules = false
	writeCommitGraph = false
	showForcedUpdates = false
	negotiationAlgorithm = default
	unpackLimit = 100
[push]
	followTags = false
	gpgSign = false
	negotiate = false
	useForceIfIncludes = false
	recurseSubmodules = no
	pushOption =
[submodule]
	recurse = false
[commit]
	gpgSign = false
[protocol]
	version = 2
`;

/** The store in owp's folder of a repository, or in another record's. Processes that make it at the same time end up with the same one. */
export async function openStore(
  repository: Repository,
  folder: string = join(repository.commonDir, "owp"),
): Promise<GitStore | Refusal> {
  if (repository.objectFormat === "sha256") return hashRefusal(repository);
  const path = join(folder, "store.git");
  if (existsSync(path)) return new GitStore(path);
  return (await makeStore(repository, path)) ?? new GitStore(path);
}

async function makeStore(repository: Repository, path: string): Promise<Refusal | undefined> {
  const version = await runGit(["version"], { cwd: repository.commonDir });
  const old = versionRefusal(version.end === "missing" ? undefined : version.stdout);
  if (old) return old;
  const aside = `${path}.${randomBytes(8).toString("hex")}`;
  try {
    makeFolder(join(repository.commonDir, "owp"));
    mkdirSync(dirname(path), { recursive: true });
    const made = await runGit(["init", "--quiet", "--bare", "--template=", aside], {
      cwd: repository.commonDir,
      env: { GIT_DEFAULT_REF_FORMAT: "files", GIT_DEFAULT_HASH: "sha1" },
    });
    if (made.code !== 0) return faultRefusal(faultOf(made), { remote: path, branch: "", doing: "read" });
    writeFileSync(join(aside, "config"), STORE_CONFIG);
    // All that objects will be written to, so that no command has to make them.
    for (let i = 0; i < 256; i++)
      mkdirSync(join(aside, "objects", i.toString(16).padStart(2, "0")), { recursive: true });
    renameSync(aside, path);
    return undefined;
  } catch (error) {
    if (existsSync(path)) return undefined; // Another process was first.
    return faultRefusal(faultOf(error as Error), { remote: path, branch: "", doing: "read" });
  } finally {
    rmSync(aside, { recursive: true, force: true });
  }
}

/** Not `recursive`: that answers a read-only file system with ENOENT. */
export function makeFolder(path: string): void {
  const above = dirname(path);
  if (!existsSync(above)) makeFolder(above);
  try {
    mkdirSync(path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error;
  }
}

/** A refusal where git is missing or too old. said: the output of `git version`. */
export function versionRefusal(said: string | undefined): Refusal | undefined {
  const match = /(\d+)\.(\d+)/.exec(said ?? "");
  const [major, minor] = [Number(match?.[1] ?? 0), Number(match?.[2] ?? 0)];
  if (major > GIT_MINIMUM[0] || (major === GIT_MINIMUM[0] && minor >= GIT_MINIMUM[1])) return undefined;
  const found = said === undefined ? "git was not found on this machine" : `This is ${said.trim()}`;
  return refuse(
    "git_missing",
    `${found}; owp needs git ${GIT_MINIMUM.join(".")} or newer. Nothing was changed.`,
  );
}

function hashRefusal(repository: Repository): Refusal {
  const context = { remote: repository.toplevel ?? repository.gitDir, branch: "", doing: "read" } as const;
  return faultRefusal({ class: "hash", text: "the repository's object format is sha256" }, context);
}
