/** The job ledger of a real record: what is asked of it, and what a clone keeps of it. */
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { beforeAll, beforeEach, describe, expect, test } from "vitest";
import type { Outcome, Success } from "../../src/lib/types.ts";
import { git, gitInput } from "../helpers/git.ts";
import { serveHttp } from "../helpers/http-git.ts";
import { expectForm, jobMessage, jobPath, line, opId, said } from "../helpers/jobspec.ts";
import { hubAt, recordHub } from "../helpers/record-hub.ts";

let hub: string;
let clone: string;
let start: string;
let cache: string;
let count = 0;

/** Commits of a second each, so that the test's own clock matters nowhere but for expiry. */
const T0 = Date.parse("2026-01-01T00:00:00Z");
const NOW = T0 + 3_600_000;

beforeAll(async () => {
  ({ hub, clone } = await recordHub());
  start = git(hub, "rev-parse", "owp");
  cache = join(clone, ".git", "owp", "jobs", "projections.json");
});

/** The record without jobs, and a clone that has not seen it. */
function begin(): void {
  git(hub, "update-ref", "refs/heads/owp", start);
  rmSync(join(clone, ".git", "owp"), { recursive: true, force: true });
  count = 0;
}
beforeEach(begin);

/** A commit with these records on top of another, pushed: it changes the one file that its operation is about. */
function push(
  lines: readonly string[],
  parents: readonly string[] = ["refs/heads/owp^0"],
  text?: string,
): string {
  const n = count++;
  const message = jobMessage(opId(n), JOB_TASK, lines);
  const [from = "", ...merged] = parents;
  const commit = [
    `commit refs/heads/owp\ncommitter x <x@x> ${T0 / 1000 + n} +0000\n${data(message)}from ${from}`,
    ...merged.map((parent) => `merge ${parent}`),
    `M 100644 inline ${jobPath(JOB_TASK, lines)}\n${data(text ?? `n: ${n}`)}`,
  ];
  gitInput(hub, `${commit.join("\n")}\n`, "fast-import", "--quiet", "--force");
  return git(hub, "rev-parse", "owp");
}
const JOB_TASK = `t_${opId(0)}`;
const data = (text: string) => `data ${Buffer.byteLength(text)}\n${text}\n`;

/** So many commits that change nothing and say nothing of jobs. */
function pushPlain(many: number): void {
  const one = (n: number) =>
    `commit refs/heads/owp\ncommitter x <x@x> 1767225700 +0000\ndata 2\n${n % 10}\n${n === 0 ? "from refs/heads/owp^0\n" : ""}\n`;
  gitInput(hub, Array.from({ length: many }, (_, n) => one(n)).join(""), "fast-import", "--quiet");
}

async function run(name: string, input: object = {}, more: object = {}): Promise<Outcome> {
  const open = await hubAt(clone, { as: "ada", now: () => NOW });
  try {
    return await open.run(`job ${name}`, input, more);
  } finally {
    await open.close();
  }
}
async function ask<T = Record<string, unknown>>(
  name: string,
  input: object = {},
  more: object = {},
): Promise<T> {
  const outcome = await run(name, input, more);
  if (!outcome.ok) throw new Error(`${outcome.code}: ${outcome.message}`);
  return (outcome as Success & { result: T }).result;
}

const submit = (job: string) => push([line("job.accepted", job, said.accepted())]);
type Status = { projections: { degraded_reasons?: string[] } };
/** With the moment of the answer, which goes on while one asks, set to one. */
const timeless = (answer: unknown): Status =>
  JSON.parse(
    JSON.stringify(answer).replace(/("(?:rebuilt|generated)_at":)"[^"]*"/g, `$1"2026-01-01T01:00:00Z"`),
  );
const status = async () => timeless(await ask("status"));
const ids = (job: string) => ["job.accepted", "job.claimed", "job.completed"].map((type) => line(type, job));

