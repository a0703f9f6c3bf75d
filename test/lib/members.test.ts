/** Members over real clones of a bare repository: invites, one code for two, keys (FEATURES C01–C15). */
import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { RecordHub } from "../../src/lib/hub.ts";
import { openHub } from "../../src/lib/index.ts";
import { hashOfCode, runRegister, runRotate } from "../../src/lib/members.ts";
import type { Hub, Outcome } from "../../src/lib/types.ts";
import { KEYS } from "../domain/members/support.ts";

const root = mkdtempSync(join(tmpdir(), "owp-members-"));
const bare = join(root, "hub.git");
const git = (dir: string, ...args: string[]): string =>
  execFileSync("git", args, {
    cwd: dir,
    env: { ...process.env, GIT_CONFIG_GLOBAL: "/dev/null", GIT_CONFIG_NOSYSTEM: "1" },
    encoding: "utf8",
  }).trim();
const hubs = new Map<string, Hub>();
const run = (who: string, name: string, input: object = {}) => (hubs.get(who) as Hub).run(name, input);
const codeOf = (outcome: Outcome): string => (outcome.ok ? "ok" : outcome.code);

async function must<T>(who: string, name: string, input: object = {}): Promise<T> {
  const outcome = await run(who, name, input);
  if (!outcome.ok) throw new Error(`${name}: ${outcome.code} ${outcome.message}`);
  return outcome.result as T;
}
const record = (path: string): string => git(bare, "show", `owp:${path}`);
const invite = async (who: string): Promise<{ id: string; invite_code: string }> =>
  must(who, "member invite");

/** A text in any file below a folder, whatever kind of file that is. */
function holds(dir: string, text: string): string[] {
  return readdirSync(dir).flatMap((name) => {
    const path = join(dir, name);
    if (statSync(path).isDirectory()) return holds(path, text);
    return readFileSync(path).includes(text) ? [path] : [];
  });
}

beforeAll(async () => {
  mkdirSync(bare);
  git(bare, "init", "-q", "--bare", "--initial-branch=main");
  for (const name of ["max", "ada", "bob", "cy"]) {
    git(root, "clone", "-q", bare, name);
    const dir = join(root, name);
    git(dir, "config", "user.name", name);
    git(dir, "config", "user.email", `${name}@example.org`);
    const opened = await openHub({ dir, as: name, env: {} });
    if ("code" in opened) throw new Error(opened.message);
    hubs.set(name, opened);
  }
  await must("max", "init", { repo: "web", force: true });
  const side = join(root, "policy");
  git(root, "clone", "-q", "--branch", "owp", bare, side);
  const text = readFileSync(join(side, "owp.yaml"), "utf8");
  writeFileSync(join(side, "owp.yaml"), withInvites(text));
  git(side, "-c", "user.name=max", "-c", "user.email=max@example.org", "commit", "-qam", "Ask for invites");
  git(side, "push", "-q", "origin", "owp");
}, 60_000);

afterAll(async () => {
  for (const hub of hubs.values()) await hub.close();
  rmSync(root, { recursive: true, force: true });
});

const withInvites = (text: string): string =>
  text.includes("  invites:\n")
    ? text.replace(/( {2}invites:\n(?: {4}.*\n)*? {4}required: )false/, "$1true")
    : text.replace(/^governance:\n/m, "governance:\n  invites: { required: true }\n");

