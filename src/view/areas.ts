/** `owp areas`. */
import type { AreaRow, AreasListed } from "../domain/repos/list-areas.ts";
import type { Look, View } from "./look.ts";
import { oneLine, paint } from "./paint.ts";
import { type Column, renderTable } from "./table.ts";
import { count } from "./words.ts";

const COLUMNS: readonly Column<AreaRow>[] = [
  { head: "area", cell: (row) => row.area, ink: () => "cyan" },
  { head: "files", cell: (row) => row.paths?.join(" ") ?? "(not listed)", stretch: true },
  { head: "shares with", cell: (row) => row.overlaps.join(" ") },
  { head: "open tasks", cell: (row) => String(row.open_tasks), right: true },
  { head: "in progress", cell: (row) => row.in_progress.map((id) => id.slice(-4)).join(" ") },
  { head: "what", cell: (row) => row.description ?? "" },
];

export const areas: View<AreasListed> = {
  render: (result, look) => {
    const { repo, areas: rows, path, area } = result;
    if (path !== undefined && !area) return `no area of ${repo} covers ${oneLine(path)}`;
    if (rows.length === 0) return `${repo} has no areas`;
    const head = path === undefined ? [] : [`${oneLine(path)} belongs to ${paint(look, "cyan", area ?? "")}`];
    return [
      ...head,
      look.compact ? rows.map(compact).join("\n") : renderTable(rows, COLUMNS, look as Look),
    ].join("\n");
  },
  quiet: ({ areas: rows, path, area }) =>
    path === undefined ? rows.map((row) => row.area).join("\n") : (area ?? ""),
};

function compact({ area, paths, overlaps, open_tasks, in_progress, description }: AreaRow): string {
  const notes = [
    paths ? paths.join(" ") : "not listed",
    overlaps.length > 0 && `shares files with ${overlaps.join(", ")}`,
    count(open_tasks, "open task"),
    in_progress.length > 0 && `in progress ${in_progress.map((id) => id.slice(-4)).join(", ")}`,
    description && oneLine(description),
  ].filter(Boolean);
  return `${area}: ${notes.join("; ")}`;
}
