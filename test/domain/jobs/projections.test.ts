import { describe, expect, test } from "vitest";
import { readRecords } from "../../../src/domain/jobs/event.ts";
import { isExpired } from "../../../src/domain/jobs/expiry.ts";
import { fold } from "../../../src/domain/jobs/projections/fold.ts";
import { jobProjections, queueSnapshot } from "../../../src/domain/jobs/projections/jobs.ts";
import { compareSnapshots, readKeptSnapshot } from "../../../src/domain/jobs/projections/kept-snapshot.ts";
import { PROJECTIONS, targetsOf } from "../../../src/domain/jobs/projections/names.ts";
import { consumerHealth, consumerSnapshot } from "../../../src/domain/jobs/projections/openclaw.ts";
import {
  healthOf,
  lagOf,
  readyOf,
  reasonsOf,
  verifyReady,
} from "../../../src/domain/jobs/projections/ready.ts";
import { projectionSet } from "../../../src/domain/jobs/projections/set.ts";
import { EMPTY, fromKept, type LedgerState, toKept } from "../../../src/domain/jobs/projections/state.ts";
import { statusOf } from "../../../src/domain/jobs/projections/status.ts";
import { expectForm, line, opId, said } from "../../helpers/jobspec.ts";

const START = Date.parse("2026-01-01T00:00:00Z");
const SECOND = 1000;
const at = (seconds: number) => new Date(START + seconds * SECOND).toISOString().replace(".000", "");

/** Commits of one record list each, a second after one another. */
const ledger = (...commits: (string | string[])[]): LedgerState =>
  fold(
    EMPTY,
    commits.flatMap((lines, index) =>
      readRecords({
        commit: `${index}`.padStart(40, "0"),
        at_ms: START + index * SECOND,
        op: opId(index),
        actor: "ada",
        values: [lines].flat(),
      }),
    ),
  );
const reading = (seconds: number) => ({
  now: START + seconds * SECOND,
  ledger: "refs/heads/owp",
  reasons: [],
});
const jobAt = (state: LedgerState, seconds: number, id = "j") =>
  jobProjections(state, START + seconds * SECOND).find(({ job_id }) => job_id === id);
const queuedAt = (state: LedgerState, seconds: number, id = "j") =>
  queueSnapshot(state, START + seconds * SECOND).jobs.find(({ job_id }) => job_id === id);

const accepted = line("job.accepted", "j", said.accepted());
const claimed = line("job.claimed", "j", said.claimed(1, at(60)));
const completed = line("job.completed", "j", said.completed(1, { log: "out/log.txt" }));
const failed = line("job.failed", "j", said.failed());
const cancelled = line("job.cancelled", "j", { reason: "stop", result_status: "cancelled" });

describe("D85 the truth table", () => {
  const fresh = { expires_at: at(60) };
  test.each([
    ["accepted", {}, false, "queued"],
    ["a lease that runs", { lease: fresh }, false, "running"],
    ["a lease that has run out", { lease: { expires_at: at(10) } }, false, "retry_waiting"],
    ["a lease that an event ended", { lease: { ...fresh, over: true as const } }, false, "retry_waiting"],
    ["a lease with no end", { lease: {} }, false, "degraded"],
    ["a lease whose end cannot be read", { lease: { expires_at: "soon" } }, false, "retry_waiting"],
    ["a stale projection", { lease: fresh }, true, "degraded"],
    ["completed, stale", { lease: fresh, ended: "completed" as const }, true, "completed"],
    ["failed, lease unknown", { lease: {}, ended: "failed" as const }, false, "failed"],
    ["cancelled, lease running", { lease: fresh, ended: "cancelled" as const }, false, "cancelled"],
  ])("%s", (_name, job, isStale, status) => {
    expect(statusOf(job, START + 10 * SECOND, isStale)).toBe(status);
  });
});

test("D38 a lease expires at its very moment", () => {
  expect([59_999, 60_000, 60_001].map((ms) => isExpired(at(60), START + ms))).toEqual([false, true, true]);
  expect(isExpired("", START)).toBe(true);
});

