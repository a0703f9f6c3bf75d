/** What `owp setup github` and `gitlab` write, run step by step as the hosts' runners would. */
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, describe, expect, test } from "vitest";
import { did } from "../helpers/command.ts";
import { bareHub, cloneOf, git, tempDir } from "../helpers/git.ts";
import { owpOnPath, pathWith } from "../helpers/on-path.ts";
import {
  allows,
  type GithubWorkflow,
  type GitlabJob,
  type Ran,
  readWorkflow,
  runGithubJob,
  runGitlabJob,
  type World,
} from "../helpers/runner.ts";

const PATH = owpOnPath();
const DAY_S = 86_400;

/** A hub with a record of one task, set up for both hosts, and where the files of each lie. */
const hub = bareHub();
const clone = cloneOf(hub);
let task: string;
let sound: string;
let broken: string;
/** Line of the broken task's status. */
let line: number;

beforeAll(async () => {
  await did(clone, ["init", "--as", "ada"]);
  const { id } = (await did(clone, ["add", "first", "--as", "ada"])).result;
  task = `tasks/${id.at(-2)}/${id.at(-1)}/${id}.yaml`;
  await did(clone, ["claim", id, "--as", "bob"]);
  await did(clone, ["setup", "github"]);
  await did(clone, ["setup", "gitlab"]);
  sound = branchOf("sound", (text) => text.replace("title: first", "title: the first"));
  broken = branchOf("broken", (text) => text.replace(/^status: .*$/m, "status: finished"));
  const lines = git(hub, "show", `${broken}:${task}`).split("\n");
  line = lines.findIndex((text) => text.startsWith("status:")) + 1;
});

/** A branch off the record in which a person edited a file; answers its commit. */
function branchOf(name: string, change: (text: string) => string, path = task): string {
  const dir = join(tempDir(), "edit");
  git(hub, "clone", "--quiet", "--branch", "owp", hub, dir);
  writeFileSync(join(dir, path), change(readFileSync(join(dir, path), "utf8")));
  git(dir, "commit", "--quiet", "--all", "--message", name);
  git(dir, "push", "--quiet", "origin", `HEAD:${name}`);
  return git(dir, "rev-parse", "HEAD");
}

/** An empty workspace whose checkout has a commit, or that merged into the record as GitHub does for a pull request. */
function world(at: { commit: string } | { pull: string }, more: Partial<World> = {}): World {
  const dir = join(tempDir("owp-run"), "work");
  mkdirSync(dir);
  return {
    dir,
    path: PATH,
    expressions: {},
    checkout: () => {
      git(dir, "clone", "--quiet", "--no-checkout", hub, ".");
      if ("commit" in at) git(dir, "checkout", "--quiet", "--detach", at.commit);
      else {
        git(dir, "checkout", "--quiet", "--detach", "origin/owp");
        git(dir, "merge", "--quiet", "--no-ff", "--message", "Merge", at.pull);
      }
    },
    ...more,
  };
}

const failed = (ran: readonly Ran[]) => ran.filter(({ status }) => status !== 0).map(({ step }) => step);
const record = (path: string) => git(hub, "show", `owp:${path}`);
const here = (path: string) => readFileSync(join(clone, path), "utf8");
/** The annotation of the broken file. */
const annotation = () => new RegExp(`^::error file=${task},line=${line},title=schema::schema `, "m");

