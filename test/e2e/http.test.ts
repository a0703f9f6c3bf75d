/** The same queue over smart HTTP, on a line that delays, refuses and drops: what was accepted counts once. */
import { dirname } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type Agent, DRAIN_HOOK_MS, drain } from "../helpers/agents.ts";
import { bareHub, cloneOf, git, gitTry } from "../helpers/git.ts";
import { type Commit, portrait, readHistory } from "../helpers/history.ts";
import { type HttpFault, type HttpGit, type HttpGitRequest, serveHttp } from "../helpers/http-git.ts";
import { judge, type Told } from "../helpers/judge.ts";
import { litterIn } from "../helpers/litter.ts";
import { enlist, queueOf, startQueue } from "../helpers/queue.ts";

const TASKS = 24;
const SEED = 5;
const DELAY_MS = { fetch: 30, push: 60 };
/** In turn, one for every so many requests of its kind. */
const PUSH_FAULTS: { every: number; faults: readonly HttpFault[] } = {
  every: 4,
  faults: [
    { when: "after", how: "drop" },
    { when: "before", how: 503 },
    { when: "after", how: 503 },
    { when: "before", how: "drop" },
    { when: "after", how: 502 },
  ],
};
const OTHER_FAULTS: typeof PUSH_FAULTS = {
  every: 19,
  faults: [
    { when: "before", how: 503 },
    { when: "after", how: "drop" },
    { when: "before", how: 429 },
  ],
};

describe("3 clones and a fourth with 2 processes over smart HTTP (F14)", () => {
  const hub = bareHub();
  const clones = Array.from({ length: 4 }, () => cloneOf(hub));
  const [first = ""] = clones;
  const agents: Agent[] = ["ada", "bob", "cyd", "dan", "eve"].map((name, index) => ({
    name,
    dir: clones[Math.max(0, index - 1)] ?? "",
    args: ["--as", name],
  }));
  const injected = new Map<string, number>();
  let server: HttpGit;
  let before: Record<string, string>[];
  let commits: Commit[];
  let told: Told[];

  afterAll(() => server.close());

  beforeAll(async () => {
    server = await serveHttp(dirname(hub));
    for (const clone of clones) git(clone, "remote", "set-url", "origin", `${server.url}/hub.git`);
    before = clones.map(portrait);
    told = await startQueue(first, queueOf(TASKS, SEED));
    for (const name of ["ada", "bob"]) told.push(await enlist(first, name));
    server.options.delay = ({ service }) => DELAY_MS[service];
    server.options.fault = faultsInTurn(injected);
    told.push(...(await drain(agents, { seed: SEED, passing: ["remote_unreachable", "unknown_outcome"] })));
    server.options = {};
    commits = readHistory(hub);
  }, DRAIN_HOOK_MS);

  test("every kind of fault was met", () => {
    const kinds = [
      ...PUSH_FAULTS.faults.map((fault) => nameOf("push data", fault)),
      ...OTHER_FAULTS.faults.map((fault) => nameOf("other", fault)),
    ];
    expect([...injected.keys()].sort()).toEqual(kinds.sort());
  });

  test("one winner a claim, one completion a task, and what was accepted is there once", () => {
    const verdict = judge(commits, told);
    expect({ complaints: verdict.complaints, untold: verdict.untold }).toEqual({
      complaints: [],
      untold: [],
    });
    expect(verdict.claims).toBe(TASKS);
    expect(gitTry(hub, "fsck", "--strict", "--no-dangling")).toEqual({ status: 0, output: "" });
  });

  test("no caller was left without an answer, though connections broke after acceptance", () => {
    expect(told.filter(({ code }) => code === "unknown_outcome")).toEqual([]);
  });

  test("nothing of the users' own changed, and nothing waits in any clone", () => {
    expect(clones.map(portrait)).toEqual(before);
    expect(clones.flatMap((clone) => litterIn(`${clone}/.git/owp`))).toEqual([]);
  });
});

/** A fault for every so many pushes of objects, and for every so many other requests. */
function faultsInTurn(injected: Map<string, number>) {
  const seen = { push: 0, other: 0 };
  return ({ service, step }: HttpGitRequest): HttpFault | undefined => {
    const isPush = service === "push" && step === "data";
    const { every, faults } = isPush ? PUSH_FAULTS : OTHER_FAULTS;
    const count = isPush ? ++seen.push : ++seen.other;
    if (count % every > 0) return undefined;
    const fault = faults[(count / every - 1) % faults.length] as HttpFault;
    const name = nameOf(isPush ? "push data" : "other", fault);
    injected.set(name, (injected.get(name) ?? 0) + 1);
    return fault;
  };
}

const nameOf = (request: string, { when, how }: HttpFault): string => `${request}: ${how} ${when}`;
