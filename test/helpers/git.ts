/** Temporary repositories for tests. Importing this makes the test process hermetic: no config of the machine counts. */
import { execFileSync, spawnSync } from "node:child_process";
import { mkdtempSync, realpathSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll } from "vitest";

const dirs: string[] = [];
const clean = () => {
  for (const dir of dirs.splice(0)) rmSync(dir, { recursive: true, force: true });
};
/** Stores have many folders, and a busy disk takes its time with them. */
const CLEAN_MS = 120_000;
if (process.env.VITEST) afterAll(clean, CLEAN_MS);
else process.once("exit", clean);

/** A fresh folder, removed when the test file ends. */
export function tempDir(name = "owp"): string {
  const dir = realpathSync(mkdtempSync(join(tmpdir(), `${name}-test-`)));
  dirs.push(dir);
  return dir;
}

/** What a hermetic git process sees: a home of its own, no global or system config, a fixed identity. */
export const gitEnv: Record<string, string> = {
  HOME: tempDir("owp-home"),
  XDG_CONFIG_HOME: "",
  GIT_CONFIG_GLOBAL: "/dev/null",
  GIT_CONFIG_NOSYSTEM: "1",
  GIT_AUTHOR_NAME: "Test",
  GIT_AUTHOR_EMAIL: "test@example.org",
  GIT_COMMITTER_NAME: "Test",
  GIT_COMMITTER_EMAIL: "test@example.org",
  GIT_TERMINAL_PROMPT: "0",
  LC_ALL: "C",
};
Object.assign(process.env, gitEnv);
delete process.env.GIT_DIR;

/** Runs git in a folder and answers its output without the last line break; throws where it fails. */
export function git(dir: string, ...args: string[]): string {
  return execFileSync("git", args, {
    cwd: dir,
    encoding: "utf8",
    stdio: ["ignore", "pipe", "pipe"],
  }).trimEnd();
}

/** Like git, with bytes or text for its standard input. */
export function gitInput(dir: string, input: string | Uint8Array, ...args: string[]): string {
  return execFileSync("git", args, {
    cwd: dir,
    input,
    encoding: "utf8",
    stdio: ["pipe", "pipe", "pipe"],
  }).trimEnd();
}

/** The exit status and all output of a git that may fail. */
export function gitTry(dir: string, ...args: string[]): { status: number | null; output: string } {
  const done = spawnSync("git", args, { cwd: dir, encoding: "utf8" });
  return { status: done.status, output: done.stdout + done.stderr };
}

/** An empty bare repository, the remote of a test. */
export function bareHub(...options: string[]): string {
  const dir = join(tempDir(), "hub.git");
  git(tmpdir(), "init", "--quiet", "--bare", "--initial-branch=main", ...options, dir);
  return dir;
}

/** A clone of a hub, with one commit on main where the hub has none yet. */
export function cloneOf(hub: string, ...options: string[]): string {
  const dir = join(tempDir(), "clone");
  git(tmpdir(), "clone", "--quiet", ...options, hub, dir);
  if (gitTry(dir, "rev-parse", "--verify", "--quiet", "HEAD").status !== 0 && options.length === 0) {
    git(dir, "commit", "--quiet", "--allow-empty", "-m", "first");
    git(dir, "push", "--quiet", "origin", "HEAD:main");
  }
  return dir;
}
