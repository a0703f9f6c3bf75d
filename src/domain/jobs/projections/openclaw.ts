/** The snapshot that consumers read (JobSpec's OpenClawConsumerSnapshot; FEATURES D86–D93). */
import type { JobProjection } from "./jobs.ts";
import { bucketOf } from "./names.ts";
import { type Link, provenanceOf } from "./provenance.ts";
import { degradedReasons, type ProjectionStatus, type Ready } from "./ready.ts";
import type { ProjectionSet } from "./set.ts";
import type { LedgerState } from "./state.ts";

export interface Resource extends Omit<JobProjection, "failure"> {
  resource_id: string;
  resource_kind: "run" | "job" | "wiki";
  /** Of rpi and dream jobs: the job's id. */
  run_id?: string;
  failure?: { code: string; message: string; retryable?: boolean };
  provenance: Link[];
}

export interface ConsumerSnapshot {
  schema_version: 1;
  snapshot_id: string;
  generated_at: string;
  source: { ledger: string; last_event_id?: string };
  status: ProjectionStatus;
  resources: { runs: Resource[]; jobs: Resource[]; wiki: Resource[] };
}

/** Event ids are safe to stand in a file's name, and so is this. */
export const snapshotId = ({ last_event_id }: Pick<LedgerState, "last_event_id">): string =>
  last_event_id === undefined ? "snap_empty" : `snap_${last_event_id}`;

export function consumerSnapshot({ openclaw }: ProjectionSet): ConsumerSnapshot {
  const { schema_version, snapshot_id, generated_at, source, status, resources } = openclaw;
  return {
    schema_version,
    snapshot_id,
    generated_at,
    source,
    status,
    resources: {
      runs: resources.runs.map((job) => resourceOf(job, "run")),
      jobs: resources.jobs.map((job) => resourceOf(job, "job")),
      wiki: resources.wiki.map((job) => resourceOf(job, "wiki")),
    },
  };
}

function resourceOf(job: JobProjection, kind: Resource["resource_kind"]): Resource {
  const { failure, ...rest } = job;
  const isRun = ["rpi", "dream"].includes(bucketOf(job.job_type) ?? "");
  const run = isRun ? { run_id: job.job_id } : {};
  return {
    resource_id: kind === "wiki" ? `wiki-${job.job_id}` : job.job_id,
    resource_kind: kind,
    ...run,
    ...rest,
    ...(failure && { failure: { ...failure, message: failure.message ?? "" } }),
    provenance: provenanceOf({ ...job, ...run }),
  };
}

/** JobSpec's OpenClawHealthResponse. */
export function consumerHealth(snapshot: ConsumerSnapshot, { ready, degraded_reasons }: Ready): object {
  const { snapshot_id, generated_at, source, status, resources } = snapshot;
  return {
    status: "ok",
    ready,
    snapshot_id,
    generated_at,
    source,
    snapshot_status: status,
    resource_counts: {
      runs: resources.runs.length,
      jobs: resources.jobs.length,
      wiki: resources.wiki.length,
    },
    ...degradedReasons(degraded_reasons ?? []),
  };
}
