/**
 * Which commits a check of this clone has found nothing wrong with. A commit's id stands for all of its history, so the
 * answer holds as long as the rules are the same. Deleting the file costs time and nothing else.
 */
import { createHash, randomBytes } from "node:crypto";
import { mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { RULES } from "../../domain/validate/rules.ts";
import type { Oid } from "../../engine/ports.ts";
import { version } from "../../generated/version.ts";

export interface Memory {
  has(oid: Oid): boolean;
  add(oid: Oid): void;
  /** Keeps what was added; where it cannot be written, the next check takes longer. */
  save(): void;
}

const OID_BYTES = 20;

/** Under these rules of this version. */
const ruleSet = (): string =>
  createHash("sha256")
    .update(JSON.stringify([version, RULES]))
    .digest("hex")
    .slice(0, 16);

/** folder: owp's folder of one record in the common git dir. */
export function recallVerified(folder: string): Memory {
  const place = join(folder, "verified");
  const file = join(place, ruleSet());
  const known = read(file);
  let isNew = false;
  return {
    has: (oid) => known.has(oid),
    add: (oid) => {
      isNew ||= !known.has(oid);
      known.add(oid);
    },
    save: () => {
      if (!isNew) return;
      const aside = `${file}.${randomBytes(6).toString("hex")}`;
      try {
        mkdirSync(place, { recursive: true });
        // What another check has kept meanwhile is kept with it.
        for (const oid of read(file)) known.add(oid);
        writeFileSync(aside, Buffer.from([...known].join(""), "hex"));
        renameSync(aside, file);
        for (const name of readdirSync(place)) if (join(place, name) !== file) rmSync(join(place, name));
      } catch {
        rmSync(aside, { force: true });
      }
    },
  };
}

/** One id behind the other; a file that was cut off says nothing of its last one. */
function read(file: string): Set<Oid> {
  try {
    const bytes = readFileSync(file);
    const oids = new Set<Oid>();
    for (let at = 0; at + OID_BYTES <= bytes.length; at += OID_BYTES)
      oids.add(bytes.toString("hex", at, at + OID_BYTES));
    return oids;
  } catch {
    return new Set();
  }
}
