/** `owp setup <target>`: decides on what is there, shows it, and writes all of it or nothing. */
import { join } from "node:path";
import { type Refusal, refuse } from "../../core/refusal.ts";
import { PathBlocked } from "../../engine/tree.ts";
import type { RecordHub } from "../hub.ts";
import { localRefusal } from "../open.ts";
import type { FileChange, OpenOptions } from "../types.ts";
import { type LocalFile, readText, writeFiles } from "./files.ts";
import type { Piece } from "./piece.ts";
import { blockedBy, changeOf, type Mode, type PlannedFile, planPieces, type SetupPlan } from "./plan.ts";
import { publishEdits, type ReadRecord } from "./publish.ts";
import { openScene } from "./scene.ts";
import { openRecord, type Sight, see } from "./sight.ts";
import type { Target } from "./target.ts";
import type { TargetRow } from "./targets.ts";

export interface SetupOptions {
  mode: Mode;
  /** Only compare. */
  check: boolean;
  /** Only show. */
  dry_run: boolean;
  /** false: what belongs on the record is left out. */
  record: boolean;
  timeout_ms?: number;
}

/** What is about to be written, as files with their texts, and whose changes would be lost by it. */
export interface Proposal {
  changes: FileChange[];
  edited: string[];
}

export interface SetupResult {
  target: string;
  mode: Mode;
  /** Files that were written; none: all was as it should be. */
  files: { path: string; what: "new" | "changed" | "deleted" }[];
  /** Of the record. */
  commit?: string;
  notes: string[];
  /** What is left to do by hand. */
  next: string[];
  /** A dry run: nothing was written. */
  changes?: FileChange[];
}

/** Answers a refusal where a person says no. */
export type Confirm = (proposal: Proposal) => Promise<Refusal | undefined>;

const TIMEOUT_MS = 60_000;

export async function setup(
  place: OpenOptions,
  row: TargetRow,
  options: SetupOptions,
  confirm: Confirm,
): Promise<SetupResult | Refusal> {
  const [scene, target] = await Promise.all([openScene(place), row.load()]);
  if ("code" in scene) return scene;
  const record = options.record ? () => openRecord(place) : undefined;
  const sight = await see(scene, target, record);
  if ("code" in sight) return sight;
  try {
    return await run(sight, { name: row.name, next: target.next }, options, confirm);
  } finally {
    await sight.record?.hub.close();
  }
}

/** A target while its pieces are written. */
type Named = Pick<TargetRow, "name"> & Pick<Target, "next">;

async function run(
  sight: Sight,
  target: Named,
  { mode, check, dry_run, ...options }: SetupOptions,
  confirm: Confirm,
): Promise<SetupResult | Refusal> {
  const plan = planPieces(sight.pieces, mode, sight.textOf);
  const blocked = blockedBy(plan);
  if (blocked) return blocked;
  const changes = plan.files.map((file) => changeOf(file, sight.nameOf(file.piece)));
  const result: SetupResult = {
    target: target.name,
    mode,
    files: changes.map(({ path, before, after }) => ({
      path,
      what: after === undefined ? "deleted" : before === undefined ? "new" : "changed",
    })),
    notes: plan.notes,
    next: [],
  };
  if (check && changes.length > 0) return differs(target.name, result, changes);
  if (changes.length === 0 || check) return dry_run ? { ...result, changes } : result;
  if (dry_run) return { ...result, changes };
  const edited = plan.files.filter((file) => file.edited).map(({ piece }) => sight.nameOf(piece));
  const refused = await confirm({ changes, edited });
  if (refused) return refused;
  const written = await writeAll(sight, plan, target, mode, options.timeout_ms ?? TIMEOUT_MS);
  if ("code" in written) return written;
  const next = mode === "write" ? (target.next?.(sight.scene) ?? []) : [];
  return {
    ...result,
    ...(written.commit && { commit: written.commit }),
    next: [...commitNext(plan, sight, target.name), ...next],
  };
}

function differs(target: string, { files }: SetupResult, changes: FileChange[]): Refusal {
  const words = { new: "is missing", changed: "differs", deleted: "is there" };
  const list = files.map(({ path, what }) => `${path} ${words[what]}`).join(", ");
  return refuse("setup_differs", `owp setup ${target} would write something else: ${list}.`, {
    hint: `owp setup ${target} writes it; owp setup ${target} --dry-run shows it`,
    data: { target, files, changes },
  });
}

/** The record comes first: where the remote refuses, nothing was written here either. */
async function writeAll(
  sight: Sight,
  plan: SetupPlan,
  target: Named,
  mode: Mode,
  timeout_ms: number,
): Promise<{ commit: string | null } | Refusal> {
  const { record, pieces } = sight;
  const isOnRecord = ({ piece }: PlannedFile) => piece.place === "record";
  const local = plan.files.filter((file) => !isOnRecord(file)).map((file) => localFile(file, sight));
  // A person may have thought about it for long.
  const moved = local.find(({ full, before }) => readText(full) !== before);
  if (moved)
    return refuse("setup_blocked", `${moved.full} was changed meanwhile. Nothing was written.`, {
      hint: "run it again",
    });
  const published =
    record && plan.files.some(isOnRecord)
      ? await publish(record.hub, pieces, target, mode, timeout_ms)
      : { commit: null };
  if ("code" in published) return published;
  try {
    writeFiles(local);
  } catch (error) {
    const refusal = localRefusal(error, sight.rootOf(plan.files[0]?.piece as Piece));
    if (!published.commit) return refusal;
    return { ...refusal, message: `${refusal.message} What belongs on the record was published before.` };
  }
  return published;
}

function publish(hub: RecordHub, pieces: readonly Piece[], target: Named, mode: Mode, timeout_ms: number) {
  const mine = pieces.filter((piece) => piece.place === "record");
  const verb = mode === "write" ? "set up" : "take back";
  const message = `${verb} ${target.name}\n\nMade by owp setup ${target.name}. No task, lease or worker is touched.\n`;
  const decide = async (read: ReadRecord) => {
    const texts = new Map<Piece, string | undefined>();
    for (const piece of mine) texts.set(piece, await read(piece.path));
    const plan = planPieces(mine, mode, (piece) => texts.get(piece));
    return blockedBy(plan) ?? plan.files.map(({ piece, after }) => ({ path: piece.path, text: after }));
  };
  return publishEdits(hub, message, decide, hub.parts.clock.now() + timeout_ms).catch((error) => {
    if (!(error instanceof PathBlocked)) throw error;
    return refuse("setup_blocked", `On the record ${error.message}. Nothing was written.`);
  });
}

const localFile = ({ piece, before, after }: PlannedFile, sight: Sight): LocalFile => ({
  root: sight.rootOf(piece),
  full: join(sight.rootOf(piece), piece.path),
  before,
  after,
  executable: piece.executable === true,
});

/** What lies in the checkout counts for others when it is committed. */
function commitNext({ files }: SetupPlan, { nameOf: name }: Sight, target: string): string[] {
  const paths = files.filter(({ piece }) => piece.place === "worktree").map(({ piece }) => name(piece));
  return paths.length === 0 ? [] : [`git add ${paths.join(" ")} && git commit -m "owp setup ${target}"`];
}
