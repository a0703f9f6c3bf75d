/** Those who may read and not push: in a clone, in a clone of a fork, with a patch or with a copy of the record. */
import { execFileSync } from "node:child_process";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { did, OWP, owp, told } from "../helpers/command.ts";
import { bareHub, cloneOf, git, tempDir } from "../helpers/git.ts";
import { readHistory, refsOf } from "../helpers/history.ts";
import { type HttpGit, serveHttp } from "../helpers/http-git.ts";

let hub: string;
let ada: string;
/** A clone whose origin is the hub over HTTP, where it may not push. */
let eve: string;
let http: HttpGit;
let ids: string[];

beforeEach(async () => {
  hub = bareHub();
  ada = cloneOf(hub);
  await did(ada, ["init", "--as", "ada"]);
  ids = [];
  for (const title of ["one", "two"]) ids.push((await did(ada, ["add", title, "--as", "ada"])).result.id);
  http = await serveHttp(dirname(hub), { readOnly: true });
  eve = cloneOf(hub);
  git(eve, "remote", "set-url", "origin", `${http.url}/hub.git`);
});
afterEach(() => http.close());

const as = (...words: string[]) => [...words, "--as", "eve"];

/** Runs the commands that a patch gives to whoever applies it, as they stand there. */
function applyAsToldIn(file: string, dir: string): void {
  const shell = readFileSync(file, "utf8")
    .split("\n")
    .filter((line) => line.startsWith("  git ") || line.startsWith("  owp "))
    .map((line) =>
      line.trim().replace("this-file", `'${file}'`).replace(/^owp /, `'${process.execPath}' '${OWP}' `),
    );
  expect(shell.length).toBe(6);
  execFileSync("sh", ["-ec", shell.join("\n")], { cwd: dir, stdio: ["ignore", "pipe", "pipe"] });
}

