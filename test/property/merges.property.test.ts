import { expect, test } from "vitest";
import type { Plan } from "../../src/core/operation.ts";
import type { State } from "../../src/core/state.ts";
import { iso } from "../../src/core/time.ts";
import { planSettle } from "../../src/domain/merges/settle.ts";
import { planClaim } from "../../src/domain/tasks/claim.ts";
import { planDone } from "../../src/domain/tasks/done.ts";
import { planRequeue } from "../../src/domain/tasks/requeue.ts";
import type { Mention } from "../../src/generated/types.ts";
import { fc } from "../helpers/chance.ts";
import * as r from "../helpers/record.ts";
import { leaseIn, MINUTE, NOW, taskIn, tid } from "../helpers/record.ts";

const TASKS = ["k3f9", "m2x7"] as const;

/** What happens next: a push of one commit that names a task, or takes it back; or a person's act. */
const steps = fc.array(
  fc.record({
    what: fc.constantFrom("merge", "revert", "done", "requeue", "claim"),
    task: fc.constantFrom(...TASKS),
    who: fc.constantFrom("ada", "max"),
  }),
  { minLength: 1, maxLength: 25 },
);

const epochOf = (state: State, short: string): number =>
  leaseIn(state, short)?.epoch ?? taskIn(state, short)?.outcome?.epoch ?? 0;

test("a history that was settled push by push is read again, all of it or any part, and changes nothing", () => {
  const counts = { merged: 0, reopened: 0, again: 0 };
  fc.assert(
    fc.property(steps, fc.nat(24), fc.nat(24), (history, from, length) => {
      let state = r.record(
        r.policy({ merge: { reverts_reopen: true } }),
        ...TASKS.map((short) => r.task(short)),
      );
      const commits: Mention[] = [];
      const settle = (merged: Mention[], now: number) => planSettle(state, { merged }, r.ctx("max", { now }));
      for (const [n, { what, task, who }] of history.entries()) {
        const now = NOW + n * MINUTE;
        const ctx = r.ctx(who, { now, op: `01kjm00000000000000000000${"abcdefghjkmnpqrstvwxyz0123"[n]}` });
        const before = TASKS.map((short) => epochOf(state, short));
        let plan: Plan;
        if (what === "merge" || what === "revert") {
          const mention: Mention = { task: tid(task), commit: String(n).padStart(40, "0"), at: iso(now) };
          commits.push(what === "revert" ? { ...mention, reverts: true } : mention);
          const settled = settle(commits.slice(-1), now + 1000);
          counts.merged += r.ok(settled).result.merged.length;
          counts.reopened += r.ok(settled).result.reopened.length;
          plan = settled;
        } else if (what === "done") plan = planDone(state, { id: task, force: true }, ctx);
        else
          plan =
            what === "claim" ? planClaim(state, { id: task }, ctx) : planRequeue(state, { id: task }, ctx);
        if (plan.ok && plan.changes.length > 0) state = r.applied(state, plan);
        for (const [at, short] of TASKS.entries())
          expect(epochOf(state, short)).toBeGreaterThanOrEqual(before[at] ?? 0);
      }
      const later = NOW + 1000 * MINUTE;
      for (const part of [commits, commits.slice(from, from + length + 1)]) {
        const again = r.ok(settle(part, later));
        counts.again += part.length;
        expect([again.changes, again.result.merged, again.result.reopened]).toEqual([[], [], []]);
      }
    }),
    { numRuns: 400 },
  );
  for (const count of Object.values(counts)) expect(count).toBeGreaterThan(100);
});
