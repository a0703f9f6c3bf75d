/** A coding agent's sandbox: one that makes .git read-only, and one that closes the network. */
import { execFileSync, spawnSync } from "node:child_process";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { did, owp, type RunOptions } from "../helpers/command.ts";
import { bareHub, cloneOf, git } from "../helpers/git.ts";
import { runAt } from "../helpers/record-hub.ts";

const CODEX: RunOptions = { env: { CODEX_SANDBOX_NETWORK_DISABLED: "1" } };
const WAY_OUT = /^ask to run this owp command outside of the sandbox; for good: prefix_rule/;

/** Makes a folder read-only, where this user may mount one. */
function lock(folder: string): boolean {
  if (spawnSync("mount", ["--bind", folder, folder]).status !== 0) return false;
  return spawnSync("mount", ["-o", "remount,ro,bind", folder]).status === 0;
}

const hub = bareHub();
const [used, fresh] = [cloneOf(hub), cloneOf(hub)] as [string, string];
await runAt(used, [["init"], ["add", { title: "first" }]], { as: "ada" });
await did(used, ["list"]);
const locked = [used, fresh].filter((clone) => lock(join(clone, ".git")));
const canLock = locked.length === 2;
if (!canLock)
  console.warn("sandbox.test.ts: the tests with a read-only .git are skipped: nothing can be mounted here");
afterAll(() => {
  for (const clone of locked) execFileSync("umount", ["--lazy", join(clone, ".git")]);
});

describe.skipIf(!canLock)("a .git that is read-only", () => {
  beforeAll(async () => {
    // The remote goes on, so that there is something to fetch.
    await runAt(cloneOf(hub), [["add", { title: "second" }]], { as: "bob" });
  });

  test("what was seen before can be read, and the answer says why it is old", async () => {
    const { answer, status } = await owp(used, ["list", "--json"]);
    expect(status).toBe(0);
    expect(answer?.result.tasks).toMatchObject([{ title: "first" }]);
    expect(answer?.warnings).toEqual([
      expect.stringContaining("may not write into owp's own store in this clone (.git/owp)"),
    ]);
    expect((await did(used, ["list", "--offline"])).result.tasks).toHaveLength(1);
  });

  test.each([
    ["claim", () => used],
    ["add x", () => used],
    ["add x --offline", () => used],
    ["sync", () => used],
    ["heartbeat", () => used],
    ["list", () => fresh],
    ["uninit --yes", () => used],
  ])("owp %s: one clear refusal, and with the sandbox's variable the way out", async (line, dir) => {
    for (const run of [{}, CODEX]) {
      const { answer, status, stderr } = await owp(dir(), [...line.split(" "), "--as", "ada", "--json"], run);
      expect([status, answer?.code], stderr).toEqual([7, "not_writable"]);
      expect(stderr.trim().split("\n")).toHaveLength(1);
      expect(answer?.error?.message).toMatch(
        /^This process may not write .*\.git\/owp.*\. Nothing was changed\./,
      );
      if (run === CODEX) {
        expect(answer?.error?.message).toContain(
          "The sandbox of Codex (CODEX_SANDBOX_NETWORK_DISABLED=1) may close",
        );
        expect(answer?.error?.hint).toMatch(WAY_OUT);
      } else
        expect(answer?.error?.hint).toContain("where a sandbox forbids it, run owp outside of the sandbox");
    }
  });

  test("the doctor says what is closed, and what to do", async () => {
    const { stdout, status } = await owp(fresh, ["doctor"], CODEX);
    expect(status).toBe(9);
    expect(stdout).toContain("ok      sandbox: The sandbox of Codex");
    expect(stdout).toMatch(
      /FAILED {2}folder: .*\.git\/owp cannot be written: EROFS.*\n {8}next: ask to run this owp command outside/,
    );
  });
});

describe("a network that is closed", () => {
  const clone = cloneOf(hub);
  git(clone, "remote", "set-url", "origin", "http://owp-no-such-host.invalid/hub.git");

  test("without a sandbox it is a remote that cannot be reached", async () => {
    const { answer } = await owp(clone, ["claim", "--json"]);
    expect(answer).toMatchObject({
      code: "remote_unreachable",
      error: { message: "origin could not be reached. Nothing was changed." },
    });
  });

  test("in one the refusal names it, and the way out", async () => {
    for (const command of ["claim", "list"]) {
      const { answer, status } = await owp(clone, [command, "--json"], CODEX);
      expect([status, answer?.code]).toEqual([7, "remote_unreachable"]);
      expect(answer?.error?.message).toBe(
        "origin could not be reached. Nothing was changed. The sandbox of Codex (CODEX_SANDBOX_NETWORK_DISABLED=1) may close the network and the .git folder to this process.",
      );
      expect(answer?.error?.hint).toMatch(WAY_OUT);
    }
    const { stdout } = await owp(clone, ["doctor"], CODEX);
    expect(stdout).toMatch(
      /FAILED {2}reachable: origin could not be reached\..* The sandbox of Codex .*\n {8}next: ask to run this owp/,
    );
  });
});