describe("answers", () => {
  test("D02 D03 D04 D74 D87 of a ledger with jobs are of the seed's forms", async () => {
    submit("one");
    push([line("job.claimed", "one", said.claimed(1, "2026-01-01T00:01:00Z"))]);
    push([line("job.accepted", "two", said.accepted("wiki.forge"))]);
    push([line("job.failed", "two", said.failed("lost", "gone"))]);
    const answer = await ask<{ queue: { jobs: object[] } }>("status");
    expectForm("StatusResponse", answer);
    expect(answer.queue.jobs).toMatchObject([
      { job_id: "one", status: "retry_waiting", attempt: 1 },
      { job_id: "two", status: "failed" },
    ]);
    expectForm("ReadyResponse", await ask("ready"));
    expectForm("EventsResponse", await ask("events"));
    expectForm("OpenClawConsumerSnapshot", await ask("snapshot"));
    expectForm("OpenClawHealthResponse", await ask("snapshot", { part: "health" }));
    for (const part of ["runs", "jobs", "wiki"])
      expect(Object.keys(await ask("snapshot", { part }))).toEqual([part]);
  });

  test("of a record without jobs, and without a record", async () => {
    expectForm("StatusResponse", await status());
    expect(await ask("events")).toEqual({ events: [] });
    expect(await ask("snapshot")).toMatchObject({
      snapshot_id: "snap_empty",
      source: { ledger: "refs/heads/owp" },
    });
    git(hub, "update-ref", "-d", "refs/heads/owp");
    rmSync(join(clone, ".git", "owp"), { recursive: true, force: true });
    expect(await run("status")).toMatchObject({ ok: false, code: "not_initialized" });
  });

  test("are from the last view where the remote cannot be reached, and from here alone with --offline", async () => {
    submit("one");
    await status();
    renameSync(hub, `${hub}.away`);
    try {
      const [there, here] = [await run("ready"), await run("ready", {}, { offline: true })];
      expect(there).toMatchObject({ ok: true, view: { stale: true }, warnings: [expect.any(String)] });
      expect(here).toMatchObject({ ok: true, view: { stale: true }, warnings: [] });
      expect((there as Success).result).toEqual((here as Success).result);
    } finally {
      renameSync(`${hub}.away`, hub);
    }
  });

  test("by URL, where nothing is kept, are the same", async () => {
    submit("one");
    push(["garbage"]);
    const here = await ask("rebuild");
    const served = await serveHttp(dirname(hub));
    try {
      const open = await hubAt("/", { hub: `${served.url}/${basename(hub)}`, now: () => NOW });
      const answers = await Promise.all(
        ["job status", "job events", "job rebuild"].map((name) => open.run(name, {})),
      );
      await open.close();
      const [there, events, rebuilt] = answers.map((one) => (one as Success).result);
      expect([timeless(there), events]).toEqual([await status(), await ask("events")]);
      expect(rebuilt).toMatchObject({ jobs: 1, projection_lag: here.projection_lag as object });
      expect(JSON.stringify(rebuilt)).not.toContain("quarantine_path");
    } finally {
      await served.close();
    }
  });

  test("D95 ready can be required", async () => {
    push(["garbage"]);
    expect(await ask("ready")).toMatchObject({ ready: false });
    const refusal = (await run("ready", { require: true })) as Outcome & { data?: unknown };
    expect(refusal).toMatchObject({ ok: false, code: "jobs_not_ready" });
    expectForm("OpenClawDaemonNotReady", refusal.data);
    begin();
    expect(await ask("ready", { require: true })).toMatchObject({ ready: true });
  });

  test("a foreign commit is no event, whatever it says", async () => {
    submit("one");
    const message = `by hand\n\nOwp-Job: ${line("job.completed", "one")}`;
    git(
      hub,
      "update-ref",
      "refs/heads/owp",
      git(hub, "commit-tree", `${start}^{tree}`, "-p", "owp", "-m", message),
    );
    expect(await ask("ready")).toMatchObject({ ready: true, projection_lag: { event_count: 1 } });
    expect(await ask("snapshot", { part: "jobs" })).toMatchObject({ jobs: [{ status: "queued" }] });
  });
});

