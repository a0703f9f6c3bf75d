/** Changes of the queue on branches: proposed by command or in an editor, merged in every way, while claims land. */
import { chmodSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { beforeAll, describe, expect, test } from "vitest";
import { ERRORS } from "../../src/core/refusal.ts";
import { did, owp, told } from "../helpers/command.ts";
import { bareHub, cloneOf, git, tempDir } from "../helpers/git.ts";
import { portrait, refsOf } from "../helpers/history.ts";
import { serveHttp } from "../helpers/http-git.ts";

const taskPath = (id: string) => `tasks/${id.at(-2)}/${id.at(-1)}/${id}.yaml`;
const leasePath = (id: string) => `leases/${id.at(-2)}/${id.at(-1)}/${id}.yaml`;

/** A hub with a record, a clone in which commands run, and a checkout of the record, as a host or a person has it. */
async function scene(tasks: readonly string[]) {
  const hub = bareHub();
  const clone = cloneOf(hub);
  await did(clone, ["init", "--repo", "web", "--as", "max"]);
  for (const name of ["ada", "bob"]) await did(clone, ["worker", "register", "--as", name]);
  const ids: string[] = [];
  for (const title of tasks) ids.push((await did(clone, ["add", title, "--as", "max"])).result.id);
  const checkout = cloneOf(hub, "--branch", "owp");
  return { hub, clone, checkout, ids };
}

const fetch = (checkout: string) => {
  git(checkout, "fetch", "--quiet", "--prune", "origin");
  git(checkout, "checkout", "--quiet", "-B", "owp", "origin/owp");
};

/** How hosts bring a branch into another, by their buttons. */
const MERGES: Record<string, (checkout: string, branch: string) => void> = {
  "merge commit": (checkout, branch) =>
    git(
      checkout,
      "merge",
      "--quiet",
      "--no-ff",
      "-m",
      `Merge pull request #7 from acme/${branch}`,
      `origin/${branch}`,
    ),
  squash: (checkout, branch) => {
    git(checkout, "merge", "--quiet", "--squash", `origin/${branch}`);
    const message = git(checkout, "log", "-1", "--format=%B", `origin/${branch}`);
    const author = git(checkout, "log", "-1", "--format=%an <%ae>", `origin/${branch}`);
    git(
      checkout,
      "commit",
      "--quiet",
      `--author=${author}`,
      "-m",
      `${message.split("\n")[0]} (#7)`,
      "-m",
      message,
    );
  },
  rebase: (checkout, branch) => {
    git(checkout, "checkout", "--quiet", "-B", "work", `origin/${branch}`);
    git(checkout, "rebase", "--quiet", "origin/owp");
    git(checkout, "checkout", "--quiet", "owp");
    git(checkout, "merge", "--quiet", "--ff-only", "work");
  },
};

function land(checkout: string, branch: string, how: string): void {
  fetch(checkout);
  MERGES[how]?.(checkout, branch);
  git(checkout, "push", "--quiet", "origin", "owp");
}

/** Errors and warnings of a check: `path:line code`. */
async function findings(dir: string, ...args: string[]): Promise<string[]> {
  const { answer } = await owp(dir, ["validate", "--json", ...args]);
  const problems = answer?.result?.problems ?? answer?.error?.data?.problems;
  if (!problems) throw new Error(JSON.stringify(answer));
  return problems.map(
    ({ path, line, code }: { path: string; line?: number; code: string }) => `${path}:${line} ${code}`,
  );
}

/** The log as `event actor short-ids`, newest first. */
async function log(dir: string): Promise<string[]> {
  const { stdout } = await owp(dir, ["log", "--json", "--limit", "100"]);
  const events = stdout
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line));
  return events.map(({ event, actor, tasks }) =>
    [event, actor, ...tasks.map(({ id }: { id: string }) => id.slice(-4))].join(" "),
  );
}

/** The open tasks, without what depends on who asks. */
const listed = async (dir: string) => (await did(dir, ["list", "--all"])).result.tasks;

