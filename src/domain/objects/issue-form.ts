/** CWOM's Issue as it is written: its fields in CWOM's form, and the task that they make (CWOM 4.2; FEATURES B26–B34). */
import { type Refusal, refuse } from "../../core/refusal.ts";
import type { Snapshot } from "../../core/snapshot.ts";
import type { Ref, Task } from "../../generated/types.ts";
import { badField } from "../tasks/fields.ts";
import { levelOf, priorityOf } from "../tasks/words.ts";
import { blockedBy } from "./pointing.ts";
import { isMapping, type Json } from "./value.ts";

const issueRef = (id: string): Ref => ({ kind: "Issue", id });

/** Fields that an Issue and a task have in common, under the same name. */
const SAME = [
  "title",
  "description",
  "type",
  "assignees",
  "watchers",
  "doctrine_refs",
  "constraints",
  "context_packets",
  "runs",
  "acceptance",
  "source",
  "meta",
] as const;
const OTHERS = ["repo", "priority", "status", "relationships", "tags"];
const LISTS = ["blocks", "blocked_by", "duplicates"] as const;

/** (suspends) The Issue that a task is, as far as it can be written. */
export function formOf(snapshot: Snapshot, task: Task): Json {
  const form: Json = { priority: levelOf(task.priority), status: task.status };
  for (const name of SAME) if (task[name] !== undefined) form[name] = task[name];
  const repo = snapshot.repos.get(task.repo);
  if (repo) form.repo = { kind: "Repo", id: repo.id };
  if (task.labels) form.tags = task.labels;
  const { parent, ...lists } = task.relationships ?? {};
  const relationships: Json = {};
  if (parent) relationships.parent = issueRef(parent);
  const blocks = blockedBy(snapshot, task.id, lists.blocks);
  for (const [name, ids] of Object.entries({ ...lists, blocks }))
    if (ids?.length) relationships[name] = ids.map(issueRef);
  if (Object.keys(relationships).length > 0) form.relationships = relationships;
  return form;
}

export interface Formed {
  ok: true;
  task: Task;
  /** The tasks that are to wait for it. They say so themselves: what it listed before stays, and nothing is added. */
  blocks: string[];
}

/** The task that an Issue makes of the one before. Its references are resolved already. */
export function taskFrom(snapshot: Snapshot, form: Json, before: Task): Formed | Refusal {
  const stranger = Object.keys(form).find((name) => !OTHERS.includes(name) && !SAME.includes(name as never));
  if (stranger !== undefined)
    return refuse(
      "invalid_input",
      `${stranger} is no field of an Issue; free data goes under meta. Nothing was changed.`,
      {
        hint: "what only scheduling needs is set by owp edit",
        data: { field: stranger, rule: "unknown_field" },
      },
    );
  const priority = readPriority(form.priority, before.priority);
  if (priority === undefined)
    return badField("priority", form.priority, "P0 to P4, or a whole number from 0 to 1000");
  const status = form.status ?? before.status;
  if (status !== before.status && status !== "planned" && status !== "ready")
    return refuse(
      "invalid_input",
      `status is ${JSON.stringify(status)}; an issue is planned or ready, and goes on by the work on it. Nothing was changed.`,
      { hint: "owp claim, owp done, owp fail or owp cancel", data: { field: "status", value: status } },
    );
  const task: Task = { ...before, priority, status: status as Task["status"] };
  const loose = task as unknown as Json;
  for (const name of SAME) put(loose, name, form[name]);
  put(loose, "labels", form.tags);
  const repo = form.repo as Ref | undefined;
  const slug = [...snapshot.repos.values()].find(({ id }) => id === repo?.id)?.slug;
  if (slug !== undefined) task.repo = slug;
  const relationships = plainRelationships(form.relationships);
  if (relationships === undefined) return badField("relationships", form.relationships, "a mapping");
  const { blocks = [], ...others } = relationships as { blocks?: string[] };
  const listed = before.relationships?.blocks?.filter((id) => blocks.includes(id)) ?? [];
  const kept = listed.length > 0 ? { ...others, blocks: listed } : others;
  put(loose, "relationships", Object.keys(kept).length > 0 ? kept : undefined);
  return { ok: true, task, blocks };
}

function put(task: Json, name: string, value: unknown): void {
  if (value === undefined || value === null) delete task[name];
  else task[name] = value;
}

/** Five levels stand for a thousand numbers: a level that reads the same leaves the number as it is. */
function readPriority(given: unknown, before: number): number | undefined {
  if (given === undefined || given === levelOf(before)) return before;
  if (typeof given === "string") return priorityOf(given);
  return Number.isInteger(given) && (given as number) >= 0 && (given as number) <= 1000
    ? (given as number)
    : undefined;
}

/** Refs as the ids that a task holds. */
function plainRelationships(given: unknown): Json | undefined {
  if (given === undefined || given === null) return {};
  if (!isMapping(given)) return undefined;
  const plain: Json = { ...given };
  for (const name of LISTS) if (given[name]) plain[name] = (given[name] as Ref[]).map(({ id }) => id);
  if (given.parent) plain.parent = (given.parent as Ref).id;
  return plain;
}
