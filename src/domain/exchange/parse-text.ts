/** From a text to its items: a YAML list, a JSON list, JSON Lines or CSV, with the line on which each begins. */
import { readYaml } from "../../core/yaml-safe.ts";
import { isCsv, readCsvTasks } from "./csv-tasks.ts";

/** One item as it was read; line is 1-based, and unknown inside a JSON list. */
export interface Raw {
  value: unknown;
  line?: number;
  /** Its place in words that need no file. */
  where?: string;
}

export interface TextProblem {
  where: string;
  line?: number;
  message: string;
  field?: string;
}

export type RawsRead = { ok: true; items: Raw[] } | { ok: false; problems: TextProblem[] };

/** A list may stand alone or under one of these keys. */
const LIST_KEYS = ["tasks", "items", "issues"];

export function readRaws(text: string): RawsRead {
  const start = text.trimStart()[0];
  if (start === undefined) return { ok: true, items: [] };
  if (start === "[" || start === "{") {
    const whole = parseJson(text);
    if (whole.ok) return listIn(whole.value);
    if (start === "{") return readLines(text);
    // A YAML list may begin with a bracket too; what is neither is told in JSON's words.
    const yaml = readYamlList(text);
    return yaml.ok ? yaml : fail("the file", undefined, `is no JSON: ${whole.reason}`);
  }
  return isCsv(text) ? readCsvTasks(text) : readYamlList(text);
}

const fail = (where: string, line: number | undefined, message: string): RawsRead => ({
  ok: false,
  problems: [line === undefined ? { where, message } : { where, line, message }],
});

/** A list, a list under a known key, or one task by itself. */
function listIn(value: unknown): RawsRead {
  if (Array.isArray(value)) return { ok: true, items: value.map((one) => ({ value: one })) };
  if (typeof value !== "object" || value === null)
    return fail("the file", undefined, "holds no list of tasks");
  const key = LIST_KEYS.find((name) => Array.isArray((value as Record<string, unknown>)[name]));
  if (key !== undefined) return listIn((value as Record<string, unknown>)[key]);
  return "title" in value
    ? { ok: true, items: [{ value, line: 1 }] }
    : fail("the file", undefined, "holds no list of tasks");
}

function parseJson(text: string): { ok: true; value: unknown } | { ok: false; reason: string } {
  try {
    return { ok: true, value: JSON.parse(text) };
  } catch (error) {
    return { ok: false, reason: (error as Error).message };
  }
}

const CONFLICT = /^(?:<{7}|={7}|>{7}|\|{7})(?: |\r?$)/;

/** JSON Lines: every bad line is named, so that a file is mended in one go. */
function readLines(text: string): RawsRead {
  const items: Raw[] = [];
  const problems: TextProblem[] = [];
  for (const [index, row] of text.split("\n").entries()) {
    if (row.trim() === "") continue;
    const line = index + 1;
    const read = parseJson(row);
    if (read.ok) items.push({ value: read.value, line });
    else {
      const message = CONFLICT.test(row)
        ? "is a mark of an unresolved merge conflict"
        : `is no JSON: ${read.reason}`;
      problems.push({ where: `line ${line}`, line, message });
    }
  }
  return problems.length > 0 ? { ok: false, problems } : { ok: true, items };
}

/** The record's reader takes mappings only; a list becomes one by standing under a key, one step further in. */
function readYamlList(text: string): RawsRead {
  const lines = text.replace(/\r\n/g, "\n").split("\n");
  const first = lines.findIndex((line) => !/^\s*(?:#|$)/.test(line) && line !== "---");
  const isList = /^\s*(?:-(?:\s|$)|\[)/.test(lines[first] ?? "");
  const body = lines.map((line) => (line === "---" ? "" : line));
  const read = readYaml(
    isList ? `items:\n${body.map((line) => (line === "" ? "" : `  ${line}`)).join("\n")}` : body.join("\n"),
  );
  if (!read.ok) {
    const line = read.finding.line === undefined ? undefined : read.finding.line - (isList ? 1 : 0);
    return fail(line === undefined ? "the file" : `line ${line}`, line, read.finding.message);
  }
  const list = listIn(isList ? read.value.items : read.value);
  return isList && list.ok ? { ok: true, items: withLines(list.items, lines, first) } : list;
}

/** Items of a block list begin with a dash in the column of the first one; what is longer is indented further. */
function withLines(items: Raw[], lines: readonly string[], first: number): Raw[] {
  const column = (lines[first] ?? "").search(/\S/);
  const starts: number[] = [];
  for (const [index, line] of lines.entries()) {
    if (
      index >= first &&
      line[column] === "-" &&
      line.search(/\S/) === column &&
      /^(?:\s|$)/.test(line.slice(column + 1))
    ) {
      starts.push(index + 1);
    }
  }
  if (starts.length !== items.length) return items;
  return items.map((item, index) => ({ ...item, line: starts[index] }));
}
