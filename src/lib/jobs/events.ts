/**
 * The events of one commit as readers get them. What a job was submitted with stands in its task's file and not in the
 * trailer; job.accepted shows it as job_payload, as it was then (FEATURES D30).
 */
import { parseFile } from "../../core/explains.ts";
import { pathOf } from "../../core/paths.ts";
import { type JobEvent, readRecords } from "../../domain/jobs/event.ts";
import type { ObjectStore } from "../../engine/ports.ts";
import type { PlacedCommit } from "../../engine/trailer-log.ts";
import { readPath } from "../../engine/tree.ts";

export async function eventsOf(store: ObjectStore, commit: PlacedCommit): Promise<JobEvent[]> {
  const events = readRecords(commit).flatMap((record) => ("event" in record ? [record.event] : []));
  if (!events.some(isAccepted)) return events;
  const payloads = await payloadsAt(store, commit);
  return events.map((event) => {
    const job_payload = isAccepted(event) ? payloads.get(event.job_id) : undefined;
    return job_payload === undefined ? event : { ...event, payload: { ...event.payload, job_payload } };
  });
}

const isAccepted = ({ event_type }: JobEvent): boolean => event_type === "job.accepted";

/** By job_id, of the tasks that the commit names. */
async function payloadsAt(store: ObjectStore, { tree, tasks }: PlacedCommit): Promise<Map<string, object>> {
  const payloads = new Map<string, object>();
  for (const path of tasks.map((id) => pathOf("Task", id))) {
    const file = parseFile(path, await readPath(store, tree, path)).value;
    const { job_id, payload } = ((file ?? {}) as { job?: { job_id?: string; payload?: object } }).job ?? {};
    if (job_id !== undefined && payload) payloads.set(job_id, payload);
  }
  return payloads;
}
