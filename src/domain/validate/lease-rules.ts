/** What must hold inside a lease's file: holder and phase, the end of its time, whom it was taken from. */
import { durationMs, ms, spell } from "../../core/time.ts";
import type { Lease } from "../../generated/types.ts";
import { about, type FileRule } from "./file-rule.ts";
import type { Found } from "./rule.ts";

export const LEASE_RULES: readonly FileRule[] = [
  {
    code: "holder_phase",
    severity: "error",
    why: "queued and retry mean that no one holds the task, the other phases that someone does; the two must agree.",
    ...about("Lease", ({ worker, phase }) => {
      const idle = phase === "queued" || phase === "retry";
      if (idle === (worker === null)) return undefined;
      return {
        keys: ["phase"],
        message:
          worker === null
            ? `The phase is ${phase}, and there is no worker.`
            : `The phase is ${phase}, and ${worker} holds it.`,
      };
    }),
  },
  {
    code: "lease_expiry",
    severity: "error",
    why: "expires_at is the last sign of life plus the ttl; a later one would keep a dead holder's task from everyone.",
    ...about("Lease", (lease) => expiryProblem(lease)),
  },
  {
    code: "taken_from_epoch",
    severity: "error",
    why: "A takeover raises the epoch, so what was taken had a smaller one.",
    ...about("Lease", ({ taken_from, epoch }) =>
      taken_from && taken_from.epoch >= epoch
        ? {
            keys: ["taken_from", "epoch"],
            message: `It was taken from epoch ${taken_from.epoch}, and its own epoch is ${epoch}.`,
          }
        : undefined,
    ),
  },
];

function expiryProblem({ worker, ttl, expires_at, claimed_at, renewed_at }: Lease): Found | undefined {
  if (worker === null) {
    if (expires_at === null) return undefined;
    return { keys: ["expires_at"], message: `No one holds the task, and expires_at is ${expires_at}.` };
  }
  if ((ttl === null) !== (expires_at === null)) {
    return {
      keys: ["expires_at"],
      message: "ttl and expires_at are either both null (it does not expire) or both set.",
    };
  }
  const began = Math.max(...[claimed_at, renewed_at].map(ms).filter((moment) => !Number.isNaN(moment)));
  if (ttl === null || !Number.isFinite(began)) return undefined;
  const over = ms(expires_at) - began - durationMs(ttl);
  if (over <= 0) return undefined;
  return {
    keys: ["expires_at"],
    message: `The lease stands ${spell(over)} longer than its ttl of ${ttl} allows.`,
  };
}
