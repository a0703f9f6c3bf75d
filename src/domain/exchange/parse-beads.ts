/**
 * Issues of a Beads tracker (.beads/issues.jsonl) as tasks (FEATURES A25). What the two models share is in the tables
 * below; what only Beads has is kept in meta.beads, and shown by owp show.
 */
import { iso } from "../../core/time.ts";
import type { ImportItem, Task } from "../../generated/types.ts";
import { ENTRY_LIMIT, TEXT_LIMIT } from "../tasks/fields.ts";
import { type ItemRead, isObject } from "./item-read.ts";
import { fieldsOfLabels } from "./labels.ts";

type Issue = Record<string, unknown>;

/** Beads' priority to ours: the levels P0 to P4. */
const PRIORITIES = ["P0", "P1", "P2", "P3", "P4"];

/** Work under way elsewhere starts anew here; deferred and pinned issues are kept back until someone opens them. */
const STATUSES: Record<string, NonNullable<ImportItem["status"]>> = {
  ...{ open: "ready", in_progress: "ready", blocked: "ready", hooked: "ready" },
  ...{ deferred: "planned", draft: "planned", pinned: "planned" },
  ...{ closed: "ended", tombstone: "ended" },
};

/** Where Beads says more, or something else, its own word is kept in meta.beads.issue_type. */
const TYPES: Record<string, NonNullable<Task["type"]>> = {
  ...{ bug: "bug", feature: "feature", chore: "chore", task: "chore", epic: "feature" },
  ...{
    docs: "doc",
    doc: "doc",
    documentation: "doc",
    question: "research",
    spike: "research",
    research: "research",
  },
  ...{ decision: "research", incident: "incident", ops: "ops" },
};

/** Minutes of work up to which an issue has so many points. */
const POINTS: [minutes: number, points: number][] = [
  [60, 1],
  [120, 2],
  [240, 3],
  [480, 4],
];
const MOST_POINTS = 5;

/** Dependencies after which an issue waits; parent-child (both spellings) makes a part; all others are only remembered. */
const WAITS = new Set(["blocks", "waits-for"]);
const PARTS = new Set(["parent-child", "parent_child"]);

const TITLE_LIMIT = 300;
const MAX_NOTES = 100;
const CRITERIA_LIMIT = 200;

export const isBeads = (value: unknown): boolean =>
  isObject(value) &&
  typeof value.id === "string" &&
  typeof value.issue_type === "string" &&
  value.kind === undefined;

export function readBeads(issue: Issue): ItemRead {
  const { id, title, status } = issue;
  if (typeof id !== "string" || id === "") return { problem: { message: "id is missing", field: "id" } };
  if (typeof title !== "string" || title.trim() === "")
    return { problem: { message: "title is missing", field: "title" } };
  const to = typeof status === "string" && Object.hasOwn(STATUSES, status) ? STATUSES[status] : undefined;
  if (to === undefined) {
    return {
      problem: {
        message: `status is ${JSON.stringify(status)}; known are ${Object.keys(STATUSES).join(", ")}`,
        field: "status",
      },
    };
  }
  const warnings: string[] = [];
  const labels = strings(issue.labels).map((label) => label.replaceAll(",", " "));
  const said = fieldsOfLabels(labels);
  const links = readLinks(issue, id);
  const item: ImportItem = {
    ...{ key: id, external_id: id, status: to, title: oneLine(title, warnings) },
    priority: PRIORITIES[Number(issue.priority)] ?? "P2",
    ...{
      labels,
      skills: said.skills,
      blocked_by: links.blocked_by,
      accept: criteriaOf(issue.acceptance_criteria, warnings),
    },
    notes: readNotes(issue.comments, warnings),
    extra: { meta: { beads: remembered(issue, links.related) } },
  };
  const text = describe(issue, title, item.title, warnings);
  if (text) item.description = text;
  const type = TYPES[String(issue.issue_type).toLowerCase()];
  if (type) item.type = type;
  if (said.area) item.area = said.area;
  const size = pointsOf(issue.estimated_minutes) ?? said.size;
  if (size !== undefined) item.size = size;
  if (links.parent !== undefined) item.parent = links.parent;
  if (typeof issue.defer_until === "string") item.not_before = moment(issue.defer_until);
  return { item: compact(item), warnings };
}

const strings = (value: unknown): string[] =>
  Array.isArray(value)
    ? value.filter((one): one is string => typeof one === "string" && one.trim() !== "")
    : [];

/** Without what is undefined or empty. */
function compact(item: ImportItem): ImportItem {
  const entries = Object.entries(item).filter(
    ([, value]) => value !== undefined && !(Array.isArray(value) && value.length === 0),
  );
  return Object.fromEntries(entries) as unknown as ImportItem;
}

