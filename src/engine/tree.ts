/** Trees over an object store: find, list, compare, edit. Reads level by level, so that round trips stay few. */
import { EMPTY_TREE, encodeTree, isTreeMode, objectOf, SUBMODULE, type TreeEntry } from "./objects.ts";
import type { GitObject, ObjectStore, Oid } from "./ports.ts";
import { keepTree, loadTrees, MissingObject } from "./tree-cache.ts";

/** A tree nested deeper, or with more files and directories than this, is refused: it was made to exhaust its reader. */
const MAX_DEPTH = 64;
const MAX_FILES = 2_000_000;
const MAX_DIRECTORIES = 250_000;

/** A file of a tree: a blob, a link or a submodule. */
export interface TreeFile {
  path: string;
  mode: string;
  oid: Oid;
}

/** A path that two trees differ in. Equal ids mean that only the mode changed. */
export interface TreeChange {
  path: string;
  before: Oid | null;
  after: Oid | null;
}

/** oid null: delete the file; deleting what is not there is no error. */
export interface TreeEdit {
  path: string;
  oid: Oid | null;
}

/** An edit that would turn a directory into a file or a file into a directory, and so delete what it does not name. */
export class PathBlocked extends Error {
  constructor(readonly path: string) {
    super(`a file and a directory contend for ${path}`);
  }
}

/** A file's bytes; undefined where the path is no file, or a submodule. */
export async function readPath(
  store: ObjectStore,
  tree: Oid | null,
  path: string,
): Promise<Uint8Array | undefined> {
  const [oid] = await readPaths(store, tree, [path]);
  if (oid == null) return undefined;
  const [blob] = await store.read([oid]);
  if (!blob) throw new MissingObject(oid);
  return blob.data;
}

/** The blob at each path, in the order asked; null where there is no file. One read a level, however many paths. */
export async function readPaths(
  store: ObjectStore,
  tree: Oid | null,
  paths: readonly string[],
): Promise<(Oid | null)[]> {
  const found: (Oid | null)[] = paths.map(() => null);
  let frontier = new Map<Oid, { index: number; rest: string[] }[]>();
  if (tree !== null)
    frontier.set(
      tree,
      paths.map((path, index) => ({ index, rest: path.split("/") })),
    );
  while (frontier.size > 0) {
    const trees = await loadTrees(store, [...frontier.keys()]);
    const next: typeof frontier = new Map();
    for (const [oid, wanted] of frontier) {
      const entries = new Map(trees.get(oid)?.map((entry) => [entry.name, entry]));
      for (const { index, rest } of wanted) {
        const entry = entries.get(rest[0] ?? "");
        if (!entry || entry.mode === SUBMODULE || rest.length > 1 !== isTreeMode(entry.mode)) continue;
        if (rest.length === 1) found[index] = entry.oid;
        else append(next, entry.oid, { index, rest: rest.slice(1) });
      }
    }
    frontier = next;
  }
  return found;
}

/** Every file of a tree, sorted by path; with prefixes only those that are, or lie under, one of them. */
export async function listFiles(
  store: ObjectStore,
  tree: Oid | null,
  prefixes?: readonly string[],
): Promise<TreeFile[]> {
  const files: TreeFile[] = [];
  await walk(store, null, tree, prefixes, (path, _before, after) => {
    if (after) files.push({ path, mode: after.mode, oid: after.oid });
  });
  return files.sort(byPath);
}

/** What changed from one tree to another, sorted by path. Equal subtrees are not read. */
export async function diffTrees(
  store: ObjectStore,
  a: Oid | null,
  b: Oid | null,
  prefixes?: readonly string[],
): Promise<TreeChange[]> {
  const changes: TreeChange[] = [];
  await walk(store, a, b, prefixes, (path, before, after) => {
    changes.push({ path, before: before?.oid ?? null, after: after?.oid ?? null });
  });
  return changes.sort(byPath);
}

/**
 * A tree with some files set or deleted. Reads only the trees on the way. Empty directories vanish, foreign entries
 * stay as they are, a file that is replaced keeps its executable bit. The objects are the new trees, children first.
 */
