/** Commands on a record in memory, from arguments to text: the real plans behind the real views. */
import { describe, expect, test } from "vitest";
import { commands } from "../../src/cli/commands.ts";
import type { Refusal } from "../../src/core/refusal.ts";
import { OPERATIONS } from "../../src/domain/operations.ts";
import type { RunOptions, Success } from "../../src/lib/types.ts";
import { applied, ctx, NOW, record, repo, task, waiting, worker } from "../helpers/record.ts";
import { type Ran, run } from "./support.ts";

/** A clone whose record is a value: each change makes the next one. */
class Session {
  private state;
  private count = 0;

  constructor(
    private readonly name: string,
    ...files: Parameters<typeof record>
  ) {
    this.state = record(...files);
  }

  async owp(line: string, form: { tty?: boolean; stdin?: string } = {}): Promise<Ran> {
    const argv = [...line.matchAll(/'([^']*)'|(\S+)/g)].map((match) => match[1] ?? match[2] ?? "");
    const rows = new Map(
      await Promise.all(OPERATIONS.map(async (row) => [row.name, await row.load()] as const)),
    );
    const answer = (name: string, input: unknown, options: RunOptions): Partial<Success> | Refusal => {
      const loaded = rows.get(name);
      if (!loaded) throw new Error(`no operation ${name}`);
      if (!loaded.check(input)) throw new Error(JSON.stringify(loaded.check.errors));
      const op = `01kjm00000000000000000${String(this.count++).padStart(4, "0")}`;
      const plan = loaded.plan(this.state, input as never, ctx(this.name, { op }));
      if (!plan.ok) return plan;
      if (!options.dry_run) this.state = applied(this.state, plan);
      return {
        result: JSON.parse(JSON.stringify(plan.result)),
        warnings: plan.warnings ?? [],
        commit: plan.changes.length > 0 ? "c0ffee" : null,
        op,
      };
    };
    return run(argv, { commands, answer, columns: 100, now: NOW, ...form });
  }

  /** What a command prints on stdout; it must succeed. */
  async says(line: string, form: { tty?: boolean; stdin?: string } = {}): Promise<string> {
    const ran = await this.owp(line, form);
    if (ran.code !== 0) throw new Error(`owp ${line}: ${ran.err}`);
    return ran.out;
  }
}

const QUEUE = [
  task("k3f9", { title: "Fix the login", priority: 80, area: "auth" }),
  waiting("m2x7", ["k3f9"], { title: "Ship it" }),
  task("r4st", { title: "Rewrite it", skills: ["rust"] }),
] as const;

describe("an agent's day", () => {
  test("claim, done: two calls, and who waits is told", async () => {
    const day = new Session("ada", ...QUEUE);
    expect(await day.says("claim")).toMatch(
      /^claimed k3f9 Fix the login\nepoch 1, attempt 1 of \d, lease ends in 4h; /,
    );
    expect((await day.owp("claim")).err).toContain("next: owp done k3f9");
    expect(await day.says("done -m 'it works'")).toBe(
      "k3f9 Fix the login: is done (epoch 1)\n  now free: m2x7 Ship it\n",
    );
    expect(await day.says("claim -q")).toBe("m2x7\n");
  });

  test("blocked, resumed, a pull request, released; status and show follow", async () => {
    const day = new Session("ada", ...QUEUE);
    await day.says("claim k3f9");
    expect(await day.says("block -m 'needs the password'")).toContain("is blocked");
    expect(await day.says("status")).toContain(
      "k3f9 Fix the login (blocked, epoch 1, lease stays, needs the password)",
    );
    expect(await day.says("resume")).toContain("goes on; the lease ends in 4h");
    expect(await day.says("pr https://example.org/1")).toContain("waits for its pull request");
    expect(await day.says("show k3f9")).toMatch(/pr opened[\s\S]*work: pr https:\/\/example.org\/1/);
    expect(await day.says("release k3f9 -m 'half done'")).toContain("back in the queue");
    expect(await day.says("claim k3f9")).toContain("left behind: half done");
  });

  test("the reasons when there is nothing: status 3", async () => {
    const day = new Session("bob", worker("bob"), ...QUEUE);
    await day.says("claim");
    const ran = await day.owp("claim --another");
    expect([ran.code, ran.out]).toEqual([3, ""]);
    expect(ran.err).toMatch(/^owp: Nothing to claim: .*needs rust.*\n {2}next: owp ready --explain\n$/);
    expect(await day.says("ready --explain")).toMatch(/r4st needs rust: Rewrite it/);
  });

  test("a stale epoch from the environment: status 6", async () => {
    const day = new Session("ada", ...QUEUE);
    await day.says("claim");
    const ran = await day.owp("done --epoch 7");
    expect([ran.code, ran.err]).toEqual([6, expect.stringContaining("owp note")]);
  });

  test("prime: under 400 tokens", async () => {
    const name = `${"a".repeat(59)}@${"h".repeat(29)}/${"w".repeat(29)}`;
    const long = { title: "x".repeat(300), repo: "r".repeat(100), priority: 90 };
    const many = ["aaaa", "aaab", "aaac", "aaad", "aaae"].map((short) => task(short, long));
    const day = new Session(
      name,
      repo(long.repo),
      worker(name, { capacity_points: 100, max_concurrent_tasks: 20 }),
      ...many,
    );
    await day.says("claim --count 3");
    const text = await day.says("prime");
    expect(Math.ceil(text.length / 4)).toBeLessThan(400);
    expect(text).toContain("- owp claim:");
  });
});

describe("every view on real results", () => {
  const LINES = [
    "add 'A title' -p P1 -s rust,sql --accept 'a test' --blocked-by k3f9 --json",
    "add 'Another one'",
    "edit k3f9 --add-label safari -p 90",
    "note k3f9 'on Safari'",
    "list",
    "list --all --sort created",
    "search login",
    "ready",
    "ready --explain",
    "claim k3f9 --for 2h",
    "status",
    "status --ended",
    "show k3f9",
    "show k3f9 --brief",
    "show k3f9 --cwom",
    "renew",
    "handoff --to max",
    "prime",
    "requeue k3f9",
    "claim --another",
    "fail -m 'no luck'",
    "cancel r4st",
    "worker list",
    "worker show",
    "worker edit --add-skill go",
    "worker pause",
    "worker resume",
    "worker register cy --skill go",
    "repo list",
    "repo show web",
    "repo set api --max-open-prs 2",
    "export",
    "export --format jsonl --all",
    "import - --system notes",
    "import - --system notes",
    "worker retire cy",
  ];

  test.each([
    ["compact", false],
    ["terminal", true],
  ])("%s: nothing undefined, no object printed as such", async (_, tty) => {
    const day = new Session(
      "max",
      worker("max", {
        trust_tier: "maintainer",
        skills: ["rust"],
        capacity_points: 50,
        max_concurrent_tasks: 20,
      }),
      ...QUEUE,
    );
    for (const line of LINES) {
      const ran = await day.owp(line, { tty, stdin: '[{"title": "From a list", "id": "n-1"}]' });
      expect(ran.code, `${line}: ${ran.err}`).toBe(0);
      expect(ran.out, line).toMatch(/\S/);
      expect(ran.out + ran.err, line).not.toMatch(/undefined|NaN|\[object| null /);
    }
  });

  test("a dry run changes nothing and reaches the plan", async () => {
    const day = new Session("ada", ...QUEUE);
    expect((await day.owp("claim --dry-run")).seen[0]?.options.dry_run).toBe(true);
    expect(await day.says("status")).toContain("you hold nothing");
  });
});