describe.each(Object.keys(MERGES))("merged by %s while claims land, a change", (how) => {
  test("is one edit in the log; the record stays valid, index and list agree, and claims go on", async () => {
    const { hub, clone, checkout, ids } = await scene(["first", "second", "third"]);
    const [first = "", second = ""] = ids;
    const base = git(hub, "rev-parse", "owp");
    const edit = await did(clone, ["edit", first, "-p", "P0", "--pr", "--as", "ada"]);
    const added = await did(clone, ["add", "proposed", "--blocked-by", second, "--pr", "--as", "ada"]);
    expect(git(hub, "rev-parse", "owp")).toBe(base);
    expect(git(hub, "rev-parse", `${edit.review.branch}^`)).toBe(base);
    // Claims of the very tasks, and edits beside, land before the merges.
    await did(clone, ["claim", first, "--as", "bob"]);
    await did(clone, ["claim", second, "--as", "ada"]);
    await did(clone, ["edit", first, "--title", "first, by command", "--as", "max"]);
    await did(clone, ["done", second, "--as", "ada"]);
    const before = git(hub, "rev-parse", "owp");
    land(checkout, edit.review.branch, how);
    await did(clone, ["note", first, "between the merges", "--as", "bob"]);
    land(checkout, added.review.branch, how);

    expect(await findings(clone)).toEqual([]);
    expect(await findings(clone, "--range", `${before}..`)).toEqual([]);
    expect(await findings(checkout, "--range", `${base}..HEAD`)).toEqual([]);
    const events = await log(clone);
    const short = (id: string) => id.slice(-4);
    expect(events.filter((line) => line.startsWith("record.edited")).sort()).toEqual(
      [`record.edited ada ${short(first)}`, `record.edited ada ${short(added.result.id)}`].sort(),
    );
    expect(await listed(clone)).toEqual(await listed(cloneOf(hub)));
    expect((await did(clone, ["show", first])).result.task).toMatchObject({
      priority: 100,
      title: "first, by command",
    });
    // bob's lease stood through all of it; the proposed task waits for what is done.
    await did(clone, ["done", first, "--as", "bob"]);
    expect((await did(clone, ["claim", added.result.id, "--as", "bob"])).result.tasks).toMatchObject([
      { epoch: 1 },
    ]);
    expect(await findings(clone, "--range", `${base}..`)).toEqual([]);
  });
});

test("a change that becomes the record's tip by fast-forward is one edit too", async () => {
  const { hub, clone, ids } = await scene(["only"]);
  const { review } = await did(clone, ["edit", ids[0] ?? "", "--title", "better", "--pr", "--as", "ada"]);
  git(hub, "update-ref", "refs/heads/owp", review.commit);
  expect((await log(clone))[0]).toBe(`record.edited ada ${ids[0]?.slice(-4)}`);
  expect(await findings(clone, "--range", `${review.base}..`)).toEqual([]);
});

test("an import comes as one change", async () => {
  const { clone, checkout } = await scene([]);
  const file = join(tempDir(), "tasks.json");
  writeFileSync(
    file,
    JSON.stringify([
      { id: "a", title: "A" },
      { id: "b", title: "B", blocked_by: ["a"] },
    ]),
  );
  const { review, result } = await did(clone, ["import", file, "--pr", "--as", "newcomer"]);
  expect([result.created, (await did(clone, ["list"])).result.total]).toEqual([2, 0]);
  land(checkout, review.branch, "squash");
  expect((await did(clone, ["list"])).result.total).toBe(2);
  expect(await findings(clone)).toEqual([]);
});

test("a file edited by hand on a branch does no harm while its task is claimed and finished", async () => {
  const { clone, checkout, ids } = await scene(["to be edited", "beside"]);
  const [id = ""] = ids;
  fetch(checkout);
  git(checkout, "checkout", "--quiet", "-b", "web-editor");
  const path = join(checkout, taskPath(id));
  writeFileSync(path, readFileSync(path, "utf8").replace("title: to be edited", "title: edited"));
  git(checkout, "commit", "--quiet", "-am", "Update the title");
  git(checkout, "push", "--quiet", "origin", "web-editor");
  const claim = await did(clone, ["claim", id, "--as", "bob"]);
  land(checkout, "web-editor", "merge commit");
  await did(clone, ["claim", ids[1] ?? "", "--as", "ada"]);
  await did(clone, ["done", id, "--as", "bob", "--epoch", String(claim.result.tasks[0].epoch)]);
  expect((await did(clone, ["show", id])).result.task).toMatchObject({ title: "edited", status: "done" });
  expect(await findings(clone, "--range", "..")).toEqual([]);
});

