/** Tasks as people list them in YAML or JSON, and as owp exports them (FEATURES A24). */
import type { ImportItem, Task } from "../../generated/types.ts";
import { type ItemRead, isObject, problem } from "./item-read.ts";

type Value = Record<string, unknown>;

/** A value in the form of the item's field; undefined: it has not that form. */
type Shape = (value: unknown) => unknown;

const text: Shape = (value) =>
  ["string", "number", "boolean"].includes(typeof value) ? String(value) : undefined;
const numeral: Shape = (value) =>
  typeof value === "number" || typeof value === "string" ? value : undefined;
const whole: Shape = (value) =>
  typeof value === "string" && /^-?\d{1,15}$/.test(value)
    ? Number(value)
    : Number.isInteger(value)
      ? value
      : undefined;
const texts: Shape = (value) => {
  const list = Array.isArray(value) ? value.map(text) : [text(value)];
  return list.includes(undefined) ? undefined : list;
};

interface KeyRow {
  to: keyof ImportItem;
  shape: Shape;
  /** What it must be, after "must be". */
  rule: string;
}

const row = (to: keyof ImportItem, shape: Shape, rule: string): KeyRow => ({ to, shape, rule });

/** The keys of an item. Other names are those of OWP v0.1, CWOM and common lists. */
export const KEYS: Record<string, KeyRow> = {
  title: row("title", text, "text"),
  description: row("description", text, "text"),
  repo: row("repo", text, "a slug"),
  status: row("status", (value) => statusOf(value), "planned, ready, done or another status that owp knows"),
  type: row("type", text, "text"),
  priority: row("priority", numeral, "a number, or P0 to P4"),
  estimate: row("estimate", whole, "a whole number"),
  estimate_points: row("estimate", whole, "a whole number"),
  tier: row("tier", whole, "a whole number"),
  area: row("area", text, "text"),
  skills: row("skills", texts, "a list of words"),
  required_skills: row("skills", texts, "a list of words"),
  labels: row("labels", texts, "a list of words"),
  tags: row("labels", texts, "a list of words"),
  blocked_by: row("blocked_by", texts, "a list of ids"),
  depends_on: row("blocked_by", texts, "a list of ids"),
  parent: row("parent", text, "an id"),
  assigned_to: row("assigned_to", text, "a worker's name"),
  accept: row("accept", texts, "a list of conditions"),
  acceptance: row("accept", texts, "a list of conditions"),
  max_attempts: row("max_attempts", whole, "a whole number"),
  not_before: row("not_before", text, "a moment"),
  url: row("url", text, "an address"),
  id: row("external_id", text, "an id"),
  external_id: row("external_id", text, "an id"),
};

/** Holds several texts. */
export const isListKey = (key: string): boolean => KEYS[key]?.shape === texts;

/** Words for a status, of owp and of others, and what they come to here; what is under way elsewhere starts anew. */
const STATUSES: Record<string, NonNullable<ImportItem["status"]>> = {
  ...{ planned: "planned", draft: "planned", deferred: "planned" },
  ...{
    ready: "ready",
    open: "ready",
    todo: "ready",
    running: "ready",
    in_progress: "ready",
    blocked: "ready",
  },
  ...{
    done: "ended",
    closed: "ended",
    merged: "ended",
    failed: "ended",
    canceled: "ended",
    cancelled: "ended",
  },
};

const statusOf = (value: unknown): ImportItem["status"] | undefined =>
  typeof value === "string" && Object.hasOwn(STATUSES, value.toLowerCase())
    ? STATUSES[value.toLowerCase()]
    : undefined;

export function readItem(value: Value): ItemRead {
  if (value.kind === "Task") return readTaskItem(value);
  const item: Partial<Record<keyof ImportItem, unknown>> = {};
  for (const [key, given] of Object.entries(value)) {
    if (given === null) continue;
    const known = Object.hasOwn(KEYS, key) ? KEYS[key] : undefined;
    if (!known)
      return problem(
        `has the unknown field ${JSON.stringify(key)}; known are ${Object.keys(KEYS).join(", ")}`,
        key,
      );
    if (item[known.to] !== undefined) return problem(`says ${known.to} twice`, key);
    const read = known.shape(given);
    if (read === undefined)
      return problem(`${key} is ${JSON.stringify(given).slice(0, 60)}; it must be ${known.rule}`, key);
    item[known.to] = read;
  }
  if (item.title === undefined) return problem("title is missing", "title");
  const title = String(item.title).trim();
  const key = item.external_id === undefined ? title : String(item.external_id);
  // Without an id the title is what an item is found by when the list comes again.
  return {
    item: {
      ...item,
      title,
      key,
      external_id: item.external_id === undefined ? titleKey(title) : key,
    } as ImportItem,
    warnings: [],
  };
}

/** Fits into a source's external_id (256 characters). */
export const titleKey = (title: string): string => `title:${[...title].slice(0, 240).join("")}`;

/** What stands in an ImportItem by itself; the rest of a Task is carried along unread. */
const OWN = [
  "title",
  "description",
  "repo",
  "type",
  "priority",
  "estimate",
  "tier",
  "area",
  "skills",
  "labels",
  "assigned_to",
  "max_attempts",
  "not_before",
] as const;
/** What an end says, and what is not carried from one record to another. */
const LEFT = new Set<string>([...OWN, "kind", "id", "status", "outcome", "relationships"]);

const isOwn = (name: string): boolean => (OWN as readonly string[]).includes(name);
/** What owp does not write of itself, and keeps where it stands. */
const isEmpty = (value: unknown): boolean =>
  value === "" || value === 0 || (Array.isArray(value) && value.length === 0);
const isEmptyObject = (value: object): boolean => Object.keys(value).length === 0;

/** A Task as it stands in a record: nothing of it is lost, but how it ended. */
function readTaskItem(value: Value): ItemRead {
  const id = value.id;
  if (typeof id !== "string" || !/^t_[0-9a-hjkmnp-tv-z]{26}$/.test(id))
    return problem("id must be a task's id: t_ and a lower-case ULID", "id");
  if (typeof value.title !== "string") return problem("title is missing", "title");
  if (value.job !== undefined)
    return problem("job: a job is submitted (owp job submit), and not imported", "job");
  const status = statusOf(value.status);
  if (status === undefined)
    return problem(`status is ${JSON.stringify(value.status)}, which owp does not know`, "status");
  const { parent, blocked_by, ...relationships } = (
    isObject(value.relationships) ? value.relationships : {}
  ) as NonNullable<Task["relationships"]>;
  const item: Value = { key: id, id, status };
  for (const name of OWN) if (value[name] !== undefined && value[name] !== null) item[name] = value[name];
  const extra: Value = Object.fromEntries(
    Object.entries(value).filter(([name, one]) => !LEFT.has(name) || (isOwn(name) && isEmpty(one))),
  );
  if (isEmpty(blocked_by)) Object.assign(relationships, { blocked_by });
  else if (Array.isArray(blocked_by)) item.blocked_by = blocked_by.map(String);
  if (parent === null) Object.assign(relationships, { parent });
  else if (typeof parent === "string") item.parent = parent;
  if (
    isObject(value.relationships) &&
    (Object.keys(relationships).length > 0 || isEmptyObject(value.relationships))
  )
    extra.relationships = relationships;
  if (Object.keys(extra).length > 0) item.extra = extra;
  return { item: item as unknown as ImportItem, warnings: [] };
}
