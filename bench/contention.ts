/** Claims of several clones at once: against the loop of the blog posts, as a burst, far away, and within one clone. */
import { spawn } from "node:child_process";
import { mkdirSync, writeFileSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { serveHttp } from "../test/helpers/http-git.ts";
import type { Section } from "./section.ts";
import {
  ENV,
  git,
  median,
  OWP,
  type Place,
  place,
  quantile,
  ROOT,
  record,
  run,
  sum,
  tempDir,
} from "./stage.ts";

export interface Claims {
  /** ms a claim, in no order. */
  ms: number[];
  attempts: number[];
  /** The worker of each claim in the order in which they landed. */
  order: string[];
  wallMs: number;
  gaveUp: number;
}

const names = (count: number) => Array.from({ length: count }, (_, i) => `w${i}`);

/** From now on the clones reach their hub over HTTP on loopback. Answers a function that ends the server. */
async function overHttp(at: Place): Promise<() => Promise<void>> {
  const server = await serveHttp(dirname(at.hub));
  for (const dir of at.clones) git(dir, "remote", "set-url", "origin", `${server.url}/${basename(at.hub)}`);
  return () => server.close();
}

/** The shell loop: 8 clones, each its own process. */
export async function blogLoop(clones: number, claims: number, http = false): Promise<Claims> {
  const at = place(clones);
  const [first] = at.clones as [string];
  git(first, "checkout", "-q", "main");
  writeTasks(first, clones * claims + 5);
  for (const dir of at.clones) {
    git(dir, "pull", "-q", "--rebase", "origin", "main");
    git(dir, "branch", "-q", "-u", "origin/main");
  }
  const close = http ? await overHttp(at) : undefined;
  const began = performance.now();
  const ended = await Promise.all(
    at.clones.map((dir, i) => run("bash", [join(ROOT, "bench/blog-loop.sh"), dir, `w${i}`, String(claims)])),
  );
  const wallMs = performance.now() - began;
  await close?.();
  return gather(
    ended.map(({ stdout, code }) => ({ stdout, failed: code !== 0 })),
    wallMs,
    order(at, "main", /^owner: (\S+)/m),
  );
}

function writeTasks(dir: string, count: number): void {
  mkdirSync(join(dir, "tasks"), { recursive: true });
  for (let i = 0; i < count; i++) writeTask(dir, i);
  git(dir, "add", "tasks");
  git(dir, "commit", "-q", "-m", "tasks");
  git(dir, "push", "-q", "origin", "main");
}

function writeTask(dir: string, i: number): void {
  const file = join(dir, "tasks", `${String(i).padStart(4, "0")}.yaml`);
  writeFileSync(file, `title: Task ${i}\npriority: 50\nestimate: 1\nstatus: open\n`);
}

/** Long-lived workers through the library, one process a clone. */
export async function longLived(clones: number, claims: number, http = false): Promise<Claims> {
  const at = place(clones);
  record(at, clones * claims + 5, names(clones));
  const close = http ? await overHttp(at) : undefined;
  const workers = at.clones.map((dir, i) => worker(dir, `w${i}`, claims));
  await Promise.all(workers.map(({ ready }) => ready));
  const began = performance.now();
  const ended = await Promise.all(workers.map(({ go }) => go()));
  const wallMs = performance.now() - began;
  await close?.();
  return gather(ended, wallMs, order(at, "owp", /^Owp-Actor: (\S+)/m));
}

/** A long-lived worker: ready when it has seen the record; go() has it claim and answers what it printed. */
function worker(dir: string, name: string, claims: number) {
  const child = spawn(process.execPath, [join(ROOT, "bench/claim-worker.mjs"), dir, name, String(claims)], {
    cwd: ROOT,
    env: ENV,
    stdio: ["pipe", "pipe", "inherit"],
  });
  let stdout = "";
  const ready = new Promise<void>((resolve) =>
    child.stdout.on("data", (chunk) => {
      stdout += chunk;
      if (stdout.startsWith("ready\n")) resolve();
    }),
  );
  const ended = new Promise<{ stdout: string; failed: boolean }>((resolve) => {
    child.on("close", (code) => resolve({ stdout: stdout.replace("ready\n", ""), failed: code !== 0 }));
  });
  return {
    ready: Promise.race([ready, ended]),
    go: () => {
      child.stdin.end("go\n");
      return ended;
    },
  };
}

/** A process a claim. places: the clone of each worker; several workers may share one. */
export async function processes(
  places: readonly string[],
  claims: number,
  env: NodeJS.ProcessEnv = {},
): Promise<Omit<Claims, "order">> {
  const began = performance.now();
  const all = await Promise.all(
    places.map(async (dir, i) => {
      const lines: string[] = [];
      let failed = false;
      for (let n = 0; n < claims; n++) {
        const ended = await run(process.execPath, [OWP, "claim", "--another", "--json", "--as", `w${i}`], {
          cwd: dir,
          env,
        });
        failed ||= ended.code !== 0;
        if (ended.code === 0) lines.push(`${ended.ms.toFixed(1)} ${JSON.parse(ended.stdout).attempts ?? 1}`);
        else process.stderr.write(ended.stderr);
      }
      return { stdout: lines.join("\n"), failed };
    }),
  );
  return gather(all, performance.now() - began, []);
}

function gather(workers: { stdout: string; failed: boolean }[], wallMs: number, landed: string[]): Claims {
  const rows = workers.flatMap(({ stdout }) =>
    stdout
      .trim()
      .split("\n")
      .filter(Boolean)
      .map((line) => line.split(" ").map(Number)),
  );
  return {
    ms: rows.map(([ms]) => ms as number),
    attempts: rows.map(([, attempts]) => attempts as number),
    order: landed,
    wallMs,
    gaveUp: workers.filter(({ failed }) => failed).length,
  };
}

/** Who made each claim's commit, oldest first. */
function order(at: Place, branch: string, owner: RegExp): string[] {
  const log = git(at.hub, "log", "--reverse", "--format=%x01%B%x02", "-p", branch).split("\x01");
  return log
    .filter((entry) => /^claim /.test(entry))
    .flatMap((entry) => owner.exec(entry.replace(/^\+/gm, ""))?.[1] ?? []);
}

/** The longest run of claims that one worker made in a row. */
export function longestRun(order: readonly string[]): number {
  let longest = 0;
  let length = 0;
  for (const [i, name] of order.entries()) {
    length = name === order[i - 1] ? length + 1 : 1;
    longest = Math.max(longest, length);
  }
  return longest;
}

/** The share of the middle half of all claims that went to the busiest third of the workers: of 8 workers 3/8 is even. */
export function skew(order: readonly string[]): number {
  const half = order.slice(Math.floor(order.length / 4), Math.floor((order.length * 3) / 4));
  const counts = new Map<string, number>();
  for (const name of half) counts.set(name, (counts.get(name) ?? 0) + 1);
  const workers = new Set(order).size;
  const top = [...counts.values()].sort((a, b) => b - a).slice(0, Math.ceil(workers / 3));
  return sum(top) / half.length;
}

export function describe(claims: Omit<Claims, "order">): Record<string, number> {
  return {
    claims: claims.ms.length,
    per_second: claims.ms.length / (claims.wallMs / 1000),
    attempts_a_claim: sum(claims.attempts) / claims.attempts.length,
    p50_ms: median(claims.ms),
    p95_ms: quantile(claims.ms, 0.95),
    max_ms: Math.max(...claims.ms),
    gave_up: claims.gaveUp,
  };
}

/** A git in front of git that waits before it fetches and pushes, as a far host would make it. */
export function farGit(dir: string, fetchMs: number, pushMs: number): NodeJS.ProcessEnv {
  const real = process.env.PATH?.split(":").map((part) => join(part, "git")) ?? [];
  const script = `#!/usr/bin/env bash
for word in "$@"; do
  case "$word" in
    fetch) sleep ${fetchMs / 1000}; break ;;
    push) sleep ${pushMs / 1000}; break ;;
  esac
done
for git in ${real.map((path) => `'${path}'`).join(" ")}; do [ -x "$git" ] && exec "$git" "$@"; done
`;
  writeFileSync(join(dir, "git"), script, { mode: 0o755 });
  return { PATH: `${dir}:${process.env.PATH}` };
}

const CLONES = 8;
const CLAIMS = 10;
const BURST = 16;

/** One record, a worker a clone; ms of the same claims one after another, and all at once. */
async function burst(
  env: NodeJS.ProcessEnv = {},
  http = false,
): Promise<{ serialMs: number; burst: Omit<Claims, "order"> }> {
  const [one, all] = [place(BURST), place(BURST)];
  for (const at of [one, all]) record(at, BURST + 5, names(BURST));
  const close = http ? [await overHttp(one), await overHttp(all)] : [];
  const began = performance.now();
  for (const [i, dir] of one.clones.entries()) {
    await run(process.execPath, [OWP, "claim", "--as", `w${i}`], { cwd: dir, env });
  }
  const serialMs = performance.now() - began;
  const together = await processes(all.clones, 1, env);
  for (const end of close) await end();
  return { serialMs, burst: together };
}

const attemptsOf = ({ attempts }: { attempts: number[] }) => sum(attempts) / attempts.length;

/** All that the project promises about claims of several clones at once. */
export async function contention(): Promise<Section[]> {
  const blog = await blogLoop(CLONES, CLAIMS);
  const library = await longLived(CLONES, CLAIMS);
  const at = place(CLONES);
  record(at, CLONES * CLAIMS + 5, names(CLONES));
  const each = await processes(at.clones, CLAIMS);
  const rate = (claims: Omit<Claims, "order">) => claims.ms.length / (claims.wallMs / 1000);
  const p95 = (claims: Omit<Claims, "order">) => quantile(claims.ms, 0.95);
  const near = [await burst(), await burst(), await burst()];
  const far = await burst(farGit(tempDir(), 500, 1200), true);
  const [blogHttp, libraryHttp] = [
    await blogLoop(CLONES, CLAIMS, true),
    await longLived(CLONES, CLAIMS, true),
  ];
  const shared = place(1);
  record(shared, BURST + 5, names(BURST));
  const together = await processes(
    Array.from({ length: BURST }, () => shared.clones[0] as string),
    1,
  );
  return [
    {
      name: "contention: 8 clones, 10 claims each, against the loop of the blog posts",
      rows: [
        { what: "the loop", value: rate(blog), unit: "per s" },
        { what: "the loop: push attempts a claim", value: attemptsOf(blog), unit: "count" },
        { what: "long-lived workers", value: rate(library), unit: "per s" },
        {
          what: "long-lived workers, times the loop",
          value: rate(library) / rate(blog),
          unit: "x",
          limit: { at: "least", value: 2.5 },
        },
        {
          what: "long-lived workers: push attempts a claim",
          value: attemptsOf(library),
          unit: "count",
          limit: { at: "most", value: 2 },
        },
        {
          what: "long-lived workers: p95 against the loop's",
          value: p95(library) / p95(blog),
          unit: "x",
          limit: { at: "most", value: 0.5 },
        },
        {
          what: "a process a claim, times the loop",
          value: rate(each) / rate(blog),
          unit: "x",
          limit: { at: "least", value: 1.5 },
        },
        {
          what: "a process a claim: push attempts a claim",
          value: attemptsOf(each),
          unit: "count",
          limit: { at: "most", value: 2 },
        },
        {
          what: "a process a claim: p95 against the loop's",
          value: p95(each) / p95(blog),
          unit: "x",
          limit: { at: "most", value: 0.5 },
        },
        {
          what: "gave up",
          value: library.gaveUp + each.gaveUp,
          unit: "count",
          limit: { at: "most", value: 0 },
        },
        { what: "the loop: longest run of one winner", value: longestRun(blog.order), unit: "count" },
        {
          what: "long-lived workers: longest run of one winner",
          value: longestRun(library.order),
          unit: "count",
        },
        { what: "the loop: share of the busiest third", value: skew(blog.order), unit: "x" },
        {
          what: "long-lived workers: share of the busiest third",
          value: skew(library.order),
          unit: "x",
          limit: { at: "most", value: 0.5 },
        },
      ],
    },
    {
      name: "contention: the same over smart HTTP on loopback",
      rows: [
        { what: "the loop", value: rate(blogHttp), unit: "per s" },
        { what: "the loop: push attempts a claim", value: attemptsOf(blogHttp), unit: "count" },
        { what: "long-lived workers", value: rate(libraryHttp), unit: "per s" },
        { what: "long-lived workers, times the loop", value: rate(libraryHttp) / rate(blogHttp), unit: "x" },
        { what: "long-lived workers: push attempts a claim", value: attemptsOf(libraryHttp), unit: "count" },
        {
          what: "long-lived workers: p95 against the loop's",
          value: p95(libraryHttp) / p95(blogHttp),
          unit: "x",
        },
        { what: "long-lived workers: share of the busiest third", value: skew(libraryHttp.order), unit: "x" },
      ],
    },
    {
      name: "contention: a burst of 16 clones, one claim each, against one after another",
      rows: [
        {
          what: "by path",
          value: median(near.map(({ burst, serialMs }) => burst.wallMs / serialMs)),
          unit: "x",
          limit: { at: "most", value: 1.4 },
        },
        {
          what: "far host (HTTP, and 0.5 s a fetch, 1.2 s a push)",
          value: far.burst.wallMs / far.serialMs,
          unit: "x",
          limit: { at: "most", value: 1.4 },
        },
        {
          what: "gave up",
          value: sum([...near, far].map(({ burst }) => burst.gaveUp)),
          unit: "count",
          limit: { at: "most", value: 0 },
        },
      ],
    },
    {
      name: "contention: 16 processes in one clone, one claim each",
      rows: [
        {
          what: "push attempts a claim, at most",
          value: attemptsOf(together),
          unit: "count",
          limit: { at: "most", value: 1.2 },
        },
      ],
    },
  ];
}
