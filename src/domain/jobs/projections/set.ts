/** Every projection at one moment (JobSpec's ProjectionSet; FEATURES D74–D82). A pure function of the state and a clock. */
import { iso } from "../../../core/time.ts";
import { type JobProjection, jobProjections } from "./jobs.ts";
import { type Bucket, bucketOf, PROJECTIONS, type ProjectionName } from "./names.ts";
import { snapshotId } from "./openclaw.ts";
import { degradedReasons, type ProjectionStatus } from "./ready.ts";
import { isStale, type LedgerState } from "./state.ts";

/** What a reader brings besides the state. */
export interface Reading {
  /** ms since 1970. */
  now: number;
  /** Where the ledger is: the record's branch. */
  ledger: string;
  reasons: readonly string[];
}

export interface Manifest {
  schema_version: 1;
  projection: ProjectionName;
  source_ledger: string;
  last_event_id?: string;
  status: ProjectionStatus;
  rebuilt_at: string;
  degraded_reasons?: string[];
}

export interface ProjectionSet {
  schema_version: 1;
  rebuilt_at: string;
  source_ledger: string;
  last_event_id?: string;
  manifests: Record<ProjectionName, Manifest>;
  jobs: JobProjection[];
  rpi: { runs: JobProjection[] };
  dream: { runs: JobProjection[] };
  wiki: { jobs: JobProjection[] };
  openclaw: {
    schema_version: 1;
    snapshot_id: string;
    generated_at: string;
    source: { ledger: string; last_event_id?: string };
    resources: { runs: JobProjection[]; jobs: JobProjection[]; wiki: JobProjection[] };
    status: ProjectionStatus;
  };
  degraded_reasons?: string[];
}

export function projectionSet(state: LedgerState, reading: Reading): ProjectionSet {
  const jobs = jobProjections(state, reading.now);
  const of = (...buckets: Bucket[]) =>
    jobs.filter(({ job_type }) => buckets.some((bucket) => bucket === bucketOf(job_type)));
  const last = state.last_event_id === undefined ? {} : { last_event_id: state.last_event_id };
  const at = iso(reading.now);
  const manifests = Object.fromEntries(
    PROJECTIONS.map((name) => [name, manifestOf(name, state, reading)]),
  ) as Record<ProjectionName, Manifest>;
  return {
    schema_version: 1,
    rebuilt_at: at,
    source_ledger: reading.ledger,
    ...last,
    manifests,
    jobs,
    rpi: { runs: of("rpi") },
    dream: { runs: of("dream") },
    wiki: { jobs: of("wiki") },
    openclaw: {
      schema_version: 1,
      snapshot_id: snapshotId(state),
      generated_at: at,
      source: { ledger: reading.ledger, ...last },
      resources: { runs: of("rpi", "dream"), jobs, wiki: of("wiki") },
      status: manifests["openclaw-snapshot"].status,
    },
    ...degradedReasons(reading.reasons),
  };
}

function manifestOf(projection: ProjectionName, state: LedgerState, reading: Reading): Manifest {
  return {
    schema_version: 1,
    projection,
    source_ledger: reading.ledger,
    ...(state.last_event_id !== undefined && { last_event_id: state.last_event_id }),
    status: state.corrupt.length > 0 ? "degraded" : isStale(state, projection) ? "stale" : "current",
    rebuilt_at: iso(reading.now),
    ...degradedReasons(reading.reasons),
  };
}
