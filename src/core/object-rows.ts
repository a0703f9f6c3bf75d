/** CWOM's objects in their compact form: what lists filter by, and what leads on. The index keeps these; documents are read one by one. */
import type {
  Artifact,
  ConstraintSnapshot,
  ContextPacket,
  DoctrineRef,
  Run,
  Task,
} from "../generated/types.ts";
import type { ObjectKind } from "./paths.ts";
import { refsIn } from "./refs.ts";
import type { Problem } from "./snapshot.ts";

/** A reference from one object to another: the field (dots between mappings), the id it leads to, and its role where it has one. */
export type Link = readonly [field: string, id: string, role?: string];

export interface ObjectRow {
  id: string;
  /** Task: a task that points to others; what it is besides stands in its own row. */
  kind: ObjectKind | "Task";
  /** One line. */
  title: string;
  created_at: string;
  /** What lists filter by; one table says which (FEATURES B51, B53, B66, B71). */
  facts: Readonly<Record<string, string | readonly string[]>>;
  links: readonly Link[];
  /** The file cannot be read: the object is there, and nothing is known of it. */
  broken?: Problem;
}

interface Shown {
  title: string;
  facts: Record<string, string | readonly string[] | undefined>;
}

const TITLE_CHARS = 120;

const SHOWN: { [K in ObjectKind]: (value: never) => Shown } = {
  ContextPacket: ({ summary, version, inputs }: ContextPacket) => ({
    title: summary,
    facts: {
      version,
      digests: hasDigest(inputs?.documents) || hasDigest(inputs?.data_blobs) ? "yes" : undefined,
    },
  }),
  ConstraintSnapshot: ({ scope, captured_at, owner }: ConstraintSnapshot) => ({
    title: `${scope} limits of ${owner.display ?? owner.actor_id}`,
    facts: { scope, owner: owner.actor_id, captured_at },
  }),
  DoctrineRef: ({
    namespace,
    name,
    version,
    type,
    priority = "should",
    statement,
    applicability,
  }: DoctrineRef) => ({
    title: statement,
    facts: {
      ...{ namespace, name, version, type, priority },
      issue_types: applicability?.issue_types,
      labels: applicability?.tags,
    },
  }),
  Run: ({ status, mode, executor, failure, outputs, telemetry }: Run) => ({
    title: outputs?.result_summary || failure?.message || `${mode} run by ${executor.actor.actor_id}`,
    facts: {
      ...{ status, mode, actor: executor.actor.actor_id, category: failure?.category },
      ended_at: telemetry?.ended_at ?? undefined,
    },
  }),
  Artifact: ({ title, type, uri, digest, verification }: Artifact) => ({
    title,
    facts: {
      ...{ type, uri, verification: verification?.status ?? "unverified" },
      digests: digest ? "yes" : undefined,
    },
  }),
};

const hasDigest = (parts: readonly { digest?: string | null }[] = []): boolean =>
  parts.some(({ digest }) => digest);

/** Without undefined fields, and with texts of its own: texts out of a parser are slices that keep the whole file's alive. */
const compact = <T extends object>(row: T): T => JSON.parse(JSON.stringify(row)) as T;

export function objectRow(kind: ObjectKind, value: object): ObjectRow {
  const { id, created_at, captured_at } = value as { id: string; created_at?: string; captured_at?: string };
  const { title, facts } = SHOWN[kind](value as never);
  const [line = ""] = title.trim().split(/[\n\r]/, 1);
  return compact<ObjectRow>({
    ...{ id, kind, title: [...line].slice(0, TITLE_CHARS).join("") },
    created_at: created_at ?? captured_at ?? "",
    facts: facts as ObjectRow["facts"],
    links: linksOf(kind, value),
  });
}

/** The row of a file that cannot be read. */
export function brokenObjectRow(kind: ObjectKind, id: string, problem: Problem): ObjectRow {
  return {
    id,
    kind,
    title: "(unreadable)",
    created_at: "1970-01-01T00:00:00Z",
    facts: {},
    links: [],
    broken: problem,
  };
}

/** What is kept of a task here: where it leads; undefined where it leads nowhere. */
export function linkedTaskRow(task: Task): ObjectRow | undefined {
  const links = linksOf("Task", task);
  if (links.length === 0) return undefined;
  return compact<ObjectRow>({
    id: task.id,
    kind: "Task",
    title: "",
    created_at: task.created_at,
    facts: {},
    links,
  });
}

const linksOf = (kind: ObjectKind | "Task", value: object): Link[] =>
  refsIn(kind, value).map(({ field, id, role }) => (role ? [field, id, role] : [field, id]));
