/** The same queue over ssh: clones that reach the hub by their own ssh settings, which owp carries over. */
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type Agent, DRAIN_HOOK_MS, drain } from "../helpers/agents.ts";
import { owp } from "../helpers/command.ts";
import { bareHub, cloneOf, git, gitTry } from "../helpers/git.ts";
import { type Commit, portrait, readHistory } from "../helpers/history.ts";
import { judge, type Told } from "../helpers/judge.ts";
import { enlist, queueOf, startQueue } from "../helpers/queue.ts";
import { serveSsh } from "../helpers/sshd.ts";

const TASKS = 12;
const SEED = 11;

const sshd = await serveSsh();
if (typeof sshd === "string") console.warn(`ssh.test.ts is skipped: ${sshd}`);

describe.skipIf(typeof sshd === "string")("3 clones over ssh (DESIGN section 2)", () => {
  if (typeof sshd === "string") return;
  const hub = bareHub();
  const clones = Array.from({ length: 3 }, () => cloneOf(hub));
  const [first = "", second = "", third = ""] = clones;
  // One clone says how by its config, one by the environment, one keeps a shared connection open.
  const shared = `${sshd.command} -o ControlMaster=auto -o ControlPersist=3s -o ControlPath=${third}/.git/ssh-%C`;
  const agents: Agent[] = [
    { name: "config 1", dir: first, args: ["--as", "ada"] },
    { name: "config 2", dir: first, args: ["--as", "bob"] },
    { name: "environment", dir: second, args: ["--as", "cyd"], env: { GIT_SSH_COMMAND: sshd.command } },
    { name: "shared", dir: third, args: ["--as", "dan"] },
  ];
  let before: Record<string, string>[];
  let commits: Commit[];
  let told: Told[];

  afterAll(() => sshd.close());

  beforeAll(async () => {
    for (const clone of clones) git(clone, "remote", "set-url", "origin", sshd.url(hub));
    git(first, "config", "core.sshCommand", sshd.command);
    git(third, "config", "core.sshCommand", shared);
    before = clones.map(portrait);
    told = await startQueue(first, queueOf(TASKS, SEED));
    for (const name of ["ada", "bob"]) told.push(await enlist(first, name));
    told.push(...(await drain(agents, { seed: SEED })));
    commits = readHistory(hub);
  }, DRAIN_HOOK_MS);

  test("one winner a claim, one completion a task, the log is what was told", () => {
    const verdict = judge(commits, told);
    expect({
      complaints: verdict.complaints,
      untold: verdict.untold,
      ssh: verdict.complaints.length ? sshd.log() : "",
    }).toEqual({
      complaints: [],
      untold: [],
      ssh: "",
    });
    expect(verdict.claims).toBe(TASKS);
    expect(gitTry(hub, "fsck", "--strict", "--no-dangling")).toEqual({ status: 0, output: "" });
  });

  test("nothing of the users' own changed", () => {
    expect(clones.map(portrait)).toEqual(before);
  });

  test("every clone went through ssh, and none without its own settings gets in", async () => {
    expect(sshd.log().match(/Accepted publickey/g)?.length ?? 0).toBeGreaterThan(TASKS);
    const { answer, status } = await owp(second, ["claim", "--as", "cyd", "--json"]);
    expect([status, answer?.code, answer?.error?.message]).toEqual([
      7,
      "remote_denied",
      "ssh does not know the host key of origin. Nothing was changed.",
    ]);
  });
});
