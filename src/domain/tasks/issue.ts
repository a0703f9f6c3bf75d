/** A task in the exact form of CWOM's Issue (CWOM 4.2; FEATURES B26). */
import type { Snapshot } from "../../core/snapshot.ts";
import type { Actor, Meta, Ref, Source, Task } from "../../generated/types.ts";
import { blockedBy, pointing } from "../objects/pointing.ts";
import type { TaskState } from "./state.ts";
import { type Level, levelOf, wordOf } from "./words.ts";

export interface Issue {
  kind: "Issue";
  id: string;
  repo: Ref;
  title: string;
  description: string;
  type: NonNullable<Task["type"]>;
  priority: Level;
  status: string;
  assignees: Actor[];
  watchers: Actor[];
  doctrine_refs: Ref[];
  constraints: Ref[];
  context_packets: Ref[];
  acceptance: { criteria: string[]; tests_expected: string[] | null };
  relationships: { parent: Ref | null; blocks: Ref[]; blocked_by: Ref[]; duplicates: Ref[] };
  runs: Ref[];
  source?: Source;
  tags: string[];
  meta: Meta;
  created_at: string;
  updated_at: string;
}

const issueRef = (id: string): Ref => ({ kind: "Issue", id, role: null });

/** An Issue is intent, not execution (B32): no holder, no lease, no outcome; only its status shows them. */
export function issueOf(snapshot: Snapshot, task: Task, state: TaskState): Issue {
  const { relationships = {} } = task;
  return {
    kind: "Issue",
    id: task.id,
    repo: { kind: "Repo", id: snapshot.repos.get(task.repo)?.id ?? task.repo, role: null },
    title: task.title,
    description: task.description ?? "",
    type: task.type ?? "feature",
    priority: levelOf(task.priority),
    status: wordOf(state, "cwom") ?? "planned",
    assignees: assignees(snapshot, task),
    watchers: task.watchers ?? [],
    doctrine_refs: task.doctrine_refs ?? [],
    constraints: task.constraints ?? [],
    context_packets: gathered(snapshot, task.context_packets, "ContextPacket", task.id),
    acceptance: {
      criteria: task.acceptance?.criteria ?? [],
      tests_expected: task.acceptance?.tests_expected ?? null,
    },
    relationships: {
      parent: relationships.parent ? issueRef(relationships.parent) : null,
      blocks: blockedBy(snapshot, task.id, relationships.blocks).map(issueRef),
      blocked_by: (relationships.blocked_by ?? []).map(issueRef),
      duplicates: (relationships.duplicates ?? []).map(issueRef),
    },
    runs: gathered(snapshot, task.runs, "Run", task.id),
    ...(task.source ? { source: task.source } : {}),
    tags: task.labels ?? [],
    meta: task.meta ?? {},
    created_at: task.created_at,
    updated_at: task.updated_at ?? task.created_at,
  };
}

/** (suspends) What the task lists, and what was made for it since and says so itself (B33, B44); the oldest first. */
function gathered(
  snapshot: Snapshot,
  listed: readonly Ref[] = [],
  kind: "ContextPacket" | "Run",
  id: string,
): Ref[] {
  const known = new Set(listed.map((ref) => ref.id));
  const others = pointing(snapshot, id, kind, "for_issue").filter((row) => !known.has(row.id));
  return [...listed, ...others.reverse().map((row): Ref => ({ kind, id: row.id, role: null }))];
}

/** assigned_to is one more assignee; what the record knows of that worker fills in the Actor (F04). */
function assignees(snapshot: Snapshot, { assignees: listed = [], assigned_to }: Task): Actor[] {
  if (!assigned_to || listed.some(({ actor_id }) => actor_id === assigned_to)) return listed;
  const worker = snapshot.workers.get(assigned_to);
  const actor: Actor = { actor_kind: worker?.actor_kind ?? "agent", actor_id: assigned_to };
  return [...listed, { ...actor, display: worker?.display ?? assigned_to }];
}
