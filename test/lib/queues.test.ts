/** Several records in one clone: what one of them does, waits for or forgets never shows in another. */
import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { beforeEach, describe, expect, test } from "vitest";
import { openHub } from "../../src/lib/open.ts";
import type { QueueRow } from "../../src/lib/queues.ts";
import type { Outcome, RunOptions } from "../../src/lib/types.ts";
import { bareHub, cloneOf, git } from "../helpers/git.ts";
import { hubAt, runAt } from "../helpers/record-hub.ts";

let hub: string;
let clone: string;
let owp: string;

const OFFLINE = { offline: true };
const titlesOn = (branch: string): string[] =>
  git(hub, "log", "--reverse", "--format=%s", branch)
    .split("\n")
    .flatMap((subject) => /^add \w+: (.*)/.exec(subject)?.[1] ?? []);

/** Runs one operation in the clone, on the record of a queue. */
async function run(queue: string | undefined, name: string, input: object = {}, options: RunOptions = {}) {
  const opened = await hubAt(clone, { as: "ada", ...(queue && { queue }) });
  const outcome = await opened.run(name, input, options);
  await opened.close();
  return outcome as Outcome & { result?: never };
}

beforeEach(async () => {
  hub = bareHub();
  clone = cloneOf(hub);
  owp = join(clone, ".git", "owp");
  await runAt(clone, [["init"]], { as: "ada" });
  await runAt(clone, [["init"]], { as: "ada", queue: "ops" });
});

describe("what waits in a clone", () => {
  test("for one queue is sent by that one's sync alone, and the other's sync says that it waits", async () => {
    await run(undefined, "add", { title: "main" }, OFFLINE);
    await run("ops", "add", { title: "ops" }, OFFLINE);
    await run("ops", "add", { title: "more ops" }, OFFLINE);
    expect(await run(undefined, "sync")).toMatchObject({
      ok: true,
      result: { answers: [{ name: "add", ok: true }], waiting: [] },
      warnings: ["2 operations wait for the record on owp-ops: owp sync --queue ops"],
    });
    expect([titlesOn("owp"), titlesOn("owp-ops")]).toEqual([["main"], []]);
    expect(await run("ops", "sync")).toMatchObject({
      result: { answers: [{ ok: true }, { ok: true }] },
      warnings: [],
    });
    expect([titlesOn("owp"), titlesOn("owp-ops")]).toEqual([["main"], ["ops", "more ops"]]);
  });

  test("in the shared queue is planned by a leader of its own record", async () => {
    // A caller of ops that is about to be led, while someone leads the main record.
    const ops = await openHub({ dir: clone, env: {}, as: "ada", queue: "ops" });
    if ("code" in ops) throw new Error(ops.message);
    await ops.parts.desk.enqueue(ops.ticket("add", { title: "ops" }, ops.parts.newOp(), {}));
    expect(await run(undefined, "add", { title: "main" })).toMatchObject({ ok: true });
    expect([titlesOn("owp"), titlesOn("owp-ops")]).toEqual([["main"], []]);
    await ops.run("add", { title: "second" });
    await ops.close();
    expect([titlesOn("owp"), titlesOn("owp-ops")]).toEqual([["main"], ["ops", "second"]]);
  });

  test("a push whose outcome is not known is settled on its own record", async () => {
    const ops = await openHub({ dir: clone, env: {}, as: "ada", queue: "ops" });
    if ("code" in ops) throw new Error(ops.message);
    const { desk, remote } = ops.parts;
    const push = remote.push.bind(remote);
    // It lands, its report is lost, and the remote with it.
    remote.push = async (...call) => {
      remote.fetch = async () => ({ ok: false, fault: { class: "unreachable", text: "gone" } });
      return { ...(await push(...call)), record: "unknown" };
    };
    const told = await ops.run("add", { title: "ops" }, { timeout_ms: 300 });
    expect(told.ok || told.code).toBe("unknown_outcome");
    await ops.close();
    expect(await run(undefined, "sync")).toMatchObject({ result: { notices: [] } });
    expect(await desk.pendings()).toHaveLength(1);
    expect(await run("ops", "sync")).toMatchObject({
      result: { notices: [expect.stringContaining("did land")] },
    });
    expect([titlesOn("owp"), titlesOn("owp-ops")]).toEqual([[], ["ops"]]);
  });

  test("queued for origin is not sent to another remote, nor the other way round", async () => {
    const fork = bareHub();
    git(clone, "push", "--quiet", fork, "main");
    git(clone, "remote", "add", "fork", fork);
    await runAt(clone, [["init"]], { as: "ada", remote: "fork" });
    await run(undefined, "add", { title: "for origin" }, OFFLINE);
    expect(await runAt(clone, [["sync"]], { as: "ada", remote: "fork" })).toMatchObject({
      result: { answers: [] },
      warnings: ["1 operation waits for the record on owp: owp sync --branch owp"],
    });
    expect(await run(undefined, "sync")).toMatchObject({ result: { answers: [{ ok: true }] } });
    expect(titlesOn("owp")).toEqual(["for origin"]);
  });
});

