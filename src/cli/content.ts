/** Content of an object or a proposal from a file, from standard input, or from the editor on a text that explains itself. */
import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { type Refusal, refuse } from "../core/refusal.ts";
import type { Call } from "./command.ts";

const MAX_BYTES = 1_048_576;

export type Read = { ok: true; value: unknown } | Refusal;

/** Where content comes from when no file is named. */
export interface Desk {
  /** Nothing was given but what says which object it is: then an editor opens on a terminal. */
  isBare(input: Record<string, unknown>): boolean;
  /** What the editor opens on. */
  startText(call: Call): Promise<string | Refusal>;
}

/** undefined: there is none but what the options say. */
export async function contentOf(call: Call, file: unknown, desk: Desk): Promise<Read | undefined> {
  if (file === "-") return parsed(await call.io.readStdin(), "standard input");
  if (typeof file === "string") return readFile(resolve(call.place.dir, file), file);
  const { tty, env } = call.io;
  const editor = env.VISUAL || env.EDITOR;
  if (!desk.isBare(call.input) || !tty.in || !tty.out || !editor) return undefined;
  return edited(await desk.startText(call), editor);
}

async function readFile(path: string, shown: string): Promise<Read> {
  try {
    return await parsed(readFileSync(path), shown);
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    const why = code === "ENOENT" ? "it is not there" : message;
    return refuse("invalid_input", `${shown} cannot be read: ${why}. Nothing was changed.`, {
      hint: "name another file",
      data: { file: shown },
    });
  }
}

/** JSON is YAML too, but for its longest lines and its escapes: each is read by its own reader. */
async function parsed(bytes: Uint8Array, shown: string): Promise<Read> {
  if (bytes.length > MAX_BYTES)
    return refuse("invalid_input", `${shown} is larger than 1 MiB. Nothing was changed.`, {
      data: { file: shown },
    });
  const text = new TextDecoder().decode(bytes).replace(/^\ufeff/, "");
  if (/^\s*\{/.test(text)) {
    try {
      return { ok: true, value: JSON.parse(text) };
    } catch (error) {
      return refuse(
        "invalid_input",
        `${shown} is no JSON: ${(error as Error).message}. Nothing was changed.`,
        {
          data: { file: shown },
        },
      );
    }
  }
  const { readYaml } = await import("../core/yaml-safe.ts");
  const read = readYaml(text);
  if (read.ok) return { ok: true, value: read.value };
  const { message, line } = read.finding;
  return refuse("invalid_input", `${shown}${line ? `:${line}` : ""}: ${message}. Nothing was changed.`, {
    data: { file: shown, ...(line ? { line } : {}) },
  });
}

/** The editor on a template that says what each field means, or on what is there. An empty file changes nothing. */
async function edited(text: string | Refusal, editor: string): Promise<Read> {
  if (typeof text !== "string") return text;
  const dir = mkdtempSync(join(tmpdir(), "owp-"));
  try {
    const path = join(dir, "object.yaml");
    writeFileSync(path, text);
    const { status, error } = spawnSync("sh", ["-c", `${editor} "$@"`, editor, path], { stdio: "inherit" });
    if (error || status !== 0)
      return refuse(
        "usage",
        `The editor (${editor}) ended with ${error?.message ?? `status ${status}`}. Nothing was changed.`,
        {
          hint: "set VISUAL or EDITOR, or give --file",
        },
      );
    const after = readFileSync(path, "utf8");
    if (after === text)
      return refuse("canceled", "The file was left as it was. Nothing was changed.", {
        hint: "run it again and save your changes, or give --file",
      });
    return await parsed(Buffer.from(after), "the edited text");
  } finally {
    rmSync(dir, { recursive: true, force: true });
  }
}
