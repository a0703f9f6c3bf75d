/** Pull requests and repositories over real clones of a bare repository (FEATURES C56–C65, C71). */
import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { RecordHub } from "../../src/lib/hub.ts";
import { openHub } from "../../src/lib/index.ts";
import { pullMerge } from "../../src/lib/repos/pulls.ts";
import type { Outcome } from "../../src/lib/types.ts";

const root = mkdtempSync(join(tmpdir(), "owp-pulls-"));
const bare = join(root, "hub.git");
const env = { ...process.env, GIT_CONFIG_GLOBAL: "/dev/null", GIT_CONFIG_NOSYSTEM: "1" };
const git = (dir: string, ...args: string[]): string =>
  execFileSync("git", ["-c", "user.name=max", "-c", "user.email=max@example.org", ...args], {
    cwd: dir,
    env,
    encoding: "utf8",
  }).trim();
const tip = (branch: string): string => git(bare, "rev-parse", `refs/heads/${branch}`);
const hubs = new Map<string, RecordHub>();
const hub = (name: string): RecordHub => hubs.get(name) as RecordHub;

async function must<T = Record<string, never>>(who: string, name: string, input: object = {}): Promise<T> {
  const outcome = await hub(who).run(name, input);
  if (!outcome.ok) throw new Error(`${name}: ${outcome.code} ${outcome.message}`);
  return outcome.result as T;
}
const codeOf = (outcome: Outcome): string => (outcome.ok ? "ok" : outcome.code);
const told = async (who: string, name: string, input: object = {}): Promise<string> =>
  codeOf(await hub(who).run(name, input));

/** A branch with one more commit than another, on the remote. */
function branch(name: string, from: string, file: string, content: string | Buffer): string {
  const dir = join(root, "max");
  git(dir, "fetch", "-q", "origin");
  git(dir, "checkout", "-q", "-B", name, `origin/${from}`);
  writeFileSync(join(dir, file), content);
  git(dir, "add", "-A");
  git(dir, "commit", "-q", "-m", `Change ${file}`);
  git(dir, "push", "-q", "origin", name);
  return git(dir, "rev-parse", "HEAD");
}

let proposal = "";
const pull = async (source: string): Promise<string> =>
  (await must<{ id: string }>("max", "proposal pr new", { proposal, source_branch: source, title: source }))
    .id;

beforeAll(async () => {
  mkdirSync(bare);
  git(bare, "init", "-q", "--bare", "--initial-branch=main");
  for (const name of ["max", "ada", "bob", "cy", "dee"]) {
    git(root, "clone", "-q", bare, name);
    const dir = join(root, name);
    git(dir, "config", "user.name", name);
    git(dir, "config", "user.email", `${name}@example.org`);
    if (name === "max") {
      writeFileSync(join(dir, "README.md"), "# Web\n");
      git(dir, "checkout", "-q", "-B", "main");
      git(dir, "add", "-A");
      git(dir, "commit", "-q", "-m", "Start");
      git(dir, "push", "-q", "origin", "main");
    } else git(dir, "checkout", "-q", "-B", "main", "origin/main");
    const opened = await openHub({ dir, as: name, env: {} });
    if ("code" in opened) throw new Error(opened.message);
    hubs.set(name, opened as RecordHub);
    if (name === "max") await must("max", "init", { repo: "web" });
    else await must(name, "worker register", {});
  }
  const made = await must<{ id: string }>("ada", "proposal new", {
    title: "Add a cache",
    body: "So.",
    repo: "web",
  });
  proposal = made.id;
  await must("ada", "proposal open", { id: proposal });
  for (const name of ["max", "bob", "cy", "dee"]) await must(name, "vote", { id: proposal, value: "up" });
}, 120_000);

afterAll(async () => {
  for (const each of hubs.values()) await each.close();
  rmSync(root, { recursive: true, force: true });
});

describe("a repository through git (C62–C65)", () => {
  it("shows trees, text, binary content, pages of commits, and differences", async () => {
    branch("data", "main", "logo.bin", Buffer.from([0, 255, 1]));
    const { entries } = await must<{ entries: { path: string }[] }>("bob", "object repo tree", {
      ref: "data",
    });
    expect(entries.map(({ path }) => path)).toEqual(["README.md", "logo.bin"]);
    const text = await must("bob", "object repo blob", { path: "README.md" });
    expect(text).toMatchObject({ encoding: "utf-8", content: "# Web\n" });
    const binary = await must("bob", "object repo blob", { path: "logo.bin", ref: "data" });
    expect(binary).toMatchObject({ encoding: "base64", content: "AP8B" });
    type Page = { commits: { subject: string }[]; next_cursor: string | null };
    const first = await must<Page>("bob", "object repo commits", { ref: "data", limit: 1 });
    expect(first.commits.map(({ subject }) => subject)).toEqual(["Change logo.bin"]);
    const second = await must<Page>("bob", "object repo commits", { cursor: first.next_cursor, limit: 1 });
    expect(second).toMatchObject({ commits: [{ subject: "Start" }], next_cursor: null });
    const compared = await must("bob", "object repo compare", { range: "main...data", patch: true });
    expect(compared).toMatchObject({
      ahead: 1,
      behind: 0,
      fast_forward: true,
      files: [{ path: "logo.bin", binary: true }],
    });
    expect(await told("bob", "object repo blob", { path: "none" })).toBe("revision_unknown");
    expect(await told("bob", "object repo tree", { ref: "--all" })).toBe("revision_unknown");
  });

  it("makes and deletes branches for those with write alone, and roles are an owner's to give", async () => {
    expect(await told("bob", "object repo branches new", { name: "mine" })).toBe("not_allowed");
    expect(await told("bob", "object repo collaborators", { slug: "web", add: ["bob=owner"] })).toBe(
      "not_allowed",
    );
    await must("max", "object repo collaborators", { slug: "web", add: ["bob=write"] });
    await must("bob", "object repo branches new", { name: "mine", from: "main" });
    expect(await told("bob", "object repo branches new", { name: "mine" })).toBe("already_exists");
    expect(tip("mine")).toBe(tip("main"));
    await must("bob", "object repo branches delete", { name: "mine" });
    expect(await told("bob", "object repo branches delete", { name: "mine" })).toBe("branch_unknown");
    expect(await told("bob", "object repo branches delete", { name: "main" })).toBe("not_allowed");
    expect(await told("bob", "object repo branches new", { name: "a..b" })).toBe("invalid_input");
  });
});

