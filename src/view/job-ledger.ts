/** Answers of the job ledger. */
import type { Look, View } from "./look.ts";
import { oneLine, paint } from "./paint.ts";
import { plain, renderPlain } from "./plain.ts";
import { type Column, renderTable } from "./table.ts";
import { relative } from "./words.ts";

interface Corrupt {
  line_number: number;
  error: string;
  commit: string;
  quarantine_path?: string;
}

interface Event {
  event_id: string;
  job_id: string;
  event_type: string;
  occurred_at: string;
  actor: string;
}

const corruptLine = ({ line_number, error, commit, quarantine_path }: Corrupt): string =>
  `record ${line_number} (commit ${commit.slice(0, 8)}) is corrupt: ${oneLine(error)}${quarantine_path ? `; it is in ${quarantine_path}` : ""}`;

const corruptLines = (corrupt: readonly Corrupt[] | undefined, look: Look): string[] =>
  (corrupt ?? []).map((one) => paint(look, "red", corruptLine(one)));

const EVENT_COLUMNS: readonly Column<Event & { when: string }>[] = [
  { head: "when", cell: ({ when }) => when, ink: () => "dim" },
  { head: "event", cell: ({ event_type }) => event_type },
  { head: "job", cell: ({ job_id }) => job_id, ink: () => "cyan" },
  { head: "worker", cell: ({ actor }) => actor, stretch: true },
  { head: "id", cell: ({ event_id }) => event_id, ink: () => "dim" },
];

export const jobEvents: View<{ events: Event[]; corrupt?: Corrupt[]; last_event_id?: string }> = {
  render: ({ events, corrupt }, look) => {
    const rows = events.map((event) => ({ ...event, when: relative(event.occurred_at, look.now) }));
    const shown = look.compact
      ? events.map((one) => `${one.occurred_at} ${one.event_id} ${one.event_type} ${one.job_id} ${one.actor}`)
      : [renderTable(rows, EVENT_COLUMNS, look)];
    return [...(events.length > 0 ? shown : ["no events"]), ...corruptLines(corrupt, look)].join("\n");
  },
  next: ({ events, last_event_id }) => {
    const last = events.at(-1)?.event_id;
    return last === undefined || last === last_event_id ? [] : [`owp job events --after-id ${last}`];
  },
};

interface QueueJob {
  job_id: string;
  job_type: string;
  status: string;
  attempt: number;
  max_attempts: number;
  updated_at: string;
  failure?: { code: string; message?: string };
}

const JOB_COLUMNS: readonly Column<QueueJob & { when: string }>[] = [
  { head: "job", cell: ({ job_id }) => job_id, ink: () => "cyan" },
  { head: "type", cell: ({ job_type }) => job_type },
  { head: "status", cell: ({ status }) => status },
  { head: "attempt", cell: ({ attempt, max_attempts }) => `${attempt} of ${max_attempts}` },
  { head: "changed", cell: ({ when }) => when, ink: () => "dim" },
  {
    head: "failure",
    cell: ({ failure }) => [failure?.code, failure?.message].filter(Boolean).join(": "),
    stretch: true,
  },
];

interface Status {
  ready: boolean;
  projection_lag: { event_count: number; corrupt_record_count: number };
  queue: { jobs: QueueJob[] };
  projections: { degraded_reasons?: string[] };
}

export const jobStatus: View<Status> = {
  render: ({ ready, projection_lag: lag, queue, projections }, look) => {
    const jobs = queue.jobs.map((job) => ({ ...job, when: relative(job.updated_at, look.now) }));
    const head = `${ready ? "ready" : paint(look, "red", "not ready")}: ${lag.event_count} events, ${lag.corrupt_record_count} corrupt records`;
    const table = jobs.length > 0 ? renderTable(jobs, JOB_COLUMNS, look) : "no jobs";
    return [head, ...(projections.degraded_reasons ?? []), table].join("\n");
  },
  next: ({ ready }) => (ready ? [] : ["owp job events"]),
};

/** In the seed's form, and nothing around it. */
export const jobSnapshot: View = {
  render: (snapshot) => JSON.stringify(snapshot, null, 2),
  lines: (snapshot) => [snapshot],
};

export const jobRebuild: View<{ jobs: number; projection_lag: object; corrupt?: Corrupt[] }> = {
  render: ({ corrupt, ...rest }, look) =>
    [renderPlain(rest, look), ...corruptLines(corrupt, look)].join("\n"),
};

export const jobReady: View<{ ready: boolean }> = {
  ...plain,
  next: ({ ready }) => (ready ? [] : ["owp job events"]),
} as View<{ ready: boolean }>;
