/** What goes wrong gets one clear sentence, the right exit status, and changes nothing. */
import { execFileSync, spawnSync } from "node:child_process";
import { mkdirSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type Code, ERRORS } from "../../src/core/refusal.ts";
import { did, type Ended, owp, type RunOptions, told } from "../helpers/command.ts";
import { bareHub, cloneOf, git, gitInput, tempDir } from "../helpers/git.ts";
import { portrait, refsOf } from "../helpers/history.ts";
import { serveHttp } from "../helpers/http-git.ts";
import { hubAt, runAt } from "../helpers/record-hub.ts";

interface Bad {
  dir: string;
  /** Whose refs must not move; none: there is no hub. */
  hub?: string;
  args: readonly string[];
  run?: RunOptions;
  /** Words that the message must have. */
  says: string | RegExp;
}

/** Runs it, and holds the answer to what every error must be. */
async function expectRefused(code: Code, { dir, hub, args, run, says }: Bad): Promise<Ended> {
  const look = () => ({ refs: hub === undefined ? "" : refsOf(hub), user: portrait(dir) });
  const before = look();
  const line = [...args, "--json"];
  const ended = await owp(dir, line, run);
  const { error } = ended.answer ?? {};
  expect([ended.status, ended.answer?.code, ended.answer?.ok], told(line, ended)).toEqual([
    ERRORS[code].exit,
    code,
    false,
  ]);
  expect(ended.stdout).toBe("");
  expect(ended.stderr.trim().split("\n")).toHaveLength(1);
  expect(error?.message).toMatch(says instanceof RegExp ? says : new RegExp(literal(says)));
  // A sentence, or a few: no stack, no git command line, no wall of text.
  expect(error?.message).toMatch(/^[^\n]{10,600}\.$/);
  expect(error?.hint).toMatch(/\S/);
  expect(look()).toEqual(before);
  return ended;
}

const literal = (text: string) => text.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");

/** Commits files onto a branch of a bare repository, as a person with an editor would; null: the file goes. */
function edit(hub: string, files: Record<string, string | null>, branch = "owp"): void {
  const lines = Object.entries(files).map(([path, text]) =>
    text === null ? `D ${path}\n` : `M 100644 inline ${path}\ndata ${Buffer.byteLength(text)}\n${text}\n`,
  );
  const from =
    spawnSync("git", ["rev-parse", "--verify", "--quiet", branch], { cwd: hub }).status === 0
      ? `from refs/heads/${branch}^0\n`
      : "";
  const head = `commit refs/heads/${branch}\ncommitter Person <p@example.org> ${Math.floor(Date.now() / 1000)} +0000\ndata 4\nedit\n${from}`;
  gitInput(hub, head + lines.join(""), "fast-import", "--quiet");
}

const fileIn = (hub: string, path: string): string => `${git(hub, "show", `owp:${path}`)}\n`;
const leasePath = (id: string): string => `leases/${id.at(-2)}/${id.at(-1)}/${id}.yaml`;

