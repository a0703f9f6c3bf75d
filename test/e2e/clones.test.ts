/** From every sort of clone and with every setting that disturbs pushes: work goes on, and nothing of the user's changes. */
import { chmodSync, existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { describe, expect, test } from "vitest";
import { did, OWP, owp, told } from "../helpers/command.ts";
import { bareHub, cloneOf, git, gitTry, tempDir } from "../helpers/git.ts";
import { portrait, readHistory, refsOf } from "../helpers/history.ts";
import { recordHub } from "../helpers/record-hub.ts";

/** Where a person works, made from a hub that has a record with one open task. */
interface Desk {
  dir: string;
  env?: NodeJS.ProcessEnv;
  /** What must still hold afterwards. */
  after?: () => void;
}

const clone = (hub: string, ...options: string[]): string => cloneOf(hub, ...options);
const byUrl = (hub: string, ...options: string[]): string => cloneOf(`file://${hub}`, ...options);

function configured(hub: string, ...entries: [key: string, value: string][]): string {
  const dir = clone(hub);
  for (const [key, value] of entries) git(dir, "config", "--add", key, value);
  return dir;
}

/** Writes a hook that leaves a mark, waits and fails. */
function hook(folder: string, name: string): string {
  const mark = join(folder, `${name}.ran`);
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, name), `#!/bin/sh\ntouch '${mark}'\nsleep 20\nexit 1\n`);
  chmodSync(join(folder, name), 0o755);
  return mark;
}

const HOOKS = [
  "pre-push",
  "reference-transaction",
  "post-checkout",
  "pre-commit",
  "commit-msg",
  "post-merge",
];

