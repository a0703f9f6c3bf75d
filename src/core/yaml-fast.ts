/**
 * A reader for the plain subset of YAML that owp itself writes, some ten times faster than the full one. It either
 * answers exactly what the full reader would, or nothing: whatever is not surely in the subset is left to the other.
 * A property test holds the two together (test/property/codec.property.test.ts).
 *
 * The subset: block mappings with plain keys, block lists, plain one-line scalars, double-quoted ones that are JSON,
 * literal blocks without an indentation digit, `[]`, `{}`, blank lines and whole-line comments.
 */
import { MAX_DEPTH } from "./problem.ts";

/** Carriage returns, other control characters and byte order marks are the full reader's. */
const FOREIGN = /(?![\t\n])[\p{Cc}\ufeff]/u;
const ENTRY = /^([A-Za-z][A-Za-z0-9_./@-]*):(?: (.*))?$/;
const INTEGER = /^-?(?:0|[1-9]\d{0,14})$/;
/** May be a number in some notation; with any other character in it, it is text. */
const NUMERIC = /^[0-9a-fA-FxoO.eE+-]+$/;
const KEYWORD = /^(?:true|false|null)$/i;
const KEYWORDS: Record<string, boolean | null> = { true: true, false: false, null: null };

/** Thrown inside, caught below: not in the subset. One object, so that it costs nothing. */
const LEAVE = new Error("not in the plain subset");

/** The mapping that a text holds; undefined where the full reader has to look. */
export function readFast(text: string): Record<string, unknown> | undefined {
  if (FOREIGN.test(text)) return undefined;
  const reader = new Reader(text.split("\n"));
  try {
    return reader.document();
  } catch (error) {
    if (error === LEAVE) return undefined;
    throw error;
  }
}

class Reader {
  private at = 0;
  private depth = 0;

  constructor(private readonly lines: string[]) {}

  document(): Record<string, unknown> {
    if (this.indent() !== 0) throw LEAVE;
    const map = this.map(0);
    // A line that fits into no open collection is still there.
    if (this.indent() !== -1) throw LEAVE;
    return map;
  }

  /** Steps over blank lines and comments; answers the indentation of the line it stands at, -1 at the end. */
  private indent(): number {
    for (; this.at < this.lines.length; this.at++) {
      const line = this.lines[this.at] as string;
      const column = indentOf(line);
      if (column < line.length && line.charCodeAt(column) !== 35 /* # */) return column;
    }
    return -1;
  }

  private map(column: number): Record<string, unknown> {
    if (++this.depth > MAX_DEPTH) throw LEAVE;
    const map: Record<string, unknown> = {};
    while (this.indent() === column) {
      const entry = ENTRY.exec((this.lines[this.at] as string).slice(column));
      const key = entry?.[1];
      if (!entry || key === undefined || Object.hasOwn(map, key)) throw LEAVE;
      this.at++;
      map[key] = this.value(entry[2], column);
    }
    this.depth--;
    return map;
  }

  private list(column: number): unknown[] {
    if (++this.depth > MAX_DEPTH) throw LEAVE;
    const list: unknown[] = [];
    while (this.indent() === column) {
      const line = this.lines[this.at] as string;
      if (!line.startsWith("- ", column)) throw LEAVE;
      const rest = line.slice(column + 2);
      if (rest.startsWith("- ") || ENTRY.test(rest)) {
        // `- key: …` opens a mapping, `- - …` a list, two columns further in.
        this.lines[this.at] = `${" ".repeat(column + 2)}${rest}`;
        list.push(this.collection(column + 2));
      } else {
        this.at++;
        list.push(this.scalar(rest, column));
      }
    }
    this.depth--;
    return list;
  }

  private collection(column: number): unknown {
    return (this.lines[this.at] as string).startsWith("- ", column) ? this.list(column) : this.map(column);
  }

  /** What follows a key of a mapping at this column. */
  private value(rest: string | undefined, column: number): unknown {
    if (rest !== undefined) return this.scalar(rest, column);
    const inner = this.indent();
    return inner > column ? this.collection(inner) : null;
  }

  private scalar(rest: string, column: number): unknown {
    if (rest === "|" || rest === "|-") return this.literal(column, rest === "|");
    return scalarOf(rest);
  }

  private literal(column: number, keepLast: boolean): string {
    const first = this.at;
    while (this.lines[this.at] === "") this.at++;
    const margin = indentOf(this.lines[this.at] ?? "");
    if (margin <= column || margin === this.lines[this.at]?.length) throw LEAVE;
    let content = "";
    let gap = "\n".repeat(this.at - first);
    let ragged = false;
    for (; this.at < this.lines.length; this.at++) {
      const line = this.lines[this.at] as string;
      const indent = indentOf(line);
      if (indent === line.length) {
        gap += `${line.slice(margin)}\n`;
        ragged ||= indent > 0;
      } else {
        if (indent < margin) break;
        content += `${gap}${line.slice(margin)}`;
        gap = "\n";
        ragged = false;
      }
    }
    // Lines of blanks at the end of a block are chomped in a way of their own.
    if (ragged) throw LEAVE;
    return keepLast ? `${content}\n` : content;
  }
}

function indentOf(line: string): number {
  let column = 0;
  while (line.charCodeAt(column) === 32) column++;
  return column;
}

function scalarOf(text: string): unknown {
  const code = text.charCodeAt(0);
  if (code === 34 /* " */) return quoted(text);
  if (code === 91 /* [ */ && text === "[]") return [];
  if (code === 123 /* { */ && text === "{}") return {};
  const digit = code >= 48 && code <= 57;
  if (digit || code === 45 /* - */) {
    if (INTEGER.test(text)) return Number(text);
    if (!digit || NUMERIC.test(text)) throw LEAVE;
  } else if (!opensText(code)) throw LEAVE;
  if (text.includes(": ") || text.includes(" #") || text.includes("\t")) throw LEAVE;
  const last = text.charCodeAt(text.length - 1);
  if (last === 58 /* : */ || last === 32) throw LEAVE;
  if (text.length <= 5 && KEYWORD.test(text)) {
    const keyword = KEYWORDS[text];
    if (keyword === undefined) throw LEAVE;
    return keyword;
  }
  return text;
}

/** Characters that begin a plain scalar and nothing else: letters, _, /, (, $ and most beyond ASCII. */
function opensText(code: number): boolean {
  const letter = (code | 32) >= 97 && (code | 32) <= 122;
  return letter || code === 95 || code === 47 || code === 40 || code === 36 || code > 0xa0;
}

/** A double-quoted scalar on one line, where it is JSON: then both notations mean the same. */
function quoted(text: string): string {
  try {
    return JSON.parse(text) as string;
  } catch {
    throw LEAVE;
  }
}