describe("an input that cannot be", () => {
  const hub = bareHub();
  const dir = cloneOf(hub);
  const ids: Record<"open" | "after" | "held" | "done", string> = { open: "", after: "", held: "", done: "" };

  beforeAll(async () => {
    const hubHere = await hubAt(dir, { as: "ada" });
    const run = async (name: string, input: object) => {
      const outcome = await hubHere.run(name, input);
      if (!outcome.ok) throw new Error(outcome.message);
      return outcome.result as { id: string };
    };
    await run("init", {});
    for (const name of ["done", "held", "open"] as const)
      ids[name] = (await run("add", { title: `the ${name} one` })).id;
    ids.after = (await run("add", { title: "the one after", blocked_by: [ids.open] })).id;
    for (const name of ["done", "held"] as const) await run("claim", { id: ids[name] });
    await run("done", { id: ids.done });
    await hubHere.close();
  });

  const rows: [name: string, code: Code, args: () => string[], says: string | RegExp][] = [
    ["an unknown task", "task_unknown", () => ["done", "zzzz"], "There is no task zzzz"],
    ["an unknown whole id", "task_unknown", () => ["show", `t_${"0".repeat(26)}`], "There is no task t_0000"],
    [
      "a fragment that fits several",
      "task_ambiguous",
      () => ["claim", ids.open.slice(2, 8)],
      /^3 tasks have \w+ in their id: .*the held one.*the open one.*the one after/,
    ],
    ["a fragment of three characters", "usage", () => ["show", "abc"], "too short"],
    [
      "a claim of a finished task",
      "task_ended",
      () => ["claim", ids.done, "--as", "bob"],
      /has ended: done by ada/,
    ],
    [
      "a stale epoch of a finished task",
      "lease_lost",
      () => ["done", ids.done, "--epoch", "9"],
      "not accepted",
    ],
    [
      "a task that another holds",
      "task_held",
      () => ["claim", ids.held, "--as", "bob"],
      /is held by ada since .*, until /,
    ],
    ["finishing what another holds", "not_holder", () => ["done", ids.held, "--as", "bob"], /ada holds/],
    ["a waiting task", "task_not_claimable", () => ["claim", ids.after, "--as", "bob"], "waits for"],
    ["a title of 10,000 characters", "invalid_input", () => ["add", "x".repeat(10_000)], /title .*300/],
    ["an empty title", "invalid_input", () => ["add", "  "], "title"],
    ["a title of two lines", "invalid_input", () => ["add", "one\ntwo"], "title"],
    ["a skill with a newline", "invalid_input", () => ["add", "x", "--skill", "ru\nst"], "--skill"],
    ["priority -1", "invalid_input", () => ["add", "x", "--priority", "-1"], "priority"],
    ["priority 1001", "invalid_input", () => ["add", "x", "--priority", "1001"], "priority"],
    ["estimate 9", "invalid_input", () => ["add", "x", "--estimate", "9"], /estimate.*5/],
    ["estimate 1.5", "usage", () => ["add", "x", "--estimate", "1.5"], "whole number"],
    [
      "a cycle in depends-on",
      "dependency_cycle",
      () => ["edit", ids.open, "--add-blocked-by", ids.after],
      "circle",
    ],
    [
      "a task that waits for itself",
      "dependency_cycle",
      () => ["edit", ids.open, "--add-blocked-by", ids.open],
      /itself|circle/,
    ],
    [
      "a dependency that is not there",
      "task_unknown",
      () => ["add", "x", "--blocked-by", "zzzz"],
      "There is no task zzzz",
    ],
    ["an unknown repo", "repo_unknown", () => ["add", "x", "--repo", "nowhere"], "nowhere"],
    ["an unknown option", "usage", () => ["add", "x", "--prio", "3"], "Unknown option"],
    ["an unknown command", "usage", () => ["calim"], "calim"],
    ["a name that no worker can have", "usage", () => ["claim", "--as", "Ada Löve"], "no worker's name"],
    ["a file that is not there", "invalid_input", () => ["import", "nowhere.json"], "it is not there"],
    ["a lease of no length", "invalid_input", () => ["claim", "--for", "0s"], "duration"],
    ["an operation id that is none", "usage", () => ["add", "x", "--op-id", "7"], "ULID"],
    ["a branch name that git does not take", "usage", () => ["list", "--branch", "a..b"], /branch/i],
    ["F12 a queue that is a path", "usage", () => ["init", "--queue", "../x"], '--queue is "../x"'],
    ["a queue's name that heartbeats need", "usage", () => ["init", "--queue", "signals"], "no queue's name"],
    [
      "a queue that there is not",
      "not_initialized",
      () => ["claim", "--queue", "ops"],
      "The remote has no branch owp-ops",
    ],
    ["an area with a newline", "invalid_input", () => ["add", "x", "--area", "a\nb"], "area"],
    [
      "an area of a repo with a newline",
      "invalid_input",
      () => ["repo", "set", "hub", "--area", "a\nb=src/**"],
      "area",
    ],
    [
      "a glob that leaves the repo",
      "invalid_input",
      () => ["repo", "set", "hub", "--area", "a=../**"],
      "glob",
    ],
    [
      "a path that leaves the checkout",
      "usage",
      () => ["areas", "--path", "../x"],
      "outside of this checkout",
    ],
    [
      "another folder that is not there",
      "no_repository",
      () => ["list", "-C", "nowhere"],
      "not inside a git repository",
    ],
  ];
  test.each(rows)("%s", async (_name, code, args, says) => {
    await expectRefused(code, { dir, hub, args: ["--as", "ada", ...args()], says });
  });

  test("a file with a YAML bomb, a duplicate key or conflict markers is not imported", async () => {
    const bomb = `a: &a [1]\n${"bcdefgh"
      .split("")
      .map((key, i) => `${key}: &${key} [*${"abcdefg"[i]}, *${"abcdefg"[i]}, *${"abcdefg"[i]}]\n`)
      .join("")}`;
    const texts = [
      bomb,
      "- title: x\n  title: y\n",
      "<<<<<<< ours\n- title: x\n=======\n- title: y\n>>>>>>> theirs\n",
    ];
    for (const input of texts)
      await expectRefused("invalid_input", {
        dir,
        hub,
        args: ["import", "-", "--as", "ada"],
        run: { input },
        says: /line \d+/,
      });
  });
});

