/** `owp queues`: the records beside each other on the remote, and what this clone keeps of each. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { refuse } from "../core/refusal.ts";
import { faultOf, faultRefusal } from "../engine/git/errors.ts";
import { listRefs } from "../engine/git/probe.ts";
import { runGit } from "../engine/git/process.ts";
import { GitRemote, REMOTE } from "../engine/git/remote.ts";
import { GitStore } from "../engine/git/store.ts";
import type { Fault, Oid } from "../engine/ports.ts";
import { queueOfBranch } from "./branch.ts";
import { type Kept, keptRecords, waitingIn } from "./record-folder.ts";
import { type Service, success } from "./services.ts";

const TIMEOUT_MS = 120_000;
const POLICY = "owp.yaml";

export interface QueueRow {
  /** null: the record without a name. */
  queue: string | null;
  branch: string;
  /** null: only this clone knows it, or the remote was not asked. */
  tip: Oid | null;
  /** Has it an owp.yaml? null: not looked at. */
  record: boolean | null;
  /** It is the one that commands mean here. */
  current: boolean;
  /** Operations that wait in this clone for owp sync. */
  waiting: number;
}

type Row = Omit<QueueRow, "current" | "waiting">;

/** result: {base, queues}. */
export const runQueues: Service = async (hub, _input, op, options) => {
  const { remote, repository, names, queue } = hub.parts;
  if (!(remote instanceof GitRemote) || !repository)
    return { ...refuse("usage", "owp queues asks the remote of a clone, and --hub has none."), op };
  const base = queue?.base ?? names.branch;
  const home = keptRecords(repository.commonDir).filter((kept) => sameRemote(kept, names.remote));
  const listed = options.offline ? rowsOf(base, home) : await rowsThere(base, remote);
  if ("class" in listed) return { ...faultRefusal(listed, { ...names, doing: "read" }), op };
  const queues = listed.map((row): QueueRow => {
    const kept = home.find(({ branch }) => branch === row.branch);
    return { ...row, current: row.branch === names.branch, waiting: kept ? waitingIn(kept.folder) : 0 };
  });
  return success(hub, op, { base, queues });
};

const sameRemote = ({ remote }: Kept, name: string): boolean =>
  remote === null ? name === "origin" || name === "this repository" : remote === name;

function rowsOf(base: string, kept: readonly Kept[]): Row[] {
  return kept.flatMap(({ branch }) => {
    const queue = queueOfBranch(base, branch);
    return queue === undefined ? [] : [{ queue, branch, tip: null, record: null }];
  });
}

async function rowsThere(base: string, remote: GitRemote): Promise<Row[] | Fault> {
  const listed = await listRefs(remote, [`refs/heads/${base}`, `refs/heads/${base}-*`]);
  if (!listed.ok) return listed.fault;
  const rows = [...listed.refs].flatMap(([ref, tip]) => {
    const branch = ref.slice("refs/heads/".length);
    const queue = queueOfBranch(base, branch);
    return queue === undefined ? [] : [{ queue, branch, tip }];
  });
  if (rows.length === 0) return [];
  const records = await recordsAmong(remote, rows);
  return "class" in records ? records : rows.map((row) => ({ ...row, record: records.has(row.tip) }));
}

/** Which of these tips have a policy: their topmost trees alone are fetched, into a folder that goes again. */
async function recordsAmong(
  remote: GitRemote,
  rows: readonly { tip: Oid; branch: string }[],
): Promise<Set<Oid> | Fault> {
  const folder = mkdtempSync(join(tmpdir(), "owp-queues-"));
  const git = (...args: string[]) =>
    runGit(["--git-dir", folder, ...args], { cwd: folder, timeoutMs: TIMEOUT_MS });
  try {
    const made = await runGit(["init", "--quiet", "--bare", "--template=", folder], { cwd: folder });
    if (made.code !== 0) return faultOf(made);
    const refspecs = rows.map(({ branch }) => `+refs/heads/${branch}:refs/heads/${branch}`);
    const fetched = await remote
      .with({ store: new GitStore(folder) })
      .git(["fetch", "--quiet", "--no-tags", "--depth=1", "--filter=tree:1", REMOTE, ...refspecs], {
        timeoutMs: TIMEOUT_MS,
      });
    if (fetched.code !== 0) return faultOf(fetched);
    const records = new Set<Oid>();
    for (const { tip, branch } of rows) {
      const found = await git("ls-tree", "--name-only", `refs/heads/${branch}`, POLICY);
      if (found.stdout.trim() === POLICY) records.add(tip);
    }
    return records;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
