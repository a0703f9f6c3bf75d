import { beforeEach, describe, expect, test } from "vitest";
import { locateRepository, type Repository } from "../../../src/engine/git/locate.ts";
import { History } from "../../../src/lib/settle/history.ts";
import { mentionsIn } from "../../../src/lib/settle/mentions.ts";
import { readRange, spanOf } from "../../../src/lib/settle/range.ts";
import { headOf, shallowIn, tipOf } from "../../../src/lib/settle/refs.ts";
import { cloneOf, git, gitInput, tempDir } from "../../helpers/git.ts";

const BASE = "https://github.com/acme/web";

let dir: string;
let clock: number;

beforeEach(() => {
  dir = tempDir();
  clock = Date.UTC(2026, 0, 1) / 1000;
  git(dir, "init", "--quiet", "--initial-branch=main");
  commit("first");
});

/** The next second; the commit's id. */
function commit(message: string, ...more: string[]): string {
  tick();
  git(dir, "commit", "--quiet", "--allow-empty", "-m", message, ...more);
  return git(dir, "rev-parse", "HEAD");
}

function tick(): void {
  process.env.GIT_COMMITTER_DATE = `${++clock} +0000`;
}

function branch(name: string, ...messages: string[]): string[] {
  git(dir, "checkout", "--quiet", "-b", name);
  const commits = messages.map((message) => commit(message));
  git(dir, "checkout", "--quiet", "main");
  return commits;
}

function merge(name: string, message = `Merge branch '${name}'`): string {
  tick();
  git(dir, "merge", "--quiet", "--no-ff", "-m", message, name);
  return git(dir, "rev-parse", "HEAD");
}

/** `task commit`, `-task commit` for a revert; short ids. */
async function told(from?: string, reverts = false) {
  const to = git(dir, "rev-parse", "main");
  const span = { to, limit: 1000, ...(from && { from }) };
  const found = await mentionsIn(new History(`${dir}/.git`), span, { base: BASE, reverts });
  return found.mentions.map(({ task, commit: oid, reverts: back }) => `${back ? "-" : ""}${task} ${oid}`);
}

const full = async (from?: string) => {
  const span = { to: git(dir, "rev-parse", "main"), limit: 1000, ...(from && { from }) };
  return mentionsIn(new History(`${dir}/.git`), span, { base: BASE, reverts: true });
};

describe("what commits name", () => {
  test("on the branch itself, oldest first, each with its time and its first line", async () => {
    const one = commit("Fix\tthe login\n\nOwp-Task: k3f9");
    commit("nothing");
    const two = commit("More\n\nOwp-Task: m2x7, k3f9");
    const { mentions, commits } = await full();
    expect(mentions).toEqual([
      { task: "k3f9", commit: one, at: "2026-01-01T00:00:02Z", subject: "Fix the login" },
      { task: "m2x7", commit: two, at: "2026-01-01T00:00:04Z", subject: "More" },
      { task: "k3f9", commit: two, at: "2026-01-01T00:00:04Z", subject: "More" },
    ]);
    expect(commits).toBe(4);
  });

  test("of a merge, with the pull request and the time of the merge", async () => {
    const [one] = branch("fix", "Fix\n\nOwp-Task: k3f9", "Test");
    commit("other");
    merge("fix", "Merge pull request #12 from acme/fix");
    expect((await full()).mentions).toEqual([
      { task: "k3f9", commit: one, at: "2026-01-01T00:00:05Z", subject: "Fix", pr: `${BASE}/pull/12` },
    ]);
  });

  test("of a release that merges merges: the request that is nearest", async () => {
    git(dir, "checkout", "--quiet", "-b", "develop");
    git(dir, "checkout", "--quiet", "main");
    const [one] = branch("fix", "Fix\n\nOwp-Task: k3f9");
    git(dir, "checkout", "--quiet", "develop");
    merge("fix", "Merge pull request #12 from acme/fix");
    git(dir, "checkout", "--quiet", "main");
    merge("develop", "Merge pull request #20 from acme/develop");
    const { mentions } = await full();
    expect(mentions).toMatchObject([{ task: "k3f9", commit: one, pr: `${BASE}/pull/12` }]);
  });

  test("of a merge whose text alone names a task", async () => {
    branch("fix", "Fix");
    const merged = merge("fix", "Merge pull request #12 from acme/fix\n\nFix\n\nOwp-Task: k3f9");
    expect((await full()).mentions).toMatchObject([{ task: "k3f9", commit: merged, pr: `${BASE}/pull/12` }]);
  });

  test("since a commit, and nothing where nothing came", async () => {
    commit("Fix\n\nOwp-Task: k3f9");
    const from = git(dir, "rev-parse", "main");
    expect(await told(from)).toEqual([]);
    const two = commit("Fix\n\nOwp-Task: m2x7");
    expect(await told(from)).toEqual([`m2x7 ${two}`]);
  });

  test("whatever the user's log is set to", async () => {
    git(dir, "config", "i18n.logOutputEncoding", "ISO-8859-1");
    git(dir, "config", "log.showSignature", "true");
    git(dir, "config", "grep.patternType", "perl");
    commit("Gr\u00f6\u00dfe\n\nOwp-Task: k3f9");
    expect((await full()).mentions).toMatchObject([{ task: "k3f9", subject: "Gr\u00f6\u00dfe" }]);
  });

  test("among thousands of others", async () => {
    const lines = Array.from({ length: 1200 }, (_, n) => {
      const text = `commit ${n}${n % 100 === 7 ? `\n\nOwp-Task: aaa${"0123456789ab"[Math.floor(n / 100)]}` : ""}`;
      return `commit refs/heads/many\ncommitter T <t@x> ${clock + n} +0000\ndata ${text.length}\n${text}\n`;
    });
    gitInput(dir, lines.join(""), "fast-import", "--quiet");
    const found = await mentionsIn(
      new History(`${dir}/.git`),
      { to: git(dir, "rev-parse", "many"), limit: 20_000 },
      { reverts: false },
    );
    expect([found.commits, found.mentions.length]).toEqual([1200, 12]);
  });
});

