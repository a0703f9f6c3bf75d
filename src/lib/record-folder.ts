/**
 * owp's folder of one record in a clone: a store, a desk, an index and what was seen are each record's own, so that
 * nothing that waits for one is ever planned on another. The branch owp of origin (or of the repository itself, until it
 * has a remote) has `.git/owp`, any other record `.git/owp/records/<branch>[@<remote>]`.
 */
import { createHash } from "node:crypto";
import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { DEFAULT_BRANCH, queueOfBranch } from "./branch.ts";

/** A record as a clone knows it. remote: null where it is at home, on origin or in the repository itself. */
export interface Kept {
  folder: string;
  branch: string;
  remote: string | null;
}

const HOME = "origin";
/** Names are escaped, which may make them longer than a file's name can be. */
const NAME_LIMIT = 180;
const HASH_LENGTH = 20;

/** owp's own folder in a clone: the home record's, and the place of what all records share. */
export const ownFolder = (commonDir: string): string => join(commonDir, "owp");

/** Where the records lie that are not at home. */
export const recordsFolder = (commonDir: string): string => join(ownFolder(commonDir), "records");

/** remote: the remote's name; null: the repository itself is the remote. */
export function recordFolder(commonDir: string, remote: string | null, branch: string): string {
  const away = remote === null || remote === HOME ? "" : `@${toFileName(remote)}`;
  if (away === "" && branch === DEFAULT_BRANCH) return ownFolder(commonDir);
  return join(recordsFolder(commonDir), shorten(`${toFileName(branch)}${away}`));
}

/** Every record that this clone keeps something of. */
export function keptRecords(commonDir: string): Kept[] {
  const home = { folder: ownFolder(commonDir), branch: DEFAULT_BRANCH, remote: null };
  const folder = recordsFolder(commonDir);
  const others = existsSync(folder) ? readdirSync(folder).sort() : [];
  const all = [
    home,
    ...others.map((name) => {
      const [branch = "", remote] = name.split("@").map(fromFileName);
      return { folder: join(folder, name), branch, remote: remote ?? null };
    }),
  ];
  return all.filter((kept) => existsSync(join(kept.folder, "queue")));
}

/** The options that mean a record, for a hint. base: the record's branch without a queue's name. */
export function optionsFor({ branch, remote }: Pick<Kept, "branch" | "remote">, base: string): string {
  const queue = queueOfBranch(base, branch);
  const which = queue ? `--queue ${queue}` : `--branch ${branch}`;
  return remote === null ? which : `${which} --remote ${remote}`;
}

/** How many operations wait there for `owp sync`. */
export function waitingIn(folder: string): number {
  const offline = join(folder, "offline");
  return existsSync(offline) ? readdirSync(offline).filter((name) => name.endsWith(".json")).length : 0;
}

/** Nothing is left of capitals, which some file systems do not tell apart, nor of what a file's name cannot hold. */
const toFileName = (text: string): string =>
  [...Buffer.from(text)]
    .map((byte) => {
      const char = String.fromCharCode(byte);
      return /[a-z0-9._-]/.test(char) ? char : `%${byte.toString(16).padStart(2, "0")}`;
    })
    .join("");

function fromFileName(name: string): string {
  try {
    return decodeURIComponent(name);
  } catch {
    return name; // One that was cut.
  }
}

const shorten = (name: string): string =>
  name.length <= NAME_LIMIT
    ? name
    : `${name.slice(0, NAME_LIMIT - HASH_LENGTH)}~${createHash("sha1").update(name).digest("hex").slice(0, HASH_LENGTH)}`;
