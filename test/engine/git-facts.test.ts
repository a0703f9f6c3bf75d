/** Each trap of git that the engine steps around, set with the real git. */
import { execFile, execFileSync } from "node:child_process";
import {
  chmodSync,
  chownSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  writeFileSync,
} from "node:fs";
import { basename, delimiter, dirname, join } from "node:path";
import { promisify } from "node:util";
import { afterEach, describe, expect, test } from "vitest";
import { faultRefusal } from "../../src/engine/git/errors.ts";
import { locateRepository } from "../../src/engine/git/locate.ts";
import { blobOf, encodeCommit, objectOf } from "../../src/engine/objects.ts";
import type { Oid, PushOutcome } from "../../src/engine/ports.ts";
import { editTree } from "../../src/engine/tree.ts";
import { commit } from "../helpers/commit.ts";
import { type Connection, type ConnectOptions, connect } from "../helpers/connect.ts";
import { bareHub, cloneOf, git, gitEnv, gitTry, tempDir } from "../helpers/git.ts";
import { type HttpFault, serveHttp } from "../helpers/http-git.ts";

const opened: Connection[] = [];
const before = { ...process.env };
afterEach(() => {
  for (const connection of opened.splice(0)) connection.store.close();
  for (const name of Object.keys(process.env)) if (!(name in before)) delete process.env[name];
  Object.assign(process.env, before);
});

async function open(folder: string, options: ConnectOptions = {}): Promise<Connection> {
  const connection = await connect(folder, options);
  if (!connection.ok) throw new Error(`${connection.code}: ${connection.message}`);
  opened.push(connection);
  return connection;
}

const refusalOf = async (folder: string, options: ConnectOptions = {}) => {
  const connection = await connect(folder, options);
  return connection.ok ? undefined : connection;
};

/** Publishes one commit on top of what the remote shows. */
async function publish(connection: Connection, options: { timeoutMs?: number; abort?: AbortSignal } = {}) {
  const base = await tipOf(connection);
  const tip = await commit(connection.store, base, { [`tasks/${Math.random()}`]: "x\n" });
  return { base, tip, ...(await connection.remote.push({ record: { base, tip } }, options)) };
}

async function tipOf(connection: Connection): Promise<Oid | null> {
  const fetched = await connection.remote.fetch();
  if (!fetched.ok) throw new Error(`${fetched.fault.class}: ${fetched.fault.text}`);
  return fetched.view.record;
}

const refsOf = (folder: string) => git(folder, "for-each-ref", "--format=%(refname) %(objectname)");
const hook = (folder: string, name: string, script: string) => {
  mkdirSync(join(folder, "hooks"), { recursive: true });
  writeFileSync(join(folder, "hooks", name), `#!/bin/sh\n${script}\n`, { mode: 0o755 });
};
/** Config of the user, as ~/.gitconfig would hold it. */
const userConfig = (text: string) => {
  const path = join(tempDir(), "gitconfig");
  writeFileSync(path, text);
  process.env.GIT_CONFIG_GLOBAL = path;
};

