/** One record of a worker answers to every name that the seeds give it (FEATURES F04). */
import type { Snapshot } from "../../core/snapshot.ts";
import type { Worker } from "../../generated/types.ts";

/** By OWP's worker_id (`w_…`), or by the name: CWOM's actor_id, OpenBeak's username, an agent's owner. */
export function findWorker(snapshot: Snapshot, typed: string): Worker | undefined {
  const text = typed.trim().toLowerCase();
  const named = snapshot.workers.get(text);
  if (named || !text.startsWith("w_")) return named;
  for (const worker of snapshot.workers.values()) if (worker.id === text) return worker;
  return undefined;
}
