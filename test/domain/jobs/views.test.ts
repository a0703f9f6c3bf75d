import { describe, expect, it } from "vitest";
import type { State } from "../../../src/core/state.ts";
import { planJobCancel } from "../../../src/domain/jobs/cancel.ts";
import { planJobClaim } from "../../../src/domain/jobs/claim.ts";
import { planJobComplete } from "../../../src/domain/jobs/complete.ts";
import { planJobFail } from "../../../src/domain/jobs/fail.ts";
import { planJobList } from "../../../src/domain/jobs/list.ts";
import { taskIdOf } from "../../../src/domain/jobs/places.ts";
import { planJobShow } from "../../../src/domain/jobs/show.ts";
import { isTerminal, JOB_STATUSES, JOB_STEPS, jobStatusOf } from "../../../src/domain/jobs/statuses.ts";
import { STATES } from "../../../src/domain/tasks/state.ts";
import { stateOfWord } from "../../../src/domain/tasks/words.ts";
import type { JobListInput } from "../../../src/generated/types.ts";
import { expectForm, SEED } from "../../helpers/jobspec.ts";
import { applied, ctx, ended, NOW, ok, record, refused, task } from "../../helpers/record.ts";
import { claim, hash, job, op, queue, SECOND } from "./support.ts";

const LEASE = 60 * SECOND;
const start = queue(
  record(task("aaaa"), ended("bbbb", "done")),
  ...[
    { job_id: "waits" },
    { job_id: "runs", idempotency_key: "k", payload: { a: 1 } },
    { job_id: "late", type: "wiki.build" },
    ...[{ job_id: "done" }, { job_id: "failed" }, { job_id: "gone" }],
  ],
);
const fence = (id: string) => ({ id, token_hash: hash("t"), epoch: 1 });
/** One job in each status but degraded, at NOW + LEASE. */
const all = everyStatus();
function everyStatus(): State {
  let state = claim(start, "t", { op: op(100) }, "late");
  state = claim(state, "t", { now: NOW + LEASE, op: op(101) }, "runs");
  for (const id of ["done", "failed"]) state = claim(state, "t", { op: op(102) }, id);
  state = applied(state, planJobComplete(state, fence("done"), ctx("ada", { op: op(103) })));
  state = applied(state, planJobFail(state, fence("failed"), ctx("ada", { op: op(104) })));
  return applied(state, planJobCancel(state, { id: "gone" }, ctx("ada", { op: op(105) })));
}

const STATUS = {
  ...{ waits: "queued", runs: "running", late: "retry_waiting" },
  ...{ done: "completed", failed: "failed", gone: "cancelled" },
};

describe("D32 D33 a job as JobSpec shows it", () => {
  it.each(Object.entries(STATUS))("%s is %s, and conforms to the seed's schema", (id, status) => {
    const shown = job(all, id, LEASE);
    expect(shown.status).toBe(status);
    expectForm("QueueJobState", shown);
  });

  it("with every field of the seed, of which those without a value are left out", () => {
    const fields = Object.keys(SEED.QueueJobState?.properties);
    const always = fields.filter(
      (one) => !["idempotency_key", "claim_token", "lease_expires_at", "failure"].includes(one),
    );
    expect(Object.keys(job(all, "waits", LEASE)).sort()).toEqual(always.sort());
    const seen = new Set(Object.keys(STATUS).flatMap((id) => Object.keys(job(all, id, LEASE))));
    expect([...seen, "claim_token"].sort()).toEqual(fields.sort());
  });

  it("and the answer to a claim does too, with its token", () => {
    const { claimed } = ok(planJobClaim(start, { token_hash: hash("t") }, ctx("ada"))).result;
    expectForm("QueueJobState", { ...claimed?.job, claim_token: "t" });
    expect(() => expectForm("QueueJobState", { ...claimed?.job, claim_token: null })).toThrow();
  });
});

describe("D49 which status may follow which", () => {
  it("is the seed's table", () => {
    const table = [
      "queued->running|cancelled|failed|degraded",
      "running->completed|failed|cancelled|retry_waiting|degraded",
      "retry_waiting->queued|running|failed|cancelled|degraded",
      ...["completed->", "failed->", "cancelled->"],
      "degraded->queued|running|failed|cancelled",
    ];
    expect(JOB_STATUSES.map((from) => `${from}->${JOB_STEPS[from].join("|")}`)).toEqual(table);
    expect(JOB_STATUSES.filter(isTerminal)).toEqual(["completed", "failed", "cancelled"]);
  });

  it("every state of a task has a status, and every status but those of doubt a state", () => {
    for (const state of STATES) expect(JOB_STATUSES).toContain(jobStatusOf(state));
    for (const status of JOB_STATUSES) {
      const state = stateOfWord(status, "jobspec");
      expect(state && jobStatusOf(state)).toBe(status);
    }
    expect(SEED.JobStatus?.enum).toEqual([...JOB_STATUSES]);
  });
});

describe("a list of jobs", () => {
  const list = (input: JobListInput = {}) =>
    ok(planJobList(all, input, ctx("eve", { now: NOW + LEASE }))).result;

  it.each<[JobListInput, string[]]>([
    [{}, ["waits", "runs", "late"]],
    [{ all: true }, ["waits", "runs", "late", "done", "failed", "gone"]],
    [{ status: ["retry_waiting", "failed"] }, ["late", "failed"]],
    [{ status: ["degraded"] }, []],
    [{ type: "wiki.build", all: true }, ["late"]],
    [{ all: true, offset: 1, limit: 2 }, ["runs", "late"]],
  ])("%j: %j", (input, expected) => {
    const { jobs } = list(input);
    expect(jobs.map(({ job: { job_id } }) => job_id)).toEqual(expected);
    for (const { job: one } of jobs) expect(one).toEqual(job(all, one.job_id, LEASE));
  });

  it("counts all that match", () => {
    expect(list({ all: true, limit: 1 })).toMatchObject({
      total: 6,
      counts: { queued: 1, running: 1, retry_waiting: 1, completed: 1, failed: 1, cancelled: 1 },
    });
  });

  it("of a type that there is not is refused", () => {
    expect(refused(planJobList(all, { type: "nope" }, ctx("eve"))).code).toBe("invalid_input");
  });
});

describe("which job is meant", () => {
  const two = queue(record(task("aaaa")), { job_id: "run-0001" }, { job_id: "walk-0001" }, { job_id: "k9" });
  const found = (id: string) => {
    const plan = planJobShow(two, { id }, ctx("eve"));
    return plan.ok ? plan.result.job.job_id : plan.code;
  };
  it.each<[string, string]>([
    ["run-0001", "run-0001"],
    [" run-0001 ", "run-0001"],
    ["N-0001", "run-0001"],
    ["0001", "task_ambiguous"],
    ["001", "job_unknown"],
    ["k9", "k9"],
    [taskIdOf("k9"), "k9"],
    [taskIdOf("k9").slice(-6), "k9"],
    ["aaaa", "job_unknown"],
    ["constructor", "job_unknown"],
  ])("%j: %s", (typed, expected) => expect(found(typed)).toBe(expected));

  it("an ended one by a part of its id, where no open one fits", () => {
    expect(ok(planJobShow(all, { id: "ailed" }, ctx("eve"))).result.job.job_id).toBe("failed");
  });
});
