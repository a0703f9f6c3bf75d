/** `owp refs`: who points here (FEATURES B73): issues by doctrine or limits, runs by packet, artifacts by run, and so on. */
import { together } from "../../core/docs.ts";
import type { Ctx, Plan } from "../../core/operation.ts";
import type { RefKind } from "../../core/refs.ts";
import type { Snapshot } from "../../core/snapshot.ts";
import type { RefsInput } from "../../generated/types.ts";
import { findObject } from "../objects/find.ts";
import { KIND_OF_WORD } from "../objects/words.ts";
import { momentOf } from "../tasks/state.ts";
import { type ChainObject, chainObject, refKindOf } from "./node.ts";
import { RANK } from "./walk.ts";

/** One reference to the object that was asked about. */
export interface Pointer extends ChainObject {
  /** Where it stands in the object that points, for instance inputs.context_packets. */
  field: string;
  role?: string;
}

export interface RefsFound {
  kind: RefKind;
  id: string;
  short: string;
  /** The objects that point here, in order of kind, the newest of a kind first; one that does so twice stands twice. */
  refs: Pointer[];
  /** How many objects point here, of the kind that was asked for. */
  total: number;
  offset: number;
  by_kind: Partial<Record<RefKind, number>>;
}

const LIMIT = 20;

export function planRefs(snapshot: Snapshot, input: RefsInput, ctx: Ctx): Plan<RefsFound> {
  const found = findObject(snapshot, input.id);
  if (!found.ok) return found;
  const { kind, id } = found;
  const all = [...snapshot.pointingTo(id)].sort(byKind);
  const by_kind: RefsFound["by_kind"] = {};
  for (const one of all) {
    const its = refKindOf(one) as RefKind;
    by_kind[its] = (by_kind[its] ?? 0) + 1;
  }
  const wanted =
    input.kind === undefined
      ? all
      : all.filter((one) => refKindOf(one) === KIND_OF_WORD[input.kind as keyof typeof KIND_OF_WORD]);
  const offset = input.offset ?? 0;
  const page = wanted.slice(offset, offset + (input.limit ?? LIMIT));
  const at = momentOf(snapshot, ctx);
  const refs = together(page, (source) => pointers(snapshot, at, source, id)).flat();
  const short = kind === "Repo" ? (chainObject(snapshot, at, id)?.short ?? id) : id.slice(-4);
  return { ok: true, changes: [], result: { kind, id, short, refs, total: wanted.length, offset, by_kind } };
}

/** (suspends) */
function pointers(
  snapshot: Snapshot,
  at: ReturnType<typeof momentOf>,
  source: string,
  target: string,
): Pointer[] {
  const object = chainObject(snapshot, at, source);
  if (!object) return [];
  return snapshot
    .links(source)
    .filter(([, id]) => id === target)
    .map(([field, , role]) => ({ ...object, field, ...(role ? { role } : {}) }));
}

/** Along the chain, the newest of a kind first: ids hold the time at which they were made. */
function byKind(a: string, b: string): number {
  const [one, other] = [refKindOf(a) as RefKind, refKindOf(b) as RefKind];
  return RANK[one] - RANK[other] || (a < b ? 1 : -1);
}
