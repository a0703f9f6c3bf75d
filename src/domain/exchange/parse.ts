/** Reads a file of tasks: what it is shows in its content. Bytes in, items or one refusal out; nothing else is touched. */
import { type Refusal, refuse } from "../../core/refusal.ts";
import type { ImportItem } from "../../generated/types.ts";
import { type ItemRead, isObject, placeName } from "./item-read.ts";
import { isBeads, readBeads } from "./parse-beads.ts";
import { readItem } from "./parse-items.ts";
import { type Raw, readRaws } from "./parse-text.ts";

/** How the items of a file are written, whatever the file's own form. */
export type Dialect = "items" | "beads";

/** Import refuses larger files whole. */
export const MAX_IMPORT_BYTES = 64 * 1_048_576;
export const MAX_ITEMS = 100_000;
const MAX_PROBLEMS_TOLD = 20;

export interface Parsed {
  ok: true;
  dialect: Dialect;
  /** The source's name where the caller gives no other. */
  system: string;
  items: ImportItem[];
  /** What was cut or left out on the way. */
  warnings: string[];
}

const DIALECTS: Record<Dialect, { system: string; read(value: Record<string, unknown>): ItemRead }> = {
  items: { system: "file", read: readItem },
  beads: { system: "beads", read: readBeads },
};

/** from: how the items are written, where the content does not show it. */
export function parseImport(bytes: Uint8Array, from?: Dialect): Parsed | Refusal {
  if (bytes.length > MAX_IMPORT_BYTES)
    return refuse("invalid_input", "The file is larger than 64 MiB. Nothing was imported.");
  const text = textOf(bytes);
  if (text === undefined) return refuse("invalid_input", "The file is not UTF-8 text. Nothing was imported.");
  const raws = readRaws(text);
  if (!raws.ok) return problems(raws.problems);
  if (raws.items.length > MAX_ITEMS) {
    return refuse(
      "invalid_input",
      `The file has ${raws.items.length} items; 100,000 are taken at once. Nothing was imported.`,
    );
  }
  const dialect = from ?? (raws.items.some((raw) => isBeads(raw.value)) ? "beads" : "items");
  return readAll(raws.items, dialect);
}

function readAll(raws: readonly Raw[], dialect: Dialect): Parsed | Refusal {
  const { system, read } = DIALECTS[dialect];
  const items: ImportItem[] = [];
  const bad: { line?: number; where: string; message: string; field?: string }[] = [];
  const counts = new Map<string, number>();
  for (const [index, { value, line }] of raws.entries()) {
    const where = placeName(line, index);
    const result = isObject(value)
      ? read(value)
      : { problem: { message: "is no mapping of fields to values" } };
    if ("problem" in result) bad.push({ ...(line === undefined ? {} : { line }), where, ...result.problem });
    else items.push(line === undefined ? result.item : { ...result.item, line });
    if ("warnings" in result)
      for (const warning of result.warnings) counts.set(warning, (counts.get(warning) ?? 0) + 1);
  }
  if (bad.length > 0) return problems(bad);
  const warnings = [...counts].map(([warning, count]) => `${count} × ${warning}`);
  return { ok: true, dialect, system, items, warnings };
}

function problems(
  found: readonly { line?: number; where: string; message: string; field?: string }[],
): Refusal {
  const [first] = found;
  const more = found.length > 1 ? ` ${found.length - 1} more like this.` : "";
  return refuse("invalid_input", `${first?.where}: ${first?.message}.${more} Nothing was imported.`, {
    hint: "mend the file and import it again",
    data: {
      ...(first?.line === undefined ? {} : { line: first.line }),
      ...(first?.field === undefined ? {} : { field: first.field }),
      problems: found.slice(0, MAX_PROBLEMS_TOLD).map(({ where, message }) => `${where}: ${message}`),
    },
  });
}

/** undefined: not UTF-8. A byte order mark is left out. */
function textOf(bytes: Uint8Array): string | undefined {
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch {
    return undefined;
  }
}
