/** Closing by merge: whatever way the code came to the default branch, the tasks that its commits name are done, once. */
import { execFileSync } from "node:child_process";
import { readFileSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { beforeEach, describe, expect, test } from "vitest";
import type { ShowResult } from "../../src/domain/tasks/show.ts";
import { did, owp, startOwp, told } from "../helpers/command.ts";
import { bareHub, cloneOf, git, tempDir } from "../helpers/git.ts";
import { portrait, readHistory } from "../helpers/history.ts";
import { litterIn } from "../helpers/litter.ts";
import { runAt } from "../helpers/record-hub.ts";

let hub: string;
/** ada holds the first task in a clone; the code is written there. */
let ada: string;
let id: string;
let clock: number;

const as = (name: string, ...words: string[]) => [...words, "--as", name];
const trailer = (task = id) => `Owp-Task: ${task}`;

beforeEach(async () => {
  hub = bareHub();
  ada = cloneOf(hub);
  clock = Math.floor(Date.now() / 1000) - 1000;
  const added = await runAt<{ id: string }>(
    ada,
    [
      ["init", { repo: "web" }],
      ["add", { title: "Fix the login" }],
    ],
    { as: "max" },
  );
  id = added.result.id;
  await runAt(ada, [["claim"]], { as: "ada" });
});

/** A commit of the file on the branch that is checked out; later than those before. */
function commit(dir: string, message: string, file = "code.txt"): string {
  writeFileSync(join(dir, file), `${message} ${clock}\n`);
  git(dir, "add", file);
  tick();
  git(dir, "commit", "--quiet", "-m", message);
  return git(dir, "rev-parse", "HEAD");
}

function tick(): void {
  process.env.GIT_COMMITTER_DATE = `${++clock} +0000`;
}

function onBranch(dir: string, name: string, ...messages: string[]): string[] {
  git(dir, "checkout", "--quiet", "-B", name, "origin/main");
  return messages.map((message, n) => commit(dir, message, `${n}.txt`));
}

/** main of the hub moves on to what the work does; the work is done in a clone of its own. */
function onMain(work: (dir: string) => void): string {
  const dir = cloneOf(hub);
  work(dir);
  git(dir, "push", "--quiet", "origin", "HEAD:main");
  return git(dir, "rev-parse", "HEAD");
}

const push = (dir: string, branch: string) =>
  git(dir, "push", "--quiet", "--force", "origin", `HEAD:${branch}`);
const taskOf = async (dir: string, task = id) =>
  (await runAt<ShowResult>(dir, [["show", { id: task }]], { as: "max" })).result;
const merges = () => readHistory(hub).filter(({ event }) => event === "task.merged");
/** A person changes the policy on the record. */
const setPolicy = (from: string, to: string) => {
  const dir = cloneOf(hub);
  git(dir, "checkout", "--quiet", "owp");
  const text = readFileSync(join(dir, "owp.yaml"), "utf8");
  expect(text).toContain(from);
  writeFileSync(join(dir, "owp.yaml"), text.replace(from, to));
  git(dir, "commit", "--quiet", "-am", "policy");
  git(dir, "push", "--quiet", "origin", "owp");
};

/** Every commit of the record keeps the rules. */
async function isValid(dir: string): Promise<void> {
  const args = ["validate", "--range", `${readHistory(hub)[0]?.oid}..`];
  const checked = await owp(dir, args);
  expect([checked.status, checked.stderr], told(args, checked)).toEqual([0, ""]);
}

const WAYS: Record<string, (dir: string) => string | undefined> = {
  "a merge commit": (dir) => {
    const [work] = onBranch(dir, "fix", `Fix\n\n${trailer()}`, "Test");
    push(dir, "fix");
    onMain((main) => {
      tick();
      git(main, "merge", "--quiet", "--no-ff", "-m", "Merge pull request #12 from acme/fix", "origin/fix");
    });
    return work;
  },
  "a squash, with the trailer in its middle": (dir) => {
    onBranch(dir, "fix", `Fix\n\n${trailer()}`, `Test\n\n${trailer()}`);
    push(dir, "fix");
    return onMain((main) => {
      git(main, "merge", "--quiet", "--squash", "origin/fix");
      tick();
      git(
        main,
        "commit",
        "--quiet",
        "-m",
        `Fix the login (#12)\n\n* Fix\n\n${trailer()}\n\n* Test\n\n${trailer()}\n\nCo-authored-by: Bob <b@x>`,
      );
    });
  },
  "git merge --squash with its own message": (dir) => {
    onBranch(dir, "fix", `Fix\n\n${trailer()}`, "Test");
    push(dir, "fix");
    return onMain((main) => {
      git(main, "merge", "--quiet", "--squash", "origin/fix");
      tick();
      git(main, "commit", "--quiet", "--no-edit");
    });
  },
  "a rebase": (dir) => {
    onBranch(dir, "fix", `Fix\n\n${trailer()}`, `Test\n\n${trailer()}`);
    push(dir, "fix");
    return onMain((main) => {
      commit(main, "Something else", "else.txt");
      git(main, "checkout", "--quiet", "-b", "fix", "origin/fix");
      tick();
      git(main, "rebase", "--quiet", "main");
    });
  },
  "a fast-forward": (dir) => {
    const [, last] = onBranch(dir, "fix", `Fix\n\n${trailer()}`, `Test\n\n${trailer()}`);
    push(dir, "main");
    return last;
  },
  "a fork whose request is merged on the hub": (dir) => {
    const fork = bareHub();
    git(dir, "push", "--quiet", fork, "origin/main:refs/heads/main");
    const bob = cloneOf(fork);
    const work = commit(bob, `Fix\n\n${trailer(id.slice(-5))}`);
    git(bob, "push", "--quiet", "origin", "HEAD:fix");
    onMain((main) => {
      tick();
      git(main, "fetch", "--quiet", fork, "fix");
      git(main, "merge", "--quiet", "--no-ff", "-m", "Merge pull request #13 from bob/fix", "FETCH_HEAD");
    });
    return work;
  },
};

describe("the next sync of anyone, from local history alone, after", () => {
  test.each(Object.entries(WAYS))("%s", async (_name, make) => {
    const expected = make(ada);
    const bob = cloneOf(hub);
    const before = portrait(bob);
    const synced = await did(bob, as("bob", "sync"));
    expect(synced.result.settled.merged).toMatchObject([
      { id, state: "done", worker: "ada", epoch: 2, commit: expected },
    ]);
    expect(portrait(bob)).toEqual(before);
    const { task, lease } = await taskOf(bob);
    expect([task.status, task.outcome?.merged_as, task.outcome?.by, lease]).toEqual([
      "done",
      expected,
      "bob",
      undefined,
    ]);
    expect(merges()).toMatchObject([{ actor: "bob" }]);
    // Nothing is new, here and in every other clone.
    for (const dir of [bob, cloneOf(hub)]) {
      git(dir, "fetch", "--quiet");
      expect((await did(dir, as("max", "sync"))).result).toEqual({ answers: [], waiting: [], notices: [] });
    }
    expect(merges()).toHaveLength(1);
    await isValid(bob);
    expect(litterIn(join(bob, ".git/owp"))).toEqual([]);
  });

  test("the text says so, and what is only on a branch changes nothing", async () => {
    onBranch(ada, "fix", `Fix\n\n${trailer()}`);
    push(ada, "fix");
    const bob = cloneOf(hub);
    expect((await owp(bob, as("bob", "sync"))).stdout).toBe("up to date\n");
    git(ada, "checkout", "--quiet", "fix");
    push(ada, "main");
    expect((await owp(bob, as("bob", "sync"))).stdout).toBe("up to date\n"); // Not fetched.
    git(bob, "fetch", "--quiet");
    const { stdout } = await owp(bob, as("bob", "sync"));
    expect(stdout).toMatch(
      new RegExp(
        `^${id.slice(-4)} Fix the login: is done, merged as [0-9a-f]{10} \\(held by ada; epoch 2\\)\n$`,
      ),
    );
  });
});

test("in a clone in which nothing is new, sync starts no process for it", async () => {
  onMain((main) => commit(main, `Fix\n\n${trailer()}`));
  const bob = cloneOf(hub);
  await did(bob, as("bob", "sync"));
  const shim = tempDir();
  const real = execFileSync("which", ["git"], { encoding: "utf8" }).trim();
  writeFileSync(join(shim, "git"), `#!/bin/sh\necho x >>'${shim}/calls'\nexec '${real}' "$@"\n`, {
    mode: 0o755,
  });
  const calls = async () => {
    writeFileSync(join(shim, "calls"), "");
    await did(bob, as("bob", "sync"), { env: { PATH: `${shim}:${process.env.PATH}` } });
    return readFileSync(join(shim, "calls"), "utf8").length;
  };
  const looking = await calls();
  setPolicy("closes: true", "closes: false");
  await did(bob, as("bob", "sync"));
  expect(looking).toBe(await calls());
});

describe("owp settle --range, as a workflow runs it", () => {
  const CI = { env: { GITHUB_ACTIONS: "true", CI: "true" } };
  const range = (from: string, to: string) => ["settle", "--range", `${from}..${to}`];

  test("settles what a push brought, under one name for all runs, and a second run finds nothing", async () => {
    await did(ada, as("max", "repo", "set", "web", "--url", "https://github.com/acme/web"));
    const from = git(ada, "rev-parse", "origin/main");
    WAYS["a merge commit"]?.(ada);
    for (const expected of [1, 0]) {
      const runner = cloneOf(hub);
      const answer = await did(runner, range(from, git(runner, "rev-parse", "HEAD")), CI);
      expect(answer.result.merged).toHaveLength(expected);
      expect(answer.result.commits).toBe(3);
    }
    expect(merges()).toMatchObject([{ actor: "github-actions" }]);
    expect((await taskOf(ada)).task.outcome?.artifacts).toMatchObject([
      { type: "commit" },
      { type: "pr", uri: "https://github.com/acme/web/pull/12" },
    ]);
  });

  test("of a new branch, of which nothing came before", async () => {
    const to = onMain((main) => commit(main, `Fix\n\n${trailer()}`));
    expect((await did(cloneOf(hub), range("0".repeat(40), to), CI)).result.merged).toHaveLength(1);
  });

  test("of a branch that was deleted there is nothing to look at", async () => {
    const answer = await did(ada, range(git(ada, "rev-parse", "HEAD"), "0".repeat(40)));
    expect([answer.result.merged, answer.warnings.length]).toEqual([[], 1]);
  });

  test("in a shallow checkout settles what is there, and says what to do for the rest", async () => {
    const from = git(ada, "rev-parse", "origin/main");
    const to = onMain((main) => {
      commit(main, "Something");
      commit(main, `Fix\n\n${trailer()}`);
    });
    const runner = cloneOf(`file://${hub}`, "--depth", "1");
    const answer = await did(runner, range(from, to), CI);
    expect(answer.result.merged).toHaveLength(1);
    expect(answer.warnings).toEqual([expect.stringMatching(/shallow.*fetch-depth: 0/)]);
    const deeper = cloneOf(`file://${hub}`, "--depth", "2");
    const again = await did(deeper, range(`${to}~1`, to), CI);
    expect([again.result.merged, again.warnings]).toEqual([[], []]);
  });

  test("refuses what is not merged", async () => {
    const [work = ""] = onBranch(ada, "fix", `Fix\n\n${trailer()}`);
    const args = [...range("origin/main", work), "--json"];
    const ended = await owp(ada, args);
    expect([ended.status, ended.answer?.code], told(args, ended)).toEqual([2, "usage"]);
    expect(ended.answer?.error?.message).toContain("is not on origin/main: it is not merged");
    expect(merges()).toEqual([]);
  });

  test.each([
    ["no range", "main", "it must be A..B"],
    ["an end that is not here", `${"1".repeat(40)}..${"2".repeat(40)}`, "has no commit 2222"],
  ])("refuses %s", async (_name, text, says) => {
    const ended = await owp(ada, ["settle", "--range", text, "--json"]);
    expect([ended.status, ended.answer?.code]).toEqual([2, "usage"]);
    expect(ended.answer?.error?.message).toContain(says);
  });

  test("--dry-run shows the files and publishes nothing", async () => {
    onMain((main) => commit(main, `Fix\n\n${trailer()}`));
    git(ada, "fetch", "--quiet");
    const before = readHistory(hub).length;
    const shown = await owp(ada, as("bob", "settle", "--dry-run"));
    expect([shown.status, shown.stdout]).toEqual([0, expect.stringContaining("+status: done")]);
    expect(readHistory(hub)).toHaveLength(before);
    expect((await did(ada, as("bob", "settle"))).result.merged).toHaveLength(1);
  });
});

describe("reverts", () => {
  const revertOf = (oid: string) =>
    onMain((main) => {
      tick();
      git(main, "revert", "--no-edit", oid);
    });
  const syncAll = async (dir: string) => {
    git(dir, "fetch", "--quiet");
    return (await did(dir, as("max", "sync"))).result.settled;
  };

  test("leave the task done by default", async () => {
    const work = onMain((main) => commit(main, `Fix\n\n${trailer()}`));
    await syncAll(ada);
    revertOf(work);
    expect(await syncAll(ada)).toBeUndefined();
    expect((await taskOf(ada)).task.status).toBe("done");
  });

  test("open it again where policy says so; the next merge ends it again, and old clones change nothing", async () => {
    setPolicy("reverts_reopen: false", "reverts_reopen: true");
    const work = onMain((main) => commit(main, `Fix\n\n${trailer()}`));
    expect((await syncAll(ada)).merged).toMatchObject([{ id, epoch: 2 }]);
    const back = revertOf(work);
    expect((await syncAll(ada)).reopened).toMatchObject([{ id, epoch: 3, commit: back }]);
    expect((await taskOf(ada)).state).toBe("queued");
    expect(await syncAll(cloneOf(hub))).toBeUndefined();
    await did(ada, as("bob", "claim", id));
    const again = revertOf(back); // Reapplies the fix.
    expect((await syncAll(ada)).merged).toMatchObject([{ id, epoch: 5, worker: "bob", commit: again }]);
    expect(await syncAll(cloneOf(hub))).toBeUndefined();
    await isValid(ada);
  });

  test("of a merge open what it brought", async () => {
    setPolicy("reverts_reopen: false", "reverts_reopen: true");
    const other = (await did(ada, as("max", "add", "Test the login"))).result.id;
    onBranch(ada, "fix", `Fix\n\n${trailer()}`, `Test\n\n${trailer(other)}`);
    push(ada, "fix");
    const merged = onMain((main) => {
      tick();
      git(main, "merge", "--quiet", "--no-ff", "-m", "Merge", "origin/fix");
    });
    expect((await syncAll(ada)).merged).toHaveLength(2);
    onMain((main) => {
      tick();
      git(main, "revert", "--no-edit", "-m", "1", merged);
    });
    expect((await syncAll(ada)).reopened.map((one: { id: string }) => one.id).sort()).toEqual(
      [id, other].sort(),
    );
  });
});

describe("what does not count", () => {
  test("a trailer of another record is told, once, and the others are settled", async () => {
    const foreign = "t_01jh0000000000000000000abc";
    onMain((main) => commit(main, `Fix\n\n${trailer(foreign)}\n${trailer()}`));
    const bob = cloneOf(hub);
    const synced = await did(bob, as("bob", "sync"));
    expect(synced.result.settled).toMatchObject({
      merged: [{ id }],
      skipped: [{ task: foreign, why: "unknown" }],
    });
    expect(synced.warnings).toEqual([
      expect.stringContaining(`names ${foreign}: there is no such task in this record`),
    ]);
    expect((await did(bob, as("bob", "sync"))).warnings).toEqual([]);
  });

  test("nothing is closed where policy says so", async () => {
    setPolicy("closes: true", "closes: false");
    onMain((main) => commit(main, `Fix\n\n${trailer()}`));
    const bob = cloneOf(hub);
    expect((await did(bob, as("bob", "sync"))).result.settled).toBeUndefined();
    expect((await did(bob, as("bob", "settle"))).warnings).toEqual([
      expect.stringContaining("merge.closes: false"),
    ]);
    expect(merges()).toEqual([]);
  });

  test("the record itself, where it is the default branch", async () => {
    git(hub, "symbolic-ref", "HEAD", "refs/heads/owp");
    const bob = cloneOf(hub, "--branch", "owp");
    await did(bob, as("max", "repo", "set", "web", "--default-branch", "owp"));
    expect((await did(bob, as("bob", "sync"))).result.settled).toBeUndefined();
  });
});

describe("who was working on it", () => {
  test("hears from done, with and without an id, that it is done and by which commit", async () => {
    const work = onMain((main) => commit(main, `Fix\n\n${trailer()}`));
    await did(cloneOf(hub), as("bob", "sync"));
    for (const args of [["done"], ["done", id, "--epoch", "1"]]) {
      const answer = await did(ada, as("ada", ...args));
      expect(answer.result).toMatchObject({ id, already: true, merged_as: work, epoch: 2 });
    }
    expect((await owp(ada, as("ada", "done"))).stdout).toContain(`merged as ${work.slice(0, 10)}`);
  });

  test("hears it at sync, where done waited offline", async () => {
    const work = onMain((main) => commit(main, `Fix\n\n${trailer()}`));
    await did(ada, as("ada", "done", "--offline"));
    await did(cloneOf(hub), as("bob", "sync"));
    const { answers } = (await did(ada, as("ada", "sync"))).result;
    expect(answers).toMatchObject([{ name: "done", ok: true, result: { already: true, merged_as: work } }]);
  });
});

test("clones that settle at the same time make one commit, and the others find nothing to do", async () => {
  onMain((main) => commit(main, `Fix\n\n${trailer()}`));
  const clones = Array.from({ length: 4 }, () => cloneOf(hub));
  const ended = await Promise.all(
    clones.map((dir, n) => startOwp(dir, as(`w${n}`, "settle", "--json")).ended),
  );
  expect(ended.map(({ status }) => status)).toEqual([0, 0, 0, 0]);
  const winners = ended.filter(({ answer }) => answer?.commit);
  expect(winners).toHaveLength(1);
  expect(ended.map(({ answer }) => answer?.result.merged.length).sort()).toEqual([0, 0, 0, 1]);
  expect(merges().map(({ oid }) => oid)).toEqual([winners[0]?.answer?.commit]);
});

describe("owp trailer", () => {
  test("names the task that I hold, without the remote, and what the claim said", async () => {
    const { result } = await did(ada, as("ada", "claim"));
    expect(result.tasks[0]).toMatchObject({
      branch: `task/${id.slice(-4)}-fix-the-login`,
      trailer: trailer(),
    });
    renameSync(hub, `${hub}.away`);
    const said = await owp(ada, as("ada", "trailer"));
    expect([said.status, said.stdout, said.stderr]).toEqual([0, `${trailer()}\n`, ""]);
    expect((await owp(ada, as("bob", "trailer", id.slice(-4)))).stdout).toBe(`${trailer()}\n`);
  });

  test("as git's hook: the commit names the task, and its merge ends it", async () => {
    const hook = join(ada, ".git/hooks/prepare-commit-msg");
    const { OWP } = await import("../helpers/command.ts");
    writeFileSync(hook, `#!/bin/sh\nexec '${process.execPath}' '${OWP}' trailer --hook "$@"\n`, {
      mode: 0o755,
    });
    process.env.OWP_WORKER = "ada";
    try {
      commit(ada, "Fix the cookie");
      expect(git(ada, "log", "-1", "--format=%B")).toBe(`Fix the cookie\n\n${trailer()}`);
      git(ada, "commit", "--quiet", "--amend", "--no-edit");
      expect(git(ada, "log", "-1", "--format=%B")).toBe(`Fix the cookie\n\n${trailer()}`);
      await did(ada, as("ada", "release"));
      commit(ada, "Something else");
      expect(git(ada, "log", "-1", "--format=%B")).toBe("Something else");
    } finally {
      delete process.env.OWP_WORKER;
    }
    push(ada, "main");
    expect((await did(ada, as("bob", "sync"))).result.settled.merged).toMatchObject([{ id }]);
  });

  test("as a hook never fails a commit, and is silent, whatever is wrong", async () => {
    const bare = cloneOf(bareHub());
    const cases: [dir: string, words: string[], env?: NodeJS.ProcessEnv][] = [
      [bare, ["msg", "message"]],
      [ada, ["msg", "message"], { OWP_WORKER: "nobody" }],
      [ada, ["msg", "message"], { OWP_WORKER: "!!" }],
      [join(ada, ".."), ["msg", "message"]],
    ];
    for (const [dir, words, env] of cases) {
      writeFileSync(join(dir, "msg"), "Fix\n");
      const ended = await owp(dir, ["trailer", "--hook", ...words], env ? { env } : {});
      expect([words, ended.status, ended.stdout, ended.stderr]).toEqual([words, 0, "", ""]);
      expect(readFileSync(join(dir, "msg"), "utf8")).toBe("Fix\n");
    }
    expect(portrait(bare).status).not.toContain(".git/owp");
    const missing = await owp(ada, as("ada", "trailer", "--hook", "no-such-file", "message"));
    expect([missing.status, missing.stderr]).toEqual([
      0,
      expect.stringContaining("the commit's message stays as it is"),
    ]);
  });
});
