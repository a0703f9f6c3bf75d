/** Commits made straight in an object store, for tests of what lies below operations. */
import { blobOf, decodeCommit, encodeCommit, objectOf } from "../../src/engine/objects.ts";
import type { GitObject, ObjectStore, Oid } from "../../src/engine/ports.ts";
import { editTree } from "../../src/engine/tree.ts";

let clock = 1_700_000_000_000;

/** The tree of a commit in the store. */
export async function treeOf(store: ObjectStore, commit: Oid): Promise<Oid> {
  const [object] = await store.read([commit]);
  if (!object) throw new Error(`no commit ${commit}`);
  return decodeCommit(object.data).tree;
}

/** Writes a commit that sets some files, or deletes them (null), on top of a parent. */
export async function commit(
  store: ObjectStore,
  parent: Oid | null,
  files: Record<string, string | null>,
): Promise<Oid> {
  const tree = parent === null ? null : await treeOf(store, parent);
  const blobs: GitObject[] = [];
  const edits = Object.entries(files).map(([path, text]) => {
    if (text === null) return { path, oid: null };
    const blob = blobOf(text);
    blobs.push(blob);
    return { path, oid: blob.oid };
  });
  const edited = await editTree(store, tree, edits);
  clock += 1000;
  const who = { name: "Test", email: "test@example.org", at_ms: clock };
  const parents = parent === null ? [] : [parent];
  const made = objectOf(
    "commit",
    encodeCommit({ tree: edited.tree, parents, author: who, committer: who, message: "m\n" }),
  );
  await store.write([...blobs, ...edited.objects, made]);
  return made.oid;
}
