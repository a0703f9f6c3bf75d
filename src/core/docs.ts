/** Many documents, or many objects, at once. */
import type { ObjectRow } from "./object-rows.ts";
import { type Doc, type Snapshot, Suspended } from "./snapshot.ts";

/** (suspends) The documents at these paths, those that cannot be read left out. One suspension for all that is not loaded. */
export function readDocs<T>(snapshot: Snapshot, paths: Iterable<string>): Map<string, Doc<T>> {
  const read = together(paths, (path) => snapshot.doc<T>(path));
  return new Map(read.flatMap((doc) => (doc ? [[doc.path, doc] as const] : [])));
}

/** (suspends) The objects of these ids, those that are not there left out. One suspension for all that is not loaded. */
export const readObjects = (snapshot: Snapshot, ids: Iterable<string>): ObjectRow[] =>
  together(ids, (id) => snapshot.object(id)).filter((row) => row !== undefined);

/** (suspends) What is read of each, in their order. What is not loaded yet is asked for at once, one kind of thing after another. */
export function together<T, R>(items: Iterable<T>, read: (item: T) => R): R[] {
  const values: R[] = [];
  const missing = { docs: new Set<string>(), objects: new Set<string>(), closed: new Set<string>() };
  for (const item of items) {
    try {
      values.push(read(item));
    } catch (error) {
      if (!(error instanceof Suspended)) throw error;
      const { need } = error;
      if ("closed" in need && need.closed === "all") throw error;
      const [name, wanted] = Object.entries(need)[0] as [keyof typeof missing, string[]];
      for (const one of wanted) missing[name].add(one);
    }
  }
  if (missing.docs.size > 0) throw new Suspended({ docs: [...missing.docs] });
  if (missing.objects.size > 0) throw new Suspended({ objects: [...missing.objects] });
  if (missing.closed.size > 0) throw new Suspended({ closed: [...missing.closed] });
  return values;
}
