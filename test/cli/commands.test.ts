/** The commands that do more than run one operation. */

import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { commands } from "../../src/cli/commands.ts";
import { encode } from "../../src/core/codec.ts";
import { policy, repo, task } from "../helpers/record.ts";
import { NOW, refusal, run, type World } from "./support.ts";

const owp = (argv: string[], world: World = {}) => run(argv, { commands, ...world });
const claimed = {
  result: {
    worker: "ada",
    tasks: [
      {
        short: "k3f9",
        title: "x",
        repo: "web",
        priority: 1,
        estimate: 1,
        tier: 0,
        skills: [],
        epoch: 1,
        attempt: 1,
        max_attempts: 5,
        expires_at: null,
        branch: "task/k3f9-x",
      },
    ],
  },
};

describe("claim --wait", () => {
  /** Refuses so many times, then answers. */
  const refusing =
    (
      times: number,
      code: Parameters<typeof refusal>[0],
      seen: { count: number } = { count: 0 },
    ): World["answer"] =>
    () =>
      seen.count++ < times ? refusal(code) : claimed;

  test("asks again, with growing random pauses, until there is a task", async () => {
    const ran = await owp(["claim", "--wait"], { answer: refusing(4, "nothing_to_claim") });
    expect([ran.code, ran.seen.length]).toEqual([0, 5]);
    // Half of 2, 4, 8, 16 s above the shortest pause of 1 s.
    expect(ran.slept).toEqual([2000, 3000, 5000, 9000]);
    expect(ran.seen.every(({ input }) => !("wait" in input))).toBe(true);
  });

  test("pauses have a cap", async () => {
    const { slept } = await owp(["claim", "--wait"], { answer: refusing(12, "nothing_to_claim") });
    expect(Math.max(...slept)).toBe(31_000);
  });

  test.each<[string, string[], Parameters<typeof refusal>[0], number]>([
    ["a remote that is away passes", ["claim", "--wait"], "remote_unreachable", 2],
    ["a named task may come free", ["claim", "k3f9", "--wait"], "task_held", 2],
    ["what time cannot change ends it", ["claim", "--wait"], "worker_retired", 1],
    ["without --wait one answer is enough", ["claim"], "nothing_to_claim", 1],
    ["a dry run never waits", ["claim", "--wait", "--dry-run"], "nothing_to_claim", 1],
  ])("%s", async (_, argv, code, tries) => {
    expect((await owp(argv, { answer: refusing(1, code) })).seen.length).toBe(tries);
  });

  test("--timeout ends it with the last answer: status 3", async () => {
    const ran = await owp(["claim", "--wait", "--timeout", "10s"], {
      answer: refusing(99, "nothing_to_claim"),
    });
    expect([ran.code, ran.slept]).toEqual([3, [2000, 3000]]);
    expect(ran.seen.map(({ options }) => options.timeout_ms)).toEqual([10_000, 8000, 5000]);
  });

  test("Ctrl-C ends it: nothing was claimed", async () => {
    const controller = new AbortController();
    const answer: World["answer"] = () => {
      controller.abort();
      return refusal("nothing_to_claim");
    };
    const ran = await owp(["claim", "--wait"], { answer, abort: controller.signal });
    expect([ran.code, ran.err]).toEqual([8, expect.stringContaining("Nothing was claimed")]);
  });

  test("--offline is told plainly, not refused as a wrong option", async () => {
    const ran = await owp(["claim", "--offline"], {
      answer: (_n, _i, { offline }) => (offline ? refusal("offline_needs_remote") : {}),
    });
    expect(ran.code).toBe(7);
  });
});

