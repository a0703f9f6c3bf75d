/**
 * A record is never the first branch of a repository by accident: most hosts make the branch that is pushed first the
 * default one, which everyone then clones and opens pull requests against.
 */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { type Refusal, refuse } from "../core/refusal.ts";
import { commitNamed } from "../engine/git/borrowed.ts";
import type { Repository } from "../engine/git/locate.ts";
import { GitRemote, REMOTE } from "../engine/git/remote.ts";
import type { RecordHub } from "./hub.ts";

const TIMEOUT_MS = 120_000;

export interface HostBranches {
  /** The branch that the remote's HEAD names. */
  default_branch?: string;
  /** The remote has no branch at all. */
  empty?: Refusal;
}

/** What the remote says of its branches. What else may be wrong with it, the push will say. */
export async function branchesOf(hub: RecordHub): Promise<HostBranches> {
  const { remote, repository, names, embedded } = hub.parts;
  if (!(remote instanceof GitRemote) || !repository || embedded) return {};
  const listed = await remote.git(["ls-remote", "--quiet", "--symref", REMOTE, "HEAD", "refs/heads/*"], {
    timeoutMs: TIMEOUT_MS,
  });
  if (listed.code !== 0) return {};
  if (!listed.stdout.includes("\trefs/heads/")) return { empty: await emptyRefusal(repository, names) };
  const head = /^ref: refs\/heads\/(\S+)\tHEAD$/m.exec(listed.stdout)?.[1];
  return head === undefined || head === names.branch ? {} : { default_branch: head };
}

async function emptyRefusal(
  repository: Repository,
  names: { remote: string; branch: string },
): Promise<Refusal> {
  const branch = await ownBranch(repository);
  const first = branch
    ? `git push ${names.remote} ${branch}`
    : `commit the code and push it to ${names.remote}`;
  return refuse(
    "remote_layout",
    `${names.remote} has no branch yet, and most hosts make the first one that is pushed the default: it would be ${names.branch}. Nothing was changed.`,
    {
      hint: `${first}, then owp init; or owp init --force, where the repository is to hold nothing but the record`,
      data: { remote: names.remote, branch: names.branch },
    },
  );
}

/** The branch that is checked out, where it has a commit to push. */
async function ownBranch({ gitDir }: Repository): Promise<string | undefined> {
  const branch = /^ref: refs\/heads\/(.+)$/m.exec(readFileSync(join(gitDir, "HEAD"), "utf8"))?.[1];
  return branch !== undefined && (await commitNamed(gitDir, "HEAD")) ? branch : undefined;
}
