/** One commit as the rules of history see it: files before and after, joined into one step for each task. */
import {
  type EventRows,
  epochOf,
  type FileRead,
  parseFile,
  tasksIn,
  whyNoOperation,
} from "../../core/explains.ts";
import { type Kind, pathOf, placeOf } from "../../core/paths.ts";
import { isEnded } from "../../core/rows.ts";
import { BARE_POLICY, rulesOf } from "../../core/rules.ts";
import type { Rules } from "../../core/snapshot.ts";
import type { Lease, Policy, Task, Worker } from "../../generated/types.ts";
import { isMaintainer } from "../workers/acting.ts";

const REPAIRED = "record.repaired";

/** A file's content; undefined where there is no file. */
export type Content = string | Uint8Array | undefined;
export type FileReader = (path: string) => Content;

export interface ChangedFile {
  path: string;
  before?: Content;
  after?: Content;
}

/** What the trailers of a commit say it is (the ledger's entry). */
export interface Entry {
  op: string;
  event: string;
  actor: string;
  tasks: readonly { id: string; epoch?: number }[];
}

export interface CommitFacts {
  oid: string;
  parents: readonly string[];
  /** The committer's time, ms since 1970. */
  at_ms: number;
  subject: string;
  /** Left out where the trailers name no operation. */
  entry?: Entry;
  author: string;
  /** Its records of the job ledger, as they stand. */
  jobRecords?: readonly string[];
}

export interface CommitContext {
  /** The checker's clock, ms since 1970. */
  now: number;
  /** The rows of the operations table: which events there are, and what each may touch. */
  operations: EventRows;
}

/**
 * operation: a command's own commit, so the rules say who may do what. edit: a person's, which may change intent but
 * not break a lease. merge: judged against each parent by what may never go back.
 */
export type Mode = "operation" | "edit" | "merge";

/** One file of a kind, before and after. A value is undefined where there is no file or an unreadable one. */
export interface FileStep {
  path: string;
  kind: Kind;
  id: string;
  before?: unknown;
  after?: unknown;
  /** There was, or is, a file, readable or not. */
  was: boolean;
  is: boolean;
}

/** A task and its lease at one moment. */
export interface Side {
  task?: Task;
  lease?: Lease;
  /** There is a task file, readable or not. */
  exists: boolean;
  /** One of the two cannot be read. */
  broken: boolean;
  /** The highest epoch that stands in either file, even one that cannot be read. */
  epoch: number;
  ended: boolean;
}

export interface TaskStep {
  id: string;
  before: Side;
  after: Side;
}

export interface CommitView {
  commit: CommitFacts;
  mode: Mode;
  /** Why trailers that name an operation do not count; undefined where they do, or where there are none. */
  ignored?: string;
  files: readonly FileStep[];
  tasks: readonly TaskStep[];
  /** Who acted, by the trailers of an operation. */
  actor?: string;
  byMaintainer: boolean;
  /** A maintainer's `owp repair`. */
  repair: boolean;
  /** The policy of that moment. */
  rules: Rules;
  /** The record begins with this commit: there was no policy before. */
  first: boolean;
  now: number;
}

/** The files that a check reads besides the changed ones, before and after: load them first. */
export function pathsFor(changed: readonly { path: string }[], entry?: Entry): string[] {
  const paths = new Set<string>([pathOf("Policy", "owp")]);
  if (entry) paths.add(pathOf("Worker", entry.actor));
  for (const { path } of changed) {
    const place = placeOf(path);
    if (place?.kind === "Task") paths.add(pathOf("Lease", place.id));
    if (place?.kind === "Lease") paths.add(pathOf("Task", place.id));
  }
  for (const { path } of changed) paths.delete(path);
  return [...paths];
}

export function viewCommit(
  before: FileReader,
  after: FileReader,
  changed: readonly ChangedFile[],
  commit: CommitFacts,
  context: CommitContext,
): CommitView {
  const old = reader(before, changed, "before");
  const fresh = reader(after, changed, "after");
  const files = changed.flatMap(({ path }) => fileStep(path, old, fresh));
  const paths = changed.map(({ path }) => path);
  const tasks = tasksIn(paths).map(
    (id): TaskStep => ({ id, before: sideOf(id, old), after: sideOf(id, fresh) }),
  );
  const policyPath = pathOf("Policy", "owp");
  const policy = (old(policyPath).value ?? fresh(policyPath).value ?? BARE_POLICY) as Policy;
  const first = !old(policyPath).exists;
  const ignored =
    commit.entry &&
    whyNoOperation(
      {
        parents: commit.parents.length,
        entry: commit.entry,
        paths,
        first,
        epochAfter: (id) => epochOf(id, fresh),
      },
      context.operations,
    );
  const mode = commit.parents.length > 1 ? "merge" : commit.entry && !ignored ? "operation" : "edit";
  const actor = mode === "operation" ? commit.entry?.actor : undefined;
  const worker = actor === undefined ? undefined : (old(pathOf("Worker", actor)).value as Worker | undefined);
  return {
    commit,
    mode,
    ...(ignored ? { ignored } : {}),
    files,
    tasks,
    ...(actor === undefined ? {} : { actor }),
    byMaintainer: isMaintainer(worker),
    repair: mode === "operation" && commit.entry?.event === REPAIRED && isMaintainer(worker),
    rules: rulesOf(policy),
    first,
    now: context.now,
  };
}

/** Reads each file once, the changed ones from the change itself. */
function reader(
  read: FileReader,
  changed: readonly ChangedFile[],
  side: "before" | "after",
): (path: string) => FileRead {
  const given = new Map(changed.map((file) => [file.path, file]));
  const known = new Map<string, FileRead>();
  return (path) => {
    const seen = known.get(path);
    if (seen) return seen;
    const file = given.get(path);
    const content = file ? file[side] : read(path);
    const fresh = parseFile(path, content);
    known.set(path, fresh);
    return fresh;
  };
}

function fileStep(
  path: string,
  old: (path: string) => FileRead,
  fresh: (path: string) => FileRead,
): FileStep[] {
  const place = placeOf(path);
  if (!place) return [];
  const [before, after] = [old(path), fresh(path)];
  return [{ path, ...place, before: before.value, after: after.value, was: before.exists, is: after.exists }];
}

function sideOf(id: string, read: (path: string) => FileRead): Side {
  const taskFile = read(pathOf("Task", id));
  const leaseFile = read(pathOf("Lease", id));
  const task = taskFile.value as Task | undefined;
  const lease = leaseFile.value as Lease | undefined;
  return {
    ...(task ? { task } : {}),
    ...(lease ? { lease } : {}),
    exists: taskFile.exists,
    ...epochOf(id, read),
    ended: task !== undefined && isEnded(task),
  };
}
