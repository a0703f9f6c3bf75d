/** The hooks of `owp setup`, run by git itself. */
import { spawnSync } from "node:child_process";
import { chmodSync, existsSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, describe, expect, test } from "vitest";
import { did, owp } from "../helpers/command.ts";
import { bareHub, cloneOf, git, tempDir } from "../helpers/git.ts";
import { owpOnPath, pathWith } from "../helpers/on-path.ts";

const PATH = owpOnPath();

/** git with `owp` on its PATH, as people run it. */
function gitWith(dir: string, args: readonly string[], path = PATH) {
  const done = spawnSync("git", args, { cwd: dir, encoding: "utf8", env: { ...process.env, PATH: path } });
  return { status: done.status, said: done.stdout + done.stderr };
}

/** A checkout of the record, where a person edits files by hand. */
function checkout(hub: string): string {
  const dir = join(tempDir(), "record");
  git(hub, "clone", "--quiet", "--branch", "owp", hub, dir);
  return dir;
}

function commitEdit(dir: string, path: string, change: (text: string) => string): string {
  writeFileSync(join(dir, path), change(readFileSync(join(dir, path), "utf8")));
  git(dir, "commit", "--quiet", "--no-verify", "--all", "--message", "by hand");
  return git(dir, "rev-parse", "HEAD");
}

const lineOf = (dir: string, path: string, start: string) =>
  readFileSync(join(dir, path), "utf8")
    .split("\n")
    .findIndex((line) => line.startsWith(start)) + 1;

describe("pre-receive on a server of one's own", () => {
  const hub = bareHub();
  const clone = cloneOf(hub);
  const run = { env: { PATH } };
  let lease: string;
  let task: string;

  beforeAll(async () => {
    const set = await did(hub, ["setup", "hook"]);
    expect(set.result.files).toEqual([{ path: "hooks/pre-receive", what: "new" }]);
    // From the first commit of the record on, everything passes through it.
    await did(clone, ["init", "--as", "ada"], run);
    const { id } = (await did(clone, ["add", "first", "--as", "ada"], run)).result;
    await did(clone, ["claim", id, "--as", "bob"], run);
    lease = `leases/${id.at(-2)}/${id.at(-1)}/${id}.yaml`;
    task = lease.replace("leases", "tasks");
  });

  test("what owp does passes, and leaves nothing on the server but objects and refs", async () => {
    expect(statSync(join(hub, "hooks/pre-receive")).mode & 0o111).not.toBe(0);
    expect(git(hub, "log", "--format=%s", "owp").split("\n")).toHaveLength(3);
    expect(existsSync(join(hub, "owp"))).toBe(false);
    await did(clone, ["heartbeat", "--as", "bob"], run);
  });

  test("a sound edit by hand passes, without a word", () => {
    const dir = checkout(hub);
    const commit = commitEdit(dir, task, (text) => text.replace("title: first", "title: the first"));
    const pushed = gitWith(dir, ["push", "--quiet", "origin", "HEAD:owp"]);
    expect(pushed).toEqual({ status: 0, said: "" });
    expect(git(hub, "rev-parse", "owp")).toBe(commit);
  });

  test("a forged claim is refused while it lies apart, and whoever pushed reads why", () => {
    const dir = checkout(hub);
    const tip = git(hub, "rev-parse", "owp");
    const commit = commitEdit(dir, lease, (text) => text.replace(/^worker: bob$/m, "worker: mallory"));
    const line = lineOf(dir, lease, "worker: mallory");
    const { status, said } = gitWith(dir, ["push", "origin", "HEAD:owp"]);
    expect(status).toBe(1);
    expect(said).toMatch(
      new RegExp(`^remote: ${lease}:${line}: holder_same_epoch .*\\(commit ${commit.slice(0, 10)}\\)`, "m"),
    );
    expect(said).toContain("[remote rejected] HEAD -> owp (pre-receive hook declined)");
    expect(git(hub, "rev-parse", "owp")).toBe(tip);
    // It never left quarantine.
    expect(gitWith(hub, ["cat-file", "-e", commit]).status).not.toBe(0);
  });

  test("a file that cannot be read is refused, with its line", () => {
    const dir = checkout(hub);
    commitEdit(dir, task, (text) => text.replace(/^status: .*$/m, "status: finished"));
    const line = lineOf(dir, task, "status:");
    const { status, said } = gitWith(dir, ["push", "origin", "HEAD:owp"]);
    expect([status, said]).toEqual([
      1,
      expect.stringMatching(new RegExp(`^remote: ${task}:${line}: schema `, "m")),
    ]);
  });

  test("history is only added to, and the record is not deleted", () => {
    const dir = checkout(hub);
    git(dir, "reset", "--quiet", "--hard", "HEAD~1");
    git(dir, "commit", "--quiet", "--allow-empty", "--message", "another history");
    expect(gitWith(dir, ["push", "--force", "origin", "HEAD:owp"]).said).toContain(
      "remote: owp: the history of owp is only added to",
    );
    expect(gitWith(dir, ["push", "origin", ":owp"]).said).toContain(
      "remote: owp: the branch owp is the record, and is not deleted",
    );
    // Other branches are none of its business.
    expect(gitWith(dir, ["push", "--quiet", "origin", "HEAD:elsewhere"])).toEqual({ status: 0, said: "" });
    expect(gitWith(dir, ["push", "--quiet", "origin", ":elsewhere"])).toEqual({ status: 0, said: "" });
  });

  test("without owp on the server nothing is let through unchecked", () => {
    const dir = checkout(hub);
    commitEdit(dir, task, (text) => text.replace("title: the first", "title: one"));
    const { status, said } = gitWith(dir, ["push", "origin", "HEAD:owp"], process.env.PATH);
    expect([status, said]).toEqual([
      1,
      expect.stringContaining("remote: owp: this server cannot check the record: owp is not on the PATH"),
    ]);
  });

  test("a client whose change the hook refuses is told what it said", async () => {
    const { answer } = await owp(clone, ["add", "second", "--as", "ada", "--json"]);
    expect(answer).toMatchObject({
      code: "remote_denied",
      error: {
        message: expect.stringMatching(
          /A hook on origin declined the change, saying: owp: this server cannot check/,
        ),
      },
    });
  });

  test("what the server had before runs too, and reads what git says", async () => {
    const other = bareHub();
    const log = join(tempDir(), "log");
    writeFileSync(join(other, "hooks/pre-receive"), `#!/bin/bash\nset -eu\ncat >>'${log}'\n`);
    chmodSync(join(other, "hooks/pre-receive"), 0o755);
    await did(other, ["setup", "hook"]);
    const here = cloneOf(other);
    const { commit } = await did(here, ["init"], run);
    const main = git(here, "rev-parse", "HEAD");
    const zero = "0".repeat(40);
    expect(readFileSync(log, "utf8")).toBe(
      `${zero} ${main} refs/heads/main\n${zero} ${commit} refs/heads/owp\n`,
    );
  });
});

