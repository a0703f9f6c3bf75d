import { execFileSync } from "node:child_process";
import { randomBytes } from "node:crypto";
import { writeFileSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { runGit } from "../../src/engine/git/process.ts";
import type { GitObject, Oid } from "../../src/engine/ports.ts";
import { unpack } from "../../src/engine/web/unpack.ts";
import { bareHub, cloneOf, git, tempDir } from "../helpers/git.ts";
import { type HttpGit, type HttpGitOptions, serveHttp } from "../helpers/http-git.ts";
import { hubAt, recordHub, runAt } from "../helpers/record-hub.ts";

describe("unpack", () => {
  const dir = tempDir();
  const none = () => undefined;
  const pack = (...args: string[]) =>
    execFileSync("git", ["pack-objects", "--all", "--stdout", "--quiet", ...args], {
      cwd: dir,
      input: "",
      maxBuffer: 1 << 28,
    });
  const all = () => git(dir, "rev-list", "--all", "--objects", "--no-object-names").split("\n").sort();

  beforeAll(() => {
    git(dir, "init", "--quiet");
    let text = randomBytes(100_000).toString("hex");
    for (let i = 0; i < 12; i++) {
      text = `${text.slice(0, 1000 * i)}line ${i}\n${text.slice(1000 * i)}`;
      writeFileSync(join(dir, "long"), text);
      writeFileSync(join(dir, "empty"), "");
      git(dir, "add", "-A");
      git(dir, "commit", "--quiet", "-m", `commit ${i}`);
    }
    git(dir, "tag", "-a", "-m", "a tag", "v1");
  });

  test.each([
    ["deltas by offset", ["--delta-base-offset", "--window=50", "--depth=50"]],
    ["deltas by name", ["--no-reuse-delta", "--window=50", "--depth=50"]],
    ["no deltas", ["--window=0", "--no-reuse-delta"]],
  ])("reads what git packs: %s", (_name, args) => {
    const objects = unpack(pack(...args), none);
    expect(objects.map((object) => object.oid).sort()).toEqual(
      all().filter((oid) => git(dir, "cat-file", "-t", oid) !== "tag"),
    );
    const long = objects.find((object) => object.oid === git(dir, "rev-parse", "HEAD:long")) as GitObject;
    expect(long.data.length).toBeGreaterThan(200_000);
  });

  test("takes bases of a thin pack from outside", () => {
    const known = new Map<Oid, GitObject>(unpack(pack(), none).map((object) => [object.oid, object]));
    const input = `${git(dir, "rev-parse", "HEAD")}\n^${git(dir, "rev-parse", "HEAD~1")}\n`;
    const thin = execFileSync("git", ["pack-objects", "--revs", "--thin", "--stdout", "--quiet"], {
      cwd: dir,
      input,
    });
    expect(unpack(thin, (oid) => known.get(oid)).map(({ oid }) => oid)).toContain(
      git(dir, "rev-parse", "HEAD:long"),
    );
    expect(() => unpack(thin, none)).toThrow("base is missing");
  });

  test.each<[string, (bytes: Buffer) => Buffer, string]>([
    ["a changed byte", (bytes) => bytes.fill(bytes[40] === 1 ? 2 : 1, 40, 41), "damaged"],
    ["a missing end", (bytes) => bytes.subarray(0, bytes.length - 30), "damaged"],
    ["no pack at all", () => Buffer.from("<html>hello, this is a page</html>".repeat(3)), "not a git pack"],
  ])("refuses %s", (_name, spoil, words) => {
    expect(() => unpack(spoil(Buffer.from(pack())), none)).toThrow(words);
  });
});

describe("a record by URL", () => {
  let hub: string;
  let clone: string;
  let server: HttpGit;
  let url: string;

  beforeAll(async () => {
    ({ hub, clone } = await recordHub());
    server = await serveHttp(dirname(hub));
    url = `${server.url}/${basename(hub)}`;
  });
  afterAll(() => server.close());

  /** Runs one operation by URL in a hub of its own. */
  const read = async (
    name: string,
    input: object = {},
    more: Parameters<typeof hubAt>[1] = {},
    options = {},
  ) => {
    const opened = await hubAt("/", { hub: url, as: "ada", ...more });
    const outcome = await opened.run(name, input, options);
    await opened.close();
    return outcome;
  };
  const titles = (outcome: Awaited<ReturnType<typeof read>>) =>
    outcome.ok
      ? (outcome.result as { tasks: { title: string }[] }).tasks.map((task) => task.title)
      : outcome.code;

  test("queries answer what a clone's do", async () => {
    const here = await runAt<object>(clone, [["list"]], { as: "ada" });
    const there = await read("list");
    expect(there).toMatchObject({
      ok: true,
      result: here.result,
      view: { tip: here.view.tip, stale: false },
    });
  });

  test("two requests bring a record, one more tells that nothing changed", async () => {
    const opened = await hubAt("/", { hub: url });
    server.requests.length = 0;
    await opened.run("list", {});
    expect(server.requests.map(({ step }) => step)).toEqual(["refs", "data"]);
    await opened.run("list", {});
    expect(server.requests.length).toBe(3);
  });

  test("an open hub sees what is published later, and a replaced history is refused", async () => {
    const opened = await hubAt("/", { hub: url });
    await opened.run("list", {});
    await runAt(clone, [["add", { title: "later" }]], { as: "ada" });
    expect(titles(await opened.run("list", {}))).toContain("later");
    const tip = git(hub, "rev-parse", "owp");
    git(hub, "update-ref", "refs/heads/owp", `${tip}~1`);
    expect(await opened.run("list", {})).toMatchObject({ ok: false, code: "record_rewritten" });
    git(hub, "update-ref", "refs/heads/owp", tip);
    expect(titles(await opened.run("list", {}))).toContain("later");
  });

  test("the ledger is fetched as far back as it is asked for", async () => {
    const tree = git(hub, "rev-parse", "owp^{tree}");
    let tip = git(hub, "rev-parse", "owp");
    const before = Number(git(hub, "rev-list", "--count", "owp"));
    for (let i = 0; i < 90; i++) tip = git(hub, "commit-tree", tree, "-p", tip, "-m", `edit ${i}`);
    git(hub, "update-ref", "refs/heads/owp", tip);
    const opened = await hubAt("/", { hub: url });
    server.requests.length = 0;
    const events = async (limit: number) => {
      const outcome = await opened.run("log", { limit });
      return outcome.ok ? (outcome.result as { events: unknown[] }).events.length : outcome;
    };
    expect(await events(50)).toBe(50);
    expect(server.requests.length).toBe(2);
    expect(await events(1000)).toBe(before + 90);
    expect(server.requests.length).toBe(5);
    expect(await events(1000)).toBe(before + 90);
    expect(server.requests.length).toBe(6);
  });

  test.each(["claim", "add", "init", "sync", "heartbeat", "done"])(
    "%s is refused as read_only, and asks the server nothing",
    async (name) => {
      server.requests.length = 0;
      expect(await read(name, name === "add" ? { title: "x" } : {})).toMatchObject({
        ok: false,
        code: "read_only",
      });
      expect(server.requests).toEqual([]);
    },
  );

  test("a dry run is a read", async () => {
    const tip = git(hub, "rev-parse", "owp");
    expect(await read("claim", {}, {}, { dry_run: true })).toMatchObject({
      ok: true,
      changes: [{ path: expect.stringMatching(/^leases\//) }],
    });
    expect(git(hub, "rev-parse", "owp")).toBe(tip);
  });

  test("offline there is nothing to read", async () => {
    expect(await read("list", {}, {}, { offline: true })).toMatchObject({
      ok: false,
      code: "offline_needs_remote",
    });
  });

  describe("credentials", () => {
    beforeAll(() => {
      server.options.auth = { user: "owp", password: "s3cret" };
    });
    afterAll(() => {
      delete server.options.auth;
    });
    const inUrl = (who: string) => url.replace("http://", `http://${who}@`);

    test.each<[string, Parameters<typeof hubAt>[1], string]>([
      ["in the URL", { hub: "" }, "owp:s3cret"],
      ["a token in OWP_HUB_TOKEN", { env: { OWP_HUB_TOKEN: "s3cret" } }, ""],
      ["user and password in OWP_HUB_TOKEN", { env: { OWP_HUB_TOKEN: "owp:s3cret" } }, ""],
    ])("%s", async (_name, more, who) => {
      expect(titles(await read("list", {}, who ? { hub: inUrl(who) } : more))).toContain("first");
    });

    test.each([
      ["none", {}],
      ["a wrong one in the URL", { hub: "wrong" }],
      ["a wrong token", { env: { OWP_HUB_TOKEN: "wr0ng" } }],
    ])("%s: remote_denied, and never printed", async (_name, more: Parameters<typeof hubAt>[1] = {}) => {
      const outcome = await read("list", {}, more.hub ? { hub: inUrl("ada:wr0ng") } : more);
      expect(outcome).toMatchObject({
        ok: false,
        code: "remote_denied",
        hint: expect.stringContaining("OWP_HUB_TOKEN"),
      });
      expect(JSON.stringify(outcome)).not.toContain("wr0ng");
    });
  });

  describe("bad places", () => {
    test.each([
      ["a path", "/srv/hub.git", "usage"],
      ["ssh", "ssh://git@example.org/x.git", "usage"],
      ["no URL", "hub", "usage"],
    ])("%s is refused at once: %s", async (_name, place, code) => {
      const { openHub } = await import("../../src/lib/open.ts");
      expect(await openHub({ dir: "/", hub: place, env: {} })).toMatchObject({ ok: false, code });
    });

    test("no such repository, nobody there, a page that is no git server", async () => {
      const outcomes = [
        await read("list", {}, { hub: `${server.url}/none.git` }),
        await read("list", {}, { hub: "http://127.0.0.1:9/x.git" }),
      ];
      expect(outcomes.map((outcome) => !outcome.ok && outcome.code)).toEqual([
        "remote_unreachable",
        "remote_unreachable",
      ]);
      expect(outcomes[0]).toMatchObject({
        message: expect.stringContaining("no repository"),
        hint: expect.stringContaining("URL"),
      });
    });

    test("a repository without a record, and an empty one", async () => {
      const other = bareHub();
      const empty = await serveHttp(dirname(other));
      const place = `${empty.url}/${basename(other)}`;
      expect(await read("list", {}, { hub: place })).toMatchObject({ ok: false, code: "not_initialized" });
      const tree = execFileSync("git", ["mktree"], { cwd: other, input: "" }).toString().trim();
      git(other, "update-ref", "refs/heads/main", git(other, "commit-tree", tree, "-m", "x"));
      expect(await read("list", {}, { hub: place })).toMatchObject({ ok: false, code: "not_initialized" });
      git(other, "update-ref", "refs/heads/owp", git(other, "commit-tree", tree, "-m", "x"));
      expect(await read("list", {}, { hub: place })).toMatchObject({ ok: false, code: "not_a_record" });
      await empty.close();
    });
  });

  test("a server whose HEAD names no branch is read too", async () => {
    git(hub, "symbolic-ref", "HEAD", "refs/heads/nowhere");
    expect(titles(await read("list"))).toContain("first");
    git(hub, "symbolic-ref", "HEAD", "refs/heads/main");
  });

  test.each([
    ["refs", "drop"],
    ["refs", 503],
    ["data", "drop"],
    ["data", 500],
  ] as const)(
    "a connection that fails at %s by %s is a refusal, and the next try works",
    async (step, how) => {
      const opened = await hubAt("/", { hub: url, as: "ada" });
      server.options.fault = (request) => (request.step === step ? { when: "after", how } : undefined);
      expect(await opened.run("list", {})).toMatchObject({ ok: false, code: "remote_unreachable" });
      delete server.options.fault;
      expect(titles(await opened.run("list", {}))).toContain("first");
    },
  );

  test.each(["list", "log"])(
    "a pack that was damaged on its way is fetched again whole: %s",
    async (name) => {
      const opened = await hubAt("/", { hub: url, as: "ada" });
      if (name === "log") await opened.run("list", {});
      server.options.spoil = ({ step }, { length }) => (step === "data" ? [length >> 1, 10] : undefined);
      expect(await opened.run(name, { limit: 1000 })).toMatchObject({
        ok: false,
        code: "remote_unreachable",
      });
      delete server.options.spoil;
      expect(await opened.run(name, { limit: 1000 })).toMatchObject({ ok: true });
    },
  );

  test("a fault while older history is fetched is a refusal too", async () => {
    const opened = await hubAt("/", { hub: url });
    await opened.run("list", {});
    server.options.fault = (request) => (request.step === "data" ? { when: "before", how: 502 } : undefined);
    expect(await opened.run("log", { limit: 1000 })).toMatchObject({ ok: false, code: "remote_unreachable" });
    delete server.options.fault;
    expect(await opened.run("log", { limit: 1000 })).toMatchObject({ ok: true });
  });
});

describe("the test's own server", () => {
  let server: HttpGit;
  let hub: string;
  let clone: string;
  const push = () => {
    const made = git(clone, "commit-tree", "HEAD^{tree}", "-p", "HEAD", "-m", "more");
    git(clone, "update-ref", "HEAD", made);
    return runGit(["push", "--quiet", `${server.url}/${basename(hub)}`, "HEAD:main"], { cwd: clone });
  };
  const landed = () => git(hub, "rev-parse", "main") === git(clone, "rev-parse", "HEAD");

  beforeAll(async () => {
    hub = bareHub();
    clone = cloneOf(hub);
    server = await serveHttp(dirname(hub));
  });
  afterAll(() => server.close());
  beforeEach(() => {
    server.options = {};
  });

  test("takes a push", async () => {
    expect([(await push()).code, landed()]).toEqual([0, true]);
  });

  test.each<[string, HttpGitOptions, boolean]>([
    ["read-only", { readOnly: true }, false],
    ["a credential is missing", { auth: { user: "a", password: "b" } }, false],
    [
      "dropped before",
      { fault: ({ step }) => (step === "data" ? { when: "before", how: "drop" } : undefined) },
      false,
    ],
    [
      "dropped after",
      { fault: ({ step }) => (step === "data" ? { when: "after", how: "drop" } : undefined) },
      true,
    ],
    ["502 after", { fault: ({ step }) => (step === "data" ? { when: "after", how: 502 } : undefined) }, true],
  ])("%s: the push fails, and has landed or not", async (_name, options, there) => {
    server.options = options;
    expect([(await push()).code === 0, landed()]).toEqual([false, there]);
  });

  test("delays and a wrong clock", async () => {
    server.options = { delay: () => 150, clockShift: 3_600_000 };
    const began = Date.now();
    const response = await fetch(`${server.url}/${basename(hub)}/info/refs?service=git-upload-pack`);
    expect(Date.now() - began).toBeGreaterThanOrEqual(150);
    expect(Date.parse(response.headers.get("date") ?? "") - Date.now()).toBeGreaterThan(3_500_000);
  });
});
