/** The fencing of DESIGN section 6 as history must show it: epochs never decrease, and each has one holder and one end. */
import { ANY, type CommitRule, eachStep, OWN } from "./commit-rule.ts";
import { ends, isMerge } from "./merge-rules.ts";

export const EPOCH_RULES: readonly CommitRule[] = [
  {
    code: "epoch_decreased",
    severity: "error",
    kinds: ["Lease", "Task"],
    on: ANY,
    why: "The epoch is the fencing token: turned back, a holder who lost the task long ago could finish it again.",
    check: eachStep(
      ({ before, after }) => {
        if (
          !after.exists ||
          after.broken ||
          after.epoch >= before.epoch ||
          (before.lease && !after.lease && !after.ended)
        )
          return;
        const now = after.epoch === 0 ? "no file holds it any more" : `it is ${after.epoch} now`;
        return {
          on: after.lease ? "Lease" : "Task",
          keys: after.lease ? ["epoch"] : ["outcome", "epoch"],
          message: `The epoch was ${before.epoch} and ${now}; it never decreases, through release, requeue and reopening too.`,
        };
      },
      { evenBroken: true },
    ),
  },
  {
    code: "lease_removed",
    severity: "error",
    kinds: ["Lease", "Task"],
    on: ANY,
    why: "A lease goes only when the task ends, since its epoch then lives in the outcome; a release leaves the file with no holder.",
    check: eachStep(({ before, after }) => {
      if (!before.lease || after.lease || after.ended || !after.exists) return;
      const message = `The lease is gone and the task has not ended, so epoch ${before.epoch} is lost; release leaves the file with worker: null.`;
      return { on: "Lease", message };
    }),
  },
  {
    code: "holder_same_epoch",
    severity: "error",
    kinds: ["Lease"],
    on: ANY,
    why: "Each change of holder adds one to the epoch; two holders of one epoch could both finish the task.",
    check: eachStep(({ before, after }) => {
      const from = before.lease?.worker ?? null;
      const to = after.lease?.worker ?? null;
      if (to === null || to === from || after.epoch !== before.epoch) return;
      const message = `The holder went from ${from ?? "no one"} to ${to} at the same epoch ${after.epoch}; a new holder has a new epoch.`;
      return { on: "Lease", keys: ["worker"], message };
    }),
  },
  {
    code: "epoch_jump",
    severity: "error",
    kinds: ["Lease", "Task"],
    on: OWN,
    butRepairs: true,
    why: "One act adds at most one to the epoch, so that the numbers tell how often a task changed hands.",
    check: eachStep(({ before, after }) => {
      if (!before.exists || after.epoch <= before.epoch + 1) return;
      const message = `The epoch went from ${before.epoch} to ${after.epoch}; one act adds at most one.`;
      return after.lease
        ? { on: "Lease", keys: ["epoch"], message }
        : { on: "Task", keys: ["outcome", "epoch"], message };
    }),
  },
  {
    code: "outcome_epoch",
    severity: "error",
    kinds: ["Task", "Lease"],
    on: OWN,
    why: "A task ends under the epoch of its live lease; only a maintainer's forced act, or a merge, ends it under the next one.",
    check: eachStep((step, view) => {
      const { before, after } = step;
      if (!ends(step) || view.byMaintainer || isMerge(view) || after.epoch !== before.epoch + 1) return;
      const message = `The outcome has epoch ${after.epoch} and the lease had ${before.epoch}; only a maintainer's forced act adds one.`;
      return { on: "Task", keys: ["outcome", "epoch"], message };
    }),
  },
  {
    code: "outcome_rewritten",
    severity: "error",
    kinds: ["Task"],
    on: ANY,
    why: "There is at most one accepted completion for an epoch; it is not rewritten afterwards, requeue opens the task again.",
    check: eachStep(({ before, after }) => {
      const [was, is] = [before.task?.outcome, after.task?.outcome];
      if (!was || !is || before.task?.status !== after.task?.status || is.epoch !== was.epoch) return;
      const field = (["worker", "at", "attempt", "by", "merged_as"] as const).find(
        (one) => (was[one] ?? null) !== (is[one] ?? null),
      );
      if (!field) return;
      return {
        on: "Task",
        keys: ["outcome", field],
        message: `The outcome's ${field} was ${was[field] ?? "empty"} and is ${is[field] ?? "empty"} now.`,
      };
    }),
  },
];
