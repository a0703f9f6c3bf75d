import {
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { basename, dirname, join } from "node:path";
import { beforeAll, describe, expect, test } from "vitest";
import { FileDesk } from "../../src/engine/desk-files.ts";
import type { Check, DoctorOptions } from "../../src/lib/doctor/check.ts";
import { diagnose } from "../../src/lib/doctor/diagnose.ts";
import { bareHub, cloneOf, git, gitInput, gitTry, tempDir } from "../helpers/git.ts";
import { serveHttp } from "../helpers/http-git.ts";
import { hubAt, recordHub, runAt } from "../helpers/record-hub.ts";

/** A hub with a record, a clone that knows it, and a second clone that has written to it. */
interface Scene {
  hub: string;
  clone: string;
  owp: string;
}

const HOUR = 3_600_000;
/** No process has this number. */
const DEAD = 0x7ffffffe;
let template: { hub: string; clone: string };

beforeAll(async () => {
  template = await recordHub();
  await runAt(cloneOf(template.hub), [["add", { title: "second" }], ["claim"], ["done"]], { as: "bob" });
});

async function scene(): Promise<Scene> {
  const dir = tempDir();
  const [hub, clone] = [join(dir, "hub.git"), join(dir, "clone")];
  cpSync(template.hub, hub, { recursive: true });
  cpSync(template.clone, clone, { recursive: true });
  rmSync(join(clone, ".git", "owp"), { recursive: true });
  git(clone, "remote", "set-url", "origin", hub);
  await runAt(clone, [["list"]], { as: "ada" });
  return { hub, clone, owp: join(clone, ".git", "owp") };
}

const examine = (dir: string, options: Partial<DoctorOptions> = {}, place = {}) =>
  diagnose(
    { dir, env: {}, ...place },
    { fix: false, accept_rewrite: false, offline: false, now: Date.now(), ...options },
  );
const find = (checks: Check[], name: string) => checks.find((check) => check.name === name) as Check;
/** What is not as it should be: `name state`. */
const wrong = (checks: Check[]) =>
  checks
    .filter(({ state }) => state === "failed" || state === "warning")
    .map(({ name, state }) => `${name} ${state}`);
const refs = (dir: string) => git(dir, "for-each-ref");
const tipOf = (hub: string) => git(hub, "rev-parse", "owp");

/** Moves the record to a commit that changes files, as a person with git would. */
function edit(hub: string, files: Record<string, string | null>, date?: string): string {
  const index = join(hub, "test-index");
  const run = (...args: string[]) => git(hub, "-c", "core.bare=false", ...args);
  process.env.GIT_INDEX_FILE = index;
  if (date) Object.assign(process.env, { GIT_COMMITTER_DATE: date, GIT_AUTHOR_DATE: date });
  try {
    run("read-tree", "owp");
    for (const [path, text] of Object.entries(files)) {
      if (text === null) run("update-index", "--force-remove", path);
      else
        run(
          "update-index",
          "--add",
          "--cacheinfo",
          `100644,${gitInput(hub, text, "hash-object", "-w", "--stdin")},${path}`,
        );
    }
    const made = run("commit-tree", run("write-tree"), "-p", "owp", "-m", "edited by hand");
    git(hub, "update-ref", "refs/heads/owp", made);
    return made;
  } finally {
    for (const name of ["GIT_INDEX_FILE", "GIT_COMMITTER_DATE", "GIT_AUTHOR_DATE"]) delete process.env[name];
    rmSync(index, { force: true });
  }
}

const show = (hub: string, path: string) => git(hub, "show", `owp:${path}`);
const taskPaths = (hub: string) => git(hub, "ls-tree", "-r", "--name-only", "owp", "tasks/").split("\n");

function old(path: string): void {
  const then = new Date(Date.now() - 48 * HOUR);
  utimesSync(path, then, then);
}

function put(path: string, text = ""): string {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, text);
  return path;
}

