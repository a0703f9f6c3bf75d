/** Who is who with nothing configured: agents are known by the variables they set, worktrees by their names, clones by their ids. */
import { mkdirSync, writeFileSync } from "node:fs";
import { hostname } from "node:os";
import { join } from "node:path";
import { beforeEach, describe, expect, test } from "vitest";
import { did, owp } from "../helpers/command.ts";
import { bareHub, cloneOf, git, tempDir } from "../helpers/git.ts";

const HOST = (hostname().split(".")[0] ?? "").toLowerCase().replace(/[^a-z0-9+_-]+/g, "-");
const CLAUDE = { env: { CLAUDECODE: "1" } };
const CODEX = { env: { CODEX_THREAD_ID: "0199", CODEX_SANDBOX_NETWORK_DISABLED: "0" } };

let hub: string;
let clone: string;

beforeEach(() => {
  hub = bareHub();
  clone = cloneOf(hub);
});

/** A record with so many open tasks. */
async function queue(count: number, ...init: string[]): Promise<void> {
  await did(clone, ["init", "--as", "lead", ...init]);
  const list = Array.from({ length: count }, (_, index) => ({ title: `Task ${index}` }));
  await did(clone, ["import", "-", "--as", "lead"], { input: JSON.stringify(list) });
}

function worktree(name: string, folder = tempDir()): string {
  const dir = join(folder, name);
  git(clone, "worktree", "add", "--quiet", "-b", `work/${Math.random().toString(36).slice(2)}`, dir);
  return dir;
}

/** What the commit that first names a worker's file changed: `A workers/…`. */
function registrationOf(worker: string): string[] {
  const path = `workers/${worker}.yaml`;
  const commit = git(hub, "log", "--format=%H", "--diff-filter=A", "owp", "--", path);
  return git(hub, "show", "--format=", "--name-status", commit)
    .split("\n")
    .map((line) => line.replace("\t", " "));
}

describe("one clone, two linked worktrees, nothing configured", () => {
  const pairs = [
    ["two coding agents", CLAUDE, CODEX, `claude@${HOST}/api`, `codex@${HOST}/ui`],
    ["the same agent in both", CLAUDE, CLAUDE, `claude@${HOST}/api`, `claude@${HOST}/ui`],
  ] as const;

  test.each(pairs)(
    "%s are two workers, each registered in the push of its first claim",
    async (_, one, two, first, second) => {
      await queue(3);
      const [api, ui] = [worktree("api"), worktree("ui")];
      const before = git(hub, "rev-list", "--count", "owp");
      const claims = await Promise.all([did(api, ["claim"], one), did(ui, ["claim"], two)]);
      expect(claims.map(({ result }) => [result.worker, result.registered])).toEqual([
        [first, true],
        [second, true],
      ]);
      const [a, b] = claims.map(({ result }) => result.tasks[0].id as string);
      expect(a).not.toBe(b);
      expect(Number(git(hub, "rev-list", "--count", "owp")) - Number(before)).toBe(2);
      for (const [worker, id] of [
        [first, a],
        [second, b],
      ] as const)
        expect(registrationOf(worker)).toEqual([
          expect.stringMatching(new RegExp(`^A leases/./../?.*${id}.yaml$`)),
          `A workers/${worker}.yaml`,
        ]);
      expect((await did(api, ["claim"], one)).result).toMatchObject({
        worker: first,
        tasks: [{ id: a, already_held: true }],
      });
      expect((await did(ui, ["done"], two)).result.id).toBe(b);
      const workers = (await did(ui, ["worker", "list"], two)).result.workers as {
        name: string;
        actor_kind: string;
        me?: boolean;
      }[];
      expect(workers.find(({ me }) => me)).toMatchObject({ name: second, actor_kind: "agent" });
      expect(workers).toHaveLength(3);
    },
  );

  test("sub-agents with --as are workers of their own, beside the agent that started them", async () => {
    await queue(3);
    const api = worktree("api");
    const names = [`claude@${HOST}/api`, `claude@${HOST}/api+tests`, `claude@${HOST}/api+docs`];
    const as = (name: string) => (name === names[0] ? [] : ["--as", name]);
    const claims = await Promise.all(names.map((name) => did(api, ["claim", ...as(name)], CLAUDE)));
    expect(claims.map(({ result }) => result.worker)).toEqual(names);
    expect(new Set(claims.map(({ result }) => result.tasks[0].id)).size).toBe(3);
    const sub = await owp(api, ["status", "--as", names[1] as string], CLAUDE);
    expect(sub.stderr).toContain(`-m "<what was done>" --as ${names[1]}`);
    for (const name of names) await did(api, ["done", ...as(name)], CLAUDE);
  });

  test("a worktree that is called like its clone is someone else", async () => {
    await queue(2);
    const twin = worktree("clone");
    const [mine, other] = [await did(clone, ["claim"], CLAUDE), await did(twin, ["claim"], CLAUDE)];
    expect(mine.result.worker).toBe(`claude@${HOST}/clone`);
    expect(other.result.worker).toMatch(new RegExp(`^claude@${HOST}/clone-[0-9a-z]{4}$`));
    expect(other.result.tasks[0].id).not.toBe(mine.result.tasks[0].id);
  });
});

