/**
 * The chain of cause and effect that CWOM's objects make (CWOM 0, 5; FEATURES B72): what governs stands before the
 * issue, that before its packets, then runs, then artifacts. A reference between two kinds leads from the earlier to the
 * later one, whichever of the two holds it.
 */
import { together } from "../../core/docs.ts";
import type { RefKind } from "../../core/refs.ts";
import type { Snapshot } from "../../core/snapshot.ts";
import { refKindOf } from "./node.ts";

/** Where a kind stands in the chain. */
export const RANK: Readonly<Record<RefKind, number>> = {
  Repo: 0,
  DoctrineRef: 0,
  ConstraintSnapshot: 0,
  Issue: 1,
  ContextPacket: 2,
  Run: 3,
  Artifact: 4,
};

/** An artifact is for its run's issue: the way between them is the run. */
const isLink = (one: RefKind, other: RefKind): boolean =>
  RANK[one] !== RANK[other] &&
  !(one === "Issue" && other === "Artifact") &&
  !(one === "Artifact" && other === "Issue");

export type Direction = "causes" | "effects";

/** Of each object shown, so many of a kind next to it, the newest; and so many objects in one direction. */
export const WALK_LIMITS = { of_kind: 10, objects: 100 } as const;

export interface Steps {
  /** In the order in which they are shown. */
  next: readonly string[];
  /** How many more of a kind there are. */
  more?: Partial<Record<RefKind, number>>;
}

/** (suspends) From one object on, level by level; an id without an entry is not gone on from. */
export function walk(snapshot: Snapshot, start: string, direction: Direction): ReadonlyMap<string, Steps> {
  const steps = new Map<string, Steps>();
  const seen = new Set([start]);
  let level = [start];
  while (level.length > 0) {
    const found = together(level, (id) => [id, stepsFrom(snapshot, id, direction)] as const);
    level = [];
    for (const [id, step] of found) {
      steps.set(id, step);
      for (const next of step.next) {
        if (seen.has(next) || seen.size > WALK_LIMITS.objects) continue;
        seen.add(next);
        level.push(next);
      }
    }
  }
  return steps;
}

/** (suspends) */
function stepsFrom(snapshot: Snapshot, id: string, direction: Direction): Steps {
  const kind = refKindOf(id);
  if (kind === undefined || (direction === "causes" && RANK[kind] === 0)) return { next: [] };
  const ids = new Set([...snapshot.links(id).map(([, target]) => target), ...snapshot.pointingTo(id)]);
  const byKind = new Map<RefKind, string[]>();
  for (const other of ids) {
    const its = refKindOf(other);
    if (its === undefined || !isLink(kind, its) || RANK[its] < RANK[kind] !== (direction === "causes"))
      continue;
    byKind.set(its, [...(byKind.get(its) ?? []), other]);
  }
  return shownOf(byKind);
}

/** Ids hold the time at which they were made. */
const newest = (a: string, b: string): number => (a.slice(a.indexOf("_")) < b.slice(b.indexOf("_")) ? 1 : -1);

function shownOf(byKind: ReadonlyMap<RefKind, readonly string[]>): Steps {
  const next: string[] = [];
  const more: Partial<Record<RefKind, number>> = {};
  for (const kind of ORDER) {
    const ids = [...(byKind.get(kind) ?? [])].sort(newest);
    next.push(...ids.slice(0, WALK_LIMITS.of_kind));
    if (ids.length > WALK_LIMITS.of_kind) more[kind] = ids.length - WALK_LIMITS.of_kind;
  }
  return { next, ...(Object.keys(more).length > 0 ? { more } : {}) };
}

/** The issue first, since what governs it is read there. */
const ORDER: readonly RefKind[] = [
  "Issue",
  "ContextPacket",
  "Run",
  "Artifact",
  "ConstraintSnapshot",
  "DoctrineRef",
  "Repo",
];
