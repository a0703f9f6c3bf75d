/**
 * The fold of the job ledger. It goes on from any earlier state, and comes to the same as from the beginning (FEATURES D81).
 * No record can stop it: a corrupt one is listed, an unknown one passed over, one that is there twice counts once.
 */
import type { EventType, JobEvent, JobRecord } from "../event.ts";
import type { Payload } from "../payload.ts";
import { isProjection, PROJECTIONS, type ProjectionName, targetsOf } from "./names.ts";
import type { CorruptRecord, Job, LedgerState } from "./state.ts";

/** JobSpec's default (FEATURES D34). */
const MAX_ATTEMPTS = 3;

/** The state after these records, which follow those that made the given one. */
export function fold(state: LedgerState, records: Iterable<JobRecord>): LedgerState {
  const jobs = new Map(state.jobs);
  const events = new Map(state.events);
  const corrupt: CorruptRecord[] = [...state.corrupt];
  const stale = new Set(state.stale);
  let { lines, last_event_id } = state;
  for (const record of records) {
    lines += 1;
    if ("error" in record) corrupt.push({ line_number: lines, error: record.error, commit: record.commit });
    if (!("event" in record) || events.has(record.event.event_id)) continue;
    const { event } = record;
    events.set(event.event_id, record.commit);
    last_event_id = event.event_id;
    const mark = MARKS[event.event_type];
    if (mark) for (const name of namedIn(event)) mark(stale, name);
    else take(jobs, event);
  }
  const kept = PROJECTIONS.filter((name) => stale.has(name));
  return { jobs, events, corrupt, lines, stale: kept, ...(last_event_id !== undefined && { last_event_id }) };
}

const MARKS: Partial<Record<EventType, (stale: Set<ProjectionName>, name: ProjectionName) => void>> = {
  "projection.marked_stale": (stale, name) => stale.add(name),
  "projection.rebuilt": (stale, name) => stale.delete(name),
};

/** The projections that an event names; all, where it names none (FEATURES D80). */
const namedIn = ({ payload }: JobEvent): readonly ProjectionName[] =>
  (payload as Payload | undefined)?.projections?.filter(isProjection) ?? PROJECTIONS;

function take(jobs: Map<string, Job>, event: JobEvent): void {
  const before = jobs.get(event.job_id) ?? begin(event);
  if (before.ended) return;
  const said = (event.payload ?? {}) as Payload;
  // What a holder says whose lease has passed on changes nothing.
  if ((said.lease_epoch ?? before.lease_epoch) < before.lease_epoch) return;
  const told = STEPS[event.event_type]?.(before, said) ?? {};
  jobs.set(event.job_id, {
    ...before,
    ...told,
    request_ids: before.request_ids.includes(event.request_id)
      ? before.request_ids
      : [...before.request_ids, event.request_id],
    updated_at: event.occurred_at,
    last_event_id: event.event_id,
  });
}

const begin = ({ job_id, request_id, occurred_at, event_id }: JobEvent): Job => ({
  job_id,
  request_id,
  request_ids: [],
  attempt: 0,
  max_attempts: MAX_ATTEMPTS,
  lease_epoch: 0,
  created_at: occurred_at,
  updated_at: occurred_at,
  last_event_id: event_id,
});

type Step = (job: Job, said: Payload) => Partial<Job>;

const STEPS: Partial<Record<EventType, Step>> = {
  "job.accepted": (job, said) => {
    if (job.job_type !== undefined) return {}; // It is accepted once.
    const targets = said.projection_targets?.filter(isProjection) ?? targetsOf(said.job_type);
    return {
      ...(said.job_type !== undefined && { job_type: said.job_type }),
      ...(said.idempotency_key !== undefined && { idempotency_key: said.idempotency_key }),
      ...(said.max_attempts !== undefined && { max_attempts: said.max_attempts }),
      projection_targets: targets,
    };
  },
  "job.claimed": (job, said) => ({
    attempt: said.attempt ?? job.attempt + 1,
    lease_epoch: said.lease_epoch ?? job.lease_epoch + 1,
    lease: leaseOf(said),
  }),
  "job.heartbeat": (job, said) => ({
    ...held(job, said),
    lease: said.lease_expires_at === undefined ? (job.lease ?? {}) : leaseOf(said),
  }),
  "job.lease_expired": (job, said) => ({
    ...held(job, said),
    ...(said.attempt !== undefined && { attempt: said.attempt }),
    lease: { ...job.lease, over: true },
  }),
  "job.completed": (job, said) => ({ ...held(job, said), ended: "completed" }),
  "job.failed": (job, said) => ({
    ...held(job, said),
    ended: "failed",
    failure: said.failure ?? { code: "request_rejected" },
  }),
  "job.cancelled": (job, said) => ({ ...held(job, said), ended: "cancelled" }),
};

const leaseOf = ({ lease_expires_at }: Payload): Job["lease"] =>
  lease_expires_at === undefined ? {} : { expires_at: lease_expires_at };

/** What the holder of a lease says of it, and brings. */
const held: Step = (job, said) => ({
  lease_epoch: said.lease_epoch ?? job.lease_epoch,
  ...(said.artifacts && { artifacts: { ...job.artifacts, ...said.artifacts } }),
});
