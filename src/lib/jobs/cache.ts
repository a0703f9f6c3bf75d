/** What the job ledger came to, kept in the record's folder of a clone: a cache, which is made again where it is lost. */
import { createHash } from "node:crypto";
import { mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fromKept, type LedgerState, toKept } from "../../domain/jobs/projections/state.ts";
import type { Oid } from "../../engine/ports.ts";
import { version } from "../../generated/version.ts";

/** Of the file's form. */
const SCHEMA_VERSION = 1;

/** The first line of the file; the second one is the state. */
interface Head {
  schema_version: number;
  /** The owp that made it: another one may know other operations, and so count other commits. */
  owp: string;
  tip: Oid;
  /** SHA-256 of the second line. */
  digest: string;
}

export interface KeptLedger {
  /** The record's commit up to which the state goes. */
  tip: Oid;
  state: LedgerState;
}

export const cacheFile = (folder: string): string => join(folder, "jobs", "projections.json");

/** undefined: nothing is kept. A text: why what is kept cannot be used. */
export function readCache(file: string): KeptLedger | string | undefined {
  let text: string;
  try {
    text = readFileSync(file, "utf8");
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "ENOENT" ? undefined : "it cannot be read";
  }
  const end = text.indexOf("\n");
  const [head, body] = [text.slice(0, Math.max(end, 0)), text.slice(end + 1)];
  try {
    const { schema_version, owp, tip, digest } = JSON.parse(head) as Head;
    if (schema_version !== SCHEMA_VERSION)
      return `its schema_version is ${JSON.stringify(schema_version)}, not ${SCHEMA_VERSION}`;
    if (owp !== version) return `owp ${owp} made it, and this is ${version}`;
    if (digest !== digestOf(body)) return "it is damaged";
    const state = fromKept(JSON.parse(body));
    return state ? { tip, state } : "it is damaged";
  } catch {
    return "it is damaged";
  }
}

/** Where it cannot be written, nothing is lost. */
export function writeCache(file: string, { tip, state }: KeptLedger): void {
  const body = JSON.stringify(toKept(state));
  const head: Head = { schema_version: SCHEMA_VERSION, owp: version, tip, digest: digestOf(body) };
  replaceFile(file, `${JSON.stringify(head)}\n${body}`);
}

/** Writes a file in one step. false: it could not be written. */
export function replaceFile(file: string, text: string): boolean {
  const aside = `${file}.${process.pid}.${performance.now()}.tmp`;
  try {
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(aside, text);
    renameSync(aside, file);
    return true;
  } catch {
    rmSync(aside, { force: true });
    return false;
  }
}

const digestOf = (text: string): string => createHash("sha256").update(text).digest("hex");
