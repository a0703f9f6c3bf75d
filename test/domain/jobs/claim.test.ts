import { describe, expect, it } from "vitest";
import { pathOf } from "../../../src/core/paths.ts";
import { retryAt } from "../../../src/domain/jobs/backoff.ts";
import { planJobClaim } from "../../../src/domain/jobs/claim.ts";
import { planJobComplete } from "../../../src/domain/jobs/complete.ts";
import { taskIdOf } from "../../../src/domain/jobs/places.ts";
import { planJobSubmit } from "../../../src/domain/jobs/submit.ts";
import type { JobClaimInput } from "../../../src/generated/types.ts";
import { fc } from "../../helpers/chance.ts";
import {
  applied,
  at,
  type Called,
  code,
  ctx,
  NOW,
  ok,
  record,
  refused,
  worker,
} from "../../helpers/record.ts";
import { claim, events, fileOf, hash, job, leaseOf, op, queue, SECOND, types, withJobs } from "./support.ts";

const LEASE = 60 * SECOND;
const plan = (state = record(), input: Partial<JobClaimInput> = {}, called: Called = {}) =>
  planJobClaim(state, { token_hash: hash("t2"), ...input }, ctx("bob", { op: op(200), ...called }));
const late = { now: NOW + LEASE };
const three = queue(record(), { job_id: "j-1" }, { job_id: "j-2", type: "wiki.build" }, { job_id: "j-3" });

describe("D35 D36 the oldest job that can be taken", () => {
  it("runs then: attempt, epoch, token and end", () => {
    const planned = ok(plan(three, { request_id: "r-9" }));
    const { worker: _worker, claimed, exhausted } = planned.result;
    expect([claimed?.job.job_id, exhausted]).toEqual(["j-1", []]);
    const state = applied(three, plan(three, { request_id: "r-9" }));
    expect(leaseOf(state, "j-1")).toEqual({
      ...{ kind: "Lease", task: taskIdOf("j-1"), worker: "bob", epoch: 1, attempt: 1, phase: "in_progress" },
      ...{ ttl: "1m", claimed_at: at(0), expires_at: at(LEASE) },
      job: { token_hash: hash("t2"), request_ids: ["r-9"], last_event_id: `evt_${op(200)}` },
    });
    const shown = job(state, "j-1");
    expect(shown).toEqual(claimed?.job);
    expect(shown).toMatchObject({
      status: "running",
      attempt: 1,
      lease_epoch: 1,
      lease_expires_at: at(LEASE),
    });
    expect(shown.request_ids.slice(1)).toEqual(["r-9"]);
    expect(shown.claim_token).toBeUndefined();
    expect(fileOf(state, "j-1")).toEqual(fileOf(three, "j-1"));
  });

  it("and the event says so, by the token's hash alone", () => {
    const planned = ok(plan(three, { request_id: "r-9" }));
    const payload = {
      ...{ attempt: 1, lease_epoch: 1, lease_expires_at: at(LEASE), token_hash: hash("t2"), worker: "bob" },
    };
    expect(events(planned)).toEqual([["job.claimed", { job_id: "j-1", request_id: "r-9", payload }]]);
    expect(planned.event).toMatchObject({ type: "job.claimed", tasks: [{ id: taskIdOf("j-1"), epoch: 1 }] });
    expect(events(ok(plan(three)))[0]?.[1].request_id).toBe(job(three, "j-1").request_id);
  });

  it.each<[string, Partial<JobClaimInput>, string | undefined]>([
    ["none named", {}, "j-1"],
    ["a type", { type: "wiki.build" }, "j-2"],
    ["a type that has none", { type: "dream.run" }, "nothing_to_claim"],
    ["a type that there is not", { type: "dream" }, "invalid_input"],
    ["a job", { id: "j-3" }, "j-3"],
    ["a job by its task", { id: taskIdOf("j-3") }, "j-3"],
    ["a job by the end of its task's id", { id: taskIdOf("j-3").slice(-5) }, "j-3"],
    ["a job that there is not", { id: "j-4" }, "job_unknown"],
    ["a job and a type", { id: "j-3", type: "rpi.run" }, "invalid_input"],
  ])("%s: %j", (_name, input, expected) => {
    const planned = plan(three, input);
    expect(planned.ok ? planned.result.claimed?.job.job_id : planned.code).toBe(expected);
  });

  it("in the order in which they were accepted, whatever the order of their ids", () => {
    let state = queue(record(), ...[5, 3, 9, 1].map((n) => ({ job_id: `j-${n}` })));
    const taken = [];
    for (let n = 0; n < 4; n++) {
      const planned = ok(plan(state, {}, { op: op(200 + n) }));
      taken.push(planned.result.claimed?.job.job_id);
      state = applied(state, planned);
    }
    expect(taken).toEqual(["j-5", "j-3", "j-9", "j-1"]);
    const none = refused(plan(state));
    expect([none.code, none.data]).toEqual([
      "nothing_to_claim",
      { running: 4, waiting: 0, earliest_at: at(LEASE) },
    ]);
  });

  it("also where a later one is first among the record's files", () => {
    const input = (job_id: string) => ({ type: "rpi.run", job_id });
    const later = applied(record(), planJobSubmit(record(), input("late"), ctx("ada", { op: op(9) })));
    const both = applied(later, planJobSubmit(later, input("early"), ctx("ada", { op: op(1) })));
    expect(ok(plan(both)).result.claimed?.job.job_id).toBe("early");
  });

  it("a worker who is not active takes none", () => {
    for (const status of ["paused", "retired"] as const)
      expect(code(plan(queue(record(worker("bob", { status })), {})))).toBe("worker_retired");
  });
});