describe("the user's config and hooks", () => {
  test("no hook of the user runs, no tag is published, nothing is pruned, nothing signed", async () => {
    const hub = bareHub();
    const clone = cloneOf(hub);
    git(clone, "tag", "-a", "v1", "-m", "v1");
    const hooks = tempDir();
    const ran = join(hooks, "ran");
    for (const name of ["pre-push", "reference-transaction", "post-update", "pre-auto-gc"]) {
      hook(join(clone, ".git"), name, `echo ${name} >> ${ran}; exit 1`);
      writeFileSync(join(hooks, name), `#!/bin/sh\npwd >> ${ran}\n`, { mode: 0o755 });
    }
    userConfig(`[core]\n hooksPath = ${hooks}\n[push]\n followTags = true\n gpgSign = true\n default = nothing\n recurseSubmodules = on-demand\n pushOption = x
[fetch]\n prune = true\n pruneTags = true\n[commit]\n gpgSign = true\n[transfer]\n credentialsInUrl = die\n[protocol]\n version = 0\n`);
    const connection = await open(clone);
    expect((await publish(connection)).record).toBe("accepted");
    expect((await publish(connection)).record).toBe("accepted");
    // The hub is a repository of this user too: there, and only there, the user's own choice of hooks stands.
    expect(new Set(readFileSync(ran, "utf8").trim().split("\n"))).toEqual(new Set([hub]));
    expect(git(hub, "for-each-ref", "--format=%(refname)").split("\n")).toEqual([
      "refs/heads/main",
      "refs/heads/owp",
    ]);
    expect(git(clone, "tag")).toBe("v1");
  });

  test("nothing of the user's repository changes, apart from .git/owp", async () => {
    const hub = bareHub();
    const clone = cloneOf(hub);
    writeFileSync(join(clone, "untracked"), "x");
    const state = () => [
      refsOf(clone),
      git(clone, "status", "--porcelain=v2", "--branch"),
      readdirSync(join(clone, ".git")).filter((name) => name !== "owp"),
      git(clone, "count-objects", "-v"),
      readFileSync(join(clone, ".git/config"), "utf8"),
      readFileSync(join(clone, ".git/HEAD"), "utf8"),
    ];
    const was = state();
    await publish(await open(clone));
    expect(state()).toEqual(was);
    expect(git(clone, "log", "--all", "--oneline").split("\n")).toHaveLength(1);
  });

  test("GIT_DIR and its kin, as a hook sets them, do not count", async () => {
    const [hub, other] = [bareHub(), bareHub()];
    const clone = cloneOf(hub);
    const elsewhere = cloneOf(other);
    Object.assign(process.env, {
      GIT_DIR: join(elsewhere, ".git"),
      GIT_WORK_TREE: elsewhere,
      GIT_INDEX_FILE: join(elsewhere, ".git/index"),
      GIT_OBJECT_DIRECTORY: join(elsewhere, ".git/objects"),
      GIT_COMMON_DIR: join(elsewhere, ".git"),
      GIT_QUARANTINE_PATH: join(elsewhere, ".git/objects"),
      GIT_NAMESPACE: "hidden",
      GIT_CONFIG_PARAMETERS: "'remote.origin.url'='/nowhere'",
      GIT_SHALLOW_FILE: "/nowhere",
      GIT_PREFIX: "sub/",
      GIT_TRACE: "1",
    });
    const outcome = await publish(await open(clone));
    expect(outcome.record).toBe("accepted");
    for (const name of Object.keys(process.env))
      if (name.startsWith("GIT_") && !(name in gitEnv)) delete process.env[name];
    expect(git(hub, "rev-parse", "owp")).toBe(outcome.tip);
    expect(refsOf(other)).not.toContain("owp");
  });

  test("core.sshCommand, with a path relative to the checkout, ssh.variant and includes are carried over", async () => {
    const hub = bareHub();
    const clone = cloneOf(hub);
    const log = join(tempDir(), "log");
    writeFileSync(join(clone, "fake-ssh"), `#!/bin/sh\necho "$@" >> ${log}\neval "git \${2#git-}"\n`, {
      mode: 0o755,
    });
    writeFileSync(join(clone, ".git/more"), "[core]\n sshCommand = ./fake-ssh\n[ssh]\n variant = simple\n");
    git(clone, "config", "include.path", "more");
    git(clone, "remote", "set-url", "origin", `ssh://server.invalid${hub}`);
    mkdirSync(join(clone, "sub"));
    expect((await publish(await open(join(clone, "sub")))).record).toBe("accepted");
    expect(readFileSync(log, "utf8")).toContain(`server.invalid git-receive-pack '${hub}'`);
  });

  test("http headers of the repository's own, conditional or worktree config are sent, each once", async () => {
    const hub = bareHub();
    const clone = cloneOf(hub);
    const server = await serveHttp(dirname(hub));
    const included = join(tempDir(), "included");
    writeFileSync(included, `[http "${server.url}"]\n extraHeader = X-Conditional: 1\n`);
    userConfig(
      `[http]\n extraHeader = X-Global: 1\n[includeIf "gitdir:${clone}/.git"]\n path = ${included}\n`,
    );
    git(clone, "config", "http.extraHeader", "X-Local: 1");
    git(clone, "config", "extensions.worktreeConfig", "true");
    git(clone, "config", "--worktree", `http.${server.url}.extraHeader`, "X-Worktree: 1");
    git(clone, "remote", "set-url", "origin", `${server.url}/hub.git`);
    const connection = await open(clone);
    expect((await publish(connection)).record).toBe("accepted");
    const sentSince = (from: number) => {
      const own = server.requests
        .slice(from)
        .map(({ headers }) => Object.entries(headers).filter(([name]) => name.startsWith("x-")));
      return new Set(own.map((headers) => JSON.stringify(headers)));
    };
    const sent = sentSince(0);
    const from = server.requests.length;
    await promisify(execFile)("git", ["fetch", "--quiet", "origin", "owp"], { cwd: clone });
    await server.close();
    expect(sent).toEqual(sentSince(from));
    expect([...sent].join()).toContain("x-worktree");
  });
});

