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
import { hasKey } from "../../core/ssh-key.ts";
import type { Lease, Policy, Task, Worker } from "../../generated/types.ts";
import { isMaintainer } from "../workers/acting.ts";
import { decodeOnce } from "./decode-once.ts";

const REPAIRED = "record.repaired";

/** A file's content; undefined where there is no file. */
export type Content = string | Uint8Array | undefined;

/** The record at one commit. What is not loaded yet is asked for by throwing Wanted; the caller loads it and checks again. */
export interface Files {
  read(path: string): Content;
  /** The paths of the files in a folder and below it. */
  below(folder: string): readonly string[];
}

/** The history that a commit was made on. */
export interface Past {
  /**
   * An ancestor: until when it was the newest commit, and the operations from it to the commit, both left out. undefined:
   * it is none, or what followed it lies further back than the limit, ms since 1970.
   */
  since(oid: string, notBefore_ms: number): Since | undefined;
}

export interface Since {
  /** ms since 1970 at which another one followed it; Infinity: the commit itself does. */
  until_ms: number;
  ops: ReadonlySet<string>;
}

/** What a check has to know besides what was loaded for it: a file, a folder with all that is in it, or a part of the past. */
export type Need =
  | { side: "before" | "after"; file: string }
  | { side: "before" | "after"; folder: string }
  | { since: string; notBefore_ms: number };

export class Wanted extends Error {
  constructor(readonly need: Need) {
    super(`wanted: ${JSON.stringify(need)}`);
  }
}

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
  /** Whose key signed it, or why its signature counts for nothing; left out: it has none. */
  signed?: { key: string } | { fault: string };
  past?: Past;
  /** Of a merge: the files that are as none of its parents had them. */
  decided?: ReadonlySet<string>;
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

/** The record at one side of the commit, each file read once. */
export interface Tree {
  file(path: string): FileRead;
  /** All files of a kind below a folder, with what they say: a value is undefined where a file is unreadable. */
  all<Value>(kind: Kind, folder: string): readonly { path: string; id: string; value: Value | undefined }[];
}

export interface CommitView {
  commit: CommitFacts;
  mode: Mode;
  before: Tree;
  after: Tree;
  /** Why trailers that name an operation do not count; undefined where they do, or where there are none. */
  ignored?: string;
  files: readonly FileStep[];
  tasks: readonly TaskStep[];
  /** Who acted: by the trailers of an operation, or by the signature of an edit where the policy asks for one. */
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

/** The files that every check reads besides the changed ones, before and after: load them first, the rest when it is wanted. */
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
  before: Files,
  after: Files,
  changed: readonly ChangedFile[],
  commit: CommitFacts,
  context: CommitContext,
): CommitView {
  const [was, is] = [treeOf(before, changed, "before"), treeOf(after, changed, "after")];
  const [old, fresh] = [was.file, is.file];
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
  const rules = rulesOf(policy);
  const actor =
    mode === "operation"
      ? commit.entry?.actor
      : mode === "edit" && rules.signatures_required && !first
        ? signerIn(was, commit.signed)?.name
        : undefined;
  const worker = actor === undefined ? undefined : (old(pathOf("Worker", actor)).value as Worker | undefined);
  return {
    commit,
    mode,
    before: was,
    after: is,
    ...(ignored ? { ignored } : {}),
    files,
    tasks,
    ...(actor === undefined ? {} : { actor }),
    byMaintainer: isMaintainer(worker),
    repair: mode === "operation" && commit.entry?.event === REPAIRED && isMaintainer(worker),
    rules,
    first,
    now: context.now,
  };
}

/** The member whose key signed a commit, by the record before it; retired ones do not count. */
export function signerIn(before: Tree, signed: CommitFacts["signed"]): Worker | undefined {
  if (!signed || "fault" in signed) return undefined;
  return before
    .all<Worker>("Worker", "workers")
    .find(({ value }) => value && value.status !== "retired" && hasKey(value.ssh_key, signed.key))?.value;
}

/** Reads each file once, the changed ones from the change itself. */
function treeOf(files: Files, changed: readonly ChangedFile[], side: "before" | "after"): Tree {
  const given = new Map(changed.map((file) => [file.path, file]));
  const known = new Map<string, FileRead>();
  const file = (path: string): FileRead => {
    const seen = known.get(path);
    if (seen) return seen;
    const change = given.get(path);
    const fresh = parseFile(path, change ? change[side] : files.read(path), decodeOnce);
    known.set(path, fresh);
    return fresh;
  };
  return {
    file,
    all: <Value>(kind: Kind, folder: string) =>
      files.below(folder).flatMap((path) => {
        const place = placeOf(path);
        if (place?.kind !== kind) return [];
        return [{ path, id: place.id, value: file(path).value as Value | undefined }];
      }),
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