describe("import and export", () => {
  let dir = "";
  beforeAll(() => {
    dir = mkdtempSync(join(tmpdir(), "owp-import-"));
    mkdirSync(join(dir, ".beads"));
    const issue = {
      id: "bd-1",
      title: "From Beads",
      status: "open",
      priority: 1,
      issue_type: "bug",
      created_at: "2026-01-01T00:00:00Z",
    };
    writeFileSync(join(dir, ".beads", "issues.jsonl"), `${JSON.stringify(issue)}\n`);
    writeFileSync(join(dir, "tasks.yaml"), "- title: One\n- title: Two\n");
  });
  afterAll(() => rmSync(dir, { recursive: true, force: true }));

  const counts = { created: 0, updated: 0, unchanged: 0, kept: 0, skipped: 0 };
  const imported = { result: { ...counts, tasks: [], changed: [], left: [], gone: [] } };

  test("A24 a YAML list, by path and from standard input", async () => {
    const byPath = await owp(["-C", dir, "import", "tasks.yaml", "--repo", "web"], {
      answer: () => imported,
    });
    expect(byPath.seen[0]?.input).toMatchObject({
      system: "file",
      repo: "web",
      items: [{ title: "One" }, { title: "Two" }],
    });
    const piped = await owp(["import", "-", "--system", "notes"], {
      answer: () => imported,
      stdin: "- title: One\n",
    });
    expect(piped.seen[0]?.input).toMatchObject({ system: "notes", items: [{ title: "One" }] });
  });

  test("A25 Beads, whose file need not be named", async () => {
    const ran = await owp(["-C", dir, "import", "--from", "beads"], { answer: () => imported });
    expect(ran.seen[0]?.input).toMatchObject({
      system: "beads",
      items: [{ external_id: "bd-1", title: "From Beads" }],
    });
  });

  test.each<[string, string[], string, number]>([
    ["no file", ["import"], "needs <file>", 2],
    ["a file that is not there", ["import", "/nowhere.yaml"], "cannot be read: it is not there", 2],
    ["a file with a fault: its line", ["import", "-"], "line 2", 2],
    ["a source that no one knows", ["import", "gitlab:a/b"], "owp knows no source gitlab", 2],
    ["a form that no one knows", ["import", "-", "--from", "jira"], "items, beads, github, backlog", 2],
    [
      "A26 a label for a file",
      ["import", "-", "--label", "x"],
      "--label chooses among the issues of github",
      2,
    ],
    ["A26 no repository", ["import", "github:octo"], "it must be github:owner/repo", 2],
    ["a repository read as Beads", ["import", "github:a/b", "--from", "beads"], "not as beads", 2],
    [
      "a folder without tasks",
      ["import", join(import.meta.dirname, "../../schemas")],
      "holds no task files of Backlog.md",
      2,
    ],
  ])("%s: nothing reaches the record", async (_, argv, message, code) => {
    const ran = await owp(argv, { stdin: "- title: One\n- priority: 3\n" });
    expect([ran.code, ran.err, ran.seen.length]).toEqual([code, expect.stringContaining(message), 0]);
  });

  test("export prints the tasks and nothing else; a terminal gets no control characters", async () => {
    const [, value] = task("k3f9", { title: "Café", description: "a\u009b31m" });
    const answer = () => ({ result: { format: "jsonl", count: 1, tasks: [value] } });
    const piped = await owp(["export", "--format", "jsonl"], { answer });
    expect(JSON.parse(piped.out)).toEqual(value);
    expect((await owp(["export"], { answer, tty: true })).out).not.toContain("\u009b");
    expect(JSON.parse((await owp(["export", "--json"], { answer })).out).result.tasks).toEqual([value]);
  });
});

describe("worker register", () => {
  const registered = { commit: "c0ffee", result: { worker_id: "w_1", name: "ada", trust_tier: "basic" } };

  test("A01 A02 F13 the token is shown once, and its hash alone reaches the record", async () => {
    const ran = await owp(["worker", "register", "ada"], { answer: () => registered });
    const token = /owpt_[\w-]{43}/.exec(ran.out)?.[0] ?? "";
    const { token_hash, ...input } = ran.seen[0]?.input ?? {};
    expect(token_hash).toBe(`sha256:${createHash("sha256").update(token).digest("hex")}`);
    expect(JSON.stringify(input)).toBe('{"name":"ada"}');
    const again = await owp(["worker", "register", "ada"], { answer: () => registered });
    expect(again.out).not.toContain(token);
  });

  test.each<[string, string[], object]>([
    ["--no-token", ["--no-token"], registered],
    [
      "registered before: the token would lead nowhere",
      [],
      { result: { ...registered.result, already: true } },
    ],
  ])("no token: %s", async (_, options, answer) => {
    const ran = await owp(["worker", "register", "ada", ...options], { answer: () => answer });
    expect([ran.code, ran.out.includes("owpt_")]).toEqual([0, false]);
  });
});