describe("pull requests (C56–C60)", () => {
  it("are over branches that exist, of accepted proposals", async () => {
    expect(await told("max", "proposal pr new", { proposal, source_branch: "none" })).toBe("branch_unknown");
    const draft = await must<{ id: string }>("ada", "proposal new", {
      title: "Later",
      body: "",
      repo: "web",
    });
    expect(await told("max", "proposal pr new", { proposal: draft.id, source_branch: "data" })).toBe(
      "proposal_state",
    );
  });

  it("move the branch and say so; nobody's checkout is touched; merged is final", async () => {
    const commit = branch("cache", "main", "cache.ts", "1\n");
    const id = await pull("cache");
    expect(await told("cy", "proposal pr merge", { proposal, id })).toBe("not_allowed");
    expect(await told("cy", "proposal pr close", { proposal, id })).toBe("not_allowed");
    const before = git(join(root, "bob"), "rev-parse", "HEAD");
    const outcome = await hub("bob").run("proposal pr merge", { proposal, id });
    expect(outcome).toMatchObject({ ok: true, result: { status: "merged", merged_as: commit } });
    expect(outcome.ok && outcome.warnings.join()).toContain("main is checked out in this clone");
    expect(tip("main")).toBe(commit);
    expect(git(join(root, "bob"), "rev-parse", "HEAD")).toBe(before);
    expect(git(join(root, "bob"), "status", "--porcelain")).toBe("");
    expect(await told("bob", "proposal pr merge", { proposal, id })).toBe("pull_state");
    expect(await told("cy", "proposal pr vote", { proposal, id, value: "up" })).toBe("pull_state");
  });

  it("are finished by the same command after a crash between branch and record", async () => {
    const commit = branch("crash", "main", "crash.ts", "1\n");
    const id = await pull("crash");
    const real = hub("bob");
    const dying = Object.create(real) as RecordHub;
    dying.operate = () => Promise.reject(new Error("killed"));
    await expect(pullMerge(dying, { proposal, id }, real.parts.newOp(), {})).rejects.toThrow("killed");
    expect(tip("main")).toBe(commit);
    expect(await must("bob", "proposal pr show", { proposal, id })).toMatchObject({
      pull: { status: "open" },
    });
    expect(await must("bob", "proposal pr merge", { proposal, id })).toMatchObject({
      status: "merged",
      merged_as: commit,
    });
    expect(tip("main")).toBe(commit);
  });

  it("race: of two mergers at once one moves the branch, the other is refused with the reason", async () => {
    const start = tip("main");
    branch("left", "main", "left.ts", "1\n");
    branch("right", "main", "left.ts", "2\n");
    const [one, two] = [await pull("left"), await pull("right")];
    const codes = await Promise.all([
      told("bob", "proposal pr merge", { proposal, id: one }),
      told("max", "proposal pr merge", { proposal, id: two }),
    ]);
    expect([...codes].sort()).toEqual(["not_fast_forward", "ok"]);
    expect(git(bare, "rev-list", "--count", `${start}..main`)).toBe("1");
    const lost = codes[0] === "ok" ? two : one;
    const again = await hub("max").run("proposal pr merge", { proposal, id: lost });
    expect(again).toMatchObject({ code: "not_fast_forward", data: { ahead: 1, behind: 1 } });
    await must("max", "proposal pr close", { proposal, id: lost });
  });

  it("one vote a member, removable, none on one's own; a majority is asked for where policy says so", async () => {
    branch("voted", "main", "voted.ts", "1\n");
    const id = await pull("voted");
    expect(await told("max", "proposal pr vote", { proposal, id, value: "up" })).toBe("own_proposal");
    await must("cy", "proposal pr vote", { proposal, id, value: "down" });
    expect(await must("cy", "proposal pr vote", { proposal, id, value: "up" })).toMatchObject({
      tally: { score: 1 },
    });
    expect(await must("cy", "proposal pr vote", { proposal, id, remove: true })).toMatchObject({
      tally: { score: 0 },
    });
    expect(await told("cy", "proposal pr vote", { proposal, id, remove: true })).toBe("vote_unknown");
    expect(await must("cy", "proposal pr list", { proposal, status: "open" })).toMatchObject({ total: 1 });
  });
});

describe("the dashboard on a record (C68–C71)", () => {
  it("counts, and maps commits to members", async () => {
    const found = await must<{ stats: object; top_contributors: object[] }>("ada", "dashboard", { limit: 3 });
    expect(found).toMatchObject({
      stats: { proposals: 2, open: 0, accepted: 1, repos: 1, agents: 5 },
      limit: 3,
    });
    expect(found.top_contributors[0]).toMatchObject({ worker: "max" });
  });

  it("leaves a record that owp validate finds sound", async () => {
    expect(await told("max", "validate")).toBe("ok");
    expect(await hub("max").run("validate", { range: `..${tip("owp")}` })).toMatchObject({ ok: true });
  });
});