describe("nothing wrong", () => {
  test("every check is ok, with --fix too, and nothing is changed", async () => {
    const { hub, clone } = await scene();
    const before = refs(hub);
    for (const fix of [false, true]) {
      const checks = await examine(clone, { fix });
      expect(wrong(checks)).toEqual([]);
      expect(checks.filter(({ fixed }) => fixed)).toEqual([]);
      expect(checks.filter(({ state }) => state === "skipped")).toEqual([]);
    }
    expect(refs(hub)).toBe(before);
    expect(refs(clone)).not.toContain("owp");
  });

  test("A repository before owp init: only the record is missing", async () => {
    expect(wrong(await examine(cloneOf(bareHub())))).toEqual(["record warning"]);
  });

  test("offline nothing is asked of the remote, and the rest is looked at", async () => {
    const { hub, clone } = await scene();
    rmSync(hub, { recursive: true });
    const checks = await examine(clone, { offline: true, fix: true });
    expect(wrong(checks)).toEqual([]);
    expect(checks.filter(({ state }) => state === "skipped").map(({ name }) => name)).toContain("reachable");
    expect(find(checks, "left behind").state).toBe("ok");
  });

  test("with --hub there is no clone to look at", async () => {
    expect(await examine("/", {}, { hub: "https://example.org/x.git" })).toMatchObject([
      { state: "skipped" },
    ]);
  });

  test.each<[string, (s: Scene) => string]>([
    [
      "linked worktree",
      ({ clone }) => {
        git(clone, "worktree", "add", "--quiet", "../linked", "-b", "side");
        return join(clone, "..", "linked");
      },
    ],
    ["bare", ({ hub }) => cloneOf(hub, "--bare")],
    ["shallow", ({ hub }) => cloneOf(hub, "--depth=1", "--no-local")],
    ["partial", ({ hub }) => cloneOf(hub, "--filter=blob:none", "--no-local")],
    ["mirror", ({ hub }) => cloneOf(hub, "--mirror")],
  ])("a clone that is a %s one is said, and fine", async (kind, make) => {
    const s = await scene();
    git(s.hub, "config", "uploadpack.allowFilter", "true");
    const checks = await examine(make(s));
    expect(wrong(checks)).toEqual([]);
    expect(find(checks, "repository").message).toContain(kind);
  });
});