describe("which URL", () => {
  const hubs = tempDir();
  test.each<[string, string]>([
    ["plain", "url = /a/hub"],
    ["push URL", "url = /a/hub\n pushurl = /b/hub"],
    ["insteadOf", 'url = x:hub\n[url "/base/"]\n insteadOf = x:'],
    [
      "the longest insteadOf",
      'url = x:y/hub\n[url "/short/"]\n insteadOf = x:\n[url "/long/"]\n insteadOf = x:y/',
    ],
    ["pushInsteadOf", 'url = x:hub\n[url "/base/"]\n insteadOf = x:\n[url "/push/"]\n pushInsteadOf = x:'],
    [
      "pushInsteadOf and a push URL",
      'url = x:hub\n pushurl = x:other\n[url "/base/"]\n insteadOf = x:\n[url "/push/"]\n pushInsteadOf = x:',
    ],
    [
      "a rule for the rewritten URL too",
      'url = x:hub\n[url "y:"]\n insteadOf = x:\n[url "/z/"]\n insteadOf = y:',
    ],
    ["equal rules", 'url = x:hub\n[url "/one/"]\n insteadOf = x:\n[url "/two/"]\n insteadOf = x:'],
  ])("%s: as git remote get-url --push", async (_name, config) => {
    const repo = tempDir();
    git(repo, "init", "--quiet");
    writeFileSync(
      join(repo, ".git/config"),
      `${readFileSync(join(repo, ".git/config"), "utf8")}[remote "origin"]\n ${config}\n`,
    );
    expect((await open(repo)).url).toBe(git(repo, "remote", "get-url", "--push", "origin"));
  });

  test("a rewritten URL is not rewritten again, when fetching and when pushing", async () => {
    const hub = bareHub();
    const clone = cloneOf(hub);
    git(clone, "remote", "set-url", "origin", "x:hub.git");
    userConfig(
      `[url "${dirname(hub)}/"]\n insteadOf = x:\n[url "/nowhere/"]\n insteadOf = ${dirname(hub)}/\n pushInsteadOf = ${dirname(hub)}/\n`,
    );
    expect((await publish(await open(clone))).record).toBe("accepted");
  });

  test("two push URLs are refused, by name", async () => {
    const clone = cloneOf(bareHub());
    git(clone, "remote", "set-url", "--add", "--push", "origin", "https://user:secret@a.example/x");
    git(clone, "remote", "set-url", "--add", "--push", "origin", "https://b.example/x");
    const refusal = await refusalOf(clone);
    expect([refusal?.code, refusal?.data?.urls]).toEqual([
      "push_url",
      ["https://a.example/x", "https://b.example/x"],
    ]);
    expect(JSON.stringify(refusal)).not.toContain("secret");
  });

  test("owp.remote, then origin, then the only one; several and an unknown one are refused", async () => {
    const repo = tempDir();
    git(repo, "init", "--quiet");
    expect((await open(repo)).embedded).toBe(true);
    git(repo, "remote", "add", "a", join(hubs, "a"));
    expect((await open(repo)).remoteName).toBe("a");
    git(repo, "remote", "add", "b", join(hubs, "b"));
    expect((await refusalOf(repo))?.code).toBe("push_url");
    git(repo, "remote", "add", "origin", join(hubs, "origin"));
    expect((await open(repo)).remoteName).toBe("origin");
    git(repo, "config", "owp.remote", "b");
    expect((await open(repo)).url).toBe(join(hubs, "b"));
    expect((await open(repo, { remote: "a" })).url).toBe(join(hubs, "a"));
    expect((await refusalOf(repo, { remote: "zz" }))?.code).toBe("push_url");
  });

  test("a relative path counts from the checkout, wherever the command runs", async () => {
    const hub = bareHub();
    const clone = cloneOf(hub);
    git(clone, "remote", "set-url", "origin", `../../${basename(dirname(hub))}/hub.git`);
    mkdirSync(join(clone, "deep/er"), { recursive: true });
    const connection = await open(join(clone, "deep/er"));
    expect(connection.url).toBe(hub);
    expect((await publish(connection)).record).toBe("accepted");
  });

  test("config is read once, and again after a change", async () => {
    const clone = cloneOf(bareHub());
    await open(clone);
    const count = countGit();
    await open(clone);
    expect(count()).toBe(0);
    git(clone, "config", "owp.branch", "work/record");
    expect((await open(clone)).branch).toBe("work/record");
  });
});

