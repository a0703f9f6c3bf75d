/** The queue that the record's files tell, and the one that the ledger tells, are one (FEATURES D32, D38, D81). */
import { expect, test } from "vitest";
import { pathOf } from "../../src/core/paths.ts";
import type { JobClaimed } from "../../src/domain/jobs/claim.ts";
import { JOB_TRAILER, readRecords } from "../../src/domain/jobs/event.ts";
import { planJobList } from "../../src/domain/jobs/list.ts";
import { fold } from "../../src/domain/jobs/projections/fold.ts";
import { queueSnapshot } from "../../src/domain/jobs/projections/jobs.ts";
import { EMPTY, type LedgerState } from "../../src/domain/jobs/projections/state.ts";
import { OPERATIONS } from "../../src/domain/operations.ts";
import { readTrailerLog } from "../../src/engine/trailer-log.ts";
import { fc } from "../helpers/chance.ts";
import { MemoryRecord } from "../helpers/memory-record.ts";
import { ctx, NOW, ok } from "../helpers/record.ts";
import { stateOf } from "../helpers/state.ts";

/** Operations are a minute apart and more, so that a lease lasts for none to three of them. */
const POLICY = `kind: Policy
protocol: "1.0"
jobs: { lease: 150s, max_attempts: 2, types: [deploy.run] }
`;
const JOBS = ["j-0", "j-1", "j-2"];
const TYPES = ["rpi.run", "wiki.forge", "deploy.run"];
const WAITS = [0, 29_999, 30_000, 30_001, 90_000, 200_000];

const VERBS = [
  "submit",
  "claim",
  "claim",
  "claim",
  "heartbeat",
  "heartbeat",
  "complete",
  "fail",
  "cancel",
] as const;
const step = fc.record({
  verb: fc.constantFrom(...VERBS),
  job: fc.constantFrom(...JOBS),
  worker: fc.constantFrom("ada", "bo"),
  wait: fc.constantFrom(...WAITS),
  request: fc.constantFrom({}, { request_id: "req_a" }, { request_id: "req_b" }),
  artifacts: fc.constantFrom(
    {},
    { artifacts: ["log=https://x.org/1"] },
    { artifacts: ["log=out/2", "report=r"] },
  ),
  why: fc.constantFrom({}, { code: "lost", message: "gone  away", retryable: true }),
});
type Step = typeof step extends fc.Arbitrary<infer T> ? T : never;

/** Runs the steps, with the tokens that the claims showed; what is refused changes nothing. */
async function played(steps: readonly Step[]): Promise<MemoryRecord> {
  const record = new MemoryRecord();
  await record.did("max", "init", { repo: "web" });
  await record.push({ [pathOf("Policy", "")]: POLICY });
  const fences = new Map<string, object>();
  for (const { verb, job, worker, wait, request, artifacts, why } of steps) {
    record.wait(wait);
    const input = {
      submit: { type: TYPES[JOBS.indexOf(job)], job_id: job, idempotency_key: `key ${job}`, ...request },
      claim: request,
      heartbeat: { id: job, ...fences.get(job), ...artifacts },
      complete: { id: job, ...fences.get(job), ...request, ...artifacts },
      fail: { id: job, ...fences.get(job), ...request, ...artifacts, ...why },
      cancel: { id: job, ...request },
    }[verb];
    const outcome = await record.run(worker, `job ${verb}`, input);
    const { claimed } = (verb === "claim" && outcome.ok ? outcome.result : {}) as Partial<JobClaimed>;
    if (claimed)
      fences.set(claimed.job.job_id, { token: claimed.job.claim_token, epoch: claimed.job.lease_epoch });
  }
  return record;
}

async function ledgerOf(record: MemoryRecord): Promise<LedgerState> {
  const wanted = { key: JOB_TRAILER, rows: OPERATIONS };
  const { commits } = await readTrailerLog(record.remote.store, record.tip, wanted);
  return fold(EMPTY, commits.flatMap(readRecords));
}

test("at every moment around every expiry, in all fields but the payload", async () => {
  const seen = new Set<string>();
  const submits = JOBS.map((job) => ({ ...NOTHING, verb: "submit" as const, job }));
  const runs = fc.array(step, { minLength: 5, maxLength: 14 });
  await fc.assert(
    fc.asyncProperty(runs, async (steps) => {
      const record = await played([...submits.slice(0, 2), ...steps]);
      const [files, ledger] = [stateOf(await record.files()), await ledgerOf(record)];
      const ends = [...ledger.jobs.values()].flatMap(
        ({ lease }) => Date.parse(lease?.expires_at ?? "") || [],
      );
      for (const now of [NOW, ...ends.flatMap((end) => [end - 1, end, end + 1])]) {
        const { jobs } = ok(planJobList(files, { all: true }, ctx("eve", { now }))).result;
        const told = jobs.map(({ job: { payload: _payload, ...job } }) => job);
        expect(queueSnapshot(ledger, now).jobs).toEqual(told);
        for (const { status, attempt } of told) seen.add(`${status} ${attempt}`);
      }
    }),
    { numRuns: 60 },
  );
  // All of it came up.
  for (const one of ["queued 0", "running 2", "retry_waiting 2", "completed 2", "failed 2", "cancelled 1"])
    expect(seen).toContain(one);
});
const NOTHING = { worker: "ada" as const, wait: 0, request: {}, artifacts: {}, why: {} };
