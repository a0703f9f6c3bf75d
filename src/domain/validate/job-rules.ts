/** What must hold of jobs: inside a file, across the record, and from one commit to the next (JobSpec v0; FEATURES D37–D58). */
import { pathOf } from "../../core/paths.ts";
import { readRecords } from "../jobs/event.ts";
import { keyIdOf, taskIdOf } from "../jobs/places.ts";
import { JOB_STEPS, type JobStatus, jobStatusOf } from "../jobs/statuses.ts";
import { ANY, type CommitRule, eachStep, OWN } from "./commit-rule.ts";
import type { CommitView, Side } from "./commit-view.ts";
import { about, type FileRule } from "./file-rule.ts";
import type { RecordView } from "./record-view.ts";
import type { Found, Rule } from "./rule.ts";
import { storedState } from "./stored-state.ts";

export const JOB_FILE_RULES: readonly FileRule[] = [
  {
    code: "job_place",
    severity: "error",
    why: "A job's task has an id that is made from the job's, so that a job_id has one path and one job.",
    ...about("Task", ({ id, job }) =>
      job && taskIdOf(job.job_id) !== id
        ? {
            keys: ["job", "job_id"],
            message: `The job ${job.job_id} belongs at ${pathOf("Task", taskIdOf(job.job_id))}.`,
          }
        : undefined,
    ),
  },
];

export const JOB_RECORD_RULES: readonly Rule<RecordView>[] = [
  {
    code: "job_key",
    severity: "error",
    kinds: ["JobKey", "Task"],
    why: "An idempotency key leads to its job and back; where it does not, a request that is sent again could make a second job.",
    check: keysAndJobs,
  },
  {
    code: "job_lease",
    severity: "error",
    kinds: ["Lease", "Task"],
    why: "A claimed job has a fence (the hash of its claim token), and a task has none; without one, nobody can finish the job.",
    check: jobLeases,
  },
];

function* keysAndJobs({ tasks, jobKeys, exists }: RecordView): Iterable<Found> {
  for (const [id, task] of jobKeys) {
    const key = tasks.get(task)?.job?.key;
    if ((key !== undefined && keyIdOf(key) === id) || (!tasks.has(task) && exists("Task", task))) continue;
    const message = `It leads to ${task}, which is no job with this key.`;
    yield { path: pathOf("JobKey", id), keys: ["task"], message };
  }
  for (const { id, job } of tasks.values()) {
    if (job?.key === undefined || exists("JobKey", keyIdOf(job.key))) continue;
    const message = `Nothing leads from its key to the job: there is no ${pathOf("JobKey", keyIdOf(job.key))}.`;
    yield { path: pathOf("Task", id), keys: ["job", "idempotency_key"], message };
  }
}

function* jobLeases({ tasks, leases }: RecordView): Iterable<Found> {
  for (const [id, lease] of leases) {
    const task = tasks.get(id);
    if (!task || task.broken || "broken" in lease) continue;
    const message =
      task.job && lease.worker && !lease.job
        ? `${lease.worker} holds a job, and there is no claim token's hash.`
        : !task.job && lease.job
          ? "It is the lease of a task that is no job."
          : undefined;
    if (message) yield { path: pathOf("Lease", id), keys: ["job"], message };
  }
}

/** What is as it was accepted. */
const FIXED = [
  "job_id",
  "type",
  "payload",
  "idempotency_key",
  "projection_targets",
  "accepted_event_id",
] as const;

