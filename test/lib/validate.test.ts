import { readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, describe, expect, test } from "vitest";
import { commands } from "../../src/cli/commands.ts";
import { pathOf } from "../../src/core/paths.ts";
import { openHub } from "../../src/lib/open.ts";
import { run } from "../cli/support.ts";
import { bareHub, cloneOf, git, gitTry, tempDir } from "../helpers/git.ts";
import { hubAt, recordHub, runAt } from "../helpers/record-hub.ts";

interface Found {
  path: string;
  line?: number;
  code: string;
  severity: string;
  commit?: string;
}

/** The command line on a real hub: exit status and texts. */
const owp = (dir: string, argv: string[], env: Record<string, string> = {}) =>
  run(["-C", dir, ...argv], { commands, openHub, env, now: Date.now() });

async function found(dir: string, ...argv: string[]): Promise<Found[]> {
  const ran = await owp(dir, ["validate", "--json", ...argv]);
  const envelope = JSON.parse(ran.out + ran.err);
  if (ran.code === 0) return envelope.result.problems;
  expect([ran.code, envelope.code]).toEqual([9, "validation_failed"]);
  return envelope.error.data.problems;
}

const briefly = (problems: Found[]) => problems.map(({ path, line, code }) => `${path}:${line} ${code}`);
const lineOf = (dir: string, path: string, start: string) =>
  readFileSync(join(dir, path), "utf8")
    .split("\n")
    .findIndex((line) => line.trimStart().startsWith(start)) + 1;

let hub: string;
/** Where operations run. */
let clone: string;
/** The record checked out, as a workflow has it. */
let checkout: string;
/** Ids of the tasks: one held by ada, one free, one done. */
let held: string;
let free: string;
let ended: string;

/** A history of real operations by several workers, and a checkout of it. */
async function makeRecord(): Promise<void> {
  hub = bareHub();
  clone = cloneOf(hub);
  const as = (name: string) => ({ as: name });
  const add = async (title: string) =>
    (await runAt<{ id: string }>(clone, [["add", { title }]], as("max"))).result.id;
  await runAt(clone, [["init"]], as("max"));
  [held, free, ended] = [await add("held"), await add("free"), await add("ended")];
  await runAt(clone, [["worker register"]], as("bob"));
  await runAt(
    clone,
    [["claim", { id: ended }], ["note", { id: ended, text: "so far" }], ["done"]],
    as("bob"),
  );
  const stuck = await add("stuck");
  await runAt(
    clone,
    [["claim", { id: stuck }], ["block", { message: "why" }], ["resume"], ["fail", { message: "no" }]],
    as("bob"),
  );
  await runAt(
    clone,
    [
      ["requeue", { id: ended }],
      ["cancel", { id: ended }],
    ],
    as("max"),
  );
  await runAt(clone, [["claim", { id: held }]], as("bob"));
  await runAt(clone, [["release"]], as("bob"));
  await runAt(clone, [["claim", { id: held }]], as("ada"));
  checkout = cloneOf(hub, "--branch", "owp");
}

/** A commit by hand on the record's checkout, pushed. */
function push(edits: Record<string, (text: string) => string>, message = "by hand"): void {
  for (const [path, edit] of Object.entries(edits)) {
    const file = join(checkout, path);
    const text = readFileSync(file, "utf8");
    const edited = edit(text);
    if (edited === text) throw new Error(`nothing to edit in ${path}`);
    writeFileSync(file, edited);
  }
  git(checkout, "commit", "--quiet", "-am", message);
  git(checkout, "push", "--quiet", "origin", "HEAD:owp");
}

const lease = () => pathOf("Lease", held);
const task = (id: string) => pathOf("Task", id);
const waitsFor = (id: string) => (text: string) => `${text}relationships:\n  blocked_by:\n    - ${id}\n`;

