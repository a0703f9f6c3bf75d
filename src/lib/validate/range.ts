/** Checks each commit of a range, in the ledger's order: what it did, against each of its parents. */
import { createHash } from "node:crypto";
import { JOB_TRAILER } from "../../domain/jobs/event.ts";
import { checkCommit } from "../../domain/validate/check-commit.ts";
import { type CommitContext, type CommitFacts, pathsFor } from "../../domain/validate/commit-view.ts";
import type { Finding } from "../../domain/validate/rule.ts";
import { entryIn } from "../../engine/ledger-entry.ts";
import { commitsSince } from "../../engine/merges.ts";
import { parseTrailers } from "../../engine/objects.ts";
import type { ObjectStore, Oid } from "../../engine/ports.ts";
import { signerOf } from "../../engine/ssh-signature.ts";
import { diffTrees, type TreeChange } from "../../engine/tree.ts";
import { type Commit, readCommit } from "../../engine/walk.ts";
import { missing } from "./findings.ts";
import { KeptReads } from "./kept-reads.ts";
import { checkTree, type Report } from "./record.ts";
import type { Memory } from "./remembered.ts";
import { Commits, LoadedPast, readChanged, Step } from "./step.ts";

/** The commits that are reachable from `to` and not from `from`; null: all. */
export interface Span {
  from: Oid | null;
  to: Oid;
  /** Only the commit `to` itself; `from` is then its first parent. */
  single?: true;
}

/** What a check may be told, and tell, beside its findings. */
export interface RangeOptions {
  report?: Report | undefined;
  /** Left out: every commit is checked. */
  memory?: Memory | undefined;
}

export async function checkRange(
  store: ObjectStore,
  span: Span,
  context: CommitContext,
  { report, memory }: RangeOptions = {},
): Promise<{ commits: number; findings: Finding[] }> {
  const commits = await commitsOf(store, span);
  const kept = new KeptReads(store);
  const known = new Commits(kept);
  const findings: Finding[] = [];
  for (let from = 0; from < commits.length; from += AT_ONCE) {
    const some = commits.slice(from, from + AT_ONCE);
    const fresh = some.filter(({ oid }) => !memory?.has(oid));
    const found = await Promise.all(fresh.map((commit) => checkOne(kept, known, commit, context)));
    for (const [index, one] of found.entries()) {
      for (const finding of one) findings.push(finding);
      if (one.length === 0) memory?.add((fresh[index] as Commit).oid);
    }
    report?.(from + some.length, commits.length);
  }
  if (commits.length > 0) {
    const whole = spanName(span);
    const across = memory?.has(whole) ? [] : await newAcross(store, span, commits, context.now);
    findings.push(...across);
    if (across.length === 0) memory?.add(whole);
  }
  memory?.save();
  return { commits: commits.length, findings };
}

/** Commits that are checked side by side: they wait for their objects together. */
const AT_ONCE = 32;

/** Under this name it is remembered that nothing was wrong across the files of a range. */
const spanName = ({ from, to, single }: Span): Oid =>
  createHash("sha1")
    .update(JSON.stringify([from, to, single]))
    .digest("hex");

async function commitsOf(store: ObjectStore, { from, to, single }: Span): Promise<Commit[]> {
  return single ? [await readCommit(store, to)] : commitsSince(store, from === null ? [] : [from], to);
}

/** A commit against each of its parents; a first one has none, and is judged against nothing. */
async function checkOne(
  store: ObjectStore,
  commits: Commits,
  commit: Commit,
  context: CommitContext,
): Promise<Finding[]> {
  const parents = commit.parents.length > 0 ? commit.parents : [null];
  const trees = await Promise.all(
    parents.map(async (parent) => (parent === null ? null : (await readCommit(store, parent)).tree)),
  );
  const diffs = await Promise.all(trees.map((tree) => diffTrees(store, tree, commit.tree)));
  const past = new LoadedPast(commits, commit.parents);
  const facts = { ...(await factsOf(store, commit)), past, decided: inAll(diffs) };
  const found: Finding[] = [];
  for (const [index, tree] of trees.entries()) {
    const { changed, lost } = await readChanged(store, diffs[index] ?? []);
    const step = new Step(store, past, tree, commit.tree);
    await step.load(pathsFor(changed, facts.entry));
    found.push(...lost.map((path) => ({ ...missing(path), commit: commit.oid })));
    const judge = () => checkCommit(step.before, step.after, changed, facts, context);
    for (const finding of await step.check(judge)) found.push(finding);
  }
  return found;
}

/** The paths that stand in each of several differences. */
function inAll([first = [], ...others]: readonly (readonly TreeChange[])[]): Set<string> {
  let paths = new Set(others.length === 0 ? [] : first.map(({ path }) => path));
  for (const other of others)
    paths = new Set(other.map(({ path }) => path).filter((path) => paths.has(path)));
  return paths;
}

async function factsOf(store: ObjectStore, commit: Commit): Promise<CommitFacts> {
  const [object] = await store.read([commit.oid]);
  const signed = object && signerOf(object.data);
  const entry = entryIn(commit.message);
  return {
    oid: commit.oid,
    parents: commit.parents,
    at_ms: commit.committer.at_ms,
    subject: commit.message.split("\n", 1)[0] ?? "",
    author: commit.author.name,
    ...(entry ? { entry } : {}),
    ...(signed ? { signed } : {}),
    jobRecords: parseTrailers(commit.message).flatMap(([key, value]) => (key === JOB_TRAILER ? [value] : [])),
  };
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
