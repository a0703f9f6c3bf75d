/** `owp ready`, with and without --explain. */
import type { ExplainedTask, ReadyResult } from "../domain/tasks/ready.ts";
import type { TaskRow } from "../domain/tasks/rows.ts";
import type { Look, View } from "./look.ts";
import { oneLine, paint } from "./paint.ts";
import { type Column, renderTable } from "./table.ts";
import { count } from "./words.ts";

export const ready: View<ReadyResult> = {
  render: (result, look) => {
    const { ready: rows, total, explained, open, worker } = result;
    if (explained) return renderExplained(explained, look);
    if (total === 0)
      return open === 0
        ? "no task is open"
        : `${count(open, "open task")}, none for ${worker} now (owp ready --explain)`;
    const body = look.compact ? rows.map(compact).join("\n") : renderTable(rows, COLUMNS, look);
    const more = total > rows.length ? `\n${paint(look, "dim", `${rows.length} of ${total} (--limit)`)}` : "";
    return `${body}${more}`;
  },
  next: ({ total }) => (total > 0 ? ["owp claim"] : []),
};

const COLUMNS: readonly Column<TaskRow>[] = [
  { head: "id", cell: (row) => row.short, ink: () => "cyan" },
  { head: "prio", cell: (row) => String(row.priority), right: true },
  { head: "est", cell: (row) => String(row.estimate), right: true },
  { head: "title", cell: (row) => row.title, stretch: true },
  { head: "repo", cell: (row) => row.repo },
  { head: "area", cell: (row) => row.area ?? "" },
  { head: "skills", cell: (row) => row.skills.join(" ") },
];

function compact(row: TaskRow): string {
  const notes = [
    row.area && `area ${row.area}`,
    row.skills.length > 0 && `skills ${row.skills.join(",")}`,
  ].filter(Boolean);
  return `${row.short} p${row.priority} e${row.estimate} ${oneLine(row.title)}${notes.length > 0 ? ` (${notes.join("; ")})` : ""}`;
}

/** Each open task with the one reason why it is not for this worker. */
function renderExplained(rows: readonly ExplainedTask[], look: Look): string {
  if (rows.length === 0) return "no task is open";
  if (look.compact) return rows.map((row) => `${row.short} ${row.says}: ${oneLine(row.title)}`).join("\n");
  return renderTable(
    rows,
    [
      { head: "id", cell: (row) => row.short, ink: () => "cyan" },
      { head: "title", cell: (row) => row.title, stretch: true },
      { head: "why", cell: (row) => row.says, ink: (row) => (row.claimable ? "green" : "yellow") },
    ],
    look,
  );
}
