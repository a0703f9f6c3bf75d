/** `owp repo …`. */
import type { ReposListed } from "../domain/repos/list.ts";
import type { RepoRow } from "../domain/repos/row.ts";
import type { RepoWritten } from "../domain/repos/set.ts";
import type { View } from "./look.ts";
import { paint } from "./paint.ts";
import { renderPlain } from "./plain.ts";
import { type Column, renderTable } from "./table.ts";
import { count, listing } from "./words.ts";

const prs = ({ current_open_prs, max_open_prs, throttled }: RepoRow) =>
  `${current_open_prs}${max_open_prs === null ? "" : ` of ${max_open_prs}`}${throttled ? " (no new claims)" : ""}`;

const COLUMNS: readonly Column<RepoRow>[] = [
  { head: "repo", cell: (row) => row.slug, ink: () => "cyan" },
  { head: "name", cell: (row) => (row.name === row.slug ? "" : row.name), stretch: true },
  { head: "open tasks", cell: (row) => String(row.open_tasks), right: true },
  { head: "open prs", cell: prs },
  { head: "area locks", cell: (row) => (row.area_locks_enabled ? "on" : "off") },
  { head: "url", cell: (row) => row.url ?? "" },
];

export const repoList: View<ReposListed> = {
  render: ({ repos }, look) => {
    if (repos.length === 0) return "no repos";
    if (!look.compact) return renderTable(repos, COLUMNS, look);
    return repos
      .map((row) => `${row.slug}: ${count(row.open_tasks, "open task")}, open pull requests ${prs(row)}`)
      .join("\n");
  },
};

export const repoShow: View<RepoRow> = { render: (row, look) => renderPlain(row, look) };

export const repoSet: View<RepoWritten> = {
  render: ({ slug, created, changed, already }, look) => {
    const fields = listing(changed.map((field) => field.replaceAll("_", " ")));
    const what = already
      ? "it was so before"
      : created
        ? `is new${fields ? `: ${fields}` : ""}`
        : `${fields} changed`;
    return `${paint(look, "cyan", slug)} ${what}`;
  },
  quiet: ({ slug }) => slug,
};