export async function editTree(
  store: ObjectStore,
  tree: Oid | null,
  edits: readonly TreeEdit[],
): Promise<{ tree: Oid; objects: GitObject[] }> {
  const root = planEdits(edits);
  const loaded = await loadOnTheWay(store, tree ?? EMPTY_TREE, root);
  const made = new Map<Oid, GitObject>();
  const result = applyEdits(store, tree, root, loaded, made, "") ?? EMPTY_TREE;
  if (result === EMPTY_TREE && tree !== EMPTY_TREE) made.set(EMPTY_TREE, objectOf("tree", new Uint8Array()));
  return { tree: result, objects: [...made.values()] };
}

type Visit = (path: string, before: TreeEntry | undefined, after: TreeEntry | undefined) => void;
type Level = { dir: string; a: Oid | null; b: Oid | null }[];

/** Visits every file in which two trees differ, a level at a time. */
async function walk(
  store: ObjectStore,
  a: Oid | null,
  b: Oid | null,
  prefixes: readonly string[] | undefined,
  visit: Visit,
): Promise<void> {
  const wanted = prefixes?.map((prefix) => prefix.replace(/\/+$/, "")).filter((prefix) => prefix !== "");
  let level: Level = a === b ? [] : [{ dir: "", a, b }];
  let files = 0;
  let directories = 0;
  const seen: Visit = (path, before, after) => {
    files += 1;
    if (files > MAX_FILES) throw new Error(`a tree with more than ${MAX_FILES} files`);
    visit(path, before, after);
  };
  for (let depth = 0; level.length > 0; depth += 1) {
    directories += level.length;
    if (depth > MAX_DEPTH || directories > MAX_DIRECTORIES) {
      throw new Error("a tree that is nested too deeply or too widely");
    }
    const oids = level.flatMap((pair) => [pair.a, pair.b]).filter((oid) => oid !== null);
    const trees = await loadTrees(store, oids);
    const next: Level = [];
    for (const pair of level) comparePair(pair, trees, wanted, seen, next);
    level = next;
  }
}

function comparePair(
  pair: Level[number],
  trees: Map<Oid, TreeEntry[]>,
  wanted: readonly string[] | undefined,
  visit: Visit,
  next: Level,
): void {
  const before = pair.a === null ? [] : (trees.get(pair.a) ?? []);
  const after = pair.b === null ? [] : (trees.get(pair.b) ?? []);
  const old = new Map(before.map((entry) => [nameKey(entry), entry]));
  const compare = (x: TreeEntry | undefined, y: TreeEntry | undefined) => {
    if (x && y && x.oid === y.oid && x.mode === y.mode) return;
    const path = pair.dir + (x ?? y)?.name;
    const inside = wanted === undefined ? "all" : within(path, wanted);
    if (inside === "none") return;
    const [xTree, yTree] = [x && isTreeMode(x.mode) ? x.oid : null, y && isTreeMode(y.mode) ? y.oid : null];
    if (xTree !== yTree) next.push({ dir: `${path}/`, a: xTree, b: yTree });
    const [xFile, yFile] = [xTree === null ? x : undefined, yTree === null ? y : undefined];
    if (inside === "all" && (xFile || yFile)) visit(path, xFile, yFile);
  };
  for (const entry of after) {
    const key = nameKey(entry);
    compare(old.get(key), entry);
    old.delete(key);
  }
  for (const entry of old.values()) compare(entry, undefined);
}

/** all: the path is wanted. some: it may hold wanted ones. */
function within(path: string, wanted: readonly string[]): "all" | "some" | "none" {
  let some = false;
  for (const prefix of wanted) {
    if (path === prefix || path.startsWith(`${prefix}/`)) return "all";
    if (prefix.startsWith(`${path}/`)) some = true;
  }
  return some ? "some" : "none";
}

/** Edits of one directory: what to set here, and what lies below. */
interface EditNode {
  files: Map<string, Oid | null>;
  below: Map<string, EditNode>;
}

