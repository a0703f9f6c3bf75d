/** Sends this clone's heartbeat: one commit in the clone's own signal ref, never on the record. */
import { iso } from "../core/time.ts";
import type { Heartbeat } from "../generated/types.ts";
import { FRESH, type Fresh } from "./look.ts";
import type { Desk, Fault, ObjectStore, Oid, Remote } from "./ports.ts";
import { heartbeatCommit } from "./signals.ts";

type Beat = Heartbeat["workers"][number];

/** A worker of this clone that has not been heard of for so long is left out of the clone's signal. */
const FORGET_MS = 24 * 3_600_000;
const TRIES = 3;
/** So many of its own signals a clone remembers, to know them again. */
const SENT_LIMIT = 50;

export type BeatOutcome =
  | { ok: true; commit: Oid }
  | { ok: false; reason: "copied_clone" }
  | { ok: false; reason: "fault"; fault: Fault };

/**
 * Publishes the newest state of one worker together with what the clone's other workers said last. A value on the remote
 * that this clone did not write means that the clone was copied: it then needs an id of its own.
 */
export async function beat(
  parts: { store: ObjectStore; desk: Desk; remote: Remote; clone: string },
  worker: Beat,
  nowMs: number,
): Promise<BeatOutcome> {
  const { store, desk, remote, clone } = parts;
  let fault: Fault = { class: "other", text: "" };
  for (let tries = 0; tries < TRIES; tries++) {
    const workers = (await desk.recall<Beat[]>("beats")) ?? [];
    const others = workers.filter(
      (other) => other.name !== worker.name && nowMs - Date.parse(other.at) < FORGET_MS,
    );
    const { commit, objects } = await heartbeatCommit(
      { kind: "Heartbeat", clone, at: iso(nowMs), workers: [...others, worker] },
      nowMs,
    );
    await desk.remember("beats", [...others, worker]);
    await store.write(objects);
    // Before it is sent: a process that dies then leaves a value that this clone must not take for another's.
    const sent = ((await desk.recall<Oid[]>("signals_sent")) ?? []).slice(-SENT_LIMIT);
    await desk.remember("signals_sent", [...sent, commit]);
    await desk.remember(FRESH, { tip: null, at: 0, heard: true } satisfies Fresh);
    const old = (await desk.recall<Oid>("signal")) ?? null;
    const pushed = await remote.push({ signal: { clone, old, next: commit } });
    if (pushed.signal === "accepted") {
      await desk.remember("signal", commit);
      return { ok: true, commit };
    }
    fault = pushed.fault ?? fault;
    const fetched = await remote.fetch();
    if (!fetched.ok) return { ok: false, reason: "fault", fault: fetched.fault };
    const there = fetched.view.signals.get(clone) ?? null;
    if (there === commit) {
      await desk.remember("signal", commit);
      return { ok: true, commit };
    }
    // A ref that is gone was pruned.
    if (there === null || (await isOwn(desk, there, old))) await desk.remember("signal", there);
    else if (tries === TRIES - 1) return { ok: false, reason: "copied_clone" };
  }
  return { ok: false, reason: "fault", fault };
}

/** Did a process of this clone send that signal? */
async function isOwn(desk: Desk, there: Oid, old: Oid | null): Promise<boolean> {
  if (there === old || there === (await desk.recall<Oid>("signal"))) return true;
  return ((await desk.recall<Oid[]>("signals_sent")) ?? []).includes(there);
}
