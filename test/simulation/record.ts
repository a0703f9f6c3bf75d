/** The record as an independent reader sees it: commits and files of the hub, parsed as plain YAML, judged by nobody yet. */
import { parse } from "yaml";
import type { MemoryStore } from "../../src/engine/memory/store.ts";
import { type CommitFields, decodeCommit, decodeTree } from "../../src/engine/objects.ts";
import type { Oid } from "../../src/engine/ports.ts";

export interface TaskFile {
  id: string;
  title: string;
  repo: string;
  status: string;
  priority: number;
  estimate: number;
  tier?: number;
  area?: string;
  created_by?: string;
  relationships?: { blocked_by?: string[] };
  outcome?: { epoch: number; worker?: string | null };
}

export interface LeaseFile {
  task: string;
  worker: string | null;
  epoch: number;
  attempt: number;
  phase: string;
  expires_at: string | null;
  run?: string;
}

export interface RunFile {
  status: string;
  for_issue: { id: string };
  executor: { actor: { actor_id: string } };
}

export interface WorkerFile {
  name: string;
  capacity_points: number;
  max_concurrent_tasks: number;
  trust_tier: string;
}

export interface RepoFile {
  slug: string;
  policy?: { max_open_prs?: number | null; area_locks_enabled?: boolean };
}

/** The files of one commit by id. A file that cannot be read is not among them, and is named in broken. */
export interface Files {
  tasks: ReadonlyMap<string, TaskFile>;
  leases: ReadonlyMap<string, LeaseFile>;
  workers: ReadonlyMap<string, WorkerFile>;
  repos: ReadonlyMap<string, RepoFile>;
  runs: ReadonlyMap<string, RunFile>;
  broken: ReadonlySet<string>;
}

export const NO_FILES: Files = {
  tasks: new Map(),
  leases: new Map(),
  workers: new Map(),
  repos: new Map(),
  runs: new Map(),
  broken: new Set(),
};

export interface Commit extends CommitFields {
  oid: Oid;
  /** The operation that its message names. */
  op: string | undefined;
  event: string | undefined;
  actor: string | undefined;
}

/** A path whose content changed. */
export interface Changed {
  path: string;
  before: Oid | null;
  after: Oid | null;
}

export function readCommit(store: MemoryStore, oid: Oid): Commit {
  const fields = decodeCommit(dataOf(store, oid));
  const trailer = (name: string) => new RegExp(`^${name}: (\\S+)$`, "m").exec(fields.message)?.[1];
  return { ...fields, oid, op: trailer("Owp-Op"), event: trailer("Owp-Event"), actor: trailer("Owp-Actor") };
}

export function dataOf(store: MemoryStore, oid: Oid): Uint8Array {
  const object = store.peek(oid);
  if (!object) throw new Error(`the hub lacks ${oid}`);
  return object.data;
}

/** The commits from a base up to a tip, oldest first; undefined where they are no line. */
export function lineOf(store: MemoryStore, base: Oid | null, tip: Oid): Commit[] | undefined {
  const line: Commit[] = [];
  for (let oid: Oid | null = tip; oid !== base; ) {
    if (oid === null) return undefined;
    const commit = readCommit(store, oid);
    if (commit.parents.length > 1) return undefined;
    line.unshift(commit);
    oid = commit.parents[0] ?? null;
  }
  return line;
}

/** Everything reachable from a tip. */
export function historyOf(store: MemoryStore, tip: Oid | null): Map<Oid, Commit> {
  const seen = new Map<Oid, Commit>();
  const stack = tip === null ? [] : [tip];
  for (let oid = stack.pop(); oid !== undefined; oid = stack.pop()) {
    if (seen.has(oid)) continue;
    const commit = readCommit(store, oid);
    seen.set(oid, commit);
    stack.push(...commit.parents);
  }
  return seen;
}

export function changesBetween(
  store: MemoryStore,
  before: Oid | null,
  after: Oid | null,
  folder = "",
): Changed[] {
  if (before === after) return [];
  const old = new Map(
    (before === null ? [] : decodeTree(dataOf(store, before))).map((entry) => [entry.name, entry]),
  );
  const now = new Map(
    (after === null ? [] : decodeTree(dataOf(store, after))).map((entry) => [entry.name, entry]),
  );
  const changes: Changed[] = [];
  for (const name of new Set([...old.keys(), ...now.keys()])) {
    const [a, b] = [old.get(name), now.get(name)];
    if (a?.oid === b?.oid) continue;
    const path = folder + name;
    const isFolder = [a, b].map((entry) => entry?.mode === "40000");
    if (isFolder[0] || isFolder[1]) {
      const [x, y] = [isFolder[0] ? a?.oid : null, isFolder[1] ? b?.oid : null];
      changes.push(...changesBetween(store, x ?? null, y ?? null, `${path}/`));
    } else changes.push({ path, before: a?.oid ?? null, after: b?.oid ?? null });
  }
  return changes;
}

const KIND = /^(?:(tasks|leases|runs)\/.\/.\/|(workers|repos)\/)(.+)\.yaml$/;

/** What kind of file a path is, and of what. */
export function placeOf(
  path: string,
): { kind: "tasks" | "leases" | "workers" | "repos" | "runs"; id: string } | undefined {
  const match = KIND.exec(path);
  const kind = (match?.[1] ?? match?.[2]) as "tasks" | undefined;
  return kind && { kind, id: match?.[3] as string };
}

/** The files after some of them changed. */
export function withChanges(store: MemoryStore, files: Files, changes: readonly Changed[]): Files {
  const broken = new Set(files.broken);
  const next = { ...files, broken };
  for (const { path, after } of changes) {
    const place = placeOf(path);
    if (!place) continue;
    const kept = new Map<string, unknown>(next[place.kind]);
    const value = after === null ? undefined : yamlOf(store, after);
    if (value) kept.set(place.id, value);
    else kept.delete(place.id);
    if (after !== null && !value) broken.add(path);
    else broken.delete(path);
    Object.assign(next, { [place.kind]: kept });
  }
  return next;
}

const values = new Map<Oid, object | null>();
const VALUES_LIMIT = 20_000;

/** The value of a YAML file; undefined where it cannot be read. Read once, since contents never change. */
function yamlOf(store: MemoryStore, oid: Oid): object | undefined {
  const known = values.get(oid);
  if (known !== undefined) return known ?? undefined;
  if (values.size > VALUES_LIMIT) values.clear();
  const value = parseText(Buffer.from(dataOf(store, oid)).toString("utf8"));
  values.set(oid, value ?? null);
  return value;
}

function parseText(text: string): object | undefined {
  try {
    const value: unknown = parse(text);
    return value !== null && typeof value === "object" ? value : undefined;
  } catch {
    return undefined;
  }
}
