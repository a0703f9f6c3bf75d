/** Where each kind lives in the record: one path for each id, and one kind for each path (DESIGN: the record's layout). */

/** CWOM's objects that have a file of their own each, by the prefix of their ids; Repo and Issue (a task) are older kinds. */
export const OBJECT_PREFIX = {
  ContextPacket: "cp",
  ConstraintSnapshot: "cs",
  DoctrineRef: "dr",
  Run: "rn",
  Artifact: "ar",
} as const;

export type ObjectKind = keyof typeof OBJECT_PREFIX;
export const OBJECT_KINDS = Object.keys(OBJECT_PREFIX) as readonly ObjectKind[];
export type Kind = "Policy" | "Worker" | "Repo" | "Task" | "Lease" | "JobKey" | ObjectKind;

interface KindRow {
  /** File name of the JSON Schema in schemas/, without the ending. */
  schema: string;
  /** The path of an id. */
  path: (id: string) => string;
  /** Matches a path of this kind; group 1 is the id. */
  pattern: RegExp;
}

const ULID = "[0-9a-hjkmnp-tv-z]{26}";
const shard = (id: string) => `${id.at(-2)}/${id.at(-1)}`;
const sharded = (folder: string, prefix: string) => ({
  path: (id: string) => `${folder}/${shard(id)}/${id}.yaml`,
  pattern: new RegExp(`^${folder}/[0-9a-z]/[0-9a-z]/(${prefix}_${ULID})\\.yaml$`),
});
const NAME = "[a-z0-9][a-z0-9._@+-]*(?:/[a-z0-9][a-z0-9._@+-]*)?";

export const KINDS: Record<Kind, KindRow> = {
  Policy: { schema: "owp", path: () => "owp.yaml", pattern: /^(owp)\.yaml$/ },
  Worker: {
    schema: "worker",
    path: (name) => `workers/${name}.yaml`,
    pattern: new RegExp(`^workers/(${NAME})\\.yaml$`),
  },
  Repo: {
    schema: "repo",
    path: (slug) => `repos/${slug}.yaml`,
    pattern: /^repos\/([a-z0-9][a-z0-9._-]*)\.yaml$/,
  },
  Task: { schema: "task", ...sharded("tasks", "t") },
  Lease: { schema: "lease", ...sharded("leases", "t") },
  JobKey: { schema: "job-key", ...sharded("job-keys", "k") },
  ContextPacket: {
    schema: "cwom/context-packet",
    ...sharded("context-packets", OBJECT_PREFIX.ContextPacket),
  },
  ConstraintSnapshot: {
    schema: "cwom/constraint-snapshot",
    ...sharded("constraint-snapshots", OBJECT_PREFIX.ConstraintSnapshot),
  },
  DoctrineRef: { schema: "cwom/doctrine-ref", ...sharded("doctrine", OBJECT_PREFIX.DoctrineRef) },
  Run: { schema: "cwom/run", ...sharded("runs", OBJECT_PREFIX.Run) },
  Artifact: { schema: "cwom/artifact", ...sharded("artifacts", OBJECT_PREFIX.Artifact) },
};

/** The path of one object. */
export const pathOf = (kind: Kind, id: string): string => KINDS[kind].path(id);

/** The kind and id that a path stands for; undefined for README.md, schemas and anything foreign. */
export function placeOf(path: string): { kind: Kind; id: string } | undefined {
  for (const kind of Object.keys(KINDS) as Kind[]) {
    const id = KINDS[kind].pattern.exec(path)?.[1];
    if (id !== undefined && KINDS[kind].path(id) === path) return { kind, id };
  }
  return undefined;
}

const KIND_OF_PREFIX: ReadonlyMap<string, "Task" | "Repo" | ObjectKind> = new Map([
  ["t", "Task"],
  ["r", "Repo"],
  ...Object.entries(OBJECT_PREFIX).map(([kind, prefix]) => [prefix, kind as ObjectKind] as const),
]);

/** The part of an id before its ULID. */
export const prefixOf = (id: string): string => id.slice(0, Math.max(0, id.indexOf("_")));

/** The kind that an id says it is of, among those that a Ref can lead to: ids are unique across all of them (CWOM 2.2). */
export const kindOfId = (id: string): "Task" | "Repo" | ObjectKind | undefined =>
  KIND_OF_PREFIX.get(prefixOf(id));

/** What people see and type of a task's id: its last four characters. */
export const shortId = (id: string): string => id.slice(-4);
