/** Lists tasks by what people ask for; ended ones only when they are asked for (FEATURES B35, E37). */
import type { Ctx, Plan } from "../../core/operation.ts";
import type { Snapshot } from "../../core/snapshot.ts";
import type { ListInput } from "../../generated/types.ts";
import { badField } from "./fields.ts";
import { findTask } from "./find.ts";
import {
  byCreated,
  byPriority,
  byUpdated,
  closedListRow,
  type ListRow,
  openListRow,
  type Status,
} from "./listing.ts";
import { momentOf } from "./state.ts";
import { priorityOf } from "./words.ts";

const DEFAULT_LIMIT = 100;
const ENDED: ReadonlySet<string> = new Set(["done", "failed", "canceled"]);

export interface Listed {
  tasks: ListRow[];
  /** How many match; tasks holds those from offset on, at most limit. */
  total: number;
  offset: number;
  /** How many match, by status. */
  counts: Partial<Record<Status, number>>;
}

const ORDERS = { priority: byPriority, created: byCreated, updated: byUpdated } as const;

export function planList(snapshot: Snapshot, input: ListInput, ctx: Ctx): Plan<Listed> {
  const wanted = typeof input.priority === "string" ? priorityOf(input.priority) : input.priority;
  if (input.priority !== undefined && wanted === undefined) {
    return badField("priority", input.priority, "a whole number from 0 to 1000, or P0 to P4");
  }
  const parent = input.parent === undefined ? undefined : findTask(snapshot, input.parent);
  if (parent && !parent.ok) return parent;
  const tests = testsOf(input, wanted, parent?.id);
  const passes = (row: ListRow) => tests.every((test) => test(row));
  const at = momentOf(snapshot, ctx);
  const rows: ListRow[] = [];
  for (const task of snapshot.open()) {
    const row = openListRow(snapshot, task, at);
    if (passes(row)) rows.push(row);
  }
  const endedToo = input.all === true || input.status?.some((status) => ENDED.has(status)) === true;
  if (endedToo)
    for (const task of snapshot.closed()) if (passes(closedListRow(task))) rows.push(closedListRow(task));
  rows.sort(ORDERS[input.sort ?? "priority"]);
  const offset = input.offset ?? 0;
  const result = {
    tasks: rows.slice(offset, offset + (input.limit ?? DEFAULT_LIMIT)),
    total: rows.length,
    offset,
    counts: count(rows),
  };
  return { ok: true, changes: [], result, warnings: endedToo ? blindSpots(input) : [] };
}

type Test = (row: ListRow) => boolean;

const fold = (word: string): string => word.trim().toLowerCase();

/** One test for each thing that the input asks for. */
function testsOf(input: ListInput, priority: number | undefined, parent: string | undefined): Test[] {
  const { status, repo, area, label, skill, assigned_to, holder, type } = input;
  const who = input.for;
  const table: [asked: unknown, test: Test][] = [
    [status, (row) => status?.includes(row.status as never) === true],
    [repo, (row) => row.repo === repo],
    [area, (row) => row.area === area?.trim()],
    [label, (row) => label?.every((word) => row.labels.some((one) => fold(one) === fold(word))) === true],
    [skill, (row) => row.skills?.some((one) => fold(one) === fold(skill ?? "")) === true],
    [assigned_to, (row) => row.assigned_to === assigned_to],
    [holder, (row) => row.holder === holder],
    [who, (row) => row.assigned_to === who || row.holder === who],
    [parent, (row) => row.parent === parent],
    [type, (row) => row.type === type],
    [priority, (row) => row.priority === priority],
  ];
  return table.filter(([asked]) => asked !== undefined).map(([, test]) => test);
}

function count(rows: readonly ListRow[]): Listed["counts"] {
  const counts: Listed["counts"] = {};
  for (const { status } of rows) counts[status] = (counts[status] ?? 0) + 1;
  return counts;
}

/** What the short form of an ended task does not hold cannot be asked of it. */
const NOT_KEPT = ["area", "skill", "type", "assigned_to"] as const;

function blindSpots(input: ListInput): string[] {
  const asked = NOT_KEPT.filter((name) => input[name] !== undefined);
  if (asked.length === 0) return [];
  const names = asked.map((name) => name.replace("_", "-")).join(" and ");
  return [`Ended tasks are not listed by ${names}; owp search --deep --all finds words in them.`];
}