describe("two sound changes that merge into something unsound", () => {
  test("a circle is found on the request that closes it and on the record, and stops no other task", async () => {
    const { hub, clone, checkout, ids } = await scene(["one", "two", "three"]);
    const [one = "", two = "", three = ""] = ids;
    const a = await did(clone, ["edit", one, "--add-blocked-by", two, "--pr", "--as", "ada"]);
    const b = await did(clone, ["edit", two, "--add-blocked-by", one, "--pr", "--as", "bob"]);
    land(checkout, a.review.branch, "squash");
    // What a host checks out for a request: its branch merged into the record's.
    fetch(checkout);
    git(checkout, "merge", "--quiet", "--no-edit", `origin/${b.review.branch}`);
    const request = await owp(checkout, ["validate", "--range", "origin/owp..HEAD", "--format", "github"]);
    expect([request.status, request.stdout]).toEqual([
      9,
      expect.stringMatching(
        /^::error file=tasks\/\S+,line=\d+,title=dependency_cycle::.* 2 tasks wait for each other in a circle/m,
      ),
    ]);
    // The branch alone is sound, and so is the one that was merged first.
    expect(await findings(checkout, "--range", `origin/owp..origin/${b.review.branch}`)).toEqual([]);
    git(checkout, "push", "--quiet", "origin", "owp");
    expect((await findings(clone)).map((line) => line.split(" ")[1])).toEqual(["dependency_cycle"]);
    const claimed = await did(clone, ["claim", "--as", "ada"]);
    expect(claimed.result.tasks.map(({ id }: { id: string }) => id)).toEqual([three]);
    expect((await owp(clone, ["claim", one, "--as", "bob", "--json"])).answer?.code).toBe(
      "task_not_claimable",
    );
    const repair = await did(clone, ["repair", "--yes", "--as", "max"]);
    expect(repair.result.mends).toMatchObject([{ path: taskPath(two), code: "dependency_cycle" }]);
    expect(await findings(clone)).toEqual([]);
    expect(await findings(clone, "--range", `${git(hub, "rev-parse", "owp~1")}..`)).toEqual([]);
  });

  test("a key that stands twice is found with its line, its task is not given out, and the rest is", async () => {
    const { clone, checkout, ids } = await scene(["one", "two"]);
    const [one = "", two = ""] = ids;
    const edit = (branch: string, change: (text: string) => string) => {
      git(checkout, "checkout", "--quiet", "-B", branch, "origin/owp");
      const path = join(checkout, taskPath(one));
      writeFileSync(path, change(readFileSync(path, "utf8")));
      git(checkout, "commit", "--quiet", "-am", branch);
      git(checkout, "push", "--quiet", "origin", branch);
    };
    fetch(checkout);
    edit("above", (text) => text.replace("kind: Task\n", "area: api\nkind: Task\n"));
    edit("below", (text) => `${text}area: ui\n`);
    land(checkout, "above", "merge commit");
    land(checkout, "below", "merge commit");
    const text = readFileSync(join(checkout, taskPath(one)), "utf8").split("\n");
    expect(await findings(clone)).toEqual([`${taskPath(one)}:${text.indexOf("area: ui") + 1} duplicate_key`]);
    expect((await owp(clone, ["claim", one, "--as", "ada", "--json"])).answer?.code).not.toBe("ok");
    expect((await did(clone, ["claim", "--as", "ada"])).result.tasks).toMatchObject([{ id: two }]);
    await did(clone, ["repair", "--yes", "--as", "max"]);
    expect(await findings(clone)).toEqual([]);
    await did(clone, ["claim", one, "--as", "bob"]);
  });
});

describe("a request that is checked where it is checked out", () => {
  let at: Awaited<ReturnType<typeof scene>>;
  let held: string;
  let ci: string;

  beforeAll(async () => {
    at = await scene(["held", "free"]);
    [held = ""] = at.ids;
    await did(at.clone, ["claim", held, "--as", "ada"]);
    fetch(at.checkout);
    git(at.checkout, "checkout", "--quiet", "-b", "forged");
    const path = join(at.checkout, leasePath(held));
    writeFileSync(path, readFileSync(path, "utf8").replace("worker: ada", "worker: bob"));
    git(at.checkout, "commit", "--quiet", "-am", "give it to bob");
    git(at.checkout, "push", "--quiet", "origin", "forged");
    // The record goes on: the request is behind.
    await did(at.clone, ["note", held, "meanwhile", "--as", "ada"]);
    ci = cloneOf(at.hub, "--branch", "forged");
  });

  test("a lease that it edits is named with file and line, from plain history and without the remote", async () => {
    const line =
      readFileSync(join(ci, leasePath(held)), "utf8")
        .split("\n")
        .indexOf("worker: bob") + 1;
    renameSync(at.hub, `${at.hub}.away`);
    try {
      for (const range of ["origin/owp..HEAD", "origin/owp.."]) {
        const ended = await owp(ci, ["validate", "--range", "origin/owp..HEAD"], {
          env: { GITHUB_ACTIONS: "true" },
        });
        expect(ended.status, range).toBe(9);
        for (const [severity, code] of [
          ["warning", "coordination_edited"],
          ["error", "holder_same_epoch"],
        ])
          expect(ended.stdout).toContain(
            `::${severity} file=${leasePath(held)},line=${line},title=${code}::`,
          );
        expect(ended.stdout.trim().split("\n")).toHaveLength(3);
      }
      expect((await owp(ci, ["validate", "."])).status).toBe(0);
    } finally {
      renameSync(`${at.hub}.away`, at.hub);
    }
  });

  test("a shallow checkout says what to fetch, and after that it works", async () => {
    const shallow = join(tempDir(), "shallow");
    git(
      tempDir(),
      "clone",
      "--quiet",
      "--depth",
      "1",
      "--branch",
      "forged",
      "--no-single-branch",
      `file://${at.hub}`,
      shallow,
    );
    const ended = await owp(shallow, ["validate", "--range", "origin/owp..HEAD", "--json"]);
    expect([ended.status, ended.answer?.code]).toEqual([ERRORS.usage.exit, "usage"]);
    expect(ended.answer?.error?.hint).toContain("git fetch --unshallow");
    git(shallow, "fetch", "--quiet", "--unshallow");
    expect((await owp(shallow, ["validate", "--range", "origin/owp..HEAD"])).status).toBe(9);
  });
});

