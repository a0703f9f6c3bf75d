/** The commands of the job ledger: words to the service's input, answers to text. */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { commands } from "../../src/cli/commands.ts";
import { tempDir } from "../helpers/git.ts";
import { expectForm } from "../helpers/jobspec.ts";
import { NOW, run, type World } from "./support.ts";

const job = (words: string, world: Partial<World> = {}) =>
  run(["job", ...words.split(" ")], { commands, ...world });
const answering = (result: unknown, more: Partial<World> = {}): Partial<World> => ({
  answer: () => ({ result }),
  ...more,
});

describe("words", () => {
  test.each([
    ["events", "job events", {}],
    ["events --after-id evt_1 --limit 5", "job events", { after_id: "evt_1", limit: 5 }],
    ["events --since evt_1", "job events", { since: "evt_1" }],
    ["status", "job status", {}],
    ["ready --require", "job ready", { require: true }],
    ["snapshot", "job snapshot", {}],
    ["snapshot wiki", "job snapshot", { part: "wiki" }],
    ["rebuild", "job rebuild", {}],
  ])("owp job %s", async (words, name, input) => {
    expect((await job(words, answering({ events: [] }))).seen).toMatchObject([{ name, input }]);
  });

  test("a kept snapshot is read here: from a file, or standard input", async () => {
    const file = join(tempDir(), "kept.json");
    writeFileSync(file, '{"a":1}');
    const read = await job(`snapshot --compare ${file}`);
    const piped = await job("snapshot --compare -", { stdin: '{"b":2}' });
    expect([read, piped].map(({ seen }) => seen[0]?.input)).toEqual([
      { kept: '{"a":1}' },
      { kept: '{"b":2}' },
    ]);
  });

  test.each([
    [
      "a file that is not there",
      "snapshot --compare nowhere.json",
      2,
      "nowhere.json cannot be read: it is not there",
    ],
    ["a part beside it", "snapshot runs --compare x", 2, "takes the whole snapshot"],
    ["a part that is none", "snapshot moon", 2, "must be one of health, runs, jobs, wiki"],
    ["a limit that is no number", "events --limit many", 2, "whole number"],
  ])("%s is refused before anything is asked", async (_name, words, code, why) => {
    const ran = await job(words);
    expect([ran.code, ran.seen, ran.out]).toEqual([code, [], ""]);
    expect(ran.err).toContain(why);
  });
});

test("health asks nobody", async () => {
  const ran = await job("health --json");
  expect([ran.code, ran.seen]).toEqual([0, []]);
  const { result } = JSON.parse(ran.out);
  expectForm("HealthResponse", result);
  expect(result.now).toBe(new Date(NOW).toISOString().replace(".000", ""));
});

describe("answers", () => {
  const event = {
    event_id: "evt_1",
    job_id: "j",
    event_type: "job.accepted",
    occurred_at: new Date(NOW - 60_000).toISOString(),
    actor: "ada",
  };
  const corrupt = [{ line_number: 3, error: "it is cut", commit: "c0ffee00".repeat(5) }];

  test("events, what is corrupt, and where to go on", async () => {
    const { out, err } = await job("events", answering({ events: [event], corrupt, last_event_id: "evt_9" }));
    expect(out).toContain("evt_1 job.accepted j ada\n");
    expect(out).toContain("record 3 (commit c0ffee00) is corrupt: it is cut\n");
    expect(err).toContain("next: owp job events --after-id evt_1");
    const all = await job("events", answering({ events: [event], last_event_id: "evt_1" }, { tty: true }));
    expect(all.out).toContain("1m ago");
    expect(all.err).not.toContain("next:");
    expect((await job("events", answering({ events: [] }))).out).toBe("no events\n");
  });

  test("status names jobs and why the ledger is not whole", async () => {
    const jobs = [
      { ...{ job_id: "j", job_type: "rpi.run", status: "failed", attempt: 1, max_attempts: 3 } },
    ].map((one) => ({ ...one, updated_at: event.occurred_at, failure: { code: "lost", message: "gone" } }));
    const status = {
      ready: false,
      projection_lag: { event_count: 2, corrupt_record_count: 1 },
      queue: { jobs },
      projections: { degraded_reasons: ["some are corrupt"] },
    };
    const { out, err } = await job("status", answering(status));
    expect(out).toMatch(/^not ready: 2 events, 1 corrupt records\nsome are corrupt\n/);
    expect(out).toMatch(/j +rpi\.run +failed +1 of 3 +1m ago +lost: gone/);
    expect(err).toContain("next: owp job events");
    const empty = { ...status, ready: true, queue: { jobs: [] }, projections: {} };
    expect((await job("status", answering(empty))).out).toBe("ready: 2 events, 1 corrupt records\nno jobs\n");
  });

  test("the snapshot is JSON and nothing else, with --json or without", async () => {
    const snapshot = { schema_version: 1, resources: { jobs: [{ job_id: "j" }] } };
    for (const words of ["snapshot", "snapshot --json"])
      expect(JSON.parse((await job(words, answering(snapshot))).out)).toEqual(snapshot);
  });

  test("a rebuild tells where corrupt records were put", async () => {
    const [one] = corrupt;
    const result = { jobs: 1, projection_lag: {}, corrupt: [{ ...one, quarantine_path: "/q.jsonl" }] };
    const { out } = await job("rebuild", answering(result));
    expect(out).toContain("record 3 (commit c0ffee00) is corrupt: it is cut; it is in /q.jsonl");
  });

  test("what is required and not so fails", async () => {
    const refusal = {
      ok: false as const,
      code: "jobs_not_ready" as const,
      message: "No.",
      hint: "owp job events",
    };
    const ran = await job("ready --require", { answer: () => refusal });
    expect([ran.code, ran.out, ran.err]).toEqual([9, "", "owp: No.\n  next: owp job events\n"]);
  });
});