describe("D37 what is held or has ended", () => {
  it("a live job is refused to everyone, its holder too", () => {
    const held = claim(three, "t1", {}, "j-1");
    const refusal = refused(plan(held, { id: "j-1" }));
    expect([refusal.code, refusal.data]).toEqual([
      "task_held",
      { job_id: "j-1", worker: "ada", lease_expires_at: at(LEASE), lease_epoch: 1 },
    ]);
    expect(code(planJobClaim(held, { token_hash: hash("t"), id: "j-1" }, ctx("ada")))).toBe("task_held");
  });

  it("an ended one too", () => {
    const held = claim(three, "t1", {}, "j-1");
    const input = { id: "j-1", token_hash: hash("t1"), epoch: 1 };
    const over = applied(held, planJobComplete(held, input, ctx("ada")));
    expect(refused(plan(over, { id: "j-1" }))).toMatchObject({
      code: "job_ended",
      data: { status: "completed" },
    });
  });

  it("one whose lease cannot be read is left alone, and stops nothing else", () => {
    const held = claim(three, "t1", {}, "j-1");
    const path = pathOf("Lease", taskIdOf("j-1"));
    const state = held.apply([{ path, problem: { path, code: "x", message: "x", severity: "error" } }]);
    expect(job(state, "j-1").status).toBe("degraded");
    expect(code(plan(state, { id: "j-1" }))).toBe("record_invalid");
    expect(ok(plan(state)).result.claimed?.job.job_id).toBe("j-2");
  });
});

