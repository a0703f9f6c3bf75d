/** Looks whether a clone's store is sound, and makes it again from the remote. */
import { randomBytes } from "node:crypto";
import { existsSync, mkdirSync, readdirSync, renameSync, rmSync } from "node:fs";
import { dirname, join } from "node:path";
import type { Fault } from "../ports.ts";
import type { Repository } from "./locate.ts";
import { openStore } from "./open.ts";
import { runGit } from "./process.ts";
import type { GitRemote } from "./remote.ts";
import type { GitStore } from "./store.ts";

/** Below this the content of every object is checked, above it only that all of them are there. */
const FULL_CHECK_KIB = 64 * 1024;
const CHECK_TIMEOUT_MS = 120_000;

/** Says what is wrong with the store; undefined: nothing that could be seen. */
export async function storeProblem(path: string): Promise<string | undefined> {
  if (!["HEAD", "objects", "refs"].every((name) => existsSync(join(path, name))))
    return "it is no git repository any more";
  if (existsSync(join(path, "shallow"))) return "its history was cut off (it is shallow)";
  const git = (...args: string[]) =>
    runGit(["--git-dir", path, ...args], { cwd: path, timeoutMs: CHECK_TIMEOUT_MS });
  const counted = await git("count-objects", "-v");
  const size = [...counted.stdout.matchAll(/^size(?:-pack)?: (\d+)$/gm)].reduce(
    (sum, match) => sum + Number(match[1]),
    0,
  );
  const checked = await git(
    "fsck",
    "--no-dangling",
    "--no-progress",
    "--no-reflogs",
    ...(size > FULL_CHECK_KIB ? ["--connectivity-only"] : []),
  );
  if (checked.end !== "exit" || checked.code === 0) return undefined;
  return `${checked.stdout}\n${checked.stderr}`.trim().split("\n").slice(0, 2).join("; ").slice(0, 300);
}

export type Rebuilt = { ok: true; store: GitStore; kept?: string } | { ok: false; fault: Fault };

/**
 * Puts a new store in the place of the old one and fetches into it; where that fails the old one is put back. Chains
 * whose outcome is not known are carried over; where they cannot be read any more, the old store is kept beside.
 */
export async function rebuildStore(
  repository: Repository,
  old: GitStore,
  connect: (store: GitStore) => GitRemote,
): Promise<Rebuilt> {
  const aside = `${old.path}.broken-${randomBytes(4).toString("hex")}`;
  old.close();
  renameSync(old.path, aside);
  const putBack = () => {
    rmSync(old.path, { recursive: true, force: true });
    renameSync(aside, old.path);
  };
  const store = await openStore(repository, dirname(old.path));
  if ("code" in store) {
    putBack();
    return { ok: false, fault: { class: "other", text: store.message } };
  }
  mkdirSync(join(store.path, "refs", "owp", "pending"), { recursive: true });
  const fetched = await connect(store).fetch();
  if (!fetched.ok) {
    store.close();
    putBack();
    return { ok: false, fault: fetched.fault };
  }
  if (!(await carryPendings(aside, store.path))) return { ok: true, store, kept: aside };
  rmSync(aside, { recursive: true, force: true });
  return { ok: true, store };
}

/** false: some chain could not be read from the old store. */
async function carryPendings(from: string, to: string): Promise<boolean> {
  const pending = join(from, "refs", "owp", "pending");
  if (!existsSync(pending) || readdirSync(pending).length === 0) return true;
  const args = [
    "--git-dir",
    to,
    "fetch",
    "--quiet",
    "--no-write-fetch-head",
    from,
    "+refs/owp/pending/*:refs/owp/pending/*",
  ];
  return (await runGit(args, { cwd: to, timeoutMs: CHECK_TIMEOUT_MS })).code === 0;
}
