/** Rows of cells in aligned columns, cut to the terminal. */
import type { Look } from "./look.ts";
import { columns, cut, type Ink, oneLine, padEnd, paint } from "./paint.ts";

export interface Column<T> {
  head: string;
  cell: (row: T) => string;
  ink?: (row: T) => Ink | undefined;
  /** Numbers stand right. */
  right?: boolean;
  /** This column gives way when the terminal is narrow; one a table. */
  stretch?: boolean;
}

const GAP = 2;
const MIN_STRETCH = 12;

/** Columns that are empty in every row are left out. */
export function renderTable<T>(rows: readonly T[], all: readonly Column<T>[], look: Look): string {
  const cells = rows.map((row) => all.map((column) => oneLine(column.cell(row))));
  const used = all.map((_, at) => at).filter((at) => cells.some((row) => row[at] !== ""));
  const widths = all.map((column, at) =>
    Math.max(columns(column.head), ...cells.map((row) => columns(row[at] ?? ""))),
  );
  const total = used.reduce((sum, at) => sum + (widths[at] ?? 0) + GAP, -GAP);
  const elastic = used.find((at) => all[at]?.stretch);
  if (elastic !== undefined && total > look.width) {
    widths[elastic] = Math.max(MIN_STRETCH, (widths[elastic] ?? 0) - (total - look.width));
  }
  const line = (texts: readonly string[], ink: (at: number) => Ink | undefined) =>
    used
      .map((at, place) => {
        const width = widths[at] ?? 0;
        const text = cut(texts[at] ?? "", width);
        const colour = ink(at);
        const shown = colour ? paint(look, colour, text) : text;
        const last = place === used.length - 1;
        if (all[at]?.right) return " ".repeat(Math.max(0, width - columns(text))) + shown;
        return last ? shown : padEnd(shown, width);
      })
      .join(" ".repeat(GAP));
  const head = line(
    all.map((column) => column.head),
    () => "dim",
  );
  const body = rows.map((row, index) => line(cells[index] ?? [], (at) => all[at]?.ink?.(row)));
  return [head, ...body].join("\n");
}
