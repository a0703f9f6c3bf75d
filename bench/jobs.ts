/** The job ledger: its projections made from a long history, and brought up to date after one more commit. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { encode } from "../src/core/codec.ts";
import { nthId } from "../src/core/ids.ts";
import { pathOf } from "../src/core/paths.ts";
import type { Section } from "./section.ts";
import { ENV, git, median, OWP, owp, place, ROOT, record, succeed } from "./stage.ts";

const COMMITS = 100_000;
const ROUNDS = 9;
const FIRST_ID = "01k00000000000000000000000";
const START_S = 1_767_225_600;
const AT = "2026-01-01T00:00:00Z";

export async function jobs(): Promise<Section> {
  const at = place(1);
  record(at, 1, ["w0"]);
  const [dir = ""] = at.clones;
  await fill(at.hub);
  owp(dir, "status");
  const rebuild = await succeed(
    process.execPath,
    ["-r", join(ROOT, "bench/peak.cjs"), OWP, "job", "rebuild", "--json"],
    {
      cwd: dir,
    },
  );
  const { jobs, projection_lag: lag } = JSON.parse(rebuild.stdout).result;
  if (jobs !== COMMITS / STEPS.length || lag.event_count !== COMMITS)
    throw new Error(`the ledger has ${jobs} jobs and ${lag.event_count} events`);
  const peak = Number(/^peak (\d+)/m.exec(rebuild.stderr)?.[1]) / 1024;
  const time = async (...words: string[]) =>
    (await succeed(process.execPath, [OWP, ...words], { cwd: dir })).ms;
  const warm: number[] = [];
  const delta: number[] = [];
  const status: number[] = [];
  for (let round = 0; round < ROUNDS; round++) {
    warm.push(await time("job", "ready"));
    await addOne(at.hub, COMMITS + 2 * round);
    status.push(await time("status"));
    await addOne(at.hub, COMMITS + 2 * round + 1);
    delta.push(await time("job", "ready"));
  }
  return {
    name: `projections of ${(COMMITS / 5).toLocaleString("en")} jobs from ${COMMITS.toLocaleString("en")} commits`,
    rows: [
      { what: "rebuild, all commits read again", value: rebuild.ms / 1000, unit: "s" },
      { what: "commits", value: COMMITS / (rebuild.ms / 1000), unit: "per s" },
      { what: "rebuild, peak memory", value: peak, unit: "MB" },
      { what: "owp job ready, nothing new", value: median(warm), unit: "ms" },
      { what: "owp job ready after one more commit", value: median(delta), unit: "ms" },
      {
        what: "one more commit, against owp status after one",
        value: median(delta.map((ms, round) => ms / (status[round] ?? 1))),
        unit: "x",
      },
    ],
  };
}

/** What happens to a job: five commits, each of the operation that its event is named after. */
const STEPS: readonly { type: string; payload: object }[] = [
  { type: "job.accepted", payload: { job_type: "rpi.run", max_attempts: 3 } },
  { type: "job.claimed", payload: { attempt: 1, lease_epoch: 1, lease_expires_at: AT } },
  { type: "job.heartbeat", payload: { lease_epoch: 1, lease_expires_at: AT } },
  { type: "job.heartbeat", payload: { lease_epoch: 1, artifacts: { log: "out/log.txt" } } },
  { type: "job.completed", payload: { lease_epoch: 1, result_status: "succeeded" } },
];

async function fill(hub: string): Promise<void> {
  await importing(hub, async (write) => {
    for (let n = 0; n < COMMITS; n++)
      await write(commitText(n, n === 0 ? git(hub, "rev-parse", "owp") : undefined));
  });
}

const addOne = (hub: string, n: number): Promise<void> =>
  importing(hub, (write) => write(commitText(n, git(hub, "rev-parse", "owp"))));

const data = (text: string): string => `data ${Buffer.byteLength(text)}\n${text}\n`;

function commitText(n: number, from: string | undefined): string {
  const job = Math.floor(n / STEPS.length);
  const { type, payload } = STEPS[n % STEPS.length] as (typeof STEPS)[number];
  const id = `t_${nthId(FIRST_ID, job)}`;
  const body = JSON.stringify({ job_id: `job_${job}`, request_id: `req_${n}`, payload });
  const epoch = type === "job.accepted" ? "" : " epoch=1";
  const message = `${type} job_${job}\n\nOwp-Op: ${nthId(FIRST_ID, COMMITS + n)}\nOwp-Event: ${type}\nOwp-Actor: w0\nOwp-Clone: bench\nOwp-Task: ${id}${epoch}\nOwp-Job: ${type} ${body}\n`;
  const head = `commit refs/heads/owp\ncommitter bench <bench@example.org> ${START_S + n} +0000\n${data(message)}`;
  return `${head}${from ? `from ${from}\n` : ""}${changeText(type, id, n)}\n`;
}

function changeText(type: string, id: string, n: number): string {
  const isEnd = type === "job.completed";
  const isTask = isEnd || type === "job.accepted";
  const path = pathOf(isTask ? "Task" : "Lease", id);
  const task = {
    ...{ kind: "Task", id, title: `Job ${n}`, repo: "bench", status: isEnd ? "done" : "ready" },
    ...{ priority: 50, estimate: 1, created_at: AT },
    ...(isEnd && { outcome: { epoch: 1, attempt: 1, worker: "w0", at: AT } }),
  };
  const lease = {
    ...{ kind: "Lease", task: id, worker: "w0", epoch: 1, attempt: 1, phase: "in_progress" },
    ...{
      ttl: "4h",
      claimed_at: AT,
      expires_at: new Date((START_S + n) * 1000).toISOString().replace(".000", ""),
    },
  };
  const change = `M 100644 inline ${path}\n${data(encode(path, isTask ? task : lease))}`;
  return isEnd ? `${change}D ${pathOf("Lease", id)}\n` : change;
}

async function importing(
  hub: string,
  feed: (write: (text: string) => Promise<unknown>) => Promise<unknown>,
): Promise<void> {
  const child = spawn("git", ["fast-import", "--quiet"], {
    cwd: hub,
    env: ENV,
    stdio: ["pipe", "ignore", "inherit"],
  });
  await feed(async (text) => child.stdin.write(text) || (await once(child.stdin, "drain")));
  child.stdin.end("done\n");
  const [code] = await once(child, "close");
  if (code !== 0) throw new Error(`git fast-import ended with ${code}`);
}