describe("a record that others changed", () => {
  test("a lease edited by hand to another worker: the old holder's done is refused", async () => {
    const { hub, dir } = await world();
    const { tasks } = (await did(dir, ["claim", "--as", "ada"])).result;
    const path = leasePath(tasks[0].id);
    edit(hub, { [path]: fileIn(hub, path).replace(/^worker: ada$/m, "worker: eve") });
    const ended = await expectRefused("not_holder", {
      dir,
      hub,
      args: ["done", tasks[0].id, "--as", "ada"],
      says: /eve holds/,
    });
    expect(ended.answer?.error?.data).toMatchObject({ worker: "eve" });
  });

  test("a lease with conflict markers counts as held, and stops nothing else", async () => {
    const { hub, dir } = await world();
    const { tasks } = (await did(dir, ["claim", "--as", "ada"])).result;
    const path = leasePath(tasks[0].id);
    edit(hub, { [path]: `<<<<<<< HEAD\n${fileIn(hub, path)}=======\n>>>>>>> other\n` });
    await expectRefused("record_invalid", {
      dir,
      hub,
      args: ["claim", tasks[0].id, "--as", "bob"],
      says: path,
    });
    await did(dir, ["claim", "--as", "bob"]);
  });

  test("a branch that is no record is not written to, and not by init either", async () => {
    const hub = bareHub();
    const dir = cloneOf(hub);
    git(hub, "branch", "owp", "main");
    for (const args of [["init"], ["claim"], ["add", "x"]]) {
      await expectRefused("not_a_record", { dir, hub, args, says: "owp record" });
    }
  });

  test("a branch owp/x stands in the way", async () => {
    const hub = bareHub();
    const dir = cloneOf(hub);
    git(hub, "branch", "owp/x", "main");
    await expectRefused("remote_layout", {
      dir,
      hub,
      args: ["init"],
      says: "The branch owp/x on origin stands in the way",
    });
    await did(dir, ["init", "--branch", "queue"]);
  });

  test("a newer protocol is not written to; a newer minor version is read", async () => {
    const { hub, dir } = await world();
    const policy = fileIn(hub, "owp.yaml");
    edit(hub, { "owp.yaml": policy.replace('protocol: "1.0"', 'protocol: "2.0"') });
    for (const args of [["claim"], ["add", "x"], ["list"]])
      await expectRefused("protocol_newer", { dir, hub, args, says: "2.0" });
    edit(hub, { "owp.yaml": policy.replace('protocol: "1.0"', 'protocol: "1.7"') });
    await did(dir, ["claim"]);
  });

  test("a record whose history was replaced is not followed", async () => {
    const { hub, dir } = await world();
    await did(dir, ["claim", "--as", "ada"]);
    git(hub, "update-ref", "refs/heads/owp", "owp~1");
    for (const args of [["claim", "--as", "bob"], ["list"]])
      await expectRefused("record_rewritten", { dir, hub, args, says: /history|set back|replaced/ });
  });
});