describe("the fold", () => {
  test("D82, D93 the queue and the projections say the same of a job at each moment", () => {
    const state = ledger(accepted, claimed);
    for (const [seconds, status] of [
      [1, "running"],
      [59, "running"],
      [60, "retry_waiting"],
    ] as const) {
      expect(jobAt(state, seconds)?.status).toBe(status);
      expect(queuedAt(state, seconds)?.status).toBe(status);
      expect(consumerSnapshot(projectionSet(state, reading(seconds))).resources.jobs[0]?.status).toBe(status);
    }
  });

  test.each([
    ["completed", [completed, failed, cancelled], "completed", "succeeded"],
    ["failed", [failed, completed], "failed", "failed"],
    ["cancelled", [cancelled, completed, claimed], "cancelled", "cancelled"],
  ])("D48 the first terminal event wins: %s", (_name, lines, status, result) => {
    const state = ledger(accepted, claimed, ...lines);
    expect(jobAt(state, 5)).toMatchObject({ status, result_status: result, last_event_id: `evt_${opId(2)}` });
    expect(state.events.size).toBe(2 + lines.length);
    expect(queuedAt(state, 5)).not.toHaveProperty("lease_expires_at");
  });

  test("a heartbeat renews and brings artifacts; one of an older epoch changes nothing", () => {
    const state = ledger(
      accepted,
      claimed,
      line("job.heartbeat", "j", { lease_epoch: 1, lease_expires_at: at(90), artifacts: { a: "x" } }, "r2"),
      [
        line("job.lease_expired", "j", { lease_epoch: 1, attempt: 1 }),
        line("job.claimed", "j", said.claimed(2, at(200))),
      ],
      line("job.heartbeat", "j", { lease_epoch: 1, lease_expires_at: at(999), artifacts: { b: "y" } }, "r3"),
    );
    expect(queuedAt(state, 5)).toMatchObject({
      status: "running",
      attempt: 2,
      lease_epoch: 2,
      lease_expires_at: at(200),
      artifacts: { a: "x" },
      request_ids: ["req_j", "r2"],
      last_event_id: `evt_${opId(3)}_1`,
    });
    expect(jobAt(state, 200)?.status).toBe("retry_waiting");
  });

  test("an expired lease at the last attempt is exhausted, and then has failed for it", () => {
    const spent = ledger(line("job.accepted", "j", said.accepted("rpi.run", { max_attempts: 1 })), claimed);
    expect(queuedAt(spent, 30)).toMatchObject({ status: "running", retry_exhausted: false, artifacts: {} });
    expect(queuedAt(spent, 60)).toMatchObject({ status: "retry_waiting", retry_exhausted: true });
    const ended = ledger(accepted, claimed, line("job.failed", "j", said.failed("retry_exhausted")));
    expect(queuedAt(ended, 60)).toMatchObject({ status: "failed", retry_exhausted: true });
  });

  test("D65 an event that is there twice counts once, the first", () => {
    const twice = [accepted, claimed].map((value) => [value]);
    const records = twice.flatMap((values) =>
      readRecords({ commit: "1".repeat(40), at_ms: START, op: opId(0), actor: "ada", values }),
    );
    const state = fold(EMPTY, records);
    expect([state.events.size, state.lines, jobAt(state, 1)?.status]).toEqual([1, 2, "queued"]);
  });

  test("D64 an unknown event keeps the cursor, and degrades nothing", () => {
    const state = ledger(accepted, 'job.paused {"job_id":"j","request_id":"r"}');
    expect(lagOf(state)).toEqual({
      last_event_id: `evt_${opId(0)}`,
      event_count: 1,
      corrupt_record_count: 0,
      degraded: false,
    });
  });

  test("D66 a corrupt record is named by its place in the ledger and its commit, and loses no other", () => {
    const state = ledger(accepted, [claimed, "job.heartbeat {"], completed);
    expect(state.corrupt).toEqual([
      { line_number: 3, error: expect.stringContaining("cut off"), commit: "1".padStart(40, "0") },
    ]);
    expect(jobAt(state, 5)?.status).toBe("completed");
  });

  test("a job whose first record is lost shows without a type, and the queue leaves it out", () => {
    const state = ledger("job.accepted {", claimed);
    expect(jobAt(state, 5)).toMatchObject({ status: "running", request_id: "req_j" });
    expect(queueSnapshot(state, START).jobs).toEqual([]);
    expectForm("JobProjection", jobAt(state, 5));
  });

  test("a job is accepted once", () => {
    const again = line("job.accepted", "j", said.accepted("wiki.forge", { max_attempts: 9 }), "again");
    const job = queuedAt(ledger(accepted, claimed, again), 5);
    expect(job).toMatchObject({
      job_type: "rpi.run",
      max_attempts: 3,
      attempt: 1,
      request_ids: ["req_j", "again"],
    });
  });

  test("fails for a reason of the seed's where the event gives none", () => {
    expect(jobAt(ledger(accepted, line("job.failed", "j", {})), 1)?.failure).toEqual({
      code: "request_rejected",
    });
  });
});

