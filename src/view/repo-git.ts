/** `owp object repo …`: what a repository holds. */
import type { Collaborators } from "../domain/repos/collaborators.ts";
import type { View } from "./look.ts";
import { renderTable } from "./table.ts";
import { relative } from "./words.ts";

interface Commit {
  oid: string;
  author: { name: string };
  at: string;
  subject: string;
}

export const collaborators: View<Collaborators> = {
  render: ({ slug, collaborators: rows, mine, changed, already }, look) => {
    const did = already ? "it was so before\n" : changed ? `changed: ${changed.join(", ")}\n` : "";
    const own = `your role in ${slug}: ${mine ?? "none"}`;
    if (rows.length === 0)
      return `${did}repo ${slug} names no collaborators; maintainers count as owners\n${own}`;
    const columns = [
      { head: "worker", cell: (row: Collaborators["collaborators"][number]) => row.worker, stretch: true },
      { head: "role", cell: (row: Collaborators["collaborators"][number]) => row.role },
    ];
    return `${did}${renderTable(rows, columns, look)}\n${own}`;
  },
};

interface Entry {
  path: string;
  type: string;
  size: number | null;
}

export const tree: View<{ entries: Entry[] }> = {
  render: ({ entries }) =>
    entries.map(({ path, type }) => (type === "tree" ? `${path}/` : path)).join("\n") || "nothing is there",
};

export const blob: View<{ path: string; size: number; encoding: string; content: string }> = {
  render: ({ path, size, encoding, content }) =>
    encoding === "utf-8"
      ? content.replace(/\n$/, "")
      : `${path} is binary, ${size} bytes; --json has it as base64`,
};

const commitLines = (commits: readonly Commit[], now: number): string[] =>
  commits.map(
    ({ oid, author, at, subject }) =>
      `${oid.slice(0, 10)}  ${subject} (${author.name}, ${relative(at, now)})`,
  );

export const commits: View<{ commits: Commit[]; next_cursor: string | null }> = {
  render: ({ commits: rows, next_cursor }, look) =>
    [...commitLines(rows, look.now), ...(next_cursor ? [`more: --cursor ${next_cursor}`] : [])].join("\n") ||
    "no commits",
};

interface Ref {
  name: string;
  commit: string;
  default?: boolean;
}
const refLines = (refs: readonly Ref[]): string =>
  refs.map((ref) => `${ref.commit.slice(0, 10)}  ${ref.name}${ref.default ? " (default)" : ""}`).join("\n");

export const branches: View<{ branches: Ref[] }> = {
  render: ({ branches: refs }) => refLines(refs) || "no branches",
};
export const tags: View<{ tags: Ref[] }> = { render: ({ tags: refs }) => refLines(refs) || "no tags" };

export const branchChanged: View<{ branch: string; commit: string; deleted?: true }> = {
  render: ({ branch, commit, deleted }) =>
    `branch ${branch} ${deleted ? "is deleted; it was" : "is made"} at ${commit.slice(0, 10)}`,
};

export const merge: View<{ source: string; target: string; commit: string; already: boolean }> = {
  render: ({ source, target, commit, already }) =>
    already
      ? `${target} has all of ${source} already`
      : `${target} is at ${commit.slice(0, 10)} now, as ${source} is`,
};

interface Compared {
  base: { ref: string };
  head: { ref: string };
  ahead: number;
  behind: number;
  fast_forward: boolean;
  files: { path: string; additions: number; deletions: number; binary: boolean }[];
  additions: number;
  deletions: number;
  commits: Commit[];
  patch?: string;
}

export const compare: View<Compared> = {
  render: (found, look) => {
    const { base, head, ahead, behind, fast_forward, files, additions, deletions, patch } = found;
    return [
      `${head.ref} is ${ahead} ahead of ${base.ref} and ${behind} behind${fast_forward ? ": a fast-forward" : ""}`,
      ...commitLines(found.commits, look.now),
      ...files.map(
        (file) => `${file.path}  ${file.binary ? "binary" : `+${file.additions} -${file.deletions}`}`,
      ),
      `${files.length} files, +${additions} -${deletions}`,
      ...(patch === undefined ? [] : ["", patch.replace(/\n$/, "")]),
    ].join("\n");
  },
};
