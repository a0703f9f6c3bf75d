/**
 * `owp object repo merge` and `branches new|delete`: branches of the remote are moved by compare-and-swap pushes, by those who
 * may write (FEATURES C62, C64, C65). No branch, checkout or index of this clone is touched.
 */
import { type Refusal, refuse } from "../../core/refusal.ts";
import { mayWrite } from "../../domain/repos/roles.ts";
import { actingWorker } from "../../domain/workers/acting.ts";
import type { RecordHub } from "../hub.ts";
import { type Service, success } from "../services.ts";
import type { RunOptions } from "../types.ts";
import { textIn } from "./read.ts";
import { callerContext, commitOf, guarded, isAncestor, openSource, type Source } from "./source.ts";

/** Each time another one moved the target meanwhile. */
const TRIES = 5;
/** The server's branch is not where the push expects it. */
const MOVED = /stale info|fetch first|non-fast-forward|cannot lock ref|failed to update ref|already exists/;
const CONFLICTS_TOLD = 20;

export interface BranchMerged {
  source: string;
  target: string;
  /** Where the target stood, and where it stands. */
  before: string;
  commit: string;
  /** The target had all of the source before; nothing was pushed. */
  already: boolean;
  warnings: string[];
}

/** The target of the remote is moved to the source, where that is a fast-forward. */
export async function mergeBranch(
  hub: RecordHub,
  slug: string | undefined,
  names: { source: string; target: string },
  options: RunOptions,
): Promise<BranchMerged | Refusal> {
  const { source: from, target } = names;
  for (let tried = 1; ; tried++) {
    const source = await openSource(hub, slug, options);
    if ("code" in source) return source;
    const missing = [from, target].find((name) => !source.heads.has(name));
    if (missing !== undefined) return noBranch(source, missing);
    const [commit, before] = [await commitOf(hub, source, from), await commitOf(hub, source, target)];
    if (typeof commit !== "string") return commit;
    if (typeof before !== "string") return before;
    const { git, warnings } = source;
    if (await isAncestor(git, commit, before)) return { ...names, before, commit, already: true, warnings };
    if (!(await isAncestor(git, before, commit))) return diverged(source, names, { before, commit });
    if (options.dry_run) return { ...names, before, commit, already: false, warnings };
    const pushed = await push(hub, source, target, before, commit);
    if (!pushed) {
      const kept = await checkedOut(source, target);
      return { ...names, before, commit, already: false, warnings: [...warnings, ...kept] };
    }
    if (!pushed.moved || tried === TRIES) return pushed.refusal;
  }
}

/** undefined: done. expected: where the branch is; "" for a new one. commit: "" deletes it. */
async function push(
  hub: RecordHub,
  { git, remote }: Source,
  branch: string,
  expected: string,
  commit: string,
): Promise<{ moved: boolean; refusal: Refusal } | undefined> {
  const ref = `refs/heads/${branch}`;
  let said = "";
  const done = await guarded(hub, "publish", async () => {
    try {
      return await git.raw(
        ...["push", "--porcelain", "--no-verify", "--no-follow-tags", "--recurse-submodules=no"],
        ...[`--force-with-lease=${ref}:${expected}`, "--", remote, `${commit}:${ref}`],
      );
    } catch (error) {
      said = String((error as Error).message);
      throw error;
    }
  });
  if (typeof done === "string") return undefined;
  if (!MOVED.test(said)) return { moved: false, refusal: done };
  return {
    moved: true,
    refusal: refuse(
      "conflict",
      `Branch ${branch} was moved by someone else meanwhile. Nothing was changed.`,
      {
        data: { branch },
      },
    ),
  };
}

const noBranch = ({ repo, remote }: Source, name: string): Refusal =>
  refuse("branch_unknown", `Repo ${repo.slug} has no branch ${name} on its remote. Nothing was changed.`, {
    hint: `git push ${remote} ${name}, or owp object repo branches`,
    data: { branch: name, repo: repo.slug },
  });

async function diverged(
  { git }: Source,
  { source, target }: { source: string; target: string },
  { before, commit }: { before: string; commit: string },
): Promise<Refusal> {
  const counts = await git.raw("rev-list", "--left-right", "--count", `${before}...${commit}`);
  const [behind = 0, ahead = 0] = counts.trim().split(/\s+/).map(Number);
  const conflicts = await conflictsOf({ git }, before, commit);
  const clash =
    conflicts.length === 0
      ? ""
      : ` They conflict in ${conflicts.slice(0, 3).join(", ")}${conflicts.length > 3 ? " and more" : ""}.`;
  return refuse(
    "not_fast_forward",
    `${target} has ${behind} commits that ${source} lacks, and only a fast-forward is merged.${clash} Nothing was changed.`,
    {
      hint: `git rebase ${target} ${source}, push it, and run it again`,
      data: { source, target, ahead, behind, conflicts: conflicts.slice(0, CONFLICTS_TOLD) },
    },
  );
}

/** The files that a merge would stop at; none where git is too old to tell (before 2.38). */
async function conflictsOf({ git }: Pick<Source, "git">, one: string, other: string): Promise<string[]> {
  // It ends with status 1 where there are conflicts, and says so on the standard output.
  const said = await git
    .raw("merge-tree", "--write-tree", "--name-only", "--no-messages", one, other)
    .catch((error: Error) => error.message);
  const [tree = "", ...files] = said.split("\n").map((line) => line.trim());
  return /^[0-9a-f]{40}$/.test(tree) ? files.filter(Boolean) : [];
}

