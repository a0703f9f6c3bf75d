/** Checks a whole record at one commit, in batches: memory follows what the rules keep, not the files' texts. */
import { pathOf } from "../../core/paths.ts";
import { RecordCheck } from "../../domain/validate/check-record.ts";
import { type Finding, withLines } from "../../domain/validate/rule.ts";
import type { ObjectStore, Oid } from "../../engine/ports.ts";
import { listFiles, type TreeFile } from "../../engine/tree.ts";
import { missing } from "./findings.ts";

/** Files read at once. */
const BATCH = 250;
const POLICY = pathOf("Policy", "owp");

export interface RecordFindings {
  /** Each file by itself. */
  files: Finding[];
  /** What no single file shows. */
  across: Finding[];
}

export type Report = (done: number, total: number) => void;

/** now: ms since 1970. */
export async function checkTree(
  store: ObjectStore,
  tree: Oid,
  now: number,
  report?: Report,
): Promise<RecordFindings> {
  const files = await listFiles(store, tree);
  // The policy comes first: the other files are judged by it.
  const policy = files.findIndex(({ path }) => path === POLICY);
  if (policy > 0) files.unshift(...files.splice(policy, 1));
  const check = new RecordCheck();
  const found: Finding[] = [];
  for (let from = 0; from < files.length; from += BATCH) {
    const batch = files.slice(from, from + BATCH);
    for (const [{ path }, bytes] of await contentsOf(store, batch)) {
      if (bytes === undefined) found.push(missing(path));
      else for (const finding of check.file(path, bytes)) found.push(finding);
    }
    report?.(from + batch.length, files.length);
  }
  return { files: found, across: await located(store, files, check.finish(now)) };
}

/** The files with their bytes; undefined where these are not in the store, as with a submodule's. */
export async function contentsOf<File extends { oid: Oid }>(
  store: ObjectStore,
  files: readonly File[],
): Promise<[File, Uint8Array | undefined][]> {
  const objects = await store.read(files.map(({ oid }) => oid));
  return files.map((file, index) => {
    const object = objects[index];
    return [file, object?.type === "blob" ? object.data : undefined];
  });
}

/** Adds lines: the texts are read once more, of the files that findings across files point at. */
async function located(
  store: ObjectStore,
  files: readonly TreeFile[],
  findings: Finding[],
): Promise<Finding[]> {
  const byPath = new Map<string, Finding[]>();
  for (const finding of findings) {
    const some = byPath.get(finding.path);
    if (some) some.push(finding);
    else byPath.set(finding.path, [finding]);
  }
  const named = files.filter(({ path }) => byPath.has(path));
  const placed: Finding[] = [];
  for (let from = 0; from < named.length; from += BATCH) {
    for (const [{ path }, bytes] of await contentsOf(store, named.slice(from, from + BATCH))) {
      const text = new TextDecoder().decode(bytes ?? new Uint8Array());
      for (const finding of withLines(byPath.get(path) ?? [], text)) placed.push(finding);
      byPath.delete(path);
    }
  }
  return [...placed, ...[...byPath.values()].flat()];
}