describe("beside each other", () => {
  test("many at the same time: each operation lands on its own record", async () => {
    const names = [undefined, "ops"];
    const adds = names.flatMap((queue) =>
      Array.from({ length: 5 }, (_, index) => run(queue, "add", { title: `${queue ?? "main"} ${index}` })),
    );
    for (const outcome of await Promise.all(adds)) expect(outcome).toMatchObject({ ok: true });
    for (const [branch, word] of [
      ["owp", "main"],
      ["owp-ops", "ops"],
    ] as const)
      expect(titlesOn(branch).sort()).toEqual(Array.from({ length: 5 }, (_, index) => `${word} ${index}`));
  });

  test("claims, workers and ids are each record's own; the clone's id is one", async () => {
    await run(undefined, "add", { title: "main" });
    await run("ops", "worker register", { name: "eve" });
    expect(await run("ops", "claim")).toMatchObject({ ok: false, code: "nothing_to_claim" });
    expect(await run(undefined, "worker show", { name: "eve" })).toMatchObject({
      ok: false,
      code: "worker_unknown",
    });
    const trailers = ["owp", "owp-ops"].map((branch) =>
      git(hub, "log", "-1", "--format=%(trailers:key=Owp-Clone,valueonly)", branch).trim(),
    );
    expect(trailers[0]).toBe(trailers[1]);
  });

  test("E51 heartbeats of one are no sign of life in another", async () => {
    for (const queue of [undefined, "ops"]) {
      await run(queue, "add", { title: "x" });
      await run(queue, "claim");
    }
    await run("ops", "heartbeat");
    const places = git(hub, "for-each-ref", "--format=%(refname)", "refs/owp").split("\n");
    expect(places).toEqual([expect.stringMatching(/^refs\/owp\/signals-owp-ops\/[0-9a-z]{16}$/)]);
    const statusIn = async (queue?: string) => {
      const shown = (await run(queue, "worker show")) as { result?: { presence?: { status?: unknown } } };
      return shown.result?.presence?.status;
    };
    expect([await statusIn(), await statusIn("ops")]).toEqual([null, "working"]);
  });

  test("a gc of the clone's stores loses nothing of either", async () => {
    for (const store of [join(owp, "store.git"), join(owp, "records", "owp-ops", "store.git")]) {
      git(store, "gc", "--prune=now", "--quiet");
      git(store, "fsck", "--strict");
    }
    for (const queue of [undefined, "ops"])
      expect(await run(queue, "add", { title: "x" })).toMatchObject({ ok: true });
  });
});

describe("owp queues", () => {
  const listed = async (queue?: string, options: RunOptions = {}) =>
    ((await run(queue, "queues", {}, options)) as unknown as { result: { queues: QueueRow[] } }).result
      .queues;

  test("lists the records, what is none, and what waits here for each", async () => {
    git(hub, "branch", "owp-old-code", "main");
    git(hub, "branch", "owp-channels", "main");
    git(hub, "branch", "owp-signals/0123", "main");
    await run("ops", "add", { title: "x" }, OFFLINE);
    const rows = await listed("ops");
    expect(rows).toEqual([
      {
        queue: null,
        branch: "owp",
        tip: git(hub, "rev-parse", "owp"),
        record: true,
        current: false,
        waiting: 0,
      },
      {
        queue: "old-code",
        branch: "owp-old-code",
        tip: git(hub, "rev-parse", "main"),
        record: false,
        current: false,
        waiting: 0,
      },
      {
        queue: "ops",
        branch: "owp-ops",
        tip: git(hub, "rev-parse", "owp-ops"),
        record: true,
        current: true,
        waiting: 1,
      },
    ]);
    expect(await listed(undefined, OFFLINE)).toMatchObject([
      { queue: null, branch: "owp", tip: null, record: null, current: true },
      { queue: "ops", branch: "owp-ops", tip: null, waiting: 1 },
    ]);
    expect(readdirSync(join(clone, ".git")).filter((name) => name.startsWith("shallow"))).toEqual([]);
  });

  test("none, and a remote that is away", async () => {
    const bare = cloneOf(bareHub());
    expect(await runAt(bare, [["queues"]], { as: "ada" })).toMatchObject({
      result: { base: "owp", queues: [] },
    });
    git(clone, "remote", "set-url", "origin", `${hub}.away`);
    expect(await run(undefined, "queues")).toMatchObject({ ok: false, code: "remote_unreachable" });
  });
});

