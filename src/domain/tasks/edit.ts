/** Changes what a task says; who holds it stays as it is, for that stands in another file (FEATURES B04, B29–B31). */
import type { Ctx, Plan } from "../../core/operation.ts";
import { type Refusal, refuse } from "../../core/refusal.ts";
import type { OpenTask, Snapshot } from "../../core/snapshot.ts";
import { iso } from "../../core/time.ts";
import type { EditInput, Task } from "../../generated/types.ts";
import { verifyArea } from "../repos/areas.ts";
import { enlist } from "../workers/acting.ts";
import { readTask } from "./docs.ts";
import { badField, FIELD_NAMES, type Fields, readFields, tags, withFields } from "./fields.ts";
import { called, findTask } from "./find.ts";
import { refuseJob } from "./is-job.ts";
import {
  assigneeWarnings,
  LINK_LIMIT,
  resolveRepo,
  resolveTasks,
  verifyNoCircle,
  verifyParent,
} from "./links.ts";
import { subjectOf } from "./settle.ts";
import { holderOf } from "./state.ts";

export interface Edited {
  id: string;
  title: string;
  /** The fields that changed, by their names in the input. */
  changed: string[];
  /** It was so before; nothing was published. */
  already?: true;
}

/** Words that still serve when a task has ended. */
const AFTER_END: ReadonlySet<string> = new Set(["labels"]);
/** Words to find a job by. All else of it is as it was accepted, or not for it. */
const OF_JOBS: ReadonlySet<string> = new Set(["title", "description", "labels"]);
/** What load, locks and throttle are counted by: they stay while someone holds the task. */
const COUNTED: ReadonlySet<string> = new Set(["repo", "area", "estimate"]);
/** Options that take part of a list, and the list. */
const PARTS = { skill: "skills", label: "labels", blocked_by: "blocked_by" } as const;

/** What the file is to say afterwards: undefined means empty. */
interface Wanted {
  fields: Fields;
  blocked_by?: string[];
  parent?: string | null;
  status?: "planned" | "ready";
}

export function planEdit(snapshot: Snapshot, input: EditInput, ctx: Ctx): Plan<Edited> {
  const me = enlist(snapshot, ctx);
  if (!me.ok) return me;
  const found = findTask(snapshot, input.id);
  if (!found.ok) return found;
  const file = readTask(snapshot, found.id);
  if (!file.ok) return file;
  const wanted = readWanted(snapshot, input, file.task, ctx);
  if (!wanted.ok) return wanted;
  const next = apply(file.task, wanted);
  const changed = differing(file.task, next);
  const result = { id: found.id, title: next.title, changed };
  const moved = changed.includes("area") || changed.includes("repo");
  const area = verifyArea(snapshot, next.repo, moved ? next.area : undefined);
  if (!area.ok) return area;
  if (changed.length === 0) return { ok: true, changes: [], result: { ...result, already: true } };
  const fixed = changed.filter((name) => !OF_JOBS.has(name));
  const job = fixed.length > 0 ? refuseJob("edit", found.open ?? found.closed, fixed) : undefined;
  if (job) return job;
  const refusal = verifyOpen(file.task, found.open, changed) ?? verifyHeld(found.open, changed);
  if (refusal) return refusal;
  next.updated_at = iso(ctx.now);
  return {
    ok: true,
    changes: [...me.changes, { path: file.path, value: next }],
    event: {
      type: "task.edited",
      subject: subjectOf("edit", { id: next.id, title: changed.join(", ") }),
      tasks: [{ id: found.id }],
      actor: me.name,
    },
    result,
    warnings: [
      ...area.warnings,
      ...(changed.includes("assigned_to") ? assigneeWarnings(snapshot, next.assigned_to) : []),
    ],
  };
}

function readWanted(
  snapshot: Snapshot,
  input: EditInput,
  task: Task,
  ctx: Ctx,
): ({ ok: true } & Wanted) | Refusal {
  const twice = namedTwice(input);
  if (twice) return twice;
  const read = readFields(input, snapshot.rules, ctx);
  if (!read.ok) return read;
  const fields: Fields = { ...read.fields };
  if (fields.repo !== undefined) {
    const repo = resolveRepo(snapshot, fields.repo);
    if (!repo.ok) return repo;
  }
  for (const list of ["skills", "labels"] as const) {
    const part = list === "skills" ? "skill" : "label";
    const next = changedTags(task[list] ?? [], input[`add_${part}`], input[`remove_${part}`], list);
    if (!next.ok) return next;
    if (next.words) fields[list] = next.words;
  }
  const wanted: Wanted = { fields };
  if (input.status) wanted.status = input.status;
  const links = readLinks(snapshot, input, task);
  if (!links.ok) return links;
  if (links.blocked_by) wanted.blocked_by = links.blocked_by;
  if (links.parent) wanted.parent = links.parent;
  for (const name of input.clear ?? []) {
    if (name === "blocked_by") wanted.blocked_by = [];
    else if (name === "parent") wanted.parent = null;
    else fields[name] = undefined;
  }
  return { ok: true, ...wanted };
}

