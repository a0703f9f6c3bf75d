/**
 * Events of the job ledger (JobSpec's LedgerEvent; FEATURES D60–D68), read from the trailers of operations' commits. A
 * trailer is one record: `Owp-Job: <event_type> <JSON of one line>`, with job_id, request_id and payload in the JSON; the
 * rest of the event is the commit's. A record that cannot be read is corrupt: it is told, and stops nothing.
 */
import { iso } from "../../core/time.ts";
import { payloadProblem } from "./payload.ts";

/** The trailer of a record. */
export const JOB_TRAILER = "Owp-Job";

/** A larger record is not read (FEATURES D68). */
export const RECORD_LIMIT_BYTES = 16 * 1024 * 1024;
/** So much of a corrupt record is kept beside its error. */
const RAW_LIMIT = 64 * 1024;

export const EVENT_TYPES = [
  "job.accepted",
  "job.claimed",
  "job.heartbeat",
  "job.lease_expired",
  "job.completed",
  "job.failed",
  "job.cancelled",
  "projection.marked_stale",
  "projection.rebuilt",
] as const;
export type EventType = (typeof EVENT_TYPES)[number];

export interface JobEvent {
  schema_version: 1;
  event_id: string;
  request_id: string;
  job_id: string;
  event_type: EventType;
  /** ISO 8601: the commit's time. */
  occurred_at: string;
  actor: string;
  payload?: Record<string, unknown>;
}

/** A commit of an operation, with what its trailers of this kind say, in order. */
export interface SourceCommit {
  commit: string;
  /** ms since 1970 by the committer's clock; 0 where that is no time. */
  at_ms: number;
  /** The operation's id. */
  op: string;
  actor: string;
  values: readonly string[];
}

/** One record of the ledger: an event, one of a type that this owp does not know, or a corrupt one and why it is. */
export type JobRecord = { commit: string } & (
  | { event: JobEvent }
  | { unknown: string }
  | { error: string; raw: string }
);

const FORM = /^([a-z_]+(?:\.[a-z_]+)+)(?: (.*))?$/s;
const SAFE_ID = /^evt_[A-Za-z0-9_-]{1,80}$/;

/** The records of one commit, in order. */
export function readRecords(source: SourceCommit): JobRecord[] {
  return source.values.map((value, index) => {
    const read = readRecord(source, value, index);
    if (typeof read !== "string") return { commit: source.commit, ...read };
    return { commit: source.commit, error: read, raw: value.slice(0, RAW_LIMIT) };
  });
}

/** The event's id: of the operation, and from the second record of a commit on numbered. index: from 0. */
export const eventId = (op: string, index: number): string =>
  index === 0 ? `evt_${op}` : `evt_${op}_${index}`;

/** A text says why the record is corrupt. */
function readRecord(
  source: SourceCommit,
  value: string,
  index: number,
): { event: JobEvent } | { unknown: string } | string {
  if (isOversize(value)) return `the record is larger than ${RECORD_LIMIT_BYTES} bytes`;
  const [, event_type, json] = FORM.exec(value) ?? [];
  if (event_type === undefined) return "event_type is missing: a record begins with it";
  if (json === undefined) return "the record ends after its event_type";
  const body = parseObject(json);
  if (typeof body === "string") return body;
  const { schema_version = 1, job_id, request_id, payload } = body;
  if (schema_version !== 1) return `schema_version is ${JSON.stringify(schema_version)}; only 1 can be read`;
  if (!isEventType(event_type)) return { unknown: event_type };
  if (source.at_ms <= 0) return "occurred_at is no time: the commit's date cannot be read";
  const event_id = eventId(source.op, index);
  if (!SAFE_ID.test(event_id)) return `event_id ${JSON.stringify(event_id.slice(0, 100))} is not safe`;
  const wrong = wordProblem("job_id", job_id) ?? wordProblem("request_id", request_id);
  if (wrong) return wrong;
  if (payload !== undefined && !isObject(payload)) return "payload must be an object";
  const inside = payloadProblem(payload ?? {});
  if (inside) return inside;
  const event: JobEvent = {
    schema_version: 1,
    event_id,
    request_id: request_id as string,
    job_id: job_id as string,
    event_type,
    occurred_at: iso(source.at_ms),
    actor: source.actor,
  };
  if (payload !== undefined) event.payload = payload;
  return { event };
}

function parseObject(json: string): Record<string, unknown> | string {
  try {
    const value: unknown = JSON.parse(json);
    return isObject(value) ? value : "the record is no JSON object";
  } catch {
    return "the record is no JSON: it is garbled or cut off";
  }
}

/** A character has at most three bytes, so that most texts need not be encoded to be measured. */
const isOversize = (text: string): boolean =>
  text.length * 3 > RECORD_LIMIT_BYTES && new TextEncoder().encode(text).length > RECORD_LIMIT_BYTES;

const isEventType = (text: string): text is EventType => (EVENT_TYPES as readonly string[]).includes(text);

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === "object" && value !== null && !Array.isArray(value);

function wordProblem(field: string, value: unknown): string | undefined {
  if (value === undefined) return `${field} is missing`;
  if (typeof value === "string" && /^\S+$/.test(value)) return undefined;
  return `${field} must be a text without white space`;
}
