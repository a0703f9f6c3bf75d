/** Where branches of the user's repository stand, read from its files: to find that nothing moved starts no process. */
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { commitNamed } from "../../engine/git/borrowed.ts";
import type { Repository } from "../../engine/git/locate.ts";
import { isOid } from "../../engine/objects.ts";
import type { Oid } from "../../engine/ports.ts";

/** The commit of a ref by its full name; undefined: there is no such ref. */
export async function tipOf({ commonDir, gitDir }: Repository, ref: string): Promise<Oid | undefined> {
  if (existsSync(join(commonDir, "reftable"))) return commitNamed(gitDir, ref);
  const loose = readText(join(commonDir, ref)).trim();
  if (isOid(loose)) return loose;
  const line = readText(join(commonDir, "packed-refs"))
    .split("\n")
    .find((each) => each.endsWith(` ${ref}`));
  const packed = line?.slice(0, -ref.length - 1);
  return isOid(packed) ? packed : undefined;
}

/** The branch that a remote called its default when it was cloned; with no remote the one that is checked out. */
export function headOf({ commonDir }: Repository, remote: string | undefined): string | undefined {
  const file = remote === undefined ? "HEAD" : join("refs", "remotes", remote, "HEAD");
  const target = /^ref: (refs\/.+?)\s*$/.exec(readText(join(commonDir, file)))?.[1];
  const folder = remote === undefined ? "refs/heads/" : `refs/remotes/${remote}/`;
  return target?.startsWith(folder) ? target.slice(folder.length) : undefined;
}

/** Commits whose parents a shallow clone does not have; empty: the history is whole. */
export function shallowIn({ commonDir }: Repository): ReadonlySet<Oid> {
  return new Set(readText(join(commonDir, "shallow")).split("\n").filter(isOid));
}

function readText(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return "";
  }
}
