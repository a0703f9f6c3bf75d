import { describe, expect, test } from "vitest";
import { ERRORS } from "../../src/core/refusal.ts";
import { NOW, refusal, run, success } from "./support.ts";

const ESC = "\u001b";

describe("a command reaches the hub", () => {
  test("with its input, its options and its place", async () => {
    const { code, seen } = await run([
      "-C",
      "sub",
      "--as",
      "ada",
      "make",
      "x",
      "--timeout",
      "5s",
      "--offline",
    ]);
    expect(code).toBe(0);
    expect(seen).toMatchObject([
      {
        name: "make",
        input: { title: "x" },
        options: { timeout_ms: 5000, offline: true },
        place: { dir: "/work/sub", as: "ada" },
      },
    ]);
  });

  test("long text comes from standard input", async () => {
    const { seen } = await run(["make", "x", "-d", "-"], { stdin: "line 1\nline 2\n" });
    expect(seen[0]?.input).toEqual({ title: "x", description: "line 1\nline 2" });
  });

  test("what breaks the schema never gets there", async () => {
    const { code, err, seen } = await run(["make", "x", "--estimate", "0"]);
    expect([code, seen.length]).toEqual([2, 0]);
    expect(err).toContain("--estimate is 0; it must be at least 1.");
  });

  test.each([
    ["+2h", NOW + 7_200_000],
    ["-90s", NOW - 90_000],
    ["2096-01-01T00:00:00Z", Date.parse("2096-01-01T00:00:00Z")],
  ])("F16 OWP_NOW=%s", async (text, now) => {
    const { seen } = await run(["probe"], { env: { OWP_NOW: text } });
    expect(seen[0]?.place.now?.()).toBe(now);
  });

  test("F16 OWP_NOW that is no time", async () => {
    const { code, err } = await run(["probe"], { env: { OWP_NOW: "noon" } });
    expect([code, err]).toEqual([2, expect.stringContaining("OWP_NOW")]);
  });
});

describe("F15 --json", () => {
  const json = (text: string) => JSON.parse(text) as Record<string, unknown>;

  test("success: one line on stdout", async () => {
    const { out, err, code } = await run(["probe", "--json"], {
      answer: () => ({ result: { n: 1 }, warnings: ["w"] }),
    });
    expect([code, err, out.split("\n").length]).toEqual([0, "", 2]);
    expect(json(out)).toEqual({
      owp: "1.0",
      ok: true,
      op: success().op,
      command: "probe",
      code: "ok",
      result: { n: 1 },
      warnings: ["w"],
      next: [],
      view: success().view,
    });
  });

  test("a refusal: the same envelope on stderr", async () => {
    const { out, err, code } = await run(["--json", "probe"], {
      answer: () => refusal("task_ambiguous", "Two.", { hint: "owp show k3f9", data: { candidates: [1] } }),
    });
    expect([code, out]).toEqual([4, ""]);
    expect(json(err)).toMatchObject({
      owp: "1.0",
      ok: false,
      command: "probe",
      code: "task_ambiguous",
      error: { code: "task_ambiguous", message: "Two.", hint: "owp show k3f9", data: { candidates: [1] } },
      next: ["owp show k3f9"],
      view: null,
    });
  });

  test.each([
    ["an unknown command", ["porbe", "--json"], "usage"],
    ["an unknown option", ["probe", "--json", "--bogus"], "usage"],
    ["an unknown topic", ["help", "--json", "leasse"], "usage"],
  ])("%s is an envelope too", async (_, argv, code) => {
    const ran = await run(argv);
    expect([ran.code, ran.out]).toEqual([2, ""]);
    expect(json(ran.err)).toMatchObject({ ok: false, code });
  });

  test("text that steers a terminal is escaped", async () => {
    const { out } = await run(["probe", "--json"], {
      answer: () => ({ result: `a${ESC}[31m\u009bb\u007f` }),
    });
    // biome-ignore lint/suspicious/noControlCharactersInRegex: that none is left is what this is about.
    expect(out).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u007f-\u009f]/);
    expect(json(out).result).toBe(`a${ESC}[31m\u009bb\u007f`);
  });
});

describe("F15 exit statuses", () => {
  test.each(Object.entries(ERRORS))("%s", async (code, row) => {
    const ran = await run(["probe"], { answer: () => refusal(code as keyof typeof ERRORS) });
    expect(ran.code).toBe(row.exit);
    expect(ran.err).toContain("owp: No.\n  next: ");
    expect(ran.out).toBe("");
  });

  test("at most ten statuses", () => {
    expect(new Set([0, ...Object.values(ERRORS).map((row) => row.exit)]).size).toBeLessThanOrEqual(10);
  });

  test("a hub that does not open is an answer", async () => {
    const ran = await run(["probe"], { refuseToOpen: refusal("no_repository", "Not a repository.") });
    expect([ran.code, ran.err]).toEqual([4, expect.stringContaining("owp: Not a repository.")]);
  });

  test("a fault in owp itself: status 1, its stack only with OWP_DEBUG", async () => {
    const answer = () => {
      throw new Error("boom");
    };
    const ran = await run(["probe"], { answer });
    expect([ran.code, ran.err]).toEqual([1, expect.stringContaining("boom")]);
    expect(ran.err).not.toMatch(/\n\s+at /);
    expect((await run(["probe"], { answer, env: { OWP_DEBUG: "1" } })).err).toMatch(/\n\s+at /);
  });
});

