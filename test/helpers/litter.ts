/** What commands must not leave behind in a clone's `.git/owp`: the desk is empty when nobody works. */
import { readdirSync } from "node:fs";
import { join, relative } from "node:path";

const WAITING = /^(?:queue|taken|offline|answers|pending)\/./;
const ASIDE =
  /\.(?:tmp|stale|withdrawn|trace|lock)$|^lock|\/(?:tmp_|incoming-)|store\.git\.|\/refs\/owp\/pending\/./;

/** Paths below the folder, sorted; empty: all is tidy. */
export function litterIn(desk: string): string[] {
  return readdirSync(desk, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => relative(desk, join(entry.parentPath, entry.name)))
    .filter((path) => WAITING.test(path) || ASIDE.test(path))
    .sort();
}