describe("what cannot be put on a branch", () => {
  let at: Awaited<ReturnType<typeof scene>>;
  beforeAll(async () => {
    at = await scene(["one"]);
  });

  /** Refused with this code, and nothing moved. */
  async function expectRefused(code: keyof typeof ERRORS, dir: string, args: string[], says: RegExp) {
    const before = [refsOf(at.hub), portrait(dir)];
    const ended = await owp(dir, [...args, "--json"]);
    expect([ended.status, ended.answer?.code], told(args, ended)).toEqual([ERRORS[code].exit, code]);
    expect(ended.answer?.error?.message).toMatch(says);
    expect(ended.answer?.error?.hint).toMatch(/\S/);
    expect([refsOf(at.hub), portrait(dir)]).toEqual(before);
  }

  test("a change that is to wait for the remote", () =>
    expectRefused(
      "offline_needs_remote",
      at.clone,
      ["add", "x", "--pr", "--offline"],
      /cannot wait in a queue. Nothing was changed/,
    ));

  test("a change that is refused on the record too", () =>
    expectRefused(
      "task_unknown",
      at.clone,
      ["edit", "zzzz", "--title", "x", "--pr"],
      /Nothing was changed|no task/,
    ));

  test("a change that is to be a patch as well", () =>
    expectRefused("usage", at.clone, ["add", "x", "--pr", "--patch", "x.patch"], /not both/));

  test("a change of a record read by URL", () =>
    expectRefused(
      "read_only",
      at.clone,
      ["add", "x", "--pr", "--hub", "http://127.0.0.1:9/hub.git"],
      /only read. Nothing was changed/,
    ));

  test("a change of a remote that this user only reads", async () => {
    const server = await serveHttp(dirname(at.hub), { readOnly: true });
    git(at.clone, "remote", "set-url", "origin", `${server.url}/hub.git`);
    try {
      await expectRefused(
        "remote_denied",
        at.clone,
        ["add", "x", "--pr", "--as", "ada"],
        /The change was not published/,
      );
    } finally {
      git(at.clone, "remote", "set-url", "origin", at.hub);
      await server.close();
    }
  });

  test("a change of a remote that takes no branch", async () => {
    const hook = join(at.hub, "hooks", "pre-receive");
    writeFileSync(hook, "#!/bin/sh\necho 'this is a mirror' >&2\nexit 1\n");
    chmodSync(hook, 0o755);
    try {
      await expectRefused(
        "remote_denied",
        at.clone,
        ["add", "x", "--pr", "--as", "ada"],
        /saying: this is a mirror\. The change was not published/,
      );
    } finally {
      renameSync(hook, `${hook}.off`);
    }
  });

  test("a branch of that name is there already; the same operation finds its own", async () => {
    const op = "01kjm0000000000000abcd2345";
    const add = ["add", "once", "--pr", "--as", "ada", "--op-id", op];
    const first = await did(at.clone, add);
    expect(first.review.branch).toBe("owp-change-abcd2345");
    const again = await did(at.clone, add, { env: { OWP_NOW: "+1h" } });
    expect([again.review.commit, again.warnings]).toEqual([
      first.review.commit,
      [expect.stringContaining("already")],
    ]);
    git(at.hub, "update-ref", "refs/heads/owp-change-abcd2345", "refs/heads/main");
    await expectRefused("already_exists", at.clone, add, /another change. Nothing was changed/);
    await did(at.clone, ["add", "landed", "--as", "ada", "--op-id", "01kjm0000000000000abcd2346"]);
    await expectRefused(
      "already_exists",
      at.clone,
      ["add", "landed", "--pr", "--as", "ada", "--op-id", "01kjm0000000000000abcd2346"],
      /on the record already/,
    );
  });

  test("a branch whose making was not answered is found", async () => {
    let pushes = 0;
    const lost = { when: "after", how: "drop" } as const;
    const isFirstPush = (service: string, step: string) =>
      service === "push" && step === "data" && pushes++ === 0;
    const server = await serveHttp(dirname(at.hub), {
      fault: ({ service, step }) => (isFirstPush(service, step) ? lost : undefined),
    });
    git(at.clone, "remote", "set-url", "origin", `${server.url}/hub.git`);
    try {
      const { review, warnings } = await did(at.clone, ["add", "lost", "--pr", "--as", "ada"]);
      expect([git(at.hub, "rev-parse", review.branch), warnings, pushes > 0]).toEqual([
        review.commit,
        [],
        true,
      ]);
    } finally {
      git(at.clone, "remote", "set-url", "origin", at.hub);
      await server.close();
    }
  });

  test("a change that changes nothing makes no branch", async () => {
    const before = refsOf(at.hub);
    const outcome = await did(at.clone, ["edit", at.ids[0] ?? "", "--title", "one", "--pr", "--as", "ada"]);
    expect([outcome.review, outcome.result.already, refsOf(at.hub)]).toEqual([undefined, true, before]);
  });

  test("a dry run shows the change and makes no branch", async () => {
    const before = refsOf(at.hub);
    const outcome = await did(at.clone, ["add", "x", "--pr", "--dry-run", "--as", "new-one"]);
    expect([outcome.changes?.map(({ path }) => path.split("/")[0]), refsOf(at.hub)]).toEqual([
      ["tasks"],
      before,
    ]);
  });
});

