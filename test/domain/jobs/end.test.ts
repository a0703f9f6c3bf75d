import { describe, expect, it } from "vitest";
import type { Ctx, Plan } from "../../../src/core/operation.ts";
import { pathOf } from "../../../src/core/paths.ts";
import type { Snapshot } from "../../../src/core/snapshot.ts";
import { planJobCancel } from "../../../src/domain/jobs/cancel.ts";
import { planJobComplete } from "../../../src/domain/jobs/complete.ts";
import { planJobFail } from "../../../src/domain/jobs/fail.ts";
import { planJobHeartbeat } from "../../../src/domain/jobs/heartbeat.ts";
import { taskIdOf } from "../../../src/domain/jobs/places.ts";
import type { JobShown } from "../../../src/domain/jobs/show.ts";
import {
  applied,
  at,
  code,
  ctx,
  NOW,
  ok,
  policy,
  record,
  refused,
  task,
  worker,
} from "../../helpers/record.ts";
import { claim, events, fileOf, hash, job, leaseOf, op, queue, SECOND, withJobs } from "./support.ts";

const LEASE = 60 * SECOND;
interface Input {
  id: string;
  token_hash: string;
  epoch: number;
  artifacts?: string[];
}
/** Acts that ask for the fence. */
const FENCED: Record<string, (s: Snapshot, input: Input, c: Ctx) => Plan<JobShown>> = {
  heartbeat: planJobHeartbeat,
  complete: planJobComplete,
  fail: planJobFail,
};
const acts = Object.keys(FENCED).map((name) => [name] as const);
const act = (name: string) => FENCED[name] as (typeof FENCED)["fail"];
const own: Input = { id: "j-1", token_hash: hash("t1"), epoch: 1 };
const open = queue(record(), { job_id: "j-1", request_id: "r-1", payload: { goal: "x" } });
const held = claim(open, "t1", {}, "j-1");
const call = (who = "ada", after = 0) => ctx(who, { now: NOW + after, op: op(300) });

describe("D43 D44 the fence", () => {
  it.each(acts)("%s: with token and epoch, up to the last moment, by whatever name", (name) => {
    for (const who of ["ada", "eve"])
      for (const after of [0, LEASE - 1]) expect(code(act(name)(held, own, call(who, after)))).toBe("ok");
  });

  const again = claim(held, "t2", { now: NOW + LEASE, op: op(101) }, "j-1");
  const rows: [string, typeof held, Partial<Input>, after: number, expected: string][] = [
    ["another token", held, { token_hash: hash("t2") }, 0, "fence_mismatch"],
    ["another epoch", held, { epoch: 2 }, 0, "fence_mismatch"],
    ["no one holds it", open, {}, 0, "fence_mismatch"],
    ["at the end of the lease", held, {}, LEASE, "lease_expired"],
    ["at the end of the lease, and another token", held, { token_hash: hash("x") }, LEASE, "fence_mismatch"],
    ["the job was taken over", again, {}, LEASE, "fence_mismatch"],
    ["the stale token with the new epoch", again, { epoch: 2 }, LEASE, "fence_mismatch"],
    ["no such job", held, { id: "j-9" }, 0, "job_unknown"],
  ];
  it.each(rows.flatMap((row) => acts.map(([name]) => [name, ...row] as const)))(
    "%s: %s",
    (name, _says, state, more, after, expected) => {
      expect(code(act(name)(state, { ...own, ...more }, call("ada", after)))).toBe(expected);
    },
  );

  it.each(acts)("%s: the one who took over has it", (name) => {
    const input = { ...own, token_hash: hash("t2"), epoch: 2 };
    expect(code(act(name)(again, input, call("ada", LEASE)))).toBe("ok");
  });

  it.each(acts)("%s: not by a worker who is retired", (name) => {
    const state = claim(
      queue(record(worker("eve", { status: "retired" })), { job_id: "j-1" }),
      "t1",
      {},
      "j-1",
    );
    expect(code(act(name)(state, own, call("eve")))).toBe("worker_retired");
  });

  it.each(acts)("%s: a lease that cannot be read holds no one's token", (name) => {
    const path = pathOf("Lease", taskIdOf("j-1"));
    const state = held.apply([{ path, problem: { path, code: "x", message: "x", severity: "error" } }]);
    expect(code(act(name)(state, own, call()))).toBe("record_invalid");
  });
});

