/**
 * When a job whose lease ran out may be claimed again. At once by default, as JobSpec has it; with a backoff, after a
 * random part of a length that doubles with each attempt. The part is drawn from the job and the attempt alone, so
 * every clone finds the same moment.
 */
import { sha256 } from "../../core/sha256.ts";
import type { JobRules } from "../../core/snapshot.ts";

const DOUBLINGS_LIMIT = 30;
const HEX_DIGITS = 8;

/** ms since 1970. attempt: the one that ended, from 1. */
export function retryAt(rules: JobRules, jobId: string, attempt: number, expiredAt: number): number {
  if (rules.backoff_ms === 0) return expiredAt;
  const doublings = Math.min(Math.max(0, attempt - 1), DOUBLINGS_LIMIT);
  const longest = Math.min(rules.backoff_ms * 2 ** doublings, rules.backoff_cap_ms);
  const part = Number.parseInt(sha256(`${jobId} ${attempt}`).slice(0, HEX_DIGITS), 16) / 16 ** HEX_DIGITS;
  return expiredAt + Math.floor(part * longest);
}
