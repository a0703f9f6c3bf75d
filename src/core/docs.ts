/** Many documents, or many objects, at once. */
import type { ObjectRow } from "./object-rows.ts";
import { type Doc, type Snapshot, Suspended } from "./snapshot.ts";

/** (suspends) The documents at these paths, those that cannot be read left out. One suspension for all that is not loaded. */
export function readDocs<T>(snapshot: Snapshot, paths: Iterable<string>): Map<string, Doc<T>> {
  const docs = new Map<string, Doc<T>>();
  const missing: string[] = [];
  for (const path of paths) {
    try {
      const doc = snapshot.doc<T>(path);
      if (doc) docs.set(path, doc);
    } catch (error) {
      if (!(error instanceof Suspended) || !("docs" in error.need)) throw error;
      missing.push(...error.need.docs);
    }
  }
  if (missing.length > 0) throw new Suspended({ docs: missing });
  return docs;
}

/** (suspends) The objects of these ids, those that are not there left out. One suspension for all that is not loaded. */
export function readObjects(snapshot: Snapshot, ids: Iterable<string>): ObjectRow[] {
  const rows: ObjectRow[] = [];
  const missing: string[] = [];
  for (const id of ids) {
    try {
      const row = snapshot.object(id);
      if (row) rows.push(row);
    } catch (error) {
      if (!(error instanceof Suspended) || !("objects" in error.need)) throw error;
      missing.push(...error.need.objects);
    }
  }
  if (missing.length > 0) throw new Suspended({ objects: [...new Set(missing)] });
  return rows;
}
