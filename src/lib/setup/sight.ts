/** What a plan rests on: a target's pieces and the files as they are, here and on the record. */
import { join, relative } from "node:path";
import { type Refusal, refuse } from "../../core/refusal.ts";
import type { RecordHub } from "../hub.ts";
import { openHub } from "../open.ts";
import type { OpenOptions } from "../types.ts";
import { idleProblem, pathProblem, readText } from "./files.ts";
import type { Piece } from "./piece.ts";
import { nameOf } from "./plan.ts";
import { lookAtRecord, type ReadRecord } from "./publish.ts";
import type { Scene, Target } from "./target.ts";

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
export async function openRecord(place: OpenOptions): Promise<OpenedRecord | Refusal> {
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
    .map(
      (piece) =>
        pathProblem(rootOf(piece), piece.path) ??
        (piece.executable ? idleProblem(rootOf(piece), piece.path) : undefined),
    )
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