describe("D38 D39 D40 a lease that ran out", () => {
  const held = claim(queue(record(), { job_id: "j-1" }), "t1", {}, "j-1");

  it.each<[afterMs: number, status: string, claimable: string]>([
    [LEASE - 1, "running", "task_held"],
    [LEASE, "retry_waiting", "ok"],
    [LEASE + 1, "retry_waiting", "ok"],
  ])("%i ms after the claim: %s", (after, status, claimable) => {
    expect(job(held, "j-1", after)).toMatchObject({ status, attempt: 1, retry_exhausted: false });
    expect(code(plan(held, { id: "j-1" }, { now: NOW + after }))).toBe(claimable);
  });

  it("the policy's skew, and heartbeats of the worker, say nothing of jobs", () => {
    const pulses = [
      {
        ...{ worker: "ada", clone: "c", status: "working" as const, at: at(0), unchanged_ms: 1e9 },
        leases: [{ task: taskIdOf("j-1"), epoch: 1 }],
      },
    ];
    expect(code(plan(held, {}, { pulses }))).toBe("nothing_to_claim");
    expect(
      code(plan(held, {}, { ...late, pulses: [{ ...(pulses[0] as (typeof pulses)[0]), unchanged_ms: 0 }] })),
    ).toBe("ok");
  });

  it("a day that no calendar has counts as passed", () => {
    const path = pathOf("Lease", taskIdOf("j-1"));
    const value = { ...leaseOf(held, "j-1"), expires_at: "2099-02-31T25:00:00Z" };
    const state = held.apply([{ path, doc: { path, text: "", value } }]);
    expect(job(state, "j-1").status).toBe("retry_waiting");
    expect(code(plan(state))).toBe("ok");
  });

  it("claimed again: lease_expired with the old fence, then claimed, in one commit", () => {
    const planned = ok(plan(held, { request_id: "r-2" }, late));
    expect(types(planned)).toEqual(["job.lease_expired", "job.claimed"]);
    expect(events(planned).map(([, event]) => event)).toEqual([
      {
        ...{ job_id: "j-1", request_id: "r-2" },
        payload: { lease_epoch: 1, token_hash: hash("t1"), attempt: 1 },
      },
      {
        ...{ job_id: "j-1", request_id: "r-2" },
        payload: {
          ...{ attempt: 2, lease_epoch: 2, lease_expires_at: at(2 * LEASE) },
          ...{ token_hash: hash("t2"), worker: "bob" },
        },
      },
    ]);
    const lease = leaseOf(applied(held, planned), "j-1");
    expect(lease).toMatchObject({ worker: "bob", epoch: 2, attempt: 2 });
    expect(lease?.taken_from).toMatchObject({ worker: "ada", epoch: 1, reason: "expired" });
    expect(planned.result.claimed?.job.last_event_id).toBe(`evt_${op(200)}_1`);
    expect(planned.event?.type).toBe("job.claimed");
  });

  it("requests of all claims are kept, each once, in their order (D52)", () => {
    let state = queue(record(), { job_id: "j-1", request_id: "r-1" });
    for (const [n, request_id] of ["r-3", "r-1", "r-2"].entries()) {
      state = applied(state, plan(state, { request_id }, { now: NOW + n * LEASE, op: op(200 + n) }));
    }
    expect(job(state, "j-1").request_ids).toEqual(["r-1", "r-3", "r-2"]);
  });
});

describe("D41 D42 attempts that are used up", () => {
  /** j-1 after three claims; the third lease ends at NOW + 3 × LEASE. */
  const spent = [0, 1, 2].reduce(
    (state, n) => claim(state, `t${n}`, { now: NOW + n * LEASE, op: op(100 + n) }, "j-1"),
    queue(record(), { job_id: "j-1" }, { job_id: "j-2" }),
  );
  const after = { now: NOW + 3 * LEASE };

  it("the last attempt runs like any other, and shows when it is over that there is no other", () => {
    expect(job(spent, "j-1", 3 * LEASE - 1)).toMatchObject({
      status: "running",
      attempt: 3,
      retry_exhausted: false,
    });
    expect(job(spent, "j-1", 3 * LEASE)).toMatchObject({
      status: "retry_waiting",
      attempt: 3,
      retry_exhausted: true,
    });
  });

  it("the next claim ends it as failed, and goes on to the next job in the same commit", () => {
    const planned = ok(plan(spent, {}, after));
    expect(types(planned)).toEqual(["job.failed", "job.claimed"]);
    const failure = { code: "retry_exhausted", message: "lease expired after retry cap", retryable: false };
    expect(events(planned)[0]?.[1].payload).toEqual({ failure, result_status: "failed" });
    expect(planned.result).toMatchObject({ claimed: { job: { job_id: "j-2" } }, exhausted: ["j-1"] });
    expect(planned.event).toMatchObject({
      type: "job.claimed",
      tasks: [
        { id: taskIdOf("j-1"), epoch: 3 },
        { id: taskIdOf("j-2"), epoch: 1 },
      ],
    });
    const state = applied(spent, planned);
    expect(job(state, "j-1")).toMatchObject({
      ...{ status: "failed", attempt: 3, lease_epoch: 3, retry_exhausted: true, failure },
      last_event_id: `evt_${op(200)}`,
    });
    expect(leaseOf(state, "j-1")).toBeUndefined();
    expect(fileOf(state, "j-1")?.outcome).toMatchObject({ worker: "ada", by: "bob", epoch: 3, attempt: 3 });
    expect(job(state, "j-2").last_event_id).toBe(`evt_${op(200)}_1`);
  });

  it("with no other job, or named, it is ended all the same", () => {
    for (const input of [{ id: "j-1" }, { type: "rpi.run" as const }]) {
      const alone = input.id ? spent : claim(spent, "x", { ...after, op: op(150) }, "j-2");
      const planned = ok(plan(alone, input, after));
      expect(planned.result).toMatchObject({ claimed: null, exhausted: ["j-1"] });
      expect(planned.event).toMatchObject({ type: "job.failed", subject: expect.stringContaining("j-1") });
    }
  });

  it("a claim that finds an older job first leaves it", () => {
    const state = claim(queue(record(), { job_id: "j-0" }, { job_id: "j-1" }), "t", {}, "j-1");
    const once = ok(plan(withAttempts(state, "j-1", 3), {}, after));
    expect([once.result.claimed?.job.job_id, once.result.exhausted]).toEqual(["j-0", []]);
  });

  it("so many end in one commit, and the next job is taken besides", () => {
    const ids = Array.from({ length: 60 }, (_, n) => `x-${n}`);
    let state = queue(record(), ...[...ids, "last"].map((job_id) => ({ job_id })));
    for (const id of ids) state = withAttempts(claim(state, "t", {}, id), id, 3);
    const planned = ok(plan(state, {}, late));
    expect(planned.result.exhausted).toEqual(ids.slice(0, 50));
    expect(planned.result.claimed?.job.job_id).toBe("last");
  });

  function withAttempts(state: ReturnType<typeof record>, id: string, attempt: number) {
    const path = pathOf("Lease", taskIdOf(id));
    const value = { ...(leaseOf(state, id) as object), attempt };
    return state.apply([{ path, doc: { path, text: "", value } }]);
  }
});

