/** Checks files of a checked-out record on this disk: one by one, and together where a whole record is named. */
import { existsSync, lstatSync, readdirSync, readFileSync } from "node:fs";
import { dirname, join, relative, resolve } from "node:path";
import { pathOf } from "../core/paths.ts";
import { type Refusal, refuse } from "../core/refusal.ts";
import type { Problem } from "../core/snapshot.ts";
import { RecordCheck } from "../domain/validate/check-record.ts";

const POLICY = pathOf("Policy", "owp");

export async function checkPaths(
  paths: readonly string[],
  dir: string,
  now: number,
): Promise<Problem[] | Refusal> {
  const problems: Problem[] = [];
  for (const path of paths) {
    const full = resolve(dir, path);
    if (!existsSync(full)) {
      return refuse("usage", `There is no file or folder ${path}.`, {
        hint: "owp validate --help",
        data: { path },
      });
    }
    problems.push(...checkPath(full, now));
  }
  return problems;
}

function checkPath(full: string, now: number): Problem[] {
  const root = recordAround(full);
  const check = new RecordCheck();
  const at = (file: string) => relative(root, file).replaceAll("\\", "/");
  const policy = join(root, POLICY);
  // The policy comes first: the other files are judged by it.
  const policyProblems = existsSync(policy) ? check.file(POLICY, readFileSync(policy)) : [];
  const found = filesUnder(full).filter((file) => file !== policy);
  const problems = found.flatMap((file) => check.file(at(file), readFileSync(file)));
  if (full !== root) return full === policy ? policyProblems : problems;
  return [...policyProblems, ...problems, ...check.finish(now)];
}

/** The nearest folder that holds a policy; without one, the path's own. */
function recordAround(full: string): string {
  const start = lstatSync(full).isDirectory() ? full : dirname(full);
  for (let folder = start; ; folder = dirname(folder)) {
    if (existsSync(join(folder, POLICY))) return folder;
    if (dirname(folder) === folder) return start;
  }
}

/** Links are not followed: a record holds none. */
function filesUnder(full: string): string[] {
  if (!lstatSync(full).isDirectory()) return [full];
  return readdirSync(full, { recursive: true, withFileTypes: true })
    .filter(
      (entry) =>
        entry.isFile() &&
        !relative(full, entry.parentPath).split(/[\\/]/).includes(".git") &&
        entry.name !== ".git",
    )
    .map((entry) => join(entry.parentPath, entry.name))
    .sort();
}
