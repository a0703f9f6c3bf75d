/** Jobs under races of several clones, on the real engine: each seed is another order of events, with answers that are lost. */
import { describe, expect, test } from "vitest";
import type { JobClaimed } from "../../src/domain/jobs/claim.ts";
import type { JobsListed } from "../../src/domain/jobs/list.ts";
import type { JobSubmitted } from "../../src/domain/jobs/submit.ts";
import { OPERATIONS } from "../../src/domain/operations.ts";
import type { Outcome } from "../../src/lib/types.ts";
import { checkRange } from "../../src/lib/validate/range.ts";
import { checkTree } from "../../src/lib/validate/record.ts";
import { MemoryClones } from "../helpers/memory-clones.ts";

const CLONES = 5;
const SEEDS = Array.from({ length: 20 }, (_, n) => n + 1);
const LEASE_MS = 60_000;

async function begun(seed: number): Promise<MemoryClones> {
  const clones = new MemoryClones(seed, CLONES);
  await did(clones.run(0, "max", "init", { repo: "web" }));
  return clones;
}

async function did<R>(run: Promise<Outcome>): Promise<R> {
  const outcome = await run;
  if (!outcome.ok) throw new Error(`${outcome.code}: ${outcome.message}`);
  return outcome.result as R;
}

/** The events of the ledger, in its order: type and job. */
async function events(clones: MemoryClones): Promise<string[]> {
  const lines = (await clones.log()).flatMap(({ message }) => message.split("\n"));
  return lines.flatMap((line) => {
    const [, type, json] = /^Owp-Job: (\S+) (.*)$/.exec(line) ?? [];
    return json === undefined ? [] : [`${type} ${JSON.parse(json).job_id}`];
  });
}

/** What validate says of the record and of its whole history. */
async function findings(clones: MemoryClones): Promise<string[]> {
  const log = await clones.log();
  const tip = log.at(-1);
  const { store } = clones.remote;
  const tree = await checkTree(store, tip?.tree ?? "", clones.now);
  const range = { from: log[0]?.oid ?? null, to: tip?.oid ?? "" };
  const history = await checkRange(store, range, { now: clones.now, operations: OPERATIONS });
  return [...tree.files, ...tree.across, ...history.findings].map(({ code, path }) => `${code} ${path}`);
}

const all = <R>(count: number, one: (n: number) => Promise<R>): Promise<R[]> =>
  Promise.all(Array.from({ length: count }, (_, n) => one(n)));
function tally(words: readonly string[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const word of words) counts[word] = (counts[word] ?? 0) + 1;
  return counts;
}