describe("what --fix does not mend", () => {
  const hook = (hub: string, text: string) =>
    writeFileSync(join(hub, "hooks", "pre-receive"), `#!/bin/sh\n${text}\n`, { mode: 0o755 });

  test.each<[string, string[], (s: Scene) => unknown, Partial<DoctorOptions>?]>([
    [
      "two push URLs",
      ["remote failed"],
      ({ clone }) =>
        [1, 2].map((n) => git(clone, "remote", "set-url", "--add", "--push", "origin", `/x${n}`)),
    ],
    ["a remote that is not there", ["reachable failed"], ({ hub }) => rmSync(hub, { recursive: true })],
    [
      "a hook that declines signals",
      ["signals warning"],
      ({ hub }) => hook(hub, "grep -q refs/owp && exit 1; exit 0"),
    ],
    ["hidden refs", ["signals warning"], ({ hub }) => git(hub, "config", "receive.hideRefs", "refs/owp")],
    [
      "a branch that is not a record",
      ["record failed"],
      ({ hub }) => git(hub, "update-ref", "refs/heads/owp", git(hub, "rev-parse", "main")),
      { accept_rewrite: true },
    ],
    [
      "a newer protocol",
      ["protocol failed"],
      ({ hub }) =>
        edit(hub, { "owp.yaml": show(hub, "owp.yaml").replace(/^protocol:.*$/m, 'protocol: "2.0"') }),
    ],
    [
      "a file with conflict markers",
      ["files failed"],
      ({ hub }) => edit(hub, { [taskPaths(hub)[0] as string]: "<<<<<<< ours\ntitle: x\n" }),
    ],
    ["a clock that is behind the record's", ["clock failed"], () => {}, { now: Date.now() - 2 * HOUR }],
    [
      "a commit of 2096",
      ["clock warning"],
      async ({ hub, clone }) => {
        const other = await hubAt(cloneOf(hub), { as: "eve", now: () => Date.parse("2096-01-01T00:00:00Z") });
        await other.run("add", { title: "from the future" });
        await other.close();
        return clone;
      },
    ],
  ])("%s: %j", async (_name, expected, provoke, options = {}) => {
    const s = await scene();
    await provoke(s);
    for (const fix of [false, true])
      expect(wrong(await examine(s.clone, { ...options, fix }))).toEqual(expected);
  });

  test("each says what to do", async () => {
    const s = await scene();
    edit(s.hub, { [taskPaths(s.hub)[0] as string]: "<<<<<<< ours\n" });
    const files = find(await examine(s.clone), "files");
    expect(files.message).toContain(taskPaths(s.hub)[0]);
    expect(files.hint).toBe("owp repair");
  });

  test("a branch owp/x before there is a record", async () => {
    const hub = bareHub();
    const clone = cloneOf(hub);
    git(clone, "push", "--quiet", "origin", "HEAD:refs/heads/owp/x");
    const checks = await examine(clone);
    expect(wrong(checks)).toEqual(["branch failed", "record warning"]);
    expect(find(checks, "branch")).toMatchObject({
      message: expect.stringContaining("owp/x"),
      hint: expect.stringContaining("--branch"),
    });
  });

  test("a repository without a remote in which the record is checked out", async () => {
    const dir = tempDir();
    git(dir, "init", "--quiet", "--initial-branch=main");
    git(dir, "commit", "--quiet", "--allow-empty", "-m", "first");
    await runAt(dir, [["init"]], { as: "ada" });
    expect(wrong(await examine(dir))).toEqual([]);
    git(dir, "switch", "--quiet", "owp");
    expect(find(await examine(dir), "branch")).toMatchObject({
      state: "failed",
      hint: `git -C ${dir} switch <another branch>`,
    });
    git(dir, "switch", "--quiet", "main");
    git(dir, "worktree", "add", "--quiet", join(dir, "tree"), "owp");
    expect(find(await examine(dir), "branch")).toMatchObject({
      state: "failed",
      hint: expect.stringContaining(join(dir, "tree")),
    });
  });

  test("no git, no repository, SHA-256, a bad name, a folder that cannot be written", async () => {
    const { PATH } = process.env;
    const { clone, owp } = await scene();
    try {
      process.env.PATH = "/nowhere";
      const checks = await examine(clone, { fix: true });
      expect(find(checks, "git")).toMatchObject({ state: "failed", hint: expect.stringContaining("2.34") });
    } finally {
      process.env.PATH = PATH;
    }
    const outside = await examine(tempDir());
    expect(wrong(outside)).toEqual(["repository failed"]);
    const sha256 = tempDir();
    git(sha256, "init", "--quiet", "--object-format=sha256");
    expect(wrong(await examine(sha256))).toEqual(["object names failed"]);
    expect(wrong(await examine(clone, {}, { as: "no name!" }))).toEqual(["worker failed"]);
    rmSync(owp, { recursive: true });
    writeFileSync(owp, "a file where the folder belongs");
    expect(wrong(await examine(clone, { fix: true }))).toContain("folder failed");
  });

  test("over HTTP: no right to push, a server whose clock differs", async () => {
    const { hub, clone } = await scene();
    const server = await serveHttp(dirname(hub));
    git(clone, "remote", "set-url", "origin", `${server.url}/${basename(hub)}`);
    expect(wrong(await examine(clone))).toEqual([]);
    server.options = { readOnly: true };
    expect(wrong(await examine(clone))).toEqual(["push failed", "signals warning"]);
    server.options = { clockShift: -HOUR };
    expect(find(await examine(clone), "clock")).toMatchObject({
      state: "failed",
      message: expect.stringMatching(/(1h|59m) ahead of the server/),
    });
    server.options = { auth: { user: "a", password: "b" } };
    expect(find(await examine(clone), "reachable").state).toBe("failed");
    await server.close();
  });
});

