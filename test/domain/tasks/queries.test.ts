import { describe, expect, it } from "vitest";
import type { Snapshot } from "../../../src/core/snapshot.ts";
import { planClaim } from "../../../src/domain/tasks/claim.ts";
import { findTask } from "../../../src/domain/tasks/find.ts";
import { planPrime } from "../../../src/domain/tasks/prime.ts";
import { planReady } from "../../../src/domain/tasks/ready.ts";
import { planShow } from "../../../src/domain/tasks/show.ts";
import { planStatus } from "../../../src/domain/tasks/status.ts";
import {
  applied,
  at,
  broken,
  code,
  ctx,
  ended,
  HOUR,
  LATE,
  lease,
  MINUTE,
  ok,
  pulse,
  record,
  refused,
  repo,
  task,
  tid,
  waiting,
  worker,
} from "../../helpers/record.ts";

describe("ready", () => {
  const files = [
    task("aaaa", { priority: 90, skills: ["rust"] }),
    task("bbbb", { priority: 80 }),
    task("base"),
    task("cccc"),
    lease("cccc", { worker: "bob", ...LATE }),
    waiting("dddd", ["base"]),
    task("eeee"),
    lease("eeee", { worker: "bob", phase: "blocked" }),
    task("ffff", { status: "planned" }),
    broken(task("gggg")),
    task("hhhh", { tier: 3 }),
  ];

  it("A32 what I could claim, in claim order", () => {
    const { result } = ok(planReady(record(...files), {}, ctx("ada")));
    expect(result.ready.map(({ short, state }) => [short, state])).toEqual([
      ["bbbb", "queued"],
      ["base", "queued"],
      ["cccc", "expired"],
    ]);
    expect(result).toMatchObject({ total: 3, open: 9 });
    expect(result.explained).toBeUndefined();
    expect(ok(planReady(record(...files), { limit: 1 }, ctx("ada"))).result).toMatchObject({
      ready: [{ short: "bbbb" }],
      total: 3,
    });
  });

  it("A41 explain has a reason, a sentence and facts for every other open task", () => {
    const explained = ok(planReady(record(...files), { explain: true }, ctx("ada"))).result.explained ?? [];
    expect(explained).toHaveLength(9);
    expect(explained.map(({ short, reason }) => [short, reason])).toEqual([
      ["bbbb", undefined],
      ["base", undefined],
      ["cccc", undefined],
      ["aaaa", "skills"],
      ["dddd", "waiting"],
      ["eeee", "blocked"],
      ["ffff", "planned"],
      ["hhhh", "tier"],
      ["gggg", "broken"],
    ]);
    const by = Object.fromEntries(explained.map((one) => [one.short, one]));
    expect(by.aaaa).toMatchObject({ claimable: false, says: "needs rust", facts: { missing: ["rust"] } });
    expect(by.dddd?.says).toBe("waits for base Task base");
    expect(by.hhhh?.says).toBe("has tier 3 and needs a maintainer; ada is basic");
    expect(by.cccc?.says).toContain("free again");
  });

  it("is the same question as claim: what is ready first is what is claimed", () => {
    const state = record(...files);
    const first = ok(planReady(state, {}, ctx("ada"))).result.ready[0];
    expect(ok(planClaim(state, {}, ctx("ada"))).result.tasks[0]?.id).toBe(first?.id);
  });

  it("answers a worker that the record does not know, and registers no one", () => {
    const plan = ok(planReady(record(...files), {}, ctx("nell")));
    expect([plan.changes, plan.result.total]).toEqual([[], 3]);
    expect(code(planReady(record(), { repo: "nope" }, ctx("nell")))).toBe("repo_unknown");
  });

  it.each([["paused"], ["retired"]] as const)("A10 a %s worker has nothing", (status) => {
    const state = record(worker("ada", { status }), task("aaaa"));
    expect(ok(planReady(state, { explain: true }, ctx("ada"))).result.explained).toMatchObject([
      { reason: "paused" },
    ]);
  });
});

