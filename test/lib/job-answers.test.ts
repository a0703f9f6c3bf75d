/** What the answers to submit and cancel say besides: JobSpec's own forms (FEATURES D28, D29, D59). */
import { beforeEach, describe, expect, test, vi } from "vitest";
import { pathOf } from "../../src/core/paths.ts";
import type { JobCancelled } from "../../src/domain/jobs/cancel.ts";
import type { ProjectionsTold } from "../../src/domain/jobs/projections/ready.ts";
import type { JobSubmitted } from "../../src/domain/jobs/submit.ts";
import * as ledger from "../../src/lib/jobs/ledger.ts";
import { expectForm, jobMessage, opId } from "../helpers/jobspec.ts";
import { MemoryRecord } from "../helpers/memory-record.ts";

vi.mock(import("../../src/lib/jobs/ledger.ts"), async (original) => {
  const real = await original();
  return { ...real, readLedger: vi.fn(real.readLedger) };
});

let record: MemoryRecord;
beforeEach(async () => {
  record = new MemoryRecord();
  await record.did("max", "init", { repo: "web" });
});

const INPUT = { type: "rpi.run", job_id: "j-1", request_id: "req_1", idempotency_key: "k" };
type Told<T> = T & Partial<ProjectionsTold>;
const submit = async (more: object = {}) =>
  (await record.did<Told<JobSubmitted>>("ada", "job submit", { ...INPUT, ...more })).result;
const cancel = async () => (await record.did<Told<JobCancelled>>("ada", "job cancel", { id: "j-1" })).result;

/** Of the seed's form, but for what owp says of its own. */
function expectSubmitted({ id: _id, short: _short, existing: _existing, ...answer }: Told<JobSubmitted>) {
  expectForm("SubmitJobResponse", answer);
}
function expectCancelled({ id: _id, short: _short, worker: _worker, ...answer }: Told<JobCancelled>) {
  expectForm("CancelJobResponse", answer);
}

const lag = (events: number, last: string, corrupt = 0) => ({
  last_event_id: last,
  ...{ event_count: events, corrupt_record_count: corrupt, degraded: corrupt > 0 },
});

describe("the answer tells how far the projections are", () => {
  test("D28 to a submit, with its own event, and to the same submit again", async () => {
    const first = await submit();
    expectSubmitted(first);
    const told = { projection_status: "current", projection_lag: lag(1, first.last_event_id) };
    expect(first).toMatchObject(told);
    expect(first).not.toHaveProperty("degraded_reasons");
    const again = await submit({ request_id: "req_2" });
    expectSubmitted(again);
    expect(again).toMatchObject({ existing: true, ...told });
  });

  test("D59 to a cancel, and to that of a job that has ended", async () => {
    await submit();
    const first = await cancel();
    expectCancelled(first);
    const told = { projection_status: "current", projection_lag: lag(2, first.job.last_event_id) };
    expect(first).toMatchObject({ cancelled: true, outcome: "cancelled", ...told });
    const again = await cancel();
    expectCancelled(again);
    expect(again).toMatchObject({ cancelled: true, outcome: "already_terminal_cancelled", ...told });
  });

  test("that they are stale, and that a record is corrupt", async () => {
    await submit();
    const task = `t_${opId(1)}`;
    const lines = ['projection.marked_stale {"job_id":"j-1","request_id":"r"}'];
    await record.push({ [pathOf("Lease", task)]: "a: 1\n" }, jobMessage(opId(1), task, lines));
    expect((await submit()).projection_status).toBe("stale");
    await record.push({ [pathOf("Lease", task)]: "a: 2\n" }, jobMessage(opId(2), task, ["garbage"]));
    const problems = (await record.errorsSince(null)).filter((one) => one.includes(" job_record "));
    expect(problems).toEqual([
      expect.stringMatching(
        /^leases.*job_record Record 1 of the job ledger in this commit is corrupt: event_type/,
      ),
    ]);
    for (const answer of [await submit(), await cancel()])
      expect(answer).toMatchObject({
        projection_status: "degraded",
        projection_lag: { corrupt_record_count: 1, degraded: true },
        degraded_reasons: ["read-only ledger replay observed corrupt records"],
      });
  });
});

describe("D29 where the ledger cannot be read", () => {
  const fail = () => vi.mocked(ledger.readLedger).mockRejectedValueOnce(new Error("no room"));
  const told = {
    projection_status: "degraded",
    projection_lag: { event_count: 0, corrupt_record_count: 0, degraded: true },
    degraded_reasons: ["the job ledger could not be read: no room"],
  };

  test("a submit is accepted, and is there", async () => {
    fail();
    const answer = await submit();
    expectSubmitted(answer);
    expect(answer).toMatchObject({ accepted: true, ...told });
    expect(await submit()).toMatchObject({ existing: true, projection_status: "current" });
  });

  test("so is a cancel", async () => {
    expect((await submit()).projection_status).toBe("current");
    fail();
    const answer = await cancel();
    expectCancelled(answer);
    expect(answer).toMatchObject({ cancelled: true, ...told });
    expect((await cancel()).outcome).toBe("already_terminal_cancelled");
  });
});

test("a refusal and a dry run tell nothing of projections", async () => {
  expect(await record.run("ada", "job cancel", { id: "j-1" })).toMatchObject({
    ok: false,
    code: "job_unknown",
  });
  const dry = await record.run("ada", "job submit", INPUT, { dry_run: true });
  expect(dry).toMatchObject({ ok: true, result: { accepted: true } });
  expect(JSON.stringify(dry)).not.toContain("projection_status");
});
