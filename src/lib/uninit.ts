/** Takes `owp init` back: owp's folder in this clone and, when asked for, the record and the signals on the remote. */
import { existsSync, rmSync } from "node:fs";
import { dirname, join } from "node:path";
import { type Refusal, refuse } from "../core/refusal.ts";
import { FileDesk } from "../engine/desk-files.ts";
import { faultOf, faultRefusal } from "../engine/git/errors.ts";
import { locateRepository } from "../engine/git/locate.ts";
import { deleteRefs, listRefs } from "../engine/git/probe.ts";
import { runGit } from "../engine/git/process.ts";
import { GitRemote } from "../engine/git/remote.ts";
import { GitStore } from "../engine/git/store.ts";
import type { Desk, Oid } from "../engine/ports.ts";
import type { RecordHub } from "./hub.ts";

/** A process of git's that ends just now may still write. */
const REMOVE_TRIES = 5;
const BUNDLE_TIMEOUT_MS = 600_000;

export interface Uninited {
  /** owp's folder in this clone. */
  folder: string;
  /** What waited in it, and is lost with it. */
  waiting: { offline: number; undecided: number };
  /** What was deleted on the remote. */
  record?: { branch: string; tip: Oid | null; signals: number };
  /** The record's whole history as a bundle of git's, and the commands that bring it back. */
  backup?: string;
  restore?: string[];
  /** A dry run: nothing was removed. */
  would?: true;
}

type Done = { ok: true; result: Uninited; warnings: string[] } | Refusal;

/** Removes what owp left. The remote comes first: where it refuses, this clone stays as it is. */
export async function uninit(hub: RecordHub, asked: { record: boolean; dry_run: boolean }): Promise<Done> {
  const { remote, store, folder, desk } = hub.parts;
  if (!(remote instanceof GitRemote && store instanceof GitStore) || folder === undefined)
    throw new Error("uninit of a record that is no clone's");
  const result: Uninited = { folder, waiting: await waitingAt(desk), ...(asked.dry_run && { would: true }) };
  const warnings: string[] = [];
  if (asked.record) {
    const refusal = await deleteRecord({ hub, remote, store, folder, dry: asked.dry_run }, result, warnings);
    if (refusal) return refusal;
  }
  if (asked.dry_run) return { ok: true, result, warnings };
  await hub.close();
  const refusal = await removeFolder(desk, folder);
  return refusal ?? { ok: true, result, warnings };
}

/** The local part alone, where no hub can be opened: the remote may be gone or wrongly set. */
export async function uninitClone(dir: string, dryRun: boolean): Promise<Done> {
  const repository = locateRepository(dir);
  if (!repository) return refuse("no_repository", `${dir} is not inside a git repository.`);
  const folder = join(repository.commonDir, "owp");
  if (!existsSync(folder))
    return { ok: true, result: { folder, waiting: { offline: 0, undecided: 0 } }, warnings: [] };
  const desk = new FileDesk(folder);
  const result: Uninited = { folder, waiting: await waitingAt(desk), ...(dryRun && { would: true }) };
  return (dryRun ? undefined : await removeFolder(desk, folder)) ?? { ok: true, result, warnings: [] };
}

const waitingAt = async (desk: Desk) => ({
  offline: (await desk.offlineTickets()).length,
  undecided: (await desk.pendings()).length,
});

async function removeFolder(desk: Desk, folder: string): Promise<Refusal | undefined> {
  const lock = await desk.lock();
  if (!lock)
    return refuse("conflict", "Another owp command is running in this clone. Its folder was left as it is.", {
      hint: "run it again when that is through",
    });
  try {
    rmSync(folder, { recursive: true, force: true, maxRetries: REMOVE_TRIES });
  } finally {
    await lock.release();
  }
  return undefined;
}

interface Scene {
  hub: RecordHub;
  remote: GitRemote;
  store: GitStore;
  folder: string;
  dry: boolean;
}

/** Deletes the record where it stands as it was seen, after its history was put aside; then the signals. */
async function deleteRecord(
  { hub, remote, store, folder, dry }: Scene,
  result: Uninited,
  warnings: string[],
): Promise<Refusal | undefined> {
  const { names } = hub.parts;
  const context = { ...names, doing: "publish" } as const;
  const fetched = await remote.fetch();
  if (!fetched.ok) return faultRefusal(fetched.fault, { ...names, doing: "read" });
  const tip = fetched.view.record;
  const signals = await listRefs(remote, [`${remote.signals}/*`]);
  if (!signals.ok) return faultRefusal(signals.fault, { ...names, doing: "read" });
  result.record = { branch: names.branch, tip, signals: signals.refs.size };
  if (tip !== null) {
    result.backup = join(dirname(folder), `owp-record-${tip.slice(0, 10)}.bundle`);
    result.restore = [
      `git fetch ${result.backup} ${BUNDLED}`,
      `git push ${names.remote === "this repository" ? "." : names.remote} ${tip}:${remote.record}`,
    ];
  }
  if (dry) return undefined;
  if (tip !== null) {
    const bundled = await runGit(
      ["--git-dir", store.path, "bundle", "create", "--quiet", result.backup as string, BUNDLED],
      { cwd: store.path, timeoutMs: BUNDLE_TIMEOUT_MS },
    );
    if (bundled.code !== 0) return faultRefusal(faultOf(bundled), { ...names, doing: "read" });
    const deleted = await deleteRefs(remote, new Map([[remote.record, tip]]));
    if (deleted.fault) {
      rmSync(result.backup as string, { force: true });
      return faultRefusal(deleted.fault, context);
    }
  }
  const gone = await deleteRefs(remote, signals.refs);
  if (gone.fault)
    warnings.push(
      `${signals.refs.size - gone.moved.length} signals are still there: ${faultRefusal(gone.fault, context).message}`,
    );
  return undefined;
}

/** The store's name for the record's tip, under which it stands in the bundle. */
const BUNDLED = "refs/owp/record";
