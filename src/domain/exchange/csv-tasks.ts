/**
 * Tasks as rows of a table. A cell holds what it can say without loss, an empty one says that the field is not there,
 * and all else stands in the last column as JSON: so that what comes back is what went out.
 */
import type { Task } from "../../generated/types.ts";
import { readCsv, writeCsv } from "./csv.ts";
import { isObject } from "./item-read.ts";
import { isListKey, KEYS } from "./parse-items.ts";
import type { RawsRead, TextProblem } from "./parse-text.ts";

type Value = Record<string, unknown>;

interface Column {
  /** The value's text, which `read` makes the value again; undefined: a cell cannot hold it. */
  write(value: unknown): string | undefined;
  read(cell: string): unknown;
}

const text: Column = {
  write: (value) => (typeof value === "string" ? value : undefined),
  read: (cell) => cell,
};
const whole: Column = {
  write: (value) => (Number.isInteger(value) ? String(value) : undefined),
  read: (cell) => (/^-?\d{1,15}$/.test(cell) ? Number(cell) : cell),
};
const listBy = (mark: string): Column => ({
  write: (value) =>
    Array.isArray(value) && value.every((one) => typeof one === "string") ? value.join(mark) : undefined,
  read: (cell) => cell.split(mark),
});
/** Labels, skills and ids hold no commas. */
const words = listBy(",");
const lines = listBy("\n");

/** The columns of an export, in this order in every one. Dots lead into an object. */
const COLUMNS: Record<string, Column & { path?: string[] }> = {
  ...{ id: text, title: text, repo: text, status: text, type: text, priority: whole, estimate: whole },
  ...{ tier: whole, area: text, skills: words, labels: words, assigned_to: text },
  parent: { ...text, path: ["relationships", "parent"] },
  blocked_by: { ...words, path: ["relationships", "blocked_by"] },
  ...{ not_before: text, max_attempts: whole, description: text },
  acceptance: { ...lines, path: ["acceptance", "criteria"] },
  ...{ created_at: text, created_by: text, updated_at: text },
};
const NAMES = Object.keys(COLUMNS);
/** JSON of what no other column holds. */
const MORE = "more";
/** By its id a row is seen to come from a record. */
const TASK_ID = /^t_[0-9a-hjkmnp-tv-z]{26}$/;

export const tasksToCsv = (tasks: readonly Task[]): string =>
  writeCsv([[...NAMES, MORE], ...tasks.map((task) => rowOf(task))]);

function rowOf(task: Task): string[] {
  const { kind: _kind, ...rest } = JSON.parse(JSON.stringify(task)) as Value;
  const cells = Object.entries(COLUMNS).map(([name, column]) => {
    const { holder, key } = find(rest, name);
    const value = holder?.[key];
    const cell = value === undefined ? undefined : column.write(value);
    if (!holder || !cell || JSON.stringify(column.read(cell)) !== JSON.stringify(value)) return "";
    delete holder[key];
    return cell;
  });
  // An object of which every part has a column is made again from them.
  for (const name of ["relationships", "acceptance"] as const) {
    if (isObject(rest[name]) && Object.keys(rest[name]).length === 0 && hasParts(task[name]))
      delete rest[name];
  }
  return [...cells, Object.keys(rest).length > 0 ? JSON.stringify(rest) : ""];
}

const hasParts = (value: unknown): boolean => isObject(value) && Object.keys(value).length > 0;

/** Where a column's value stands in a task. */
function find(task: Value, name: string): { holder?: Value; key: string } {
  const [outer, inner] = COLUMNS[name]?.path ?? [name];
  if (inner === undefined) return { holder: task, key: name };
  const holder = task[outer ?? ""];
  return isObject(holder) ? { holder, key: inner } : { key: inner };
}

const HEAD = /^\s*"?[a-z_]+"?\s*(?:,\s*"?[a-z_]+"?\s*)*$/i;

/** A first line of names with commas between, or of the one name that a task needs: no other form begins so. */
export function isCsv(text: string): boolean {
  const [first = ""] = text.trimStart().split(/\r?\n|\r/, 1);
  return (
    HEAD.test(first) && (first.includes(",") || first.replaceAll('"', "").trim().toLowerCase() === "title")
  );
}

/** Rows as items: of a record where the id is one, else as in a list of tasks. Every bad row is named. */
export function readCsvTasks(text: string): RawsRead {
  const read = readCsv(text);
  if (!read.ok) return { ok: false, problems: [at(read.line, read.message)] };
  const [first, ...rows] = read.rows;
  const head = (first?.cells ?? []).map((name) => name.trim().toLowerCase());
  const wrong = headProblem(head);
  if (wrong) return { ok: false, problems: [at(first?.line ?? 1, wrong.message, wrong.field)] };
  const problems: TextProblem[] = [];
  const items = rows.map(({ cells, line }) => {
    const value = cells.length === head.length ? valueIn(head, cells) : countsOf(cells.length, head.length);
    if (typeof value === "string") problems.push(at(line, value));
    return { value, line };
  });
  return problems.length > 0 ? { ok: false, problems } : { ok: true, items };
}

const at = (line: number, message: string, field?: string): TextProblem => ({
  where: `line ${line}`,
  line,
  message,
  ...(field !== undefined && { field }),
});

const countsOf = (cells: number, columns: number): string =>
  `has ${cells} ${cells === 1 ? "cell" : "cells"}; the first line names ${columns} columns`;

function headProblem(head: readonly string[]): { message: string; field: string } | undefined {
  const twice = head.find((name, index) => head.indexOf(name) !== index);
  if (twice !== undefined) return { message: `names the column ${twice} twice`, field: twice };
  if (!head.includes("title"))
    return { message: "has no column title, which every task needs", field: "title" };
  const known = [...new Set([...NAMES, MORE, ...Object.keys(KEYS)])];
  const unknown = head.find((name) => !known.includes(name));
  if (unknown === undefined) return undefined;
  return {
    message: `names the unknown column ${JSON.stringify(unknown)}; known are ${known.join(", ")}`,
    field: unknown,
  };
}

/** A text says what is wrong. */
function valueIn(head: readonly string[], cells: readonly string[]): Value | string {
  const given = head
    .map((name, index) => [name, cells[index] ?? ""] as const)
    .filter(([, cell]) => cell !== "");
  const isTask = TASK_ID.test(given.find(([name]) => name === "id")?.[1] ?? "");
  return isTask ? taskOf(given) : itemOf(given);
}

function taskOf(given: readonly (readonly [string, string])[]): Value | string {
  const more = parseMore(given.find(([name]) => name === MORE)?.[1] ?? "{}");
  if (!more) return `${MORE} is no JSON object`;
  const task: Value = { kind: "Task", ...more };
  for (const [name, cell] of given) {
    const column = COLUMNS[name];
    if (!column) continue;
    const [outer = name] = column.path ?? [];
    if (column.path && !isObject(task[outer])) task[outer] = {};
    const { holder, key } = find(task, name);
    if (holder) holder[key] = column.read(cell);
  }
  return task;
}

function parseMore(cell: string): Value | undefined {
  try {
    const value: unknown = JSON.parse(cell);
    return isObject(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

/** A row that people wrote: commas part words, line breaks part conditions. */
function itemOf(given: readonly (readonly [string, string])[]): Value {
  const parts = (name: string, cell: string) =>
    cell
      .split(/^accept/.test(name) ? /\r?\n/ : ",")
      .map((part) => part.trim())
      .filter(Boolean);
  return Object.fromEntries(given.map(([name, cell]) => [name, isListKey(name) ? parts(name, cell) : cell]));
}
