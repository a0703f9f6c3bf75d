/**
 * Issues of a Beads tracker (.beads/issues.jsonl) as tasks (FEATURES A25). What the two models share is in the tables
 * below; what only Beads has is kept in meta.beads, and shown by owp show.
 */
import type { ImportItem } from "../../generated/types.ts";
import { ENTRY_LIMIT, TEXT_LIMIT } from "../tasks/fields.ts";
import { type ItemRead, isObject, problem } from "./item-read.ts";
import { clashWarnings, fieldsOfLabels, withoutPriority } from "./labels.ts";
import { compact, cut, cutTitle, moment, remember, strings, tidyLabels, titleLine, typeOf } from "./tidy.ts";

type Issue = Record<string, unknown>;

/** Beads' priority to ours: the levels P0 to P4. */
const PRIORITIES = ["P0", "P1", "P2", "P3", "P4"];

/** Work under way elsewhere starts anew here; deferred and pinned issues are kept back until someone opens them. */
const STATUSES: Record<string, NonNullable<ImportItem["status"]>> = {
  ...{ open: "ready", in_progress: "ready", blocked: "ready", hooked: "ready" },
  ...{ deferred: "planned", draft: "planned", pinned: "planned" },
  ...{ closed: "ended", tombstone: "ended" },
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

const MAX_NOTES = 100;
const CRITERIA_LIMIT = 200;

export const isBeads = (value: unknown): boolean =>
  isObject(value) &&
  typeof value.id === "string" &&
  typeof value.issue_type === "string" &&
  value.kind === undefined;

export function readBeads(issue: Issue): ItemRead {
  const { id, title, status } = issue;
  if (typeof id !== "string" || id === "") return problem("id is missing", "id");
  if (typeof title !== "string" || title.trim() === "") return problem("title is missing", "title");
  const to = typeof status === "string" && Object.hasOwn(STATUSES, status) ? STATUSES[status] : undefined;
  if (to === undefined) {
    return problem(
      `status is ${JSON.stringify(status)}; known are ${Object.keys(STATUSES).join(", ")}`,
      "status",
    );
  }
  const warnings: string[] = [];
  const labels = tidyLabels(strings(issue.labels));
  // Beads has a field of its own for the priority.
  const said = fieldsOfLabels(withoutPriority(labels));
  warnings.push(...clashWarnings(said));
  const links = readLinks(issue, id);
  const item: ImportItem = {
    ...{ key: id, external_id: id, status: to, title: titleLine(title, warnings) },
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
  const type = typeOf(issue.issue_type);
  if (type) item.type = type;
  if (said.area) item.area = said.area;
  if (said.tier) item.tier = said.tier;
  const size = pointsOf(issue.estimated_minutes) ?? said.size;
  if (size !== undefined) item.size = size;
  if (links.parent !== undefined) item.parent = links.parent;
  if (typeof issue.defer_until === "string") item.not_before = moment(issue.defer_until);
  return { item: compact(item), warnings };
}

/** Points by the table; 0 minutes and none say nothing. */
function pointsOf(minutes: unknown): number | undefined {
  if (typeof minutes !== "number" || !(minutes > 0)) return undefined;
  return POINTS.find(([limit]) => minutes <= limit)?.[1] ?? MOST_POINTS;
}

/** Description, design and notes under headings; a title that was cut stands first in full. */
function describe(issue: Issue, title: string, shown: string, warnings: string[]): string {
  const parts = cutTitle(title, shown);
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
  const kept = remember(issue, REMEMBERED);
  if (related.length > 0) kept.related = related;
  return kept;
}