function planEdits(edits: readonly TreeEdit[]): EditNode {
  const root: EditNode = { files: new Map(), below: new Map() };
  for (const edit of edits) {
    const names = edit.path.split("/");
    for (const name of names) refuseName(name, edit.path);
    let node = root;
    for (const name of names.slice(0, -1)) {
      const child = node.below.get(name) ?? { files: new Map(), below: new Map() };
      node.below.set(name, child);
      node = child;
    }
    node.files.set(names.at(-1) ?? "", edit.oid);
  }
  return root;
}

/** Refuses names that git, or a file system that git checks out to, would take for something else. */
function refuseName(name: string, path: string): void {
  const folded = name
    .normalize("NFKD")
    .replace(/\p{Cf}/gu, "")
    .toLowerCase();
  const dotGit = /^(\.git|git~\d+)[ .]*(:.*)?$/.test(folded);
  if (name === "" || name === "." || name === ".." || dotGit || /[\0\\]/.test(name)) {
    throw new Error(`not a path for a record: ${JSON.stringify(path)}`);
  }
}

/** Reads the trees that the edits pass through, one round trip a level. */
async function loadOnTheWay(store: ObjectStore, root: Oid, edits: EditNode): Promise<Map<Oid, TreeEntry[]>> {
  const loaded = new Map<Oid, TreeEntry[]>();
  let level: [Oid, EditNode][] = [[root, edits]];
  while (level.length > 0) {
    for (const [oid, entries] of await loadTrees(
      store,
      level.map(([oid]) => oid),
    ))
      loaded.set(oid, entries);
    level = level.flatMap(([oid, node]) =>
      (loaded.get(oid) ?? []).flatMap((entry): [Oid, EditNode][] => {
        const child =
          isTreeMode(entry.mode) && entry.raw === undefined ? node.below.get(entry.name) : undefined;
        return child ? [[entry.oid, child]] : [];
      }),
    );
  }
  return loaded;
}

/** The directory's new tree; null: nothing is left in it. */
function applyEdits(
  store: ObjectStore,
  tree: Oid | null,
  node: EditNode,
  loaded: Map<Oid, TreeEntry[]>,
  made: Map<Oid, GitObject>,
  dir: string,
): Oid | null {
  const entries = new Map(
    (tree === null ? [] : (loaded.get(tree) ?? [])).map((entry) => [nameKey(entry), entry]),
  );
  let changed = false;
  for (const [name, oid] of node.files) {
    const old = entries.get(name);
    const oldTree = old !== undefined && isTreeMode(old.mode);
    if (oid !== null && oldTree) throw new PathBlocked(dir + name);
    if (oldTree || old?.oid === (oid ?? undefined)) continue;
    changed = true;
    if (oid === null) entries.delete(name);
    else entries.set(name, { mode: old && /^100[0-7]{3}$/.test(old.mode) ? old.mode : "100644", name, oid });
  }
  for (const [name, child] of node.below) {
    const old = entries.get(name);
    const oldTree = old && isTreeMode(old.mode) ? old.oid : null;
    const oid = applyEdits(store, oldTree, child, loaded, made, `${dir}${name}/`);
    if (oid === oldTree) continue;
    changed = true;
    if (oid === null) entries.delete(name);
    else if (old && oldTree === null) throw new PathBlocked(dir + name);
    else entries.set(name, { mode: old?.mode ?? "40000", name, oid });
  }
  if (entries.size === 0) return null;
  if (!changed) return tree;
  const object = objectOf("tree", encodeTree([...entries.values()]));
  made.set(object.oid, object);
  keepTree(store, object);
  return object.oid;
}

/** Names as map keys; those that are not UTF-8 cannot collide with those that are. */
const nameKey = (entry: TreeEntry): string =>
  entry.raw === undefined ? entry.name : `\0${Buffer.from(entry.raw).toString("latin1")}`;

const byPath = (a: { path: string }, b: { path: string }) => (a.path < b.path ? -1 : a.path > b.path ? 1 : 0);

function append<K, V>(map: Map<K, V[]>, key: K, value: V): void {
  const list = map.get(key);
  if (list) list.push(value);
  else map.set(key, [value]);
}