describe("a wait before the next attempt, by policy", () => {
  const rules = withJobs({ backoff: "10m", backoff_cap: "30m" }).rules.jobs;

  it("none by default", () => expect(retryAt(record().rules.jobs, "j", 1, 5000)).toBe(5000));

  it("is a random part of a length that doubles up to the cap, the same in every clone", () => {
    fc.assert(
      fc.property(fc.string({ minLength: 1 }), fc.integer({ min: 1, max: 100 }), (id, attempt) => {
        const wait = retryAt(rules, id, attempt, 0);
        expect(wait).toBe(retryAt(rules, id, attempt, 0));
        expect(wait).toBeGreaterThanOrEqual(0);
        expect(wait).toBeLessThan(Math.min(10 * 2 ** (attempt - 1), 30) * 60_000);
      }),
    );
  });

  it("spreads jobs and attempts over all of it", () => {
    const waits = Array.from({ length: 200 }, (_, n) => retryAt(rules, `j-${n}`, 1, 0) / 600_000);
    for (let tenth = 0; tenth < 10; tenth++)
      expect(waits.some((wait) => Math.floor(wait * 10) === tenth)).toBe(true);
    expect(retryAt(rules, "j", 2, 0)).not.toBe(2 * retryAt(rules, "j", 1, 0));
  });

  it("the job waits until then, exactly, and shows retry_waiting throughout", () => {
    const held = claim(queue(withJobs({ backoff: "10m" }), { job_id: "j-1" }), "t1", {}, "j-1");
    const free = retryAt(held.rules.jobs, "j-1", 1, NOW + LEASE);
    expect(free).toBeGreaterThan(NOW + LEASE);
    expect(code(plan(held, { id: "j-1" }, { now: free - 1 }))).toBe("task_not_claimable");
    const none = refused(plan(held, {}, { now: free - 1 }));
    expect([none.code, none.data?.waiting]).toEqual(["nothing_to_claim", 1]);
    expect(job(held, "j-1", free - 1 - NOW).status).toBe("retry_waiting");
    expect(code(plan(held, {}, { now: free }))).toBe("ok");
  });

  it("attempts that are used up wait for nothing", () => {
    const held = claim(
      queue(withJobs({ backoff: "10m", max_attempts: 1 }), { job_id: "j-1" }),
      "t1",
      {},
      "j-1",
    );
    expect(ok(plan(held, {}, late)).result.exhausted).toEqual(["j-1"]);
  });
});