describe("D77, D79 targets and buckets", () => {
  test.each([
    ["rpi.run", ["rpi-registry", "openclaw-snapshot"]],
    ["dream.stage", ["dream-runs", "openclaw-snapshot"]],
    ["wiki.build", ["wiki-jobs", "openclaw-snapshot"]],
    ["openclaw.snapshot", ["openclaw-snapshot"]],
    ["acme.deploy", []],
    ["rpix.run", []],
    [undefined, []],
  ])("%s", (type, own) => {
    expect(targetsOf(type)).toEqual([...own, "daemon-status", "daemon-job-status"]);
  });

  const state = ledger(
    ...["rpi.run", "dream.run", "wiki.forge", "openclaw.snapshot"].map((type, index) =>
      line("job.accepted", `j${index}`, said.accepted(type)),
    ),
  );
  const set = projectionSet(state, reading(9));
  const ids = (jobs: { job_id: string }[]) => jobs.map(({ job_id }) => job_id);

  test("each job stands in its own projection, and all in the jobs", () => {
    expect([ids(set.rpi.runs), ids(set.dream.runs), ids(set.wiki.jobs)]).toEqual([["j0"], ["j1"], ["j2"]]);
    expect(ids(set.jobs)).toEqual(["j0", "j1", "j2", "j3"]);
  });

  test("D91 runs are rpi and dream, wiki jobs are named so, run_id is theirs alone", () => {
    const { runs, jobs, wiki } = consumerSnapshot(set).resources;
    expect(runs.map((one) => [one.resource_id, one.run_id])).toEqual([
      ["j0", "j0"],
      ["j1", "j1"],
    ]);
    expect(wiki.map((one) => [one.resource_id, one.run_id, one.job_id])).toEqual([
      ["wiki-j2", undefined, "j2"],
    ]);
    expect(jobs.map((one) => one.run_id)).toEqual(["j0", "j1", undefined, undefined]);
  });
});

describe("D80 marks", () => {
  const statuses = (...lines: string[]) => {
    const { manifests } = projectionSet(ledger(accepted, ...lines), reading(9));
    return PROJECTIONS.filter((name) => manifests[name].status === "stale");
  };
  const mark = (projections?: string[]) =>
    line("projection.marked_stale", "j", projections && { projections });
  const rebuilt = (projections?: string[]) => line("projection.rebuilt", "j", projections && { projections });
  test.each([
    ["none", [], []],
    ["one that is named", [mark(["wiki-jobs"])], ["wiki-jobs"]],
    ["all where none is named", [mark()], [...PROJECTIONS]],
    ["rebuilt again", [mark(), rebuilt()], []],
    ["all but one", [mark(), rebuilt(["wiki-jobs"])], PROJECTIONS.filter((name) => name !== "wiki-jobs")],
    ["a name that is not known", [mark(["moon-phases"])], []],
  ])("%s", (_name, lines, stale) => {
    expect(statuses(...lines)).toEqual(stale);
  });

  test("are no jobs, and show where one reads", () => {
    const state = ledger(accepted, claimed, mark(["daemon-job-status"]));
    expect(state.jobs.size).toBe(1);
    expect(readyOf(state, [])).toMatchObject({ ready: true, projection_status: "stale" });
    expect([jobAt(state, 5)?.status, queuedAt(state, 5)?.status]).toEqual(["degraded", "running"]);
  });
});