describe("a remote that does not take it", () => {
  test("one that is read-only", async () => {
    const { hub, dir } = await world();
    const http = await serveHttp(dirname(hub), { readOnly: true });
    try {
      git(dir, "remote", "set-url", "origin", `${http.url}/hub.git`);
      await expectRefused("remote_denied", {
        dir,
        hub,
        args: ["claim"],
        says: "origin refused access: no credential, or one without the right to push",
      });
      await did(dir, ["list"]);
    } finally {
      await http.close();
    }
  });

  test("one that wants a credential", async () => {
    const { hub, dir } = await world();
    const http = await serveHttp(dirname(hub), { auth: { user: "ada", password: "secret" } });
    try {
      git(dir, "remote", "set-url", "origin", `${http.url}/hub.git`);
      await expectRefused("remote_denied", { dir, hub, args: ["claim"], says: "no credential" });
      git(dir, "remote", "set-url", "origin", `${http.url.replace("//", "//ada:wrong@")}/hub.git`);
      const ended = await expectRefused("remote_denied", {
        dir,
        hub,
        args: ["claim"],
        says: "no credential",
      });
      expect(ended.stderr).not.toContain("wrong");
    } finally {
      await http.close();
    }
  });

  const hooks: [name: string, script: string, says: RegExp][] = [
    [
      "a protected branch",
      "echo 'error: GH006: Protected branch update failed for refs/heads/owp.' >&2; exit 1",
      /A rule of the host protects the branch owp on origin.*GH006/,
    ],
    [
      "repository rules",
      "echo 'error: GH013: Repository rule violations found for refs/heads/owp.' >&2; exit 1",
      /A rule of the host protects the branch owp/,
    ],
    [
      "a hook of its own",
      "echo 'no commits on Sundays' >&2; exit 1",
      /A hook on origin declined the change.*no commits on Sundays/,
    ],
  ];
  test.each(hooks)("%s", async (_name, script, says) => {
    const { hub, dir } = await world();
    writeFileSync(join(hub, "hooks/pre-receive"), `#!/bin/sh\n${script}\n`, { mode: 0o755 });
    const began = Date.now();
    await expectRefused("remote_denied", { dir, hub, args: ["claim"], says });
    expect(Date.now() - began).toBeLessThan(20_000);
  });

  const away: [name: string, url: (hub: string) => string, says: RegExp][] = [
    ["a path that is gone", (hub) => `${hub}.moved`, /is no repository, or is hidden/],
    ["a port where nothing listens", () => "http://127.0.0.1:9/hub.git", /could not be reached/],
    ["ssh where nothing listens", () => "ssh://nobody@127.0.0.1:9/hub.git", /could not be reached/],
    ["a host that has no address", () => "https://nowhere.invalid/hub.git", /could not be reached/],
  ];
  test.each(away)("%s", async (_name, url, says) => {
    const { hub, dir } = await world();
    git(dir, "remote", "set-url", "origin", url(hub));
    await expectRefused("remote_unreachable", {
      dir,
      hub,
      args: ["claim"],
      run: { env: { GIT_SSH_COMMAND: "ssh -F /dev/null -o BatchMode=yes" } },
      says,
    });
  });

  test("a SHA-256 repository, here and there", async () => {
    const there = bareHub("--object-format=sha256");
    const tree = git(there, "hash-object", "-t", "tree", "-w", "/dev/null");
    git(there, "update-ref", "refs/heads/main", git(there, "commit-tree", tree, "-m", "first"));
    const dir = cloneOf(bareHub());
    git(dir, "remote", "set-url", "origin", there);
    await expectRefused("hash_unsupported", { dir, hub: there, args: ["init"], says: "SHA-256" });
    const here = join(tempDir(), "sha256");
    git(dirname(here), "init", "--quiet", "--object-format=sha256", here);
    await expectRefused("hash_unsupported", { dir: here, args: ["init"], says: "SHA-256" });
  });
});

