/**
 * The git repository that a repo of the record is: its branches as the remote has them, and its objects in this clone. Git is
 * run through simple-git, which is loaded with this file, when a command needs it. Checkout and index are never touched.
 */
import { type SimpleGit, simpleGit } from "simple-git";
import { type Refusal, refuse } from "../../core/refusal.ts";
import { publicUrl } from "../../domain/repos/name.ts";
import { resolveRepo } from "../../domain/tasks/links.ts";
import { noRecord } from "../../engine/answers.ts";
import { contextOf } from "../../engine/context.ts";
import { classify, faultRefusal } from "../../engine/git/errors.ts";
import { look } from "../../engine/look.ts";
import type { Repo } from "../../generated/types.ts";
import type { RecordHub } from "../hub.ts";
import type { RunOptions } from "../types.ts";

/** Without a sign of life for so long, git is given up on. */
const SILENCE_MS = 120_000;

export interface Source {
  ok: true;
  repo: Repo;
  git: SimpleGit;
  /** What git calls the remote; "." where the repository is its own. */
  remote: string;
  /** Commits by branch and by tag, as the remote has them; offline as this clone last saw them. */
  heads: Map<string, string>;
  tags: Map<string, string>;
  offline: boolean;
  warnings: string[];
}

/** Looks at the record, and at the refs of the repository that the slug names; the record's first repo by default. */
export async function openSource(
  hub: RecordHub,
  slug: string | undefined,
  options: RunOptions,
): Promise<Source | Refusal> {
  const seen = await seeRecord(hub, options);
  if ("code" in seen) return seen;
  const { parts } = hub;
  const found = resolveRepo(parts.view.snapshot, slug);
  if (!found.ok) return found;
  const repo = parts.view.snapshot.repos.get(found.slug) as Repo;
  if (!parts.repository)
    return refuse(
      "no_repository",
      "Branches and files are read in a clone, and a record read by URL has none.",
      {
        hint: "clone the repository and run it there",
      },
    );
  const git = simpleGit(parts.repository.toplevel ?? parts.repository.gitDir, {
    timeout: { block: SILENCE_MS },
  });
  const remote = await remoteOf(git, repo, parts.embedded ? "." : parts.names.remote);
  if (typeof remote !== "string") return remote;
  const offline = options.offline === true;
  const refs = await guarded(hub, "read", () =>
    offline ? localRefs(git, remote) : git.raw("ls-remote", "--heads", "--tags", "--", remote),
  );
  if (typeof refs !== "string") return refs;
  return { ok: true, repo, git, remote, ...readRefs(refs), offline, warnings: seen.warnings };
}

/** Fetches the record, unless offline; where that fails the last view counts, and a warning says so. */
async function seeRecord(hub: RecordHub, options: RunOptions): Promise<{ warnings: string[] } | Refusal> {
  const { view, names } = hub.parts;
  const seen = options.offline ? undefined : await look(hub.parts);
  if (seen && !seen.ok && (!seen.fault || view.snapshot.tip === null)) return seen.refusal;
  const bare = noRecord(view.snapshot, names.branch);
  return bare ?? { warnings: seen && !seen.ok ? [seen.refusal.message] : [] };
}

/** Who runs the command, as a plan is told. */
export const callerContext = (hub: RecordHub, op: string) =>
  contextOf(hub.ticket("", {}, op, {}), hub.parts.clock.now() + hub.parts.clockShiftMs, []);

/** The remote that is the repo: by its url, or the record's own where it has none. */
async function remoteOf(git: SimpleGit, repo: Repo, home: string): Promise<string | Refusal> {
  const url = repo.source?.url;
  if (!url) return home;
  const remotes = await git.getRemotes(true);
  const fits = remotes.filter(({ refs }) => sameAddress(refs.fetch, url));
  const named = fits.find(({ name }) => name === home) ?? fits[0];
  if (named) return named.name;
  return refuse(
    "repo_elsewhere",
    `Repo ${repo.slug} is ${url}, and no remote of this clone is that repository. Nothing was changed.`,
    {
      hint: `run it in a clone of ${url}, or correct the address: owp repo set ${repo.slug} --url <url>`,
      data: { repo: repo.slug, url, remotes: remotes.map(({ name }) => name) },
    },
  );
}