/** Puts a git that counts its runs in front of the path. */
function countGit(): () => number {
  const bin = tempDir();
  const real = execFileSync("sh", ["-c", "command -v git"], { encoding: "utf8" }).trim();
  writeFileSync(join(bin, "git"), `#!/bin/sh\necho x >> ${bin}/log\nexec ${real} "$@"\n`, { mode: 0o755 });
  process.env.PATH = `${bin}${delimiter}${process.env.PATH}`;
  return () =>
    existsSync(join(bin, "log")) ? readFileSync(join(bin, "log"), "utf8").split("\n").length - 1 : 0;
}

describe("kinds of clones", () => {
  test("linked worktrees share one store; each has its name", async () => {
    const clone = cloneOf(bareHub());
    git(clone, "worktree", "add", "--quiet", "../fix-login", "-b", "fix");
    const linked = join(dirname(clone), "fix-login");
    const [a, b] = [await open(clone), await open(linked)];
    expect([a.repository.worktree, b.repository.worktree]).toEqual(["clone", "fix-login"]);
    expect(b.store.path).toBe(a.store.path);
    const first = await publish(a);
    expect(await tipOf(b)).toBe(first.tip);
    expect((await publish(b)).record).toBe("accepted");
  });

  test.each([
    ["shallow", ["--depth=1"]],
    ["without blobs", ["--filter=blob:none"]],
    ["without trees", ["--filter=tree:0", "--no-checkout"]],
    ["bare", ["--bare"]],
    ["mirror", ["--mirror"]],
  ])("%s clone: the record comes whole, and the clone stays as it is", async (_name, options) => {
    const hub = bareHub("--shared=group");
    git(hub, "config", "uploadpack.allowFilter", "true");
    const first = await open(cloneOf(hub));
    for (let i = 0; i < 3; i += 1) await publish(first);
    const clone = cloneOf(`file://${hub}`, ...options);
    const refs = refsOf(clone);
    const connection = await open(clone);
    const outcome = await publish(connection);
    expect(outcome.record).toBe("accepted");
    expect(
      git(connection.store.path, "rev-list", "--count", "--objects", "--missing=error", outcome.tip),
    ).not.toBe("0");
    expect(git(connection.store.path, "log", "--format=%h", outcome.tip).split("\n")).toHaveLength(4);
    expect(existsSync(join(connection.store.path, "shallow"))).toBe(false);
    expect(refsOf(clone)).toBe(refs);
    if (options[0] === "--mirror") git(clone, "fetch", "--quiet", "--prune");
    expect(await tipOf(connection)).toBe(outcome.tip);
  });

  test("from a bare worktree setup, a submodule, and inside .git", () => {
    const hub = bareHub();
    const home = tempDir();
    git(home, "clone", "--quiet", "--bare", cloneOf(hub), ".bare");
    writeFileSync(join(home, ".git"), "gitdir: ./.bare\n");
    git(home, "worktree", "add", "--quiet", "side");
    expect(locateRepository(home)).toMatchObject({
      commonDir: join(home, ".bare"),
      bare: true,
      toplevel: null,
    });
    expect(locateRepository(join(home, "side"))).toMatchObject({
      commonDir: join(home, ".bare"),
      worktree: "side",
      toplevel: join(home, "side"),
    });
    const parent = cloneOf(bareHub());
    git(parent, "-c", "protocol.file.allow=always", "submodule", "--quiet", "add", hub, "sub");
    expect(locateRepository(join(parent, "sub"))).toMatchObject({
      commonDir: join(parent, ".git/modules/sub"),
      toplevel: join(parent, "sub"),
    });
    expect(locateRepository(join(parent, ".git/refs"))).toMatchObject({
      commonDir: join(parent, ".git"),
      toplevel: parent,
    });
    expect(locateRepository("/")).toBeUndefined();
    expect(locateRepository("/nowhere")).toBeUndefined();
  });

  test("a folder without a repository", async () => {
    expect((await refusalOf(tempDir()))?.code).toBe("no_repository");
  });

  test("no remote: the repository itself is the remote, and its checkout is not disturbed", async () => {
    const repo = tempDir();
    git(repo, "init", "--quiet", "--initial-branch=main");
    git(repo, "commit", "--quiet", "--allow-empty", "-m", "first");
    const connection = await open(repo);
    const outcome = await publish(connection);
    expect(outcome.record).toBe("accepted");
    expect(git(repo, "rev-parse", "owp")).toBe(outcome.tip);
    expect(git(repo, "status", "--porcelain")).toBe("");
    git(repo, "switch", "--quiet", "owp");
    const blocked = await publish(connection);
    expect([blocked.record, blocked.fault?.class]).toEqual(["rejected", "layout"]);
    if (!blocked.fault) throw new Error("no fault");
    const refusal = faultRefusal(blocked.fault, {
      remote: connection.remoteName,
      branch: connection.branch,
      doing: "publish",
    });
    expect([refusal.code, refusal.message]).toEqual([
      "remote_layout",
      expect.stringContaining("owp is checked out in this repository"),
    ]);
  });

  test("SHA-256 is refused: here, and on the remote", async () => {
    const repo = tempDir();
    git(repo, "init", "--quiet", "--object-format=sha256");
    expect((await refusalOf(repo))?.code).toBe("hash_unsupported");
    const hub = bareHub("--object-format=sha256");
    const other = tempDir();
    git(other, "init", "--quiet", "--object-format=sha256", "--initial-branch=main");
    git(other, "commit", "--quiet", "--allow-empty", "-m", "x");
    git(other, "push", "--quiet", hub, "main:owp");
    const clone = tempDir();
    git(clone, "init", "--quiet");
    git(clone, "remote", "add", "origin", hub);
    const connection = await open(clone);
    const fetched = await connection.remote.fetch();
    expect(fetched.ok ? undefined : fetched.fault.class).toBe("hash");
    const tip = await commit(connection.store, null, { x: "1" });
    const pushed = await connection.remote.push({ record: { base: null, tip } });
    expect([pushed.record, pushed.fault?.class]).toEqual(["rejected", "hash"]);
  });

  test.skipIf(process.getuid?.() !== 0)("a repository of another user is not trusted silently", async () => {
    const repo = cloneOf(bareHub());
    for (const path of [repo, join(repo, ".git"), join(repo, ".git/config")]) chownSync(path, 65534, 65534);
    const refusal = await refusalOf(repo);
    expect([refusal?.code, refusal?.hint]).toEqual([
      "remote_layout",
      expect.stringContaining("safe.directory"),
    ]);
  });
});