describe("uninit", () => {
  test("forgets one record of the clone, and says that there is another", async () => {
    await run("ops", "add", { title: "x" }, OFFLINE);
    expect(await run(undefined, "uninit")).toMatchObject({
      ok: true,
      warnings: [
        "This clone also keeps the record on owp-ops (1 waiting): owp uninit --all forgets every record.",
      ],
    });
    expect(readdirSync(owp).sort()).toEqual(["memo", "records", "settings"]);
    expect(readdirSync(join(owp, "memo"))).toEqual(["clone.json"]);
    expect(await run("ops", "sync")).toMatchObject({ result: { answers: [{ ok: true }] } });
    expect(await run(undefined, "list")).toMatchObject({ ok: true });
  });

  test("of a queue leaves the main record's part alone, and of the last one nothing is left", async () => {
    await run(undefined, "add", { title: "x" }, OFFLINE);
    expect(await run("ops", "uninit")).toMatchObject({
      ok: true,
      result: { folder: join(owp, "records", "owp-ops") },
    });
    expect(existsSync(join(owp, "records", "owp-ops"))).toBe(false);
    expect(await run(undefined, "sync")).toMatchObject({ result: { answers: [{ ok: true }] } });
    await run(undefined, "uninit");
    expect(existsSync(owp)).toBe(false);
    await run("ops", "list");
    await run("ops", "uninit");
    expect(existsSync(owp)).toBe(false);
  });

  test("--all forgets every record of the clone", async () => {
    await run(undefined, "add", { title: "x" }, OFFLINE);
    await run("ops", "add", { title: "x" }, OFFLINE);
    expect(await run(undefined, "uninit", { all: true }, { dry_run: true })).toMatchObject({
      result: { would: true, folder: owp, waiting: { offline: 2 } },
    });
    expect(existsSync(join(owp, "records", "owp-ops", "offline"))).toBe(true);
    await run(undefined, "uninit", { all: true });
    expect(existsSync(owp)).toBe(false);
  });

  test("--record deletes that queue's branch and signals, and its backup brings that queue back", async () => {
    for (const queue of [undefined, "ops"]) await run(queue, "heartbeat");
    await run("ops", "add", { title: "ops" });
    await run(undefined, "add", { title: "main" });
    const tip = git(hub, "rev-parse", "owp-ops");
    const outcome = (await run("ops", "uninit", { record: true })) as unknown as {
      result: { restore: string[] };
    };
    expect(outcome.result).toMatchObject({ record: { branch: "owp-ops", tip, signals: 1 } });
    const refs = git(hub, "for-each-ref", "--format=%(refname)").split("\n");
    expect(refs).toEqual([
      "refs/heads/main",
      "refs/heads/owp",
      expect.stringMatching(/^refs\/owp\/signals\//),
    ]);
    git(hub, "gc", "--prune=now", "--quiet");
    for (const command of outcome.result.restore) git(clone, ...command.split(" ").slice(1));
    expect(titlesOn("owp-ops")).toEqual(["ops"]);
  });
});

test("a branch below a record's name is in the way of that record only", async () => {
  git(hub, "branch", "owp-big/x", "main");
  expect(await run("big", "init")).toMatchObject({
    ok: false,
    code: "remote_layout",
    message: expect.stringContaining("owp-big/x"),
  });
  expect(await run("other", "init")).toMatchObject({ ok: true });
});
