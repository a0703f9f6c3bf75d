import { describe, expect, it } from "vitest";
import { pathOf } from "../../../src/core/paths.ts";
import { planJobCancel } from "../../../src/domain/jobs/cancel.ts";
import { keyIdOf, taskIdOf } from "../../../src/domain/jobs/places.ts";
import { planJobSubmit } from "../../../src/domain/jobs/submit.ts";
import { JOB_TYPES } from "../../../src/domain/jobs/types.ts";
import type { JobSubmitInput } from "../../../src/generated/types.ts";
import {
  applied,
  at,
  broken,
  code,
  ctx,
  type File,
  ok,
  record,
  refused,
  task,
  tid,
} from "../../helpers/record.ts";
import { claim, events, fileOf, job, op, queue, withJobs } from "./support.ts";

const submit = (state = record(), input: Partial<JobSubmitInput> = {}, n = 0) =>
  planJobSubmit(state, { type: "rpi.run", ...input }, ctx("ada", { op: op(n) }));

describe("D20 D23 D30 a job is accepted", () => {
  it("with its type alone: ids are made, the same ones when it is planned again", () => {
    const planned = ok(submit());
    expect(ok(submit()).result).toEqual(planned.result);
    const { job_id, request_id } = planned.result;
    expect(job_id).toBe(`job_rpi.run_${op(0)}`);
    expect(request_id).toMatch(/^req_[0-9a-z]{26}$/);
    expect(planned.result).toEqual({
      accepted: true,
      ...{ id: taskIdOf(job_id), short: taskIdOf(job_id).slice(-4) },
      ...{ request_id, job_id, status: "queued", last_event_id: `evt_${op(0)}` },
    });
  });

  it("as a task at the path of its job_id, with nothing that is not in the seed or in the policy", () => {
    const input = {
      job_id: "j-1",
      request_id: "r-1",
      idempotency_key: "a key",
      payload: { goal: "x", n: [1] },
    };
    const state = applied(record(), submit(record(), input));
    expect(fileOf(state, "j-1")).toEqual({
      ...{ kind: "Task", id: taskIdOf("j-1"), title: "rpi.run j-1", repo: "web", status: "ready" },
      ...{ priority: 50, estimate: 1, max_attempts: 3, created_at: at(0), created_by: "ada" },
      job: {
        ...{ job_id: "j-1", type: "rpi.run", request_ids: ["r-1"], idempotency_key: "a key" },
        projection_targets: ["rpi-registry", "openclaw-snapshot", "daemon-status", "daemon-job-status"],
        ...{ payload: { goal: "x", n: [1] }, accepted_event_id: `evt_${op(0)}` },
      },
    });
    expect(state.doc(pathOf("JobKey", keyIdOf("a key")))?.value).toEqual({
      ...{ kind: "JobKey", id: keyIdOf("a key"), task: taskIdOf("j-1") },
    });
  });

  it("and its event tells of it, without the caller's payload", () => {
    const planned = ok(submit(record(), { job_id: "j-1", request_id: "r-1", payload: { secret: 1 } }));
    expect(planned.event).toMatchObject({
      type: "job.accepted",
      actor: "ada",
      tasks: [{ id: taskIdOf("j-1") }],
    });
    const projection_targets = ["rpi-registry", "openclaw-snapshot", "daemon-status", "daemon-job-status"];
    const payload = { job_type: "rpi.run", max_attempts: 3, projection_targets };
    expect(events(planned)).toEqual([["job.accepted", { job_id: "j-1", request_id: "r-1", payload }]]);
    const keyed = ok(submit(record(), { job_id: "j-1", idempotency_key: "k" }));
    expect(events(keyed)[0]?.[1].payload).toMatchObject({ idempotency_key: "k" });
  });

  it("D34 with the policy's attempts, which stay when the policy changes", () => {
    const state = queue(withJobs({ max_attempts: 7 }), { job_id: "j-1" });
    expect(fileOf(state, "j-1")?.max_attempts).toBe(7);
    const later = state.apply([
      {
        path: pathOf("Policy", "owp"),
        doc: { path: pathOf("Policy", "owp"), text: "", value: { kind: "Policy", protocol: "1.0" } },
      },
    ]);
    expect(later.rules.jobs.max_attempts).toBe(3);
    expect(job(later, "j-1").max_attempts).toBe(7);
  });

  it("a paused worker may submit, a retired one may not", () => {
    const retired = record(["workers/ada.yaml", { ...workerFile, status: "retired" }]);
    const paused = record(["workers/ada.yaml", { ...workerFile, status: "paused" }]);
    expect([code(submit(paused)), code(submit(retired))]).toEqual(["ok", "worker_retired"]);
  });
});

const workerFile = {
  ...{ kind: "Worker", id: `w_${"0".repeat(26)}`, name: "ada", actor_kind: "agent", skills: [] },
  ...{ capacity_points: 5, max_concurrent_tasks: 2, trust_tier: "basic", created_at: at(0) },
};