/** `git@host:team/app.git` and `https://host/team/app` are one place. */
const placeName = (address: string): string =>
  (publicUrl(address) ?? address)
    .trim()
    .replace(/^[a-z+]+:\/\/(?:[^/@]*@)?/i, "")
    .replace(/^[^/@:]+@/, "")
    .replace(/^([^/:]+):(?:\d+\/)?/, "$1/")
    .replace(/\/+$/, "")
    .replace(/\.git$/i, "")
    .toLowerCase();

const sameAddress = (a: string, b: string): boolean => a === b || placeName(a) === placeName(b);

async function localRefs(git: SimpleGit, remote: string): Promise<string> {
  const under = remote === "." ? "refs/heads/" : `refs/remotes/${remote}/`;
  const format = "%(objectname) %(*objectname) %(refname)";
  const listed = await git.raw("for-each-ref", `--format=${format}`, under, "refs/tags/");
  return listed
    .split("\n")
    .filter(Boolean)
    .map((line) => {
      const [oid, peeled, name = ""] = line.split(" ");
      return `${peeled || oid}\t${name.startsWith(under) ? `refs/heads/${name.slice(under.length)}` : name}`;
    })
    .join("\n");
}

/** Of an annotated tag the line with ^{} tells its commit, and comes after it. */
function readRefs(text: string): Pick<Source, "heads" | "tags"> {
  const heads = new Map<string, string>();
  const tags = new Map<string, string>();
  for (const line of text.split("\n")) {
    const [oid = "", name = ""] = line.split("\t");
    if (name.startsWith("refs/heads/") && name !== "refs/heads/HEAD") heads.set(name.slice(11), oid);
    if (name.startsWith("refs/tags/")) tags.set(name.slice(10).replace(/\^\{\}$/, ""), oid);
  }
  return { heads, tags };
}

/** The commit of a branch of the remote, a tag, or whatever git knows by this name here; fetched where it is not here. */
export async function commitOf(hub: RecordHub, source: Source, name: string): Promise<string | Refusal> {
  const { git, heads, tags, remote, offline, repo } = source;
  const oid = heads.get(name) ?? tags.get(name);
  if (oid === undefined) {
    const here = await revParse(git, `${name}^{commit}`);
    if (here) return here;
    return refuse("revision_unknown", `Repo ${repo.slug} has no branch, tag or commit ${name}.`, {
      data: { revision: name, repo: repo.slug },
    });
  }
  if (await revParse(git, `${oid}^{commit}`)) return oid;
  if (!offline) {
    const ref = heads.has(name) ? `refs/heads/${name}` : `refs/tags/${name}`;
    const done = await guarded(hub, "read", () =>
      git.raw(
        "fetch",
        "--quiet",
        "--no-tags",
        "--no-write-fetch-head",
        "--no-recurse-submodules",
        "--",
        remote,
        ref,
      ),
    );
    if (typeof done !== "string") return done;
    if (await revParse(git, `${oid}^{commit}`)) return oid;
  }
  return refuse("revision_unknown", `The commit of ${name} (${oid.slice(0, 10)}) is not in this clone.`, {
    hint: `git fetch ${remote}`,
    data: { revision: name, commit: oid },
  });
}

/** Runs git; what it fails at is a refusal. */
export async function guarded(
  hub: RecordHub,
  doing: "read" | "publish",
  run: () => Promise<string>,
): Promise<string | Refusal> {
  try {
    return await run();
  } catch (error) {
    return faultRefusal(classify(String((error as Error).message)), { ...hub.parts.names, doing });
  }
}

/** The object's id; undefined: there is none here. */
export async function revParse(git: SimpleGit, revision: string): Promise<string | undefined> {
  const said = await git
    .raw("rev-parse", "--verify", "--quiet", "--end-of-options", revision)
    .catch(() => "");
  return /^[0-9a-f]{40}/.exec(said.trim())?.[0];
}

export async function isAncestor(git: SimpleGit, older: string, newer: string): Promise<boolean> {
  const missing = await git.raw("rev-list", "--count", older, `^${newer}`);
  return missing.trim() === "0";
}