/** A field that is set, cleared or changed in part: one of these at a time. */
function namedTwice(input: EditInput): Refusal | undefined {
  const given: Record<string, unknown> = { ...input };
  for (const field of [...FIELD_NAMES, "blocked_by", "parent"]) {
    const part = Object.entries(PARTS).find(([, list]) => list === field)?.[0];
    const inPart =
      part !== undefined && (given[`add_${part}`] !== undefined || given[`remove_${part}`] !== undefined);
    const cleared = (input.clear as string[] | undefined)?.includes(field) === true;
    if (Number(given[field] !== undefined) + Number(cleared) + Number(inPart) > 1) {
      return refuse(
        "invalid_input",
        `${field} is given in more than one way (set, cleared, added to). Nothing was changed.`,
        {
          data: { field },
        },
      );
    }
  }
  return undefined;
}

function changedTags(
  before: readonly string[],
  add: readonly string[] = [],
  remove: readonly string[] = [],
  field: string,
): { ok: true; words?: string[] } | Refusal {
  if (add.length + remove.length === 0) return { ok: true };
  const fold = (word: string) => word.trim().toLowerCase();
  const gone = new Set(remove.map(fold));
  const have = new Set(before.map(fold));
  const kept = before.filter((word) => !gone.has(fold(word)));
  const words = tags([...kept, ...add.filter((word) => !have.has(fold(word)) || gone.has(fold(word)))], 100);
  return words
    ? { ok: true, words }
    : badField(field, add, "words of one line, 1 to 100 characters, without commas");
}

type Links = { ok: true; blocked_by?: string[]; parent?: string };

function readLinks(snapshot: Snapshot, input: EditInput, task: Task): Links | Refusal {
  const links: Links = { ok: true };
  const typed = [input.blocked_by, input.add_blocked_by, input.remove_blocked_by];
  if (typed.some((list) => list !== undefined)) {
    const before = task.relationships?.blocked_by ?? [];
    const lists: string[][] = [];
    for (const list of typed) {
      const read = resolveTasks(snapshot, "blocked_by", list ?? []);
      if (!read.ok) return read;
      lists.push(read.ids);
    }
    const [set = [], add = [], remove = []] = lists;
    const next = new Set(input.blocked_by ? set : [...before, ...add]);
    for (const id of remove) next.delete(id);
    if (next.size > LINK_LIMIT)
      return badField("blocked_by", next.size, `a list of at most ${LINK_LIMIT} tasks`);
    const circle = verifyNoCircle(snapshot, task.id, [...next]);
    if (circle) return circle;
    links.blocked_by = [...next];
  }
  if (input.parent !== undefined) {
    const parent = resolveTasks(snapshot, "parent", [input.parent]);
    if (!parent.ok) return parent;
    const [id = ""] = parent.ids;
    const circle = verifyParent(snapshot, task.id, id);
    if (circle) return circle;
    links.parent = id;
  }
  return links;
}

function apply(task: Task, wanted: Wanted): Task {
  const next = withFields(task, wanted.fields);
  if (wanted.status) next.status = wanted.status;
  if (wanted.blocked_by === undefined && wanted.parent === undefined) return next;
  const relationships = { ...next.relationships };
  if (wanted.blocked_by?.length) relationships.blocked_by = wanted.blocked_by;
  else if (wanted.blocked_by) delete relationships.blocked_by;
  if (wanted.parent) relationships.parent = wanted.parent;
  else if (wanted.parent === null) delete relationships.parent;
  if (Object.keys(relationships).length > 0) next.relationships = relationships;
  else delete next.relationships;
  return next;
}

/** The names of the fields that differ, as the input has them. */
function differing(before: Task, after: Task): string[] {
  const flat = (task: Task): Record<string, unknown> => ({
    ...task,
    accept: task.acceptance?.criteria,
    blocked_by: task.relationships?.blocked_by,
    parent: task.relationships?.parent ?? undefined,
  });
  const [old, now] = [flat(before), flat(after)];
  const names = [...FIELD_NAMES, "blocked_by", "parent", "status"];
  return names.filter((name) => JSON.stringify(old[name]) !== JSON.stringify(now[name]));
}

/** An ended task keeps what was agreed when it ended; its labels may change. */
function verifyOpen(task: Task, open: OpenTask | undefined, changed: readonly string[]): Refusal | undefined {
  const fixed = changed.filter((name) => !AFTER_END.has(name));
  if (open || fixed.length === 0) return undefined;
  return refuse(
    "task_ended",
    `${called(task)} is ${task.status}; ${fixed.join(", ")} cannot change any more. Nothing was changed.`,
    {
      data: { id: task.id, status: task.status, fields: fixed },
    },
  );
}

/** A claim was granted by these values, so they stay while it lasts; and held work is not planned any more. */
function verifyHeld(open: OpenTask | undefined, changed: readonly string[]): Refusal | undefined {
  const holder = open && holderOf(open);
  const fixed = changed.filter((name) => COUNTED.has(name) || name === "status");
  if (!open || !holder || fixed.length === 0) return undefined;
  return refuse(
    "task_held",
    `${holder} holds ${called(open)}; ${fixed.join(", ")} can change when it is free again. Nothing was changed.`,
    {
      hint: `owp show ${open.id}`,
      data: { id: open.id, worker: holder, fields: fixed },
    },
  );
}
