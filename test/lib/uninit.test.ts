import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { beforeEach, describe, expect, test } from "vitest";
import { FileDesk } from "../../src/engine/desk-files.ts";
import { openHub } from "../../src/lib/open.ts";
import type { Outcome, RunOptions } from "../../src/lib/types.ts";
import { type Uninited, uninitClone } from "../../src/lib/uninit.ts";
import { cloneOf, git, tempDir } from "../helpers/git.ts";
import { hubAt, recordHub, runAt } from "../helpers/record-hub.ts";

let hub: string;
let clone: string;
let owp: string;

beforeEach(async () => {
  ({ hub, clone } = await recordHub());
  await runAt(clone, [["claim"], ["heartbeat"]], { as: "ada" });
  owp = join(clone, ".git", "owp");
});

async function uninit(
  input: object = {},
  options: RunOptions = {},
): Promise<Outcome & { result?: Uninited }> {
  const opened = await hubAt(clone, { as: "ada" });
  const outcome = await opened.run("uninit", input, options);
  await opened.close();
  return outcome as Outcome & { result?: Uninited };
}

const refs = () => git(hub, "for-each-ref", "--format=%(refname)").split("\n");

test("forgets the record in this clone; the remote and the user's refs stay", async () => {
  const before = git(clone, "for-each-ref");
  expect(await uninit()).toMatchObject({
    ok: true,
    result: { folder: owp, waiting: { offline: 0, undecided: 0 } },
  });
  expect(existsSync(owp)).toBe(false);
  expect(refs()).toContain("refs/heads/owp");
  expect(git(clone, "for-each-ref")).toBe(before);
  expect(await runAt(clone, [["list"]], { as: "ada" })).toMatchObject({ ok: true });
});

test("a dry run says what would go, and how much of it waits", async () => {
  await runAt(clone, [["add", { title: "later" }, { offline: true }]], { as: "ada" });
  const before = refs();
  expect(await uninit({ record: true }, { dry_run: true })).toMatchObject({
    ok: true,
    result: {
      would: true,
      waiting: { offline: 1 },
      record: { branch: "owp", tip: git(hub, "rev-parse", "owp"), signals: 1 },
    },
  });
  expect([existsSync(join(owp, "offline")), refs()]).toEqual([true, before]);
  expect(readdirSync(join(clone, ".git")).filter((name) => name.endsWith(".bundle"))).toEqual([]);
});

test("with record it deletes branch and signals, and what it says brings the record back", async () => {
  const tip = git(hub, "rev-parse", "owp");
  const main = git(hub, "rev-parse", "main");
  const { result } = await uninit({ record: true });
  expect(result?.record).toEqual({ branch: "owp", tip, signals: 1 });
  expect([refs(), git(hub, "rev-parse", "main"), existsSync(owp)]).toEqual([
    ["refs/heads/main"],
    main,
    false,
  ]);
  git(hub, "gc", "--prune=now", "--quiet");
  for (const command of result?.restore ?? []) git(clone, ...command.split(" ").slice(1));
  expect(git(hub, "rev-parse", "owp")).toBe(tip);
  expect(await runAt<{ tasks: unknown[] }>(clone, [["list"]], { as: "ada" })).toMatchObject({
    ok: true,
    result: { tasks: [{ title: "first" }] },
  });
});

test("a record that is not there is no error, and uninit comes twice", async () => {
  await uninit({ record: true });
  expect(await uninit({ record: true })).toMatchObject({
    ok: true,
    result: { record: { tip: null, signals: 0 } },
  });
});

describe("refused, with nothing removed", () => {
  test("the record moved meanwhile", async () => {
    const moved = git(hub, "commit-tree", "owp^{tree}", "-p", "owp", "-m", "later");
    const opened = await openHub({ dir: clone, env: {}, as: "ada" });
    if ("code" in opened) throw new Error(opened.message);
    const { remote } = opened.parts;
    const fetch = remote.fetch.bind(remote);
    // Another clone publishes between the look and the deletion.
    remote.fetch = async (options) => {
      const fetched = await fetch(options);
      git(hub, "update-ref", "refs/heads/owp", moved);
      return fetched;
    };
    expect(await opened.run("uninit", { record: true })).toMatchObject({ ok: false, code: "conflict" });
    await opened.close();
    expect([existsSync(owp), git(hub, "rev-parse", "owp")]).toEqual([true, moved]);
    expect(readdirSync(join(clone, ".git")).filter((name) => name.endsWith(".bundle"))).toEqual([]);
  });

  test("a server that lets nobody delete branches", async () => {
    git(hub, "config", "receive.denyDeletes", "true");
    expect(await uninit({ record: true })).toMatchObject({
      ok: false,
      message: expect.stringContaining("deletion prohibited"),
    });
    expect([existsSync(owp), refs().includes("refs/heads/owp")]).toEqual([true, true]);
  });

  test("another command of this clone is running", async () => {
    const lock = await new FileDesk(owp).lock();
    expect(await uninit()).toMatchObject({ ok: false, code: "conflict" });
    expect(existsSync(owp)).toBe(true);
    await lock?.release();
  });

  test("a record read by URL", async () => {
    const opened = await hubAt(clone, { hub: "https://example.org/x.git" });
    expect(await opened.run("uninit", { record: true })).toMatchObject({ ok: false, code: "read_only" });
  });
});

describe("where no hub opens", () => {
  test("the clone is forgotten all the same", async () => {
    git(clone, "remote", "remove", "origin");
    git(clone, "remote", "add", "a", "/x");
    git(clone, "remote", "add", "b", "/y");
    expect(await uninitClone(clone, true)).toMatchObject({ ok: true, result: { would: true } });
    expect(existsSync(owp)).toBe(true);
    expect(await uninitClone(clone, false)).toMatchObject({ ok: true, result: { folder: owp } });
    expect(existsSync(owp)).toBe(false);
  });

  test("nothing there is no error; no repository is one", async () => {
    const fresh = cloneOf(hub);
    expect(await uninitClone(fresh, false)).toMatchObject({ ok: true });
    expect(existsSync(join(fresh, ".git", "owp"))).toBe(false);
    expect(await uninitClone(tempDir(), false)).toMatchObject({ ok: false, code: "no_repository" });
  });
});