export const JOB_COMMIT_RULES: readonly CommitRule[] = [
  {
    code: "job_record",
    severity: "error",
    kinds: ["Task", "Lease"],
    on: ["operation"],
    why: "What happened to jobs is read from the Owp-Job trailers; while one of them cannot be read, the job ledger is not ready.",
    check: corruptRecords,
  },
  {
    code: "job_changed",
    severity: "error",
    kinds: ["Task"],
    on: ANY,
    why: "A job is what was accepted: its type, payload, key and attempts do not change, and requests are only added.",
    check: eachStep(({ before, after }) => {
      const [was, is] = [before.task?.job, after.task?.job];
      if (!before.task || !after.task || (!was && !is)) return;
      if (!was || !is)
        return {
          on: "Task",
          keys: ["job"],
          message: `The task ${was ? "was" : "became"} a job; that does not change.`,
        };
      const field = FIXED.find((one) => !same(was[one], is[one]));
      if (field) return { on: "Task", keys: ["job", field], message: `The job's ${field} changed.` };
      if (before.task.max_attempts !== after.task.max_attempts)
        return { on: "Task", keys: ["max_attempts"], message: "The job's max_attempts changed." };
      if (same(was.request_ids, is.request_ids.slice(0, was.request_ids.length))) return;
      return {
        on: "Task",
        keys: ["job", "request_ids"],
        message: "The job's request_ids lost some, or their order.",
      };
    }),
  },
  {
    code: "job_reopened",
    severity: "error",
    kinds: ["Task"],
    on: ANY,
    why: "A job ends once: the first end stands, and other work is another job.",
    check: eachStep(({ before, after }) => {
      const [from, to] = [before.task, after.task];
      if (!from?.job || !before.ended || !to) return;
      if (from.status === to.status && same(from.job, to.job)) return;
      return {
        on: "Task",
        keys: ["status"],
        message: `The job had ended as ${from.status}, and was changed.`,
      };
    }),
  },
  {
    code: "job_step",
    severity: "error",
    kinds: ["Task", "Lease"],
    on: OWN,
    butRepairs: true,
    why: "What may follow a job's status is one table (docs/state-machines.md); a job that no one claimed cannot be complete, for instance.",
    check: eachStep(({ before, after }) => {
      if (!before.task?.job || !after.task?.job || before.ended) return;
      const [from, to] = [statusOf(before), statusOf(after)];
      if (!from || !to || from === to || JOB_STEPS[from].includes(to)) return;
      return { on: "Task", keys: ["status"], message: `The job went from ${from} to ${to}.` };
    }),
  },
  {
    code: "job_fence",
    severity: "error",
    kinds: ["Lease"],
    on: OWN,
    butRepairs: true,
    why: "Each claim of a job has an epoch, an attempt and a token of its own, and nothing else changes them: a stale worker is told by them.",
    check: eachStep(({ before, after }) => {
      const [was, is] = [before.lease, after.lease];
      if (!after.task?.job || !is?.job) return;
      const isClaim = is.epoch > before.epoch;
      const isSameToken = was?.job?.token_hash === is.job.token_hash;
      if (isClaim === isSameToken) {
        const message = isClaim
          ? `Epoch ${is.epoch} has the token of epoch ${was?.epoch}.`
          : `The token of epoch ${is.epoch} was changed.`;
        return { on: "Lease", keys: ["job", "token_hash"], message };
      }
      const attempt = (was?.attempt ?? 0) + (isClaim ? 1 : 0);
      if (is.attempt === attempt) return;
      const message = `The attempt is ${is.attempt}, and it is ${attempt} by the claims.`;
      return { on: "Lease", keys: ["attempt"], message };
    }),
  },
  {
    code: "job_command",
    severity: "error",
    kinds: ["Task", "Lease"],
    on: ["operation"],
    why: "Jobs are given out and ended by owp job alone, which asks for the claim token; other commands do not.",
    check: eachStep(({ before, after }, { commit, repair }) => {
      const event = commit.entry?.event ?? "";
      if (!after.task?.job || repair || event.startsWith("job.")) return;
      if (same(before.lease, after.lease) && before.task?.status === after.task.status) return;
      return { on: "Task", keys: ["job"], message: `${event} gave out or ended a job.` };
    }),
  },
];

function* corruptRecords({ commit }: CommitView): Iterable<Found> {
  const { oid, at_ms, entry, jobRecords: values = [] } = commit;
  if (!entry) return;
  const records = readRecords({ commit: oid, at_ms, op: entry.op, actor: entry.actor, values });
  for (const [index, record] of records.entries())
    if ("error" in record)
      yield { message: `Record ${index + 1} of the job ledger in this commit is corrupt: ${record.error}.` };
}

const same = (a: unknown, b: unknown): boolean => JSON.stringify(a) === JSON.stringify(b);

/** Without a clock: a lease that ran out still reads as it was written. */
function statusOf(side: Side): JobStatus | undefined {
  const state = storedState(side);
  return state && jobStatusOf(state);
}