describe("a change by someone who may not push", () => {
  test("is refused, with the way there, and nothing is changed; reading works", async () => {
    const before = refsOf(hub);
    for (const args of [
      ["add", "x"],
      ["edit", ids[0] ?? "", "--priority", "90"],
      ["note", ids[0] ?? "", "x"],
    ]) {
      const ended = await owp(eve, [...as(...args), "--json"]);
      expect([args, ended.status, ended.answer?.code], told(args, ended)).toEqual([args, 7, "remote_denied"]);
      expect(ended.answer?.error).toMatchObject({
        message: expect.stringMatching(/without the right to push\. The change was not published/),
        hint: expect.stringContaining("--patch <file>"),
      });
    }
    for (const args of [["list"], ["ready"], ["show", ids[0] ?? ""], ["log"]]) await did(eve, as(...args));
    expect(refsOf(hub)).toBe(before);
    const { error } = (await owp(eve, ["doctor", "--json"])).answer ?? {};
    const checks = error?.data?.checks as { name: string; state: string; hint?: string }[];
    expect(checks.find(({ name }) => name === "push")).toMatchObject({
      state: "failed",
      hint: expect.stringContaining("--patch <file>"),
    });
  });

  test("becomes patches that a maintainer applies as they say, whatever landed meanwhile", async () => {
    const file = (name: string) => join(tempDir(), name);
    const patches = [file("add"), file("edit"), file("note"), file("import")] as const;
    const items = file("items.json");
    writeFileSync(items, JSON.stringify([{ id: "a", title: "imported" }]));
    const lines = [
      ["add", "Über — a “patch”", "--description", "two\nlines ", "--blocked-by", ids[1] ?? ""],
      ["edit", ids[0] ?? "", "--priority", "90", "--add-label", "urgent"],
      ["note", ids[1] ?? "", "seen\nit"],
      ["import", items],
    ];
    for (const [index, line] of lines.entries()) {
      const answer = await did(eve, as(...line, "--patch", patches[index] ?? ""));
      expect(answer.result).toMatchObject({ file: patches[index], base: git(hub, "rev-parse", "owp") });
      expect(answer.commit).toBeUndefined();
    }
    await did(ada, ["claim", ids[0] ?? "", "--as", "ada"]);
    await did(ada, ["add", "three", "--as", "ada"]);

    for (const patch of patches) applyAsToldIn(patch, ada);
    const history = readHistory(hub);
    expect(
      history.slice(-4).map(({ event, actor, subject }) => [event, actor, subject.split(" ")[0]]),
    ).toEqual([
      ["task.created", "eve", "add"],
      ["task.edited", "eve", "edit"],
      ["task.noted", "eve", "note"],
      ["task.imported", "eve", "import"],
    ]);
    const tasks = (await did(ada, ["list", "--as", "ada"])).result.tasks;
    expect(tasks.map(({ title }: { title: string }) => title).sort()).toEqual(
      ["one", "two", "three", "Über — a “patch”", "imported"].sort(),
    );
    const shown = (await did(eve, as("show", ids[0] ?? ""))).result;
    expect([shown.task.priority, shown.task.labels, shown.lease.worker]).toEqual([90, ["urgent"], "ada"]);
    expect((await did(ada, ["validate"])).result).toMatchObject({ errors: 0 });
    expect((await owp(ada, ["log", "--as", "ada"])).stdout).toMatch(/eve/);
    expect(existsSync(join(dirname(ada), "record"))).toBe(false);
  });

  test("to the standard output, or in words", async () => {
    const spoken = await owp(eve, as("add", "x", "--patch", "-"));
    expect([spoken.status, spoken.stdout]).toEqual([
      0,
      expect.stringMatching(/^From [0-9a-f]{40} [\s\S]*Subject: \[PATCH\] add \w+: x\n/),
    ]);
    const file = join(tempDir(), "x.patch");
    const written = await owp(eve, as("add", "x", "--patch", file));
    expect([written.status, written.stdout]).toEqual([
      0,
      expect.stringMatching(/^wrote .*x\.patch: add \w+: x\nsend it to someone/),
    ]);
    expect((await did(eve, as("edit", ids[0] ?? "", "--title", "one", "--patch", "-"))).result).toMatchObject(
      { subject: null },
    );
  });

  test("that is wrong is refused as ever, and no file is written", async () => {
    const file = join(tempDir(), "x.patch");
    const rows: [args: string[], status: number, code: string][] = [
      [["edit", "zzzz", "--priority", "1", "--patch", file], 4, "task_unknown"],
      [["add", "x".repeat(301), "--patch", file], 2, "invalid_input"],
      [["add", "x", "--patch", join(file, "no/such/folder")], 2, "invalid_input"],
      [["add", "x", "--queue", "ops", "--patch", file], 4, "not_initialized"],
    ];
    for (const [args, status, code] of rows) {
      const ended = await owp(eve, [...as(...args), "--json"]);
      expect([args[1], ended.status, ended.answer?.code], told(args, ended)).toEqual([args[1], status, code]);
      expect(existsSync(file)).toBe(false);
    }
    writeFileSync(file, "mine\n");
    const kept = await owp(eve, [...as("add", "x", "--patch", file), "--json"]);
    expect([kept.status, kept.answer?.error?.message]).toEqual([
      2,
      expect.stringContaining("it exists already"),
    ]);
    expect(readFileSync(file, "utf8")).toBe("mine\n");
  });

  test("offline it is made on the last view", async () => {
    await did(eve, as("list"));
    const file = join(tempDir(), "x.patch");
    http.options = { fault: () => ({ when: "before", how: 503 }) };
    const answer = await did(eve, as("add", "offline", "--patch", file, "--offline"));
    expect(answer.result.file).toBe(file);
    applyAsToldIn(file, ada);
    expect(readHistory(hub).at(-1)).toMatchObject({ event: "task.created", actor: "eve" });
  });
});

