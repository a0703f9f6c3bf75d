import {
  chmodSync,
  existsSync,
  mkdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { dirname, join } from "node:path";
import { beforeAll, beforeEach, describe, expect, test } from "vitest";
import { commands } from "../../../src/cli/commands.ts";
import { openHub } from "../../../src/lib/open.ts";
import { publishEdits } from "../../../src/lib/setup/publish.ts";
import { setup } from "../../../src/lib/setup/setup.ts";
import { packageSpec } from "../../../src/lib/setup/target.ts";
import { TARGETS, type TargetRow } from "../../../src/lib/setup/targets.ts";
import { run, type World } from "../../cli/support.ts";
import { bareHub, cloneOf, git, gitTry, tempDir } from "../../helpers/git.ts";
import { portrait } from "../../helpers/history.ts";
import { runAt } from "../../helpers/record-hub.ts";

/** The command line on real repositories. */
const owp = (dir: string, argv: string[], world: World = {}) =>
  run(["-C", dir, ...argv], { commands, openHub, now: Date.now(), ...world });

async function json(dir: string, argv: string[], world: World = {}) {
  const { out, err } = await owp(dir, [...argv, "--json"], world);
  return JSON.parse(out + err);
}

const put = (dir: string, path: string, text: string) => {
  mkdirSync(dirname(join(dir, path)), { recursive: true });
  writeFileSync(join(dir, path), text);
};
const textOf = (dir: string, path: string) => readFileSync(join(dir, path), "utf8");
/** Every file of a checkout, and of git's hooks. */
const filesIn = (dir: string) =>
  Object.fromEntries(
    [
      ...git(dir, "ls-files", "--others", "--cached").split("\n").filter(Boolean),
      ...(existsSync(join(dir, ".git/hooks/pre-commit")) ? [".git/hooks/pre-commit"] : []),
    ].map((path) => [path, statSync(join(dir, path)).isFile() ? textOf(dir, path) : "(a folder)"]),
  );

/** A hub with a record, made once: tests of targets that touch it take it back. */
let hub: string;
let clone: string;

beforeAll(async () => {
  hub = bareHub();
  clone = cloneOf(hub);
  await runAt(clone, [["init"]], { as: "ada" });
});

beforeEach(() => {
  git(clone, "clean", "-ffdxq");
});

const HERE = TARGETS.map(({ name }) => name).filter((name) => name !== "hook");

describe("every target", () => {
  test.each(HERE)("%s is written once, is the same at --check, and is taken back", async (name) => {
    const before = filesIn(clone);
    const tip = () => git(hub, "rev-parse", "owp^{tree}");
    const tree = tip();
    expect((await owp(clone, ["setup", name, "--check"])).code).toBe(5);
    const first = await json(clone, ["setup", name]);
    expect(first, JSON.stringify(first)).toMatchObject({ code: "ok", ok: true });
    expect(first.result.files.length).toBeGreaterThan(0);
    const written = [filesIn(clone), tip()];
    const again = await owp(clone, ["setup", name]);
    expect([again.code, again.out]).toEqual([0, `${name} is set up already; nothing was changed\n`]);
    expect((await owp(clone, ["setup", name, "--check"])).code).toBe(0);
    expect([filesIn(clone), tip()]).toEqual(written);
    expect((await owp(clone, ["setup", name, "--remove"])).code).toBe(0);
    expect([filesIn(clone), tip()]).toEqual([before, tree]);
    expect((await owp(clone, ["setup", name, "--remove"])).out).toMatch(
      /there is nothing of .* to take back/,
    );
  });

  test("all of them at once do not disturb each other, nor the user's branches and index", async () => {
    const before = portrait(clone);
    for (const name of HERE) expect((await owp(clone, ["setup", name])).code, name).toBe(0);
    const states = (await json(clone, ["setup"])).result.targets as { name: string; state: string }[];
    expect(states.filter(({ state }) => state !== "set up").map(({ name }) => name)).toEqual(["hook"]);
    expect((await owp(clone, ["setup", "--check"])).code).toBe(0);
    for (const name of HERE) expect((await owp(clone, ["setup", name, "--remove"])).code, name).toBe(0);
    expect(git(clone, "status", "--porcelain")).toBe("");
    expect(portrait(clone)).toEqual(before);
    expect((await owp(clone, ["validate", "--range", ".."])).code).toBe(0);
  });

  test("the record's part is an ordinary commit, which the ledger reads as an edit", async () => {
    const { commit } = (await json(clone, ["setup", "github"])).result;
    expect(git(hub, "rev-parse", "owp")).toBe(commit);
    expect(git(hub, "show", "--format=%(trailers:key=Owp-Op)", "--name-only", commit).trim()).toBe(
      ".github/workflows/owp-record.yml",
    );
    const log = await owp(clone, ["log", "--limit", "1"]);
    expect(log.out).toContain("record.edited");
    await owp(clone, ["setup", "github", "--remove"]);
  });

  test("without --record it stays as it is, also at --check", async () => {
    const tip = git(hub, "rev-parse", "owp");
    expect((await json(clone, ["setup", "github", "--no-record"])).result.commit).toBeUndefined();
    expect((await owp(clone, ["setup", "github", "--no-record", "--check"])).code).toBe(0);
    expect((await json(clone, ["setup", "github", "--check"])).error.message).toContain(
      "owp:.github/workflows/owp-record.yml is missing",
    );
    expect(git(hub, "rev-parse", "owp")).toBe(tip);
  });
});

describe("showing and asking", () => {
  test("a dry run shows the texts and writes nothing", async () => {
    const before = filesIn(clone);
    const { out, err } = await owp(clone, ["setup", "claude", "--dry-run"]);
    expect(out).toMatch(/^new \.claude\/skills\/owp\/SKILL\.md\n\+---\n\+name: owp\n/);
    expect(err).toContain("a dry run");
    expect(filesIn(clone)).toEqual(before);
  });

  test("off a terminal the difference is shown and written", async () => {
    put(clone, "AGENTS.md", "# Mine\n");
    const { code, out } = await owp(clone, ["setup", "agents"]);
    expect(code).toBe(0);
    expect(out).toMatch(/^edit AGENTS\.md\n # Mine\n\+\n\+<!-- owp:begin agents .* -->\n/);
    expect(out).toMatch(/\nagents is set up: AGENTS\.md, CLAUDE\.md\n$/);
  });

  test.each([
    ["yes", 0, true],
    ["y", 0, true],
    ["no", 8, false],
    ["", 8, false],
  ])("on a terminal the answer %j counts", async (typed, code, there) => {
    const ran = await owp(clone, ["setup", "cursor", "--no-color"], { tty: true, typed });
    expect(ran.out).toMatch(/^new \.cursor\/rules\/owp\.mdc\n/);
    expect(ran.err).toContain("Write this? Type yes to go on: ");
    expect([ran.code, existsSync(join(clone, ".cursor/rules/owp.mdc"))]).toEqual([code, there]);
  });

  test("--yes does not ask", async () => {
    const ran = await owp(clone, ["setup", "cursor", "--yes"], { tty: true, typed: "no" });
    expect([ran.code, ran.err]).not.toContain("Write this?");
    expect(existsSync(join(clone, ".cursor/rules/owp.mdc"))).toBe(true);
  });

  test("--check shows what differs, names it and changes nothing", async () => {
    await owp(clone, ["setup", "claude"]);
    put(clone, ".claude/settings.json", "{}\n");
    const { code, out, err } = await owp(clone, ["setup", "claude", "--check"]);
    expect([code, out]).toEqual([
      5,
      expect.stringMatching(/^edit \.claude\/settings\.json\n-\{\}\n\+\{\n\+ {2}"hooks"/),
    ]);
    expect(err).toContain("owp setup claude would write something else: .claude/settings.json differs.");
    expect(textOf(clone, ".claude/settings.json")).toBe("{}\n");
  });
});

describe("what the user has already", () => {
  test("other hooks and settings of Claude Code stay as they are, to the byte", async () => {
    const mine =
      '{\n    "model": "opus",   "env": {"A": "1"},\n    "hooks": { "SessionStart": [ {"matcher": "startup", "hooks": []} ] }\n}';
    put(clone, ".claude/settings.json", mine);
    await owp(clone, ["setup", "claude"]);
    const settings = JSON.parse(textOf(clone, ".claude/settings.json"));
    expect(settings).toMatchObject({ model: "opus", env: { A: "1" } });
    expect(settings.hooks.SessionStart).toHaveLength(2);
    expect(settings.hooks.SessionStart[1].hooks[0]).toMatchObject({ type: "command", command: "owp prime" });
    await owp(clone, ["setup", "claude", "--remove"]);
    expect(textOf(clone, ".claude/settings.json")).toBe(mine);
  });

  test("a CLAUDE.md is left alone, and what is missing in it is said", async () => {
    put(clone, "CLAUDE.md", "mine\n");
    const { err } = await owp(clone, ["setup", "agents"]);
    expect(err).toContain("CLAUDE.md is yours and stays as it is");
    expect(textOf(clone, "CLAUDE.md")).toBe("mine\n");
    await owp(clone, ["setup", "agents", "--remove"]);
    expect(filesIn(clone)).toEqual({ "CLAUDE.md": "mine\n" });
  });

  test("a template for pull requests is found wherever it lies, and keeps its text", async () => {
    put(clone, "docs/PULL_REQUEST_TEMPLATE.md", "## Why\n");
    await owp(clone, ["setup", "github", "--no-record"]);
    expect(textOf(clone, "docs/PULL_REQUEST_TEMPLATE.md")).toMatch(
      /^## Why\n\n<!-- owp:begin task .* -->\n\nOwp-Task: \n$/,
    );
    // The last paragraph is a trailer to git.
    const body = textOf(clone, "docs/PULL_REQUEST_TEMPLATE.md").replace("Owp-Task: ", "Owp-Task: k3f9");
    put(clone, "body", body);
    expect(git(clone, "interpret-trailers", "--parse", "body")).toBe("Owp-Task: k3f9");
  });

  test("GitLab's job takes a stage that the pipeline has", async () => {
    put(clone, ".gitlab-ci.yml", "stages: [build, deploy]\nbuild:\n  stage: build\n  script: make");
    await owp(clone, ["setup", "gitlab", "--no-record"]);
    expect(textOf(clone, ".gitlab-ci.yml")).toContain('owp-settle:\n  stage: "deploy"');
    expect((await owp(clone, ["setup", "gitlab", "--no-record", "--check"])).code).toBe(0);
    await owp(clone, ["setup", "gitlab", "--no-record", "--remove"]);
    expect(textOf(clone, ".gitlab-ci.yml")).toBe(
      "stages: [build, deploy]\nbuild:\n  stage: build\n  script: make",
    );
  });

  test("a hook runs as before, behind owp's part", async () => {
    put(clone, ".git/hooks/pre-commit", "#!/bin/bash\necho mine\nexit 3\n");
    chmodSync(join(clone, ".git/hooks/pre-commit"), 0o755);
    await owp(clone, ["setup", "pre-commit"]);
    expect(textOf(clone, ".git/hooks/pre-commit")).toMatch(
      /^#!\/bin\/bash\n# owp:begin pre-commit [\s\S]*# owp:end pre-commit\necho mine\nexit 3\n$/,
    );
    expect(gitTry(clone, "commit", "--allow-empty", "-m", "x")).toEqual({ status: 1, output: "mine\n" });
    await owp(clone, ["setup", "pre-commit", "--remove"]);
    expect(textOf(clone, ".git/hooks/pre-commit")).toBe("#!/bin/bash\necho mine\nexit 3\n");
    expect(statSync(join(clone, ".git/hooks/pre-commit")).mode & 0o111).not.toBe(0);
    rmSync(join(clone, ".git/hooks/pre-commit"));
  });

  test("a link to a file stays a link", async () => {
    put(clone, "docs/agents.md", "# Mine\n");
    symlinkSync("docs/agents.md", join(clone, "AGENTS.md"));
    await owp(clone, ["setup", "codex"]);
    expect(textOf(clone, "docs/agents.md")).toContain("owp:begin agents");
    await owp(clone, ["setup", "codex", "--remove"]);
    expect([textOf(clone, "docs/agents.md"), textOf(clone, "AGENTS.md")]).toEqual(["# Mine\n", "# Mine\n"]);
  });
});

describe("what stands in the way is said, and nothing is half-written", () => {
  const rows: [name: string, target: string, there: () => void, says: RegExp, hint: RegExp][] = [
    [
      "a file of that name",
      "cursor",
      () => put(clone, ".cursor/rules/owp.mdc", "mine\n"),
      /\.cursor\/rules\/owp\.mdc is there already, and owp setup did not write it/,
      /rename .*owp\.mdc or delete it/,
    ],
    [
      "half of a part",
      "agents",
      () => put(clone, "AGENTS.md", "# Mine\n\n<!-- owp:begin agents (84d8aece) for agents -->\ntext\n"),
      /AGENTS\.md has the beginning of the part .*\(line 3\), and not its end/,
      /put the line <!-- owp:end agents --> back/,
    ],
    [
      "settings that are broken",
      "claude",
      () => put(clone, ".claude/settings.json", '{\n"a": \n'),
      /settings\.json cannot be read: line 3/,
      /mend line 3/,
    ],
    [
      "a file where a folder is wanted",
      "claude",
      () => put(clone, ".claude", "x"),
      /\.claude is there already, and is no folder/,
      /./,
    ],
    [
      "a folder where a file is wanted",
      "agents",
      () => put(clone, "AGENTS.md/x", "x"),
      /AGENTS\.md is there already, and is no file/,
      /./,
    ],
    [
      "a link that leads out of the repository",
      "claude",
      () => symlinkSync(tempDir(), join(clone, ".claude")),
      /\.claude is a link that leads out of the repository/,
      /./,
    ],
    [
      "a hook in another language",
      "pre-commit",
      () => {
        put(clone, ".git/hooks/pre-commit", "#!/usr/bin/env python3\nprint(1)\n");
        chmodSync(join(clone, ".git/hooks/pre-commit"), 0o755);
      },
      /The hook pre-commit is there already, and is no shell script \(#!\/usr\/bin\/env python3\)/,
      /file of its own/,
    ],
    [
      "a hook that git does not run",
      "pre-commit",
      () => put(clone, ".git/hooks/pre-commit", "#!/bin/sh\necho mine\n"),
      /The hook pre-commit is there and not executable/,
      /./,
    ],
    [
      "a pipeline with that job",
      "gitlab",
      () => put(clone, ".gitlab-ci.yml", "owp-settle:\n  script: x\n"),
      /has a job owp-settle already/,
      /./,
    ],
    [
      "a pipeline that is broken",
      "gitlab",
      () => put(clone, ".gitlab-ci.yml", "a: [\n"),
      /is no YAML that can be read \(line \d\)/,
      /./,
    ],
  ];
  test.each(rows)("%s", async (_name, target, there, says, hint) => {
    there();
    const before = filesIn(clone);
    const tip = git(hub, "rev-parse", "owp");
    const refusal = await json(clone, ["setup", target, "--yes"]);
    expect(refusal).toMatchObject({ ok: false, code: "setup_blocked" });
    expect(refusal.error.message).toMatch(says);
    expect(refusal.error.message).toContain("Nothing was written.");
    expect(refusal.error.hint).toMatch(hint);
    expect([filesIn(clone), git(hub, "rev-parse", "owp")]).toEqual([before, tip]);
    rmSync(join(clone, ".git/hooks/pre-commit"), { force: true });
  });

  test("what was edited in owp's part is not lost off a terminal, unless one says --yes", async () => {
    await owp(clone, ["setup", "agents"]);
    const edited = textOf(clone, "AGENTS.md").replace("Start with it.", "Start there.");
    put(clone, "AGENTS.md", edited);
    for (const more of [[], ["--remove"]]) {
      const refusal = await json(clone, ["setup", "agents", ...more]);
      expect(refusal).toMatchObject({ code: "setup_blocked", error: { data: { edited: ["AGENTS.md"] } } });
      expect(textOf(clone, "AGENTS.md")).toBe(edited);
    }
    expect((await owp(clone, ["setup", "agents", "--yes"])).code).toBe(0);
    expect(textOf(clone, "AGENTS.md")).toContain("Start with it.");
  });

  test("hooks that other repositories share are not touched", async () => {
    const shared = tempDir();
    git(clone, "config", "core.hooksPath", shared);
    const refusal = await json(clone, ["setup", "pre-commit"]);
    git(clone, "config", "--unset", "core.hooksPath");
    expect(refusal).toMatchObject({
      code: "setup_blocked",
      error: { hint: expect.stringContaining("core.hooksPath") },
    });
    expect(existsSync(join(shared, "pre-commit"))).toBe(false);
  });

  test("husky's hooks are those that husky runs, not those that it makes", async () => {
    put(clone, ".husky/_/pre-commit", "# made by husky\n");
    put(clone, ".husky/pre-commit", "npm test\n");
    git(clone, "config", "core.hooksPath", ".husky/_");
    const { files } = (await json(clone, ["setup", "pre-commit"])).result;
    git(clone, "config", "--unset", "core.hooksPath");
    expect(files).toEqual([{ path: ".husky/pre-commit", what: "changed" }]);
    expect(textOf(clone, ".husky/pre-commit")).toMatch(/^# owp:begin pre-commit [\s\S]*npm test\n$/);
  });

  test("a folder that takes no files: what was written before it is taken back", async () => {
    // The first file lies in a folder that can be written, the second does not.
    put(clone, ".claude/skills/x", "");
    const { writeFiles } = await import("../../../src/lib/setup/files.ts");
    const file = (path: string, before: string | undefined, after: string | null) => ({
      root: clone,
      full: join(clone, path),
      before,
      after,
      executable: false,
    });
    put(clone, "old", "old\n");
    put(clone, "in-the-way", "");
    expect(() =>
      writeFiles([
        file("new/deep", undefined, "x"),
        file("old", "old\n", "new\n"),
        file("in-the-way/x", undefined, "x"),
      ]),
    ).toThrow();
    expect([existsSync(join(clone, "new")), textOf(clone, "old")]).toEqual([false, "old\n"]);
  });

  test("a file that changes while a person thinks is not written over", async () => {
    put(clone, "AGENTS.md", "# Mine\n");
    const row = TARGETS.find(({ name }) => name === "codex") as TargetRow;
    const options = { mode: "write", check: false, dry_run: false, record: true } as const;
    const refused = await setup({ dir: clone }, row, options, async () => {
      put(clone, "AGENTS.md", "# Mine, and more\n");
      return undefined;
    });
    expect(refused).toMatchObject({
      code: "setup_blocked",
      message: expect.stringContaining("was changed meanwhile"),
    });
    expect(textOf(clone, "AGENTS.md")).toBe("# Mine, and more\n");
  });

  test("a build machine installs this version's line", () => {
    expect(["0.1.0", "0.12.3", "1.2.3", "12.0.0"].map((version) => packageSpec(version))).toEqual([
      "owp@0.1",
      "owp@0.12",
      "owp@1",
      "owp@12",
    ]);
  });

  test("an unknown target: did you mean", async () => {
    expect(await json(clone, ["setup", "clade"])).toMatchObject({
      code: "usage",
      error: { message: expect.stringContaining('"clade"'), hint: "did you mean claude?" },
    });
    expect(await json(clone, ["setup", "xyzzy"])).toMatchObject({
      code: "usage",
      error: { message: expect.stringContaining("claude, codex, cursor") },
    });
  });

  test("--remove without a target, --hub, a folder that is no repository, a bare one", async () => {
    expect(await json(clone, ["setup", "--remove"])).toMatchObject({ code: "usage" });
    expect(await json(clone, ["setup", "claude", "--hub", "https://example.org/x.git"])).toMatchObject({
      code: "usage",
    });
    expect(await json(tempDir(), ["setup", "claude"])).toMatchObject({ code: "no_repository" });
    expect(await json(hub, ["setup", "claude"])).toMatchObject({
      code: "usage",
      error: { message: expect.stringContaining("bare") },
    });
    expect(await json(clone, ["setup", "hook"])).toMatchObject({
      code: "usage",
      error: { hint: expect.stringContaining("on the server") },
    });
    expect(existsSync(join(hub, "hooks/pre-receive"))).toBe(false);
  });
});

describe("a record that does not take it", () => {
  test("there is none yet: nothing is written here either", async () => {
    const bare = cloneOf(bareHub());
    expect(await json(bare, ["setup", "github"])).toMatchObject({
      code: "not_initialized",
      error: { hint: "owp init" },
    });
    expect(filesIn(bare)).toEqual({});
    expect((await owp(bare, ["setup", "claude"])).code).toBe(0);
    const fresh = cloneOf(bareHub());
    await owp(fresh, ["setup"]);
    await owp(fresh, ["setup", "claude"]);
    expect(existsSync(join(fresh, ".git/owp"))).toBe(false);
  });

  test("a token without the scope for workflows: one clear message, and nothing is written here", async () => {
    const words =
      "refusing to allow a Personal Access Token to create or update workflow `.github/workflows/owp-record.yml` without `workflow` scope";
    put(hub, "hooks/update", `#!/bin/sh\n[ "$1" = refs/heads/owp ] || exit 0\necho '${words}' >&2\nexit 1\n`);
    chmodSync(join(hub, "hooks/update"), 0o755);
    const refusal = await json(clone, ["setup", "github"]);
    rmSync(join(hub, "hooks/update"));
    expect(refusal).toMatchObject({
      code: "remote_denied",
      error: {
        message: expect.stringContaining("lacks the scope `workflow`"),
        hint: expect.stringContaining("gh auth refresh -s workflow"),
      },
    });
    expect(filesIn(clone)).toEqual({});
    expect((await owp(clone, ["setup", "github", "--no-record"])).code).toBe(0);
  });

  test("what another clone published in between is seen, and decided on again", async () => {
    const other = cloneOf(hub);
    const here = await openHub({ dir: clone, as: "ada", env: {} });
    if ("code" in here) throw new Error(here.message);
    const seen: (string | undefined)[] = [];
    const published = await publishEdits(
      here,
      "note\n",
      async (read) => {
        seen.push(await read("NOTE"));
        if (seen.length === 1) {
          git(other, "fetch", "-q", "origin", "owp");
          git(other, "checkout", "-qB", "record", "FETCH_HEAD");
          put(other, "NOTE", "theirs\n");
          git(other, "add", "NOTE");
          git(other, "commit", "-qm", "theirs");
          git(other, "push", "-q", "origin", "HEAD:owp");
        }
        return [{ path: "NOTE", text: `${(await read("NOTE")) ?? ""}ours\n` }];
      },
      Date.now() + 60_000,
    );
    await here.close();
    expect(seen).toEqual([undefined, "theirs\n"]);
    expect(published).toEqual({ commit: git(hub, "rev-parse", "owp") });
    expect(git(hub, "show", "owp:NOTE")).toBe("theirs\nours");
  });

  test("published while others publish, all of it is there", async () => {
    const other = cloneOf(hub);
    const adding = async () => {
      for (const title of ["a", "b", "c"])
        expect(await json(other, ["add", title, "--as", "bob"])).toMatchObject({ code: "ok" });
    };
    const [done] = await Promise.all([json(clone, ["setup", "editor"]), adding()]);
    expect(done).toMatchObject({ code: "ok" });
    const files = git(hub, "ls-tree", "-r", "--name-only", "owp").split("\n");
    expect(files).toContain(".vscode/settings.json");
    expect(files.filter((path) => path.startsWith("tasks/"))).toHaveLength(3);
    expect(await json(clone, ["setup", "editor"])).toMatchObject({ result: { files: [] } });
    await owp(clone, ["setup", "editor", "--remove"]);
  });

  test("a remote that cannot be reached: the list says so, and tells what it knows", async () => {
    const url = git(clone, "remote", "get-url", "origin");
    git(clone, "remote", "set-url", "origin", join(tempDir(), "gone.git"));
    const { warnings, result } = await json(clone, ["setup"]);
    const refusal = await json(clone, ["setup", "editor"]);
    git(clone, "remote", "set-url", "origin", url);
    expect(warnings).toEqual([expect.stringContaining("as this clone saw it last")]);
    expect(result.targets).toHaveLength(TARGETS.length);
    expect(refusal.code).toBe("remote_unreachable");
  });
});