describe("what reverts take back", () => {
  test("a commit, and its revert in turn", async () => {
    const one = commit("Fix\n\nOwp-Task: k3f9");
    const two = commit(`Revert "Fix"\n\nThis reverts commit ${one}.`);
    const three = commit(`Reapply "Fix"\n\nThis reverts commit ${two}.`);
    expect(await told(undefined, true)).toEqual([`k3f9 ${one}`, `-k3f9 ${two}`, `k3f9 ${three}`]);
    expect(await told(one, true)).toEqual([`-k3f9 ${two}`, `k3f9 ${three}`]);
    expect(await told()).toEqual([`k3f9 ${one}`]);
  });

  test("a merge: whatever it brought", async () => {
    branch("fix", "Fix\n\nOwp-Task: k3f9", "More\n\nOwp-Task: m2x7");
    const merged = merge("fix", "Merge pull request #12 from acme/fix\n\nOwp-Task: p6z9");
    const back = commit(`Revert "Merge"\n\nThis reverts commit ${merged}, reversing\nchanges made to x.`);
    expect(await told(merged, true)).toEqual(["-k3f9", "-m2x7", "-p6z9"].map((task) => `${task} ${back}`));
  });

  test("a commit that takes back and names a task of its own", async () => {
    const one = commit("Fix\n\nOwp-Task: k3f9");
    const back = commit(`Go back\n\nThis reverts commit ${one}.\n\nOwp-Task: m2x7`);
    expect(await told(one, true)).toEqual([`m2x7 ${back}`, `-k3f9 ${back}`]);
    expect(await told(one)).toEqual([`m2x7 ${back}`]);
  });

  test("a commit that is not here is told, and holds up nothing", async () => {
    commit("Revert\n\nThis reverts commit 0123456789012345678901234567890123456789.");
    const one = commit("Fix\n\nOwp-Task: k3f9");
    const { mentions, notes } = await full();
    expect(mentions).toMatchObject([{ task: "k3f9", commit: one }]);
    expect(notes).toEqual([expect.stringContaining("0123456789012345678901234567890123456789")]);
  });
});

describe("ranges", () => {
  const ZERO = "0".repeat(40);

  test.each([
    ["a..b", { from: "a", to: "b" }],
    [` ${"1".repeat(40)}..HEAD `, { from: "1".repeat(40), to: "HEAD" }],
    ["v1.2..v1.3", { from: "v1.2", to: "v1.3" }],
    [`${ZERO}..b`, { to: "b" }],
    ["..b", { to: "b" }],
    [`a..${ZERO}`, null],
  ])("%j", (text, expected) => {
    expect(readRange(text)).toEqual(expected);
  });

  test.each(["", "a", "a..", "a...b", "..", "--all..b", "a..--all", "a b..c"])("%j is refused", (text) => {
    expect(readRange(text)).toMatchObject({ ok: false, code: "usage" });
  });

  const repository = () => locateRepository(dir) as Repository;
  const span = (from: string | undefined, to: string, at = repository()) =>
    spanOf(new History(at.gitDir), at, { to, ...(from && { from }) });

  test("ends that are here", async () => {
    const [one, two] = [git(dir, "rev-parse", "HEAD"), commit("two")];
    expect(await span(one, "main")).toMatchObject({ span: { from: one, to: two }, notes: [] });
    expect(await span(undefined, two)).toMatchObject({ span: { to: two, limit: 1000 }, notes: [] });
  });

  test("an end that is not here is refused, and a beginning that was rewritten is not", async () => {
    const gone = "1".repeat(40);
    expect(await span("HEAD", gone)).toMatchObject({ ok: false, code: "usage" });
    expect(await span(gone, "main")).toMatchObject({ notes: [expect.stringContaining("it was rewritten")] });
  });

  test("a shallow clone says what to do", async () => {
    const one = git(dir, "rev-parse", "HEAD");
    commit("two");
    const shallow = locateRepository(cloneOf(`file://${dir}`, "--depth", "1")) as Repository;
    expect(shallowIn(shallow).size).toBe(1);
    expect(shallowIn(repository()).size).toBe(0);
    expect(await span(one, "HEAD", shallow)).toMatchObject({
      notes: [expect.stringContaining("fetch-depth: 0")],
    });
  });
});

describe("refs are read from files", () => {
  test("loose, packed, and not there", async () => {
    const at = locateRepository(dir) as Repository;
    const tip = git(dir, "rev-parse", "main");
    expect(await tipOf(at, "refs/heads/main")).toBe(tip);
    git(dir, "pack-refs", "--all");
    expect(await tipOf(at, "refs/heads/main")).toBe(tip);
    expect(await tipOf(at, "refs/heads/ain")).toBeUndefined();
    expect([headOf(at, undefined), headOf(at, "origin")]).toEqual(["main", undefined]);
  });

  test("of a linked worktree they are those of its repository", async () => {
    const side = `${tempDir()}/side`;
    git(dir, "worktree", "add", "--quiet", "-b", "side", side);
    const at = locateRepository(side) as Repository;
    expect(await tipOf(at, "refs/heads/main")).toBe(git(dir, "rev-parse", "main"));
  });
});