describe("F11 a clean history", () => {
  beforeAll(makeRecord);

  test.each<[string, () => string, string[]]>([
    ["the record at its tip", () => clone, []],
    ["every commit from the first on", () => clone, ["--range", ".."]],
    ["every commit, in a checkout of the record", () => checkout, ["--range", "..HEAD"]],
    ["the files of a checkout", () => checkout, ["."]],
    ["one file of a checkout", () => checkout, ["owp.yaml"]],
  ])("has no problems: %s", async (_name, dir, argv) => {
    expect(await owp(dir(), ["validate", ...argv])).toMatchObject({ code: 0, out: "no problems\n", err: "" });
  });

  test("the range has as many commits as git counts", async () => {
    const count = Number(git(hub, "rev-list", "--count", "owp"));
    const { result } = await runAt<{ commits: number }>(clone, [["validate", { range: ".." }]]);
    expect([result.commits, count > 10]).toEqual([count, true]);
    const one = await runAt<{ commits: number }>(clone, [
      ["validate", { range: git(hub, "rev-parse", "owp~2") }],
    ]);
    expect(one.result.commits).toBe(1);
  });

  test("a merge of two edits is none either", async () => {
    git(checkout, "switch", "--quiet", "-c", "side");
    writeFileSync(
      join(checkout, task(free)),
      readFileSync(join(checkout, task(free)), "utf8").replace("free", "FREE"),
    );
    git(checkout, "commit", "--quiet", "-am", "one side");
    git(checkout, "switch", "--quiet", "owp");
    push({ [task(held)]: (text) => text.replace("title: held", "title: HELD") });
    git(checkout, "merge", "--quiet", "--no-edit", "side");
    git(checkout, "push", "--quiet");
    expect(await found(clone, "--range", "..")).toEqual([]);
    const { result } = await runAt<{ commits: number }>(clone, [
      ["validate", { range: `${git(hub, "rev-parse", "owp~1")}..` }],
    ]);
    expect(result.commits).toBe(2);
  });
});

describe("F11 A04 a forged commit, pushed by hand", () => {
  beforeAll(makeRecord);

  /** Whole record and range, each as `path:line code`. */
  const cases: [string, () => Parameters<typeof push>[0], () => string[], () => string[]][] = [
    [
      "a lease given to someone who is no worker",
      () => ({ [lease()]: (text) => text.replace("worker: ada", "worker: eve") }),
      () => [`${lease()}:${lineOf(checkout, lease(), "worker:")} holder_unknown`],
      () => [
        `${lease()}:${lineOf(checkout, lease(), "worker:")} holder_same_epoch`,
        `${lease()}:${lineOf(checkout, lease(), "worker:")} holder_unknown`,
      ],
    ],
    [
      "a stale epoch",
      () => ({ [lease()]: (text) => text.replace("epoch: 2", "epoch: 1") }),
      () => [],
      () => [`${lease()}:${lineOf(checkout, lease(), "epoch:")} epoch_decreased`],
    ],
    [
      "conflict markers",
      () => ({
        [task(free)]: (text) => text.replace(/^title:.*$/m, "<<<<<<< a\n$&\n=======\ntitle: x\n>>>>>>> b"),
      }),
      () => [`${task(free)}:${lineOf(checkout, task(free), "<<<<<<<")} conflict_marker`],
      () => [`${task(free)}:${lineOf(checkout, task(free), "<<<<<<<")} conflict_marker`],
    ],
    [
      "B30 a circle of dependencies",
      () => ({ [task(free)]: waitsFor(held), [task(held)]: waitsFor(free) }),
      () => [`${task(held)}:${lineOf(checkout, task(held), "blocked_by:")} dependency_cycle`],
      () => [`${task(held)}:${lineOf(checkout, task(held), "blocked_by:")} dependency_cycle`],
    ],
  ];

  test.each(cases)("%s is found, with path and line", async (_name, edits, record, range) => {
    push(edits());
    const errors = (problems: Found[]) => briefly(problems.filter(({ severity }) => severity === "error"));
    try {
      expect(errors(await found(clone))).toEqual(record());
      expect(errors(await found(clone, "--range", `${git(hub, "rev-parse", "owp~1")}..`)).sort()).toEqual(
        range().sort(),
      );
      expect(errors(await found(checkout, "."))).toEqual(record());
      expect(errors(await found(checkout, "--range", "HEAD")).sort()).toEqual(range().sort());
    } finally {
      git(checkout, "revert", "--no-edit", "HEAD");
      git(checkout, "push", "--quiet", "origin", "HEAD:owp");
    }
  });

  test("a broken file does not hide the others; both counts are told, and errors make the status", async () => {
    push({
      [lease()]: (text) => `${text}<<<<<<< a\n`,
      [task(free)]: (text) => `${text}colour: red\n`,
      [task(held)]: (text) => text.replace(/^priority:.*$/m, "priority: -1"),
    });
    const ran = await owp(clone, ["validate"]);
    expect([ran.code, ran.err]).toEqual([9, expect.stringContaining("found 2 errors, 1 warning")]);
    expect(
      ran.out
        .trimEnd()
        .split("\n")
        .map((line) => line.replace(/^([^:]+):\d+: (warning: )?(\w+) .*/, "$1 $3")),
    ).toEqual([
      `${lease()} conflict_marker`,
      ...[`${task(free)} unknown_field`, `${task(held)} schema`].sort(),
      "2 errors, 1 warning",
    ]);
    git(checkout, "revert", "--no-edit", "HEAD");
    git(checkout, "push", "--quiet", "origin", "HEAD:owp");
  });

  test("warnings alone are status 0", async () => {
    push({ [task(free)]: (text) => `${text}colour: red\n` });
    expect(await owp(clone, ["validate"])).toMatchObject({
      code: 0,
      out: expect.stringMatching(/\n1 warning\n$/),
    });
  });
});

