/**
 * What the two texts that every agent reads cost it: `owp prime` under 400 tokens, `owp claim` under 250 (A46). Counted is
 * everything a command prints off a terminal, stdout and stderr, as the largest of three: a token for four characters,
 * four for three words, and the count of src/view/tokens.ts, which test/view/tokens.test.ts holds against tokenizers.
 */
import { describe, expect, test } from "vitest";
import { tokens } from "../../src/view/tokens.ts";
import { at, ended, type File, HOUR, lease, repo, task, waiting, worker } from "../helpers/record.ts";
import { Session } from "./session.ts";
import type { Ran } from "./support.ts";

function counted({ out, err }: Ran): number {
  const text = out + err;
  const words = text.split(/\s+/).filter((word) => word !== "").length;
  return Math.max(text.length / 4, words * 1.33, tokens(text));
}

/** Names as long as they may be. */
const LONG_NAME = `${"agent-of-a-long-name-".repeat(4)}@box/${"w0rk-tree.".repeat(3)}`;
const LONG_REPO = "a-repository-of-many-parts.".repeat(4).slice(0, 99);

/** One line as a title may be, in many scripts and of every kind of sign. */
const TITLES = {
  english: "Find out why the session cookie is dropped when a login is redirected ".repeat(5),
  "one word": "x".repeat(300),
  identifiers: "kernel_v2::fs<T, 0x1F>{a:[1,2,3]} != ~/x.y#z; ".repeat(7),
  digits: "12 345 6 7890 1 2 3 ".repeat(15),
  chinese: "修复管理页面的登录问题并编写测试以确保会话在重定向后仍然有效".repeat(10),
  hindi: "व्यवस्थापक पृष्ठ का लॉगिन ठीक करें ".repeat(9),
  emoji: "🚀🔥✅🐛🧪📦".repeat(25),
  "marks that combine": "é̂̃".repeat(75),
  "right to left": "إصلاح تسجيل الدخول في صفحة المسؤول ".repeat(9),
};
const titled = (text: string) => [...text].slice(0, 300).join("").trim();

const IDS = ["aaaa", "aaab", "aaac", "aaad", "aaae", "aaaf", "aaag", "aaah", "aaaj", "aaak"];

/** Ten tasks; the worker holds five of them, one blocked and one under review. */
function crowded(title: string): File[] {
  const files = IDS.map((id) =>
    task(id, { title, repo: LONG_REPO, priority: 1000, area: `${id} ${title}`.slice(0, 120) }),
  );
  const phases = ["in_progress", "in_progress", "in_progress", "blocked", "pr_opened"] as const;
  const leases = phases.map((phase, index) =>
    lease(IDS[index] as string, {
      worker: LONG_NAME,
      phase,
      epoch: 12345,
      expires_at: at(47 * HOUR + 59_999),
    }),
  );
  return [
    repo(LONG_REPO),
    worker(LONG_NAME, { capacity_points: 100, max_concurrent_tasks: 20 }),
    ...files,
    ...leases,
  ];
}

describe("owp prime: under 400 tokens", () => {
  test.each(Object.entries(TITLES))("a long name, many tasks in hand, titles: %s", async (_, title) => {
    const ran = await new Session(LONG_NAME, ...crowded(titled(title))).owp("prime");
    expect(ran.code, ran.err).toBe(0);
    expect(ran.out.match(/^- aaa/gm)).toHaveLength(6);
    expect(counted(ran), ran.out).toBeLessThan(400);
  });

  test("nothing there; nothing in hand; as another with --as; not let in", async () => {
    const queue = crowded(titled(TITLES.english));
    const rans = [
      await new Session("ada").owp("prime"),
      await new Session("ada", ...queue).owp("prime"),
      await new Session("ada", ...queue).owp("prime --as claude@build-box-12/feature-login+tests"),
      await new Session(
        "nell",
        ["owp.yaml", { kind: "Policy", protocol: "1.0", registration: "closed" }],
        ...queue,
      ).owp("prime"),
    ];
    for (const ran of rans) expect(counted(ran), ran.out).toBeLessThan(400);
    expect(rans[3]?.out).toContain("ask max to run: owp worker register nell --actor-kind agent");
  });

  test("and its JSON too", async () => {
    const ran = await new Session(LONG_NAME, ...crowded(titled(TITLES.english))).owp("prime --json");
    expect(JSON.parse(ran.out).result).toMatchObject({ held_total: 5, ready_total: 5, source: "built-in" });
  });
});

