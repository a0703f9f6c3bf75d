/** What people may write of a task: one row a field, used by add, edit and import alike. */
import type { Ctx } from "../../core/operation.ts";
import { placeOf } from "../../core/paths.ts";
import { type Refusal, refuse } from "../../core/refusal.ts";
import type { Rules } from "../../core/snapshot.ts";
import { iso, parseDuration } from "../../core/time.ts";
import { spellValue } from "../../core/violations.ts";
import type { Task } from "../../generated/types.ts";
import { priorityOf } from "./words.ts";

export const TYPES = ["feature", "bug", "chore", "research", "ops", "doc", "incident"] as const;

/** The fields as they stand in a task; what the task file nests (acceptance) is flat here. */
export interface Fields {
  title?: string;
  description?: string;
  repo?: string;
  type?: (typeof TYPES)[number];
  priority?: number;
  estimate?: number;
  tier?: number;
  area?: string;
  skills?: string[];
  labels?: string[];
  assigned_to?: string;
  accept?: string[];
  max_attempts?: number;
  not_before?: string;
}

export type FieldName = keyof Fields;

/** What a value is judged by besides itself. */
interface Scale {
  now: number;
  rules: Rules;
}

interface FieldRow {
  /** What the value must be, after "it must be". */
  rule: string | ((rules: Rules) => string);
  /** The value as it is stored; undefined: it breaks the rule. */
  read(value: unknown, scale: Scale): unknown;
}

export const TEXT_LIMIT = 65_536;
export const ENTRY_LIMIT = 4000;
/** ASCII control characters; the schemas refuse them. */
const CONTROL = /(?![\x80-\x9f])\p{Cc}/u;
/** Any half of a pair, which is quick to look for; and halves without the other, which UTF-8 cannot hold. */
const SURROGATE = /[\ud800-\udfff]/;
const LONE_SURROGATE = /\p{Surrogate}/u;

/** At most so many characters (not UTF-16 units), and writable as UTF-8. */
function fits(text: string, max: number): boolean {
  if (SURROGATE.test(text) && LONE_SURROGATE.test(text)) return false;
  return text.length <= max || (text.length <= 2 * max && [...text].length <= max);
}

/** One line of 1 to max characters, without the blanks around it. */
export function oneLine(value: unknown, max: number): string | undefined {
  if (typeof value !== "string") return undefined;
  const text = value.trim();
  return text !== "" && !CONTROL.test(text) && fits(text, max) ? text : undefined;
}

/** Text of several lines; may be empty. */
export function longText(value: unknown, max: number): string | undefined {
  return typeof value === "string" && fits(value, max) ? value : undefined;
}

export function whole(value: unknown, min: number, max: number): number | undefined {
  return Number.isInteger(value) && (value as number) >= min && (value as number) <= max
    ? (value as number)
    : undefined;
}

/** A list of which every value reads, each once; undefined where one does not, or where there are too many. */
function listOf<T>(value: unknown, max: number, read: (item: unknown) => T | undefined): T[] | undefined {
  if (!Array.isArray(value)) return undefined;
  const items = value.map(read);
  if (items.includes(undefined)) return undefined;
  const once = [...new Set(items as T[])];
  return once.length <= max ? once : undefined;
}

/** Words without commas, one line each: skills and labels. */
export const tags = (value: unknown, max: number): string[] | undefined =>
  listOf(value, max, (item) => {
    const text = oneLine(item, 100);
    return text?.includes(",") ? undefined : text;
  });

/** Skills are the same in upper and lower case (A05): the first spelling stays. */
export function skillTags(value: unknown, max: number): string[] | undefined {
  const first = new Map<string, string>();
  const words = tags(value, max);
  for (const word of words ?? []) if (!first.has(word.toLowerCase())) first.set(word.toLowerCase(), word);
  return words && [...first.values()];
}

export const isWorkerName = (text: string): boolean =>
  text.length <= 120 && !/\.yaml\//.test(text) && placeOf(`workers/${text}.yaml`)?.kind === "Worker";

export const isSlug = (text: string): boolean =>
  text.length <= 100 && placeOf(`repos/${text}.yaml`)?.kind === "Repo";

/** `2026-01-31T12:00:00Z`, `2026-01-31`, or a length of time from now such as `2d`; as a timestamp. */
function moment(value: unknown, now: number): string | undefined {
  if (typeof value !== "string") return undefined;
  const length = parseDuration(value);
  if (length !== undefined) return iso(now + length);
  if (!/^\d{4}-\d{2}-\d{2}(T\d{2}:\d{2}:\d{2}(\.\d{1,9})?Z)?$/.test(value)) return undefined;
  const at = Date.parse(value);
  return Number.isNaN(at) || iso(at).slice(0, 10) !== value.slice(0, 10) ? undefined : iso(at);
}