describe("a replaced history", () => {
  test.each<[string, (hub: string) => unknown, string]>([
    ["set back", (hub) => git(hub, "update-ref", "refs/heads/owp", "owp~2"), "set back by 2 commits"],
    [
      "another one",
      (hub) =>
        git(hub, "update-ref", "refs/heads/owp", git(hub, "commit-tree", "owp^{tree}", "-m", "squashed")),
      "its history was replaced",
    ],
    ["gone", (hub) => git(hub, "update-ref", "-d", "refs/heads/owp"), "is gone"],
  ])("%s: refused, put back by the hint, or accepted", async (_name, provoke, words) => {
    const { hub, clone } = await scene();
    const was = tipOf(hub);
    provoke(hub);
    for (const fix of [false, true]) {
      const history = find(await examine(clone, { fix }), "history");
      expect(history).toMatchObject({ state: "failed", message: expect.stringContaining(words) });
      expect(history.hint).toContain("--accept-rewrite");
    }
    // The command that the hint gives puts it back as it was.
    const command =
      /(git --git-dir .*)$/
        .exec(find(await examine(clone), "history").hint ?? "")?.[1]
        ?.split(" ")
        .slice(1) ?? [];
    git(clone, ...command);
    expect(tipOf(hub)).toBe(was);
    expect(wrong(await examine(clone))).toEqual([]);
    provoke(hub);
    const accepted = await examine(clone, { accept_rewrite: true });
    expect(find(accepted, "history")).toMatchObject({ state: "ok", fixed: expect.stringContaining(words) });
    expect(find(await examine(clone), "history")).toMatchObject({ state: "ok" });
    await runAt(
      clone,
      _name === "gone" ? [["init"], ["add", { title: "anew" }]] : [["add", { title: "goes on" }]],
      { as: "ada" },
    );
    expect(wrong(await examine(clone))).toEqual([]);
  });
});

