/** `owp object repo tree|blob|commits|branches|tags|compare`: what a repository holds, on git itself (FEATURES C62, C63). */
import { type Refusal, refuse } from "../../core/refusal.ts";
import type { RecordHub } from "../hub.ts";
import { type Service, success } from "../services.ts";
import type { RunOptions } from "../types.ts";
import { commitOf, isAncestor, openSource, type Source } from "./source.ts";

const COMMITS_DEFAULT = 25;
const COMMITS_MOST = 1000;
const BLOB_MOST_BYTES = 10 * 1024 * 1024;
/** In formats that git fills in; no name or message holds it. */
const FIELD = "\u0001";

type Input = Record<string, unknown>;
type Answered = { result: Record<string, unknown> } | Refusal;

/** A service over a repository's refs. */
const reading =
  (answer: (hub: RecordHub, source: Source, input: Input) => Promise<Answered>): Service =>
  async (hub: RecordHub, input: Input, op: string, options: RunOptions) => {
    const source = await openSource(hub, textIn(input, "repo"), options);
    if ("code" in source) return { ...source, op };
    const answered = await answer(hub, source, input);
    if ("code" in answered) return { ...answered, op };
    return success(hub, op, { repo: source.repo.slug, ...answered.result }, source.warnings);
  };

export function textIn(input: Input, name: string): string | undefined {
  const value = input[name];
  return typeof value === "string" && value.trim() !== "" ? value.trim() : undefined;
}

/** The ref that was asked for, else the repo's default branch. */
async function chosen(
  hub: RecordHub,
  source: Source,
  input: Input,
): Promise<{ ref: string; commit: string } | Refusal> {
  const { repo, heads } = source;
  const usual = repo.default_branch ?? ["main", "master"].find((name) => heads.has(name));
  const ref = textIn(input, "ref") ?? usual ?? "HEAD";
  const commit = await commitOf(hub, source, ref);
  return typeof commit === "string" ? { ref, commit } : commit;
}

const pathIn = (input: Input): string => (textIn(input, "path") ?? "").replace(/^\/+|\/+$/g, "");

interface Entry {
  path: string;
  name: string;
  mode: string;
  type: string;
  oid: string;
  /** Bytes; null for what is no file. */
  size: number | null;
}

async function entries({ git }: Source, commit: string, args: readonly string[]): Promise<Entry[]> {
  const listed = await git.raw(
    "--literal-pathspecs",
    "ls-tree",
    "-z",
    "--full-tree",
    "--long",
    commit,
    ...args,
  );
  return listed
    .split("\0")
    .filter(Boolean)
    .map((line) => {
      const [head = "", path = ""] = [line.slice(0, line.indexOf("\t")), line.slice(line.indexOf("\t") + 1)];
      const [mode = "", type = "", oid = "", size = "-"] = head.split(/ +/);
      const name = path.slice(path.lastIndexOf("/") + 1);
      return { path, name, mode, type, oid, size: size === "-" ? null : Number(size) };
    });
}

const noPath = (ref: string, path: string, what: string): Refusal =>
  refuse("revision_unknown", `There is no ${what} ${path} at ${ref}.`, {
    hint: `owp object repo tree --ref ${ref}`,
    data: { ref, path },
  });

/** result: {repo, ref, commit, path, entries}. */
export const repoTree = reading(async (hub, source, input) => {
  const at = await chosen(hub, source, input);
  if ("code" in at) return at;
  const path = pathIn(input);
  const args = [...(input.recursive === true ? ["-r"] : []), ...(path === "" ? [] : ["--", `${path}/`])];
  const found = await entries(source, at.commit, args);
  if (path !== "" && found.length === 0) return noPath(at.ref, path, "folder");
  return { result: { ...at, path, entries: found } };
});

/** result: {repo, ref, commit, path, oid, size, encoding: utf-8|base64, content}. */
export const repoBlob = reading(async (hub, source, input) => {
  const at = await chosen(hub, source, input);
  if ("code" in at) return at;
  const path = pathIn(input);
  const found = path === "" ? [] : await entries(source, at.commit, ["--", path]);
  const file = found.find((entry) => entry.type === "blob" && entry.path === path);
  if (!file) return noPath(at.ref, path || "(none given)", "file");
  if ((file.size ?? 0) > BLOB_MOST_BYTES)
    return refuse("invalid_input", `${path} has ${file.size} bytes; at most ${BLOB_MOST_BYTES} are shown.`, {
      hint: `git show ${at.commit.slice(0, 10)}:${path}`,
      data: { field: "path", size: file.size },
    });
  const bytes = (await source.git.binaryCatFile(["blob", file.oid])) as Buffer;
  const text = decoded(bytes);
  const content = text ?? bytes.toString("base64");
  const encoding = text === undefined ? "base64" : "utf-8";
  return { result: { ...at, path, oid: file.oid, size: bytes.length, encoding, content } };
});