describe("a clone of a fork", () => {
  /** origin is the fork, where eve may push; upstream is the hub, where she may not. */
  function forked(...branches: string[]): { dir: string; fork: string } {
    const fork = bareHub();
    git(hub, "push", "--quiet", fork, ...branches);
    const dir = cloneOf(fork);
    git(dir, "remote", "add", "upstream", `${http.url}/hub.git`);
    return { dir, fork };
  }
  const check = async (dir: string, name = "other remotes") => {
    const { answer } = await owp(dir, ["doctor", "--json"]);
    const checks = answer?.result?.checks ?? answer?.error?.data?.checks;
    return checks.find((one: { name: string }) => one.name === name);
  };

  test("without a record: the message names doctor, doctor names upstream, and from there on it is read", async () => {
    const { dir, fork } = forked("main");
    const refused = await owp(dir, [...as("claim"), "--json"]);
    expect([refused.status, refused.answer?.code, refused.answer?.error?.hint]).toEqual([
      4,
      "not_initialized",
      expect.stringMatching(/^owp doctor tells whether upstream has the record/),
    ]);
    expect(await check(dir)).toMatchObject({
      state: "warning",
      message: expect.stringContaining("origin has no record, and upstream has one"),
      hint: expect.stringMatching(/^git config owp.remote upstream;/),
    });
    expect(await check(dir, "record")).toMatchObject({ hint: "git config owp.remote upstream" });
    git(dir, "config", "owp.remote", "upstream");
    expect((await did(dir, as("list"))).result.tasks).toHaveLength(2);
    const denied = await owp(dir, [...as("add", "x"), "--json"]);
    expect([denied.status, denied.answer?.error?.hint]).toEqual([
      7,
      expect.stringContaining("--patch <file>"),
    ]);
    const file = join(tempDir(), "x.patch");
    await did(dir, as("add", "from the fork", "--patch", file));
    applyAsToldIn(file, ada);
    expect(refsOf(fork)).not.toContain("owp");
  });

  test("with a copy of the record that goes stale", async () => {
    const { dir } = forked("main", "owp");
    expect(await check(dir)).toMatchObject({
      state: "ok",
      message: expect.stringContaining("the same record"),
    });
    await did(ada, ["add", "three", "--as", "ada"]);
    await did(ada, ["claim", "--as", "ada"]);
    expect(await check(dir)).toMatchObject({
      state: "warning",
      message: expect.stringMatching(/origin's record is a copy of upstream's, 2 commits behind upstream's:/),
      hint: expect.stringMatching(/^git config owp.remote upstream;/),
    });
    await did(dir, as("claim"));
    expect(await check(dir)).toMatchObject({
      message: expect.stringMatching(/2 commits behind .* and 1 commit of its own/),
    });
    // Whoever says which one is meant is not asked again.
    git(dir, "config", "owp.remote", "origin");
    expect(await check(dir)).toMatchObject({ state: "ok" });
  });

  test("with a record of its own", async () => {
    const { dir } = forked("main");
    await did(dir, as("init"));
    expect(await check(dir)).toMatchObject({
      state: "ok",
      message: expect.stringContaining("which is another one"),
    });
  });

  test("--remote: a change goes to the copy of the record in the fork, and not to upstream", async () => {
    const { dir, fork } = forked("main", "owp");
    git(dir, "config", "owp.remote", "upstream");
    await did(dir, as("list"));
    const before = refsOf(hub);
    await did(dir, as("add", "for a pull request", "--remote", "origin"));
    expect(readHistory(fork).at(-1)).toMatchObject({ event: "task.created", actor: "eve" });
    expect(refsOf(hub)).toBe(before);
    expect((await did(dir, as("list"))).result.tasks).toHaveLength(2);
    const elsewhere = await owp(dir, [...as("list", "--remote", "nowhere"), "--json"]);
    expect([elsewhere.status, elsewhere.answer?.error?.hint]).toEqual([
      7,
      expect.stringContaining("origin, upstream"),
    ]);
  });

  test.each(["no_push", "DISABLED", "dont-push"])(
    "pushes that are switched off by the push URL %s: reading works",
    async (word) => {
      const dir = cloneOf(hub);
      git(dir, "remote", "set-url", "--push", "origin", word);
      expect((await did(dir, as("list"))).result.tasks).toHaveLength(2);
      const before = refsOf(hub);
      const ended = await owp(dir, [...as("add", "x"), "--json"]);
      expect([ended.status, ended.answer?.code], told(["add"], ended)).toEqual([7, "remote_denied"]);
      expect(ended.answer?.error).toMatchObject({
        message: expect.stringContaining(
          `Pushes to origin are switched off in this clone: its push URL is ${word}`,
        ),
        hint: expect.stringContaining("--patch <file>"),
      });
      expect(refsOf(hub)).toBe(before);
    },
  );
});