describe("a group that admits members by invite", () => {
  it("C05 C12 lets no one in without, neither to register nor by a first act", async () => {
    expect(codeOf(await run("ada", "worker register"))).toBe("invite_required");
    await must("max", "add", { title: "Something to do", repo: "web" });
    const claim = await run("ada", "claim");
    expect(claim).toMatchObject({ code: "worker_unknown", hint: "owp member register ada --invite <code>" });
    expect(git(bare, "ls-tree", "-r", "--name-only", "owp", "workers/")).toBe("workers/max.yaml");
  });

  it("C11 two registrations race on one code from two clones: one wins, the other is told", async () => {
    const { id, invite_code } = await invite("max");
    // Both have seen the invite unused before either publishes.
    for (const who of ["ada", "bob"]) await must(who, "member invites", { all: true });
    const outcomes = await Promise.all(
      ["ada", "bob"].map((who) => run(who, "worker register", { invite: invite_code })),
    );
    expect(outcomes.map(codeOf).sort()).toEqual(["invite_state", "ok"]);
    const winner = outcomes[0]?.ok ? "ada" : "bob";
    const lost = outcomes.find((one) => !one.ok);
    expect(lost).toMatchObject({ data: { id, status: "used" } });
    expect((lost as { message: string }).message).toContain(`was used by ${winner}`);
    expect(record(`invites/${id}.yaml`)).toContain(`used_by: ${winner}`);
    expect(record(`workers/${winner}.yaml`)).toContain(`invite: ${id}`);
    expect(git(bare, "ls-tree", "-r", "--name-only", "owp", "workers/").split("\n")).toHaveLength(2);
    const other = winner === "ada" ? "bob" : "ada";
    const second = await invite("max");
    await must(other, "worker register", { invite: ` ${second.invite_code}\n` });
  });

  it("C07 F13 the code is in the answer alone: in no file of the record or of any clone", async () => {
    const { invite_code } = await invite("ada");
    expect(codeOf(await run("cy", "worker register", { invite: `${invite_code}x` }))).toBe("invite_unknown");
    await must("cy", "worker register", { invite: invite_code, ssh_key: `${KEYS[0]} cy@box` });
    expect(holds(root, invite_code)).toEqual([]);
    expect(git(bare, "log", "-p", "owp")).not.toContain(invite_code);
    expect(record("workers/cy.yaml")).toContain(`ssh_key: ${KEYS[0]}\n`);
  });

  it("C08 the same operation again is one invite, and shows no code that is none", async () => {
    const op = "01m8fqk9dmzqpd9k2s8x9whk3a";
    const hub = hubs.get("bob") as Hub;
    const first = await hub.run("member invite", {}, { op });
    const again = await hub.run("member invite", {}, { op });
    expect(first).toMatchObject({ ok: true, result: { invite_code: expect.stringMatching(/^owpi_/) } });
    expect(again).toMatchObject({ ok: true, already: true });
    expect((again as { result: object }).result).not.toHaveProperty("invite_code");
  });

  it("C14 a key is rotated, and a private one goes nowhere", async () => {
    await must("cy", "member rotate", { ssh_key: KEYS[1] });
    expect(record("workers/cy.yaml")).toMatch(/former_keys:\n\s+- key: ssh-ed25519/);
    const file = join(root, "secret");
    execFileSync("ssh-keygen", ["-q", "-t", "ed25519", "-N", "", "-f", file]);
    const secret = readFileSync(file, "utf8");
    const middle = secret.split("\n")[2] as string;
    rmSync(file);
    for (const name of ["worker register", "member rotate"]) {
      const refused = await run("cy", name, { ssh_key: secret });
      expect(codeOf(refused)).toBe("invalid_input");
      expect(JSON.stringify(refused)).not.toContain(middle.slice(0, 16));
    }
    expect(holds(join(root, "cy"), middle)).toEqual([]);
    expect(codeOf(await run("bob", "member rotate", { ssh_key: KEYS[0] }))).toBe("key_taken");
  });

  it("what is refused as a key, and a code, come to no operation, and so to no file of the queue", async () => {
    const asked: unknown[] = [];
    const note = async (_name: string, input: object): Promise<Outcome> => {
      asked.push(input);
      return { ok: false, code: "canceled", op: "", message: "" } as Outcome;
    };
    const hub = { perform: note, operate: note } as unknown as RecordHub;
    const secret = "-----BEGIN OPENSSH PRIVATE KEY-----\nb3BlbnNzaC1rZXktdjEAAAAA\n";
    for (const act of [runRegister, runRotate])
      expect(codeOf(await act(hub, { ssh_key: secret }, "op", {}))).toBe("invalid_input");
    expect(asked).toEqual([]);
    await runRegister(hub, { invite: "owpi_code" }, "op", {});
    expect(asked).toEqual([{ invite_hash: hashOfCode("owpi_code") }]);
  });

  it("the history that this made is one that validate accepts", async () => {
    const first = git(bare, "rev-list", "--max-parents=0", "owp");
    const outcome = await run("max", "validate", { range: `${first}..${git(bare, "rev-parse", "owp")}` });
    expect(outcome).toMatchObject({ ok: true });
    expect((outcome as { result: { problems: { severity: string }[] } }).result.problems).toEqual([]);
    expect(codeOf(await run("max", "validate"))).toBe("ok");
  });
});