describe("a place that does not do", () => {
  test("a folder that is no repository", async () => {
    await expectRefused("no_repository", {
      dir: tempDir(),
      args: ["claim"],
      says: "not inside a git repository",
    });
  });

  test("a repository without a record", async () => {
    const hub = bareHub();
    for (const args of [["claim"], ["list"], ["add", "x"], ["status"]]) {
      await expectRefused("not_initialized", {
        dir: cloneOf(hub),
        hub,
        args,
        says: "there is no record yet",
      });
    }
  });

  test("an empty repository without commits has no record, and nothing of it changes", async () => {
    const hub = bareHub();
    const dir = join(tempDir(), "empty");
    git(dirname(dir), "clone", "--quiet", hub, dir);
    await expectRefused("not_initialized", { dir, hub, args: ["claim"], says: "there is no record yet" });
    await expectRefused("remote_layout", { dir, hub, args: ["init"], says: "origin has no branch yet" });
  });

  test.each(["+2h", "-2h"])("a clock that is %s off", async (shift) => {
    const { hub, dir } = await world();
    await did(dir, ["list", "--as", "ada"]);
    await runAt(cloneOf(hub), [["add", { title: "another" }]], { as: "bob" });
    await expectRefused("clock_implausible", {
      dir,
      hub,
      args: ["claim", "--as", "ada"],
      run: { env: { OWP_NOW: shift } },
      says: /this clock says/i,
    });
    await did(dir, ["claim", "--as", "ada"]);
  });

  const small = mountSmallDisk();
  if (!small)
    console.warn(
      "bad-input.test.ts: the tests with a full disk are skipped: no small file system can be mounted here",
    );
  afterAll(() => small?.unmount());

  test.skipIf(!small)(
    "a full disk here: nothing is published, and it goes on when there is space",
    async () => {
      const { hub } = await world();
      const dir = join(small?.dir ?? "", "clone");
      git(small?.dir ?? "", "clone", "--quiet", hub, dir);
      const filler = join(small?.dir ?? "", "filler");
      fill(filler);
      await expectRefused("disk_full", {
        dir,
        hub,
        args: ["claim", "--as", "ada"],
        says: "No space is left on this disk",
      });
      rmSync(filler);
      await did(dir, ["list"]);
      fill(filler);
      await expectRefused("disk_full", {
        dir,
        hub,
        args: ["claim", "--as", "ada"],
        says: "No space is left on this disk",
      });
      rmSync(filler);
      await did(dir, ["claim", "--as", "ada"]);
      rmSync(dir, { recursive: true });
    },
  );

  test.skipIf(!small)("a full disk there", async () => {
    const { hub, dir } = await world();
    const there = join(small?.dir ?? "", "hub.git");
    renameAcross(hub, there);
    git(dir, "remote", "set-url", "origin", there);
    await did(dir, ["list"]);
    const filler = join(small?.dir ?? "", "filler");
    fill(filler);
    await expectRefused("remote_denied", {
      dir,
      hub: there,
      args: ["claim", "--as", "ada"],
      says: /no space left/i,
    });
    rmSync(filler);
    await did(dir, ["claim", "--as", "ada"]);
  });
});

/** A hub with a record and two open tasks, made by `max` in another clone, and a clone that has seen nothing yet. */
async function world(): Promise<{ hub: string; dir: string }> {
  const hub = bareHub();
  await runAt(cloneOf(hub), [["init"], ["add", { title: "first" }], ["add", { title: "second" }]], {
    as: "max",
  });
  return { hub, dir: cloneOf(hub) };
}

interface SmallDisk {
  dir: string;
  unmount: () => void;
}

/** A file system of 3 MB, where this user may mount one. */
function mountSmallDisk(): SmallDisk | undefined {
  const dir = tempDir("owp-small");
  if (spawnSync("mount", ["-t", "tmpfs", "-o", "size=3m", "tmpfs", dir]).status !== 0) return undefined;
  return { dir, unmount: () => execFileSync("umount", ["--lazy", dir]) };
}

/** Takes all the space there is. */
function fill(file: string): void {
  const size = { many: 64 * 1024, few: 512 };
  for (const bytes of [size.many, size.few]) {
    try {
      for (;;) writeFileSync(file, Buffer.alloc(bytes), { flag: "a" });
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== "ENOSPC") throw error;
    }
  }
}

function renameAcross(from: string, to: string): void {
  mkdirSync(dirname(to), { recursive: true });
  execFileSync("cp", ["-a", from, to]);
  renameSync(from, `${from}.moved`);
}
