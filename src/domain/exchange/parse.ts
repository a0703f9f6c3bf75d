/** Reads tasks of another place: what they are shows in their content. Bytes in, items or one refusal out; nothing else is touched. */
import { type Refusal, refuse } from "../../core/refusal.ts";
import type { ImportInput, ImportItem } from "../../generated/types.ts";
import { type ItemProblem, type ItemRead, isObject, type Place, placeName } from "./item-read.ts";
import { readBacklog } from "./parse-backlog.ts";
import { isBeads, readBeads } from "./parse-beads.ts";
import { isGithub, readGithub } from "./parse-github.ts";
import { readItem } from "./parse-items.ts";
import { type Raw, readRaws, type TextProblem } from "./parse-text.ts";

/** How the items of a source are written, whatever the form of the file. */
export type Dialect = "items" | "beads" | "github" | "backlog";

/** Import refuses more at once. */
export const MAX_IMPORT_BYTES = 64 * 1_048_576;
export const MAX_ITEMS = 100_000;
const MAX_PROBLEMS_TOLD = 20;
const MAX_WARNINGS_TOLD = 20;
const MAX_PLACES_TOLD = 5;

export interface Parsed {
  ok: true;
  dialect: Dialect;
  /** The source's name where the caller gives no other. */
  system: string;
  items: ImportItem[];
  /** What was read whole, so that what is missing in it is gone at the source. */
  covers?: ImportInput["covers"];
  /** What was cut or left out on the way. */
  warnings: string[];
}

interface DialectRow {
  system: string;
  read(value: unknown): ItemRead;
  /** A file of it is all that there is at the source. */
  isWhole?: true;
}

const objects =
  (read: (value: Record<string, unknown>) => ItemRead): DialectRow["read"] =>
  (value) =>
    isObject(value) ? read(value) : { problem: { message: "is no mapping of fields to values" } };

const DIALECTS: Record<Dialect, DialectRow> = {
  items: { system: "file", read: objects(readItem) },
  beads: { system: "beads", read: objects(readBeads), isWhole: true },
  github: { system: "github", read: objects(readGithub) },
  backlog: { system: "backlog", read: (text) => readBacklog(String(text)) },
};

/** Dialects that show in their items; the first that fits any of them. */
const SIGNS: [Dialect, (value: unknown) => boolean][] = [
  ["beads", isBeads],
  ["github", isGithub],
];

/** from: how the items are written, where the content does not show it. file: its name, for messages. */
export function parseImport(bytes: Uint8Array, from?: Dialect, file?: string): Parsed | Refusal {
  if (from === "backlog") return parseBacklog([{ name: file ?? "the text", bytes }]);
  const text = bytes.length > MAX_IMPORT_BYTES ? tooLarge(file) : textOf(bytes, file);
  if (typeof text !== "string") return text;
  const raws = readRaws(text);
  if (!raws.ok) return refuseAll(raws.problems.map((one) => ({ ...one, where: namePlace(one.where, file) })));
  const shown = SIGNS.find(([, fits]) => raws.items.some(({ value }) => fits(value)))?.[0];
  return readAll(raws.items, from ?? shown ?? "items", file);
}

/** Task files of Backlog.md, each by its path. isWhole: they are all that there are. */
export function parseBacklog(
  files: readonly { name: string; bytes: Uint8Array }[],
  isWhole = false,
): Parsed | Refusal {
  const size = files.reduce((sum, { bytes }) => sum + bytes.length, 0);
  if (size > MAX_IMPORT_BYTES) return tooLarge(undefined);
  const raws: Raw[] = [];
  for (const { name, bytes } of files) {
    const value = textOf(bytes, name);
    if (typeof value !== "string") return value;
    raws.push({ value, where: name });
  }
  const parsed = readAll(raws, "backlog");
  return parsed.ok && isWhole ? { ...parsed, covers: scopeOf(parsed.items) } : parsed;
}