describe("D43 a heartbeat", () => {
  const artifacts = ["log=https://example.org/l=1", "plan = a b "];
  const planned = ok(planJobHeartbeat(held, { ...own, artifacts }, call("ada", 20 * SECOND)));
  const state = applied(held, planned);

  it("renews to its moment and the lease's length, and keeps what it brings", () => {
    expect(leaseOf(state, "j-1")).toEqual({
      ...leaseOf(held, "j-1"),
      ...{ renewed_at: at(20 * SECOND), expires_at: at(20 * SECOND + LEASE) },
      job: {
        ...leaseOf(held, "j-1")?.job,
        artifacts: { log: "https://example.org/l=1", plan: "a b" },
        last_event_id: `evt_${op(300)}`,
      },
    });
    expect(planned.result.job).toMatchObject({
      ...{ status: "running", attempt: 1, lease_epoch: 1, lease_expires_at: at(20 * SECOND + LEASE) },
      ...{ artifacts: { log: "https://example.org/l=1", plan: "a b" }, updated_at: at(20 * SECOND) },
    });
  });

  it("is an event of the job's own request", () => {
    const payload = {
      ...{ lease_epoch: 1, lease_expires_at: at(20 * SECOND + LEASE) },
      artifacts: { log: "https://example.org/l=1", plan: "a b" },
    };
    expect(events(planned)).toEqual([["job.heartbeat", { job_id: "j-1", request_id: "r-1", payload }]]);
    const bare = ok(planJobHeartbeat(held, own, call()));
    expect(events(bare)[0]?.[1].payload).toEqual({ lease_epoch: 1, lease_expires_at: at(LEASE) });
  });

  it("a later one gives a name a new address, and the next claim keeps them all", () => {
    const input = { ...own, artifacts: ["log=https://example.org/l2"] };
    const later = applied(state, planJobHeartbeat(state, input, call("ada", 30 * SECOND)));
    const next = claim(later, "t2", { now: NOW + 5 * LEASE, op: op(101) }, "j-1");
    expect(job(next, "j-1").artifacts).toEqual({ log: "https://example.org/l2", plan: "a b" });
  });

  it("lasts what the policy says now", () => {
    const path = pathOf("Policy", "owp");
    const value = policy({ jobs: { lease: "5m" } })[1];
    const longer = held.apply([{ path, doc: { path, text: "", value } }]);
    expect(ok(planJobHeartbeat(longer, own, call())).result.job.lease_expires_at).toBe(at(5 * LEASE));
    const fresh = claim(queue(withJobs({ lease: "90s" }), { job_id: "j-1" }), "t1", {}, "j-1");
    expect(leaseOf(fresh, "j-1")).toMatchObject({ ttl: "90s", expires_at: at(90 * SECOND) });
  });

  it.each<[string, string[]]>([
    ["a name of 101 characters", [`${"n".repeat(101)}=x`]],
    ["a name of blanks", ["  =x"]],
    ["more than 200 names", Array.from({ length: 201 }, (_, n) => `n${n}=x`)],
  ])("%s is refused", (_name, artifacts) => {
    for (const [name] of acts)
      expect(code(act(name)(held, { ...own, artifacts }, call()))).toBe("invalid_input");
  });

  it.each(["completed", "failed", "cancelled"] as const)("D58 of a job that is %s is refused", (status) => {
    const refusal = refused(planJobHeartbeat(ENDED[status], own, call()));
    expect([refusal.code, refusal.data]).toEqual(["job_ended", { job_id: "j-1", status }]);
  });
});

const complete = (s = held, more: object = {}) =>
  planJobComplete(s, { ...own, ...more }, call("eve", 5 * SECOND));
const fail = (s = held, more: object = {}) => planJobFail(s, { ...own, ...more }, call("ada", 5 * SECOND));
const cancel = (s = held, more: object = {}) =>
  planJobCancel(s, { id: "j-1", ...more }, call("eve", 5 * SECOND));
const ENDED = {
  completed: applied(held, complete()),
  failed: applied(held, fail()),
  cancelled: applied(held, cancel()),
};

