/** Processes that are killed at random moments, leaders among them: nothing is lost or doubled, and others go on. */
import { readdirSync, readFileSync, utimesSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { ulid } from "ulid";
import { beforeAll, describe, expect, test } from "vitest";
import { type Agent, DRAIN_HOOK_MS, drain, type Fate } from "../helpers/agents.ts";
import { did, owp, type Started } from "../helpers/command.ts";
import { bareHub, cloneOf, gitTry } from "../helpers/git.ts";
import { type Commit, portrait, readHistory } from "../helpers/history.ts";
import { judge, type Told, type Verdict } from "../helpers/judge.ts";
import { litterIn } from "../helpers/litter.ts";
import { queueOf, startQueue } from "../helpers/queue.ts";
import { Random } from "../simulation/random.ts";

const TASKS = 24;
const SEED = 3;
const KILLS = 24;
/** Half of the kills seek a leader, if there is one just then. */
const LEADERS = 0.5;
const FOR_GOOD = 3;
const BETWEEN_KILLS_MS = [40, 500] as const;

/** Kills running commands until it has killed so many. */
class Killer {
  readonly random = new Random(SEED);
  readonly dead: Agent[] = [];
  killed = 0;
  leaders = 0;
  private readonly running = new Map<number, Started>();
  private over = false;

  constructor(private readonly clones: readonly string[]) {}

  watch = (started: Started): void => {
    const { pid = 0 } = started.child;
    this.running.set(pid, started);
    started.child.once("exit", () => this.running.delete(pid));
  };

  /** Some agents die with their command; the others repeat it, or go on without knowing what became of it. */
  afterKill = (agent: Agent): Fate => {
    const dies = agent.name.startsWith("mortal") && this.dead.length < FOR_GOOD && this.random.chance(0.4);
    if (dies) this.dead.push(agent);
    return dies ? "over" : this.random.chance(0.5) ? "again" : "next";
  };

  async run(): Promise<void> {
    while (!this.over && this.killed < KILLS) {
      await wait(this.random.between(...BETWEEN_KILLS_MS));
      const leaders = this.clones.map(leaderOf).filter((pid) => this.running.has(pid));
      const wanted = leaders.length > 0 && this.random.chance(LEADERS);
      const pids = wanted ? leaders : [...this.running.keys()];
      if (pids.length === 0) continue;
      const pid = this.random.pick(pids);
      this.killed++;
      if (leaders.includes(pid)) this.leaders++;
      this.running.get(pid)?.child.kill("SIGKILL");
    }
  }

  stop(): void {
    this.over = true;
  }
}

/** The process that leads in a clone just now; 0 where none does. */
function leaderOf(clone: string): number {
  try {
    return (JSON.parse(readFileSync(join(clone, ".git/owp/lock"), "utf8")) as { pid: number }).pid;
  } catch {
    return 0;
  }
}

describe(`kill -9 of ${KILLS} commands while 7 agents in 3 clones drain a queue (seed ${SEED})`, () => {
  const hub = bareHub();
  const clones = Array.from({ length: 3 }, () => cloneOf(hub));
  const killer = new Killer(clones);
  const agents = ["a1", "a2", "mortal a3", "mortal a4", "b1", "mortal b2", "c1"].map((name): Agent => {
    const letter = name.at(-2) ?? "";
    return {
      name,
      dir: clones["abc".indexOf(letter)] ?? "",
      args: ["--as", name.slice(-2)],
      claim: ["--for", "4s"],
    };
  });
  let before: Record<string, string>[];
  let commits: Commit[];
  let told: Told[];
  let verdict: Verdict;
  let ghost: { id: string; epoch: number };

  beforeAll(async () => {
    before = clones.map(portrait);
    const items = queueOf(TASKS, SEED).map(({ skills: _skills, ...item }) => item);
    told = await startQueue(clones[0] ?? "", items, ["--max-skew", "1s", "--max-attempts", "100"]);
    // A worker who claims, and is never heard of again.
    const claimed = await did(clones[1] ?? "", ["claim", "--as", "ghost", "--for", "1s"]);
    told.push({
      agent: "ghost",
      said: "claim",
      op: claimed.op,
      ok: true,
      code: "ok",
      ...(claimed.commit && { commit: claimed.commit }),
    });
    ghost = claimed.result.tasks[0];
    const killing = killer.run();
    const { watch, afterKill } = killer;
    const words = () => ["--op-id", ulid().toLowerCase()];
    const passing = ["lease_lost", "not_holder", "task_ended", "unknown_outcome"];
    told.push(...(await drain(agents, { seed: SEED, passing, watch, afterKill, words })));
    killer.stop();
    await killing;
    commits = readHistory(hub);
    verdict = judge(commits, told);
  }, DRAIN_HOOK_MS);

  test("leaders were killed, and agents died for good", () => {
    expect(killer.killed).toBeGreaterThan(KILLS / 2);
    expect(killer.leaders).toBeGreaterThan(2);
    expect(told.filter(({ code }) => code === "killed").length).toBeGreaterThan(KILLS / 3);
  });

  test("one holder a claim, one completion a task; what was acknowledged is there once, what was refused is not", () => {
    expect(verdict.complaints).toEqual([]);
  });

  test("what nobody was told of was asked for by a command that was killed", () => {
    const killed = new Set(told.filter(({ code }) => code === "killed").map(({ op }) => op));
    expect(verdict.untold.filter((op) => !killed.has(op))).toEqual([]);
  });

  test("leases of the dead were taken over, and the late holder is told (A52)", async () => {
    expect(verdict.takeovers).toBeGreaterThan(0);
    const { status, answer } = await owp(clones[1] ?? "", [
      "done",
      ghost.id,
      "--epoch",
      String(ghost.epoch),
      "--as",
      "ghost",
      "--json",
    ]);
    expect([status, answer?.code]).toEqual([6, "lease_lost"]);
    expect(readHistory(hub).length).toBe(commits.length);
  });

  test("doctor finds nothing failed, mends what was left, and every clone works on", async () => {
    for (const clone of clones) {
      const first = await owp(clone, ["doctor", "--fix", "--json"]);
      expect([first.status, first.stderr]).toEqual([0, ""]);
      // What is not known to be left by the dead is kept for hours, in case it is not.
      age(join(clone, ".git/owp"), 5);
      await did(clone, ["doctor", "--fix"]);
      expect(litterIn(join(clone, ".git/owp"))).toEqual([]);
      const { result } = await did(clone, ["doctor"]);
      expect(result.checks.filter(({ state }: { state: string }) => state !== "ok")).toEqual([]);
      const { answer } = await owp(clone, ["claim", "--json"]);
      expect([answer?.code, answer?.error?.data?.open]).toEqual(["nothing_to_claim", 0]);
    }
  });

  test("the hub is sound, each store too, and nothing of the users' own changed", () => {
    expect(gitTry(hub, "fsck", "--strict", "--no-dangling")).toEqual({ status: 0, output: "" });
    for (const clone of clones) {
      expect(gitTry(join(clone, ".git/owp/store.git"), "fsck", "--strict", "--no-dangling").status).toBe(0);
    }
    expect(clones.map(portrait)).toEqual(before);
  });
});

test("an operation's id that is given twice is one operation, and the second answer says so", async () => {
  const clone = cloneOf(bareHub());
  await did(clone, ["init"]);
  const [add, claim] = [ulid().toLowerCase(), ulid().toLowerCase()];
  const lines = [
    ["add", "First", "--op-id", add],
    ["claim", "--op-id", claim],
  ];
  for (const line of lines) {
    const first = await did(clone, line);
    const second = await did(clone, line);
    expect([second.commit, second.already]).toEqual([first.commit, true]);
    const spoken = await owp(clone, line);
    expect([spoken.status, spoken.stderr]).toEqual([
      0,
      expect.stringContaining("this operation had landed before"),
    ]);
  }
  expect((await did(clone, ["list", "--all"])).result.tasks).toHaveLength(1);
});

/** Makes every file in a folder look so many hours old. */
function age(folder: string, hours: number): void {
  const then = new Date(Date.now() - hours * 3_600_000);
  for (const entry of readdirSync(folder, { recursive: true, withFileTypes: true })) {
    if (entry.isFile()) utimesSync(join(entry.parentPath, entry.name), then, then);
  }
}
