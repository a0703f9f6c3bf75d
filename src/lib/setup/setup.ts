/** `owp setup <target>`: decides on what is there, shows it, and writes all of it or nothing. */
import { join, relative } from "node:path";
import { type Refusal, refuse } from "../../core/refusal.ts";
import { PathBlocked } from "../../engine/tree.ts";
import type { RecordHub } from "../hub.ts";
import { localRefusal, openHub } from "../open.ts";
import type { FileChange, OpenOptions } from "../types.ts";
import { type LocalFile, pathProblem, readText, writeFiles } from "./files.ts";
import type { Piece } from "./piece.ts";
import { changeOf, type Mode, nameOf, type PlannedFile, planPieces, type SetupPlan } from "./plan.ts";
import { lookAtRecord, publishEdits, type ReadRecord } from "./publish.ts";
import { openScene } from "./scene.ts";
import type { Scene, Target } from "./target.ts";
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
  const record = options.record ? () => openRecord({ ...place, branch: scene.branch }) : undefined;
  const sight = await see(scene, target, record);
  if ("code" in sight) return sight;
  try {
    return await run(sight, { name: row.name, next: target.next }, options, confirm);
  } finally {
    await sight.record?.hub.close();
  }
}

/** All that a plan rests on. */
export interface Sight {
  scene: Scene;
  pieces: Piece[];
  /** The folder of a piece that is no record's. */
  rootOf(piece: Piece): string;
  nameOf(piece: Piece): string;
  textOf(piece: Piece): string | undefined;
  /** Where a piece lies on the record. */
  record?: OpenedRecord;
}

export interface OpenedRecord {
  hub: RecordHub;
  read: ReadRecord;
}

/** The record as the remote has it now. */
async function openRecord(place: OpenOptions): Promise<OpenedRecord | Refusal> {
  const hub = await openHub(place);
  if ("code" in hub) return hub;
  const read = await lookAtRecord(hub);
  if (!("code" in read)) return { hub, read };
  await hub.close();
  return read;
}

/** Without `open` the pieces of the record are left out. */
export async function see(
  scene: Scene,
  target: Target,
  open?: () => Promise<OpenedRecord | Refusal>,
): Promise<Sight | Refusal> {
  const all = await target.pieces(scene);
  if ("code" in all) return all;
  const pieces = open ? all : all.filter((piece) => piece.place !== "record");
  const folders = await foldersOf(scene, pieces);
  if ("code" in folders) return folders;
  const rootOf = (piece: Piece) => (piece.place === "hooks" ? folders.hooks : folders.worktree);
  const problem = pieces
    .filter((piece) => piece.place !== "record")
    .map((piece) => pathProblem(rootOf(piece), piece.path))
    .find((one) => one !== undefined);
  if (problem) return refuse("setup_blocked", `${problem}. Nothing was written.`);
  const hooks = relative(folders.worktree, folders.hooks) || ".";
  const texts = new Map<Piece, string | undefined>();
  for (const piece of pieces)
    if (piece.place !== "record") texts.set(piece, readText(join(rootOf(piece), piece.path)));
  const sight: Sight = {
    scene,
    pieces,
    rootOf,
    nameOf: (piece) => nameOf(piece, scene.branch, hooks),
    textOf: (piece) => texts.get(piece),
  };
  const onRecord = pieces.filter((piece) => piece.place === "record");
  if (!open || onRecord.length === 0) return sight;
  const record = await open();
  if ("code" in record) return record;
  for (const piece of onRecord) texts.set(piece, await record.read(piece.path));
  return { ...sight, record };
}

async function foldersOf(
  scene: Scene,
  pieces: readonly Piece[],
): Promise<{ worktree: string; hooks: string } | Refusal> {
  const { toplevel, gitDir } = scene.repository;
  if (toplevel === null && pieces.some((piece) => piece.place === "worktree"))
    return refuse(
      "usage",
      `${gitDir} is a bare repository and has no files to set up. Nothing was written.`,
      {
        hint: "run it in a clone",
      },
    );
  const hooks = pieces.some((piece) => piece.place === "hooks") ? await scene.hooks() : gitDir;
  return typeof hooks === "string" ? { worktree: toplevel ?? gitDir, hooks } : hooks;
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

export function blockedBy({ stops }: SetupPlan): Refusal | undefined {
  const [first] = stops;
  if (!first) return undefined;
  const message = `${stops.map((stop) => stop.message).join(" ")} Nothing was written.`;
  return refuse("setup_blocked", message, { hint: first.hint });
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
  const published =
    record && plan.files.some(isOnRecord)
      ? await publish(record.hub, pieces, target, mode, timeout_ms)
      : { commit: null };
  if ("code" in published) return published;
  const local = plan.files.filter((file) => !isOnRecord(file)).map((file) => localFile(file, sight));
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
