/**
 * What governs the work on a task: its newest packet, the limits of now, and doctrine. A run pins it when it opens
 * (CWOM 4.6, 5; FEATURES B44, B59, B60), and the brief prints it.
 */
import { readObjects } from "../../core/docs.ts";
import type { ObjectRow } from "../../core/object-rows.ts";
import type { Snapshot } from "../../core/snapshot.ts";
import type { DoctrineRef, Ref, Task } from "../../generated/types.ts";
import { newestFirst, pointing } from "../objects/pointing.ts";

export interface Governing {
  /** The newest packet that is for the task, then those of other tasks that it lists. */
  packets: ObjectRow[];
  /** The newest of the task's own limits, else those that its packet names. */
  constraint?: ObjectRow;
  /** What binds most first. */
  doctrine: Governance[];
}

export interface Governance {
  row: ObjectRow;
  /** ref: the task or its packet names it. scope: it says itself that it holds here. */
  by: "ref" | "scope";
}

/** (suspends) */
export function governing(snapshot: Snapshot, task: Task): Governing {
  const packets = packetsOf(snapshot, task);
  const constraint = constraintOf(snapshot, task, packets);
  return { packets, ...(constraint ? { constraint } : {}), doctrine: doctrineOf(snapshot, task, packets) };
}

const idsOf = (refs: readonly Ref[] = []): string[] => refs.map(({ id }) => id);

/** (suspends) */
export function packetsOf(snapshot: Snapshot, task: Task): ObjectRow[] {
  const listed = readObjects(snapshot, idsOf(task.context_packets)).filter(
    ({ kind, broken }) => kind === "ContextPacket" && !broken,
  );
  const own = pointing(snapshot, task.id, "ContextPacket", "for_issue");
  const isOwn = new Set(own.map(({ id }) => id));
  return [...own.slice(0, 1), ...listed.filter(({ id }) => !isOwn.has(id)).sort(newestFirst)];
}

/** (suspends) */
function constraintOf(snapshot: Snapshot, task: Task, packets: readonly ObjectRow[]): ObjectRow | undefined {
  const own = idsOf(task.constraints);
  const ids = own.length > 0 ? own : linked(packets.slice(0, 1), "constraint_snapshot");
  const found = readObjects(snapshot, ids).filter(({ kind }) => kind === "ConstraintSnapshot");
  const captured = ({ facts }: ObjectRow) => String(facts.captured_at ?? "");
  return found.sort((a, b) => captured(b).localeCompare(captured(a)) || newestFirst(a, b))[0];
}

const linked = (rows: readonly ObjectRow[], field: string): string[] =>
  rows.flatMap(({ links }) => links.flatMap(([at, id]) => (at === field ? [id] : [])));

const BINDING: Readonly<Record<string, number>> = { must: 0, should: 1, may: 2 } satisfies Record<
  NonNullable<DoctrineRef["priority"]>,
  number
>;

/** (suspends) What is referred to counts in the version that is named; what holds by its scope, in its newest. */
function doctrineOf(snapshot: Snapshot, task: Task, packets: readonly ObjectRow[]): Governance[] {
  const all = [...snapshot.objects("DoctrineRef")].filter(({ broken }) => !broken);
  const named = new Set([...idsOf(task.doctrine_refs), ...linked(packets, "doctrine_refs")]);
  const chosen = new Map<string, Governance>();
  for (const row of all) if (named.has(row.id)) chosen.set(row.id, { row, by: "ref" });
  const settled = new Set([...chosen.values()].map(({ row }) => nameOf(row)));
  const repo = snapshot.repos.get(task.repo)?.id;
  for (const row of newestVersions(all))
    if (!settled.has(nameOf(row)) && holdsFor(row, task, repo)) chosen.set(row.id, { row, by: "scope" });
  const rank = ({ row }: Governance) => BINDING[String(row.facts.priority)] ?? BINDING.may ?? 0;
  return [...chosen.values()].sort(
    (a, b) => rank(a) - rank(b) || nameOf(a.row).localeCompare(nameOf(b.row)) || newestFirst(a.row, b.row),
  );
}

const nameOf = ({ facts }: ObjectRow): string => `${facts.namespace} ${facts.name}`;

function newestVersions(rows: readonly ObjectRow[]): ObjectRow[] {
  const newest = new Map<string, ObjectRow>();
  for (const row of rows) {
    const known = newest.get(nameOf(row));
    if (!known || newestFirst(row, known) < 0) newest.set(nameOf(row), row);
  }
  return [...newest.values()];
}

/** Each list of `applicability` that has entries narrows: one that says nothing of repos holds in every repo. */
function holdsFor({ facts, links }: ObjectRow, task: Task, repo: string | undefined): boolean {
  const repos = linked([{ links } as ObjectRow], "applicability.repo_refs");
  if (repos.length > 0 && !(repo && repos.includes(repo))) return false;
  const types = listed(facts.issue_types);
  if (types.length > 0 && !(task.type && types.includes(task.type))) return false;
  const tags = listed(facts.labels);
  return tags.length === 0 || tags.some((tag) => task.labels?.includes(tag));
}

const listed = (fact: string | readonly string[] | undefined): readonly string[] =>
  fact === undefined ? [] : [fact].flat();
