/** Corrupt records, put aside in the record's folder of this clone for whoever mends them (FEATURES D67). Only a rebuild writes it. */
import { rmSync } from "node:fs";
import { join } from "node:path";
import type { JobRecord } from "../../domain/jobs/event.ts";
import type { CorruptRecord } from "../../domain/jobs/projections/state.ts";
import { replaceFile } from "./cache.ts";

/** Writes {line_number, error, commit, raw} a line; answers the records with the file's name. None: the file goes. */
export function quarantine(
  folder: string,
  corrupt: readonly CorruptRecord[],
  records: readonly JobRecord[],
): CorruptRecord[] {
  const file = join(folder, "jobs", "quarantine.jsonl");
  if (corrupt.length === 0) {
    rmSync(file, { force: true });
    return [];
  }
  const lines = corrupt.map((one) => {
    const record = records[one.line_number - 1];
    return JSON.stringify({ ...one, raw: record && "raw" in record ? record.raw : "" });
  });
  if (!replaceFile(file, `${lines.join("\n")}\n`)) return [...corrupt];
  return corrupt.map((one) => ({ ...one, quarantine_path: file }));
}
