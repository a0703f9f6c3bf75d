/** `owp log`: the ledger, newest first. */
import type { Look, View } from "./look.ts";
import { oneLine } from "./paint.ts";
import { type Column, renderTable } from "./table.ts";
import { relative } from "./words.ts";

/** One commit of the record as an event. */
interface LogRow {
  commit: string;
  at: string;
  event: string;
  actor: string;
  op?: string;
  subject: string;
  tasks: { id: string; epoch?: number }[];
  future?: true;
}

const tasksOf = (row: LogRow) =>
  row.tasks.map(({ id, epoch }) => `${id.slice(-4)}${epoch === undefined ? "" : `#${epoch}`}`).join(" ");

const COLUMNS: readonly Column<LogRow & { when: string }>[] = [
  { head: "when", cell: (row) => row.when, ink: () => "dim" },
  {
    head: "event",
    cell: (row) => row.event,
    ink: (row) => (row.event === "record.edited" ? "yellow" : undefined),
  },
  { head: "worker", cell: (row) => row.actor },
  { head: "task#epoch", cell: tasksOf, ink: () => "cyan" },
  { head: "what", cell: (row) => row.subject, stretch: true },
  { head: "commit", cell: (row) => row.commit.slice(0, 8), ink: () => "dim" },
];

export const log: View<{ events: LogRow[] }> = {
  render: ({ events }, look) => {
    if (events.length === 0) return "no events";
    if (look.compact) return events.map(compact).join("\n");
    return renderTable(
      events.map((row) => ({ ...row, when: whenOf(row, look) })),
      COLUMNS,
      look,
    );
  },
  lines: ({ events }) => events,
};

/** A time in the future is a wrong clock, and is shown as such. */
const whenOf = (row: LogRow, look: Look) => (row.future ? "dated ahead" : relative(row.at, look.now));

function compact(row: LogRow): string {
  const tasks = tasksOf(row);
  return `${row.at} ${row.commit.slice(0, 8)} ${row.event} ${row.actor}${tasks ? ` ${tasks}` : ""}: ${oneLine(row.subject)}`;
}
