/** Commands on a record in memory, from arguments to text: the real plans behind the real views. */
import { describe, expect, test } from "vitest";
import { task, waiting, worker } from "../helpers/record.ts";
import { Session } from "./session.ts";

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
      "k3f9 Fix the login: is done (epoch 1)\n  now free: m2x7 Ship it\n  next for you: m2x7 Ship it\n",
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

  test("commands that are shown after --as say it again, and may be run as they stand", async () => {
    const day = new Session("ada", ...QUEUE);
    const claim = await day.owp("claim --as ada");
    expect(claim.err).toContain('  next: owp done k3f9 -m "<what was done>" --as ada\n');
    expect(JSON.parse((await day.owp("status --json --as ada")).out).next).toEqual([
      'owp done k3f9 -m "<what was done>" --as ada',
    ]);
    expect((await day.owp("claim zzzz --as ada")).err).toContain("  next: owp list --all --as ada\n");
    expect(JSON.parse((await day.owp("claim zzzz --as ada --json")).err).next).toEqual([
      "owp list --all --as ada",
    ]);
    expect(await day.says("show k3f9 --brief --as ada")).toContain(
      'owp block k3f9 -m "<why>" --as ada: when you are stuck',
    );
    expect(await day.says("prime --as ada")).toContain("- in every command: --as ada\n");
    expect((await day.owp("prime --as ada")).err).toContain("owp show k3f9 --brief --as ada");
    expect((await day.owp("claim")).err).not.toContain("--as");
    expect((await day.owp("claim --nonsense --as ada")).err).toContain("next: owp claim --help\n");
  });

  test("without an id an act means the one task that it can mean", async () => {
    const day = new Session(
      "ada",
      ...QUEUE.slice(0, 1),
      task("b4st", { title: "Another" }),
      task("c3st", { title: "A third" }),
    );
    await day.says("claim k3f9");
    await day.says("block -m 'needs the password'");
    expect(await day.says("claim")).toContain("claimed b4st");
    expect(await day.says("pr https://example.org/1")).toMatch(/^b4st/);
    expect((await day.owp("resume")).err).toMatch(
      /You hold 2 tasks: \w{4} "[^"]+" \((blocked|pr opened)\), .*Say which one.*\n {2}next: owp resume <id>\n/,
    );
    expect(await day.says("resume b4st")).toMatch(/^b4st/);
    expect(await day.says("resume")).toMatch(/^k3f9 .* goes on/);
    expect((await day.owp("done")).err).toContain("next: owp done <id>");
    await day.says("block k3f9 -m 'again'");
    expect((await day.owp("release")).err).toContain("next: owp release <id>");
    expect(await day.says("done")).toBe("b4st Another: is done (epoch 1)\n  next for you: c3st A third\n");
    await day.says("claim");
    const last = await day.owp("done");
    expect(last.out).toBe("c3st A third: is done (epoch 1)\n  still yours, blocked: k3f9 Fix the login\n");
    expect(last.err).toBe("  next: owp resume k3f9\n");
  });

  test("a stale epoch from the environment: status 6", async () => {
    const day = new Session("ada", ...QUEUE);
    await day.says("claim");
    const ran = await day.owp("done --epoch 7");
    expect([ran.code, ran.err]).toEqual([6, expect.stringContaining("owp note")]);
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
