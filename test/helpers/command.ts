/** The built command in a process of its own, as people and agents run it. */
import { type ChildProcess, spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { gitEnv } from "./git.ts";

export const ROOT = fileURLToPath(new URL("../..", import.meta.url));
/** The command under test; OWP_BIN names another build of it, for instance an installed one. */
export const OWP = process.env.OWP_BIN ?? join(ROOT, "bin/owp.js");

/** What a fresh machine has: nothing of this one shows through, neither its git config nor who runs the tests. */
const ENV: NodeJS.ProcessEnv = {
  PATH: process.env.PATH,
  TMPDIR: process.env.TMPDIR,
  OWP_DEBUG: "1",
  ...gitEnv,
};
/** A command that takes longer hangs, unless it is given more. */
const LIMIT_MS = 90_000;
/** Characters of an output that a failure shows. */
const SHOWN = 4000;

export interface RunOptions {
  env?: NodeJS.ProcessEnv;
  input?: string;
  limitMs?: number;
}

/** The envelope of --json, as far as tests look at it. */
export interface Answer {
  ok: boolean;
  op: string | null;
  code: string;
  // biome-ignore lint/suspicious/noExplicitAny: each command has its own result, and the tests name its fields.
  result?: any;
  error?: { code: string; message: string; hint: string; data?: Record<string, unknown> };
  warnings: string[];
  commit?: string;
  already?: true;
  queued?: true;
  // biome-ignore lint/suspicious/noExplicitAny: as above.
  review?: any;
  changes?: { path: string; before?: string; after?: string }[];
  view: { tip: string | null; age_ms: number; stale: boolean } | null;
}

export interface Ended {
  /** null: a signal ended it. */
  status: number | null;
  stdout: string;
  stderr: string;
  /** With --json: what it said, on stdout where it did what was asked, else on stderr. */
  answer?: Answer;
}

export interface Started {
  child: ChildProcess;
  ended: Promise<Ended>;
}

/** Starts any command and collects what it says. */
export function start(command: string, args: readonly string[], dir: string, run: RunOptions = {}): Started {
  const child = spawn(command, args, {
    cwd: dir,
    env: { ...ENV, ...run.env },
    stdio: ["pipe", "pipe", "pipe"],
  });
  const [out, err]: Buffer[][] = [[], []];
  child.stdout.on("data", (chunk: Buffer) => out?.push(chunk));
  child.stderr.on("data", (chunk: Buffer) => err?.push(chunk));
  child.stdin.on("error", () => {}); // It need not read.
  child.stdin.end(run.input ?? "");
  const ended = new Promise<Ended>((resolve, reject) => {
    const limit = run.limitMs ?? LIMIT_MS;
    const timer = setTimeout(() => {
      child.kill("SIGKILL");
      reject(new Error(`${command} ${args.join(" ")} in ${dir} takes longer than ${limit} ms`));
    }, limit);
    child.once("error", reject);
    child.once("close", (status) => {
      clearTimeout(timer);
      const [stdout, stderr] = [Buffer.concat(out ?? []).toString(), Buffer.concat(err ?? []).toString()];
      const answer = args.includes("--json") ? answerIn(status === 0 ? stdout : stderr) : undefined;
      resolve({ status, stdout, stderr, ...(answer && { answer }) });
    });
  });
  return { child, ended };
}

/** Starts owp in a folder. */
export function startOwp(dir: string, args: readonly string[], run: RunOptions = {}): Started {
  if (!existsSync(OWP)) throw new Error(`${OWP} is not there: npm run build makes what it needs`);
  return start(process.execPath, [OWP, ...args], dir, run);
}

/** Runs owp to its end, whatever that is. */
export const owp = (dir: string, args: readonly string[], run: RunOptions = {}): Promise<Ended> =>
  startOwp(dir, args, run).ended;

/** Runs owp --json and answers the envelope; throws, with all it said, where it did not do what was asked. */
export async function did(dir: string, args: readonly string[], run: RunOptions = {}): Promise<Answer> {
  const ended = await owp(dir, [...args, "--json"], run);
  if (ended.status !== 0 || !ended.answer) throw new Error(told(args, ended));
  return ended.answer;
}

/** A run in words, for a failure. */
export function told(args: readonly string[], { status, stdout, stderr }: Ended): string {
  const [out, err] = [stdout, stderr].map((text) => text.trim().slice(0, SHOWN));
  return `owp ${args.join(" ")}\n  status ${status}\n  stdout ${out}\n  stderr ${err}`;
}

/** The last line; before it may stand the stack of a fault. */
function answerIn(text: string): Answer | undefined {
  try {
    return JSON.parse(text.trimEnd().split("\n").at(-1) ?? "") as Answer;
  } catch {
    return undefined;
  }
}
