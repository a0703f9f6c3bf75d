/** How the phases of a lease read at a moment: asked of the code, state by state. */
import { BARE_POLICY, rulesOf } from "../../src/core/rules.ts";
import type { OpenTask } from "../../src/core/snapshot.ts";
import { iso } from "../../src/core/time.ts";
import { type Moment, stateOf } from "../../src/domain/tasks/state.ts";
import type { Lease } from "../../src/generated/types.ts";
import { code, table } from "./markdown.ts";

const NOW = Date.UTC(2026, 0, 1);
const rules = rulesOf(BARE_POLICY);
const TASK = "t_00000000000000000000000000";

/** Who holds a task in this phase; null: no one. */
const PHASES: Record<Lease["phase"], "ada" | null> = {
  in_progress: "ada",
  blocked: "ada",
  pr_opened: "ada",
  queued: null,
  retry: null,
};
/** Columns: how long ago the lease ended, and how long its holder's heartbeat has stood still. */
const MOMENTS: readonly { head: string; endedMs: number; silentMs?: number }[] = [
  { head: "within its time", endedMs: -rules.lease_ms.agent },
  { head: "just over, within the allowed skew", endedMs: rules.max_skew_ms },
  { head: "over", endedMs: rules.max_skew_ms + 1 },
  { head: "heartbeat seen, and silent since", endedMs: -1, silentMs: rules.heartbeat_timeout_ms + 1 },
];

export function phaseTable(): string {
  const rows = (Object.keys(PHASES) as Lease["phase"][]).map((phase) => [
    code(phase),
    PHASES[phase] ? "a worker" : "none",
    ...MOMENTS.map(({ endedMs, silentMs }) => code(read(phase, endedMs, silentMs))),
  ]);
  return table(["phase", "holder", ...MOMENTS.map(({ head }) => head)], rows);
}

function read(phase: Lease["phase"], endedMs: number, silentMs: number | undefined): string {
  const worker = PHASES[phase];
  const lease: Lease = {
    kind: "Lease",
    task: TASK,
    worker,
    epoch: 1,
    attempt: 1,
    phase,
    ttl: worker && "4h",
    expires_at: worker && iso(NOW - endedMs),
  };
  const silence = new Map(silentMs === undefined ? [] : [[`ada ${TASK} 1`, silentMs] as const]);
  const at: Moment = { now: NOW, rules, silence };
  return stateOf({ ...OPEN, lease }, at);
}

const OPEN: OpenTask = {
  id: TASK,
  title: "A task",
  repo: "web",
  status: "ready",
  priority: 50,
  estimate: 1,
  tier: 0,
  skills: [],
  labels: [],
  blocked_by: [],
  created_at: iso(NOW),
  epoch_floor: 0,
};