const WORKS: Record<string, (hub: string) => Desk> = {
  "a shallow clone": (hub) => ({ dir: byUrl(hub, "--depth", "1") }),
  "a partial clone": (hub) => {
    git(hub, "config", "uploadpack.allowFilter", "true");
    return { dir: byUrl(hub, "--filter=blob:none") };
  },
  "a mirror clone with fetch.prune": (hub) => {
    const dir = clone(hub, "--mirror");
    git(dir, "config", "fetch.prune", "true");
    git(dir, "update-ref", "refs/private/mine", "main");
    return { dir };
  },
  "a bare clone": (hub) => ({ dir: clone(hub, "--bare") }),
  "a clone of one branch": (hub) => ({ dir: byUrl(hub, "--single-branch", "--branch", "main", "--no-tags") }),
  "a slow pre-push hook": (hub) => {
    const dir = clone(hub);
    const mark = hook(join(dir, ".git/hooks"), "pre-push");
    return { dir, after: () => expect(existsSync(mark)).toBe(false) };
  },
  "core.hooksPath with hooks that fail": (hub) => {
    const folder = tempDir("owp-hooks");
    const marks = HOOKS.map((name) => hook(folder, name));
    const dir = clone(hub);
    git(dir, "config", "core.hooksPath", folder);
    return { dir, after: () => expect(marks.filter(existsSync)).toEqual([]) };
  },
  "push.followTags and a tag of one's own": (hub) => {
    const dir = configured(
      hub,
      ["push.followTags", "true"],
      ["push.default", "matching"],
      ["push.autoSetupRemote", "true"],
    );
    git(dir, "tag", "-a", "-m", "mine", "v1");
    git(dir, "branch", "mine");
    return { dir };
  },
  "fetch.prune and pruneTags": (hub) => {
    const dir = configured(
      hub,
      ["fetch.prune", "true"],
      ["fetch.pruneTags", "true"],
      ["remote.origin.prune", "true"],
    );
    git(dir, "tag", "mine");
    return { dir };
  },
  "pull.rebase and autostash": (hub) => {
    const dir = configured(hub, ["pull.rebase", "true"], ["rebase.autoStash", "true"]);
    writeFileSync(join(dir, "half-done.txt"), "work\n");
    git(dir, "add", "half-done.txt");
    writeFileSync(join(dir, "half-done.txt"), "more work\n");
    return { dir };
  },
  "commit.gpgsign and push.gpgSign without a key": (hub) => ({
    dir: configured(
      hub,
      ["commit.gpgsign", "true"],
      ["push.gpgSign", "true"],
      ["tag.gpgSign", "true"],
      ["gpg.program", "/nowhere/gpg"],
    ),
  }),
  "the same and more in the user's own config": (hub) => {
    const home = tempDir("owp-home");
    const marks = HOOKS.map((name) => hook(join(home, "hooks"), name));
    const lines = [
      `[core]\nhooksPath = ${join(home, "hooks")}\nfsmonitor = true\nautocrlf = true\nquotePath = false`,
      "[commit]\ngpgsign = true\n[gpg]\nprogram = /nowhere/gpg",
      "[push]\ngpgSign = true\nfollowTags = true\ndefault = nothing\nrecurseSubmodules = on-demand\nuseForceIfIncludes = true",
      "[fetch]\nprune = true\npruneTags = true\nparallel = 4\n[transfer]\nfsckObjects = true\n[protocol]\nversion = 0",
      "[init]\ndefaultBranch = trunk\ntemplateDir = /nowhere\n[gc]\nauto = 1\n[user]\nname = Ada Löve",
      "[alias]\npush = !exit 1\nfetch = !exit 1\n[color]\nui = always\n[help]\nautocorrect = immediate",
    ];
    writeFileSync(join(home, "config"), `${lines.join("\n")}\n`);
    const env = { GIT_CONFIG_GLOBAL: join(home, "config") };
    // By path the hub's own git runs with the same config; that is between the user and the hub.
    git(hub, "config", "core.hooksPath", join(hub, "hooks"));
    return { dir: clone(hub), env, after: () => expect(marks.filter(existsSync)).toEqual([]) };
  },
  "GIT_DIR and GIT_INDEX_FILE of another repository": (hub) => {
    const other = cloneOf(bareHub());
    const portraitOfOther = portrait(other);
    const env = {
      GIT_DIR: join(other, ".git"),
      GIT_WORK_TREE: other,
      GIT_INDEX_FILE: join(other, ".git/index"),
    };
    return { dir: clone(hub), env, after: () => expect(portrait(other)).toEqual(portraitOfOther) };
  },
  "a submodule": (hub) => {
    const outer = cloneOf(bareHub());
    git(outer, "-c", "protocol.file.allow=always", "submodule", "--quiet", "add", hub, "lib");
    git(outer, "commit", "--quiet", "-m", "lib");
    const before = portrait(outer);
    return { dir: join(outer, "lib"), after: () => expect(portrait(outer)).toEqual(before) };
  },
  "a detached HEAD": (hub) => {
    const dir = clone(hub);
    git(dir, "checkout", "--quiet", "--detach");
    return { dir };
  },
  "a merge with conflicts under way": (hub) => {
    const dir = clone(hub);
    const write = (branch: string, text: string) => {
      git(dir, "checkout", "--quiet", "-B", branch, "origin/main");
      writeFileSync(join(dir, "file.txt"), text);
      git(dir, "add", ".");
      git(dir, "commit", "--quiet", "-m", branch);
    };
    write("left", "left\n");
    write("right", "right\n");
    expect(gitTry(dir, "merge", "left").status).toBe(1);
    return { dir };
  },
  "a folder in a checkout whose path has spaces and more": (hub) => {
    const dir = join(tempDir(), 'Über $HOME\'s  "clone"');
    git(dirname(hub), "clone", "--quiet", hub, dir);
    mkdirSync(join(dir, "src/deep"), { recursive: true });
    return { dir: join(dir, "src/deep") };
  },
  "a relative URL": (hub) => {
    const dir = clone(hub);
    git(dir, "remote", "set-url", "origin", `../../${basename(dirname(hub))}/hub.git`);
    return { dir };
  },
  "url.insteadOf": (hub) => configuredUrl(hub, "insteadOf"),
  "url.pushInsteadOf": (hub) => configuredUrl(hub, "pushInsteadOf"),
  "a remote of another name, and one to which nothing is pushed": (hub) => {
    const dir = clone(hub);
    git(dir, "remote", "rename", "origin", "upstream");
    git(dir, "remote", "add", "origin", "https://127.0.0.1:9/nowhere.git");
    git(dir, "config", "owp.remote", "upstream");
    return { dir };
  },
};

function configuredUrl(hub: string, rule: string): Desk {
  const dir = configured(hub, [`url.${dirname(hub)}/.${rule}`, "hub:"]);
  git(dir, "remote", "set-url", "origin", "hub:hub.git");
  return { dir };
}