test("two clones on one host whose folders have the same name do not collide, and the second hears so", async () => {
  await queue(3);
  const other = cloneOf(hub);
  const name = `claude@${HOST}/clone`;
  const [one, two] = await Promise.all([did(clone, ["claim"], CLAUDE), did(other, ["claim"], CLAUDE)]);
  const [first, second] = one.result.worker === name ? [one, two] : [two, one];
  expect(first.result.worker).toBe(name);
  expect(second.result.worker).toMatch(new RegExp(`^${name}-[0-9a-z]{4}$`));
  expect(second.warnings).toEqual([
    `${name} is the worker of another clone: you are ${second.result.worker} here (--as ${name} if that is you)`,
  ]);
  expect(second.result.tasks[0].id).not.toBe(first.result.tasks[0].id);
  const later = second === one ? clone : other;
  expect((await did(later, ["status"], CLAUDE)).result.worker).toMatchObject({
    name: second.result.worker,
    registered: true,
  });
  expect((await did(later, ["done"], CLAUDE)).result.id).toBe(second.result.tasks[0].id);
});

test("registration is closed: the first claim says who must do what, and doing it lets that clone alone in", async () => {
  await queue(2, "--registration", "closed");
  const api = worktree("api");
  const name = `codex@${HOST}/api`;
  const refused = await owp(api, ["claim"], CODEX);
  expect([refused.status, refused.stdout]).toEqual([4, ""]);
  expect(refused.stderr).toContain(
    `owp: You are ${name} here, and no such worker is registered. Registration is closed: a maintainer (lead) registers workers. Nothing was changed.\n  next: ask lead to run: owp worker register ${name} --actor-kind agent\n`,
  );
  expect((await owp(api, ["prime"], CODEX)).stdout).toContain(
    "You cannot claim here yet: ask lead to run: owp worker register",
  );
  const words = refused.stderr.match(/to run: owp (.*)\n/)?.[1]?.split(" ") ?? [];
  await did(clone, [...words, "--as", "lead"]);
  const claim = await did(api, ["claim"], CODEX);
  expect(claim.result).toMatchObject({ worker: name, tasks: [{ ttl: "4h" }] });
  expect(claim.result).not.toHaveProperty("registered");

  // Another clone with a worktree of that name is not that worker.
  const elsewhere = join(tempDir(), "api");
  git(clone, "clone", "--quiet", hub, elsewhere);
  const other = await owp(elsewhere, ["claim"], CODEX);
  expect(other.status).toBe(4);
  expect(other.stderr).toContain(`since ${name} is the worker of another clone`);
  expect((await did(elsewhere, ["claim", "--as", name], CODEX)).result.tasks[0]).toMatchObject({
    already_held: true,
  });
});

test("outside of agents it is git's user, else the machine's; a build machine is a system", async () => {
  await queue(1);
  const who = async (env: NodeJS.ProcessEnv) => (await did(clone, ["status"], { env })).result.worker.name;
  const home = tempDir("owp-home");
  mkdirSync(home, { recursive: true });
  writeFileSync(join(home, "config"), "[user]\nname = Ada Löve\n");
  expect(await who({ GIT_CONFIG_GLOBAL: join(home, "config") })).toBe(`ada-love@${HOST}/clone`);
  expect(await who({ CI: "true", GITHUB_ACTIONS: "true" })).toBe(`github-actions@${HOST}/clone`);
  expect(await who({ AI_AGENT: "reviewer@2.1" })).toBe(`reviewer@${HOST}/clone`);
  expect(await who({ ...CLAUDE.env, OWP_WORKER: "claude-1" })).toBe("claude-1");
});
