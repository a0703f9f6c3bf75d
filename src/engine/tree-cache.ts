/** Decoded trees, kept for each store: a command reads the same upper levels again and again. */
import { decodeTree, EMPTY_TREE, type TreeEntry } from "./objects.ts";
import type { GitObject, ObjectStore, Oid } from "./ports.ts";

/** Tree entries kept decoded for one store, in all. */
const CACHE_ENTRIES = 50_000;

/** The store lacks an object that something in it names: it was damaged, or filled only in part. */
export class MissingObject extends Error {
  constructor(readonly oid: Oid) {
    super(`object ${oid} is missing from the store`);
  }
}

/** Decoded trees of the given ids; those not in the cache are read at once. */
export async function loadTrees(store: ObjectStore, oids: readonly Oid[]): Promise<Map<Oid, TreeEntry[]>> {
  const cache = cacheOf(store);
  const trees = new Map<Oid, TreeEntry[]>([[EMPTY_TREE, []]]);
  const missing: Oid[] = [];
  for (const oid of new Set(oids)) {
    const known = cache.get(oid);
    if (known) trees.set(oid, known);
    else if (oid !== EMPTY_TREE) missing.push(oid);
  }
  const objects = missing.length > 0 ? await store.read(missing) : [];
  for (const [index, oid] of missing.entries()) {
    const object = objects[index];
    if (!object) throw new MissingObject(oid);
    if (object.type !== "tree")
      throw new Error(`object ${oid} is a ${object.type} where a tree was expected`);
    const entries = decodeTree(object.data);
    trees.set(oid, entries);
    cache.put(oid, entries);
  }
  return trees;
}

/** Least recently used trees of one store, bounded by the number of their entries. */
class TreeCache {
  readonly #trees = new Map<Oid, TreeEntry[]>();
  #entries = 0;

  get(oid: Oid): TreeEntry[] | undefined {
    const entries = this.#trees.get(oid);
    if (!entries) return undefined;
    this.#trees.delete(oid);
    this.#trees.set(oid, entries);
    return entries;
  }

  put(oid: Oid, entries: TreeEntry[]): void {
    if (this.#trees.has(oid) || entries.length > CACHE_ENTRIES) return;
    this.#trees.set(oid, entries);
    this.#entries += entries.length + 1;
    for (const [oldest, old] of this.#trees) {
      if (this.#entries <= CACHE_ENTRIES) break;
      this.#trees.delete(oldest);
      this.#entries -= old.length + 1;
    }
  }
}

const caches = new WeakMap<ObjectStore, TreeCache>();

function cacheOf(store: ObjectStore): TreeCache {
  const cache = caches.get(store) ?? new TreeCache();
  caches.set(store, cache);
  return cache;
}

/** Remembers a tree that was just made, so that editing it again needs no read. */
export function keepTree(store: ObjectStore, tree: GitObject): void {
  cacheOf(store).put(tree.oid, decodeTree(tree.data));
}