describe("GitHub: pull requests against the record", () => {
  const load = () => readWorkflow(record(".github/workflows/owp-record.yml"));
  const pull = (head: string) =>
    runGithubJob(
      load(),
      "validate",
      world(
        { pull: head },
        {
          expressions: {
            "github.event.pull_request.base.sha": git(hub, "rev-parse", "owp"),
            "github.event.pull_request.head.sha": head,
          },
        },
      ),
    );

  test("nothing but a pull request against the record starts it: claims cost no run", () => {
    const { on, permissions } = load();
    expect(on).toEqual({ pull_request: { branches: ["owp"] } });
    expect(permissions).toEqual({ contents: "read" });
    // A push runs what lies on the branch that was pushed, and this is all there is.
    expect(git(hub, "ls-tree", "-r", "--name-only", "owp", ".github")).toBe(
      ".github/workflows/owp-record.yml",
    );
  });

  test("a sound edit passes every step", () => {
    const ran = pull(sound);
    expect(ran.map(({ step, status }) => [step, status])).toEqual([
      ["Check the commits of the request", 0],
      ["Check the record as it would be", 0],
    ]);
    expect(ran.map(({ out }) => out)).toEqual(["no problems\n", "no problems\n"]);
  });

  test("a broken file fails the job, with file and line as an annotation", () => {
    const ran = pull(broken);
    expect(failed(ran)).toEqual(["Check the commits of the request"]);
    expect(ran.at(-1)).toMatchObject({ status: 9, out: expect.stringMatching(annotation()) });
  });

  test("so does the second step, where the commits show nothing", () => {
    const workflow = load();
    const job = workflow.jobs.validate as GithubWorkflow["jobs"][string];
    job.steps = job.steps.filter(({ name }) => name !== "Check the commits of the request");
    const ran = runGithubJob(workflow, "validate", world({ pull: broken }));
    expect(failed(ran)).toEqual(["Check the record as it would be"]);
    expect(ran.at(-1)?.out).toMatch(annotation());
  });

  test("a request that takes a lease over fails: a person's edit does not break a claim", () => {
    const lease = task.replace("tasks", "leases");
    const forged = branchOf("forged", (text) => text.replace("worker: bob", "worker: mallory"), lease);
    const annotated = new RegExp(`^::error file=${lease},line=\\d+,title=holder_same_epoch::`, "m");
    expect(pull(forged).at(-1)?.out).toMatch(annotated);
  });
});

describe("GitHub: once a day", () => {
  const load = () => readWorkflow(here(".github/workflows/owp-check.yml"));
  const daily = (commit: string) => {
    let asked: unknown;
    const run = world({ commit });
    const ran = runGithubJob(load(), "validate", {
      ...run,
      checkout: (options) => {
        asked = options.ref;
        run.checkout(options);
      },
    });
    expect(asked).toBe("owp");
    return ran;
  };

  test("it lies where schedules run, and starts for nothing else", () => {
    expect(Object.keys(load().on)).toEqual(["schedule", "workflow_dispatch"]);
  });

  test("a young record is checked from its first commit on, and passes", () => {
    const ran = daily("origin/owp");
    expect(ran.map(({ status, out }) => [status, out])).toEqual([
      [0, "no problems\n"],
      [0, "no problems\n"],
    ]);
  });

  test("a broken file that was pushed yesterday fails it, with file and line", () => {
    const ran = daily(broken);
    expect(failed(ran)).toEqual(["Check the commits of the last two days"]);
    expect(ran.at(-1)?.out).toMatch(annotation());
  });

  test("one that was pushed long ago is found in the record as it stands", () => {
    const old = aged(broken, 5);
    const ran = daily(old);
    expect(failed(ran)).toEqual(["Check the record as it stands"]);
    expect(ran.at(-1)?.out).toMatch(annotation());
  });
});

/** The same history, committed that many days earlier, with a sound commit of today on top. */
function aged(tip: string, days: number): string {
  const dir = join(tempDir(), "aged");
  git(hub, "clone", "--quiet", hub, dir);
  git(dir, "checkout", "--quiet", "-B", "aged", tip);
  const shift = `export GIT_COMMITTER_DATE="@$((\${GIT_COMMITTER_DATE#@} - ${days * DAY_S}))"`;
  process.env.FILTER_BRANCH_SQUELCH_WARNING = "1";
  git(
    dir,
    "filter-branch",
    "--env-filter",
    `GIT_COMMITTER_DATE=\${GIT_COMMITTER_DATE%% *}; ${shift}`,
    "HEAD",
  );
  git(dir, "commit", "--quiet", "--allow-empty", "--message", "today");
  git(dir, "push", "--quiet", "--force", "origin", "HEAD:aged");
  return git(dir, "rev-parse", "HEAD");
}

