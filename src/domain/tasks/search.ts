/** Finds tasks by words: in what a listing shows first, and, when asked, in their whole text. */
import { readDocs } from "../../core/docs.ts";
import type { Ctx, Plan } from "../../core/operation.ts";
import { pathOf } from "../../core/paths.ts";
import type { Snapshot } from "../../core/snapshot.ts";
import type { SearchInput, Task } from "../../generated/types.ts";
import { badField } from "./fields.ts";
import { clip } from "./find.ts";
import { byPriority, closedListRow, type ListRow, openListRow } from "./listing.ts";
import { momentOf } from "./state.ts";

const DEFAULT_LIMIT = 100;
const SNIPPET = 120;

export interface SearchRow extends ListRow {
  /** Where all the words are: in the title; in title, id, labels or area together; or in the whole text. */
  found: "title" | "brief" | "text";
  /** The first line of the text that holds one of the words. */
  snippet?: string;
}

export interface Searched {
  tasks: SearchRow[];
  total: number;
}

const RANK = { title: 0, brief: 1, text: 2 } as const;

export function planSearch(snapshot: Snapshot, input: SearchInput, ctx: Ctx): Plan<Searched> {
  const words = input.text.toLowerCase().split(/\s+/).filter(Boolean);
  if (words.length === 0) return badField("text", input.text, "one word or more");
  const at = momentOf(snapshot, ctx);
  const rows = [...snapshot.open()].map((task) => openListRow(snapshot, task, at));
  if (input.all) for (const task of snapshot.closed()) rows.push(closedListRow(task));
  const hits: SearchRow[] = [];
  const rest: ListRow[] = [];
  for (const row of rows) {
    const brief = `${row.title}\n${row.id}\n${row.labels.join("\n")}\n${row.area ?? ""}`;
    if (holds(row.title, words)) hits.push({ ...row, found: "title" });
    else if (holds(brief, words)) hits.push({ ...row, found: "brief" });
    else rest.push(row);
  }
  if (input.deep) hits.push(...inTexts(snapshot, rest, words));
  hits.sort((a, b) => RANK[a.found] - RANK[b.found] || byPriority(a, b));
  return {
    ok: true,
    changes: [],
    result: { tasks: hits.slice(0, input.limit ?? DEFAULT_LIMIT), total: hits.length },
  };
}

function holds(text: string, words: readonly string[]): boolean {
  const folded = text.toLowerCase();
  return words.every((word) => folded.includes(word));
}

/** (suspends) Those whose whole text holds the words. */
function inTexts(snapshot: Snapshot, rows: readonly ListRow[], words: readonly string[]): SearchRow[] {
  const docs = readDocs<Task>(
    snapshot,
    rows.map((row) => pathOf("Task", row.id)),
  );
  const hits: SearchRow[] = [];
  for (const row of rows) {
    const task = docs.get(pathOf("Task", row.id))?.value;
    const text = task ? textOf(task) : "";
    if (!holds(text, words)) continue;
    const line = text.split("\n").find((one) => words.some((word) => one.toLowerCase().includes(word)));
    hits.push({ ...row, found: "text", snippet: clip(line?.trim() ?? "", SNIPPET) });
  }
  return hits;
}

function textOf(task: Task): string {
  const { title, id, labels = [], area = "", description = "", acceptance, notes = [], outcome } = task;
  const parts = [
    description,
    ...(acceptance?.criteria ?? []),
    ...notes.map((note) => note.text),
    outcome?.message ?? "",
  ];
  return [...parts, title, id, ...labels, area].join("\n");
}