describe("D21 D22 D31 D11 what is refused", () => {
  it.each<[Partial<JobSubmitInput>, string]>([
    [{ type: "rpi" }, "type"],
    [{ type: "deploy.run" }, "type"],
    [{ type: "constructor" }, "type"],
    [{ job_id: "schedule" }, "job_id"],
    [{ idempotency_key: "é".repeat(129) }, "idempotency_key"],
  ])("%j", (input, field) => {
    const refusal = refused(submit(record(), input));
    expect([refusal.code, refusal.data?.field]).toEqual(["invalid_input", field]);
  });

  it("and what is not: every type of the seed, the policy's own, the longest key", () => {
    const own = withJobs({ types: ["deploy.run"] });
    for (const type of [...JOB_TYPES, "deploy.run"]) expect(code(submit(own, { type }))).toBe("ok");
    expect(code(submit(record(), { idempotency_key: "é".repeat(128) }))).toBe("ok");
    const targets = ok(submit(own, { type: "deploy.run" })).event?.trailers?.[0]?.[1];
    expect(targets).toContain('"projection_targets":["daemon-status","daemon-job-status"]');
  });
});

describe("D25 D26 D52 submitted again", () => {
  const there = queue(
    record(),
    { job_id: "j-1", request_id: "r-1", idempotency_key: "k-1" },
    { job_id: "j-2" },
  );
  const rows: [string, Partial<JobSubmitInput>, string | undefined][] = [
    ["the same key and nothing else", { idempotency_key: "k-1" }, "j-1"],
    ["the key counts before the job_id", { idempotency_key: "k-1", job_id: "j-2" }, "j-1"],
    ["the job_id, with another key", { idempotency_key: "k-2", job_id: "j-2" }, "j-2"],
    ["the job_id alone", { job_id: "j-1" }, "j-1"],
    ["the request_id alone", { request_id: "r-1" }, undefined],
    ["another key and another job_id", { idempotency_key: "k-3", job_id: "j-3" }, undefined],
  ];
  it.each(rows)("%s: %j is %s", (_name, input, expected) => {
    const planned = ok(submit(there, input, 9));
    expect(planned.result.existing).toBe(expected && true);
    if (expected === undefined) expect(planned.changes.length).toBeGreaterThan(0);
    else expect([planned.result.job_id, planned.changes, planned.event]).toEqual([expected, [], undefined]);
  });

  it("answers with the request that was first, and keeps no other: nothing is written", () => {
    const planned = ok(submit(there, { idempotency_key: "k-1", request_id: "r-2", type: "wiki.build" }, 9));
    expect(planned.result).toEqual({
      ...{ accepted: true, existing: true, id: taskIdOf("j-1"), short: taskIdOf("j-1").slice(-4) },
      ...{ request_id: "r-1", job_id: "j-1", status: "queued", last_event_id: `evt_${op(0)}` },
      idempotency_key: "k-1",
    });
  });

  it("answers with the job as it stands, ended ones too", () => {
    const running = claim(there, "t", {}, "j-1");
    expect(ok(submit(running, { job_id: "j-1" })).result).toMatchObject({
      status: "running",
      last_event_id: `evt_${op(100)}`,
    });
    const over = applied(running, planJobCancel(running, { id: "j-1" }, ctx("eve", { op: op(101) })));
    expect(ok(submit(over, { idempotency_key: "k-1" })).result).toMatchObject({
      status: "cancelled",
      last_event_id: `evt_${op(101)}`,
    });
  });

  it("by someone unknown where registration is closed: still answered", () => {
    expect(ok(planJobSubmit(there, { type: "rpi.run", job_id: "j-1" }, ctx("nobody"))).changes).toEqual([]);
  });

  const file = (path: string, value: object | string): File => [path, value];
  it.each<[string, File[], Partial<JobSubmitInput>]>([
    [
      "the key's file is broken",
      [broken(file(pathOf("JobKey", keyIdOf("k")), ""))],
      { idempotency_key: "k" },
    ],
    [
      "the key leads to no task",
      [file(pathOf("JobKey", keyIdOf("k")), { kind: "JobKey", id: keyIdOf("k"), task: tid("zzzz") })],
      { idempotency_key: "k" },
    ],
    [
      "the key leads to a task that is no job",
      [
        file(pathOf("JobKey", keyIdOf("k")), { kind: "JobKey", id: keyIdOf("k"), task: tid("aaaa") }),
        task("aaaa"),
      ],
      { idempotency_key: "k" },
    ],
    ["the job's file is broken", [broken(file(pathOf("Task", taskIdOf("j")), ""))], { job_id: "j" }],
    [
      "another task lies at the job's path",
      [file(pathOf("Task", taskIdOf("j")), { ...(task("aaaa")[1] as object), id: taskIdOf("j") })],
      { job_id: "j" },
    ],
  ])("no second job is risked where %s", (_name, files, input) => {
    expect(code(submit(record(...files), input))).toBe("record_invalid");
  });
});