describe("F11 trailers count only where they explain the diff, for the ledger as for the check", () => {
  beforeAll(makeRecord);
  const trailers = (line: string) =>
    `x\n\nOwp-Op: 01jh0000000000000000000000\nOwp-Event: task.edited\nOwp-Actor: max\nOwp-Clone: c10ne001${line}`;

  test.each<[string, () => string, () => string, boolean]>([
    ["they name the task", () => trailers(`\nOwp-Task: ${free}`), () => task(free), true],
    ["they name another task", () => trailers(`\nOwp-Task: ${ended}`), () => task(free), false],
    ["their epoch is not the files'", () => trailers(`\nOwp-Task: ${held} epoch=7`), () => task(held), false],
    [
      "they are of an operation that writes no such file",
      () => trailers(""),
      () => pathOf("Repo", "hub"),
      false,
    ],
  ])("%s", async (_name, message, path, counts) => {
    push({ [path()]: (text) => text.replace(/^(title|name): (.*)$/m, "$1: $2 more") }, message());
    const { result } = await runAt<{ events: { event: string }[] }>(clone, [["log", { limit: 1 }]]);
    const codes = (await found(clone, "--range", git(hub, "rev-parse", "owp"))).map(({ code }) => code);
    expect([result.events[0]?.event, codes.includes("trailers_ignored")]).toEqual([
      counts ? "task.edited" : "record.edited",
      !counts,
    ]);
  });
});

describe("F11 trailers of a commit that changes nothing", () => {
  beforeAll(makeRecord);

  test("are no operation", async () => {
    const message = "x\n\nOwp-Op: 01jh0000000000000000000001\nOwp-Event: task.edited\nOwp-Actor: max";
    git(checkout, "commit", "--quiet", "--allow-empty", "-m", message);
    git(checkout, "push", "--quiet", "origin", "HEAD:owp");
    const { result } = await runAt<{ events: { event: string }[] }>(clone, [["log", { limit: 1 }]]);
    const problems = await found(clone, "--range", git(hub, "rev-parse", "owp"));
    expect([result.events[0]?.event, problems.map(({ code }) => code)]).toEqual([
      "record.edited",
      ["trailers_ignored"],
    ]);
  });
});

describe("F11 on a build machine", () => {
  beforeAll(async () => {
    await makeRecord();
    push({ [lease()]: (text) => text.replace("worker: ada", "worker: bob") });
  });

  test("a plain checkout is enough, without the remote; annotations where GITHUB_ACTIONS is set", async () => {
    const ci = cloneOf(hub, "--branch", "owp");
    renameSync(hub, `${hub}.away`);
    try {
      for (const range of ["HEAD~1..HEAD", "origin/owp~1..", git(ci, "rev-parse", "HEAD")]) {
        const ran = await owp(ci, ["validate", "--range", range], { GITHUB_ACTIONS: "true" });
        const line = lineOf(ci, lease(), "worker:");
        expect([ran.code, ran.out]).toEqual([
          9,
          expect.stringContaining(`::error file=${lease()},line=${line},title=holder_same_epoch::`),
        ]);
      }
      const text = await owp(ci, ["validate", "--range", "HEAD", "--format", "text"], {
        GITHUB_ACTIONS: "true",
      });
      expect(text.out).toMatch(
        new RegExp(`^${lease()}:\\d+: holder_same_epoch .* \\(commit [0-9a-f]{10}\\)`, "m"),
      );
      const json = await owp(ci, ["validate", "--range", "HEAD", "--format", "json"]);
      expect(JSON.parse(json.out)).toMatchObject({
        errors: expect.any(Number),
        problems: [{ path: lease() }, { path: lease() }],
      });
      expect((await owp(ci, ["validate", "."])).code).toBe(0);
    } finally {
      renameSync(`${hub}.away`, hub);
    }
  });

  test("a worktree of the record in a clone of the code", async () => {
    const code = cloneOf(hub);
    const folder = join(tempDir(), "record");
    git(code, "worktree", "add", "--quiet", folder, "origin/owp");
    expect(await owp(folder, ["validate", "."])).toMatchObject({ code: 0 });
    expect(briefly(await found(folder, "--range", "HEAD"))[0]).toContain("holder_same_epoch");
    // The record's objects are in the user's repository here, and in no store.
    expect((await owp(code, ["--offline", "validate", "--range", "origin/owp~1..origin/owp"])).code).toBe(9);
  });

  test.each<[string, (shallow: string) => string[], RegExp]>([
    ["its start", () => ["HEAD~1..HEAD"], /cut off \(shallow\)[\s\S]*fetch-depth: 0/],
    ["a parent", () => ["HEAD"], /not whole here[\s\S]*fetch-depth: 0/],
  ])("a shallow checkout that lacks %s says what to fetch", async (_name, range, words) => {
    const shallow = join(tempDir(), "shallow");
    git(tempDir(), "clone", "--quiet", "--depth", "1", "--branch", "owp", `file://${hub}`, shallow);
    const ran = await owp(shallow, ["--offline", "validate", "--range", ...range(shallow)]);
    expect([ran.code, ran.err]).toEqual([2, expect.stringMatching(words)]);
    expect(gitTry(shallow, "rev-parse", "HEAD~1").status).not.toBe(0);
  });

  test("a history that is just as deep as the range is enough, also where all commits are of one second", async () => {
    const origin = cloneOf(hub, "--branch", "owp");
    process.env.GIT_COMMITTER_DATE = git(origin, "show", "--no-patch", "--format=%cI", "HEAD~1");
    try {
      const file = join(origin, lease());
      const text = readFileSync(file, "utf8");
      git(origin, "reset", "--quiet", "--hard", "HEAD~1");
      for (const worker of ["max", "ada", "max"]) {
        writeFileSync(file, text.replace(/^worker: .*$/m, `worker: ${worker}`));
        git(origin, "commit", "--quiet", "--allow-empty", "-am", worker);
      }
    } finally {
      delete process.env.GIT_COMMITTER_DATE;
    }
    const shallow = join(tempDir(), "shallow");
    git(tempDir(), "clone", "--quiet", "--depth", "4", "--branch", "owp", `file://${origin}`, shallow);
    const codes = briefly(await found(shallow, "--offline", "--range", "HEAD~3..HEAD"));
    expect(codes.filter((text) => text.endsWith("holder_same_epoch"))).toHaveLength(3);
  });

  test.each([["nowhere..HEAD"], ["--upload-pack=x.."], ["a...b"], [""]])(
    "the range %j is refused",
    async (range) => {
      expect((await owp(clone, ["validate", `--range=${range}`])).code).toBe(2);
    },
  );
});