const FIELDS: Record<FieldName, FieldRow> = {
  title: { rule: "one line of 1 to 300 characters", read: (value) => oneLine(value, 300) },
  description: { rule: "text of at most 65,536 characters", read: (value) => longText(value, TEXT_LIMIT) },
  repo: {
    rule: "a repo's slug: lower case letters, digits, dot, dash",
    read: (value) => (typeof value === "string" && isSlug(value) ? value : undefined),
  },
  type: {
    rule: `one of ${TYPES.join(", ")}`,
    read: (value) => TYPES.find((type) => type === value),
  },
  priority: {
    rule: "a whole number from 0 to 1000, or P0 to P4",
    read: (value) => (typeof value === "string" ? priorityOf(value) : whole(value, 0, 1000)),
  },
  estimate: {
    rule: (rules) => `a whole number of points from 1 to ${rules.max_estimate} (the policy's max_estimate)`,
    read: (value, { rules }) => whole(value, 1, rules.max_estimate),
  },
  tier: { rule: "a whole number from 0 to 3", read: (value) => whole(value, 0, 3) },
  area: { rule: "one line of 1 to 120 characters", read: (value) => oneLine(value, 120) },
  skills: {
    rule: "at most 50 words, each one line of 1 to 100 characters without commas",
    read: (value) => skillTags(value, 50),
  },
  labels: {
    rule: "at most 100 words, each one line of 1 to 100 characters without commas",
    read: (value) => tags(value, 100),
  },
  assigned_to: {
    rule: "a worker's name such as ada or claude@box/web: lower case, at most one slash",
    read: (value) => (typeof value === "string" && isWorkerName(value) ? value : undefined),
  },
  accept: {
    rule: "at most 200 conditions of 1 to 4,000 characters each",
    read: (value) => listOf(value, 200, (item) => longText(item, ENTRY_LIMIT)?.trim() || undefined),
  },
  max_attempts: { rule: "a whole number from 1 to 100", read: (value) => whole(value, 1, 100) },
  not_before: {
    rule: "a moment such as 2026-01-31T12:00:00Z, a day, or a length of time from now such as 2d",
    read: (value, { now }) => moment(value, now),
  },
};

export const FIELD_NAMES = Object.keys(FIELDS) as FieldName[];

/** Reads the fields that the input has, in the form in which they are stored, or says which one breaks which rule. */
export function readFields(
  input: Partial<Record<FieldName, unknown>>,
  rules: Rules,
  ctx: Pick<Ctx, "now">,
  place: { line?: number; where?: string } = {},
): { ok: true; fields: Fields } | Refusal {
  const fields: Record<string, unknown> = {};
  for (const name of FIELD_NAMES) {
    const given = input[name];
    if (given === undefined) continue;
    const value = FIELDS[name].read(given, { now: ctx.now, rules });
    if (value === undefined) return badField(name, given, ruleOf(name, rules), place);
    fields[name] = value;
  }
  return { ok: true, fields: fields as Fields };
}

export function ruleOf(name: FieldName, rules: Rules): string {
  const { rule } = FIELDS[name];
  return typeof rule === "string" ? rule : rule(rules);
}

/** The refusal of one value: names the field, the value and the rule. */
export function badField(
  field: string,
  value: unknown,
  rule: string,
  place: { line?: number; where?: string } = {},
): Refusal {
  const where = place.where ? `${place.where}: ` : "";
  return refuse(
    "invalid_input",
    `${where}${field} is ${spellValue(value)}; it must be ${rule}. Nothing was changed.`,
    {
      data: { field, value: shorten(value), rule, ...(place.line === undefined ? {} : { line: place.line }) },
    },
  );
}

function shorten(value: unknown): unknown {
  const text = JSON.stringify(value) ?? "";
  return text.length <= 200 ? value : `${text.slice(0, 200)}…`;
}

/** Writes fields into a task. undefined takes a field away; what is not named stays. */
export function withFields(task: Task, fields: Fields): Task {
  const { accept, ...plain } = fields;
  const next = { ...task, ...plain };
  if ("accept" in fields) {
    const { criteria: _before, ...acceptance } = task.acceptance ?? {};
    if (accept?.length) next.acceptance = { ...acceptance, criteria: accept };
    else if (Object.keys(acceptance).length > 0) next.acceptance = acceptance;
    else delete next.acceptance;
  }
  for (const name of FIELD_NAMES)
    if (name !== "accept" && isNothing(name, fields)) delete (next as Fields)[name];
  return next;
}

/** What stands for itself when it is absent is not written. */
const isNothing = (name: FieldName, fields: Fields): boolean =>
  name in fields &&
  (fields[name] === undefined ||
    fields[name] === "" ||
    (name === "tier" && fields.tier === 0) ||
    emptyList(fields[name]));

const emptyList = (value: unknown): boolean => Array.isArray(value) && value.length === 0;
