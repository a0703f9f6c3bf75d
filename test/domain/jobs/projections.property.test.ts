import { expect, test } from "vitest";
import { type JobRecord, readRecords, type SourceCommit } from "../../../src/domain/jobs/event.ts";
import { fold } from "../../../src/domain/jobs/projections/fold.ts";
import { jobProjections, queueSnapshot } from "../../../src/domain/jobs/projections/jobs.ts";
import { consumerSnapshot } from "../../../src/domain/jobs/projections/openclaw.ts";
import { readyOf, reasonsOf } from "../../../src/domain/jobs/projections/ready.ts";
import { projectionSet } from "../../../src/domain/jobs/projections/set.ts";
import { EMPTY, fromKept, type LedgerState, toKept } from "../../../src/domain/jobs/projections/state.ts";
import { fc } from "../../helpers/chance.ts";
import { expectForm, line, opId, said } from "../../helpers/jobspec.ts";

const START = Date.parse("2026-01-01T00:00:00Z");
const at = (seconds: number) => new Date(START + seconds * 1000).toISOString();
const JOBS = ["a", "b", "c"] as const;

const moment = fc.integer({ min: 0, max: 120 }).map(at);
const epoch = fc.integer({ min: 1, max: 4 });
/** Any event of any job, in any order: also those that no operation would write. */
const recordOf = (job: string): fc.Arbitrary<string> =>
  fc.oneof(
    fc
      .constantFrom("rpi.run", "dream.stage", "wiki.forge", "openclaw.snapshot", "acme.own")
      .map((type) => line("job.accepted", job, said.accepted(type))),
    fc.tuple(epoch, moment).map(([n, end]) => line("job.claimed", job, said.claimed(n, end))),
    fc
      .tuple(epoch, fc.option(moment, { nil: undefined }))
      .map(([n, end]) =>
        line("job.heartbeat", job, { lease_epoch: n, lease_expires_at: end, artifacts: { [`n${n}`]: "x" } }),
      ),
    epoch.map((n) => line("job.lease_expired", job, { lease_epoch: n, attempt: n })),
    epoch.map((n) => line("job.completed", job, said.completed(n, { log: "x://y" }))),
    fc.constantFrom("lost", "retry_exhausted").map((code) => line("job.failed", job, said.failed(code))),
    fc.constant(line("job.cancelled", job, { reason: "r" })),
    fc.constant(line("projection.marked_stale", job, { projections: ["wiki-jobs"] })),
    fc.constant(line("projection.rebuilt", job)),
    fc.constant('job.paused {"any":1}'),
  );
const anyValue = fc.constantFrom(...JOBS).chain(recordOf);
const garbage = fc.oneof(
  fc.string(),
  anyValue.map((value) => value.slice(0, Math.floor(value.length * 0.7))),
  fc.constant('job.completed {"job_id":"a","request_id":"r","payload":{"lease_epoch":-1}}'),
);

const commitsOf = (values: fc.Arbitrary<string>, maxLength = 25) =>
  fc.array(fc.array(values, { minLength: 1, maxLength: 3 }), { maxLength }).map((rows) => rows.map(commit));
const commit = (values: readonly string[], index: number): SourceCommit => ({
  commit: `${index}`.padStart(40, "0"),
  at_ms: START + index * 1000,
  op: opId(index),
  actor: "ada",
  values,
});
const recordsOf = (commits: readonly SourceCommit[]): JobRecord[] => commits.flatMap(readRecords);
const plain = (state: LedgerState) => toKept(state);

test("D81 a fold of what came since is the fold of all, whatever was kept as JSON between", () => {
  fc.assert(
    fc.property(commitsOf(fc.oneof(anyValue, garbage)), fc.nat(25), (commits, cut) => {
      const whole = fold(EMPTY, recordsOf(commits));
      const half = fold(EMPTY, recordsOf(commits.slice(0, cut)));
      const kept = fromKept(JSON.parse(JSON.stringify(toKept(half)))) as LedgerState;
      expect(plain(fold(kept, recordsOf(commits.slice(cut))))).toEqual(plain(whole));
    }),
  );
});

test("a fold leaves the state that it goes on from as it was", () => {
  fc.assert(
    fc.property(commitsOf(anyValue, 10), commitsOf(anyValue, 10), (first, second) => {
      const before = fold(EMPTY, recordsOf(first));
      const copy = structuredClone(plain(before));
      fold(before, recordsOf(second));
      expect(plain(before)).toEqual(copy);
    }),
  );
});