describe("paths", () => {
  beforeAll(makeRecord);

  test("a finding's path begins where the command runs", async () => {
    const file = join(checkout, task(free));
    writeFileSync(file, `${readFileSync(file, "utf8")}tags: [\n`);
    for (const [dir, argv, shown] of [
      [checkout, ["."], task(free)],
      [checkout, [task(free), "."], task(free)],
      [join(checkout, "tasks"), ["."], task(free).slice("tasks/".length)],
      [join(checkout, ".."), [checkout], `clone/${task(free)}`],
    ] as const) {
      expect((await found(dir, ...argv)).map(({ path, code }) => `${path} ${code}`)).toEqual([
        `${shown} yaml_syntax`,
      ]);
    }
  });

  test("what spans files is only told where the whole record is named", async () => {
    const file = join(checkout, lease());
    writeFileSync(file, readFileSync(file, "utf8").replace("worker: ada", "worker: eve"));
    expect((await found(checkout, ".")).map(({ code }) => code)).toContain("holder_unknown");
    expect(await found(checkout, "leases")).toEqual([]);
  });

  test("a file is known by its path where there is no policy; a folder of something else is refused", async () => {
    const lone = tempDir();
    git(lone, "init", "--quiet");
    expect((await owp(lone, ["validate", "."])).code).toBe(2);
    git(checkout, "checkout-index", "--all", `--prefix=${lone}/`);
    git(lone, "rm", "--quiet", "--cached", "-r", "--ignore-unmatch", ".");
    renameSync(join(lone, "owp.yaml"), join(lone, "policy.txt"));
    expect(await owp(lone, ["validate", task(free)])).toMatchObject({ code: 0, out: "no problems\n" });
  });
});

test.each(["with the index where it was", "and with an index that has gone"])(
  "a library's hub goes on after a check, %s",
  async (where) => {
    const { clone: dir } = await recordHub();
    const opened = await hubAt(dir, { as: "max" });
    try {
      const list = async () => {
        const outcome = await opened.run("list", { all: true });
        return outcome.ok
          ? (outcome.result as { tasks: { id: string }[] }).tasks.map(({ id }) => id)
          : outcome;
      };
      const before = await list();
      expect(before).toHaveLength(1);
      await opened.run("validate", {});
      if (where.includes("gone")) rmSync(join(dir, ".git/owp/index"), { recursive: true });
      expect(await list()).toEqual(before);
      expect(await opened.run("validate", {})).toMatchObject({ ok: true });
    } finally {
      await opened.close();
    }
  },
);