describe("what stands in the way", () => {
  test.each([
    ["owp", "owp/feature"],
    ["work/record", "work"],
  ])("the record %s and a branch %s: the branch is named", async (branch, other) => {
    const hub = bareHub();
    const clone = cloneOf(hub);
    git(clone, "push", "--quiet", "origin", `main:${other}`);
    const connection = await open(clone, { branch });
    const outcome = await publish(connection);
    expect([outcome.record, outcome.fault?.class]).toEqual(["rejected", "layout"]);
    if (!outcome.fault) throw new Error("no fault");
    expect(faultRefusal(outcome.fault, { remote: "origin", branch, doing: "publish" })).toMatchObject({
      code: "remote_layout",
      message: expect.stringContaining(`The branch ${other} on origin stands in the way`),
    });
  });

  test("a pre-receive hook that declines is quoted", async () => {
    const hub = bareHub();
    const connection = await open(cloneOf(hub));
    hook(hub, "pre-receive", "echo 'Task files need a title.' >&2; exit 1");
    const outcome = await publish(connection);
    expect([outcome.record, outcome.fault?.class]).toEqual(["rejected", "hook"]);
    if (!outcome.fault) throw new Error("no fault");
    const refusal = faultRefusal(outcome.fault, { remote: "origin", branch: "owp", doing: "publish" });
    expect([refusal.code, refusal.message]).toEqual([
      "remote_denied",
      expect.stringContaining("Task files need a title."),
    ]);
  });

  test("an update hook declines the signal, and the record lands", async () => {
    const hub = bareHub();
    const connection = await open(cloneOf(hub));
    hook(hub, "update", 'case "$1" in refs/owp/*) exit 1;; esac');
    const tip = await commit(connection.store, null, { x: "1" });
    const outcome = await connection.remote.push({
      record: { base: null, tip },
      signal: { clone: "c1", old: null, next: tip },
    });
    expect(outcome).toEqual({ record: "accepted", signal: "rejected" });
  });

  test("a hidden ref namespace", async () => {
    const hub = bareHub();
    git(hub, "config", "receive.hideRefs", "refs/heads/owp");
    const outcome = await publish(await open(cloneOf(hub)));
    expect([outcome.record, outcome.fault?.class]).toEqual(["rejected", "layout"]);
  });

  test("a remote folder that may not be written", async () => {
    const hub = bareHub();
    const clone = cloneOf(hub);
    const { tip } = await publish(await open(clone));
    const folders = () => execFileSync("find", [hub, "-type", "d"], { encoding: "utf8" }).trim().split("\n");
    for (const folder of folders()) chmodSync(folder, 0o555);
    const home = join(tempDir(), "home");
    mkdirSync(home);
    const env = { ...process.env, HOME: home, TMPDIR: home, GIT_CONFIG_GLOBAL: join(tempDir(), "gitconfig") };
    writeFileSync(env.GIT_CONFIG_GLOBAL, "[safe]\n directory = *\n");
    const nobody = process.getuid?.() === 0 ? { uid: 65534, gid: 65534 } : {};
    for (const folder of [clone, hub, env.GIT_CONFIG_GLOBAL, env.HOME]) {
      chmodSync(dirname(folder), 0o755);
      if (nobody.uid) execFileSync("chown", ["-R", "65534", folder]);
    }
    const script = `import { connect } from "./test/helpers/connect.ts";
      const { store, remote } = await connect(${JSON.stringify(clone)});
      const { commit } = await import("./test/helpers/commit.ts");
      const tip = await commit(store, "${tip}", { x: "1" });
      console.log(JSON.stringify(await remote.push({ record: { base: "${tip}", tip } })));`;
    const out = execFileSync(process.execPath, ["--import", "tsx", "--input-type=module", "-e", script], {
      encoding: "utf8",
      env,
      ...nobody,
    });
    for (const folder of folders()) chmodSync(folder, 0o755);
    const outcome = JSON.parse(out) as PushOutcome;
    expect([outcome.record, outcome.fault?.class]).toEqual(["rejected", "auth"]);
  });

  test.each([
    ["http, nobody listens", "http://127.0.0.1:1/hub.git", "unreachable"],
    ["no such host", "https://nowhere.invalid/hub.git", "unreachable"],
    ["git protocol", "git://127.0.0.1:1/hub.git", "unreachable"],
    ["no such folder", "/nowhere/hub.git", "not_found"],
  ])("a remote that is not there: %s", async (_name, url, expected) => {
    const clone = cloneOf(bareHub());
    git(clone, "remote", "set-url", "origin", url);
    const connection = await open(clone);
    const fetched = await connection.remote.fetch();
    expect(fetched.ok ? undefined : fetched.fault.class).toBe(expected);
    const tip = await commit(connection.store, null, { x: "1" });
    const pushed = await connection.remote.push({ record: { base: null, tip } });
    expect([pushed.record, pushed.fault?.class]).toEqual(["rejected", expected]);
  });

  test("no git at all", async () => {
    const connection = await open(cloneOf(bareHub()));
    const tip = await commit(connection.store, null, { x: "1" });
    process.env.PATH = tempDir();
    const fetched = await connection.remote.fetch();
    if (fetched.ok) throw new Error("fetched");
    expect(faultRefusal(fetched.fault, { remote: "origin", branch: "owp", doing: "read" }).code).toBe(
      "git_missing",
    );
    expect((await connection.remote.push({ record: { base: null, tip } })).record).toBe("rejected");
  });
});