function cut(text: string, limit: number, what: string, warnings: string[]): string {
  if (text.length <= limit) return text;
  const chars = [...text];
  if (chars.length <= limit) return text;
  warnings.push(`${what} cut to ${limit.toLocaleString("en")} characters`);
  return `${chars.slice(0, limit - 1).join("")}…`;
}

const oneLine = (text: string, warnings: string[]): string =>
  cut(text.replace(/[\s\p{Cc}]+/gu, " ").trim(), TITLE_LIMIT, "title", warnings);

/** Points by the table; 0 minutes and none say nothing. */
function pointsOf(minutes: unknown): number | undefined {
  if (typeof minutes !== "number" || !(minutes > 0)) return undefined;
  return POINTS.find(([limit]) => minutes <= limit)?.[1] ?? MOST_POINTS;
}

/** Description, design and notes under headings; a title that was cut stands first in full. */
function describe(issue: Issue, title: string, shown: string, warnings: string[]): string {
  const parts = shown.endsWith("…") && !title.endsWith("…") ? [title.trim()] : [];
  const sections: [heading: string, value: unknown][] = [
    ["", issue.description],
    ["## Design\n\n", issue.design],
    ["## Notes\n\n", issue.notes],
  ];
  for (const [heading, value] of sections)
    if (typeof value === "string" && value.trim() !== "") parts.push(heading + value.trim());
  return cut(parts.join("\n\n"), TEXT_LIMIT, "description", warnings);
}

/** One condition for each item of a bulleted list; another text is one condition. */
function criteriaOf(value: unknown, warnings: string[]): string[] {
  if (typeof value !== "string" || value.trim() === "") return [];
  const lines = value.trim().split("\n");
  const isList = lines.every((line) => line.trim() === "" || /^\s*(?:[-*+]|\d+[.)])\s/.test(line));
  const found = isList
    ? lines.map((line) => line.replace(/^\s*(?:[-*+]|\d+[.)])\s+(?:\[.\]\s+)?/, "").trim())
    : [value.trim()];
  return found
    .filter(Boolean)
    .slice(0, CRITERIA_LIMIT)
    .map((one) => cut(one, ENTRY_LIMIT, "acceptance criterion", warnings));
}

function readLinks(issue: Issue, id: string) {
  const blocked_by: string[] = [];
  const related: { type: string; id: string }[] = [];
  let parent: string | undefined;
  for (const link of Array.isArray(issue.dependencies) ? issue.dependencies : []) {
    if (
      !isObject(link) ||
      typeof link.depends_on_id !== "string" ||
      (link.issue_id !== undefined && link.issue_id !== id)
    )
      continue;
    const type = String(link.type ?? "blocks");
    if (WAITS.has(type)) blocked_by.push(link.depends_on_id);
    else if (PARTS.has(type) && parent === undefined) parent = link.depends_on_id;
    else related.push({ type, id: link.depends_on_id });
  }
  return { blocked_by, parent, related };
}

/** Comments as notes: the newest ones, under the author's name where it can be a worker's. */
function readNotes(comments: unknown, warnings: string[]): NonNullable<ImportItem["notes"]> {
  const all = (Array.isArray(comments) ? comments : []).filter(
    (one): one is Issue => isObject(one) && typeof one.text === "string" && one.text.trim() !== "",
  );
  if (all.length > MAX_NOTES) warnings.push(`older comments left out, ${MAX_NOTES} kept`);
  return all.slice(-MAX_NOTES).map((comment) => {
    const at = moment(comment.created_at);
    const text = cut(String(comment.text).trim(), ENTRY_LIMIT, "comment", warnings);
    return { ...(at ? { at } : {}), ...(comment.author ? { by: String(comment.author) } : {}), text };
  });
}

function moment(value: unknown): string | undefined {
  const at = typeof value === "string" ? Date.parse(value) : Number.NaN;
  return Number.isNaN(at) ? undefined : iso(at);
}

const REMEMBERED = [
  "status",
  "issue_type",
  "assignee",
  "owner",
  "created_by",
  "created_at",
  "closed_at",
  "close_reason",
  "external_ref",
  "estimated_minutes",
];

/** What has no place in a task; assignees of another tracker are no workers here. */
function remembered(issue: Issue, related: { type: string; id: string }[]): Record<string, unknown> {
  const kept: Record<string, unknown> = {};
  for (const name of REMEMBERED) {
    const value = issue[name];
    if (typeof value === "string" && value !== "") kept[name] = value.slice(0, 2000);
    else if (typeof value === "number" && Number.isSafeInteger(value) && value !== 0) kept[name] = value;
  }
  if (related.length > 0) kept.related = related;
  return kept;
}
