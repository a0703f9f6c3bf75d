/** `owp setup` alone: how each target stands in this repository. */
import { existsSync } from "node:fs";
import { join } from "node:path";
import type { Refusal } from "../../core/refusal.ts";
import { openHub } from "../open.ts";
import type { OpenOptions } from "../types.ts";
import { blockedBy, planPieces } from "./plan.ts";
import { lookAtRecord, recordReader } from "./publish.ts";
import { openScene } from "./scene.ts";
import { type OpenedRecord, see } from "./sight.ts";
import type { Scene } from "./target.ts";
import { TARGETS, type TargetRow } from "./targets.ts";

export interface TargetState {
  name: string;
  summary: string;
  /** not here: the target belongs into another repository. */
  state: "set up" | "not set up" | "differs" | "blocked" | "not here";
  /** Why, where there is more to say. */
  why?: string;
}

export async function setupStates(
  place: OpenOptions,
  offline: boolean,
): Promise<{ targets: TargetState[]; warnings: string[] } | Refusal> {
  const scene = await openScene(place);
  if ("code" in scene) return scene;
  const known = await knownRecord(scene, place, offline);
  try {
    const open = known.record && (async () => known.record as OpenedRecord);
    const targets: TargetState[] = [];
    for (const target of TARGETS) targets.push(await rowOf(scene, target, open));
    return { targets, warnings: known.warnings };
  } finally {
    await known.record?.hub.close();
  }
}

/** The record, where this clone works with one; as it was seen last, where the remote does not answer. */
async function knownRecord(
  { repository }: Scene,
  place: OpenOptions,
  offline: boolean,
): Promise<{ record?: OpenedRecord; warnings: string[] }> {
  if (!existsSync(join(repository.commonDir, "owp", "store.git"))) return { warnings: [] };
  const hub = await openHub(place);
  if ("code" in hub) return { warnings: [hub.message] };
  const seen = offline ? undefined : await lookAtRecord(hub);
  if (seen && !("code" in seen)) return { record: { hub, read: seen }, warnings: [] };
  await hub.parts.view.open();
  const warnings = seen ? [`${seen.message} What lies on the record is told as this clone saw it last.`] : [];
  if (hub.parts.view.tree !== null) return { record: { hub, read: recordReader(hub.parts) }, warnings };
  await hub.close();
  return { warnings };
}

async function rowOf(
  scene: Scene,
  { name, summary, load }: TargetRow,
  open: (() => Promise<OpenedRecord>) | undefined,
): Promise<TargetState> {
  const sight = await see(scene, await load(), open);
  if ("code" in sight) {
    const state = sight.code === "usage" ? "not here" : "blocked";
    return { name, summary, state, why: sight.message };
  }
  const { pieces, textOf } = sight;
  // All of it lies on the record, and this clone knows none.
  if (pieces.length === 0) return { name, summary, state: "not set up" };
  const toWrite = planPieces(pieces, "write", textOf);
  const blocked = blockedBy(toWrite);
  if (blocked) return { name, summary, state: "blocked", why: blocked.message };
  if (toWrite.files.length === 0) return { name, summary, state: "set up" };
  if (planPieces(pieces, "remove", textOf).files.length === 0) return { name, summary, state: "not set up" };
  const why = toWrite.files.map(({ piece }) => sight.nameOf(piece)).join(", ");
  return { name, summary, state: "differs", why };
}