describe("log", () => {
  test.each<[string[], object]>([
    [[], { limit: 50 }],
    [
      ["k3f9", "-n", "3", "--worker", "ada", "--event", "task.*"],
      { task: "k3f9", limit: 3, worker: "ada", event: "task.*" },
    ],
    [["--since", "2h"], { since_ms: NOW - 7_200_000 }],
    [["--since", "2026-01-30"], { since_ms: Date.parse("2026-01-30T00:00:00Z") }],
  ])("%j", async (argv, input) => {
    const ran = await owp(["log", ...argv], { answer: () => ({ result: { events: [] } }) });
    expect(ran.seen[0]?.input).toMatchObject(input);
  });

  test("--json: one event a line", async () => {
    const event = {
      commit: "c",
      at: "2026-01-31T11:00:00Z",
      event: "task.done",
      actor: "ada",
      subject: "s",
      tasks: [],
      paths: [],
    };
    const { out } = await owp(["log", "--json"], { answer: () => ({ result: { events: [event, event] } }) });
    expect(
      out
        .trimEnd()
        .split("\n")
        .map((line) => JSON.parse(line)),
    ).toEqual([event, event]);
  });

  test.each([
    ["--since", "yesterday"],
    ["-n", "0"],
  ])("%s %s is refused", async (...argv) => {
    expect((await owp(["log", ...argv])).code).toBe(2);
  });
});

test.each<[string[], string]>([
  [["heartbeat", "--note", "x".repeat(501)], "(501 characters); it must have at most 500 characters"],
  [["heartbeat", "--status", "asleep"], "Allowed choices are idle, working, paused"],
])("A08 %j is refused here", async (argv, message) => {
  const ran = await owp(argv);
  expect([ran.code, ran.err, ran.seen.length]).toEqual([2, expect.stringContaining(message), 0]);
});

describe("validate", () => {
  let dir = "";
  beforeAll(() => {
    dir = mkdtempSync(join(tmpdir(), "owp-validate-"));
    for (const [path, value] of [policy(), repo("web"), task("k3f9")]) {
      mkdirSync(join(dir, path, ".."), { recursive: true });
      writeFileSync(join(dir, path), encode(path, value as object));
    }
  });
  afterAll(() => rmSync(dir, { recursive: true, force: true }));
  const file = "tasks/f/9/t_0000000000000000000000k3f9.yaml";

  test("a checked-out record without a fault", async () => {
    expect(await owp(["-C", dir, "validate", "."])).toMatchObject({ code: 0, out: "no problems\n", err: "" });
  });

  test("F11 faults by file and line, status 9; annotations where GitHub reads them", async () => {
    writeFileSync(
      join(dir, file),
      encode(file, task("k3f9")[1] as object).replace(/priority: .*/, "priority: -1"),
    );
    for (const path of [".", "tasks", file]) {
      const ran = await owp(["-C", dir, "validate", path]);
      expect([ran.code, ran.out]).toEqual([9, expect.stringMatching(new RegExp(`^${file}:\\d+: schema `))]);
    }
    const github = await owp(["-C", dir, "validate", "."], { env: { GITHUB_ACTIONS: "true" } });
    expect(github.out).toMatch(new RegExp(`^::error file=${file},line=\\d+,`));
    const json = JSON.parse((await owp(["-C", dir, "validate", ".", "--json"])).err);
    expect(json.error.data).toMatchObject({ errors: 1, problems: [{ path: file, code: "schema" }] });
  });

  test("the record and its ranges are the hub's", async () => {
    const problem = { path: "a.yaml", line: 2, code: "schema", message: "m", severity: "warning" };
    const ran = await owp(["validate", "--range", "a..b"], {
      answer: () => ({ result: { problems: [problem] } }),
    });
    expect(ran.seen).toMatchObject([{ name: "validate", input: { range: "a..b" } }]);
    expect([ran.code, ran.out]).toEqual([0, "a.yaml:2: warning: schema m\n1 warning\n"]);
  });

  test.each([[["validate", "nowhere"]], [["validate", ".", "--range", "a..b"]]])(
    "%j is refused",
    async (argv) => {
      expect((await owp(["-C", dir, ...argv])).code).toBe(2);
    },
  );
});

