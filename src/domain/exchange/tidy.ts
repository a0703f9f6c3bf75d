/** What readers of trackers share: texts cut to what a task may hold, lists and moments from values of any form. */
import { iso } from "../../core/time.ts";
import type { ImportItem, Task } from "../../generated/types.ts";
import { isObject } from "./item-read.ts";

const TITLE_LIMIT = 300;
const REMEMBERED_LIMIT = 2000;

/** Words for the kind of work in other trackers. */
const TYPES: Record<string, NonNullable<Task["type"]>> = {
  ...{
    bug: "bug",
    feature: "feature",
    enhancement: "feature",
    epic: "feature",
    chore: "chore",
    task: "chore",
  },
  ...{ docs: "doc", doc: "doc", documentation: "doc" },
  ...{ question: "research", spike: "research", research: "research", decision: "research" },
  ...{ incident: "incident", ops: "ops" },
};

/** undefined: the word says nothing about it. */
export function typeOf(word: unknown): Task["type"] {
  const plain = String(word).trim().toLowerCase();
  return Object.hasOwn(TYPES, plain) ? TYPES[plain] : undefined;
}

/** A text within a limit of characters; what is cut is a warning. */
export function cut(text: string, limit: number, what: string, warnings: string[]): string {
  if (text.length <= limit) return text;
  const chars = [...text];
  if (chars.length <= limit) return text;
  warnings.push(`${what} cut to ${limit.toLocaleString("en")} characters`);
  return `${chars.slice(0, limit - 1).join("")}…`;
}

/** A title in one line. */
export const titleLine = (text: string, warnings: string[]): string =>
  cut(text.replace(/[\s\p{Cc}]+/gu, " ").trim(), TITLE_LIMIT, "title", warnings);

/** A title that was cut, to stand in full at the head of the description. */
export const cutTitle = (title: string, shown: string): string[] =>
  shown.endsWith("…") && !title.endsWith("…") ? [title.trim()] : [];

export const strings = (value: unknown): string[] =>
  Array.isArray(value)
    ? value.filter((one): one is string => typeof one === "string" && one.trim() !== "")
    : [];

/** Labels of other trackers may hold commas; a label here may not. */
export const tidyLabels = (labels: readonly string[]): string[] =>
  labels.map((label) => label.replaceAll(",", " ").trim()).filter(Boolean);

/** Without what is undefined or empty. */
export function compact(item: ImportItem): ImportItem {
  const entries = Object.entries(item).filter(
    ([, value]) => value !== undefined && value !== "" && !(Array.isArray(value) && value.length === 0),
  );
  return Object.fromEntries(entries) as unknown as ImportItem;
}

export function moment(value: unknown): string | undefined {
  const at = typeof value === "string" ? Date.parse(value) : Number.NaN;
  return Number.isNaN(at) ? undefined : iso(at);
}

/** The named fields as plain data for `meta`: texts, numbers and lists of texts; what is empty is left out. */
export function remember(from: object, names: readonly string[]): Record<string, unknown> {
  const kept: Record<string, unknown> = {};
  for (const name of names) {
    const value = isObject(from) ? from[name] : undefined;
    const list = strings(value);
    if (typeof value === "string" && value !== "") kept[name] = value.slice(0, REMEMBERED_LIMIT);
    else if (typeof value === "number" && Number.isSafeInteger(value) && value !== 0) kept[name] = value;
    else if (list.length > 0) kept[name] = list.map((one) => one.slice(0, REMEMBERED_LIMIT));
  }
  return kept;
}
