/** Checks each commit of a range, in the ledger's order: what it did, against each of its parents. */
import { JOB_TRAILER } from "../../domain/jobs/event.ts";
import { checkCommit } from "../../domain/validate/check-commit.ts";
import {
  type ChangedFile,
  type CommitContext,
  type CommitFacts,
  pathsFor,
} from "../../domain/validate/commit-view.ts";
import type { Finding } from "../../domain/validate/rule.ts";
import { entryIn } from "../../engine/ledger-entry.ts";
import { commitsSince } from "../../engine/merges.ts";
import { parseTrailers } from "../../engine/objects.ts";
import type { ObjectStore, Oid } from "../../engine/ports.ts";
import { diffTrees, readPaths, type TreeChange } from "../../engine/tree.ts";
import { type Commit, readCommit } from "../../engine/walk.ts";
import { missing } from "./findings.ts";
import { checkTree, contentsOf, type Report } from "./record.ts";

/** The commits that are reachable from `to` and not from `from`; null: all. */
export interface Span {
  from: Oid | null;
  to: Oid;
  /** Only the commit `to` itself; `from` is then its first parent. */
  single?: true;
}

export async function checkRange(
  store: ObjectStore,
  span: Span,
  context: CommitContext,
  report?: Report,
): Promise<{ commits: number; findings: Finding[] }> {
  const commits = await commitsOf(store, span);
  const findings: Finding[] = [];
  for (const [done, commit] of commits.entries()) {
    // A first commit has no parent, and is judged against nothing.
    for (const parent of commit.parents.length > 0 ? commit.parents : [null])
      findings.push(...(await checkStep(store, commit, parent, context)));
    report?.(done + 1, commits.length);
  }
  if (commits.length > 0) findings.push(...(await newAcross(store, span, commits, context.now)));
  return { commits: commits.length, findings };
}

async function commitsOf(store: ObjectStore, { from, to, single }: Span): Promise<Commit[]> {
  return single ? [await readCommit(store, to)] : commitsSince(store, from === null ? [] : [from], to);
}

async function checkStep(
  store: ObjectStore,
  commit: Commit,
  parent: Oid | null,
  context: CommitContext,
): Promise<Finding[]> {
  const before = parent === null ? null : (await readCommit(store, parent)).tree;
  const { changed, lost } = await readChanged(store, await diffTrees(store, before, commit.tree));
  const entry = entryIn(commit.message);
  const beside = pathsFor(changed, entry);
  const [old, fresh] = [
    await readBeside(store, before, beside),
    await readBeside(store, commit.tree, beside),
  ];
  const facts: CommitFacts = {
    oid: commit.oid,
    parents: commit.parents,
    at_ms: commit.committer.at_ms,
    subject: commit.message.split("\n", 1)[0] ?? "",
    author: commit.author.name,
    ...(entry ? { entry } : {}),
    jobRecords: parseTrailers(commit.message).flatMap(([key, value]) => (key === JOB_TRAILER ? [value] : [])),
  };
  const findings = checkCommit(
    (path) => old.get(path),
    (path) => fresh.get(path),
    changed,
    facts,
    context,
  );
  return [...lost.map((path) => ({ ...missing(path), commit: commit.oid })), ...findings];
}

/** The changed files with their texts, and the paths of those that the store lacks. */
async function readChanged(
  store: ObjectStore,
  changes: readonly TreeChange[],
): Promise<{ changed: ChangedFile[]; lost: string[] }> {
  const sides = changes.flatMap(({ before, after }) => [before, after]).filter((oid) => oid !== null);
  const contents = (
    await contentsOf(
      store,
      sides.map((oid) => ({ oid })),
    )
  ).values();
  const take = (oid: Oid | null) => (oid === null ? undefined : contents.next().value?.[1]);
  const lost: string[] = [];
  const changed: ChangedFile[] = [];
  for (const { path, before, after } of changes) {
    const [old, fresh] = [take(before), take(after)];
    if ((before !== null && !old) || (after !== null && !fresh)) lost.push(path);
    else changed.push({ path, ...(old ? { before: old } : {}), ...(fresh ? { after: fresh } : {}) });
  }
  return { changed, lost };
}

async function readBeside(
  store: ObjectStore,
  tree: Oid | null,
  paths: readonly string[],
): Promise<Map<string, Uint8Array>> {
  const oids = await readPaths(store, tree, paths);
  const there = paths.flatMap((path, index) => {
    const oid = oids[index];
    return oid == null ? [] : [{ path, oid }];
  });
  const read = await contentsOf(store, there);
  return new Map(read.flatMap(([{ path }, bytes]) => (bytes ? [[path, bytes] as const] : [])));
}

/**
 * What no single file shows, at the range's end and not yet before it: a circle that two sound edits close. Before it lie
 * its start and whatever its commits were made on: a branch that is behind brings nothing of what was mended since.
 */
async function newAcross(
  store: ObjectStore,
  { from, to }: Span,
  commits: readonly Commit[],
  now: number,
): Promise<Finding[]> {
  const acrossAt = async (oid: Oid) =>
    (await checkTree(store, (await readCommit(store, oid)).tree, now)).across;
  let fresh = await acrossAt(to);
  if (from === null) return fresh;
  const own = new Set(commits.map(({ oid }) => oid));
  const keyOf = ({ path, code, message }: Finding) => JSON.stringify([path, code, message]);
  for (const ground of new Set([from, ...commits.flatMap(({ parents }) => parents)])) {
    if (fresh.length === 0) break;
    if (own.has(ground)) continue;
    const before = new Set((await acrossAt(ground)).map(keyOf));
    fresh = fresh.filter((finding) => !before.has(keyOf(finding)));
  }
  return fresh;
}