test("doctor: its findings are on stdout, also when one fails and where no hub opens", async () => {
  const dir = mkdtempSync(join(tmpdir(), "owp-doctor-"));
  try {
    const ran = await owp(["-C", dir, "doctor"]);
    expect([ran.code, ran.out]).toEqual([9, expect.stringContaining("FAILED  repository")]);
    expect(ran.err).toMatch(/^owp: 1 of \d+ checks failed\.\n {2}next: git init/);
    const json = JSON.parse((await owp(["-C", dir, "doctor", "--json"])).err);
    expect(json.error.data.checks).toContainEqual(
      expect.objectContaining({ name: "repository", state: "failed" }),
    );
  } finally {
    rmSync(dir, { recursive: true, force: true });
  }
});

describe("repair", () => {
  const mends = [{ path: "owp.yaml", code: "gone", did: "restored" }];
  const result = { mends, left: [], mark: "0123456789abcd" };
  const answer = () => ({ result, changes: [] });

  test("off a terminal it shows what it would do, and how that is agreed to", async () => {
    const ran = await owp(["repair"], { answer });
    expect(ran.seen).toMatchObject([{ name: "repair", options: { dry_run: true } }]);
    expect([ran.code, ran.out]).toEqual([0, "would mend 1 file\n  owp.yaml: restored\n"]);
    expect(ran.err).toContain("next: owp repair --agreed 0123456789abcd");
  });

  test.each([
    ["yes", 0, [{ dry_run: true }, { dry_run: false }]],
    ["no", 8, [{ dry_run: true }]],
  ])("on a terminal it asks, and %j means that", async (typed, code, options) => {
    const ran = await owp(["repair"], { answer, tty: true, typed });
    expect(ran.code).toBe(code);
    expect(ran.seen.map((one) => ({ dry_run: one.options.dry_run }))).toEqual(options);
    expect(ran.seen.at(1)?.input).toEqual(typed === "yes" ? { agreed: result.mark } : undefined);
    expect(ran.err).toContain("owp.yaml");
  });

  test("nothing to mend is not asked about", async () => {
    const ran = await owp(["repair"], {
      answer: () => ({ result: { ...result, mends: [], already: true } }),
      tty: true,
    });
    expect([ran.code, ran.out, ran.seen.length]).toEqual([0, "nothing is to be mended\n", 1]);
  });

  test.each([["--yes"], ["--agreed", "0123456789abcd"]].map((words) => [words]))(
    "%j does not ask",
    async (words) => {
      const ran = await owp(["repair", ...words], { answer: () => ({ result }) });
      expect(ran.seen).toMatchObject([{ options: { dry_run: false } }]);
      expect(ran.out).toBe("mended 1 file\n  owp.yaml: restored\n");
    },
  );

  test("a mark that is none is refused", async () => {
    expect((await owp(["repair", "--agreed", "soon"])).code).toBe(2);
  });
});

describe("a change for review", () => {
  const review = {
    ...{ branch: "owp-change-abcd2345", base: "b".repeat(40), commit: "c".repeat(40) },
    ...{ url: "https://github.com/acme/web/compare/owp...owp-change-abcd2345", commands: ["gh pr create"] },
  };
  const added = {
    id: "t_1",
    short: "k3f9",
    title: "T",
    status: "ready",
    priority: 50,
    estimate: 1,
    blocked_by: [],
  };
  const answer = () => ({ result: added, review });

  test("names the branch and the page, and what opens the request; not the claim that cannot be yet", async () => {
    const ran = await owp(["add", "T", "--pr"], { answer });
    expect(ran.seen).toMatchObject([{ name: "add", input: { title: "T" }, options: { review: "branch" } }]);
    expect(ran.seen[0]?.input).toEqual({ title: "T" });
    expect(ran.out).toContain(
      "for review on the branch owp-change-abcd2345; nothing of it is on the record yet",
    );
    expect(ran.out).toContain(`\n  ${review.url}\n`);
    expect([ran.err.includes("next: gh pr create"), ran.err.includes("claim")]).toEqual([true, false]);
  });

  test("with --quiet is the branch, with --json all of it", async () => {
    expect((await owp(["add", "T", "--pr", "-q"], { answer })).out).toBe("owp-change-abcd2345\n");
    const { out } = await owp(["add", "T", "--pr", "--json"], { answer });
    expect(JSON.parse(out)).toMatchObject({
      ok: true,
      review,
      next: ["gh pr create"],
      result: { short: "k3f9" },
    });
  });

  test.each([
    [["add", "T", "--open-pr"], "request"],
    [["edit", "k3f9", "--title", "T", "--pr"], "branch"],
    [["edit", "k3f9", "--title", "T", "--pr", "--open-pr"], "request"],
    [["import", "-", "--pr"], "branch"],
    [["add", "T"], undefined],
  ])("%j asks for %s", async (words, wanted) => {
    const ran = await owp(words, { answer, stdin: '[{"title":"x"}]' });
    expect(ran.seen.map(({ options }) => options.review)).toEqual([wanted]);
    expect(Object.keys(ran.seen[0]?.input ?? {})).not.toContain("pr");
  });

  test("no other command takes --pr", async () => {
    expect((await owp(["claim", "--pr"])).code).toBe(2);
    expect((await owp(["note", "k3f9", "x", "--pr"])).code).toBe(2);
  });
});

