/** Runs one git process to its end: bounded in time and in what it may say, and killed with all it started. */
import { type ChildProcess, spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { tmpdir } from "node:os";
import { gitEnvironment, isInteractive } from "./environment.ts";

/** What is kept of each output; config lists and ref lists are the longest. */
const OUTPUT_LIMIT_BYTES = 8 * 1024 * 1024;
/** A process that was told to end gets this long before it is killed. */
const KILL_AFTER_MS = 2000;
/** A helper that stays in the background, such as a shared ssh connection, may hold the pipes open for ever. */
const DRAIN_MS = 250;

export interface GitRun {
  cwd: string;
  /** Config of this process alone. */
  config?: readonly (readonly [key: string, value: string])[];
  env?: NodeJS.ProcessEnv;
  /** Written to the standard input. */
  input?: Iterable<Uint8Array> | AsyncIterable<Uint8Array>;
  /** Is told the standard output as it comes, for input that answers it. */
  hear?: (chunk: Buffer) => void;
  /** Is told that no more output comes, before the end of the input is waited for. */
  ended?: () => void;
  timeoutMs?: number;
  abort?: AbortSignal;
}

export interface GitDone {
  /** How it ended; missing: there is no git. */
  end: "exit" | "timeout" | "abort" | "missing";
  /** false: nothing ran. */
  started: boolean;
  /** The exit status; null where a signal ended it. */
  code: number | null;
  stdout: string;
  stderr: string;
}

/** Runs git. Never rejects for what git does: the outcome says it. */
export async function runGit(args: readonly string[], run: GitRun): Promise<GitDone> {
  if (run.abort?.aborted) return { end: "abort", started: false, code: null, stdout: "", stderr: "" };
  // A group of its own can be killed whole; but it has no terminal, so ssh could not ask for a passphrase.
  const grouped = process.platform !== "win32" && !isInteractive();
  const child = spawn("git", args, {
    cwd: existsSync(run.cwd) ? run.cwd : tmpdir(),
    env: { ...gitEnvironment(run.config), ...run.env },
    stdio: [run.input ? "pipe" : "ignore", "pipe", "pipe"],
    detached: grouped,
    windowsHide: true,
  });
  let end: GitDone["end"] = "exit";
  const stop = (why: GitDone["end"]) => {
    end = why;
    killTree(child, grouped, "SIGTERM");
    setTimeout(() => killTree(child, grouped, "SIGKILL"), KILL_AFTER_MS).unref();
  };
  const onAbort = () => stop("abort");
  run.abort?.addEventListener("abort", onAbort, { once: true });
  const timer = run.timeoutMs === undefined ? undefined : setTimeout(() => stop("timeout"), run.timeoutMs);
  const [out, err] = [capture(child.stdout), capture(child.stderr)];
  if (run.hear) child.stdout?.on("data", run.hear);
  const fed = run.input ? feed(child, run.input) : undefined;
  try {
    const code = await ended(child);
    run.ended?.();
    await fed;
    return { end, started: true, code, stdout: out(), stderr: err() };
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ENOENT") throw error;
    return {
      end: "missing",
      started: false,
      code: null,
      stdout: "",
      stderr: "git was not found on this machine",
    };
  } finally {
    clearTimeout(timer);
    run.abort?.removeEventListener("abort", onAbort);
  }
}

/** The exit status, once the outputs are drained; where something else holds them open, once nothing more comes. */
function ended(child: ChildProcess): Promise<number | null> {
  return new Promise((resolve, reject) => {
    let heard = true;
    const hear = () => {
      heard = true;
    };
    child.once("error", reject);
    child.once("close", (code) => resolve(code));
    child.once("exit", (code) => {
      for (const stream of [child.stdout, child.stderr]) stream?.on("data", hear);
      const wait = () => {
        if (!heard) {
          child.stdout?.destroy();
          child.stderr?.destroy();
          resolve(code);
          return;
        }
        heard = false;
        // A busy process comes late to its timers, with outputs that it has not read yet: an immediate runs after reading.
        setTimeout(() => setImmediate(wait), DRAIN_MS).unref();
      };
      wait();
    });
  });
}

function killTree(child: ChildProcess, grouped: boolean, signal: NodeJS.Signals): void {
  try {
    if (grouped && child.pid !== undefined) process.kill(-child.pid, signal);
    else child.kill(signal);
  } catch {
    // It has ended by itself.
  }
}

/** Collects an output up to the limit; the function answers what there is. */
function capture(stream: NodeJS.ReadableStream | null): () => string {
  const chunks: Buffer[] = [];
  let size = 0;
  stream?.on("data", (chunk: Buffer) => {
    if (size < OUTPUT_LIMIT_BYTES) chunks.push(chunk);
    size += chunk.length;
  });
  return () => Buffer.concat(chunks).toString("utf8", 0, OUTPUT_LIMIT_BYTES);
}

/** Writes the input as fast as the process takes it. That it stops reading early shows in its exit status. */
async function feed(child: ChildProcess, input: NonNullable<GitRun["input"]>): Promise<void> {
  const { stdin } = child;
  if (!stdin) return;
  let open = true;
  stdin.on("error", () => {
    open = false;
  });
  stdin.on("close", () => {
    open = false;
  });
  for await (const chunk of input) {
    if (!open) return;
    if (!stdin.write(chunk))
      await new Promise<void>((go) => {
        stdin.once("drain", go);
        stdin.once("close", go);
      });
  }
  stdin.end();
}
