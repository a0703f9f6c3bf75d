/**
 * `owp validate --range A..B` in the repository at hand, with no hub: it writes nothing and asks no remote. So it works
 * as a server's hook, while what was pushed lies apart, and for every user of a shared repository.
 */
import { existsSync } from "node:fs";
import { join } from "node:path";
import { OPERATIONS } from "../../domain/operations.ts";
import { quarantineOf } from "../../engine/git/environment.ts";
import { locateRepository, type Repository } from "../../engine/git/locate.ts";
import { MissingObject } from "../../engine/tree-cache.ts";
import { type ShownFinding, shown } from "./findings.ts";
import { checkRange } from "./range.ts";
import type { Report } from "./record.ts";
import { locateIn, parseRange } from "./revisions.ts";

/** now: ms since 1970. undefined: the commits, or some of their history, are not here, and a hub may have them. */
export async function validateHere(
  dir: string,
  text: string,
  now: number,
  report?: Report,
): Promise<{ problems: ShownFinding[]; commits: number } | undefined> {
  const asked = parseRange(text);
  const repository = locateRepository(dir);
  if ("code" in asked || !repository || repository.objectFormat !== "sha1" || hasStore(repository))
    return undefined;
  const found = await locateIn(repository, asked);
  if (!found) return undefined;
  try {
    const checked = await checkRange(found.store, found, { now, operations: OPERATIONS }, report);
    return { problems: shown(checked.findings), commits: checked.commits };
  } catch (error) {
    if (!(error instanceof MissingObject)) throw error;
    return undefined;
  } finally {
    found.close();
  }
}

/** A clone that works with owp has the whole record in its own store, and its repository may be a partial clone. */
const hasStore = ({ gitDir, commonDir }: Repository): boolean =>
  existsSync(join(commonDir, "owp", "store.git")) && Object.keys(quarantineOf(gitDir)).length === 0;
