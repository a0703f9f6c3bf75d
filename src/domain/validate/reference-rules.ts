/** Whether references lead somewhere, and not in a circle (FEATURES B07, B28–B30). */
import { OBJECT_KINDS, pathOf } from "../../core/paths.ts";
import { areasOf } from "../repos/areas.ts";
import { findKnots, spellCircle } from "./circles.ts";
import { danglingObjects, resolves } from "./object-record-rules.ts";
import { isEnded, type RecordView, type TaskFacts } from "./record-view.ts";
import type { Found, Keys, Rule } from "./rule.ts";

const taskPath = (id: string) => pathOf("Task", id);

export const REFERENCE_RULES: readonly Rule<RecordView>[] = [
  {
    code: "reference",
    severity: "error",
    kinds: ["Task", "Repo", ...OBJECT_KINDS],
    why: "A reference must lead to an object of the record; a task that waits for one that does not exist is never started.",
    check: danglingReferences,
  },
  {
    code: "assignee_unknown",
    severity: "warning",
    kinds: ["Task", "Worker"],
    why: "A task that is assigned to a name no worker has waits until one registers under it.",
    check: unknownAssignees,
  },
  {
    code: "area_unknown",
    severity: "warning",
    kinds: ["Task", "Repo"],
    why: "A repo with areas_closed gives out work by the areas it lists; a task of another one locks none of their files.",
    check: unknownAreas,
  },
  {
    code: "dependency_cycle",
    severity: "error",
    kinds: ["Task"],
    why: "Tasks that wait for each other in a circle are never started. Two edits that are sound alone can merge into one.",
    check: (record) =>
      circles(record, waitsFor(record), ["relationships", "blocked_by"], "wait for each other"),
  },
  {
    code: "parent_cycle",
    severity: "error",
    kinds: ["Task"],
    why: "A task cannot be a part of itself: trees and sums of parts would not end.",
    check: (record) =>
      circles(
        record,
        (task) => (task.parent ? [task.parent] : []),
        ["relationships", "parent"],
        "are parts of each other",
      ),
  },
  {
    code: "blocks_unmirrored",
    severity: "warning",
    kinds: ["Task"],
    why: "Only blocked_by decides when a task may start, so a blocks that its target does not mirror holds nothing back.",
    check: unmirrored,
  },
  {
    code: "duplicate_source",
    severity: "error",
    kinds: ["Task"],
    why: "A task is found again by the system and id it was imported from; with two of them the next import mends the wrong one.",
    check: duplicateSources,
  },
];

const TASK_LISTS = ["blocked_by", "blocks", "duplicates"] as const;

function* danglingReferences(record: RecordView): Iterable<Found> {
  for (const task of sound(record)) {
    const path = taskPath(task.id);
    if (!record.exists("Repo", task.repo)) {
      yield { path, keys: ["repo"], message: `The repo ${task.repo} does not exist.` };
    }
    const missing = (id: string) => !record.exists("Task", id);
    if (task.parent && missing(task.parent)) {
      yield { path, keys: ["relationships", "parent"], message: `The parent ${task.parent} does not exist.` };
    }
    for (const list of TASK_LISTS) {
      for (const [index, id] of (task[list] ?? []).entries()) {
        if (missing(id))
          yield {
            path,
            keys: ["relationships", list, index],
            message: `${list} names ${id}, which does not exist.`,
          };
      }
    }
    for (const [field, id] of task.refs ?? []) {
      if (!resolves(record, id))
        yield { path, keys: [field], message: `${field} names ${id}, which does not exist.` };
    }
  }
  yield* danglingObjects(record);
}

function* unknownAssignees(record: RecordView): Iterable<Found> {
  for (const { id, assigned_to } of sound(record)) {
    if (!assigned_to || record.exists("Worker", assigned_to)) continue;
    yield {
      path: taskPath(id),
      keys: ["assigned_to"],
      message: `The task is assigned to ${assigned_to}, who is no worker yet.`,
    };
  }
}

function* unknownAreas(record: RecordView): Iterable<Found> {
  for (const task of sound(record)) {
    const repo = record.repos.get(task.repo);
    const area = task.area?.trim();
    if (!area || isEnded(task) || repo?.policy?.areas_closed !== true || Object.hasOwn(areasOf(repo), area))
      continue;
    yield {
      path: taskPath(task.id),
      keys: ["area"],
      message: `${task.repo} lists no area ${area}, and its list is closed.`,
    };
  }
}

/** What each open task waits for, by its own blocked_by and by the others' blocks. */
function waitsFor({ tasks }: RecordView): (task: TaskFacts) => string[] {
  const blockers = new Map<string, string[]>();
  for (const { id, blocks } of tasks.values()) {
    for (const target of blocks ?? []) {
      const list = blockers.get(target);
      if (list) list.push(id);
      else blockers.set(target, [id]);
    }
  }
  return (task) => (isEnded(task) ? [] : [...(task.blocked_by ?? []), ...(blockers.get(task.id) ?? [])]);
}

function* circles(
  record: RecordView,
  edges: (task: TaskFacts) => string[],
  keys: Keys,
  verb: string,
): Iterable<Found> {
  const { tasks } = record;
  const nodes = [...sound(record)].map(({ id }) => id);
  const graph = {
    nodes,
    edges: (id: string) => {
      const task = tasks.get(id);
      return task ? edges(task) : [];
    },
  };
  for (const { circle, members } of findKnots(graph)) {
    const [first = ""] = circle;
    yield {
      path: taskPath(first),
      keys,
      members,
      message: `${circle.length} tasks ${verb} in a circle: ${spellCircle(circle)}.`,
    };
  }
}

function* unmirrored(record: RecordView): Iterable<Found> {
  for (const { id, blocks } of sound(record)) {
    for (const [index, target] of (blocks ?? []).entries()) {
      const other = record.tasks.get(target);
      if (!other || other.broken || other.blocked_by?.includes(id)) continue;
      const message = `It says that it blocks ${target}, which does not name it in blocked_by; only blocked_by counts.`;
      yield { path: taskPath(id), keys: ["relationships", "blocks", index], message };
    }
  }
}

function* duplicateSources(record: RecordView): Iterable<Found> {
  const seen = new Map<string, string>();
  for (const { id, source } of sound(record)) {
    if (!source) continue;
    const first = seen.get(source);
    if (first)
      yield {
        path: taskPath(id),
        keys: ["source"],
        message: `It was imported from ${source}, and so was ${first}.`,
      };
    else seen.set(source, id);
  }
}

/** Tasks whose file can be read. */
function* sound({ tasks }: RecordView): Iterable<TaskFacts> {
  for (const task of tasks.values()) if (!task.broken) yield task;
}
