/** Corrupt records, put aside in the record's folder of this clone for whoever mends them (FEATURES D67). Only a rebuild writes it. */
import { rmSync } from "node:fs";
import { join } from "node:path";
import type { CorruptRecord } from "../../domain/jobs/projections/state.ts";
import { replaceFile } from "./cache.ts";

/** Writes {line_number, error, commit, raw} a line, raw being the texts in the same order; answers the records with the file's name. None: the file goes. */
export function quarantine(
  folder: string,
  corrupt: readonly CorruptRecord[],
  raw: readonly string[],
): CorruptRecord[] {
  const file = join(folder, "jobs", "quarantine.jsonl");
  if (corrupt.length === 0) {
    rmSync(file, { force: true });
    return [];
  }
  const lines = corrupt.map((one, index) => JSON.stringify({ ...one, raw: raw[index] }));
  if (!replaceFile(file, `${lines.join("\n")}\n`)) return [...corrupt];
  return corrupt.map((one) => ({ ...one, quarantine_path: file }));
}