describe("D05 events", () => {
  beforeEach(() => {
    push(ids("one"));
    push(["garbage", ...ids("two")]);
  });
  const page = async (input: object) => {
    const { events } = await ask<{ events: { event_id: string; job_id: string }[] }>("events", input);
    return events.map(({ event_id, job_id }) => `${event_id.replace(/^evt_0\w{25}/, "")} ${job_id}`);
  };
  const ALL = [" one", "_1 one", "_2 one", "_1 two", "_2 two", "_3 two"];

  test("come in order, with what is corrupt and the last id", async () => {
    const answer = await ask("events");
    expect(await page({})).toEqual(ALL);
    expect(answer).toMatchObject({ corrupt: [{ line_number: 4 }], last_event_id: `evt_${opId(1)}_3` });
    expectForm("EventsResponse", answer, /must NOT have additional/);
  });

  test.each([
    ["after the first", { after_id: `evt_${opId(0)}` }, ALL.slice(1)],
    ["the same by its other name", { since: `evt_${opId(0)}` }, ALL.slice(1)],
    ["a page across commits", { after_id: `evt_${opId(0)}_1`, limit: 2 }, ALL.slice(2, 4)],
    ["after the last", { after_id: `evt_${opId(1)}_3` }, []],
    ["none", { limit: 0 }, []],
    ["more than there are", { limit: 100_000 }, ALL],
  ])("%s", async (_name, input, events) => {
    expect(await page(input)).toEqual(events);
  });

  test.each([
    ["an unknown cursor", { after_id: "evt_none" }, "evt_none is no event"],
    ["a corrupt record's place", { after_id: `evt_${opId(1)}` }, "is no event"],
    ["a limit below nothing", { limit: -1 }, "--limit must be"],
    ["half an event", { limit: 1.5 }, "--limit must be"],
    ["two cursors", { since: "a", after_id: "b" }, "two names of one cursor"],
  ])("%s is refused", async (_name, input, why) => {
    expect(await run("events", input)).toMatchObject({
      code: "usage",
      message: expect.stringContaining(why),
    });
  });
});

test("D30 an accepted event shows what the job was submitted with, from its file at that commit", async () => {
  const file = (goal: string) =>
    JSON.stringify({
      ...{
        kind: "Task",
        id: JOB_TASK,
        title: "one",
        repo: "web",
        status: "ready",
        priority: 50,
        estimate: 1,
      },
      job: {
        ...{ job_id: "one", type: "rpi.run", request_ids: ["req_one"], projection_targets: [] },
        ...{ payload: { goal }, accepted_event_id: `evt_${opId(0)}_1` },
      },
      created_at: "2026-01-01T00:00:00Z",
    });
  push([line("job.claimed", "one"), line("job.accepted", "one", said.accepted())], undefined, file("draft"));
  push([line("job.heartbeat", "one")]);
  push([line("job.accepted", "one")], undefined, file("other"));
  const answer = await ask<{ events: { payload?: object }[] }>("events");
  expectForm("EventsResponse", answer);
  expect(answer.events.map(({ payload }) => payload)).toEqual([
    undefined,
    { ...said.accepted(), job_payload: { goal: "draft" } },
    undefined,
    { job_payload: { goal: "other" } },
  ]);
});

