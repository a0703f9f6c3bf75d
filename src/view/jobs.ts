/** `owp job …`. */
import type { JobEnded } from "../domain/jobs/act.ts";
import type { JobCancelled } from "../domain/jobs/cancel.ts";
import type { JobClaimed } from "../domain/jobs/claim.ts";
import type { JobsListed } from "../domain/jobs/list.ts";
import type { ProjectionsTold } from "../domain/jobs/projections/ready.ts";
import type { JobShown } from "../domain/jobs/show.ts";
import type { JobStatus } from "../domain/jobs/statuses.ts";
import type { JobSubmitted } from "../domain/jobs/submit.ts";
import type { Look, View } from "./look.ts";
import { type Ink, oneLine, paint } from "./paint.ts";
import { type Column, renderTable } from "./table.ts";
import { count, relative } from "./words.ts";

const INKS: Record<JobStatus, Ink> = {
  queued: "green",
  running: "cyan",
  retry_waiting: "yellow",
  completed: "dim",
  failed: "red",
  cancelled: "dim",
  degraded: "red",
};

const named = (jobId: string, look: Look) => paint(look, "cyan", jobId);
const spelled = (status: JobStatus, look: Look) => paint(look, INKS[status], status);

/** A line only where something is wrong; a dry run and a change under review tell nothing of projections. */
const degraded = ({ projection_status, degraded_reasons = [] }: Partial<ProjectionsTold>): string =>
  projection_status === "degraded" ? `\nprojections are degraded: ${degraded_reasons.join("; ")}` : "";

export const jobSubmit: View<JobSubmitted & Partial<ProjectionsTold>> = {
  render: ({ job_id, short, status, existing, ...told }, look) =>
    `${named(job_id, look)} ${existing ? "was there before" : "is accepted"}: ${spelled(status, look)} (${short})${degraded(told)}`,
  next: ({ job_id }) => [`owp job show ${job_id}`],
  quiet: ({ job_id }) => job_id,
};

export const jobShow: View<JobShown> = { render: renderJob };

export const jobClaim: View<JobClaimed> = {
  render: ({ claimed, registered, worker, exhausted }, look) => {
    const lines = exhausted.map((id) => `${named(id, look)} has failed: all attempts are used up`);
    if (registered) lines.unshift(`you are ${worker}, registered with this claim`);
    if (!claimed) return lines.join("\n");
    const { job } = claimed;
    const lease = `the lease ends ${relative(job.lease_expires_at, look.now)}`;
    return [
      ...lines,
      `claimed ${named(job.job_id, look)} (${job.job_type}), attempt ${job.attempt} of ${job.max_attempts}; ${lease}`,
      `payload: ${JSON.stringify(job.payload)}`,
      ...(job.claim_token ? [`claim token, shown this once: ${job.claim_token}`] : []),
      `epoch: ${job.lease_epoch}`,
    ].join("\n");
  },
  next: ({ claimed }) =>
    claimed ? [`owp job heartbeat ${shown(claimed)}`, `owp job complete ${shown(claimed)}`] : [],
};

const shown = ({ job }: JobShown): string => `${job.job_id} --token <token> --epoch ${job.lease_epoch}`;

export const jobHeartbeat: View<JobShown> = {
  render: ({ job }, look) =>
    `${named(job.job_id, look)}: the lease ends ${relative(job.lease_expires_at, look.now)} (epoch ${job.lease_epoch})`,
};

/** Complete and fail. */
export const jobEnd: View<JobEnded> = {
  render: ({ job, already }, look) => {
    const why = job.failure
      ? `, ${job.failure.code}${job.failure.message ? `: ${oneLine(job.failure.message)}` : ""}`
      : "";
    const before = already ? " (it was so before)" : "";
    return `${named(job.job_id, look)} is ${spelled(job.status, look)}${why}${before}`;
  },
  next: () => ["owp job claim"],
};

export const jobCancel: View<JobCancelled & Partial<ProjectionsTold>> = {
  render: ({ job, outcome, ...told }, look) => {
    const before = outcome === "cancelled" ? "" : " already; it stays so";
    return `${named(job.job_id, look)} is ${spelled(job.status, look)}${before}${degraded(told)}`;
  },
};

export const jobList: View<JobsListed> = {
  render: ({ jobs, total, offset, counts }, look) => {
    if (total === 0) return "no jobs";
    const last = offset + jobs.length;
    const states = Object.entries(counts).map(([status, number]) => `${number} ${status}`);
    const head =
      jobs.length < total
        ? `${offset + 1}–${last} of ${total} (more with --offset ${last} or --limit)`
        : count(total, "job");
    const body = look.compact ? jobs.map(compact).join("\n") : renderTable(jobs, COLUMNS, look);
    return `${body}\n${paint(look, "dim", `${head}: ${states.join(", ")}`)}`;
  },
};

const attempts = ({ job }: JobShown) => `${job.attempt}/${job.max_attempts}`;

const COLUMNS: readonly Column<JobShown>[] = [
  { head: "job", cell: ({ job }) => job.job_id, ink: () => "cyan", stretch: true },
  { head: "type", cell: ({ job }) => job.job_type },
  { head: "status", cell: ({ job }) => job.status, ink: ({ job }) => INKS[job.status] },
  { head: "attempt", cell: attempts },
  { head: "worker", cell: ({ worker }) => worker ?? "" },
];

const compact = (row: JobShown): string =>
  `${row.job.job_id} ${row.job.status} ${row.job.job_type} attempt ${attempts(row)}${row.worker ? ` @${row.worker}` : ""}`;

function renderJob(row: JobShown, look: Look): string {
  const { job, id, worker } = row;
  const facts: [string, string][] = [
    ["type", job.job_type],
    ["attempt", `${job.attempt} of ${job.max_attempts}${job.retry_exhausted ? ", all used up" : ""}`],
    ["worker", worker ?? ""],
    ["epoch", job.lease_epoch > 0 ? String(job.lease_epoch) : ""],
    ["lease ends", relative(job.lease_expires_at, look.now)],
    ["failure", job.failure ? `${job.failure.code}: ${oneLine(job.failure.message ?? "")}` : ""],
    ["key", job.idempotency_key ?? ""],
    ["requests", job.request_ids.join(", ")],
    ["payload", JSON.stringify(job.payload)],
    ...Object.entries(job.artifacts).map(([name, address]): [string, string] => [
      `artifact ${name}`,
      address,
    ]),
    ["shown in", job.projection_targets.join(", ")],
    ["last event", job.last_event_id],
    ["task", id],
  ];
  const lines = facts
    .filter(([, value]) => value !== "")
    .map(([key, value]) => `  ${paint(look, "dim", `${key}:`)} ${value}`);
  return [`${named(job.job_id, look)} ${spelled(job.status, look)}`, ...lines].join("\n");
}
