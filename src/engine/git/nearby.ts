/**
 * A remote on this disk. Its newest commits can be read, and taken over, as files and without a process: a fetch by git
 * takes five. Whatever is kept in another form than loose objects and loose refs is left to git.
 */
import { accessSync, constants, readdirSync, readFileSync } from "node:fs";
import { isAbsolute, join } from "node:path";
import { fileURLToPath } from "node:url";
import { decodeCommit, decodeTree, EMPTY_TREE, isTreeMode, objectOf, oidOf, SUBMODULE } from "../objects.ts";
import type { GitObject, Oid, Push } from "../ports.ts";
import { readLoose } from "./loose.ts";
import { type Fetched, isCloneId, keepRecordRef, readRef } from "./refs.ts";
import type { SignalsIn } from "./signal-refs.ts";
import type { GitStore } from "./store.ts";

/** More new commits than this, and git is the better way to fetch them. */
const COMMITS_LIMIT = 32;
/** The tree of every heartbeat. */
const NO_FILES = objectOf("tree", Buffer.alloc(0));

/** The folder of a URL that names a repository on this disk. */
export function nearbyFolder(url: string): string | undefined {
  try {
    const folder = url.startsWith("file://") ? fileURLToPath(url) : url;
    return isAbsolute(folder) ? folder : undefined;
  } catch {
    return undefined; // Of another machine.
  }
}

/** The commits on a ref since one that is known, newest first; undefined: only git can tell. */
export function commitsSince(folder: string, ref: string, known: Oid): GitObject[] | undefined {
  const there = findRef(folder, ref);
  return there && chain(there.gitDir, there.tip, known);
}

function chain(gitDir: string, tip: Oid, known: Oid): GitObject[] | undefined {
  const commits: GitObject[] = [];
  for (let oid = tip; oid !== known; ) {
    const commit = commits.length < COMMITS_LIMIT ? readLoose(gitDir, oid) : undefined;
    const [parent, ...others] = commit?.type === "commit" ? decodeCommit(commit.data).parents : [];
    if (!commit || parent === undefined || others.length > 0) return undefined;
    commits.push(commit);
    oid = parent;
  }
  return commits;
}

/** Takes over what is new on the record and the signals, and says where they stand; undefined: git has to fetch. */
export async function fetchNearby(
  store: GitStore,
  folder: string,
  record: string,
  signals: Readonly<Record<SignalsIn, string>>,
): Promise<Fetched | undefined> {
  if (!isWritable(store.path)) return undefined; // Git says what that means.
  const known = readRef(join(store.path, "refs/owp/record"));
  const gitDir = findRef(folder, record)?.gitDir;
  if (known === undefined || gitDir === undefined) return undefined;
  const refs = looseSignals(gitDir, signals.refs);
  const branches = looseSignals(gitDir, signals.branches);
  const commits = commitsSince(folder, record, known);
  if (!refs || !branches || !commits) return undefined;
  try {
    const heartbeats = [refs, branches].flatMap((some) => beats(store, gitDir, some));
    const taken = [...(await withTrees(store, gitDir, commits, known)), ...heartbeats];
    if (taken.length > 0) await store.write(taken);
  } catch (error) {
    if (error instanceof Elsewhere) return undefined;
    throw error;
  }
  const tip = commits[0]?.oid ?? known;
  keepRecordRef(store.path, tip);
  return { record: tip, signals: { refs, branches } };
}

/** What a push takes from the store to a remote that has the base; undefined: git has to find it. */
export async function objectsOf(store: GitStore, { record, signal }: Push): Promise<GitObject[] | undefined> {
  if (record?.base === null) return undefined;
  try {
    const commits = record ? chain(store.path, record.tip, record.base) : [];
    if (!commits) return undefined;
    const objects = record ? await withTrees(store, store.path, commits, record.base) : [];
    return signal?.next ? [...objects, beat(store.path, signal.next), NO_FILES] : objects;
  } catch (error) {
    if (error instanceof Elsewhere) return undefined;
    throw error;
  }
}