describe("uninit", () => {
  test("off a terminal it wants --yes", async () => {
    const ran = await owp(["uninit", "--record"]);
    expect([ran.code, ran.seen.length, ran.err]).toEqual([
      2,
      0,
      expect.stringContaining("owp uninit --record --yes"),
    ]);
    expect((await owp(["uninit", "--record", "--yes"])).seen).toMatchObject([
      { name: "uninit", input: { record: true } },
    ]);
  });

  test.each([
    ["yes", 1],
    ["y", 0],
    ["", 0],
  ])("on a terminal it asks: %j", async (typed, calls) => {
    const ran = await owp(["uninit"], { tty: true, typed });
    expect([ran.seen.length, ran.err]).toEqual([calls, expect.stringContaining("Type yes to go on")]);
  });

  test("where no hub opens, what lies in the clone goes all the same; the record does not", async () => {
    const clone = mkdtempSync(join(tmpdir(), "owp-uninit-"));
    try {
      execFileSync("git", ["init", "--quiet", clone]);
      const folder = join(clone, ".git", "owp");
      mkdirSync(folder);
      const refuseToOpen = refusal("push_url");
      const record = await owp(["-C", clone, "uninit", "--yes", "--record"], { refuseToOpen });
      expect([record.code, existsSync(folder)]).toEqual([7, true]);
      const ran = await owp(["-C", clone, "uninit", "--yes"], { refuseToOpen });
      expect([ran.code, ran.out, existsSync(folder)]).toEqual([
        0,
        `removed ${folder} from this clone\n`,
        false,
      ]);
    } finally {
      rmSync(clone, { recursive: true, force: true });
    }
  });
});

describe("settle and trailer", () => {
  test("settle takes a range, and never what the hub fills in", async () => {
    const ran = await owp(["settle", "--range", "a..b"], {
      answer: () => ({ result: { merged: [], reopened: [] } }),
    });
    expect([ran.code, ran.out]).toEqual([0, "nothing to settle\n"]);
    expect(ran.seen).toMatchObject([{ name: "settle", input: { range: "a..b" } }]);
    expect((await owp(["settle", "--merged", "[]"])).code).toBe(2);
  });

  test("trailer asks this clone first, and the remote where this clone does not know", async () => {
    const trailer = "Owp-Task: t_01jh0000000000000000000k3f";
    const known = await owp(["trailer", "k3f9"], { answer: () => ({ result: { trailer } }) });
    expect([known.out, known.err]).toEqual([`${trailer}\n`, ""]);
    expect(known.seen.map(({ input, options }) => [input, options.offline])).toEqual([
      [{ id: "k3f9" }, true],
    ]);
    const news = await owp(["trailer"], {
      answer: (_name, _input, { offline }) => (offline ? refusal("ambiguous_held") : { result: { trailer } }),
    });
    expect([news.out, news.seen.map(({ options }) => options.offline)]).toEqual([
      `${trailer}\n`,
      [true, undefined],
    ]);
    const offline = await owp(["trailer", "--offline"], { answer: () => refusal("ambiguous_held") });
    expect([offline.code, offline.seen.length]).toEqual([2, 1]);
  });
});
