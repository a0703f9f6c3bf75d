/** A new task, ready to be claimed unless it is only planned (FEATURES A19–A23, B26–B30, E24). */
import type { Change, Ctx, Plan } from "../../core/operation.ts";
import { pathOf, shortId } from "../../core/paths.ts";
import { type Refusal, refuse } from "../../core/refusal.ts";
import type { Snapshot } from "../../core/snapshot.ts";
import { iso } from "../../core/time.ts";
import type { AddInput, Task } from "../../generated/types.ts";
import { areaAt, verifyArea } from "../repos/areas.ts";
import { enlist } from "../workers/acting.ts";
import { readTask } from "./docs.ts";
import { badField, type Fields, readFields, withFields } from "./fields.ts";
import { assigneeWarnings, LINK_LIMIT, resolveRepo, resolveTasks, verifyNoCircle } from "./links.ts";
import { subjectOf } from "./settle.ts";

export const DEFAULT_PRIORITY = 50;
export const DEFAULT_ESTIMATE = 1;

export interface Added {
  id: string;
  /** The last characters of the id, which people type. */
  short: string;
  title: string;
  repo: string;
  status: "planned" | "ready";
  priority: number;
  estimate: number;
  blocked_by: string[];
}

export function planAdd(snapshot: Snapshot, input: AddInput, ctx: Ctx): Plan<Added> {
  const me = enlist(snapshot, ctx);
  if (!me.ok) return me;
  const read = readFields(input, snapshot.rules, ctx);
  if (!read.ok) return read;
  const repo = resolveRepo(snapshot, read.fields.repo);
  if (!repo.ok) return repo;
  const placed = placeIn(snapshot, repo.slug, input, read.fields.area);
  if (!placed.ok) return placed;
  const links = readLinks(snapshot, input);
  if (!links.ok) return links;
  const id = ctx.newId("t");
  const circle = verifyNoCircle(snapshot, id, links.blocked_by, links.blocks);
  if (circle) return circle;
  const area = placed.area === undefined ? {} : { area: placed.area };
  const fields = { ...read.fields, ...area, title: read.fields.title ?? "", repo: repo.slug };
  const task = newTask(id, fields, {
    planned: input.planned === true,
    blocked_by: links.blocked_by,
    parent: links.parent,
  });
  task.created_at = iso(ctx.now);
  task.created_by = me.name;
  const others = waitFor(snapshot, links.blocks, id, ctx);
  if (!others.ok) return others;
  return {
    ok: true,
    changes: [...me.changes, { path: pathOf("Task", id), value: task }, ...others.changes],
    event: {
      type: "task.created",
      subject: subjectOf("add", task),
      tasks: [id, ...links.blocks].map((one) => ({ id: one })),
      actor: me.name,
    },
    result: resultOf(task),
    warnings: [...placed.warnings, ...assigneeWarnings(snapshot, task.assigned_to)],
  };
}

/** The area as it was given, or the one that a given path belongs to. */
function placeIn(
  snapshot: Snapshot,
  repo: string,
  { path }: AddInput,
  area: string | undefined,
): { ok: true; area?: string; warnings: string[] } | Refusal {
  if (path === undefined) return verifyArea(snapshot, repo, area);
  if (area === undefined) return areaAt(snapshot, repo, path);
  return badField("path", path, "left out where an area is given");
}

/** A task's value from fields that have been read; times and authors are the caller's to fill in. */
export function newTask(
  id: string,
  fields: Fields & { title: string; repo: string },
  more: { planned?: boolean; blocked_by?: string[]; parent?: string },
): Task {
  const task: Task = {
    kind: "Task",
    id,
    title: fields.title,
    repo: fields.repo,
    status: more.planned ? "planned" : "ready",
    priority: fields.priority ?? DEFAULT_PRIORITY,
    estimate: fields.estimate ?? DEFAULT_ESTIMATE,
    created_at: "",
  };
  const relationships: Task["relationships"] = {};
  if (more.parent) relationships.parent = more.parent;
  if (more.blocked_by?.length) relationships.blocked_by = more.blocked_by;
  if (Object.keys(relationships).length > 0) task.relationships = relationships;
  return withFields(task, fields);
}

type Links = { ok: true; blocked_by: string[]; blocks: string[]; parent: string | undefined };

function readLinks(snapshot: Snapshot, input: AddInput): Links | Refusal {
  const blockedBy = resolveTasks(snapshot, "blocked_by", input.blocked_by ?? []);
  if (!blockedBy.ok) return blockedBy;
  const blocks = resolveTasks(snapshot, "blocks", input.blocks ?? []);
  if (!blocks.ok) return blocks;
  const parent = resolveTasks(snapshot, "parent", input.parent === undefined ? [] : [input.parent]);
  if (!parent.ok) return parent;
  return { ok: true, blocked_by: blockedBy.ids, blocks: blocks.ids, parent: parent.ids[0] };
}

/** The tasks that must wait for the new one: each names it in its own blocked_by, which is the one place for it. */
function waitFor(
  snapshot: Snapshot,
  ids: readonly string[],
  id: string,
  ctx: Ctx,
): { ok: true; changes: Change[] } | Refusal {
  const changes: Change[] = [];
  for (const other of ids) {
    if (!snapshot.openTask(other)) {
      return refuse(
        "task_ended",
        `${shortId(other)} has ended and waits for nothing any more. Nothing was changed.`,
        {
          data: { field: "blocks", id: other },
        },
      );
    }
    const found = readTask(snapshot, other);
    if (!found.ok) return found;
    const before = found.task.relationships?.blocked_by ?? [];
    if (before.length >= LINK_LIMIT)
      return badField("blocked_by", before.length + 1, `a list of at most ${LINK_LIMIT} tasks`);
    const relationships = { ...found.task.relationships, blocked_by: [...before, id] };
    changes.push({ path: found.path, value: { ...found.task, relationships, updated_at: iso(ctx.now) } });
  }
  return { ok: true, changes };
}

function resultOf(task: Task): Added {
  const { id, title, repo, priority, estimate } = task;
  const blocked_by = task.relationships?.blocked_by ?? [];
  return {
    id,
    short: shortId(id),
    title,
    repo,
    status: task.status as Added["status"],
    priority,
    estimate,
    blocked_by,
  };
}
