/** Many clones and processes on one bare repository by path: claims have one winner, and nothing is lost or doubled. */
import { basename, join } from "node:path";
import { beforeAll, describe, expect, test } from "vitest";
import { type Agent, DRAIN_HOOK_MS, drain } from "../helpers/agents.ts";
import { owp } from "../helpers/command.ts";
import { bareHub, cloneOf, git, gitTry } from "../helpers/git.ts";
import { type Commit, portrait, readHistory } from "../helpers/history.ts";
import { judge, type Told, type Verdict } from "../helpers/judge.ts";
import { litterIn } from "../helpers/litter.ts";
import { enlist, queueOf, startQueue } from "../helpers/queue.ts";

const TASKS = 60;
const SEED = 7;
/** A coding agent that says nothing of itself but what it is. */
const AGENT_ENV = { CLAUDECODE: "1" };

describe("8 clones, one of them with 4 processes in 3 worktrees (A44, A51, F16)", () => {
  const hub = bareHub();
  const clones = Array.from({ length: 8 }, () => cloneOf(hub));
  const [home = "", ...others] = clones;
  const trees = ["wt-left", "wt-right"].map((name) => join(home, "..", name));
  const agents: Agent[] = [
    // Two processes that are one worker, who may hold one task at a time.
    { name: "ada 1", dir: home, args: ["--as", "ada"], claim: ["--another"] },
    { name: "ada 2", dir: home, args: ["--as", "ada"], claim: ["--another"] },
    // Two agents in linked worktrees, with the name that they get by themselves.
    ...trees.map((dir): Agent => ({ name: basename(dir), dir, env: AGENT_ENV })),
    // The same default name in two clones: two workers.
    ...others.slice(0, 2).map((dir, index): Agent => ({ name: `namesake ${index}`, dir, env: AGENT_ENV })),
    ...others.slice(2).map((dir, index): Agent => ({ name: `w${index}`, dir, args: ["--as", `w${index}`] })),
    // Takes two at a time.
    { name: "pair", dir: others[0] ?? "", args: ["--as", "pair"], claim: ["--count", "2"] },
  ];
  let before: Record<string, string>[];
  let commits: Commit[];
  let told: Told[];
  let verdict: Verdict;

  beforeAll(async () => {
    for (const [index, dir] of trees.entries())
      git(home, "worktree", "add", "--quiet", "-b", `work-${index}`, dir);
    before = [...clones, ...trees].map(portrait);
    told = await startQueue(home, queueOf(TASKS, SEED));
    told.push(await enlist(home, "ada", undefined, ["--max-concurrent-tasks", "1"]));
    for (const [index, dir] of others.slice(2).entries())
      told.push(await enlist(dir, `w${index}`, ["rust", "sql", "docs"].slice(index % 3)));
    told.push(...(await drain(agents, { seed: SEED })));
    commits = readHistory(hub);
    verdict = judge(commits, told);
  }, DRAIN_HOOK_MS);

  test("the log and the files show one winner a claim, one completion a task, and no broken rule", () => {
    expect(verdict.complaints).toEqual([]);
    expect(sum(verdict.done.values())).toBe(TASKS);
    expect(verdict.claims).toBe(TASKS);
    expect(verdict.takeovers).toBe(0);
  });

  test("what the log holds is what callers were told, and nothing else", () => {
    expect(verdict.untold).toEqual([]);
    expect(told.filter(({ commit }) => commit).length).toBe(commits.length);
  });

  test("two agents in two worktrees are two workers, and so are namesakes in two clones (F16)", () => {
    const names = new Set(
      told.filter(({ agent }) => /^(wt|namesake)/.test(agent)).map(({ worker }) => worker),
    );
    names.delete(undefined);
    expect([...names].map((name) => name?.replace(/clone-[0-9a-z]{4}$/, "clone-<id>")).sort()).toEqual([
      expect.stringMatching(/^claude@[^/]+\/clone$/),
      expect.stringMatching(/^claude@[^/]+\/clone-<id>$/),
      expect.stringMatching(/^claude@[^/]+\/wt-left$/),
      expect.stringMatching(/^claude@[^/]+\/wt-right$/),
    ]);
  });

  test("processes of one clone share pushes or queue up, and never race each other for long", () => {
    const lost = told.filter(({ code }) => code === "conflict" || code === "unknown_outcome");
    expect(lost).toEqual([]);
  });

  test("the record validates, as it stands and commit by commit", async () => {
    for (const args of [
      ["validate"],
      ["validate", "--range", `${commits[0]?.oid}..${commits.at(-1)?.oid}`],
    ]) {
      const { answer } = await owp(home, [...args, "--json"]);
      expect(answer?.error ?? answer?.result).toMatchObject({ errors: 0 });
    }
  });

  test("the hub is sound and holds nothing but the users' branch and the record", () => {
    expect(gitTry(hub, "fsck", "--strict", "--no-dangling")).toEqual({ status: 0, output: "" });
    expect(git(hub, "for-each-ref", "--format=%(refname)").split("\n")).toEqual([
      "refs/heads/main",
      "refs/heads/owp",
    ]);
    expect(git(hub, "rev-list", "--count", "main")).toBe("1");
  });

  test("nothing of the users' own changed: refs, checkout, index, config, worktrees", () => {
    expect([...clones, ...trees].map(portrait)).toEqual(before);
  });

  test("each clone's store is sound, and no litter is left in .git/owp", async () => {
    for (const clone of clones) {
      const desk = join(clone, ".git", "owp");
      expect(gitTry(join(desk, "store.git"), "fsck", "--strict", "--no-dangling").status).toBe(0);
      expect(litterIn(desk)).toEqual([]);
    }
  });
});

const sum = (numbers: Iterable<number>): number => [...numbers].reduce((total, each) => total + each, 0);
