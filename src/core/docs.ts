/** Many documents at once. */
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
