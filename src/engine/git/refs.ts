/** The store's few refs, as files. Each fetch writes into a folder of its own, so that fetches never meet. */
import { randomBytes } from "node:crypto";
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { isOid } from "../objects.ts";
import type { Oid } from "../ports.ts";
import type { SignalsIn } from "./signal-refs.ts";

/** A clone's id as part of a ref's name. Anything else on the remote is not owp's. */
const CLONE_ID = /^[0-9a-z](?:[0-9a-z-]{0,62}[0-9a-z])?$/;
/** A fetch that has left its folder for so long is dead. */
const ABANDONED_MS = 3_600_000;

export const isCloneId = (text: string): boolean => CLONE_ID.test(text);

// biome-ignore lint/suspicious/noControlCharactersInRegex: git takes no control characters in a name.
const NO_BRANCH = /^[-/.]|^@$|[/.]$|\.\.|\/\/|\/\.|@\{|\.lock(?:\/|$)|[\u0000- \u007f~^:?*[\\]/;

/** The rules of git check-ref-format for a branch. */
export const isBranchName = (text: string): boolean => text !== "" && !NO_BRANCH.test(text);

/** A folder of refs for one fetch: its name as a ref prefix. */
export const newFetchRefs = (): string => `refs/owp/f/${randomBytes(10).toString("hex")}`;

/** What a fetch into this prefix brought: the record, and the signals from each place where there may be some. */
export interface Fetched {
  record: Oid;
  signals: Record<SignalsIn, ReadonlyMap<string, Oid>>;
}

/** undefined where the record's ref is missing. */
export function readFetchRefs(store: string, prefix: string): Fetched | undefined {
  const folder = join(store, prefix);
  const record = readRef(join(folder, "record"));
  if (record === undefined) return undefined;
  return {
    record,
    signals: { refs: readSignals(join(folder, "refs")), branches: readSignals(join(folder, "branches")) },
  };
}

function readSignals(folder: string): ReadonlyMap<string, Oid> {
  const signals = new Map<string, Oid>();
  for (const name of existsSync(folder) ? readdirSync(folder) : []) {
    const oid = isCloneId(name) ? readRef(join(folder, name)) : undefined;
    if (oid !== undefined) signals.set(name, oid);
  }
  return signals;
}

/**
 * Keeps the refs of the newest fetch as refs/owp/seen, so that the next one says what is here and is not sent it again.
 * Where another process does the same at this moment, one of the two is kept.
 */
export function keepFetchRefs(store: string, prefix: string): void {
  const seen = join(store, "refs/owp/seen");
  const old = join(store, newFetchRefs());
  try {
    if (existsSync(seen)) renameSync(seen, old);
    renameSync(join(store, prefix), seen);
  } catch {
    // The other process's are kept.
  }
  dropFetchRefs(store, prefix);
  rmSync(old, { recursive: true, force: true });
}

/** Removes the refs of one fetch. */
export function dropFetchRefs(store: string, prefix: string): void {
  rmSync(join(store, prefix), { recursive: true, force: true });
}

/** Removes what dead processes left. */
export function sweepFetchRefs(store: string, now: number): void {
  const folder = join(store, "refs/owp/f");
  for (const name of existsSync(folder) ? readdirSync(folder) : []) {
    const stat = statSync(join(folder, name), { throwIfNoEntry: false });
    if (stat && stat.mtimeMs < now - ABANDONED_MS)
      rmSync(join(folder, name), { recursive: true, force: true });
  }
}

/** Points refs/owp/record at the newest tip this clone knows: what is said to be here when fetching. */
export function keepRecordRef(store: string, tip: Oid): void {
  const path = join(store, "refs/owp/record");
  if (readRef(path) === tip) return;
  // Beside the refs: git would take a file of another name among them for a ref.
  const temporary = join(store, `record-${randomBytes(8).toString("hex")}.tmp`);
  mkdirSync(join(store, "refs/owp"), { recursive: true });
  writeFileSync(temporary, `${tip}\n`);
  renameSync(temporary, path);
}

/** What a ref's file says; undefined where there is none, or it says something else. */
export function readRef(path: string): Oid | undefined {
  try {
    const oid = readFileSync(path, "utf8").trim();
    return isOid(oid) ? oid : undefined;
  } catch {
    return undefined;
  }
}