/** What is worth saying where a worktree of this clone has the branch checked out: it stays as it is. */
async function checkedOut({ git, remote }: Source, branch: string): Promise<string[]> {
  const listed = await git.raw("worktree", "list", "--porcelain").catch(() => "");
  if (!listed.split("\n").includes(`branch refs/heads/${branch}`)) return [];
  return [
    `${branch} is checked out in this clone, and was left as it is: git pull --ff-only ${remote} ${branch}`,
  ];
}

function verifyWriter(hub: RecordHub, source: Source, op: string): Refusal | undefined {
  const { repo } = source;
  const { name, worker } = actingWorker(hub.parts.view.snapshot, callerContext(hub, op));
  if (mayWrite(repo, worker)) return undefined;
  return refuse(
    "not_allowed",
    `Branches of repo ${repo.slug} are moved by who has the role write or owner in it; you (${name}) have not. Nothing was changed.`,
    { hint: `owp object repo collaborators ${repo.slug}`, data: { repo: repo.slug, worker: name } },
  );
}

const onlyOnline = (options: RunOptions, name: string): Refusal | undefined =>
  options.offline
    ? refuse("offline_needs_remote", `owp ${name} is decided by the remote: it cannot wait in a queue.`)
    : undefined;

/** input: {source, target, repo?}. result: {repo, source, target, before, commit, already}. */
export const repoMerge: Service = async (hub, input, op, options) => {
  const offline = onlyOnline(options, "object repo merge");
  if (offline) return { ...offline, op };
  const opened = await openSource(hub, textIn(input, "repo"), options);
  const denied = "code" in opened ? opened : verifyWriter(hub, opened, op);
  if (denied || "code" in opened) return { ...(denied as Refusal), op };
  const { slug, default_branch } = opened.repo;
  const target = textIn(input, "target") ?? default_branch;
  const source = textIn(input, "source");
  if (!source || !target)
    return { ...refuse("usage", "Source and target are both needed: owp object repo merge topic main."), op };
  const merged = await mergeBranch(hub, slug, { source, target }, options);
  if ("code" in merged) return { ...merged, op };
  const { warnings, ...result } = merged;
  return success(hub, op, { repo: slug, ...result }, warnings);
};

/** input: {name, from?, repo?}. result: {repo, branch, commit, created: true}. */
export const branchNew: Service = (hub, input, op, options) =>
  changeBranch("object repo branches new", hub, input, op, options, async (source, name) => {
    if (source.heads.has(name))
      return refuse(
        "already_exists",
        `Repo ${source.repo.slug} has a branch ${name} already. Nothing was changed.`,
        {
          hint: "owp object repo branches",
          data: { branch: name },
        },
      );
    const from = textIn(input, "from") ?? source.repo.default_branch ?? "HEAD";
    const commit = await commitOf(hub, source, from);
    return typeof commit === "string" ? { expected: "", commit, result: { commit, created: true } } : commit;
  });

/** input: {name, repo?}. result: {repo, branch, commit, deleted: true}; commit: where it was. */
export const branchDelete: Service = (hub, input, op, options) =>
  changeBranch("object repo branches delete", hub, input, op, options, async (source, name) => {
    const commit = source.heads.get(name);
    if (commit === undefined) return noBranch(source, name);
    if (name === source.repo.default_branch || name === hub.parts.names.branch)
      return refuse(
        "not_allowed",
        `${name} is the ${name === hub.parts.names.branch ? "record" : "default branch"}, and is not deleted. Nothing was changed.`,
        {
          data: { branch: name },
        },
      );
    return { expected: commit, commit: "", result: { commit, deleted: true } };
  });

interface Step {
  expected: string;
  commit: string;
  result: Record<string, unknown>;
}

async function changeBranch(
  command: string,
  hub: RecordHub,
  input: Record<string, unknown>,
  op: string,
  options: RunOptions,
  decide: (source: Source, name: string) => Promise<Step | Refusal>,
): ReturnType<Service> {
  const offline = onlyOnline(options, command);
  if (offline) return { ...offline, op };
  const source = await openSource(hub, textIn(input, "repo"), options);
  if ("code" in source) return { ...source, op };
  const denied = verifyWriter(hub, source, op);
  if (denied) return { ...denied, op };
  const name = textIn(input, "name") ?? "";
  // It fails without a word, which simple-git takes for success; the name itself is the sign.
  const said = await source.git.raw("check-ref-format", "--normalize", `refs/heads/${name}`).catch(() => "");
  const isName = said.trim() === `refs/heads/${name}` && !name.startsWith("-");
  if (!isName)
    return {
      ...refuse("invalid_input", `"${name}" is no name of a branch. Nothing was changed.`, {
        data: { field: "name", value: name },
      }),
      op,
    };
  const step = await decide(source, name);
  if ("code" in step) return { ...step, op };
  const failed = options.dry_run ? undefined : await push(hub, source, name, step.expected, step.commit);
  if (failed) return { ...failed.refusal, op };
  return success(hub, op, { repo: source.repo.slug, branch: name, ...step.result }, source.warnings);
}