describe.each(SEEDS)("seed %i", (seed) => {
  test("D27 50 submits at once under one key are one job, and one event", async () => {
    const clones = await begun(seed);
    const answers = await all(50, (n) =>
      did<JobSubmitted>(
        clones.run(n, `w${n % 7}`, "job submit", {
          ...{ type: "rpi.run", idempotency_key: "k", request_id: `r-${n}` },
          // Some have an id of their own besides: the key counts first.
          ...(n % 3 === 0 ? { job_id: `j-${n}` } : {}),
        }),
      ),
    );
    const [first] = answers;
    for (const { job_id, request_id, id } of answers) {
      expect({ job_id, request_id, id }).toEqual({
        ...{ job_id: first?.job_id, request_id: first?.request_id, id: first?.id },
      });
    }
    expect(await events(clones)).toEqual([`job.accepted ${first?.job_id}`]);
    expect(await findings(clones)).toEqual([]);
  });

  test("D25 D26 the same with a job_id; a request_id makes a job each time", async () => {
    const clones = await begun(seed);
    await all(20, (n) => did(clones.run(n, `w${n % 7}`, "job submit", { type: "rpi.run", job_id: "j-1" })));
    expect(await events(clones)).toEqual(["job.accepted j-1"]);
    const input = { type: "rpi.run", request_id: "r-1" };
    const answers = await all(10, (n) => did<JobSubmitted>(clones.run(n, "w1", "job submit", input)));
    expect(new Set(answers.map(({ job_id }) => job_id)).size).toBe(10);
    expect(await findings(clones)).toEqual([]);
  });

  test("D36 D37 each job has one worker, and each worker one token, which no file and no ticket shows", async () => {
    const clones = await begun(seed);
    for (let n = 0; n < 6; n++)
      await did(clones.run(n, "max", "job submit", { type: "rpi.run", job_id: `j-${n}` }));
    const outcomes = await all(14, (n) => clones.run(n, `w${n}`, "job claim"));
    const claims = outcomes.flatMap((outcome) => (outcome.ok ? [outcome.result as JobClaimed] : []));
    expect(tally(outcomes.map((outcome) => (outcome.ok ? "ok" : outcome.code)))).toEqual({
      ...{ ok: 6, nothing_to_claim: 8 },
    });
    const ids = claims.map(({ claimed }) => claimed?.job.job_id).sort();
    expect(ids).toEqual(["j-0", "j-1", "j-2", "j-3", "j-4", "j-5"]);
    const tokens = claims.map(({ claimed }) => claimed?.job.claim_token ?? "");
    expect(new Set(tokens).size).toBe(6);
    const { jobs } = await did<JobsListed>(clones.run(0, "eve", "job list"));
    for (const { job } of jobs) expect([job.status, job.claim_token]).toEqual(["running", undefined]);
    const kept = [...clones.clones.map(({ room }) => room), ...clones.clones.map(({ shelf }) => shelf)];
    const stored = JSON.stringify([kept.map(texts), (await clones.log()).map(({ message }) => message)]);
    for (const token of tokens) {
      expect(token).toMatch(/^owpj_.{43}$/);
      expect(stored).not.toContain(token);
    }
    expect(await findings(clones)).toEqual([]);
  });

  test("D48 of complete, fail and cancel at once one counts, and everyone is told that one", async () => {
    const clones = await begun(seed);
    await did(clones.run(0, "max", "job submit", { type: "rpi.run", job_id: "j-1" }));
    const { claimed } = await did<JobClaimed>(clones.run(1, "ada", "job claim"));
    const fence = { id: "j-1", token: claimed?.job.claim_token, epoch: 1 };
    const names = ["job complete", "job fail", "job cancel"];
    const results = await all(9, (n) => {
      const name = names[n % 3] ?? "";
      return did<JobClaimed["claimed"]>(clones.run(n, `w${n}`, name, n % 3 === 2 ? { id: "j-1" } : fence));
    });
    const ends = (await events(clones)).slice(2);
    expect(ends).toHaveLength(1);
    const statuses = new Set(results.map((result) => result?.job.status));
    expect([...statuses]).toEqual([
      ends[0] === "job.completed j-1" ? "completed" : ends[0] === "job.failed j-1" ? "failed" : "cancelled",
    ]);
    expect(await findings(clones)).toEqual([]);
  });

  test("D40 D41 a lease that ran out is taken over once; the stale worker, and attempts that are used up, end nothing twice", async () => {
    const clones = await begun(seed);
    await did(clones.run(0, "max", "job submit", { type: "rpi.run", job_id: "j-1" }));
    await did(clones.run(0, "max", "job submit", { type: "wiki.build", job_id: "j-2" }));
    for (let attempt = 1; attempt <= 3; attempt++) {
      const outcomes = await all(6, (n) => clones.run(n, `w${n}`, "job claim", { id: "j-1" }));
      expect(tally(outcomes.map((outcome) => (outcome.ok ? "ok" : outcome.code)))).toEqual({
        ...{ ok: 1, task_held: 5 },
      });
      const won = outcomes.find((outcome) => outcome.ok) as { result: JobClaimed };
      const stale = { id: "j-1", token: won.result.claimed?.job.claim_token, epoch: attempt };
      clones.now += LEASE_MS;
      const late = await clones.run(1, "w1", "job complete", stale);
      expect(late).toMatchObject({ ok: false, code: "lease_expired" });
    }
    const outcomes = await all(6, (n) => clones.run(n, `w${n}`, "job claim"));
    const got = outcomes.flatMap((one) => (one.ok ? [(one.result as JobClaimed).claimed?.job.job_id] : []));
    expect(got).toEqual(["j-2"]);
    expect(tally(await events(clones))).toEqual({
      ...{ "job.accepted j-1": 1, "job.accepted j-2": 1, "job.claimed j-1": 3, "job.lease_expired j-1": 2 },
      ...{ "job.failed j-1": 1, "job.claimed j-2": 1 },
    });
    expect(await findings(clones)).toEqual([]);
  });
});

/** Maps as lists, so that they become text. */
const texts = (value: object): unknown[] =>
  Object.values(value).map((one) => (one instanceof Map ? [...one] : one));
