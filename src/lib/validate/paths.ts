/** Checks files of a checked-out record on this disk: one by one, and together where a whole record is named. Asks no hub. */
import { existsSync, readdirSync, readFileSync, readlinkSync, statSync } from "node:fs";
import { dirname, join, relative, resolve } from "node:path";
import { pathOf, placeOf } from "../../core/paths.ts";
import { type Refusal, refuse } from "../../core/refusal.ts";
import { RecordCheck } from "../../domain/validate/check-record.ts";
import { type Finding, withLines } from "../../domain/validate/rule.ts";
import { type ShownFinding, shown } from "./findings.ts";
import type { Report } from "./record.ts";

const POLICY = pathOf("Policy", "owp");
/** So often progress is told. */
const REPORT_EVERY = 1000;

/** What was named of one record. */
interface Named {
  /** The record's root itself: only then it is known what is not there. */
  whole: boolean;
  /** Full paths. */
  files: Set<string>;
}

/** Findings name paths from `dir` on, as the caller would type them. now: ms since 1970. */
export function checkPaths(
  paths: readonly string[],
  dir: string,
  now: number,
  report?: Report,
): ShownFinding[] | Refusal {
  const records = new Map<string, Named>();
  for (const path of paths) {
    const full = resolve(dir, path);
    if (!existsSync(full)) return refusedPath(path, `There is no file or folder ${path}.`);
    const root = rootOf(full);
    if (root === undefined) {
      return refusedPath(
        path,
        `${path} is in no checkout of a record: there is no ${POLICY} in it or above it.`,
      );
    }
    const named = records.get(root) ?? { whole: false, files: new Set<string>() };
    records.set(root, named);
    named.whole ||= full === root;
    for (const file of filesUnder(full)) named.files.add(file);
  }
  const found = [...records].flatMap(([root, named]) =>
    checkNamed(root, named, now, report).map((finding) => ({
      ...finding,
      path: slashed(relative(dir, join(root, finding.path))),
    })),
  );
  return shown(found);
}

function refusedPath(path: string, message: string): Refusal {
  return refuse("usage", message, { hint: "owp validate checks the record on the remote", data: { path } });
}

function checkNamed(root: string, { whole, files }: Named, now: number, report?: Report): Finding[] {
  const check = new RecordCheck();
  const policy = join(root, POLICY);
  const found: Finding[] = [];
  // The policy comes first: the other files are judged by it, and it itself is judged where it was named.
  const ordered = [...(existsSync(policy) ? [policy] : []), ...[...files].filter((file) => file !== policy)];
  for (const [index, file] of ordered.entries()) {
    const findings = check.file(slashed(relative(root, file)), bytesOf(file));
    if (files.has(file)) for (const finding of findings) found.push(finding);
    if (index % REPORT_EVERY === 0) report?.(index, ordered.length);
  }
  return whole ? [...found, ...located(root, check.finish(now))] : found;
}

/** Adds lines to what was found across files. */
function located(root: string, findings: readonly Finding[]): Finding[] {
  return findings.flatMap((finding) => {
    const file = join(root, finding.path);
    return withLines([finding], existsSync(file) ? new TextDecoder().decode(bytesOf(file)) : "");
  });
}

/** The nearest folder that holds a policy, or else the one from which on a file's path is that of an object. */
function rootOf(full: string): string | undefined {
  const isFolder = statSync(full).isDirectory();
  const above = ancestors(isFolder ? full : dirname(full));
  const root = above.find((folder) => existsSync(join(folder, POLICY)));
  if (root !== undefined || isFolder) return root;
  return above.find((folder) => placeOf(slashed(relative(folder, full))) !== undefined);
}

/** A folder and all that it lies in, from the inside out. */
function ancestors(folder: string): string[] {
  const parent = dirname(folder);
  return parent === folder ? [folder] : [folder, ...ancestors(parent)];
}

function filesUnder(full: string): string[] {
  if (!statSync(full).isDirectory()) return [full];
  return readdirSync(full, { withFileTypes: true })
    .filter(({ name }) => name !== ".git")
    .sort((a, b) => (a.name < b.name ? -1 : 1))
    .flatMap((entry) => {
      const path = join(full, entry.name);
      if (entry.isDirectory()) return filesUnder(path);
      return entry.isFile() || entry.isSymbolicLink() ? [path] : [];
    });
}

/** A link is what git keeps of it: the text of where it leads. */
function bytesOf(file: string): Uint8Array {
  try {
    return Buffer.from(readlinkSync(file));
  } catch {
    return readFileSync(file);
  }
}

const slashed = (path: string): string => path.replaceAll("\\", "/");
