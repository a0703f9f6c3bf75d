/** What the job ledger comes to, without any moment in it: whoever reads applies expiry. Plain data, so that it can be kept. */
import type { JobFailure } from "../../../generated/types.ts";
import { PROJECTIONS, type ProjectionName } from "./names.ts";

/** One job as its events tell it. Times are ISO 8601. */
export interface Job {
  job_id: string;
  /** Absent where the job's first record is corrupt or missing. */
  job_type?: string;
  request_id: string;
  /** Distinct, in order. */
  request_ids: string[];
  idempotency_key?: string;
  attempt: number;
  max_attempts: number;
  lease_epoch: number;
  /** The last claim's lease; over: an event says that it has expired. */
  lease?: { expires_at?: string; over?: true };
  /** The first terminal event's; later ones change nothing. */
  ended?: "completed" | "failed" | "cancelled";
  failure?: JobFailure;
  artifacts?: Record<string, string>;
  projection_targets?: ProjectionName[];
  created_at: string;
  updated_at: string;
  last_event_id: string;
}

/** JobSpec's CorruptRecord; in git's form it also names the commit. */
export interface CorruptRecord {
  /** Which record of the ledger it is, from 1. */
  line_number: number;
  error: string;
  commit: string;
  quarantine_path?: string;
}

export interface LedgerState {
  /** By job_id, in the order of their first events. */
  jobs: ReadonlyMap<string, Job>;
  /** Every event's commit by its id, in the ledger's order. */
  events: ReadonlyMap<string, string>;
  last_event_id?: string;
  corrupt: readonly CorruptRecord[];
  /** Records so far, of every sort. */
  lines: number;
  stale: readonly ProjectionName[];
}

export const EMPTY: LedgerState = { jobs: new Map(), events: new Map(), corrupt: [], lines: 0, stale: [] };

export const isStale = (state: LedgerState, name: ProjectionName): boolean => state.stale.includes(name);

/** The state as JSON: maps become lists. */
interface Kept extends Omit<LedgerState, "jobs" | "events"> {
  jobs: Job[];
  events: [string, string][];
}

export const toKept = (state: LedgerState): Kept => ({
  ...state,
  jobs: [...state.jobs.values()],
  events: [...state.events],
});

/** The state that was kept; undefined where the value was never one. Fields that it does not know are left alone. */
export function fromKept(value: unknown): LedgerState | undefined {
  const { jobs, events, corrupt, lines, stale, last_event_id } = (value ?? {}) as Partial<Kept>;
  const lists = [jobs, events, corrupt, stale];
  if (!lists.every(Array.isArray) || !Number.isSafeInteger(lines)) return undefined;
  const state: LedgerState = {
    jobs: new Map((jobs as Job[]).map((job) => [job.job_id, job])),
    events: new Map(events as [string, string][]),
    corrupt: corrupt as CorruptRecord[],
    lines: lines as number,
    stale: PROJECTIONS.filter((name) => (stale as string[]).includes(name)),
  };
  return typeof last_event_id === "string" ? { ...state, last_event_id } : state;
}
