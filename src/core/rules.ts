/** The policy with every default filled in. The defaults stand here and nowhere else. */
import type { Policy } from "../generated/types.ts";
import type { Rules } from "./snapshot.ts";
import { durationMs } from "./time.ts";

/** The protocol this version writes; it reads every minor version of the same major one. */
export const PROTOCOL = "1.0";

/** false: a newer (or unknown) major version, which must not be interpreted. */
export function readsProtocol(protocol: string): boolean {
  return protocol.split(".")[0] === PROTOCOL.split(".")[0];
}

/** Before a record has a policy of its own. */
export const BARE_POLICY: Policy = { kind: "Policy", protocol: PROTOCOL };

const length = (text: string | undefined, fallback: string) => durationMs(text ?? fallback);

/** Defaults: DESIGN section 6 (leases) and FEATURES A03, A20, D34 (jobs). */
export function rulesOf(policy: Policy): Rules {
  const { leases = {}, attempts = {}, worker_defaults = {}, merge = {}, jobs = {} } = policy;
  return Object.freeze({
    protocol: policy.protocol,
    lease_ms: {
      agent: length(leases.agent, "4h"),
      human: length(leases.human, "24h"),
      system: length(leases.system, "4h"),
    },
    heartbeat_timeout_ms: length(leases.heartbeat_timeout, "15m"),
    max_skew_ms: length(leases.max_skew, "5m"),
    max_attempts: attempts.max ?? 5,
    backoff_ms: length(attempts.backoff, "0s"),
    backoff_cap_ms: length(attempts.backoff_cap, "1h"),
    registration: policy.registration ?? "open",
    default_trust: policy.default_trust ?? "basic",
    capacity_points: worker_defaults.capacity_points ?? 5,
    max_concurrent_tasks: worker_defaults.max_concurrent_tasks ?? 2,
    max_estimate: policy.max_estimate ?? 5,
    merge_closes: merge.closes ?? true,
    reverts_reopen: merge.reverts_reopen ?? false,
    jobs: {
      lease_ms: length(jobs.lease, "60s"),
      max_attempts: jobs.max_attempts ?? 3,
      backoff_ms: length(jobs.backoff, "0s"),
      backoff_cap_ms: length(jobs.backoff_cap, "1h"),
      types: jobs.types ?? [],
    },
    signals: policy.signals ?? "refs",
    runs: policy.runs ?? "packets",
    raised: new Set(
      Object.entries(policy.warnings ?? {}).flatMap(([code, severity]) =>
        severity === "error" ? [code] : [],
      ),
    ),
  });
}