/** A task as large as its file may be, in one script. */
function largest(title: string): File[] {
  const text = (length: number) =>
    title
      .repeat(Math.ceil(length / title.length))
      .slice(0, length)
      .trim() || "x";
  const said = {
    message: text(4000),
    artifacts: [{ type: "link" as const, uri: `https://example.org/${"x".repeat(1900)}` }],
  };
  const before = IDS.slice(1, 9);
  return [
    repo(LONG_REPO),
    worker(LONG_NAME, { skills: ["rust"] }),
    ...before.map((id) => ended(id, "done", { ...said, worker: LONG_NAME })),
    waiting("aaaa", before, {
      title,
      repo: LONG_REPO,
      area: text(120),
      skills: ["rust"],
      description: text(60_000),
      acceptance: { criteria: Array.from({ length: 40 }, () => text(4000)) },
      notes: Array.from({ length: 9 }, () => ({ at: at(-HOUR), by: LONG_NAME, text: text(4000) })),
    }),
    lease("aaaa", { worker: null, phase: "retry", epoch: 12345, attempt: 4, ...said }),
  ];
}

describe("A46 owp claim: under 250 tokens", () => {
  test.each(Object.entries(TITLES))(
    "the largest task that may be, for a new worker: %s",
    async (_, title) => {
      const files = largest(titled(title));
      const newcomer = new Session(
        LONG_NAME,
        ...files.filter(([path]) => !path.startsWith("workers/")),
        worker("ada", { skills: ["rust"] }),
        task("zzzz"),
      );
      for (const session of [new Session(LONG_NAME, ...files), newcomer]) {
        const ran = await session.owp("claim");
        expect(ran.code, ran.err).toBe(0);
        expect(counted(ran), ran.out).toBeLessThan(250);
      }
    },
  );

  test("a takeover, and as another with --as", async () => {
    const files = [
      ...largest(titled(TITLES.english)).filter(([path]) => !path.startsWith("leases/")),
      lease("aaaa", { worker: "bob", epoch: 7, expires_at: at(-9 * HOUR), message: "m".repeat(4000) }),
    ];
    const ran = await new Session(LONG_NAME, ...files).owp("claim --as claude@box/web+tests");
    expect(ran.out).toContain("taken over: from bob (epoch 7)");
    expect(counted(ran), ran.out).toBeLessThan(250);
  });

  test("of several each is shorter, and three together cost what one may", async () => {
    const session = new Session(
      LONG_NAME,
      ...crowded(titled(TITLES.english)).filter(([path]) => !path.startsWith("leases/")),
    );
    const ran = await session.owp("claim --count 3");
    expect(ran.out.match(/^claimed /gm)).toHaveLength(3);
    expect(counted(ran), ran.out).toBeLessThan(350);
  });

  test("what is usual is far below", async () => {
    const ran = await new Session(
      "ada",
      task("k3f9", {
        title: "Fix the login",
        description: "It fails on Safari.",
        acceptance: { criteria: ["a test"] },
      }),
    ).owp("claim");
    expect(counted(ran), ran.out).toBeLessThan(100);
  });
});

test("the whole loop is two calls: claim has all that is needed to begin, done what comes next", async () => {
  const queue = [
    ended("base", "done", { message: "sessions are in redis" }),
    waiting("k3f9", ["base"], { title: "Fix the login", description: "It fails on Safari.", priority: 90 }),
    waiting("m2x7", ["k3f9"], { title: "Ship it" }),
    task("r4st", { title: "Rewrite it", priority: 10 }),
  ];
  const day = new Session("ada", ...queue);
  expect(await day.says("claim")).toMatch(
    /^claimed k3f9 [\s\S]*It fails on Safari\.[\s\S]*sessions are in redis/,
  );
  const done = await day.owp("done -m 'cookies are kept'");
  expect(done.out).toContain("now free: m2x7 Ship it\n  next for you: m2x7 Ship it");
  expect(done.err).toContain("next: owp claim\n");
  expect(await day.says("claim")).toContain("builds on: k3f9 Fix the login: cookies are kept");
  expect((await day.owp("done")).out).toContain("next for you: r4st");
  await day.says("claim");
  const last = await day.owp("done");
  expect(last.out).toContain("nothing more is ready for you");
  expect(last.err).toBe("");
});
