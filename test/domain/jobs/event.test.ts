import { describe, expect, test } from "vitest";
import {
  EVENT_TYPES,
  type JobRecord,
  RECORD_LIMIT_BYTES,
  readRecords,
} from "../../../src/domain/jobs/event.ts";
import { expectForm, line, opId, SEED, said } from "../../helpers/jobspec.ts";

const AT = Date.parse("2026-01-02T03:04:05Z");
const OP = opId(1);
const read = (values: string[], more: object = {}): JobRecord[] =>
  readRecords({ commit: "c".repeat(40), at_ms: AT, op: OP, actor: "ada", values, ...more });
const one = (value: string, more: object = {}) => read([value], more)[0] as JobRecord;

test("D60 an event is the trailer and what its commit says", () => {
  const payload = { ...said.accepted(), more: { of: "it" } };
  const [record] = read([line("job.accepted", "job_1", payload)]);
  expect(record).toEqual({
    commit: "c".repeat(40),
    event: {
      schema_version: 1,
      event_id: `evt_${OP}`,
      request_id: "req_job_1",
      job_id: "job_1",
      event_type: "job.accepted",
      occurred_at: "2026-01-02T03:04:05Z",
      actor: "ada",
      payload,
    },
  });
  expectForm("LedgerEvent", (record as { event: object }).event);
});

test("D61 the types of events are the seed's", () => {
  expect([...EVENT_TYPES].sort()).toEqual([...(SEED.EventType?.enum ?? [])].sort());
});

test("events of one commit are numbered by their place, corrupt ones among them", () => {
  const records = read([line("job.lease_expired", "j"), "job.claimed {", line("job.claimed", "j")]);
  expect(records.map((record) => ("event" in record ? record.event.event_id : "corrupt"))).toEqual([
    `evt_${OP}`,
    "corrupt",
    `evt_${OP}_2`,
  ]);
});

describe("D63, D68 a corrupt record says why", () => {
  const good = { job_id: "j", request_id: "r" };
  const of = (body: object, type = "job.accepted") => `${type} ${JSON.stringify(body)}`;
  test.each([
    ["no event type", JSON.stringify(good), {}, "event_type is missing"],
    ["nothing at all", "", {}, "event_type is missing"],
    ["cut after the type", "job.accepted", {}, "ends after its event_type"],
    ["cut in the JSON", of(good).slice(0, -6), {}, "garbled or cut off"],
    ["of an unknown type, cut", 'job.paused {"job', {}, "garbled or cut off"],
    ["a list", "job.accepted []", {}, "no JSON object"],
    ["null", "job.accepted null", {}, "no JSON object"],
    ["no job_id", of({ request_id: "r" }), {}, "job_id is missing"],
    ["no request_id", of({ job_id: "j" }), {}, "request_id is missing"],
    ["an empty job_id", of({ ...good, job_id: "" }), {}, "job_id must be a text"],
    ["white space in a request_id", of({ ...good, request_id: "a b" }), {}, "request_id must be a text"],
    ["a number as a job_id", of({ ...good, job_id: 7 }), {}, "job_id must be a text"],
    ["another version", of({ ...good, schema_version: 2 }), {}, "schema_version is 2"],
    ["no time", of(good), { at_ms: 0 }, "occurred_at is no time"],
    ["an unsafe id", of(good), { op: "../../x" }, "is not safe"],
    ["a payload that is a list", of({ ...good, payload: [] }), {}, "payload must be an object"],
    ["no number as an epoch", of({ ...good, payload: { lease_epoch: "1" } }), {}, "payload.lease_epoch"],
    ["no attempts", of({ ...good, payload: { max_attempts: 0 } }), {}, "payload.max_attempts"],
    ["an unknown code", of({ ...good, payload: { failure: { code: "x" } } }), {}, "payload.failure"],
    [
      "artifacts that are no texts",
      of({ ...good, payload: { artifacts: { a: 1 } } }),
      {},
      "payload.artifacts",
    ],
  ])("%s", (_name, value, more, why) => {
    const record = one(value, more);
    expect(record).toMatchObject({ commit: "c".repeat(40), error: expect.stringContaining(why), raw: value });
  });

  test("larger than the limit, by bytes", () => {
    const fill = (bytes: number) => of({ ...good, payload: { note: "é".repeat(bytes / 2) } });
    expect(one(fill(RECORD_LIMIT_BYTES))).toMatchObject({ error: expect.stringContaining("larger than") });
    expect(one(fill(RECORD_LIMIT_BYTES - 200))).toHaveProperty("event");
    expect((one(fill(RECORD_LIMIT_BYTES)) as { raw: string }).raw.length).toBeLessThan(100_000);
  });
});

test("D64 an unknown type is no fault, whatever else it lacks", () => {
  expect(one('schedule.fired {"schedule":"nightly"}')).toEqual({
    commit: "c".repeat(40),
    unknown: "schedule.fired",
  });
});

test("fields that are not known pass, and a payload may be left out", () => {
  const value = 'job.heartbeat {"job_id":"j","request_id":"r","schema_version":1,"trace":"x"}';
  const { event } = one(value) as { event: object };
  expect(event).not.toHaveProperty("payload");
  expectForm("LedgerEvent", event);
});
