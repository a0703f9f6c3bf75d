/** What doctor and uninit do to a remote besides fetch and push: list its refs, try a push, delete refs. */
import { isOid } from "../objects.ts";
import type { Fault, Oid } from "../ports.ts";
import { classify, faultOf } from "./errors.ts";
import { type GitRemote, PUSH, REMOTE } from "./remote.ts";
import { parsePushReport } from "./report.ts";

/** Refs that one push deletes; a command line is not endless. */
const DELETE_AT_ONCE = 100;
const TIMEOUT_MS = 120_000;

export type Listed = { ok: true; refs: Map<string, Oid> } | { ok: false; fault: Fault };

/** The remote's refs of these names; a name may end in `*`. */
export async function listRefs(remote: GitRemote, names: readonly string[]): Promise<Listed> {
  const done = await remote.git(["ls-remote", "--quiet", REMOTE, ...names], { timeoutMs: TIMEOUT_MS });
  if (done.code !== 0 || done.end !== "exit") return { ok: false, fault: faultOf(done) };
  const refs = new Map<string, Oid>();
  for (const line of done.stdout.split("\n")) {
    const [oid, name] = line.split("\t");
    if (
      name &&
      isOid(oid) &&
      names.some((each) => each === name || (each.endsWith("*") && name.startsWith(each.slice(0, -1))))
    )
      refs.set(name, oid);
  }
  return { ok: true, refs };
}

/** Where a ref stands and where it is to stand; null: nowhere. */
export interface RefMove {
  ref: string;
  old: Oid | null;
  next: Oid | null;
}

/**
 * One push of refs that nothing else depends on, or a trial that sends none of it. A trial sees a missing credential or
 * right, and not what the server would decide about the content: hooks and branch rules.
 */
export async function moveRefs(
  remote: GitRemote,
  moves: readonly RefMove[],
  trial = false,
): Promise<{ moved: string[]; fault?: Fault }> {
  for (const oid of moves.flatMap(({ old, next }) => [old, next]))
    if (oid !== null && !isOid(oid)) throw new Error(`not an object name: ${oid}`);
  const leases = moves.map(({ ref, old }) => `--force-with-lease=${ref}:${old ?? ""}`);
  const refspecs = moves.map(({ ref, next }) => `${next ?? ""}:${ref}`);
  const done = await remote.git([...PUSH, ...(trial ? ["--dry-run"] : []), ...leases, REMOTE, ...refspecs], {
    timeoutMs: TIMEOUT_MS,
  });
  const reports = parsePushReport(done.stdout);
  const moved = moves.map(({ ref }) => ref).filter((ref) => reports.get(ref)?.fate === "accepted");
  if (moved.length === moves.length && done.code === 0) return { moved };
  const words = [...reports.values()].filter(({ fate }) => fate !== "accepted").map(({ summary }) => summary);
  return { moved, fault: classify([...words, faultOf(done).text].join("\n"), done.code) };
}

/** Deletes refs that still stand where they were seen; a hundred a push. */
export async function deleteRefs(
  remote: GitRemote,
  refs: ReadonlyMap<string, Oid>,
): Promise<{ moved: string[]; fault?: Fault }> {
  const moves = [...refs].map(([ref, old]): RefMove => ({ ref, old, next: null }));
  const moved: string[] = [];
  for (let from = 0; from < moves.length; from += DELETE_AT_ONCE) {
    const part = await moveRefs(remote, moves.slice(from, from + DELETE_AT_ONCE));
    moved.push(...part.moved);
    if (part.fault) return { moved, fault: part.fault };
  }
  return { moved };
}