/** Issues as GitHub's API answers them. name: of the source, for messages; labels: those that were asked for. */
export function parseGithub(
  issues: readonly unknown[],
  { name, labels }: { name: string; labels: readonly string[] },
): Parsed | Refusal {
  const parsed = readAll(
    issues.map((value) => ({ value })),
    "github",
    name,
  );
  if (!parsed.ok) return parsed;
  // Where no issue came there are none to tell what their ids begin with.
  const scope = parsed.items.length > 0 ? scopeOf(parsed.items) : { prefix: `${name.replace(/^.*:/, "")}#` };
  return { ...parsed, covers: { ...scope, ...(labels.length > 0 && { labels: [...labels] }) } };
}

/** What all ids begin with, up to their first dash or number sign: two trackers that are called the same are told apart. */
function scopeOf(items: readonly ImportItem[]): { prefix?: string } {
  const prefix = /^[^#]*#|^[^-]*-/.exec(items[0]?.key ?? "")?.[0];
  return prefix !== undefined && items.every(({ key }) => key.startsWith(prefix)) ? { prefix } : {};
}

function readAll(raws: readonly Raw[], dialect: Dialect, file?: string): Parsed | Refusal {
  if (raws.length > MAX_ITEMS) {
    const message = `${file ?? "The source"} has ${raws.length} items; 100,000 are taken at once. Nothing was imported.`;
    return refuse("invalid_input", message);
  }
  const { system, read, isWhole } = DIALECTS[dialect];
  const items: ImportItem[] = [];
  const bad: TextProblem[] = [];
  const told = new Map<string, Told>();
  for (const [index, { value, ...place }] of raws.entries()) {
    const where = placeName(place, index, file);
    const result = read(value);
    if ("problem" in result) bad.push(problemAt(result.problem, place, where));
    else if ("item" in result) items.push({ ...place, ...result.item });
    const warnings = "skipped" in result ? [result.skipped] : "item" in result ? result.warnings : [];
    for (const warning of warnings) {
      const seen = told.get(warning) ?? { count: 0, places: [] };
      if (seen.count++ < MAX_PLACES_TOLD)
        seen.places.push(("item" in result && result.item.where) || placeName(place, index));
      told.set(warning, seen);
    }
  }
  if (bad.length > 0) return refuseAll(bad);
  return {
    ok: true,
    dialect,
    system,
    items,
    ...(isWhole && { covers: scopeOf(items) }),
    warnings: warningsOf(told),
  };
}

function problemAt({ message, field, line }: ItemProblem, place: Place, where: string): TextProblem {
  return {
    where: line === undefined ? where : `${where} line ${line}`,
    message,
    ...(field !== undefined && { field }),
    ...((line ?? place.line) !== undefined && { line: line ?? place.line }),
  };
}

/** How often a warning came, and its first places. */
interface Told {
  count: number;
  places: string[];
}

function warningsOf(told: ReadonlyMap<string, Told>): string[] {
  const all = [...told].map(([warning, { count, places }]) => {
    const more = count > places.length ? ", …" : "";
    return `${count} × ${warning} (${places.join(", ")}${more})`;
  });
  const rest = all.length - MAX_WARNINGS_TOLD;
  return rest > 0 ? [...all.slice(0, MAX_WARNINGS_TOLD), `${rest} more warnings of other kinds.`] : all;
}

const namePlace = (where: string, file: string | undefined): string =>
  file === undefined ? where : where === "the file" ? file : `${file} ${where}`;

function refuseAll(found: readonly TextProblem[]): Refusal {
  const [first] = found;
  const more = found.length > 1 ? ` ${found.length - 1} more like this.` : "";
  return refuse("invalid_input", `${first?.where}: ${first?.message}.${more} Nothing was imported.`, {
    hint: "mend the source and import it again",
    data: {
      ...(first?.line === undefined ? {} : { line: first.line }),
      ...(first?.field === undefined ? {} : { field: first.field }),
      problems: found.slice(0, MAX_PROBLEMS_TOLD).map(({ where, message }) => `${where}: ${message}`),
    },
  });
}

const tooLarge = (file: string | undefined): Refusal =>
  refuse("invalid_input", `${file ?? "The source"} is larger than 64 MiB. Nothing was imported.`);

/** A byte order mark is left out. */
function textOf(bytes: Uint8Array, file: string | undefined): string | Refusal {
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch {
    return refuse("invalid_input", `${file ?? "The file"} is not UTF-8 text. Nothing was imported.`);
  }
}
