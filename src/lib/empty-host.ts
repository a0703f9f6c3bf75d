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

/** A refusal where the remote has no branch at all. What else may be wrong with it, the push will say. */
export async function verifyNotEmpty({ parts }: RecordHub): Promise<Refusal | undefined> {
  const { remote, repository, names, embedded } = parts;
  if (!(remote instanceof GitRemote) || !repository || embedded) return undefined;
  const listed = await remote.git(["ls-remote", "--quiet", REMOTE, "refs/heads/*"], {
    timeoutMs: TIMEOUT_MS,
  });
  if (listed.code !== 0 || listed.stdout.trim() !== "") return undefined;
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
