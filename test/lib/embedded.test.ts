import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { beforeEach, describe, expect, test } from "vitest";
import { git, tempDir } from "../helpers/git.ts";
import { hubAt, runAt } from "../helpers/record-hub.ts";

/** A repository without a remote: it holds the record itself. */
let dir: string;

beforeEach(() => {
  dir = join(tempDir(), "project");
  git(tempDir(), "init", "--quiet", "--initial-branch=main", dir);
  writeFileSync(join(dir, "code.txt"), "code\n");
  git(dir, "add", "-A");
  git(dir, "commit", "--quiet", "-m", "first");
});

interface Claimed {
  worker: string;
  tasks: { id: string; title: string; epoch: number }[];
}

describe("a repository without a remote", () => {
  test("init, add, claim and done work on its own branch, and the checkout stays untouched", async () => {
    writeFileSync(join(dir, "code.txt"), "changed\n");
    const state = () => [
      git(dir, "status", "--porcelain"),
      git(dir, "rev-parse", "HEAD", "main"),
      git(dir, "branch", "--show-current"),
      readFileSync(join(dir, "code.txt"), "utf8"),
    ];
    const before = state();
    const done = await runAt(dir, [["init"], ["add", { title: "one" }], ["claim"], ["heartbeat"], ["done"]], {
      as: "ada",
    });
    expect(done.commit).toBe(git(dir, "rev-parse", "owp"));
    expect(state()).toEqual(before);
    expect(git(dir, "log", "--format=%s", "owp").split("\n")).toHaveLength(4);
    expect(git(dir, "config", "--list", "--local")).not.toContain("remote");
    git(dir, "fsck", "--strict", "--no-dangling");
  });

  test("two linked worktrees with default names are two workers of one clone", async () => {
    await runAt(
      dir,
      [["init"], ["add", { title: "one" }], ["add", { title: "two" }], ["add", { title: "three" }]],
      { as: "ada" },
    );
    const trees = ["left", "right"].map((name) => join(dir, "..", name));
    for (const tree of trees) git(dir, "worktree", "add", "--quiet", tree, "-b", tree.slice(-4));
    const claims = await Promise.all(trees.map((tree) => runAt<Claimed>(tree, [["claim"]])));
    const [left, right] = claims.map(({ result }) => result) as [Claimed, Claimed];
    expect(left.worker).not.toBe(right.worker);
    expect([left.worker, right.worker].map((name) => name.split("/")[1])).toEqual(["left", "right"]);
    expect(left.tasks[0]?.id).not.toBe(right.tasks[0]?.id);
    expect(existsSync(join(dir, ".git", "owp", "store.git"))).toBe(true);
    // Who asks again gets back what it holds.
    expect((await runAt<Claimed>(trees[0] as string, [["claim"]])).result.tasks).toEqual(
      left.tasks.map((task) => expect.objectContaining({ id: task.id, epoch: 1 })),
    );
    await Promise.all(trees.map((tree) => runAt(tree, [["done"]])));
    expect(
      git(dir, "log", "--format=%(trailers:key=Owp-Event,valueonly,separator=)", "owp").split("\n").sort(),
    ).toEqual(
      [
        "record.created",
        "task.created",
        "task.created",
        "task.created",
        "task.claimed",
        "task.claimed",
        "task.done",
        "task.done",
      ].sort(),
    );
  });

  test("many processes of one clone, each with its own hub: one holder a task", async () => {
    await runAt(
      dir,
      [["init"], ...Array.from({ length: 6 }, (_, i) => ["add", { title: `task ${i}` }] as const)],
      { as: "ada" },
    );
    const claims = await Promise.all(
      Array.from({ length: 6 }, (_, i) => runAt<Claimed>(dir, [["claim"]], { as: `w${i}` })),
    );
    expect(new Set(claims.map(({ result }) => result.tasks[0]?.id)).size).toBe(6);
  });

  test.each<[string, () => string]>([
    [
      "in the main checkout",
      () => {
        git(dir, "switch", "--quiet", "owp");
        return dir;
      },
    ],
    [
      "in a linked worktree",
      () => {
        const tree = join(dir, "..", "record");
        git(dir, "worktree", "add", "--quiet", tree, "owp");
        return tree;
      },
    ],
  ])(
    "the record checked out %s: a change is refused and says what to do, and reads work",
    async (_where, checkOut) => {
      await runAt(dir, [["init"], ["add", { title: "one" }]], { as: "ada" });
      const tip = git(dir, "rev-parse", "owp");
      const place = checkOut();
      const hub = await hubAt(dir, { as: "ada" });
      expect(await hub.run("claim", {})).toMatchObject({
        ok: false,
        code: "remote_layout",
        message: expect.stringContaining("checked out"),
        hint: expect.stringContaining("git switch"),
      });
      expect(await hub.run("list", {})).toMatchObject({ ok: true });
      expect([git(dir, "rev-parse", "owp"), git(place, "status", "--porcelain")]).toEqual([tip, ""]);
      git(place, "switch", "--quiet", "--detach");
      expect(await hub.run("claim", {})).toMatchObject({ ok: true });
      await hub.close();
    },
  );

  test("a bare repository holds its own record too", async () => {
    const bare = join(tempDir(), "bare.git");
    git(dir, "init", "--quiet", "--bare", bare);
    expect(await runAt(bare, [["init"], ["add", { title: "one" }], ["claim"]], { as: "ada" })).toMatchObject({
      ok: true,
      commit: git(bare, "rev-parse", "owp"),
    });
  });

  test("with a remote added later the record is looked for there", async () => {
    await runAt(dir, [["init"]], { as: "ada" });
    const hub = join(tempDir(), "hub.git");
    git(dir, "init", "--quiet", "--bare", hub);
    git(dir, "remote", "add", "origin", hub);
    const opened = await hubAt(dir, { as: "ada" });
    expect(await opened.run("list", {})).toMatchObject({ ok: false, code: "not_initialized" });
    await opened.close();
    git(dir, "push", "--quiet", "origin", "owp");
    expect(await runAt(dir, [["list"]], { as: "ada" })).toMatchObject({ ok: true });
  });
});