describe("pre-commit", () => {
  const hub = bareHub();
  const clone = cloneOf(hub);
  const record = join(clone, "..", "record");
  let task: string;

  beforeAll(async () => {
    await did(clone, ["init", "--as", "ada"]);
    const { id } = (await did(clone, ["add", "first", "--as", "ada"])).result;
    task = `tasks/${id.at(-2)}/${id.at(-1)}/${id}.yaml`;
    await did(clone, ["setup", "pre-commit"]);
    git(clone, "fetch", "--quiet", "origin", "owp");
    git(clone, "worktree", "add", "--quiet", "--detach", record, "FETCH_HEAD");
  });

  const stage = (change: (text: string) => string) => {
    writeFileSync(join(record, task), change(git(record, "show", `HEAD:${task}`).concat("\n")));
    git(record, "add", task);
  };

  test("a staged file that breaks a rule is not committed, and is named with its line", () => {
    stage((text) => text.replace(/^status: .*$/m, "status: finished"));
    const line = lineOf(record, task, "status:");
    const { status, said } = gitWith(record, ["commit", "--quiet", "--message", "x"]);
    expect([status, said]).toEqual([1, expect.stringMatching(new RegExp(`^${task}:${line}: schema `))]);
    expect(gitWith(record, ["commit", "--quiet", "--message", "x"], process.env.PATH).said).toContain(
      "owp is not on the PATH",
    );
  });

  test("what is staged counts, not what lies in the folder", () => {
    stage((text) => text.replace("title: first", "title: the first"));
    writeFileSync(join(record, task), "broken: [\n");
    const { status, said } = gitWith(record, ["commit", "--quiet", "--message", "x"]);
    expect([status, said]).toEqual([0, "no problems\n"]);
    git(record, "checkout", "--quiet", "--", task);
  });

  test("commits of the code are none of its business", () => {
    writeFileSync(join(clone, "owp.yaml"), "kind: Something\n");
    git(clone, "add", "owp.yaml");
    expect(gitWith(clone, ["commit", "--quiet", "--message", "x"], process.env.PATH)).toEqual({
      status: 0,
      said: "",
    });
  });
});

describe("prepare-commit-msg", () => {
  const clone = cloneOf(bareHub());
  beforeAll(() => did(clone, ["setup", "prepare-commit-msg"]));
  const message = () => git(clone, "log", "-1", "--format=%B");
  const commit = (owpScript: string | undefined) => {
    const path = owpScript === undefined ? process.env.PATH : pathWith({ owp: owpScript });
    return gitWith(clone, ["commit", "--quiet", "--allow-empty", "--message", "work"], path);
  };

  test("calls owp trailer --hook with what git hands it, and takes its word into the message", () => {
    const log = join(tempDir(), "log");
    const script = `echo "$@" >'${log}'; git interpret-trailers --in-place --trailer 'Owp-Task: k3f9' "$3"`;
    expect(commit(script)).toEqual({ status: 0, said: "" });
    expect(readFileSync(log, "utf8")).toMatch(/^trailer --hook \S*COMMIT_EDITMSG message\n$/);
    expect(message()).toBe("work\n\nOwp-Task: k3f9");
  });

  test("no commit fails by it: owp refuses, or is not there", () => {
    expect(commit("echo no >&2; exit 7")).toEqual({ status: 0, said: "no\n" });
    expect(commit(undefined)).toEqual({ status: 0, said: "" });
    expect(message()).toBe("work");
  });
});