test("commits of different jobs may come in any order", () => {
  const own = fc.tuple(...JOBS.map((job) => fc.array(recordOf(job), { maxLength: 6 })));
  fc.assert(
    fc.property(own, fc.array(fc.nat(2), { maxLength: 40 }), (lists, picks) => {
      // Each record keeps its id and its time, wherever it comes.
      const queues = lists.map((list, job) => list.map((value, n) => commit([value], job * 10 + n)));
      const inTurn = queues.flat();
      const left = queues.map((queue) => [...queue]);
      const mixed = picks.flatMap((pick) => left[pick]?.shift() ?? []);
      mixed.push(...left.flat());
      const byId = (commits: SourceCommit[]) => new Map(fold(EMPTY, recordsOf(commits.filter(isOfJob))).jobs);
      expect(byId(mixed)).toEqual(byId(inTurn));
    }),
  );
});
const isOfJob = ({ values }: SourceCommit) => values.every((value) => value.startsWith("job."));

test("corrupt records anywhere lose no valid one, and each is counted and named", () => {
  fc.assert(
    fc.property(commitsOf(anyValue), fc.array(fc.tuple(fc.nat(25), garbage)), (commits, junk) => {
      const clean = fold(EMPTY, recordsOf(commits));
      const dirty = commits.map((one, index) => ({
        ...one,
        // Behind the good ones, so that these keep their numbers.
        values: [...one.values, ...junk.flatMap(([place, text]) => (place === index ? [text] : []))],
      }));
      const records = recordsOf(dirty);
      const state = fold(EMPTY, records);
      expect(plain({ ...state, corrupt: [], lines: 0 })).toEqual(plain({ ...clean, corrupt: [], lines: 0 }));
      const bad = records.flatMap((record, index) => ("error" in record ? [[index + 1, record.commit]] : []));
      expect(state.corrupt.map((one) => [one.line_number, one.commit])).toEqual(bad);
      const wanted = junk.filter(([place]) => place < commits.length).length;
      expect(bad).toHaveLength(wanted);
      expect(readyOf(state, []).ready).toBe(wanted === 0);
    }),
  );
});

test("D83 no success without a terminal event: a job is over where, and as, the last event that counts for it says", () => {
  fc.assert(
    fc.property(
      commitsOf(fc.oneof(anyValue, garbage)),
      fc.integer({ min: 0, max: 200 }),
      (commits, seconds) => {
        const records = recordsOf(commits);
        const state = fold(EMPTY, records);
        const types = new Map(
          records.flatMap((one) =>
            "event" in one ? [[one.event.event_id, one.event.event_type] as const] : [],
          ),
        );
        for (const job of jobProjections(state, START + seconds * 1000)) {
          const last = types.get(job.last_event_id ?? "");
          const end = ENDS.find((type) => type === last)?.slice("job.".length);
          expect(OVER.find((status) => status === job.status)).toBe(end);
          expect("result_status" in job).toBe(end !== undefined);
        }
      },
    ),
  );
});
const ENDS = ["job.completed", "job.failed", "job.cancelled"];
const OVER = ["completed", "failed", "cancelled"];

test("every answer is of the seed's form, whatever the ledger holds", () => {
  const seeds = fc.oneof(anyValue, garbage).filter((value) => !value.includes("acme.own"));
  fc.assert(
    fc.property(commitsOf(seeds), fc.integer({ min: 0, max: 200 }), (commits, seconds) => {
      const state = fold(EMPTY, recordsOf(commits));
      const reading = { now: START + seconds * 1000, ledger: "owp", reasons: reasonsOf(state) };
      const set = projectionSet(state, reading);
      expectForm("ProjectionSet", set);
      expectForm("OpenClawConsumerSnapshot", consumerSnapshot(set));
      expectForm("QueueSnapshot", queueSnapshot(state, reading.now));
      for (const one of state.corrupt) expectForm("CorruptRecord", one, /must NOT have additional/);
    }),
  );
});

test("the queue and the projections agree on expiry at every moment", () => {
  const unmarked = anyValue.filter((value) => value.startsWith("job."));
  fc.assert(
    fc.property(commitsOf(unmarked), fc.integer({ min: 0, max: 200_000 }), (commits, ms) => {
      const state = fold(EMPTY, recordsOf(commits));
      const shown = new Map(jobProjections(state, START + ms).map((job) => [job.job_id, job.status]));
      for (const job of queueSnapshot(state, START + ms).jobs) expect(job.status).toBe(shown.get(job.job_id));
    }),
  );
});
