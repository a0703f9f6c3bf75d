/** Takes `owp init` back: owp's folder in this clone and, when asked for, the record and the signals on the remote. */
import { existsSync, readdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { type Refusal, refuse } from "../core/refusal.ts";
import { FileDesk } from "../engine/desk-files.ts";
import { faultOf, faultRefusal } from "../engine/git/errors.ts";
import { locateRepository } from "../engine/git/locate.ts";
import { deleteRefs, listRefs } from "../engine/git/probe.ts";
import { runGit } from "../engine/git/process.ts";
import { GitRemote } from "../engine/git/remote.ts";
import { GitStore } from "../engine/git/store.ts";
import type { Desk, Oid } from "../engine/ports.ts";
import { CLONE_FILE } from "./clone-id.ts";
import type { RecordHub } from "./hub.ts";
import { keptRecords, ownFolder, recordsFolder, waitingIn } from "./record-folder.ts";

/** A process of git's that ends just now may still write. */
const REMOVE_TRIES = 5;
const BUNDLE_TIMEOUT_MS = 600_000;

export interface Uninited {
  /** owp's folder of the record in this clone, or of all records. */
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

/** Removes what owp left of this record. The remote comes first: where it refuses, this clone stays as it is. */
export async function uninit(
  hub: RecordHub,
  asked: { record: boolean; all: boolean; dry_run: boolean },
): Promise<Done> {
  const { remote, store, folder, desk, repository } = hub.parts;
  if (!(remote instanceof GitRemote && store instanceof GitStore) || folder === undefined || !repository)
    throw new Error("uninit of a record that is no clone's");
  const { commonDir } = repository;
  if (asked.all) return forgetAll(commonDir, asked.dry_run, () => hub.close());
  const waiting = await waitingAt([desk]);
  const result: Uninited = { folder, waiting, ...(asked.dry_run && { would: true }) };
  const warnings: string[] = [];
  if (asked.record) {
    const scene = { hub, remote, store, commonDir, dry: asked.dry_run };
    const refusal = await deleteRecord(scene, result, warnings);
    if (refusal) return refusal;
  }
  const others = keptRecords(commonDir).filter((kept) => kept.folder !== folder);
  for (const { branch, remote: name, folder: at } of others)
    warnings.push(
      `This clone also keeps the record on ${branch}${name ? ` of ${name}` : ""} (${waitingIn(at)} waiting): owp uninit --all forgets every record.`,
    );
  if (asked.dry_run) return { ok: true, result, warnings };
  await hub.close();
  const refusal = await whileLocked([desk], () => pathsOf(commonDir, folder, others).forEach(removeAll));
  return refusal ?? { ok: true, result, warnings };
}

/** All that owp keeps in a clone; also where no hub can be opened, since the remote may be gone or wrongly set. */
export async function uninitClone(dir: string, dryRun: boolean): Promise<Done> {
  const repository = locateRepository(dir);
  if (!repository) return refuse("no_repository", `${dir} is not inside a git repository.`);
  return forgetAll(repository.commonDir, dryRun, async () => undefined);
}

async function forgetAll(commonDir: string, dryRun: boolean, close: () => Promise<void>): Promise<Done> {
  const folder = ownFolder(commonDir);
  const desks = keptRecords(commonDir).map((kept) => new FileDesk(kept.folder));
  const result: Uninited = { folder, waiting: await waitingAt(desks), ...(dryRun && { would: true }) };
  if (dryRun || !existsSync(folder)) return { ok: true, result, warnings: [] };
  await close();
  return (await whileLocked(desks, () => removeAll(folder))) ?? { ok: true, result, warnings: [] };
}

async function waitingAt(desks: readonly Desk[]): Promise<Uninited["waiting"]> {
  const waiting = { offline: 0, undecided: 0 };
  for (const desk of desks) {
    waiting.offline += (await desk.offlineTickets()).length;
    waiting.undecided += (await desk.pendings()).length;
  }
  return waiting;
}

async function whileLocked(desks: readonly Desk[], remove: () => void): Promise<Refusal | undefined> {
  const locks: { release(): Promise<void> }[] = [];
  try {
    for (const desk of desks) {
      const lock = await desk.lock();
      if (!lock)
        return refuse(
          "conflict",
          "Another owp command is running in this clone. Its folder was left as it is.",
          {
            hint: "run it again when that is through",
          },
        );
      locks.push(lock);
    }
    remove();
  } finally {
    for (const lock of locks) await lock.release();
  }
  return undefined;
}

/** What goes with a record: what the records of a clone share stays for the others, and goes with the last one. */
function pathsOf(commonDir: string, folder: string, others: readonly unknown[]): string[] {
  const own = ownFolder(commonDir);
  if (others.length === 0) return [own];
  if (folder !== own) return [folder];
  const memo = join(own, "memo");
  const shared = new Set([recordsFolder(commonDir), join(own, "settings"), memo, join(memo, CLONE_FILE)]);
  const inside = [own, memo].flatMap((at) => readdirSync(at).map((name) => join(at, name)));
  return inside.filter((path) => !shared.has(path));
}

const removeAll = (path: string): void =>
  rmSync(path, { recursive: true, force: true, maxRetries: REMOVE_TRIES });

interface Scene {
  hub: RecordHub;
  remote: GitRemote;
  store: GitStore;
  commonDir: string;
  dry: boolean;
}

/** Deletes the record where it stands as it was seen, after its history was put aside; then the signals. */
async function deleteRecord(
  { hub, remote, store, commonDir, dry }: Scene,
  result: Uninited,
  warnings: string[],
): Promise<Refusal | undefined> {
  const { names } = hub.parts;
  const context = { ...names, doing: "publish" } as const;
  const fetched = await remote.fetch();
  if (!fetched.ok) return faultRefusal(fetched.fault, { ...names, doing: "read" });
  const tip = fetched.view.record;
  const places = Object.values(remote.signalPrefixes).map((prefix) => `${prefix}/*`);
  const signals = await listRefs(remote, places);
  if (!signals.ok) return faultRefusal(signals.fault, { ...names, doing: "read" });
  result.record = { branch: names.branch, tip, signals: signals.refs.size };
  if (tip !== null) {
    result.backup = join(commonDir, `owp-record-${tip.slice(0, 10)}.bundle`);
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
