/** Opens a pull request through the host's own program, gh or glab, as its user. Only where one asked for it. */
import { spawn } from "node:child_process";
import { hideCredentials } from "../../engine/git/errors.ts";

const TIMEOUT_MS = 60_000;
const OUTPUT_LIMIT = 20_000;
const WORDS_LIMIT = 300;

export type Opened = { ok: true; url: string | undefined } | { ok: false; why: string };

/** Runs the program and answers the page that it names; a sentence of why not otherwise. It is never asked anything. */
export function openRequest(
  [command, ...args]: readonly [string, ...string[]],
  cwd: string,
): Promise<Opened> {
  return new Promise((resolve) => {
    const child = spawn(command, args, {
      cwd,
      env: { ...process.env, GH_PROMPT_DISABLED: "1", NO_COLOR: "1" },
      stdio: ["ignore", "pipe", "pipe"],
    });
    // Not spawn's own: that one goes on where the program is not there, and keeps this process from ending.
    const timer = setTimeout(() => {
      child.kill("SIGKILL");
      // What it started may hold them open.
      child.stdout.destroy();
      child.stderr.destroy();
    }, TIMEOUT_MS);
    const end = (opened: Opened) => {
      clearTimeout(timer);
      resolve(opened);
    };
    const said = { out: "", err: "" };
    child.stdout.on("data", (chunk) => {
      said.out = (said.out + chunk).slice(-OUTPUT_LIMIT);
    });
    child.stderr.on("data", (chunk) => {
      said.err = (said.err + chunk).slice(-OUTPUT_LIMIT);
    });
    child.once("error", ({ code, message }: NodeJS.ErrnoException) => {
      end({
        ok: false,
        why: code === "ENOENT" ? `${command} is not installed here` : `${command}: ${message}`,
      });
    });
    child.once("close", (code, signal) => {
      if (code === 0) return end({ ok: true, url: /https?:\/\/\S+/.exec(said.out)?.[0] });
      const ended = signal ? `gave no answer in ${TIMEOUT_MS / 1000} s` : `ended with status ${code}`;
      end({ ok: false, why: `${command} ${ended}${wordsOf(said.err || said.out)}` });
    });
  });
}

function wordsOf(text: string): string {
  const line = hideCredentials(text).replace(/\s+/g, " ").trim().slice(0, WORDS_LIMIT);
  return line === "" ? "" : ` (${line})`;
}
