/** The fields of an event's payload that projections read. Others are nobody's business here, and pass. */
import type { JobFailure } from "../../generated/types.ts";

/** All of the schema's, and no other. */
const FAILURE_CODES: Record<JobFailure["code"], true> = {
  daemon_unavailable: true,
  provider_unreachable: true,
  session_pending: true,
  lost: true,
  event_stream_unavailable: true,
  terminal_without_transcript: true,
  request_rejected: true,
  projection_degraded: true,
  retry_exhausted: true,
};

/** What a payload may say, once payloadProblem has found nothing wrong with it. */
export interface Payload {
  job_type?: string;
  idempotency_key?: string;
  max_attempts?: number;
  projection_targets?: string[];
  attempt?: number;
  lease_epoch?: number;
  lease_expires_at?: string;
  artifacts?: Record<string, string>;
  failure?: JobFailure;
  projections?: string[];
}

type Rule = readonly [wanted: string, holds: (value: unknown) => boolean];

const isText = (value: unknown): value is string => typeof value === "string" && value !== "";
const isTexts = (value: unknown): boolean => Array.isArray(value) && value.every(isText);
const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === "object" && value !== null && !Array.isArray(value);
const atLeast = (least: number) => (value: unknown) => Number.isSafeInteger(value) && Number(value) >= least;
const isTextMap = (value: unknown): boolean =>
  isObject(value) && Object.values(value).every((one) => typeof one === "string");

function isFailure(value: unknown): boolean {
  if (!isObject(value)) return false;
  const { code, message = "", retryable = false } = value;
  const isKnown = typeof code === "string" && Object.hasOwn(FAILURE_CODES, code);
  return isKnown && typeof message === "string" && typeof retryable === "boolean";
}

const RULES: Record<keyof Payload, Rule> = {
  job_type: ["a text", isText],
  idempotency_key: ["a text", isText],
  max_attempts: ["a whole number from 1", atLeast(1)],
  projection_targets: ["a list of names", isTexts],
  attempt: ["a whole number from 0", atLeast(0)],
  lease_epoch: ["a whole number from 0", atLeast(0)],
  lease_expires_at: ["a text", isText],
  artifacts: ["texts by name", isTextMap],
  failure: [`an object with a code of ${Object.keys(FAILURE_CODES).join(", ")}`, isFailure],
  projections: ["a list of names", isTexts],
};

/** The first field that is not of the form that it must have; undefined where all are. */
export function payloadProblem(payload: Record<string, unknown>): string | undefined {
  for (const [field, [wanted, holds]] of Object.entries(RULES))
    if (payload[field] !== undefined && !holds(payload[field])) return `payload.${field} must be ${wanted}`;
  return undefined;
}
