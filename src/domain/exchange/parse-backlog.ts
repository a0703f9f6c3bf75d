/**
 * Tasks of Backlog.md, one Markdown file each, as tasks here. What the two models share is in the tables below; what only
 * Backlog.md has is kept in meta.backlog, and sections of a file without a field here in the description.
 */
import { AGENTS } from "../../core/identity.ts";
import type { ImportItem, Task } from "../../generated/types.ts";
import { ENTRY_LIMIT, TEXT_LIMIT } from "../tasks/fields.ts";
import { type BacklogText, checklist, readBacklogText, type Section } from "./backlog-text.ts";
import { type ItemRead, problem } from "./item-read.ts";
import { clashWarnings, fieldsOfLabels, priorityOfWord, withoutPriority } from "./labels.ts";
import { compact, cut, cutTitle, remember, strings, tidyLabels, titleLine, typeOf } from "./tidy.ts";

/** Without blanks, dashes and case; work under way elsewhere starts anew here. */
const STATUSES: Record<string, NonNullable<ImportItem["status"]>> = {
  ...{ draft: "planned", icebox: "planned", deferred: "planned", onhold: "planned" },
  ...{ todo: "ready", open: "ready", ready: "ready", backlog: "ready", blocked: "ready" },
  ...{ inprogress: "ready", doing: "ready", inreview: "ready", review: "ready", testing: "ready" },
  ...{ done: "ended", completed: "ended", closed: "ended", canceled: "ended", cancelled: "ended" },
};

/** Sections that are conditions of being done. */
const CONDITIONS = new Set(["acceptance criteria", "definition of done"]);
/** The section that needs no heading of its own. */
const DESCRIPTION = "description";
const CRITERIA_LIMIT = 200;

const REMEMBERED = [
  ...["status", "type", "milestone", "reporter", "created_date", "updated_date", "ordinal"],
  ...["references", "documentation", "modified_files"],
];

/** A file's text as an item; a problem names its line. */
export function readBacklog(raw: string): ItemRead {
  const read = readBacklogText(raw);
  if (!read.ok) return problem(read.message, undefined, read.line);
  const bad = (field: string, message: string) => problem(message, field, lineOf(raw, field));
  const { fields, sections } = read.text;
  for (const name of ["id", "title", "status"]) {
    const value = fields[name];
    if (value === undefined || value === null || String(value).trim() === "")
      return bad(name, `${name} is missing in the front matter`);
  }
  const status = statusOf(String(fields.status));
  if (!status)
    return bad(
      "status",
      `status is ${JSON.stringify(fields.status)}; known are ${Object.keys(STATUSES).join(", ")}, also as several words`,
    );
  const priority = fields.priority ? priorityOfWord(String(fields.priority)) : undefined;
  if (fields.priority && priority === undefined)
    return bad(
      "priority",
      `priority is ${JSON.stringify(fields.priority)}; it must be critical, high, medium, low, P0 to P4 or 0 to 1000`,
    );
  const warnings: string[] = [];
  return { item: compact(itemOf({ fields, sections }, status, priority, warnings)), warnings };
}

/** 1-based; the first line, where the field is not there. */
const lineOf = (raw: string, field: string): number =>
  Math.max(
    0,
    raw.split("\n").findIndex((line) => line.startsWith(`${field}:`)),
  ) + 1;

const statusOf = (word: string): ImportItem["status"] | undefined => {
  const plain = word.toLowerCase().replace(/[^\p{L}\p{N}]/gu, "");
  return Object.hasOwn(STATUSES, plain) ? STATUSES[plain] : undefined;
};

function itemOf(
  { fields, sections }: BacklogText,
  status: NonNullable<ImportItem["status"]>,
  priority: number | undefined,
  warnings: string[],
): ImportItem {
  const id = idOf(fields.id);
  const labels = tidyLabels(listOf(fields.labels));
  const said = fieldsOfLabels(priority === undefined ? labels : withoutPriority(labels));
  warnings.push(...clashWarnings(said));
  const title = String(fields.title);
  const shown = titleLine(title, warnings);
  const assignees = actorsOf(fields.assignee);
  const urgency = priority ?? said.priority;
  return {
    ...{ key: id, external_id: id, status, title: shown, labels, skills: said.skills },
    description: describe(sections, cutTitle(title, shown), warnings),
    accept: criteriaOf(sections, warnings),
    blocked_by: listOf(fields.dependencies).map(idOf),
    ...(urgency !== undefined && { priority: urgency }),
    ...(said.size !== undefined && { size: said.size }),
    ...(said.tier && { tier: said.tier }),
    ...(said.area !== undefined && { area: said.area }),
    ...(fields.parent_task_id ? { parent: idOf(fields.parent_task_id) } : {}),
    type: typeOf(fields.type),
    extra: {
      ...(assignees.length > 0 && { assignees }),
      meta: { backlog: remember(fields, REMEMBERED) },
    },
  };
}

/** Backlog.md takes task-7 and TASK-7 for one. */
const idOf = (value: unknown): string => String(value).trim().toUpperCase();

/** A list, or one text in its place. */
const listOf = (value: unknown): string[] => strings([value ?? []].flat().map(String));

/** `@codex` and other coding agents are agents, all others people. */
function actorsOf(value: unknown): NonNullable<Task["assignees"]> {
  return listOf(value).map((name) => {
    const actor_id = name.trim().replace(/^@/, "");
    const isAgent = AGENTS.some((agent) => agent.name === actor_id.toLowerCase());
    return { actor_kind: isAgent ? "agent" : "human", actor_id };
  });
}

const kindOf = ({ heading }: Section): string => heading.toLowerCase();

/** The description first, then the other sections under their headings. */
function describe(sections: readonly Section[], head: string[], warnings: string[]): string {
  const isPlain = (one: Section) => one.heading === "" || kindOf(one) === DESCRIPTION;
  const told = sections.filter((one) => !CONDITIONS.has(kindOf(one)));
  const parts = [
    ...head,
    ...told.filter(isPlain).map(({ text }) => text),
    ...told.filter((one) => !isPlain(one)).map(({ heading, text }) => `## ${heading}\n\n${text}`),
  ];
  return cut(parts.join("\n\n"), TEXT_LIMIT, "description", warnings);
}

function criteriaOf(sections: readonly Section[], warnings: string[]): string[] {
  const found = sections.filter((one) => CONDITIONS.has(kindOf(one))).flatMap(({ text }) => checklist(text));
  if (found.length > CRITERIA_LIMIT) warnings.push(`acceptance criteria cut to the first ${CRITERIA_LIMIT}`);
  return found.slice(0, CRITERIA_LIMIT).map((one) => cut(one, ENTRY_LIMIT, "acceptance criterion", warnings));
}
