/** CSV as RFC 4180 has it: cells with commas, quotes or line breaks in quotes, a quote doubled. Reads CRLF and LF, writes LF. */

/** A row and the 1-based line on which it begins. */
export interface CsvRow {
  cells: string[];
  line: number;
}

export type CsvRead = { ok: true; rows: CsvRow[] } | { ok: false; line: number; message: string };

/** Quoted or plain, and what comes behind it. Sticky: each match begins where the last one ended. */
const CELL = /(?:"([^"]*(?:""[^"]*)*)"|([^",\r\n]*))(,|\r\n|\r|\n|$)/y;

export function readCsv(text: string): CsvRead {
  const rows: CsvRow[] = [];
  let row: CsvRow = { cells: [], line: 1 };
  let line = 1;
  CELL.lastIndex = 0;
  for (let at = 0; at < text.length || row.cells.length > 0; at = CELL.lastIndex) {
    const cell = CELL.exec(text);
    if (!cell) return { ok: false, line, message: faultAt(text, at) };
    const [whole, quoted, plain = "", end] = cell;
    row.cells.push(quoted === undefined ? plain : quoted.replaceAll('""', '"'));
    line += breaksIn(whole);
    if (end === ",") continue;
    // An empty line is no row.
    if (row.cells.length > 1 || row.cells[0] !== "" || quoted !== undefined) rows.push(row);
    row = { cells: [], line };
    if (CELL.lastIndex >= text.length) break;
  }
  return { ok: true, rows };
}

const breaksIn = (text: string): number => text.match(/\r\n|\r|\n/g)?.length ?? 0;

function faultAt(text: string, at: number): string {
  if (text[at] !== '"') return "has a quote inside of a cell that does not begin with one";
  return /^"[^"]*(?:""[^"]*)*"/.test(text.slice(at))
    ? "has text behind the quote that ends a cell"
    : "has a quote that is not closed";
}

/** Cells that another reader could take for something else are quoted. */
const PLAIN = /^(?![\s"])[^",\r\n]*(?<!\s)$/;

export const writeCsv = (rows: readonly (readonly string[])[]): string =>
  rows.map((row) => `${row.map(writeCell).join(",")}\n`).join("");

const writeCell = (cell: string): string => (PLAIN.test(cell) ? cell : `"${cell.replaceAll('"', '""')}"`);