describe("D44 D48 D53 an end", () => {
  it("complete keeps what it made, the requests, who held it and the epoch; the lease goes", () => {
    const more = { artifacts: ["report=r"], request_id: "r-2" };
    const before = applied(held, planJobHeartbeat(held, { ...own, artifacts: ["log=l"] }, call()));
    const planned = ok(complete(before, more));
    const state = applied(before, planned);
    expect(leaseOf(state, "j-1")).toBeUndefined();
    expect(fileOf(state, "j-1")).toEqual({
      ...fileOf(open, "j-1"),
      status: "done",
      job: {
        ...fileOf(open, "j-1")?.job,
        request_ids: ["r-1", "r-2"],
        last_event_id: `evt_${op(300)}`,
        artifacts: { log: "l", report: "r" },
      },
      outcome: { epoch: 1, attempt: 1, worker: "ada", at: at(5 * SECOND), by: "eve" },
      updated_at: at(5 * SECOND),
    });
    const payload = { lease_epoch: 1, artifacts: { report: "r" }, result_status: "succeeded" };
    expect(events(planned)).toEqual([["job.completed", { job_id: "j-1", request_id: "r-2", payload }]]);
    expect(job(state, "j-1")).toEqual(planned.result.job);
    expect(planned.result.job).toMatchObject({ status: "completed", artifacts: { log: "l", report: "r" } });
  });

  it.each<[object, object]>([
    [{}, { code: "request_rejected", retryable: false }],
    [
      { retryable: true, message: "no" },
      { code: "request_rejected", message: "no", retryable: true },
    ],
    [{ code: "lost" }, { code: "lost", retryable: false }],
  ])("D46 D47 fail %j ends it as %j", (more, failure) => {
    const planned = ok(fail(held, more));
    const payload = { failure, result_status: "failed" };
    expect(events(planned)).toEqual([["job.failed", { job_id: "j-1", request_id: "r-1", payload }]]);
    expect(job(applied(held, planned), "j-1")).toMatchObject({
      status: "failed",
      failure,
      retry_exhausted: false,
    });
    expect(code(fail(applied(held, planned)))).toBe("ok");
  });

  const statuses = Object.keys(ENDED) as (keyof typeof ENDED)[];
  it.each(statuses)(
    "D45 complete and fail of a job that is %s answer with it, whatever the fence",
    (status) => {
      for (const plan of [complete, fail]) {
        const planned = ok(plan(ENDED[status], { token_hash: hash("x"), epoch: 7, artifacts: ["a=b"] }));
        expect([planned.changes, planned.event]).toEqual([[], undefined]);
        expect(planned.result).toEqual({
          ...{ id: taskIdOf("j-1"), short: taskIdOf("j-1").slice(-4), worker: "ada", already: true },
          job: job(ENDED[status], "j-1"),
        });
      }
    },
  );

  it.each(statuses)("D55 D56 cancel of a job that is %s says what it is", (status) => {
    const planned = ok(cancel(ENDED[status]));
    expect([planned.changes, planned.event]).toEqual([[], undefined]);
    expect(planned.result).toMatchObject({
      cancelled: status === "cancelled",
      outcome: `already_terminal_${status}`,
      job: { status },
    });
  });
});

describe("D54 D57 D58 cancel", () => {
  it.each<[string, typeof held, number, object]>([
    ["a queued job", open, 0, { epoch: 0, attempt: 0, worker: null }],
    ["a running job, with no token", held, 1, { epoch: 1, attempt: 1, worker: "ada" }],
  ])("%s", (_name, state, epoch, outcome) => {
    const planned = ok(cancel(state, { reason: " operator  stop ", request_id: "r-2" }));
    expect(planned.result).toMatchObject({
      cancelled: true,
      outcome: "cancelled",
      job: { status: "cancelled" },
    });
    const payload = { reason: "operator  stop", result_status: "cancelled" };
    expect(events(planned)).toEqual([["job.cancelled", { job_id: "j-1", request_id: "r-2", payload }]]);
    expect(planned.event).toMatchObject({ tasks: [{ epoch }], message: "operator  stop" });
    const next = applied(state, planned);
    expect(fileOf(next, "j-1")).toMatchObject({ status: "canceled", outcome: { ...outcome, by: "eve" } });
    expect(leaseOf(next, "j-1")).toBeUndefined();
  });

  it("one that waits for a retry; and without a reason", () => {
    const planned = ok(planJobCancel(held, { id: "j-1", reason: " " }, call("eve", LEASE)));
    expect(events(planned)[0]?.[1].payload).toEqual({ reason: "cancelled", result_status: "cancelled" });
  });

  it("what it had made so far stays", () => {
    const before = applied(held, planJobHeartbeat(held, { ...own, artifacts: ["log=l"] }, call()));
    expect(ok(cancel(before)).result.job.artifacts).toEqual({ log: "l" });
  });

  it("a task is no job", () => {
    expect(code(planJobCancel(record(task("aaaa")), { id: "aaaa" }, call()))).toBe("job_unknown");
    const id = fullId(task("aaaa"));
    expect(refused(planJobCancel(record(task("aaaa")), { id }, call()))).toMatchObject({
      data: { task: id },
    });
  });
});

const fullId = ([, value]: ReturnType<typeof task>): string => (value as { id: string }).id;

it("D62 the line of an event loses nothing of what it tells", () => {
  const reason = 'two  blanks,\ttab,\nline,\u2028separator,\u00a0hard blank,\u0007bell, "quotes" and \\ é 💡';
  const [, line = ""] = ok(cancel(open, { reason })).event?.trailers?.[0] ?? [];
  expect(line.replace(/[\p{Cc}\p{Zl}\p{Zp}\s]+/gu, " ").trim()).toBe(line);
  expect(JSON.parse(line.slice(line.indexOf(" "))).payload.reason).toBe(reason);
});