function isWritable(folder: string): boolean {
  try {
    accessSync(folder, constants.W_OK);
    return true;
  } catch {
    return false;
  }
}

/** An object is not loose there, or not sound. */
class Elsewhere extends Error {}

function readThere(gitDir: string, oid: Oid): GitObject {
  const object = readLoose(gitDir, oid);
  if (!object || oidOf(object.type, object.data) !== oid) throw new Elsewhere(oid);
  return object;
}

/** The commits with all that they changed. */
async function withTrees(
  store: GitStore,
  gitDir: string,
  commits: readonly GitObject[],
  known: Oid,
): Promise<GitObject[]> {
  const taken = new Map<Oid, GitObject>();
  const read = async (oid: Oid) => taken.get(oid) ?? (await store.read([oid]))[0] ?? missing(oid);
  const takeTree = async (old: Oid | null, oid: Oid): Promise<void> => {
    if (old === oid || taken.has(oid)) return;
    const tree = readThere(gitDir, oid);
    taken.set(oid, tree);
    const before = new Map<string, Oid>();
    if (old !== null)
      for (const entry of decodeTree((await read(old)).data)) before.set(entry.name, entry.oid);
    for (const { name, mode, oid: child } of decodeTree(tree.data)) {
      const was = before.get(name) ?? null;
      if (was === child || mode === SUBMODULE || taken.has(child)) continue;
      if (isTreeMode(mode)) await takeTree(await treeOrNull(store, was), child);
      else taken.set(child, readThere(gitDir, child));
    }
  };
  let parent = await read(known);
  for (const commit of [...commits].reverse()) {
    if (oidOf("commit", commit.data) !== commit.oid) throw new Elsewhere(commit.oid);
    await takeTree(decodeCommit(parent.data).tree, decodeCommit(commit.data).tree);
    taken.set(commit.oid, commit);
    parent = commit;
  }
  return [...taken.values()];
}

const missing = (oid: Oid): never => {
  throw new Elsewhere(oid);
};

async function treeOrNull(store: GitStore, oid: Oid | null): Promise<Oid | null> {
  const [object] = oid === null ? [] : await store.read([oid]);
  return object?.type === "tree" ? object.oid : null;
}

/** The commits of heartbeats that the store has not. */
function beats(store: GitStore, gitDir: string, signals: ReadonlyMap<string, Oid>): GitObject[] {
  return [...signals.values()].flatMap((oid) => {
    if (readLoose(store.path, oid)) return [];
    return [beat(gitDir, oid)];
  });
}

function beat(gitDir: string, oid: Oid): GitObject {
  const commit = readThere(gitDir, oid);
  const { parents, tree } = decodeCommit(commit.data);
  if (parents.length > 0 || tree !== EMPTY_TREE) throw new Elsewhere(oid);
  return commit;
}

/** Where the ref stands, and in which git dir: the folder itself, or the one of a checkout. */
function findRef(folder: string, ref: string): { gitDir: string; tip: Oid } | undefined {
  for (const gitDir of [folder, join(folder, ".git")]) {
    const tip = readRef(join(gitDir, ref));
    if (tip !== undefined) return { gitDir, tip };
  }
  return undefined;
}

/** The signals, where all of them are loose. */
function looseSignals(gitDir: string, prefix: string): Map<string, Oid> | undefined {
  if (readText(join(gitDir, "packed-refs")).includes(` ${prefix}/`)) return undefined;
  const found = new Map<string, Oid>();
  for (const name of namesIn(join(gitDir, prefix)).filter(isCloneId)) {
    const oid = readRef(join(gitDir, prefix, name));
    if (oid !== undefined) found.set(name, oid);
  }
  return found;
}

function readText(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return "";
  }
}

function namesIn(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}
