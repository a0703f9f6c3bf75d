/** `owp trace`: from any object both ways along the chain, to what governed it and to what came of it (FEATURES B72). */
import { together } from "../../core/docs.ts";
import type { Ctx, Plan } from "../../core/operation.ts";
import type { RefKind } from "../../core/refs.ts";
import type { Snapshot } from "../../core/snapshot.ts";
import type { TraceInput } from "../../generated/types.ts";
import { findObject } from "../objects/find.ts";
import { momentOf } from "../tasks/state.ts";
import { type ChainObject, chainObject } from "./node.ts";
import { type Steps, walk } from "./walk.ts";

export interface TraceNode extends ChainObject {
  /** What stands next to it, farther from the object that was asked about. */
  next: TraceNode[];
  /** How many more of a kind stand next to it and are not shown. */
  more?: Partial<Record<RefKind, number>>;
  /** What stands next to it is shown where it came first. */
  above?: true;
  /** It was not gone on from: the limit of objects was reached. */
  cut?: true;
}

export interface Traced extends ChainObject {
  /** What it rests on, as a tree that leads back. */
  comes_from: TraceNode[];
  /** What came of it, as a tree that leads on. */
  led_to: TraceNode[];
  more?: { comes_from?: TraceNode["more"]; led_to?: TraceNode["more"] };
}

export function planTrace(snapshot: Snapshot, input: TraceInput, ctx: Ctx): Plan<Traced> {
  const found = findObject(snapshot, input.id);
  if (!found.ok) return found;
  const [back, on] = together(["causes", "effects"] as const, (direction) =>
    walk(snapshot, found.id, direction),
  ) as [ReadonlyMap<string, Steps>, ReadonlyMap<string, Steps>];
  const at = momentOf(snapshot, ctx);
  const ids = new Set([found.id]);
  for (const steps of [back, on]) for (const { next } of steps.values()) for (const id of next) ids.add(id);
  const objects = new Map(together(ids, (id) => [id, chainObject(snapshot, at, id) as ChainObject] as const));
  const self = objects.get(found.id) as ChainObject;
  const [causes, effects] = [back, on].map((steps) => tree(found.id, steps, objects, new Set()));
  const more = {
    ...(causes?.more ? { comes_from: causes.more } : {}),
    ...(effects?.more ? { led_to: effects.more } : {}),
  };
  return {
    ok: true,
    changes: [],
    result: {
      ...self,
      comes_from: causes?.next ?? [],
      led_to: effects?.next ?? [],
      ...(Object.keys(more).length > 0 ? { more } : {}),
    },
  };
}

/** Each object is gone on from once, where it comes first. */
function tree(
  id: string,
  steps: ReadonlyMap<string, Steps>,
  objects: ReadonlyMap<string, ChainObject>,
  told: Set<string>,
): TraceNode {
  const node: TraceNode = { ...(objects.get(id) as ChainObject), next: [] };
  const step = steps.get(id);
  if (!step) return { ...node, cut: true };
  if (step.next.length === 0) return node;
  if (told.has(id)) return { ...node, above: true };
  told.add(id);
  return {
    ...node,
    next: step.next.map((next) => tree(next, steps, objects, told)),
    ...(step.more ? { more: step.more } : {}),
  };
}
