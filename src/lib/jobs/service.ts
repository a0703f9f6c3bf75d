/** The queries of the job ledger: owp job events, ready, status, snapshot and rebuild. None changes anything on the record. */
import { type Refusal, refuse } from "../../core/refusal.ts";
import { JOB_TRAILER } from "../../domain/jobs/event.ts";
import { queueSnapshot } from "../../domain/jobs/projections/jobs.ts";
import { compareSnapshots, readKeptSnapshot } from "../../domain/jobs/projections/kept-snapshot.ts";
import { consumerHealth, consumerSnapshot } from "../../domain/jobs/projections/openclaw.ts";
import { lagOf, readyOf, reasonsOf, verifyReady } from "../../domain/jobs/projections/ready.ts";
import { projectionSet, type Reading } from "../../domain/jobs/projections/set.ts";
import { noRecord } from "../../engine/answers.ts";
import { GatheredReads } from "../../engine/gathered.ts";
import { look } from "../../engine/look.ts";
import type { Oid } from "../../engine/ports.ts";
import { readTrailersAt } from "../../engine/trailer-log.ts";
import type { RecordHub } from "../hub.ts";
import { type Service, success } from "../services.ts";
import { eventsOf } from "./events.ts";
import { type Ledger, readLedger, rebuildLedger } from "./ledger.ts";
import { quarantine } from "./quarantine.ts";

/** The seed's cap of one page (FEATURES D05). */
const EVENTS_CAP = 1000;

interface Place {
  hub: RecordHub;
  tip: Oid;
}
type Input = Record<string, unknown>;
type Query = (place: Place, input: Input) => Promise<object | Refusal>;

export type JobQuery = "ready" | "status" | "events" | "snapshot" | "rebuild";

const QUERIES: Record<JobQuery, Query> = {
  ready: async (place, { require }) => {
    const ready = readyFrom(await ledgerAt(place));
    return (require === true && verifyReady(ready)) || ready;
  },
  status: async (place) => {
    const ledger = await ledgerAt(place);
    const reading = readingOf(place, ledger);
    return {
      ready: readyFrom(ledger).ready,
      projection_lag: lagOf(ledger.state),
      queue: queueSnapshot(ledger.state, reading.now),
      projections: projectionSet(ledger.state, reading),
    };
  },
  events: async (place, input) => readEvents(place, await ledgerAt(place), input),
  snapshot: async (place, input) => readSnapshot(place, await ledgerAt(place), input),
  rebuild: async ({ hub, tip }) => {
    const { state, corrupt: raw } = await rebuildLedger(hub, tip);
    const { folder } = hub.parts;
    const corrupt = folder === undefined ? state.corrupt : quarantine(folder, state.corrupt, raw);
    return { jobs: state.jobs.size, projection_lag: lagOf(state), ...someOf(corrupt) };
  },
};

/** The answer of a query at the record's tip. Where the remote does not answer it is from this clone's last view. */
export async function runJobQuery(name: JobQuery, ...call: Parameters<Service>): ReturnType<Service> {
  const [hub, input, op, options] = call;
  const { view, names } = hub.parts;
  const seen = options.offline ? undefined : await look(hub.parts);
  if (seen && !seen.ok && (!seen.fault || view.snapshot.tip === null)) return { ...seen.refusal, op };
  const bare = noRecord(view.snapshot, names.branch);
  if (bare) return { ...bare, op };
  const result = await QUERIES[name]({ hub, tip: view.snapshot.tip as Oid }, input);
  if ("code" in result) return { ...(result as Refusal), op };
  const answer = await success(hub, op, result, seen && !seen.ok ? [seen.refusal.message] : []);
  return { ...answer, view: await hub.age(seen?.ok === true) };
}

const ledgerAt = ({ hub, tip }: Place): Promise<Ledger> => readLedger(hub, tip);

const readyFrom = ({ state, ignored }: Ledger) => readyOf(state, reasonsOf(state, ignored));

const readingOf = ({ hub }: Place, { state, ignored }: Ledger): Reading => ({
  now: hub.parts.clock.now() + hub.parts.clockShiftMs,
  ledger: `refs/heads/${hub.parts.names.branch}`,
  reasons: reasonsOf(state, ignored),
});

/** Only where there are any, as the seed has it. */
const someOf = <T>(corrupt: readonly T[]): { corrupt?: readonly T[] } =>
  corrupt.length > 0 ? { corrupt } : {};

/** result: {events, corrupt?, last_event_id?}, the oldest first, from after the cursor. */
async function readEvents({ hub }: Place, { state }: Ledger, input: Input): Promise<object | Refusal> {
  const { since, after_id = since, limit = EVENTS_CAP } = input;
  if (since !== undefined && since !== after_id)
    return refuse("usage", "--since and --after-id are two names of one cursor: give one of them.");
  if (!Number.isSafeInteger(limit) || Number(limit) < 0)
    return refuse("usage", "--limit must be a whole number from 0.", { hint: "owp job events --help" });
  const ids = [...state.events.keys()];
  const at = after_id === undefined ? -1 : ids.indexOf(String(after_id));
  if (after_id !== undefined && at < 0)
    return refuse("usage", `The cursor ${after_id} is no event of the job ledger.`, {
      hint: "owp job events",
    });
  const wanted = new Set(ids.slice(at + 1, at + 1 + Math.min(Number(limit), EVENTS_CAP)));
  const commits = new Set([...wanted].map((id) => state.events.get(id) as Oid));
  const read = await readTrailersAt(hub.parts.store, [...commits], JOB_TRAILER);
  const gathered = new GatheredReads(hub.parts.store);
  const pages = await Promise.all(read.map((commit) => eventsOf(gathered, commit)));
  const events = pages.flat().filter(({ event_id }) => wanted.has(event_id));
  return {
    events,
    ...someOf(state.corrupt),
    ...(state.last_event_id !== undefined && { last_event_id: state.last_event_id }),
  };
}

/** result: the snapshot, a part of it, or how a kept one (its text) stands to it. */
function readSnapshot(place: Place, ledger: Ledger, { part, kept }: Input): object | Refusal {
  const snapshot = consumerSnapshot(projectionSet(ledger.state, readingOf(place, ledger)));
  if (typeof kept === "string") {
    const read = readKeptSnapshot(kept);
    return read.ok ? compareSnapshots(read.kept, snapshot) : read;
  }
  if (part === "health") return consumerHealth(snapshot, readyFrom(ledger));
  if (part === "runs" || part === "jobs" || part === "wiki") return { [part]: snapshot.resources[part] };
  return snapshot;
}
