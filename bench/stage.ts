/** What the measurements stand on: temporary hubs and clones, records of a size, processes and their times. */
import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

export const ROOT = fileURLToPath(new URL("..", import.meta.url));
export const OWP = process.env.OWP_BIN ?? join(ROOT, "bin/owp.js");

const dirs: string[] = [];
process.once("exit", () => {
  for (const dir of dirs) rmSync(dir, { recursive: true, force: true });
});

export function tempDir(): string {
  const dir = mkdtempSync(join(tmpdir(), "owp-bench-"));
  dirs.push(dir);
  return dir;
}

/** Like a fresh machine's: no config but an identity. */
export const ENV: NodeJS.ProcessEnv = {
  PATH: process.env.PATH,
  HOME: tempDir(),
  GIT_CONFIG_NOSYSTEM: "1",
  GIT_AUTHOR_NAME: "bench",
  GIT_AUTHOR_EMAIL: "bench@example.org",
  GIT_COMMITTER_NAME: "bench",
  GIT_COMMITTER_EMAIL: "bench@example.org",
};

export function git(cwd: string, ...args: string[]): string {
  return execFileSync("git", args, {
    cwd,
    env: ENV,
    encoding: "utf8",
    stdio: ["ignore", "pipe", "pipe"],
    maxBuffer: 1 << 30,
  }).trim();
}

/** Runs owp and answers its standard output; throws where it fails. */
export function owp(cwd: string, ...args: string[]): string {
  return execFileSync(process.execPath, [OWP, ...args], {
    cwd,
    env: ENV,
    encoding: "utf8",
    stdio: ["ignore", "pipe", "pipe"],
    maxBuffer: 1 << 30,
  });
}

export interface Place {
  hub: string;
  clones: string[];
}

/** A bare repository with one commit on main, and clones of it. */
export function place(clones: number): Place {
  const root = tempDir();
  const hub = join(root, "hub.git");
  mkdirSync(hub);
  git(hub, "init", "-q", "--bare", "--initial-branch=main");
  const names = Array.from({ length: clones }, (_, i) => join(root, `c${i}`));
  for (const [i, dir] of names.entries()) {
    git(root, "clone", "-q", hub, dir);
    if (i > 0) continue;
    git(dir, "checkout", "-q", "-B", "main");
    writeFileSync(join(dir, "README.md"), "# bench\n");
    git(dir, "add", ".");
    git(dir, "commit", "-q", "-m", "start");
    git(dir, "push", "-q", "origin", "main");
  }
  for (const dir of names.slice(1)) {
    git(dir, "fetch", "-q");
    git(dir, "checkout", "-q", "-B", "main", "origin/main");
  }
  return { hub, clones: names };
}

/** A record with some open tasks, and one worker a clone that may hold 20 at once. */
export function record(at: Place, tasks: number, workers: readonly string[]): void {
  const [first] = at.clones as [string, ...string[]];
  owp(first, "init", "--repo", "bench", "--as", "maintainer");
  const list = Array.from({ length: tasks }, (_, i) => ({ title: `Task ${i}`, priority: 50, estimate: 1 }));
  const file = join(tempDir(), "tasks.json");
  writeFileSync(file, JSON.stringify(list));
  owp(first, "import", file, "--as", "maintainer");
  for (const name of workers)
    owp(
      first,
      "worker",
      "register",
      "--as",
      name,
      "--capacity-points",
      "100",
      "--max-concurrent-tasks",
      "20",
    );
}

export interface Ended {
  code: number | null;
  stdout: string;
  stderr: string;
  ms: number;
}

/** Starts a process; its output is kept. */
export function run(
  command: string,
  args: readonly string[],
  options: { cwd?: string; env?: NodeJS.ProcessEnv; input?: string } = {},
): Promise<Ended> {
  const began = performance.now();
  return new Promise((resolve, reject) => {
    const child: ChildProcess = spawn(command, args, {
      cwd: options.cwd ?? ROOT,
      env: { ...ENV, ...options.env },
      stdio: [options.input === undefined ? "ignore" : "pipe", "pipe", "pipe"],
    });
    child.stdin?.on("error", () => {}); // It ended without reading: its exit status says so.
    child.stdin?.end(options.input);
    let stdout = "";
    let stderr = "";
    child.stdout?.on("data", (chunk) => (stdout += chunk));
    child.stderr?.on("data", (chunk) => (stderr += chunk));
    child.on("error", reject);
    child.on("close", (code) => resolve({ code, stdout, stderr, ms: performance.now() - began }));
  });
}

/** The same; throws where it fails. */
export async function succeed(
  command: string,
  args: readonly string[],
  options: Parameters<typeof run>[2] = {},
): Promise<Ended> {
  const ended = await run(command, args, options);
  if (ended.code !== 0)
    throw new Error(`${command} ${args.join(" ")} ended with ${ended.code}: ${ended.stderr}`);
  return ended;
}

export const quantile = (values: readonly number[], q: number): number => {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * q))] ?? Number.NaN;
};
export const median = (values: readonly number[]): number => quantile(values, 0.5);
export const sum = (values: readonly number[]): number => values.reduce((a, b) => a + b, 0);
