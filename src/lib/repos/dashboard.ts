/** `owp dashboard`: the record's figures, and authors by commits on the default branch as git counts them (FEATURES C71). */
import type { RecordHub } from "../hub.ts";
import type { Service } from "../services.ts";
import type { RunOptions } from "../types.ts";
import { commitOf, openSource } from "./source.ts";

interface Author {
  name: string;
  email: string;
  commits: number;
}

/** result: Dashboard. Without a clone of the repo the figures come without commits, and a warning says why. */
export const dashboard: Service = async (hub, input, op, options) => {
  const counted = await authorsOf(hub, options);
  const commits = "why" in counted ? {} : { commits: counted.authors };
  const outcome = await hub.operate("dashboard", { ...input, ...commits }, op, options);
  if (!outcome.ok || !("why" in counted)) return outcome;
  return { ...outcome, warnings: [...outcome.warnings, `Commits were not counted: ${counted.why}`] };
};

async function authorsOf(
  hub: RecordHub,
  options: RunOptions,
): Promise<{ authors: Author[] } | { why: string }> {
  const source = await openSource(hub, undefined, options);
  if ("code" in source) return { why: source.message };
  const { repo, heads, git } = source;
  const branch = repo.default_branch ?? ["main", "master"].find((name) => heads.has(name)) ?? "HEAD";
  const commit = await commitOf(hub, source, branch);
  if (typeof commit !== "string") return { why: commit.message };
  // shortlog takes .mailmap into account.
  const listed = await git.raw("shortlog", "--summary", "--numbered", "--email", commit, "--");
  const authors = listed.split("\n").flatMap((line): Author[] => {
    const match = /^\s*(\d+)\t(.*?)\s*<([^<>]*)>$/.exec(line);
    return match ? [{ commits: Number(match[1]), name: match[2] ?? "", email: match[3] ?? "" }] : [];
  });
  return { authors };
}