describe("--open-pr", () => {
  /** A clone whose remote is on a host by its name, reached through an ssh that leads to the hub. */
  async function hosted(host: string, program: string, script: string) {
    const { hub } = await scene([]);
    const folder = tempDir();
    const put = (name: string, text: string) => {
      writeFileSync(join(folder, name), `#!/bin/sh\n${text}\n`);
      chmodSync(join(folder, name), 0o755);
      return join(folder, name);
    };
    const ssh = put("fake-ssh", `for last; do :; done\nexec \${last%% *} '${hub}'`);
    put(program, script.replaceAll("$ARGS", join(folder, "args")));
    const clone = cloneOf(hub);
    git(clone, "remote", "set-url", "origin", `git@${host}:acme/web.git`);
    const env = { GIT_SSH_COMMAND: ssh, PATH: `${folder}:${process.env.PATH}` };
    return { clone, env, args: () => readFileSync(join(folder, "args"), "utf8").trimEnd().split("\n") };
  }

  test.each([
    ["github.com", "gh", "https://github.com/acme/web/pull/7"],
    ["gitlab.com", "glab", "https://gitlab.com/acme/web/-/merge_requests/7"],
  ])("opens the request on %s with %s, and names it", async (host, program, url) => {
    const { clone, env, args } = await hosted(
      host,
      program,
      `printf '%s\\n' "$@" > $ARGS\necho "Creating"\necho ${url}`,
    );
    const plain = await did(clone, ["add", "T", "--pr", "--as", "ada"], { env });
    expect([plain.review.request, plain.review.url.startsWith(`https://${host}/acme/web/`)]).toEqual([
      undefined,
      true,
    ]);
    expect(args).toThrow();
    const { review, warnings } = await did(clone, ["add", "Fix it", "--open-pr", "--as", "ada"], { env });
    expect([review.request, review.commands, warnings]).toEqual([url, [], []]);
    expect(args()).toEqual(
      expect.arrayContaining(["create", review.branch, "owp", expect.stringMatching(/^add \w{4}: Fix it$/)]),
    );
  });

  test.each<[string, string, RegExp]>([
    [
      "that refuses",
      "echo 'not logged in' >&2\nexit 4",
      /no request was opened: gh ended with status 4 \(not logged in\)/,
    ],
    ["that is not there", "", /no request was opened: gh is not installed here/],
  ])("with a program %s leaves the branch and says so", async (_name, script, says) => {
    const program = script === "" ? "other" : "gh";
    const { clone, env } = await hosted("github.com", program, script);
    const { review, warnings } = await did(clone, ["add", "T", "--open-pr", "--as", "ada"], { env });
    expect(warnings).toEqual([expect.stringMatching(says)]);
    expect(review.commands[0]).toContain(`--head ${review.branch}`);
  });
});