describe("D81, D84 what is kept", () => {
  beforeEach(async () => {
    submit("one");
    await status();
  });
  const reasons = async () => (await status()).projections.degraded_reasons;
  const damage = (how: (text: string) => string) => writeFileSync(cache, how(readFileSync(cache, "utf8")));

  test("is used: only what came since is read", async () => {
    // What the clone keeps is changed where its digest does not tell, to see that it is what answers.
    const { createHash } = await import("node:crypto");
    const [head = "", body = ""] = readFileSync(cache, "utf8").split("\n");
    const other = body.replace('"one"', '"uno"');
    const digest = createHash("sha256").update(other).digest("hex");
    writeFileSync(cache, `${JSON.stringify({ ...JSON.parse(head), digest })}\n${other}`);
    submit("two");
    expect(await ask("snapshot", { part: "jobs" })).toMatchObject({
      jobs: [{ job_id: "uno" }, { job_id: "two" }],
    });
    expect(await reasons()).toBeUndefined();
  });

  test("is written again when many commits came, and not at each", async () => {
    const before = readFileSync(cache, "utf8");
    submit("two");
    expect(await ask("snapshot", { part: "jobs" })).toMatchObject({ jobs: [{}, { job_id: "two" }] });
    expect(readFileSync(cache, "utf8")).toBe(before);
    // Commits of no job count too: each is looked at.
    pushPlain(98);
    expect(await status()).toMatchObject({ projection_lag: { event_count: 2 } });
    expect(readFileSync(cache, "utf8")).toBe(before);
    pushPlain(1);
    const last = await status();
    expect(readFileSync(cache, "utf8")).not.toBe(before);
    expect(await status()).toEqual(last);
  });

  test("and deleted, is made again with the same content", async () => {
    push(ids("two"));
    const before = await status();
    rmSync(cache);
    expect(await status()).toEqual(before);
    const bytes = readFileSync(cache, "utf8");
    await ask("rebuild");
    expect(readFileSync(cache, "utf8")).toBe(bytes);
  });

  test.each([
    ["cut in half", (text: string) => text.slice(0, text.length / 2), "it is damaged"],
    ["changed by hand", (text: string) => text.replace('"one"', '"uno"'), "it is damaged"],
    ["no JSON", () => "x\ny", "it is damaged"],
    ["empty", () => "", "it is damaged"],
    [
      "of another form",
      (text: string) => text.replace('"schema_version":1', '"schema_version":99'),
      "schema_version is 99",
    ],
    ["of another owp", (text: string) => text.replace(/"owp":"[^"]*"/, '"owp":"9.9.9"'), "owp 9.9.9 made it"],
  ])("%s is ignored, says so once, and is made again", async (_name, how, why) => {
    const before = await status();
    damage(how);
    const after = await status();
    expect(after.projections.degraded_reasons).toEqual([
      expect.stringMatching(`^ignored stale projection snapshot: .*${why}`),
    ]);
    expect(after).toMatchObject({ ready: true });
    const {
      degraded_reasons: _reasons,
      manifests: _manifests,
      ...rest
    } = after.projections as Record<string, unknown>;
    expect(before.projections).toMatchObject(rest);
    expect(await status()).toEqual(before);
  });

  test("and not to be read, is ignored too", async () => {
    rmSync(cache);
    mkdirSync(cache);
    expect(await reasons()).toEqual(["ignored stale projection snapshot: it cannot be read"]);
  });

  test("of a side of a merge is ignored: what it was made on comes later now", async () => {
    const tip = git(hub, "rev-parse", "owp");
    const side = push([line("job.accepted", "side", said.accepted())], [start]);
    push([], [side, tip]);
    expect(await reasons()).toEqual([expect.stringContaining("does not go on from")]);
    expect(await ask("snapshot", { part: "jobs" })).toMatchObject({
      jobs: [{ job_id: "side" }, { job_id: "one" }],
    });
  });
});

describe("D67 corrupt records", () => {
  const quarantine = () => join(clone, ".git", "owp", "jobs", "quarantine.jsonl");

  test("are put aside by a rebuild, and never by a read; gone, they are gone there too", async () => {
    submit("one");
    const commit = push(['job.completed {"job_id":"one","req']);
    await status();
    await ask("events");
    await ask("ready");
    expect(existsSync(quarantine())).toBe(false);
    const result = await ask<{ corrupt: object[] }>("rebuild");
    expect(result).toMatchObject({
      jobs: 1,
      projection_lag: { event_count: 1, corrupt_record_count: 1, degraded: true },
      corrupt: [{ line_number: 2, commit, quarantine_path: quarantine() }],
    });
    for (const one of result.corrupt) expectForm("CorruptRecord", one, /must NOT have additional/);
    expect(
      readFileSync(quarantine(), "utf8")
        .trim()
        .split("\n")
        .map((one) => JSON.parse(one)),
    ).toEqual([
      { line_number: 2, commit, error: expect.any(String), raw: 'job.completed {"job_id":"one","req' },
    ]);
    // The record is put back to where it was, and this clone is made to follow.
    git(hub, "update-ref", "refs/heads/owp", start);
    rmSync(join(clone, ".git", "owp", "index"), { recursive: true });
    const clean = await ask<object>("rebuild");
    expect(clean).not.toHaveProperty("corrupt");
    expect(existsSync(quarantine())).toBe(false);
  });
});

test("D97 a kept snapshot is compared with the record", async () => {
  submit("one");
  const kept = JSON.stringify(await ask("snapshot"));
  expect(await ask("snapshot", { kept })).toMatchObject({ current: true });
  push([line("job.cancelled", "one", { reason: "r" })]);
  expect(await ask("snapshot", { kept })).toMatchObject({
    current: false,
    changed: { runs: ["one"], jobs: ["one"], wiki: [] },
  });
  expect(await run("snapshot", { kept: '{"schema_version":2}' })).toMatchObject({
    ok: false,
    code: "invalid_input",
  });
});
