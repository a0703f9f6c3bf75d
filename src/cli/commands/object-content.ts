/** `owp object new` and `owp object edit`: the content also from a file, from standard input, or from the editor. */
import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { type Refusal, refuse } from "../../core/refusal.ts";
import type { KindWord } from "../../domain/objects/words.ts";
import { type Call, type Command, refused } from "../command.ts";
import { checkWithout, withProperties } from "../widen.ts";

const MAX_BYTES = 1_048_576;
const FILE = {
  type: "string",
  description:
    "The fields in CWOM's form, from this file of YAML or JSON (- for standard input); options go over them. With nothing given, an editor opens on a terminal.",
};

type Read = { ok: true; value: unknown } | Refusal;

export const objectContent = (plain: Command): Command => ({
  ...plain,
  load: async () => {
    const loaded = await plain.load();
    return {
      ...loaded,
      schema: withProperties(loaded.schema, { file: FILE }, ["value"]),
      ...(loaded.check && { check: checkWithout(loaded.check, ["file"]) }),
      run: async (call) => {
        const { file, ...input } = call.input;
        const read = await contentOf(call, file);
        if (read && !read.ok) return refused(read);
        return loaded.run({ ...call, input: read ? { ...input, value: read.value } : input });
      },
    };
  },
});

async function contentOf(call: Call, file: unknown): Promise<Read | undefined> {
  if (file === "-") return parsed(await call.io.readStdin(), "standard input");
  if (typeof file === "string") return readFile(resolve(call.place.dir, file), file);
  const { tty, env } = call.io;
  const editor = env.VISUAL || env.EDITOR;
  if (!isBare(call.input) || !tty.in || !tty.out || !editor) return undefined;
  return edited(call, editor);
}

/** Nothing but the kind and id was given. */
const isBare = (input: Record<string, unknown>): boolean =>
  Object.keys(input).every((name) => name === "kind" || name === "id");

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
  const { readYaml } = await import("../../core/yaml-safe.ts");
  const read = readYaml(text);
  if (read.ok) return { ok: true, value: read.value };
  const { message, line } = read.finding;
  return refuse("invalid_input", `${shown}${line ? `:${line}` : ""}: ${message}. Nothing was changed.`, {
    data: { file: shown, ...(line ? { line } : {}) },
  });
}

/** The editor on a template that says what each field means, or on what is there. An empty file changes nothing. */
async function edited(call: Call, editor: string): Promise<Read> {
  const text = await startText(call);
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

async function startText(call: Call): Promise<string | Refusal> {
  const { kind, id } = call.input as { kind?: KindWord; id?: string };
  if (id === undefined) {
    const { templateOf } = await import("../object-template.ts");
    return templateOf(kind as KindWord);
  }
  const shown = await call.withHub((hub) => hub.run("object show", { id, ...(kind ? { kind } : {}) }, {}));
  if (!shown.ok) return shown;
  const { renderEntries } = await import("../../core/yaml-write.ts");
  const { object } = shown.result as { object: Record<string, unknown> };
  const { id: _id, created_at: _created, updated_at: _updated, ...content } = object;
  return renderEntries(content, 0);
}
