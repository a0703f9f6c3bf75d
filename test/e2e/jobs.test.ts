/** Jobs between real clones and processes: what a table cannot show. */
import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { did, type Ended, owp, startOwp } from "../helpers/command.ts";
import { cloneOf, git } from "../helpers/git.ts";
import { recordHub } from "../helpers/record-hub.ts";

const CLONES = 4;
const SUBMITS = 16;
const WORKERS = 8;

const lines = (hub: string): string[] => {
  const log = git(hub, "log", "--reverse", "--format=%B", "owp");
  return log.split("\n").filter((line) => line.startsWith("Owp-Job: "));
};

describe("several clones at once", () => {
  test("D27 D37 one key is one job, and one job has one worker, who alone can end it", async () => {
    const { hub } = await recordHub();
    const dirs = Array.from({ length: CLONES }, () => cloneOf(hub));
    const dir = (n: number) => dirs[n % CLONES] ?? "";
    const submit = ["job", "submit", "--type", "rpi.run", "--idempotency-key", "nightly:1"];
    const submitted = await Promise.all(
      Array.from({ length: SUBMITS }, (_, n) =>
        did(dir(n), [...submit, "--request-id", `r-${n}`, "--as", `w${n}`, "--payload", `{"n": ${n}}`]),
      ),
    );
    const ids = new Set(submitted.map(({ result }) => `${result.job_id} ${result.request_id}`));
    expect(ids.size).toBe(1);
    expect(submitted.filter(({ result }) => !result.existing)).toHaveLength(1);
    expect(lines(hub)).toHaveLength(1);

    const claims = await Promise.all(
      Array.from({ length: WORKERS }, (_, n) => owp(dir(n), ["job", "claim", "--as", `w${n}`, "--json"])),
    );
    const won = claims.filter(({ status }) => status === 0);
    const lost = claims.filter(({ status }) => status !== 0);
    expect([won.length, ...lost.map(({ status, answer }) => `${status} ${answer?.code}`)]).toEqual([
      1,
      ...Array.from({ length: WORKERS - 1 }, () => "3 nothing_to_claim"),
    ]);
    const { job } = (won[0] as Ended).answer?.result.claimed ?? {};
    const { job_id, claim_token } = job;

    // In another clone, with the token from the environment; without it, or with another one, nothing ends.
    const complete = ["job", "complete", job_id, "--epoch", "1", "--json"];
    const none = await owp(dir(1), complete);
    expect([none.status, none.answer?.code]).toEqual([2, "invalid_input"]);
    const wrong = await owp(dir(1), [...complete, "--token", `${claim_token}x`]);
    expect([wrong.status, wrong.answer?.code]).toEqual([6, "fence_mismatch"]);
    const right = await owp(dir(2), [...complete, "--artifact", "report=https://example.org/r/1"], {
      env: { OWP_JOB_TOKEN: claim_token },
    });
    expect(right.answer?.result.job).toMatchObject({
      ...{ job_id, status: "completed", attempt: 1, lease_epoch: 1 },
      artifacts: { report: "https://example.org/r/1" },
    });
    expect(lines(hub).map((line) => line.split(" ")[1])).toEqual([
      "job.accepted",
      "job.claimed",
      "job.completed",
    ]);

    // D50 a new clone knows all of it, and the token stands nowhere.
    const fresh = cloneOf(hub);
    const { result } = await did(fresh, ["job", "list", "--all"]);
    expect(result.jobs).toMatchObject([
      { job: { job_id, status: "completed", request_ids: [job.request_id] } },
    ]);
    expect(git(hub, "log", "-p", "--format=%B", "owp")).not.toContain(claim_token);
    expect((await did(fresh, ["validate"])).result.problems).toEqual([]);
    const history = await did(fresh, [
      "validate",
      "--range",
      `${git(hub, "rev-list", "--max-parents=0", "owp").trim()}..origin/owp`,
    ]);
    expect(history.result.problems).toEqual([]);
  });

  test("a claim that finds used-up jobs alone ends them, and says that it took none", async () => {
    const { hub } = await recordHub();
    const dir = cloneOf(hub);
    await did(dir, ["job", "submit", "--type", "rpi.run", "--job-id", "j-1"]);
    for (const shift of ["+0s", "+61s", "+122s"]) {
      const env = { OWP_NOW: shift };
      expect((await did(dir, ["job", "claim", "j-1"], { env })).result.claimed.job.job_id).toBe("j-1");
    }
    const after = { env: { OWP_NOW: "+200s" } };
    const dry = await did(dir, ["job", "claim", "--dry-run"], after);
    expect(dry.result).toMatchObject({ claimed: null, exhausted: ["j-1"] });
    const none = await owp(dir, ["job", "claim", "--json"], after);
    expect([none.status, none.answer?.code, none.answer?.error?.data]).toEqual([
      ...[3, "nothing_to_claim", { exhausted: ["j-1"] }],
    ]);
    const { result } = await did(dir, ["job", "show", "j-1"]);
    expect(result.job).toMatchObject({ status: "failed", failure: { code: "retry_exhausted" }, attempt: 3 });
    expect(lines(hub).map((line) => line.split(" ")[1])).toEqual([
      ...["job.accepted", "job.claimed"],
      ...["job.lease_expired", "job.claimed", "job.lease_expired", "job.claimed", "job.failed"],
    ]);
  });
});