describe("the outcome of a push is not its exit code", () => {
  test.each([
    [
      "killed after the ref moved, before the report",
      "reference-transaction",
      'if [ "$1" = committed ] && grep -q refs/heads/owp; then kill -9 $PPID; fi',
      true,
    ],
    ["killed before the ref moved", "pre-receive", "kill -9 $PPID", false],
  ])("%s: unknown, and pushing the same again finds out", async (_name, name, script, landed) => {
    const hub = bareHub();
    const connection = await open(cloneOf(hub));
    await publish(connection);
    hook(hub, name, script);
    const { base, tip, record, fault } = await publish(connection);
    expect([record, fault?.class]).toEqual(["unknown", "transport"]);
    expect(git(hub, "rev-parse", "owp")).toBe(landed ? tip : base);
    execFileSync("rm", [join(hub, "hooks", name)]);
    expect((await connection.remote.push({ record: { base, tip } })).record).toBe("accepted");
    expect(git(hub, "rev-parse", "owp")).toBe(tip);
  });

  test("killed in post-receive: the report was there, whatever the exit status", async () => {
    const hub = bareHub();
    const connection = await open(cloneOf(hub));
    hook(hub, "post-receive", "kill -9 $PPID");
    const { tip, record } = await publish(connection);
    expect(record).toBe("accepted");
    expect(git(hub, "rev-parse", "owp")).toBe(tip);
  });

  test("a push that takes too long, or whose caller leaves, is unknown, and nothing of it runs on", async () => {
    const hub = bareHub();
    const connection = await open(cloneOf(hub));
    await publish(connection);
    const late = join(hub, "late");
    hook(hub, "pre-receive", `sleep 2; touch ${late}`);
    const [slow, left] = [
      await publish(connection, { timeoutMs: 300 }),
      await publish(connection, { abort: AbortSignal.timeout(300) }),
    ];
    expect([slow.record, slow.fault?.class, left.record, left.fault?.class]).toEqual([
      "unknown",
      "transport",
      "unknown",
      "transport",
    ]);
    await new Promise((go) => setTimeout(go, 2200));
    expect(existsSync(late)).toBe(false);
    const done = await connection.remote.push(
      { record: { base: null, tip: slow.tip } },
      { abort: AbortSignal.abort() },
    );
    expect(done.record).toBe("rejected");
    const fetched = await connection.remote.fetch({ abort: AbortSignal.abort() });
    expect(fetched.ok ? undefined : fetched.fault.class).toBe("transport");
  });

  test.each<[string, "refs" | "data", HttpFault, string, string, boolean]>([
    ["the answer is lost", "data", { when: "after", how: "drop" }, "unknown", "transport", true],
    ["502 after it landed", "data", { when: "after", how: 502 }, "unknown", "transport", true],
    ["503 before", "data", { when: "before", how: 503 }, "unknown", "transport", false],
    ["429", "data", { when: "before", how: 429 }, "unknown", "transport", false],
    ["dropped before", "data", { when: "before", how: "drop" }, "unknown", "transport", false],
    ["too large", "data", { when: "before", how: 413 }, "rejected", "too_large", false],
    ["forbidden", "data", { when: "before", how: 403 }, "rejected", "auth", false],
    ["503 at the door", "refs", { when: "before", how: 503 }, "rejected", "transport", false],
    ["forbidden at the door", "refs", { when: "before", how: 403 }, "rejected", "auth", false],
    ["not found", "refs", { when: "before", how: 404 }, "rejected", "not_found", false],
  ])("HTTP: %s", async (_name, step, fault, record, faultClass, landed) => {
    const hub = bareHub();
    const clone = cloneOf(hub);
    const server = await serveHttp(dirname(hub), { auth: { user: "user", password: "secret" } });
    git(clone, "remote", "set-url", "origin", `${server.url.replace("//", "//user:secret@")}/hub.git`);
    const connection = await open(clone);
    const first = await publish(connection);
    expect(first.record).toBe("accepted");
    server.options.fault = (request) =>
      request.service === "push" && request.step === step ? fault : undefined;
    const outcome = await publish(connection);
    expect([outcome.record, outcome.fault?.class]).toEqual([record, faultClass]);
    expect(outcome.fault?.text).not.toContain("secret");
    expect(git(hub, "rev-parse", "owp")).toBe(landed ? outcome.tip : first.tip);
    server.options.fault = undefined;
    expect((await connection.remote.push({ record: { base: outcome.base, tip: outcome.tip } })).record).toBe(
      "accepted",
    );
    server.options.auth = { user: "user", password: "changed" };
    const denied = await connection.remote.push({
      record: { base: outcome.tip, tip: await commit(connection.store, outcome.tip, { x: "1" }) },
    });
    expect([denied.record, denied.fault?.class]).toEqual(["rejected", "auth"]);
    await server.close();
  });
});