/** As text where it is text: UTF-8 without a NUL. */
function decoded(bytes: Buffer): string | undefined {
  if (bytes.includes(0)) return undefined;
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    return undefined;
  }
}

export const LOG_FORMAT = `--format=%H${FIELD}%P${FIELD}%an${FIELD}%ae${FIELD}%cI${FIELD}%s`;

export function readLog(text: string) {
  return text
    .split("\n")
    .filter(Boolean)
    .map((line) => {
      const [oid = "", parents = "", name = "", email = "", at = "", subject = ""] = line.split(FIELD);
      return { oid, parents: parents.split(" ").filter(Boolean), author: { name, email }, at, subject };
    });
}

/** Newest first. cursor: where the last page ended. result: {repo, ref, commit, commits, next_cursor: string|null}. */
export const repoCommits = reading(async (hub, source, input) => {
  const limit = Number(input.limit ?? COMMITS_DEFAULT);
  if (!Number.isInteger(limit) || limit < 1 || limit > COMMITS_MOST)
    return refuse("invalid_input", `limit must be a whole number from 1 to ${COMMITS_MOST}.`, {
      data: { field: "limit", value: input.limit },
    });
  const cursor = textIn(input, "cursor");
  const start = cursor === undefined ? undefined : /^([0-9a-f]{40})\.(\d{1,9})$/.exec(cursor);
  if (start === null)
    return refuse("invalid_input", `${cursor} is no cursor: give next_cursor of the page before.`, {
      data: { field: "cursor", value: cursor },
    });
  const at = start
    ? await chosen(hub, source, { ...input, ref: start[1] })
    : await chosen(hub, source, input);
  if ("code" in at) return at;
  // The cursor names the commit that the first page began at: what is pushed meanwhile moves no page.
  const skip = Number(start?.[2] ?? 0);
  const path = pathIn(input);
  const found = readLog(
    await source.git.raw(
      ...["--literal-pathspecs", "log", "--no-color", "--no-show-signature", LOG_FORMAT],
      ...[`--max-count=${limit + 1}`, `--skip=${skip}`, at.commit, "--", ...(path === "" ? [] : [path])],
    ),
  );
  const next_cursor = found.length > limit ? `${at.commit}.${skip + limit}` : null;
  return { result: { ...at, commits: found.slice(0, limit), next_cursor } };
});

const byName = (refs: ReadonlyMap<string, string>) =>
  [...refs].map(([name, commit]) => ({ name, commit })).sort((a, b) => (a.name < b.name ? -1 : 1));

/** result: {repo, branches}. */
export const repoBranches = reading(async (_hub, { heads, repo }) => ({
  result: {
    branches: byName(heads).map((row) => ({ ...row, default: row.name === repo.default_branch })),
  },
}));

/** result: {repo, tags}. commit: of an annotated tag what it points to. */
export const repoTags = reading(async (_hub, { tags }) => ({ result: { tags: byName(tags) } }));

/** result: {repo, base, head, merge_base, ahead, behind, fast_forward, files, additions, deletions, commits, patch?}. */
export const repoCompare = reading(async (hub, source, input) => {
  const range = textIn(input, "range") ?? "";
  const [base, head, ...more] = range.split(/\.{2,3}/);
  if (!base || !head || more.length > 0)
    return refuse("usage", `"${range}" is no comparison: it must be base...head.`, {
      hint: "owp object repo compare main...topic",
    });
  const [from, to] = [await commitOf(hub, source, base), await commitOf(hub, source, head)];
  if (typeof from !== "string") return from;
  if (typeof to !== "string") return to;
  const { git } = source;
  const [behind = 0, ahead = 0] = (await git.raw("rev-list", "--left-right", "--count", `${from}...${to}`))
    .trim()
    .split(/\s+/)
    .map(Number);
  const merge_base = (await git.raw("merge-base", from, to).catch(() => "")).trim() || null;
  const since = merge_base ?? from;
  const diff = ["diff", "--no-color", "--no-ext-diff", "--no-textconv", "--no-renames"];
  const files = (await git.raw(...diff, "--numstat", "-z", since, to, "--"))
    .split("\0")
    .filter(Boolean)
    .map((line) => {
      const [added = "", removed = "", path = ""] = line.split("\t");
      const binary = added === "-";
      return { path, additions: binary ? 0 : Number(added), deletions: binary ? 0 : Number(removed), binary };
    });
  const commits = readLog(
    await git.raw("log", "--no-color", "--no-show-signature", LOG_FORMAT, `${from}..${to}`, "--"),
  );
  return {
    result: {
      ...{ base: { ref: base, commit: from }, head: { ref: head, commit: to }, merge_base, ahead, behind },
      fast_forward: await isAncestor(git, from, to),
      files,
      additions: files.reduce((sum, { additions }) => sum + additions, 0),
      deletions: files.reduce((sum, { deletions }) => sum + deletions, 0),
      commits,
      ...(input.patch === true && { patch: await git.raw(...diff, since, to, "--") }),
    },
  };
});