describe("D72, D73, D95 readiness", () => {
  const corrupt = ledger(accepted, "garbage");
  const reasons = reasonsOf(corrupt, "it is damaged");
  test("of a whole ledger", () => {
    const ready = readyOf(ledger(accepted), []);
    expect(ready).toEqual({
      ready: true,
      ledger_replay_status: "complete",
      projection_status: "current",
      projection_lag: {
        last_event_id: `evt_${opId(0)}`,
        event_count: 1,
        corrupt_record_count: 0,
        degraded: false,
      },
    });
    expect(verifyReady(ready)).toBeUndefined();
    expectForm("ReadyResponse", ready);
    expectForm("ReadyResponse", readyOf(EMPTY, []));
  });

  test("of one with a corrupt record, and the refusal in the seed's form", () => {
    const ready = readyOf(corrupt, reasons);
    expect(ready).toMatchObject({
      ready: false,
      ledger_replay_status: "corrupt",
      projection_status: "degraded",
      degraded_reasons: [
        "read-only ledger replay observed corrupt records",
        "ignored stale projection snapshot: it is damaged",
      ],
    });
    expectForm("ReadyResponse", ready);
    const refusal = verifyReady(ready);
    expect(refusal).toMatchObject({
      code: "jobs_not_ready",
      message: expect.stringContaining("1 record of"),
    });
    expectForm("OpenClawDaemonNotReady", refusal?.data);
    const { manifests, openclaw } = projectionSet(corrupt, { ...reading(1), reasons });
    expect(Object.values(manifests).map(({ status }) => status)).toEqual(Array(6).fill("degraded"));
    expect(openclaw.status).toBe("degraded");
    expect(consumerSnapshot(projectionSet(corrupt, reading(1))).status).toBe("degraded");
  });
});

const busy = ledger(
  line("job.accepted", "j0", said.accepted("rpi.run", { idempotency_key: "k" })),
  line("job.claimed", "j0", said.claimed(1, at(60))),
  line("job.accepted", "j1", said.accepted("dream.run")),
  line("job.failed", "j1", said.failed("lost", "gone")),
  line("job.accepted", "j2", said.accepted("wiki.forge")),
  line("job.claimed", "j2", said.claimed(1, "soon")),
  line("job.accepted", "j3", said.accepted("openclaw.snapshot")),
  line("job.completed", "j3", { artifacts: { log: "out/log.txt", page: "https://example.org/x", none: "" } }),
  line("job.accepted", "j4", said.accepted("rpi.phase")),
  line("job.failed", "j4", {}),
  "garbage",
);

describe("D74 D75 D78 D87 D90 every answer is of the seed's form", () => {
  const set = projectionSet(busy, { ...reading(30), reasons: reasonsOf(busy, "old") });
  const snapshot = consumerSnapshot(set);
  const ready = readyOf(busy, set.degraded_reasons ?? []);
  const status = {
    ready: false,
    projection_lag: lagOf(busy),
    queue: queueSnapshot(busy, START),
    projections: set,
  };
  test.each([
    ["HealthResponse", healthOf(START)],
    ["StatusResponse", status],
    ["ProjectionSet", set],
    ["ProjectionSet", projectionSet(EMPTY, reading(0))],
    ["QueueSnapshot", queueSnapshot(EMPTY, START)],
    ["OpenClawConsumerSnapshot", snapshot],
    ["OpenClawConsumerSnapshot", consumerSnapshot(projectionSet(EMPTY, reading(0)))],
    ["OpenClawHealthResponse", consumerHealth(snapshot, ready)],
  ])("%s", (name, value) => {
    expectForm(name, value);
  });

  test("D75 D76 six manifests, one a name, under it", () => {
    expect(Object.keys(set.manifests)).toEqual([...PROJECTIONS]);
    for (const name of PROJECTIONS) {
      expect(set.manifests[name].projection).toBe(name);
      expectForm("ProjectionManifest", set.manifests[name]);
    }
  });

  test("D86 health counts the resources", () => {
    expect(consumerHealth(snapshot, ready)).toMatchObject({ resource_counts: { runs: 3, jobs: 5, wiki: 1 } });
  });

  test("D92 provenance leads to the event, the job, the run and the artifacts", () => {
    const [job] = snapshot.resources.jobs.filter(({ job_id }) => job_id === "j3");
    expect(job?.provenance).toEqual([
      { rel: "source-event", kind: "daemon-ledger-event", event_id: `evt_${opId(7)}` },
      { rel: "source-job", kind: "daemon-job", job_id: "j3" },
      { rel: "artifact", kind: "artifact", path: "out/log.txt", job_id: "j3", artifact: "log" },
      { rel: "artifact", kind: "artifact", uri: "https://example.org/x", job_id: "j3", artifact: "page" },
    ]);
    const [run] = snapshot.resources.runs;
    expect(run?.provenance).toContainEqual({
      rel: "source-run",
      kind: "daemon-run",
      job_id: "j0",
      run_id: "j0",
    });
  });

  test("D88 the snapshot is named after the last event", () => {
    expect(snapshot.snapshot_id).toBe(`snap_evt_${opId(9)}`);
    expect(consumerSnapshot(projectionSet(EMPTY, reading(0))).snapshot_id).toBe("snap_empty");
  });
});