describe("D24 D29 what happens to an event around the moment when it counts", () => {
  const SUBMIT = ["job", "submit", "--type", "rpi.run", "--idempotency-key", "nightly:1"];

  /** Submits in a process that the hub kills: before it takes the push, or once it has. */
  async function killedBy(hub: string, hook: "pre-receive" | "post-receive", dir: string): Promise<void> {
    const path = join(hub, "hooks", hook);
    writeFileSync(path, `#!/bin/sh\nkill -9 "$(cat victim)"\n${hook === "pre-receive" ? "exit 1\n" : ""}`, {
      mode: 0o755,
    });
    const { child, ended } = startOwp(dir, [...SUBMIT, "--json"]);
    writeFileSync(join(hub, "victim"), `${child.pid}`);
    const { status, stdout } = await ended;
    expect({ status, stdout }).toEqual({ status: null, stdout: "" });
    rmSync(path);
  }

  test.each([
    ["killed between commit and push: there is no event, and the same request makes it", "pre-receive", 0],
    ["killed between push and answer: the event is there, and the same request finds it", "post-receive", 1],
  ] as const)("%s", async (_name, hook, events) => {
    const { hub } = await recordHub();
    const dir = cloneOf(hub);
    await killedBy(hub, hook, dir);
    expect(lines(hub)).toHaveLength(events);
    expect((await did(cloneOf(hub), ["job", "list"])).result.jobs).toHaveLength(events);
    const { result } = await did(dir, SUBMIT);
    expect(lines(hub).map((line) => line.split(" ")[1])).toEqual(["job.accepted"]);
    const { jobs } = (await did(cloneOf(hub), ["job", "list"])).result;
    expect(jobs.map(({ job }: { job: { job_id: string } }) => job.job_id)).toEqual([result.job_id]);
    expect((await did(dir, ["doctor"])).result.problems ?? []).toEqual([]);
  });

  test("projections that cannot be kept take nothing back: the job is accepted, and the answer is whole", async () => {
    const { hub } = await recordHub();
    const dir = cloneOf(hub);
    await did(dir, ["job", "status"]);
    const cache = join(dir, ".git", "owp", "jobs", "projections.json");
    rmSync(cache, { force: true });
    mkdirSync(join(cache, "in-the-way"), { recursive: true });
    const { result } = await did(dir, SUBMIT);
    expect(lines(hub)).toHaveLength(1);
    expect((await did(dir, ["job", "show", result.job_id])).result.job.status).toBe("queued");
    expect((await did(dir, ["job", "status"])).result).toMatchObject({
      queue: { jobs: [{ job_id: result.job_id, status: "queued" }] },
    });
  });
});
