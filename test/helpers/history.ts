/** The record of a hub as git alone shows it: every commit in order, its trailers, and the files it changed. */
import { spawnSync } from "node:child_process";
import { git } from "./git.ts";

export interface Commit {
  oid: string;
  parents: string[];
  subject: string;
  /** ms since 1970, by its maker's clock. */
  at: number;
  /** Trailers of an operation; undefined where the commit has none. */
  op?: string;
  event?: string;
  actor?: string;
  clone?: string;
  /** Files after the commit by path; null: gone. */
  files: Map<string, string | null>;
}

const RECORD = "\x01";
const FIELD = "\x02";
const LOG_LIMIT_BYTES = 1 << 29;

/** Oldest first. A repository by path; the branch is there. */
export function readHistory(repository: string, branch = "owp"): Commit[] {
  const format = ["%H", "%P", "%s", "%ct", ...["Op", "Event", "Actor", "Clone"].map(trailer)].join("%x02");
  const args = ["log", "--reverse", "--topo-order", "--root", "--raw", "--no-abbrev", "--no-renames"];
  const done = spawnSync("git", [...args, `--format=%x01${format}`, branch], {
    cwd: repository,
    encoding: "utf8",
    maxBuffer: LOG_LIMIT_BYTES,
  });
  if (done.status !== 0) throw new Error(`git log: ${done.stderr}`);
  const raw = done.stdout.split(RECORD).slice(1).map(readCommit);
  const blobs = [...new Set(raw.flatMap(({ changes }) => changes.flatMap(({ blob }) => blob ?? [])))];
  const texts = readBlobs(repository, blobs);
  return raw.map(({ commit, changes }) => {
    for (const { path, blob } of changes)
      commit.files.set(path, blob === null ? null : (texts.get(blob) ?? ""));
    return commit;
  });
}

const trailer = (key: string) => `%(trailers:key=Owp-${key},valueonly,separator=%x2C)`;

function readCommit(text: string): { commit: Commit; changes: { path: string; blob: string | null }[] } {
  const [head = "", ...lines] = text.split("\n");
  const [oid = "", parents = "", subject = "", time, op, event, actor, clone] = head.split(FIELD);
  const commit: Commit = {
    oid,
    parents: parents.split(" ").filter(Boolean),
    subject,
    at: Number(time) * 1000,
    files: new Map(),
  };
  if (op) Object.assign(commit, { op, event, actor, clone });
  const changes = lines.flatMap((line) => {
    const match = /^:\d+ \d+ [0-9a-f]+ ([0-9a-f]+) [AMDT]\t(.*)$/.exec(line);
    if (!match) return [];
    const [, blob = "", path = ""] = match;
    return [{ path, blob: /^0+$/.test(blob) ? null : blob }];
  });
  return { commit, changes };
}

function readBlobs(repository: string, blobs: readonly string[]): Map<string, string> {
  const done = spawnSync("git", ["cat-file", "--batch"], {
    cwd: repository,
    input: `${blobs.join("\n")}\n`,
    maxBuffer: LOG_LIMIT_BYTES,
  });
  const texts = new Map<string, string>();
  let at = 0;
  for (const blob of blobs) {
    const end = done.stdout.indexOf(10, at);
    const size = Number(done.stdout.toString("latin1", at, end).split(" ")[2]);
    if (Number.isNaN(size)) throw new Error(`git cat-file: ${blob} is not there`);
    texts.set(blob, done.stdout.toString("utf8", end + 1, end + 1 + size));
    at = end + 1 + size + 1;
  }
  return texts;
}

/** Every ref of a repository with its commit; two equal texts: nothing moved. */
export const refsOf = (repository: string): string =>
  git(repository, "for-each-ref", "--format=%(objectname) %(refname)");

/** Everything in a repository that is its user's: refs, HEAD, files, config, stashes, what lies in the git dir. */
export function portrait(dir: string): Record<string, string> {
  const ask = (...args: string[]) => {
    const done = spawnSync("git", args, {
      cwd: dir,
      encoding: "utf8",
      env: { ...process.env, GIT_OPTIONAL_LOCKS: "0" },
    });
    return `${done.status} ${done.stdout}${done.stderr}`.trimEnd();
  };
  return {
    status: ask("status", "--porcelain=v2", "--branch", "--ignored", "--untracked-files=all"),
    refs: ask("for-each-ref", "--format=%(objectname) %(refname) %(symref)"),
    head: ask("rev-parse", "--symbolic-full-name", "HEAD"),
    log: ask("log", "--all", "--format=%H"),
    config: ask("config", "--list", "--local"),
    index: ask("ls-files", "--stage", "--debug"),
    worktrees: ask("worktree", "list", "--porcelain"),
  };
}