describe("D97 a snapshot that was kept", () => {
  const latest = consumerSnapshot(projectionSet(busy, reading(30)));
  const compare = (kept: unknown) => {
    const read = readKeptSnapshot(typeof kept === "string" ? kept : JSON.stringify(kept));
    return read.ok ? compareSnapshots(read.kept, latest) : read.message;
  };
  const small = (more: object = {}) => ({
    schema_version: 1,
    snapshot_id: "snap_1",
    generated_at: at(0),
    source: { ledger: "x" },
    status: "current",
    resources: { runs: [], jobs: [{ resource_id: "j0", resource_kind: "job", status: "running" }], wiki: [] },
    ...more,
  });

  test("the same one is current", () => {
    expect(compare(latest)).toMatchObject({ current: true, changed: { runs: [], jobs: [], wiki: [] } });
  });

  test("a later one tells what has changed: by events, and by time alone", () => {
    const later = consumerSnapshot(projectionSet(busy, reading(60)));
    const read = readKeptSnapshot(JSON.stringify(latest));
    if (!read.ok) throw new Error(read.message);
    expect(compareSnapshots(read.kept, later)).toMatchObject({ current: false, changed: { jobs: ["j0"] } });
  });

  test("the smallest form of version 1 can be read, and so can fields that are not known", () => {
    expect(compare(small())).toMatchObject({ kept_id: "snap_1", current: false });
    expect(compare({ ...latest, plans: [], resources: { ...latest.resources, plans: [] } })).toMatchObject({
      current: true,
    });
  });

  test.each([
    ["another version", small({ schema_version: 2 }), "schema_version is 2"],
    ["no version", small({ schema_version: undefined }), "schema_version is undefined"],
    ["an id that leads elsewhere", small({ snapshot_id: "snap_../../x" }), "snapshot_id"],
    ["an id of dots", small({ snapshot_id: ".." }), "snapshot_id"],
    ["no id", small({ snapshot_id: undefined }), "snapshot_id"],
    ["no wiki", small({ resources: { runs: [], jobs: [] } }), "resources.wiki"],
    [
      "a resource without a status",
      small({ resources: { runs: [{ resource_id: "a" }], jobs: [], wiki: [] } }),
      "resources.runs",
    ],
    ["half of one", JSON.stringify(latest).slice(0, 300), "no JSON"],
    ["null", "null", "schema_version"],
  ])("%s is refused", (_name, kept, why) => {
    expect(compare(kept)).toContain(why);
  });
});

test("a state survives as JSON, with fields of a later version beside it, and nothing else is taken for one", () => {
  const kept = JSON.parse(JSON.stringify(toKept(busy)));
  expect(fromKept({ ...kept, later: true })).toEqual(busy);
  for (const wrong of [null, [], {}, { ...kept, jobs: {} }, { ...kept, lines: "4" }])
    expect(fromKept(wrong)).toBeUndefined();
});