describe("the store", () => {
  test("eight processes that make it at once end up with one", async () => {
    const clone = cloneOf(bareHub());
    const all = await Promise.all(Array.from({ length: 8 }, () => open(clone)));
    const tips = await Promise.all(all.map((connection, i) => commit(connection.store, null, { f: `${i}` })));
    for (const connection of all)
      expect((await connection.store.read(tips)).every((object) => object)).toBe(true);
    expect(readdirSync(join(clone, ".git/owp")).filter((name) => name.startsWith("store"))).toEqual([
      "store.git",
    ]);
  });

  test("a reader that is open does not keep the process alive", () => {
    const clone = cloneOf(bareHub());
    const script = `import { connect } from "./test/helpers/connect.ts";
      const { store } = await connect(${JSON.stringify(clone)});
      const found = await store.read(["4b825dc642cb6eb9a060e54bf8d69288fbee4904", "${"0".repeat(40)}"]);
      console.log(found.map((object) => object?.type));`;
    const out = execFileSync(process.execPath, ["--import", "tsx", "--input-type=module", "-e", script], {
      encoding: "utf8",
      timeout: 10_000,
    });
    expect(out).toContain("'tree', undefined");
  });

  test("no fetch leaves anything behind, and refs of dead fetches are swept", async () => {
    const hub = bareHub();
    const connection = await open(cloneOf(hub));
    await publish(connection);
    const dead = join(connection.store.path, "refs/owp/f/dead");
    mkdirSync(dead, { recursive: true });
    execFileSync("touch", ["-d", "2 hours ago", dead]);
    const next = await open(dirname(connection.repository.commonDir));
    await tipOf(next);
    expect(readdirSync(join(connection.store.path, "refs/owp/f"))).toEqual([]);
    expect(readdirSync(connection.store.path).sort()).toEqual(["HEAD", "config", "objects", "refs"]);
    expect(gitTry(connection.store.path, "fsck", "--strict").status).toBe(0);
  });

  test("one broken signal keeps the record from no one", async () => {
    const hub = bareHub();
    const connection = await open(cloneOf(hub));
    const { tip } = await publish(connection);
    mkdirSync(join(hub, "refs/owp/signals"), { recursive: true });
    const lost = await commit(connection.store, null, { lost: "1" });
    await connection.remote.push({ signal: { clone: "c1", old: null, next: lost } });
    execFileSync("rm", [join(hub, "objects", lost.slice(0, 2), lost.slice(2))]);
    const other = await open(cloneOf(hub));
    expect(await tipOf(other)).toBe(tip);
  });

  test("a store with many loose objects is packed in the background, and stays readable", async () => {
    const connection = await open(cloneOf(bareHub()));
    const { store, remote } = connection;
    const blobs = Array.from({ length: 9000 }, (_, i) => blobOf(`${i}`));
    for (let at = 0; at < blobs.length; at += 90) await store.write(blobs.slice(at, at + 90));
    const edited = await editTree(
      store,
      null,
      blobs.map((blob, i) => ({ path: `f${i}`, oid: blob.oid })),
    );
    await store.write(edited.objects);
    const who = { name: "Test", email: "", at_ms: 0 };
    const made = objectOf(
      "commit",
      encodeCommit({ tree: edited.tree, parents: [], author: who, committer: who, message: "m\n" }),
    );
    await store.write([made]);
    const unpublished = await commit(store, made.oid, { x: "1" });
    await remote.push({ record: { base: null, tip: made.oid } });
    await store.read(blobs.slice(0, 100).map((blob) => blob.oid));
    expect(await tipOf(connection)).toBe(made.oid);
    const loose = () => Number(/count: (\d+)/.exec(git(store.path, "count-objects", "-v"))?.[1]);
    for (let i = 0; i < 100 && (loose() > 100 || existsSync(join(store.path, "gc.pid"))); i += 1)
      await new Promise((go) => setTimeout(go, 100));
    expect(loose()).toBeLessThan(100);
    expect(existsSync(join(store.path, "packed-refs"))).toBe(false);
    expect(
      (await store.read([...blobs.map((blob) => blob.oid), unpublished])).every((object) => object),
    ).toBe(true);
    expect((await publish(connection)).record).toBe("accepted");
  });
});
