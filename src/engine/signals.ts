/**
 * Heartbeats: each clone says in the message of one parentless commit who works in it. Other clones notice when that
 * commit changes, by their own elapsed time; a missing signal is no evidence of anything (DESIGN sections 2 and 6).
 */
import { once } from "../core/once.ts";
import type { Pulse } from "../core/operation.ts";
import type { Heartbeat } from "../generated/types.ts";
import { decodeCommit, EMPTY_TREE, encodeCommit, objectOf } from "./objects.ts";
import type { Desk, GitObject, ObjectStore, Oid } from "./ports.ts";

/** What this clone knows of a signal. */
interface Observation {
  oid: Oid;
  /** Elapsed ms (Clock.elapsed) at which this value was first seen. */
  since: number;
  heartbeat: Heartbeat | null;
  /** The same of each worker's own part, by name: others of its clone who go on do not speak for it. */
  workers: Record<string, { at: string; since: number }>;
}

const heartbeatText = once(() => import("./heartbeat-text.ts"));
const MESSAGE_LIMIT = 256 * 1024;

/** Compares the remote's signals with what was seen before and says how long each has stood unchanged. */
export async function observe(
  store: ObjectStore,
  desk: Desk,
  signals: ReadonlyMap<string, Oid>,
  elapsed: number,
): Promise<Pulse[]> {
  if (signals.size === 0) return [];
  const before = (await desk.recall<Record<string, Observation>>("signals")) ?? {};
  const after: Record<string, Observation> = {};
  let changed = Object.keys(before).length !== signals.size;
  for (const [clone, oid] of signals) {
    const known = before[clone];
    // An elapsed clock that ran backwards means that the machine was started anew: watch from now.
    if (known?.oid === oid && known.since <= elapsed) {
      after[clone] = known;
      continue;
    }
    changed = true;
    const heartbeat = known?.oid === oid ? known.heartbeat : await readHeartbeat(store, oid, clone);
    after[clone] = { oid, since: elapsed, heartbeat, workers: sinceOf(heartbeat, known, elapsed) };
  }
  if (changed) await desk.remember("signals", after);
  return Object.entries(after).flatMap(([clone, seen]) => pulsesOf(clone, seen, elapsed));
}

function sinceOf(
  heartbeat: Heartbeat | null,
  known: Observation | undefined,
  elapsed: number,
): Observation["workers"] {
  const workers: Observation["workers"] = {};
  for (const { name, at } of heartbeat?.workers ?? []) {
    const before = known?.workers[name];
    workers[name] = before?.at === at && before.since <= elapsed ? before : { at, since: elapsed };
  }
  return workers;
}

function pulsesOf(clone: string, seen: Observation, elapsed: number): Pulse[] {
  return (seen.heartbeat?.workers ?? []).map((worker) => ({
    worker: worker.name,
    clone,
    status: worker.status,
    ...(worker.note !== undefined && { note: worker.note }),
    at: worker.at,
    leases: worker.leases ?? [],
    unchanged_ms: elapsed - (seen.workers[worker.name]?.since ?? seen.since),
  }));
}

/** null: unreadable, or another clone's; it is then no evidence. */
async function readHeartbeat(store: ObjectStore, oid: Oid, clone: string): Promise<Heartbeat | null> {
  const [object] = await store.read([oid]);
  if (object?.type !== "commit" || object.data.length > MESSAGE_LIMIT) return null;
  const { readHeartbeatText } = await heartbeatText();
  const heartbeat = readHeartbeatText(decodeCommit(object.data).message);
  return heartbeat?.clone === clone ? heartbeat : null;
}

/** The commit that carries a heartbeat: no parent and the empty tree, so that nothing grows. */
export async function heartbeatCommit(
  heartbeat: Heartbeat,
  atMs: number,
): Promise<{ commit: Oid; objects: GitObject[] }> {
  const { writeHeartbeatText } = await heartbeatText();
  const author = { name: "owp", email: `${heartbeat.clone}@owp.invalid`, at_ms: atMs };
  const tree = objectOf("tree", new Uint8Array());
  const commit = objectOf(
    "commit",
    encodeCommit({
      tree: EMPTY_TREE,
      parents: [],
      author,
      committer: author,
      message: writeHeartbeatText(heartbeat),
    }),
  );
  return { commit: commit.oid, objects: [tree, commit] };
}