describe("text", () => {
  test.each<[string, string[], Record<string, string>, boolean, boolean]>([
    ["a terminal", [], {}, true, true],
    ["no terminal", [], {}, false, false],
    ["NO_COLOR", [], { NO_COLOR: "1" }, true, false],
    ["an empty NO_COLOR says nothing", [], { NO_COLOR: "" }, true, true],
    ["--no-color", ["--no-color"], { FORCE_COLOR: "1" }, true, false],
    ["FORCE_COLOR", [], { FORCE_COLOR: "1" }, false, true],
    ["FORCE_COLOR=0", [], { FORCE_COLOR: "0" }, true, false],
    ["a dumb terminal", [], { TERM: "dumb" }, true, false],
  ])("colour: %s", async (_, options, env, tty, colored) => {
    const ran = await run(["probe", ...options], { env, tty, answer: () => ({ result: { key: "value" } }) });
    expect(ran.out.includes(ESC)).toBe(colored);
  });

  test("text of the record cannot steer the terminal", async () => {
    const evil = `x${ESC}[2J${ESC}]0;title\u0007\u009b31my\r\u0008\u202ez`;
    const ran = await run(["probe"], { answer: () => ({ result: { [evil]: evil }, warnings: [evil] }) });
    expect(ran.out).toBe("xyz: xyz\n");
    expect(ran.err).toContain("warning: xyz");
    const refused = await run(["probe"], { answer: () => refusal("task_unknown", evil, { hint: evil }) });
    expect(refused.err).toBe("owp: xyz\n  next: xyz\n");
  });

  test("talk goes to stderr, and --quiet ends it", async () => {
    const answer = () => ({
      result: {
        entry: { event: "task.created", actor: "ada", tasks: [{ id: "t_01jd0000000000000000000k3f" }] },
      },
      warnings: ["careful"],
      already: true,
    });
    const loud = await run(["make", "x"], { answer });
    expect(loud.err).toMatch(/careful[\s\S]*landed before/);
    const quiet = await run(["make", "x", "-q"], { answer });
    expect([quiet.err, quiet.out]).toEqual(["", "0k3f\n"]);
  });

  test("F09 an old view says how old it is", async () => {
    const { err } = await run(["probe"], {
      answer: () => ({ view: { tip: "x", age_ms: 7_200_000, stale: true } }),
    });
    expect(err).toContain("2h ago");
  });

  test("F09 a queued change says so and prints no result", async () => {
    const { out, err } = await run(["make", "x", "--offline"], {
      answer: () => ({ queued: true, result: { a: 1 } }),
    });
    expect(out).toBe("");
    expect(err).toMatch(/queued as 01kg[\s\S]*owp sync/);
  });

  test("a dry run prints the files as diffs", async () => {
    const changes = [
      { path: "tasks/a.yaml", after: "kind: Task\ntitle: x\n" },
      {
        path: "leases/a.yaml",
        before: "a: 1\nb: 2\nc: 3\nd: 4\ne: 5\n",
        after: "a: 1\nb: 2\nc: 3\nd: 4\ne: 6\n",
      },
      { path: "leases/b.yaml", before: "x: 1\n" },
    ];
    const { out, err } = await run(["make", "x", "--dry-run"], { answer: () => ({ changes }) });
    expect(out).toBe(
      "new tasks/a.yaml\n+kind: Task\n+title: x\nedit leases/a.yaml\n c: 3\n d: 4\n-e: 5\n+e: 6\ndelete leases/b.yaml\n",
    );
    expect(err).toContain("dry run");
  });

  test("progress shows on a terminal alone", async () => {
    const answer: NonNullable<Parameters<typeof run>[1]>["answer"] = (_name, _input, options) => {
      options.onProgress?.({ stage: "indexing", done: 3, total: 9 });
      return {};
    };
    expect((await run(["probe"], { answer, tty: true })).err).toContain("indexing 3/9");
    for (const argv of [
      ["probe", "--json"],
      ["probe", "-q"],
    ]) {
      expect((await run(argv, { answer, tty: true })).err).toBe("");
    }
    expect((await run(["probe"], { answer })).err).toBe("");
  });
});

test("--version", async () => {
  expect(await run(["--version"])).toMatchObject({ code: 0, out: "9.9.9\n", err: "" });
});
