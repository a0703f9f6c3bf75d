/** How far the projections are, and whether they can be relied on (FEATURES D01–D03, D72, D73, D95). */
import { type Refusal, refuse } from "../../../core/refusal.ts";
import { iso } from "../../../core/time.ts";
import type { LedgerState } from "./state.ts";

/** The seed's texts. */
export const CORRUPT_REASON = "read-only ledger replay observed corrupt records";
export const IGNORED_REASON = "ignored stale projection snapshot";

export type ProjectionStatus = "current" | "stale" | "degraded";

export interface ProjectionLag {
  last_event_id?: string;
  event_count: number;
  corrupt_record_count: number;
  degraded: boolean;
}

export function lagOf({ last_event_id, events, corrupt }: LedgerState): ProjectionLag {
  return {
    ...(last_event_id !== undefined && { last_event_id }),
    event_count: events.size,
    corrupt_record_count: corrupt.length,
    degraded: corrupt.length > 0,
  };
}

/** Why not all is as it should be. ignored: why a state that was kept could not be used; it was made again. */
export const reasonsOf = ({ corrupt }: LedgerState, ignored?: string): string[] => [
  ...(corrupt.length > 0 ? [CORRUPT_REASON] : []),
  ...(ignored === undefined ? [] : [`${IGNORED_REASON}: ${ignored}`]),
];

/** A list only where there is something in it. */
export const degradedReasons = (reasons: readonly string[]): { degraded_reasons?: string[] } =>
  reasons.length > 0 ? { degraded_reasons: [...reasons] } : {};

export interface Ready {
  ready: boolean;
  ledger_replay_status: "complete" | "corrupt";
  projection_status: ProjectionStatus;
  projection_lag: ProjectionLag;
  degraded_reasons?: string[];
}

/** What the answer to a change says of the projections. */
export type ProjectionsTold = Pick<Ready, "projection_status" | "projection_lag" | "degraded_reasons">;

/** They could not be read, so that nothing was counted. */
export const degradedBy = (why: string): ProjectionsTold => ({
  projection_status: "degraded",
  projection_lag: { event_count: 0, corrupt_record_count: 0, degraded: true },
  degraded_reasons: [`the job ledger could not be read: ${why}`],
});

export function readyOf(state: LedgerState, reasons: readonly string[]): Ready {
  const projection_lag = lagOf(state);
  const { degraded } = projection_lag;
  return {
    ready: !degraded,
    ledger_replay_status: degraded ? "corrupt" : "complete",
    projection_status: degraded ? "degraded" : state.stale.length > 0 ? "stale" : "current",
    projection_lag,
    ...degradedReasons(reasons),
  };
}

/** The refusal of what needs a whole ledger; its data is the seed's OpenClawDaemonNotReady. */
export function verifyReady({ ready, projection_lag, degraded_reasons }: Ready): Refusal | undefined {
  if (ready) return undefined;
  const { corrupt_record_count: count } = projection_lag;
  const records =
    count === 1 ? "1 record of the job ledger is corrupt" : `${count} records of the job ledger are corrupt`;
  return refuse("jobs_not_ready", `${records}, so what the jobs' projections show may lack something.`, {
    data: {
      error: "daemon is not ready",
      projection_lag,
      ...(degraded_reasons && { degraded_reasons }),
    },
  });
}

/** That the process answers: nothing else. */
export const healthOf = (now: number): object => ({
  status: "ok",
  daemon: "agentopsd",
  read_only: true,
  now: iso(now),
});
