/**
 * PRIME.md at the record's root: what `owp prime` tells agents, in a team's own words. It is text for its readers and no
 * object of the record: whatever is wrong with it, the built-in text is shown in its place and nothing else stops.
 */
import { type Finding, finding, lineAt, MAX_FILE_BYTES } from "./problem.ts";
import { textFault } from "./yaml-safe.ts";

export const PRIME_PATH = "PRIME.md";

/** Characters; some thousand tokens, which every agent reads whenever it starts. */
export const PRIME_LIMIT = 4000;

/** What is filled in, each written as `{{name}}`. */
export const PLACEHOLDERS = {
  worker: "the name that the reader acts under",
  held: "what it holds",
  ready: "what it could claim",
  commands: "the five commands",
} as const;

export type Placeholder = keyof typeof PLACEHOLDERS;

/** What is told where the record has no text of its own. With its parts filled in it stays under 400 tokens. */
export const BUILT_IN_TEXT = `Work here is shared through owp, a queue on a git branch; you are {{worker}}. Claim a task before you work on it. A claim is a lease: any command of yours renews it.
{{held}}
{{ready}}
Commands:
{{commands}}
Exit status 3: nothing to claim; 6: the lease is lost, stop working on the task. owp help has the rest.`;

/** The file as read. unknown: words in braces that are none of the placeholders. */
export type PrimeFile =
  | { ok: true; text: string; unknown: { name: string; line: number }[] }
  | { ok: false; finding: Finding };

const UTF8 = new TextDecoder("utf-8", { fatal: true });
const PLACE = /\{\{\s*([\w-]+)\s*\}\}/g;
/** For those who edit the file; agents are not told. */
const REMARK = /<!--[\s\S]*?-->\n?/g;

export function readPrime(bytes: Uint8Array): PrimeFile {
  if (bytes.length > MAX_FILE_BYTES) return { ok: false, finding: finding("too_large") };
  let file: string;
  try {
    file = UTF8.decode(bytes).replaceAll("\r\n", "\n");
  } catch {
    return { ok: false, finding: finding("not_utf8") };
  }
  const fault = textFault(file);
  if (fault) return { ok: false, finding: fault };
  const length = [...file].length;
  if (length > PRIME_LIMIT) {
    const message = `the text has ${length} characters, and may have ${PRIME_LIMIT}`;
    return { ok: false, finding: finding("text_too_long", undefined, message) };
  }
  const text = file.replace(REMARK, "").trim();
  if (text === "") return { ok: false, finding: finding("text_empty") };
  return { ok: true, text, unknown: strangers(file) };
}

/** Placeholders that no one fills in, with the lines of the file as it is. */
function strangers(file: string): { name: string; line: number }[] {
  const shown = file.replace(REMARK, (remark) => remark.replace(/[^\n]/g, " "));
  return [...shown.matchAll(PLACE)]
    .map(({ 1: name = "", index }) => ({ name, line: lineAt(shown, index) }))
    .filter(({ name }) => !Object.hasOwn(PLACEHOLDERS, name));
}

/** A text with its placeholders filled in; others stay as they are. */
export const fillIn = (text: string, parts: Record<Placeholder, string>): string =>
  text.replace(PLACE, (whole, name: string) =>
    Object.hasOwn(parts, name) ? parts[name as Placeholder] : whole,
  );
