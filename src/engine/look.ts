/** One look at the remote: fetch, move the view, and see whose heartbeats changed. */
import type { Pulse } from "../core/operation.ts";
import type { Refusal } from "../core/refusal.ts";
import { faultRefusal } from "./git/errors.ts";
import type { Clock, Desk, Fault, ObjectStore, Oid, Remote } from "./ports.ts";
import type { RecordView } from "./record.ts";
import { observe } from "./signals.ts";

/** What a look needs; a part of the engine's parts. */
export interface Looking {
  clone: string;
  store: ObjectStore;
  remote: Remote;
  desk: Desk;
  view: RecordView;
  clock: Clock;
  /** Words for messages: the remote's name and the branch. */
  names: { remote: string; branch: string };
}

export interface Look {
  ok: true;
  pulses: Pulse[];
  /** ms since 1970 of the look before this one, as this clone's clock had it. */
  previous: number | undefined;
  /** Elapsed ms at which this look began: what the view saw since is fresh. */
  from: number;
}

export type LookOutcome = Look | { ok: false; refusal: Refusal; fault?: Fault };

/** The name under which the desk keeps the moment of the last look, ms since 1970. */
export const LOOKED_AT = "looked_at";

/** The name under which the desk keeps where the record was last known to stand, for a change without a look. */
export const FRESH = "fresh";

/** heard: there are heartbeats, and what they say is known only after a look. */
export interface Fresh {
  tip: Oid | null;
  /** Elapsed ms. */
  at: number;
  heard: boolean;
}

export async function look(parts: Looking, acceptRewrite = false): Promise<LookOutcome> {
  const { clock, desk, remote, view, store } = parts;
  const previous = await desk.recall<number>(LOOKED_AT);
  const from = clock.elapsed();
  const fetching = remote.fetch();
  if (!view.isOpen) await view.open();
  const fetched = await fetching;
  if (!fetched.ok) {
    return {
      ok: false,
      refusal: faultRefusal(fetched.fault, { ...parts.names, doing: "read" }),
      fault: fetched.fault,
    };
  }
  const refusal = await view.advance(fetched.view.record, acceptRewrite);
  if (refusal) return { ok: false, refusal };
  const pulses = await observe(store, desk, fetched.view.signals, clock.elapsed());
  await desk.remember(LOOKED_AT, clock.now());
  await desk.remember(FRESH, { tip: view.snapshot.tip, at: from, heard: pulses.length > 0 } satisfies Fresh);
  return { ok: true, pulses, previous, from };
}
