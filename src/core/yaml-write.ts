/**
 * Writes values as YAML for people and reviewers: block style, one value a line, long and multi-line text as literal
 * blocks, quotes only where another reader could take a text for something else. Same value, same bytes.
 */
import type { KeyOrder } from "../generated/key-order.ts";

/** What stands behind `key:` on its line, and the lines below it (each with its line feed). */
export interface Rendered {
  head: string;
  body: string;
}

type Order = KeyOrder | null | undefined;

const LONG_TEXT_CHARS = 100;
const STEP = 2;

/** The entries of a mapping at a column: known keys in the schema's order, then the others as they come. */
export function renderEntries(map: object, column: number, order?: Order): string {
  const entries = Object.entries(map).filter(([, value]) => value !== undefined);
  const rank = new Map(Object.keys(order ?? {}).map((key, index) => [key, index]));
  const place = ([key]: [string, unknown]) => rank.get(key) ?? rank.size;
  const sorted = entries.sort((a, b) => place(a) - place(b));
  return sorted.map(([key, value]) => renderEntry(key, value, column, order?.[key])).join("");
}

/** One entry of a mapping, with its line feed. */
export function renderEntry(key: string, value: unknown, column: number, order?: Order): string {
  const { head, body } = render(value, column, order);
  return `${" ".repeat(column)}${renderKey(key)}:${head && ` ${head}`}\n${body}`;
}

/** One entry of a list, with its line feed. */
export function renderItem(value: unknown, column: number, order?: Order): string {
  const dash = `${" ".repeat(column)}- `;
  const { head, body } = render(value, column, order);
  return head === "" ? dash + body.slice(dash.length) : `${dash}${head}\n${body}`;
}

/** A value below a key or a dash at this column. */
export function render(value: unknown, column: number, order?: Order): Rendered {
  if (typeof value === "string") return renderText(value, column);
  if (typeof value !== "object" || value === null) return { head: renderScalar(value), body: "" };
  const inner = column + STEP;
  if (Array.isArray(value)) {
    if (value.length === 0) return { head: "[]", body: "" };
    return { head: "", body: value.map((item) => renderItem(item, inner, order)).join("") };
  }
  const body = renderEntries(value, inner, order);
  return body === "" ? { head: "{}", body } : { head: "", body };
}

/** A value on one line, in brackets where it is a collection. */
export function renderFlow(value: unknown): string {
  if (typeof value === "string") return isPlain(value) && !/[,[\]{}]/.test(value) ? value : quote(value);
  if (typeof value !== "object" || value === null) return renderScalar(value);
  if (Array.isArray(value)) return `[${value.map(renderFlow).join(", ")}]`;
  const entries = Object.entries(value).filter(([, item]) => item !== undefined);
  return entries.length === 0
    ? "{}"
    : `{ ${entries.map(([key, item]) => `${renderKey(key)}: ${renderFlow(item)}`).join(", ")} }`;
}

function renderScalar(value: unknown): string {
  if (value === null || typeof value === "boolean" || Number.isFinite(value)) return String(value);
  throw new Error(`${typeof value} ${String(value)} cannot be written as YAML`);
}

const PLAIN_KEY = /^[A-Za-z_][A-Za-z0-9_./@-]*$/;

function renderKey(key: string): string {
  return PLAIN_KEY.test(key) && !OTHER_TYPE.test(key) ? key : quote(key);
}

function renderText(text: string, column: number): Rendered {
  const wantsBlock = text.includes("\n") || (text.length > LONG_TEXT_CHARS && !isPlain(text));
  const block = wantsBlock ? literal(text, column) : undefined;
  return block ?? { head: isPlain(text) ? text : quote(text), body: "" };
}

/** Control characters, halves of surrogate pairs, odd line breaks and marks: written as escapes only. */
const UNPRINTABLE = /(?![\n\t])[\p{Cc}\p{Cs}\u2028\u2029\ufeff\ufffe\uffff]/u;
const PLAIN = /^[\p{L}\p{N}_/($][^\n\t]*$/u;
const ENDS_PLAIN = /: |:$| #| $/;
/** What YAML 1.1 or 1.2 takes for null, a boolean, a number, a date or a time. */
const OTHER_TYPE = /^(?:y|n|yes|no|on|off|true|false|null|\d[\da-fxob_.,:+-]*)$/i;

function isPlain(text: string): boolean {
  return PLAIN.test(text) && !UNPRINTABLE.test(text) && !ENDS_PLAIN.test(text) && !OTHER_TYPE.test(text);
}

const BARE_IN_JSON = /[\p{Cc}\u2028\u2029\ufeff\ufffe\uffff]/gu;

/** JSON's notation, which YAML shares, with escapes for what JSON leaves bare and YAML does not print. */
function quote(text: string): string {
  const asEscape = (char: string) => `\\u${char.charCodeAt(0).toString(16).padStart(4, "0")}`;
  return JSON.stringify(text).replace(BARE_IN_JSON, asEscape);
}

/** A first or last line of blanks alone, or more than one line feed at the end, would not come back as it was. */
const LITERAL_LOSES = /^[ \t]+(?:\n|$)|^\n*[ \t]*$|\n[ \t]*\n$|\n[ \t]+$/;

/** A literal block; undefined where it would not be lossless. */
function literal(text: string, column: number): Rendered | undefined {
  if (UNPRINTABLE.test(text) || LITERAL_LOSES.test(text)) return undefined;
  const chomp = text.endsWith("\n") ? "" : "-";
  const indicator = /^\n*[ \t]/.test(text) ? String(STEP) : "";
  const lines = (chomp ? text : text.slice(0, -1)).split("\n");
  const pad = " ".repeat(column + STEP);
  return {
    head: `|${indicator}${chomp}`,
    body: lines.map((line) => (line === "" ? "\n" : `${pad}${line}\n`)).join(""),
  };
}