describe("status", () => {
  const state = record(
    ...[worker("bob"), worker("old", { status: "retired" }), repo("web", { max_open_prs: 1 }), repo("api")],
    ...[task("aaaa", { priority: 10, area: "auth", skills: ["sql"] }), lease("aaaa", { epoch: 2 })],
    ...[task("bbbb", { priority: 90 }), lease("bbbb", { phase: "blocked", message: "no key", ...LATE })],
    ...[task("cccc", { repo: "web" }), lease("cccc", { worker: "bob", phase: "pr_opened" })],
    ...[task("dddd", { estimate: 3 }), lease("dddd", { worker: "bob", ...LATE })],
    ...[
      task("eeee"),
      waiting("ffff", ["eeee"]),
      task("gggg", { status: "planned" }),
      ended("hhhh", "done"),
      broken(lease("jjjj")),
      task("jjjj"),
    ],
  );

  it("A53 A54 what I hold, priority down: the fields of a lease", () => {
    const { result } = ok(planStatus(state, {}, ctx("ada")));
    expect(result.mine.map(({ short }) => short)).toEqual(["bbbb", "aaaa"]);
    expect(result.mine[1]).toEqual({
      ...{
        id: tid("aaaa"),
        short: "aaaa",
        title: "Task aaaa",
        repo: "web",
        priority: 10,
        estimate: 1,
        tier: 0,
      },
      ...{ area: "auth", skills: ["sql"], state: "in_progress", worker: "ada", epoch: 2, attempt: 1 },
      ...{ claimed_at: at(-HOUR / 2), expires_at: at(3.5 * HOUR), time_left_ms: 3.5 * HOUR },
    });
    expect(result.mine[0]).toMatchObject({ state: "blocked", message: "no key" });
    expect(result.worker).toMatchObject({ name: "ada", registered: true });
    expect(result.worker.id).toMatch(/^w_/);
  });

  it("A63 counts, repositories, workers, late leases, problems", () => {
    const { result } = ok(planStatus(state, { ended: true }, ctx("ada")));
    expect(result.others.map(({ short, worker: name }) => [short, name])).toEqual([
      ["cccc", "bob"],
      ["dddd", "bob"],
    ]);
    expect(result.tasks).toEqual({
      ...{
        in_progress: 1,
        blocked: 1,
        pr_opened: 1,
        expired: 1,
        queued: 1,
        waiting: 1,
        planned: 1,
        broken: 1,
        done: 1,
      },
    });
    expect(result.repositories).toEqual([
      { repo: "api", max_open_prs: null, current_open_prs: 0, throttled: false },
      { repo: "web", max_open_prs: 1, current_open_prs: 1, throttled: true },
    ]);
    expect(result.workers.map(({ name, points, tasks }) => [name, points, tasks])).toEqual([
      ["ada", 1, 1],
      ["bob", 3, 1],
      ["max", 0, 0],
    ]);
    expect(result.expired).toMatchObject([
      { short: "dddd", reason: "expired", evidence: expect.stringContaining("1h") },
    ]);
    expect(result.problems).toBe(1);
    expect(ok(planStatus(state, {}, ctx("ada"))).result.tasks).not.toHaveProperty("done");
  });

  it("A09 A63 online: a heartbeat or a claim within the timeout", () => {
    const files = [task("aaaa"), lease("aaaa", { claimed_at: at(-16 * MINUTE) }), worker("bob")];
    const online = (pulses: Parameters<typeof ctx>[1]) =>
      ok(planStatus(record(...files), {}, ctx("max", pulses)))
        .result.workers.filter((one) => one.online)
        .map(({ name }) => name);
    expect(online({})).toEqual(["max"]);
    expect(online({ pulses: [pulse("bob", []), pulse("ada", [], { unchanged_ms: HOUR })] })).toEqual([
      "bob",
      "max",
    ]);
  });

  it("A38 a limit of none stops a repo", () => {
    const { result } = ok(planStatus(record(repo("web", { max_open_prs: 0 })), {}, ctx("ada")));
    expect(result.repositories[0]?.throttled).toBe(true);
    expect(code(planClaim(record(repo("web", { max_open_prs: 0 }), task("aaaa")), {}, ctx("ada")))).toBe(
      "nothing_to_claim",
    );
  });
});

