/** Scheduling fields that trackers without such fields keep in labels: `estimate:3`, `priority:high`, `area:auth` (FEATURES A27, A28). */
import { priorityOf } from "../tasks/words.ts";

export interface LabelFields {
  priority?: number;
  /** 1 to 100; the policy's cap may be lower. */
  size?: number;
  skills: string[];
  area?: string;
}

const WORDS: Record<string, number> = { critical: 100, high: 80, medium: 50, low: 20 };
const MAX_SIZE = 100;

/** The first priority, size and area count; skills add up. Labels of other forms say nothing. */
export function fieldsOfLabels(labels: readonly string[]): LabelFields {
  const fields: LabelFields = { skills: [] };
  for (const label of labels) {
    const [, key = "", value = ""] = /^([a-z]+):(.+)$/i.exec(label.trim()) ?? [];
    READERS[key.toLowerCase()]?.(fields, value.trim());
  }
  return fields;
}

const READERS: Record<string, (fields: LabelFields, value: string) => void> = {
  priority: (fields, value) => {
    fields.priority ??= WORDS[value.toLowerCase()] ?? priorityOf(value);
  },
  estimate: readSize,
  size: readSize,
  skill: readSkill,
  skills: readSkill,
  area: (fields, value) => {
    fields.area ??= value;
  },
};

function readSize(fields: LabelFields, value: string): void {
  if (/^\d{1,6}$/.test(value)) fields.size ??= Math.min(MAX_SIZE, Math.max(1, Number(value)));
}

function readSkill(fields: LabelFields, value: string): void {
  fields.skills.push(...value.split(/[\s,]+/).filter(Boolean));
}
