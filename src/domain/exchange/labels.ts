/** Scheduling fields that trackers without such fields keep in labels: `estimate:3`, `priority:high`, `area:auth` (FEATURES A27, A28). */
import { priorityOf } from "../tasks/words.ts";

export interface LabelFields {
  priority?: number;
  /** 1 to 100; the policy's cap may be lower. */
  size?: number;
  tier?: number;
  skills: string[];
  area?: string;
  /** Labels that contradict each other, for a warning: `priority:high before priority:low`. */
  clashes?: string[];
}

type Single = "priority" | "size" | "tier" | "area";

/** Words for a priority that other trackers use, besides P0 to P4. */
const PRIORITIES: Record<string, number> = { critical: 100, high: 80, medium: 50, low: 20 };
const MAX_SIZE = 100;

/** `high`, `P1` or `80`; undefined for anything else. */
export function priorityOfWord(word: string): number | undefined {
  const plain = word.trim().toLowerCase();
  return Object.hasOwn(PRIORITIES, plain) ? PRIORITIES[plain] : priorityOf(word);
}

const sizeOf = (value: string): number | undefined =>
  /^\d{1,6}$/.test(value) ? Math.min(MAX_SIZE, Math.max(1, Number(value))) : undefined;

/** What stands before the colon, and how its value reads; undefined: the label says nothing. */
const SINGLES = new Map<string, { to: Single; read: (value: string) => number | string | undefined }>([
  ["priority", { to: "priority", read: priorityOfWord }],
  ["estimate", { to: "size", read: sizeOf }],
  ["size", { to: "size", read: sizeOf }],
  ["tier", { to: "tier", read: (value) => (/^[0-3]$/.test(value) ? Number(value) : undefined) }],
  ["area", { to: "area", read: (value) => value }],
]);
const SKILLS = new Set(["skill", "skills"]);

/** The first priority, size, tier and area count, and others are told as clashes; skills add up. */
export function fieldsOfLabels(labels: readonly string[]): LabelFields {
  const fields: Partial<Record<Single, number | string>> = {};
  const winners = new Map<Single, string>();
  const skills: string[] = [];
  const clashes: string[] = [];
  for (const label of labels) {
    const [, name = "", text = ""] = /^([a-z]+):(.+)$/i.exec(label.trim()) ?? [];
    const [key, value] = [name.toLowerCase(), text.trim()];
    if (SKILLS.has(key)) skills.push(...value.split(/[\s,]+/).filter(Boolean));
    const row = SINGLES.get(key);
    const read = value === "" ? undefined : row?.read(value);
    if (!row || read === undefined) continue;
    if (!winners.has(row.to)) {
      fields[row.to] = read;
      winners.set(row.to, label.trim());
    } else if (fields[row.to] !== read) clashes.push(`${winners.get(row.to)} before ${label.trim()}`);
  }
  return { ...(fields as LabelFields), skills, ...(clashes.length > 0 ? { clashes } : {}) };
}

/** A reader's warning of labels that contradict each other. */
export const clashWarnings = ({ clashes = [] }: LabelFields): string[] =>
  clashes.map((clash) => `labels contradict each other, and the first counts: ${clash}`);

/** For sources that have a field of their own for it. */
export const withoutPriority = (labels: readonly string[]): string[] =>
  labels.filter((label) => !/^\s*priority:/i.test(label));
