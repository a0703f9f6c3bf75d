/** Work brought in from elsewhere by the built command, into a real record: GitHub from a file and over its API, Backlog.md. */
import { existsSync, mkdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { did, owp, ROOT } from "../helpers/command.ts";
import { bareHub, cloneOf, git, gitTry, tempDir } from "../helpers/git.ts";
import { fail, type Github, github, type Issue, restIssue } from "../helpers/github.ts";

const TOKEN = "ghp_never_shown_0123456789";

/** A clone with a record, and how many commits that has. */
async function place(): Promise<{ dir: string; hub: string; commits: () => number }> {
  const hub = bareHub();
  const dir = cloneOf(hub);
  await did(dir, ["init", "--repo", "web", "--as", "max"]);
  return { dir, hub, commits: () => Number(git(hub, "rev-list", "--count", "owp")) };
}

const label = (...names: string[]) => names.map((name) => ({ name }));

describe("A26 A29 issues of GitHub over the REST API", () => {
  const issues: Issue[] = Array.from({ length: 230 }, (_, at) =>
    restIssue(at + 1, at % 10 === 9 ? { pull_request: { url: "https://x" } } : {}),
  );
  issues[0] = restIssue(1, { labels: label("priority:high", "estimate:3", "area:auth", "priority:low") });
  let [server, down]: (Github | undefined)[] = [];
  let at: Awaited<ReturnType<typeof place>>;
  const env = (one = server) => ({ GITHUB_API_URL: one?.api, GITHUB_TOKEN: TOKEN });
  const bring = (...args: string[]) =>
    did(at.dir, ["import", "github:octo/web", "--as", "max", ...args], { env: env() });

  beforeAll(async () => {
    server = await github(issues);
    at = await place();
  });
  afterAll(async () => {
    await server?.close();
    await down?.close();
  });

  test("all pages are one commit; contradictions and pull requests are told; the second time nothing changes", async () => {
    const before = at.commits();
    const plan = await bring("--dry-run");
    expect([plan.result.created, at.commits()]).toEqual([207, before]);
    const answer = await bring();
    expect(answer.result).toMatchObject({ created: 207, updated: 0, gone: [] });
    expect(answer.warnings.join("\n")).toMatch(
      /1 × labels contradict .*: priority:high before priority:low \(octo\/web#1\)/,
    );
    expect(answer.warnings.join("\n")).toMatch(/23 × pull request/);
    expect(at.commits()).toBe(before + 1);
    const { tasks } = (await did(at.dir, ["export"])).result;
    expect(tasks.find(({ source }: { source: Issue }) => source.external_id === "octo/web#1")).toMatchObject({
      ...{ priority: 80, estimate: 3, area: "auth" },
      source: { system: "github", url: "https://github.com/octo/web/issues/1" },
      description: "https://github.com/octo/web/issues/1\n\nWhat 1 is about.",
    });
    expect((await bring()).commit).toBeUndefined();
    expect(at.commits()).toBe(before + 1);
  });

  test("what changed there is taken over, what was changed here stays, what was closed is told", async () => {
    const { tasks } = (await did(at.dir, ["export"])).result as { tasks: { id: string; source: Issue }[] };
    const idOf = (number: number) =>
      tasks.find(({ source }) => source.external_id === `octo/web#${number}`)?.id ?? "";
    await did(at.dir, ["edit", idOf(2), "--title", "Ours", "--as", "max"]);
    issues[1] = restIssue(2, { title: "Theirs" });
    issues[2] = restIssue(3, { title: "Renamed" });
    issues[3] = restIssue(4, { state: "closed" });
    const { stdout } = await owp(at.dir, ["import", "github:octo/web", "--dry-run", "--as", "max"], {
      env: env(),
    });
    expect(stdout).toMatch(
      /^0 new tasks, 1 updated, 204 unchanged, 1 changed on both sides.*, 1 no longer there$/m,
    );
    expect(stdout).toMatch(/^ {2}change \w+ Renamed \(title\)$/m);
    expect(stdout).toMatch(
      /^ {2}skip {3}octo\/web#2 Theirs: changed at the source and in \w+, which stays$/m,
    );
    const answer = await bring();
    expect(answer.result).toMatchObject({ updated: 1, kept: 1, gone: [{ id: idOf(4) }] });
    const after = await did(at.dir, ["show", idOf(2)]);
    expect(after.result.task.title).toBe("Ours");
    const all = await bring("--state", "all");
    expect(all.result).toMatchObject({ updated: 0, skipped: 1, gone: [] });
    expect(all.warnings.join()).toMatch(/over at the source and still open here/);
  });

  test("a fault on the last page leaves the record as it was, and no message holds the token", async () => {
    down = await github(issues, ({ query }, response) => {
      if (query.get("page") !== "3") return false;
      const reset = String(Math.floor(Date.now() / 1000) + 1800);
      fail(response, 403, `API rate limit exceeded ${TOKEN}`, {
        "x-ratelimit-remaining": "0",
        "x-ratelimit-reset": reset,
      });
      return true;
    });
    const before = git(at.hub, "rev-parse", "owp");
    for (const more of [[], ["--json"]]) {
      const ended = await owp(at.dir, ["import", "github:octo/web", "--as", "max", ...more], {
        env: env(down),
      });
      expect(ended.status).toBe(7);
      expect(ended.stderr).toMatch(/allows no more requests until 20\d\d-.*Nothing was imported/);
      expect(ended.stdout + ended.stderr).not.toContain(TOKEN);
    }
    expect(git(at.hub, "rev-parse", "owp")).toBe(before);
    expect(gitTry(at.hub, "log", "-p", "owp").output).not.toContain(TOKEN);
  });

  test("a repository that is not there", async () => {
    const ended = await owp(at.dir, ["import", "github:octo/nowhere", "--json"], { env: env() });
    expect([ended.status, ended.answer?.error?.code]).toEqual([4, "source_unknown"]);
  });
});

describe("files", () => {
  test("A26 what gh issue list --json prints, from standard input", async () => {
    const { dir } = await place();
    const issue = {
      ...{
        number: 3,
        title: "From gh",
        body: "a\r\nb",
        state: "OPEN",
        labels: label("size:2"),
        assignees: [],
      },
      url: "https://github.com/octo/web/issues/3",
    };
    const answer = await did(dir, ["import", "-"], { input: JSON.stringify([issue]) });
    expect(answer.result).toMatchObject({
      created: 1,
      tasks: [{ external_id: "octo/web#3", title: "From gh" }],
    });
    const again = await did(dir, ["import", "-"], { input: JSON.stringify([issue]) });
    expect(again.result).toMatchObject({ created: 0, unchanged: 1 });
  });

  test("a Backlog.md project: tasks and drafts; a task that is gone is told; a broken file stops all", async () => {
    const { dir, commits } = await place();
    for (const name of ["tasks", "drafts", "archive"])
      mkdirSync(join(dir, "backlog", name), { recursive: true });
    const write = (name: string, id: string, status: string, more = "") =>
      writeFileSync(
        join(dir, "backlog", name),
        `---\nid: ${id}\ntitle: Task ${id}\nstatus: ${status}\n${more}---\n`,
      );
    write("tasks/task-1 - A.md", "TASK-1", "To Do");
    write("tasks/task-2 - B.md", "TASK-2", "To Do", "dependencies:\n  - task-1\n");
    write("tasks/task-3 - C.md", "TASK-3", "Done");
    write("drafts/draft-1 - D.md", "DRAFT-1", "Draft");
    write("archive/task-4 - E.md", "TASK-4", "To Do");
    const first = await did(dir, ["import", "--from", "backlog"]);
    expect(first.result).toMatchObject({ created: 3, skipped: 1 });
    rmSync(join(dir, "backlog", "tasks", "task-1 - A.md"));
    const before = commits();
    const second = await did(dir, ["import", "backlog"]);
    expect(second.result).toMatchObject({ unchanged: 2, gone: [{ title: "Task TASK-1" }] });
    writeFileSync(join(dir, "backlog", "tasks", "new.md"), "# no front matter\n");
    const broken = await owp(dir, ["import", "backlog", "--json"]);
    expect([broken.status, broken.answer?.error?.code]).toEqual([2, "invalid_input"]);
    expect(broken.answer?.error?.message).toMatch(/^backlog\/tasks\/new\.md line 1: has no front matter/);
    expect(commits()).toBe(before);
  });

  test.each(["yaml", "json", "jsonl", "csv"])(
    "F01 an export as %s makes the same record elsewhere",
    async (format) => {
      const [from, to] = [await place(), await place()];
      const tasks = [
        {
          id: "a",
          title: 'A, "b"',
          description: "=1+1\n\nline",
          labels: ["x", "y z"],
          acceptance: ["one", "two"],
        },
        { id: "b", title: "Später 🙂", depends_on: ["a"], status: "planned", priority: 0 },
      ];
      await did(from.dir, ["import", "-"], { input: JSON.stringify(tasks) });
      const { stdout } = await owp(from.dir, ["export", "--format", format]);
      await did(to.dir, ["import", "-"], { input: stdout });
      const [one, other] = [await owp(from.dir, ["export"]), await owp(to.dir, ["export"])];
      expect(other.stdout).toBe(one.stdout);
      expect(one.stdout).toContain("Später");
    },
  );

  const REAL = join(ROOT, "../shared/data/backlog");
  const isThere = existsSync(REAL);
  if (!isThere) console.warn(`sources.test.ts: the real Backlog.md files are skipped: ${REAL} is not there`);
  test.skipIf(!isThere)("the 40 task files of a real project, all as open work, valid", async () => {
    const { dir } = await place();
    const answer = await did(dir, ["import", REAL, "--all"]);
    expect(answer.result).toMatchObject({ created: 40, skipped: 0 });
    expect((await did(dir, ["validate"])).result).toMatchObject({ errors: 0 });
    expect((await did(dir, ["import", REAL, "--all"])).commit).toBeUndefined();
  });

  test("a line of JSON cut in half: file, line and rule, and nothing written", async () => {
    const { dir, commits } = await place();
    const file = join(tempDir(), "tasks.jsonl");
    writeFileSync(file, '{"title":"a"}\n{"title":"b","descr');
    const before = commits();
    const ended = await owp(dir, ["import", file]);
    expect([ended.status, commits()]).toEqual([2, before]);
    expect(ended.stderr).toContain(`${file} line 2: is no JSON`);
  });
});