describe("GitHub: merged work", () => {
  const load = () => readWorkflow(here(".github/workflows/owp-settle.yml"));
  const push = (created: boolean) => {
    const log = join(tempDir(), "log");
    const main = git(hub, "rev-parse", "main");
    const run = world(
      { commit: "origin/main" },
      {
        path: pathWith({ owp: `printf '%s\\n' "$@" >'${log}'; git config owp.branch >>'${log}'` }),
        expressions: {
          "!github.event.created": String(!created),
          "github.event.before": main,
          "github.sha": `${main.slice(0, 39)}0`,
        },
      },
    );
    const ran = runGithubJob(load(), "settle", run);
    const said = existsSync(log) ? readFileSync(log, "utf8") : "";
    return { ran, said, main };
  };

  test("a push to the default branch, and nothing else, settles exactly what it brought", () => {
    const { on, permissions } = load();
    expect([on, permissions]).toEqual([{ push: { branches: ["main"] } }, { contents: "write" }]);
    const { ran, said, main } = push(false);
    expect(failed(ran)).toEqual([]);
    expect(said).toBe(`settle\n--range\n${main}..${main.slice(0, 39)}0\nowp\n`);
    expect(here(".github/workflows/owp-settle.yml")).toContain(
      '\n        run: owp settle --range "$BEFORE..$AFTER"\n',
    );
  });

  test("a branch that was just made has nothing to settle", () => {
    expect(push(true)).toMatchObject({ ran: [], said: "" });
  });
});

describe("GitLab", () => {
  interface RecordPipeline {
    workflow: { rules: { if: string }[] };
    default: { before_script: string[] };
    variables: Record<string, string>;
    "owp-merge-request": GitlabJob;
    "owp-schedule": GitlabJob;
  }
  const load = () => readWorkflow<RecordPipeline>(record(".gitlab-ci.yml"));
  const settle = () => readWorkflow<{ "owp-settle": GitlabJob }>(here(".gitlab-ci.yml"))["owp-settle"];
  const source = (name: string) => ({ CI_PIPELINE_SOURCE: name });

  test("a push to the record starts no pipeline; a merge request and a schedule start one job each", () => {
    const pipeline = load();
    const jobs = (name: string) =>
      allows(pipeline.workflow.rules, source(name))
        ? (["owp-merge-request", "owp-schedule"] as const).filter((job) =>
            allows(pipeline[job].rules, source(name)),
          )
        : [];
    expect([jobs("push"), jobs("merge_request_event"), jobs("schedule")]).toEqual([
      [],
      ["owp-merge-request"],
      ["owp-schedule"],
    ]);
    // Without the whole history a range has no beginning.
    expect(pipeline.variables.GIT_DEPTH).toBe("0");
  });

  const run = (
    job: "owp-merge-request" | "owp-schedule",
    commit: string,
    variables: Record<string, string> = {},
  ) => {
    const pipeline = load();
    return runGitlabJob(pipeline[job], pipeline.default.before_script, world({ commit }), {
      ...pipeline.variables,
      ...variables,
    });
  };

  test.each(["owp-merge-request", "owp-schedule"] as const)(
    "%s: a sound edit passes, a broken file fails it with file and line",
    (job) => {
      const request = (commit: string) => ({
        CI_MERGE_REQUEST_DIFF_BASE_SHA: git(hub, "rev-parse", "owp"),
        CI_COMMIT_SHA: commit,
      });
      expect(run(job, sound, request(sound))).toMatchObject({ status: 0, out: "no problems\nno problems\n" });
      const ran = run(job, broken, request(broken));
      expect([ran.status, ran.out]).toEqual([
        9,
        expect.stringMatching(new RegExp(`^${task}:${line}: schema `)),
      ]);
    },
  );

  test("pushes to the default branch settle what they brought, and no other push does", () => {
    const before = "1".repeat(40);
    const variables = {
      ...source("push"),
      CI_COMMIT_BRANCH: "main",
      CI_DEFAULT_BRANCH: "main",
      CI_COMMIT_BEFORE_SHA: before,
      CI_COMMIT_SHA: "2".repeat(40),
    };
    const { rules } = settle();
    expect(allows(rules, variables)).toBe(true);
    for (const other of [
      { CI_COMMIT_BRANCH: "work" },
      { CI_COMMIT_BEFORE_SHA: "0".repeat(40) },
      source("schedule"),
    ])
      expect(allows(rules, { ...variables, ...other }), JSON.stringify(other)).toBe(false);
    const log = join(tempDir(), "log");
    const path = pathWith({ owp: `printf '%s\\n' "$@" >'${log}'; git config owp.branch >>'${log}'` });
    const ran = runGitlabJob(settle(), [], world({ commit: "origin/main" }, { path }), variables);
    expect([ran.status, ran.err]).toEqual([0, ""]);
    expect(readFileSync(log, "utf8")).toBe(`settle\n--range\n${before}..${"2".repeat(40)}\nowp\n`);
  });
});