describe("claim and done work from", () => {
  test.concurrent.each(Object.entries(WORKS))("%s", async (_name, make) => {
    const { hub } = await recordHub();
    const { dir, env, after } = make(hub);
    const [before, refs] = [portrait(dir), userRefs(hub)];
    const run = { env: { ...env } };

    const claimed = await did(dir, ["claim", "--as", "bob"], run);
    const done = await did(dir, ["done", "--as", "bob"], run);

    expect(
      readHistory(hub)
        .slice(-2)
        .map(({ oid, event, actor }) => [oid, event, actor]),
    ).toEqual([
      [claimed.commit, "task.claimed", "bob"],
      [done.commit, "task.done", "bob"],
    ]);
    expect(portrait(dir)).toEqual(before);
    expect(userRefs(hub)).toEqual(refs);
    after?.();
  });

  test("a hook of the user's own, in which git sets GIT_DIR and GIT_INDEX_FILE", async () => {
    const { hub } = await recordHub();
    const dir = clone(hub);
    writeFileSync(
      join(dir, ".git/hooks/post-commit"),
      `#!/bin/sh\n'${process.execPath}' '${OWP}' claim --as bob --json >claimed.json 2>&1\n`,
    );
    chmodSync(join(dir, ".git/hooks/post-commit"), 0o755);
    writeFileSync(join(dir, "code.txt"), "code\n");
    git(dir, "add", "code.txt");
    git(dir, "commit", "--quiet", "-m", "code");
    expect(JSON.parse(readFileSync(join(dir, "claimed.json"), "utf8"))).toMatchObject({
      ok: true,
      result: { worker: "bob" },
    });
    expect(git(dir, "status", "--porcelain")).toBe("?? claimed.json");
    expect(git(dir, "log", "--format=%s", "-2")).toBe("code\nfirst");
    expect(readHistory(hub).at(-1)?.event).toBe("task.claimed");
  });
});

describe("the embedded default: no remote at all", () => {
  test("the repository itself holds the record, and the user's branches, index and files stay", async () => {
    const dir = cloneOf(bareHub());
    git(dir, "remote", "remove", "origin");
    git(dir, "worktree", "add", "--quiet", "-b", "side", join(dir, "../side"));
    const before = portrait(dir);
    const branches = userRefs(dir);
    await did(dir, ["init", "--as", "ada"]);
    await did(dir, ["add", "First", "--as", "ada"]);
    await did(join(dir, "../side"), ["claim", "--as", "bob"]);
    await did(dir, ["done", "--as", "bob"]);
    expect(readHistory(dir).map(({ event }) => event)).toEqual([
      "record.created",
      "task.created",
      "task.claimed",
      "task.done",
    ]);
    expect(userRefs(dir)).toBe(branches);
    const { refs: _refs, log: _log, ...rest } = portrait(dir);
    expect(rest).toEqual((({ refs: _a, log: _b, ...others }) => others)(before));
  });

  test("where the record is checked out there, the push is refused and owp says why", async () => {
    const dir = cloneOf(bareHub());
    git(dir, "remote", "remove", "origin");
    await did(dir, ["init", "--as", "ada"]);
    git(dir, "checkout", "--quiet", "owp");
    const [before, refs] = [portrait(dir), refsOf(dir)];
    const ended = await owp(dir, ["add", "First", "--as", "ada", "--json"]);
    expect([ended.status, ended.answer?.code]).toEqual([7, "remote_layout"]);
    expect(ended.answer?.error?.message).toContain("The branch owp is checked out in this repository");
    expect([portrait(dir), refsOf(dir)]).toEqual([before, refs]);
  });
});

const REFUSED: Record<string, { make: (hub: string) => string; says: string }> = {
  "two push URLs": {
    make: (hub) => {
      const dir = clone(hub);
      for (const url of [hub, `${hub}-mirror`])
        git(dir, "remote", "set-url", "--add", "--push", "origin", url);
      return dir;
    },
    says: "The remote origin has 2 push URLs",
  },
  "several remotes, none of them origin": {
    make: (hub) => {
      const dir = clone(hub);
      git(dir, "remote", "rename", "origin", "upstream");
      git(dir, "remote", "add", "fork", hub);
      return dir;
    },
    says: "There are several remotes (upstream, fork) and none is origin",
  },
};

describe("refused clearly, with nothing changed", () => {
  test.each(Object.entries(REFUSED))("%s", async (_name, { make, says }) => {
    const { hub } = await recordHub();
    const dir = make(hub);
    const [before, refs] = [portrait(dir), refsOf(hub)];
    const args = ["claim", "--as", "bob", "--json"];
    const ended = await owp(dir, args);
    expect([ended.status, ended.answer?.code], told(args, ended)).toEqual([7, "push_url"]);
    expect(ended.answer?.error?.message).toContain(says);
    expect([portrait(dir), refsOf(hub)]).toEqual([before, refs]);
  });
});

/** All refs but the record's. */
const userRefs = (repository: string): string =>
  refsOf(repository)
    .split("\n")
    .filter((line) => !line.endsWith(" refs/heads/owp"))
    .join("\n");
