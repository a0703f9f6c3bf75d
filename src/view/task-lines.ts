/** How a task looks in a list: shared by every view that lists tasks. */
import type { ListRow } from "../domain/tasks/listing.ts";
import type { HeldRow } from "../domain/tasks/rows.ts";
import type { Look } from "./look.ts";
import { type Ink, oneLine, paint } from "./paint.ts";
import { type Column, renderTable } from "./table.ts";
import { relative } from "./words.ts";

/** One colour a status, the same everywhere. */
const INKS: Record<string, Ink> = {
  ready: "green",
  queued: "green",
  running: "cyan",
  in_progress: "cyan",
  pr_opened: "cyan",
  blocked: "yellow",
  expired: "yellow",
  retry: "yellow",
  broken: "red",
  failed: "red",
  planned: "dim",
  waiting: "dim",
  done: "dim",
  canceled: "dim",
};

export const inkOf = (status: string): Ink | undefined => INKS[status];

/** `k3f9 Fix the login`. */
export const named = (task: { short: string; title: string }, look: Look): string =>
  `${paint(look, "cyan", task.short)} ${oneLine(task.title)}`;

/** Rows of tasks: a table on a terminal, a line each elsewhere. */
export function renderTasks(rows: readonly ListRow[], look: Look): string {
  return look.compact ? rows.map(compactTask).join("\n") : renderTable(rows, COLUMNS, look);
}

const COLUMNS: readonly Column<ListRow>[] = [
  { head: "id", cell: (row) => row.short, ink: () => "cyan" },
  { head: "status", cell: (row) => row.status, ink: (row) => inkOf(row.status) },
  { head: "prio", cell: (row) => String(row.priority), right: true },
  { head: "est", cell: (row) => String(row.estimate ?? ""), right: true },
  { head: "title", cell: (row) => row.title, stretch: true },
  { head: "holder", cell: (row) => row.holder ?? (row.assigned_to ? `for ${row.assigned_to}` : "") },
  { head: "skills", cell: (row) => (row.skills ?? []).join(" ") },
  { head: "area", cell: (row) => row.area ?? "" },
];

function compactTask(row: ListRow): string {
  const notes = [
    row.job && "job",
    row.holder && `@${row.holder}`,
    row.skills?.length && `needs ${row.skills.join(",")}`,
    row.area && `area ${row.area}`,
    row.waits_for?.length && `waits for ${row.waits_for.map((id) => id.slice(-4)).join(",")}`,
  ].filter(Boolean);
  return `${row.short} ${row.status} p${row.priority} ${oneLine(row.title)}${notes.length > 0 ? ` (${notes.join("; ")})` : ""}`;
}

/** Rows of held tasks: who, how far, until when. */
export function renderHeld(rows: readonly HeldRow[], look: Look, withWorker: boolean): string {
  if (look.compact) return rows.map((row) => compactHeld(row, look, withWorker)).join("\n");
  const columns: Column<HeldRow>[] = [
    { head: "id", cell: (row) => row.short, ink: () => "cyan" },
    { head: "state", cell: (row) => row.state, ink: (row) => inkOf(row.state) },
    ...(withWorker ? [{ head: "worker", cell: (row: HeldRow) => row.worker }] : []),
    { head: "title", cell: (row) => row.title, stretch: true },
    { head: "epoch", cell: (row) => String(row.epoch), right: true },
    {
      head: "lease",
      cell: (row) => leaseEnd(row, look.now),
      ink: (row) => ((row.time_left_ms ?? 1) < 0 ? "yellow" : undefined),
    },
    { head: "message", cell: (row) => row.message ?? "" },
  ];
  return renderTable(rows, columns, look);
}

/** A state as people say it: `in progress`. */
export const stateWord = (state: string): string => state.replaceAll("_", " ");

/** What its holder usually does next with a task. */
export const onward = ({ short, state }: { short: string; state: string }): string =>
  state === "blocked" || state === "pr_opened"
    ? `owp resume ${short}`
    : `owp done ${short} -m "<what was done>"`;

/** Blocked tasks and those with an open pull request keep their holder past the end. */
export function leaseEnd(row: Pick<HeldRow, "state" | "expires_at">, now: number): string {
  return row.state === "in_progress" || row.state === "expired"
    ? `ends ${relative(row.expires_at, now) || "never"}`
    : "stays";
}

function compactHeld(row: HeldRow, look: Look, withWorker: boolean): string {
  const parts = [row.state, `epoch ${row.epoch}`, `lease ${leaseEnd(row, look.now)}`];
  if (withWorker) parts.unshift(`@${row.worker}`);
  if (row.message) parts.push(oneLine(row.message));
  return `${row.short} ${oneLine(row.title)} (${parts.join(", ")})`;
}