describe("show", () => {
  const state = record(
    ...[
      task("aaaa", { description: "Do it.", notes: [{ at: at(0), by: "bob", text: "mind the gap" }] }),
      lease("aaaa", { attempt: 2, epoch: 4 }),
    ],
    waiting("bbbb", ["aaaa", "d0ne", "n0ne"], { description: "Later." }),
    ended("d0ne", "done"),
  );

  it("the file, the lease, dependencies with their ends, dependents", () => {
    expect(ok(planShow(state, { id: "bbbb" }, ctx("ada"))).result).toMatchObject({
      ...{ short: "bbbb", state: "queued", epoch: 0, attempt: 0, max_attempts: 5, dependents: [] },
      task: { description: "Later." },
      dependencies: [
        { short: "aaaa", title: "Task aaaa", state: "in_progress" },
        { short: "d0ne", title: "Task d0ne", state: "done" },
        { short: "n0ne", state: "missing" },
      ],
    });
    expect(ok(planShow(state, { id: "aaaa" }, ctx("ada"))).result).toMatchObject({
      ...{ state: "in_progress", lease: { worker: "ada" }, attempt: 2, epoch: 4 },
      dependents: [{ short: "bbbb", state: "queued" }],
    });
  });

  it("an ended task shows its outcome", () => {
    expect(ok(planShow(state, { id: "d0ne" }, ctx("ada"))).result).toMatchObject({
      state: "done",
      epoch: 1,
      task: { outcome: { worker: "ada" } },
    });
    expect(code(planShow(state, { id: "zzzz" }, ctx("ada")))).toBe("task_unknown");
    expect(code(planShow(record(broken(task("aaaa"))), { id: "aaaa" }, ctx("ada")))).toBe("record_invalid");
  });

  it("B26 B29 F03 F04 CWOM's form of a task", () => {
    const files = [
      task("aaaa", {
        type: "bug",
        priority: 85,
        labels: ["ui"],
        assigned_to: "ada",
        acceptance: { criteria: ["green"] },
      }),
      lease("aaaa", { phase: "blocked" }),
      waiting("bbbb", ["aaaa"]),
    ];
    const { cwom } = ok(
      planShow(record(worker("ada", { display: "Ada" }), ...files), { id: "aaaa", cwom: true }, ctx("ada")),
    ).result;
    expect(cwom).toEqual({
      ...{
        kind: "Issue",
        id: tid("aaaa"),
        title: "Task aaaa",
        description: "",
        type: "bug",
        priority: "P1",
        status: "blocked",
      },
      repo: { kind: "Repo", id: expect.stringMatching(/^r_/), role: null },
      assignees: [{ actor_kind: "agent", actor_id: "ada", display: "Ada" }],
      ...{
        watchers: [],
        doctrine_refs: [],
        constraints: [],
        context_packets: [],
        runs: [],
        tags: ["ui"],
        meta: {},
      },
      acceptance: { criteria: ["green"], tests_expected: null },
      relationships: {
        parent: null,
        blocks: [{ kind: "Issue", id: tid("bbbb"), role: null }],
        blocked_by: [],
        duplicates: [],
      },
      ...{ created_at: at(-24 * HOUR), updated_at: at(-24 * HOUR) },
    });
  });

  it("B32 an Issue tells no holder, no lease and no outcome", () => {
    const { cwom } = ok(planShow(state, { id: "aaaa", cwom: true }, ctx("ada"))).result;
    for (const field of ["lease", "worker", "outcome", "notes", "attempt"])
      expect(cwom).not.toHaveProperty(field);
  });
});

describe("finding a task", () => {
  const state = record(
    ...[
      task("aaaa2222"),
      task("1aaaa"),
      task("bbbb"),
      ended("cccc", "done"),
      ended("1dddd", "failed"),
      ended("2dddd", "done"),
      task("dddd3333"),
    ],
  );
  const rows: [string, string, string][] = [
    ["a whole id", tid("bbbb"), "bbbb"],
    ["the end of an id goes before its middle", "aaaa", "aaaa"],
    ["upper case and spaces", " BBBB ", "bbbb"],
    ["a middle part, where no id ends with it", "aaaa2", "2222"],
    ["a closed task, where no open one fits", "cccc", "cccc"],
    ["a whole closed id", tid("cccc"), "cccc"],
    ["open ones go before closed ones", "dddd", "3333"],
  ];
  it.each(rows)("%s", (_name, typed, short) => {
    const found = findTask(state, typed);
    expect(found.ok && found.id.slice(-4)).toBe(short);
  });

  it.each([
    ["too short", "aaa", "usage"],
    ["unknown", "zzzz", "task_unknown"],
    ["an unknown whole id", tid("zzzz"), "task_unknown"],
    ["a path", "../../etc", "task_unknown"],
    ["in several", "000000", "task_ambiguous"],
  ])("%s", (_name, typed, expected) => {
    const found = findTask(state, typed);
    expect(found.ok ? "ok" : found.code).toBe(expected);
  });

  it("an ambiguous part lists its candidates", () => {
    const refusal = refused(
      planShow(record(task("1aaaa", { title: "One" }), task("2aaaa")), { id: "aaaa" }, ctx("ada")),
    );
    expect(refusal.data?.candidates).toEqual([
      { id: tid("1aaaa"), title: "One" },
      { id: tid("2aaaa"), title: "Task 2aaaa" },
    ]);
  });

  it("a whole open id asks for no ended task", () => {
    const blind: Snapshot = Object.create(state, {
      closed: {
        value: () => {
          throw new Error("asked");
        },
      },
      closedTask: {
        value: () => {
          throw new Error("asked");
        },
      },
    });
    expect(findTask(blind, tid("bbbb")).ok).toBe(true);
    expect(findTask(blind, "bbbb").ok).toBe(true);
  });
});

it("F08 queries publish nothing and give the same bytes twice", () => {
  const state = record(task("aaaa"), lease("aaaa"), waiting("bbbb", ["aaaa"]));
  for (const plan of [planReady, planStatus, planPrime]) {
    const [once, twice] = [1, 2].map(() => plan(state, {}, ctx("ada")));
    expect(JSON.stringify(once)).toBe(JSON.stringify(twice));
    expect(ok(once as ReturnType<typeof planReady>).changes).toEqual([]);
    expect(applied(state, once as ReturnType<typeof planReady>)).toBeDefined();
  }
});
