/** `owp queues`. */
import type { View } from "./look.ts";
import { paint } from "./paint.ts";
import { type Column, renderTable } from "./table.ts";

interface QueueRow {
  queue: string | null;
  branch: string;
  tip: string | null;
  record: boolean | null;
  current: boolean;
  waiting: number;
}

const nameOf = ({ queue }: QueueRow) => queue ?? "(no name)";
const notesOf = ({ record, current, waiting }: QueueRow) =>
  [
    record === false && "no record: it has no owp.yaml",
    current && "the one that commands here mean",
    waiting > 0 && `${waiting} waiting for owp sync`,
  ]
    .filter(Boolean)
    .join("; ");

const COLUMNS: readonly Column<QueueRow>[] = [
  { head: "queue", cell: nameOf, ink: () => "cyan" },
  { head: "branch", cell: (row) => row.branch },
  { head: "at", cell: (row) => row.tip?.slice(0, 10) ?? "" },
  { head: "", cell: notesOf, stretch: true },
];

export const queues: View<{ base: string; queues: QueueRow[] }> = {
  render: ({ base, queues: rows }, look) => {
    if (rows.length === 0)
      return `the remote has no branch ${base} and none beside it: there is no record yet`;
    if (!look.compact) return renderTable(rows, COLUMNS, look);
    return rows
      .map(
        (row) =>
          `${paint(look, "cyan", nameOf(row))}: ${[row.branch, notesOf(row)].filter(Boolean).join("; ")}`,
      )
      .join("\n");
  },
  next: ({ queues: rows }) => (rows.length === 0 ? ["owp init"] : []),
};