describe("what --fix mends", () => {
  const deadDesk = ({ owp }: Scene) => new FileDesk(owp, DEAD);
  const ticket = (op: string, deadline: number | null = 1) => ({
    op,
    name: "add",
    input: { title: "x" },
    caller: { name: "ada", explicit: true, actor_kind: "human" as const, clone: "x" },
    enqueued_at: 1,
    deadline,
    clock_shift_ms: 0,
  });
  const loose = (store: string) =>
    readdirSync(join(store, "objects"), { recursive: true, encoding: "utf8" }).filter((name) =>
      /^[0-9a-f]{2}\/[0-9a-f]{38}$/.test(name),
    );
  /** Changes what the index says of every task, wherever its rows stand. */
  const tamper = (owp: string) => {
    const folder = join(owp, "index", readdirSync(join(owp, "index"))[0] as string);
    for (const name of readdirSync(folder)) {
      const text = readFileSync(join(folder, name), "utf8");
      writeFileSync(
        join(folder, name),
        text.replace(/("priority":\[?)50/g, (_all, key) => `${key}99`),
      );
    }
  };

  test.each<[string, string, (s: Scene) => unknown]>([
    ["a lock of a dead process", "left behind warning", (s) => deadDesk(s).lock()],
    ["a lock that nobody touches", "left behind warning", ({ owp }) => old(put(join(owp, "lock"), "{}"))],
    [
      "a ticket of a dead process",
      "left behind warning",
      (s) => deadDesk(s).enqueue(ticket("01kg9gm2d0aaaaaaaaaaaaaaaa")),
    ],
    [
      "a ticket that a dead leader took",
      "left behind warning",
      async (s) => {
        const desk = deadDesk(s);
        await desk.enqueue(ticket("01kg9gm2d0aaaaaaaaaaaaaaaa"));
        const [name] = readdirSync(join(s.owp, "queue")) as [string];
        cpSync(
          join(s.owp, "queue", name),
          join(s.owp, "taken", name.replace(".json", `.${DEAD}.x.host.json`)),
        );
        rmSync(join(s.owp, "queue", name));
      },
    ],
    [
      "an old answer",
      "left behind warning",
      ({ owp }) => old(put(join(owp, "answers", "01kg9gm2d0aaaaaaaaaaaaaaaa.json"), "{}")),
    ],
    [
      "a half-written file",
      "left behind warning",
      ({ owp }) => old(put(join(owp, "memo", "signals.json.1.2.tmp"))),
    ],
    [
      "a trace of a push",
      "left behind warning",
      ({ owp }) => old(put(join(owp, "store.git", "push-0123.trace"))),
    ],
    [
      "a half-made store",
      "left behind warning",
      ({ owp }) => old(dirname(put(join(owp, "store.git.0123456789abcdef", "HEAD")))),
    ],
    [
      "a lock file of git's",
      "left behind warning",
      ({ owp }) => old(put(join(owp, "store.git", "packed-refs.lock"))),
    ],
    [
      "a half-written object",
      "left behind warning",
      ({ owp }) => old(put(join(owp, "store.git", "objects", "aa", "tmp_obj_x"))),
    ],
    [
      "an index of a record long gone",
      "left behind warning",
      ({ owp }) => {
        const file = put(join(owp, "index", "0123", "head.json"), "{}");
        const then = new Date(Date.now() - 40 * 24 * HOUR);
        utimesSync(file, then, then);
        utimesSync(dirname(file), then, then);
      },
    ],
    ["a store that is gone", "store failed", ({ owp }) => rmSync(join(owp, "store.git", "HEAD"))],
    [
      "a store that was made shallow",
      "store failed",
      ({ owp, hub }) => put(join(owp, "store.git", "shallow"), `${tipOf(hub)}\n`),
    ],
    [
      "a store that lost an object",
      "store failed",
      ({ owp, hub }) => {
        const oid = git(hub, "rev-parse", "owp~1^{tree}");
        rmSync(join(owp, "store.git", "objects", oid.slice(0, 2), oid.slice(2)));
      },
    ],
    [
      "a store with a damaged object",
      "store failed",
      ({ owp, hub }) => {
        const oid = git(hub, "rev-parse", "owp:owp.yaml");
        const path = join(owp, "store.git", "objects", oid.slice(0, 2), oid.slice(2));
        rmSync(path);
        writeFileSync(path, "damaged");
      },
    ],
    ["an index that says something else", "index failed", ({ owp }) => tamper(owp)],
    ["an object that the server lost", "server failed", ({ hub }) => loseOnServer(hub, "owp:owp.yaml")],
    ["a tree that the server lost", "server failed", ({ hub }) => loseOnServer(hub, "owp:tasks")],
    ["a commit that the server lost", "server failed", ({ hub }) => loseOnServer(hub, "owp~1")],
  ])("%s: %s", async (_name, expected, provoke) => {
    const s = await scene();
    // Loose everywhere, so that a single object can be taken away.
    expect(loose(join(s.owp, "store.git")).length).toBeGreaterThan(10);
    await provoke(s);
    const found = await examine(s.clone);
    expect(wrong(found)[0]).toBe(expected);
    const [name = ""] = expected.split(/ (?=\w+$)/);
    expect(find(found, name).hint).toContain("owp doctor --fix");
    const fixed = await examine(s.clone, { fix: true });
    expect(find(fixed, name)).toMatchObject({ state: "ok", fixed: expect.any(String) });
    expect(wrong(fixed)).toEqual([]);
    const again = await examine(s.clone, { fix: true });
    expect([wrong(again), again.filter((check) => check.fixed)]).toEqual([[], []]);
    await runAt(s.clone, [["add", { title: "works" }]], { as: "ada" });
    git(s.hub, "fsck", "--strict", "--no-dangling");
    cloneOf(s.hub, "--no-local", "--branch=owp");
  });

  function loseOnServer(hub: string, name: string): void {
    const oid = git(hub, "rev-parse", name);
    const packs = join(hub, "objects", "pack");
    for (const pack of existsSync(packs) ? readdirSync(packs).filter((file) => file.endsWith(".pack")) : []) {
      const bytes = readFileSync(join(packs, pack));
      for (const ending of [".pack", ".idx", ".rev"])
        rmSync(join(packs, pack.replace(".pack", ending)), { force: true });
      gitInput(hub, bytes, "unpack-objects", "-q");
    }
    rmSync(join(hub, "objects", oid.slice(0, 2), oid.slice(2)));
  }

  test("a broken store is left as it is where the remote cannot be reached", async () => {
    const { hub, clone, owp } = await scene();
    rmSync(join(owp, "store.git", "HEAD"));
    const before = readdirSync(owp).sort();
    rmSync(hub, { recursive: true });
    const checks = await examine(clone, { fix: true });
    expect(find(checks, "store")).toMatchObject({
      state: "failed",
      message: expect.stringContaining("left as it is"),
    });
    expect(readdirSync(owp).sort()).toEqual(before);
  });

  test("a push whose outcome is not known is settled, and what was queued offline stays", async () => {
    const s = await scene();
    const made = git(s.hub, "commit-tree", "owp^{tree}", "-p", "owp", "-m", "never published");
    const desk = deadDesk(s);
    gitTry(join(s.owp, "store.git"), "fetch", "--quiet", s.hub, made);
    await desk.savePending({ tip: made, base: tipOf(s.hub), told: true, tickets: [] });
    expect(wrong(await examine(s.clone))).toContain("waiting warning");
    expect(find(await examine(s.clone, { fix: true }), "waiting")).toMatchObject({
      state: "ok",
      fixed: expect.any(String),
    });
    await runAt(s.clone, [["add", { title: "later" }, { offline: true }]], { as: "ada" });
    expect(find(await examine(s.clone, { fix: true }), "waiting")).toMatchObject({
      state: "warning",
      hint: "owp sync",
    });
    expect(readdirSync(join(s.owp, "offline"))).toHaveLength(1);
  });

  test("a copied clone gets an id of its own", async () => {
    const { clone, hub } = await scene();
    await runAt(clone, [["claim"], ["heartbeat"]], { as: "ada" });
    const copy = join(tempDir(), "copy");
    cpSync(clone, copy, { recursive: true });
    await runAt(copy, [["heartbeat", { note: "from the copy" }]], { as: "ada" });
    expect(wrong(await examine(clone))).toEqual(["clone id failed"]);
    const before = find(await examine(copy), "clone id");
    expect(before.state).toBe("ok");
    const fixed = find(await examine(clone, { fix: true }), "clone id");
    expect(fixed).toMatchObject({ state: "ok", fixed: expect.any(String) });
    expect(fixed.message).not.toBe(before.message);
    await runAt(clone, [["heartbeat"]], { as: "ada" });
    await runAt(copy, [["heartbeat"]], { as: "ada" });
    expect([wrong(await examine(clone)), wrong(await examine(copy))]).toEqual([[], []]);
    expect(refs(hub).match(/refs\/owp\/signals\//g)).toHaveLength(2);
  });

  test("a server that lets no ref be deleted is said once, and this clone's signal stays its own", async () => {
    const { clone, hub } = await scene();
    writeFileSync(
      join(hub, "hooks", "pre-receive"),
      `#!/bin/sh\nread old new ref\ntest $new != ${"0".repeat(40)}\n`,
      { mode: 0o755 },
    );
    expect(wrong(await examine(clone))).toEqual(["signals warning"]);
    expect(wrong(await examine(clone))).toEqual([]);
    expect(refs(hub).match(/refs\/owp\/signals\//g)).toHaveLength(1);
  });

  test("commands on a damaged store say that it can be mended", async () => {
    const { clone, owp } = await scene();
    rmSync(join(owp, "store.git", "objects"), { recursive: true });
    mkdirSync(join(owp, "store.git", "objects"));
    const hub = await hubAt(clone, { as: "ada" });
    const { result } = (await hub.run("list", {}, { offline: true })) as unknown as {
      result: { tasks: { id: string }[] };
    };
    const outcome = await hub.run("show", { id: result.tasks[0]?.id }, { offline: true });
    expect(outcome).toMatchObject({ ok: false, code: "record_invalid", hint: "owp doctor --fix" });
    await hub.close();
    await examine(clone, { fix: true });
    expect(await runAt(clone, [["show", { id: result.tasks[0]?.id }, { offline: true }]])).toMatchObject({
      ok: true,
    });
  });

  test("whatever is taken from the folder, nothing is thrown and --fix leaves it sound", async () => {
    const s = await scene();
    const names = readdirSync(s.owp);
    for (const name of names) {
      rmSync(join(s.owp, name), { recursive: true, force: true });
      await examine(s.clone, { offline: true });
      expect(wrong(await examine(s.clone, { fix: true })), name).toEqual([]);
    }
  });
});
