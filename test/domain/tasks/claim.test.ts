import { describe, expect, it } from "vitest";
import { planClaim } from "../../../src/domain/tasks/claim.ts";
import type { ClaimInput } from "../../../src/generated/types.ts";
import {
  applied,
  at,
  bare,
  broken,
  type Called,
  code,
  ctx,
  ended,
  type File,
  HOUR,
  LATE,
  lease,
  leaseIn,
  MINUTE,
  maintainer,
  NOW,
  ok,
  policy,
  pulse,
  record,
  refused,
  repo,
  task,
  tid,
  waiting,
  worker,
} from "../../helpers/record.ts";

const claim = (files: File[], input: ClaimInput = {}, who = "ada", called: Called = {}) =>
  planClaim(record(...files), input, ctx(who, called));
const got = (plan: ReturnType<typeof planClaim>) => ok(plan).result.tasks.map(({ short }) => short);

describe("which task a claim without an id takes", () => {
  const rows: [string, File[], ClaimInput, string[]][] = [
    [
      "A32 A22 the higher priority first",
      [task("aaaa", { priority: 50 }), task("bbbb", { priority: 80 })],
      {},
      ["bbbb"],
    ],
    [
      "A32 then the smaller estimate",
      [task("aaaa", { estimate: 3 }), task("bbbb", { estimate: 1 })],
      {},
      ["bbbb"],
    ],
    ["A32 then the smaller id", [task("bbbb"), task("aaaa")], {}, ["aaaa"]],
    [
      "A33 A05 skills in any case and trimmed",
      [worker("ada", { skills: [" Rust "] }), task("aaaa", { skills: ["rust"] })],
      {},
      ["aaaa"],
    ],
    [
      "A33 A44 A45 the first that fits the points left of what is in progress",
      [
        task("aaaa", { priority: 90, estimate: 5 }),
        task("bbbb", { estimate: 3 }),
        task("hand", { estimate: 2 }),
        lease("hand"),
      ],
      { another: true },
      ["bbbb"],
    ],
    [
      "A35 blocked work frees capacity",
      [
        worker("ada", { max_concurrent_tasks: 1 }),
        task("hand"),
        lease("hand", { phase: "blocked" }),
        task("aaaa"),
      ],
      {},
      ["aaaa"],
    ],
    [
      "A35 an open pull request frees capacity",
      [
        worker("ada", { max_concurrent_tasks: 1 }),
        task("hand"),
        lease("hand", { phase: "pr_opened" }),
        task("aaaa"),
      ],
      {},
      ["aaaa"],
    ],
    [
      "A37 A42 capacity of picks before, greedily",
      [
        worker("ada", { capacity_points: 3 }),
        task("aaaa", { estimate: 2 }),
        task("bbbb", { estimate: 2 }),
        task("cccc", { estimate: 1, priority: 10 }),
      ],
      { count: 3 },
      ["aaaa", "cccc"],
    ],
    [
      "A37 area locks of picks before",
      [task("aaaa", { area: "auth" }), task("bbbb", { area: "auth" }), task("cccc", { area: "docs" })],
      { count: 3 },
      ["aaaa", "cccc"],
    ],
    [
      "A37 concurrency of picks before",
      [task("aaaa"), task("bbbb"), task("cccc")],
      { count: 3 },
      ["aaaa", "bbbb"],
    ],
    [
      "A30 A40 an area in progress is locked",
      [
        worker("bob"),
        task("hand", { area: "auth" }),
        lease("hand", { worker: "bob" }),
        task("aaaa", { area: " auth ", priority: 90 }),
        task("bbbb"),
      ],
      {},
      ["bbbb"],
    ],
    [
      "A40 not in another repo",
      [
        repo("api"),
        task("hand", { area: "auth" }),
        lease("hand", { worker: "bob" }),
        task("aaaa", { area: "auth", repo: "api" }),
      ],
      {},
      ["aaaa"],
    ],
    [
      "A40 not when the holder is blocked",
      [
        task("hand", { area: "auth" }),
        lease("hand", { worker: "bob", phase: "blocked" }),
        task("aaaa", { area: "auth" }),
      ],
      {},
      ["aaaa"],
    ],
    [
      "A40 not when the pull request is open",
      [
        task("hand", { area: "auth" }),
        lease("hand", { worker: "bob", phase: "pr_opened" }),
        task("aaaa", { area: "auth" }),
      ],
      {},
      ["aaaa"],
    ],
    [
      "A40 A60 not where locks are off",
      [
        repo("web", { area_locks_enabled: false }),
        task("hand", { area: "auth" }),
        lease("hand", { worker: "bob" }),
        task("aaaa", { area: "auth" }),
      ],
      {},
      ["aaaa"],
    ],
    [
      "A38 A60 not from a repo with enough pull requests",
      [
        repo("web", { max_open_prs: 1 }),
        repo("api"),
        task("pram"),
        lease("pram", { worker: "bob", phase: "pr_opened" }),
        task("aaaa", { priority: 90 }),
        task("bbbb", { repo: "api" }),
      ],
      {},
      ["bbbb"],
    ],
    [
      "A39 work in progress does not count as a pull request",
      [repo("web", { max_open_prs: 1 }), task("hand"), lease("hand", { worker: "bob" }), task("aaaa")],
      {},
      ["aaaa"],
    ],
    ["A31 tier by trust", [task("aaaa", { tier: 1, priority: 90 }), task("bbbb")], {}, ["bbbb"]],
    [
      "B31 not before its dependencies are done",
      [task("base", { priority: 10 }), waiting("aaaa", ["base"])],
      {},
      ["base"],
    ],
    ["B31 after its dependencies are done", [ended("base", "done"), waiting("aaaa", ["base"])], {}, ["aaaa"]],
    [
      "E28 assigned work is for its worker",
      [task("aaaa", { assigned_to: "bob", priority: 90 }), task("bbbb", { assigned_to: "ada" })],
      {},
      ["bbbb"],
    ],
    [
      "A46 what I hold already comes back",
      [task("hand"), lease("hand"), task("aaaa", { priority: 90 })],
      {},
      ["hand"],
    ],
    ["another is one more", [task("hand"), lease("hand"), task("aaaa")], { another: true }, ["aaaa"]],
    [
      "count says how many in the end",
      [task("hand"), lease("hand"), task("aaaa"), task("bbbb")],
      { count: 2 },
      ["hand", "aaaa"],
    ],
    [
      "A46 a late lease of my own comes back",
      [task("hand"), lease("hand", LATE), task("aaaa", { priority: 90 })],
      {},
      ["hand"],
    ],
    [
      "A47 D42 past one out of attempts to the next",
      [task("past", { priority: 90 }), lease("past", { worker: "bob", attempt: 5, ...LATE }), task("aaaa")],
      {},
      ["aaaa"],
    ],
    [
      "filters: repo",
      [repo("api"), task("aaaa", { priority: 90 }), task("bbbb", { repo: "api" })],
      { repo: "api" },
      ["bbbb"],
    ],
    [
      "filters: area",
      [task("aaaa", { priority: 90 }), task("bbbb", { area: "auth" })],
      { area: "auth" },
      ["bbbb"],
    ],
    [
      "filters: label",
      [task("aaaa", { priority: 90 }), task("bbbb", { labels: ["ui"] })],
      { label: "ui" },
      ["bbbb"],
    ],
  ];
  it.each(rows)("%s", (_name, files, input, expected) => expect(got(claim(files, input))).toEqual(expected));

  it("A34 a worker that heartbeats working is eligible; one that says paused is not (A10)", () => {
    const pulses = (status: "working" | "paused") => ({ pulses: [pulse("ada", [], { status })] });
    expect(code(claim([task("aaaa")], {}, "ada", pulses("working")))).toBe("ok");
    expect(code(claim([task("aaaa")], {}, "ada", pulses("paused")))).toBe("worker_retired");
  });
});

describe("what a claim refuses", () => {
  const rows: [string, File[], ClaimInput, string][] = [
    ["nothing at all", [], {}, "nothing_to_claim"],
    ["A10 paused", [worker("ada", { status: "paused" }), task("aaaa")], {}, "worker_retired"],
    ["retired", [worker("ada", { status: "retired" }), task("aaaa")], { id: "aaaa" }, "worker_retired"],
    ["A56 unknown task", [], { id: "zzzz" }, "task_unknown"],
    ["ambiguous part of an id", [task("1aaaa"), task("2aaaa")], { id: "aaaa" }, "task_ambiguous"],
    [
      "A49 A51 E26 held by another",
      [task("aaaa"), lease("aaaa", { worker: "bob" })],
      { id: "aaaa" },
      "task_held",
    ],
    [
      "A48 blocked, long past its end",
      [task("aaaa"), lease("aaaa", { worker: "bob", phase: "blocked", ...LATE })],
      { id: "aaaa" },
      "task_held",
    ],
    [
      "A48 under review, long past its end",
      [task("aaaa"), lease("aaaa", { worker: "bob", phase: "pr_opened", ...LATE })],
      { id: "aaaa" },
      "task_held",
    ],
    ["planned", [task("aaaa", { status: "planned" })], { id: "aaaa" }, "task_not_claimable"],
    ["B31 waiting", [task("base"), waiting("aaaa", ["base"])], { id: "aaaa" }, "task_not_claimable"],
    [
      "B31 a failed dependency",
      [ended("base", "failed"), waiting("aaaa", ["base"])],
      { id: "aaaa" },
      "task_not_claimable",
    ],
    ["B31 a missing dependency", [waiting("aaaa", ["nnnn"])], { id: "aaaa" }, "task_not_claimable"],
    ["ended", [ended("aaaa", "done")], { id: "aaaa" }, "task_ended"],
    [
      "not due by its own date",
      [task("aaaa", { not_before: at(HOUR) })],
      { id: "aaaa" },
      "task_not_claimable",
    ],
    [
      "backing off",
      [task("aaaa"), lease("aaaa", { worker: null, phase: "retry", not_before: at(HOUR) })],
      { id: "aaaa" },
      "task_not_claimable",
    ],
    [
      "A41 out of attempts",
      [task("aaaa"), lease("aaaa", { worker: "bob", attempt: 5, ...LATE })],
      { id: "aaaa" },
      "task_not_claimable",
    ],
    [
      "A44 larger than the capacity left",
      [worker("ada", { capacity_points: 3 }), task("aaaa", { estimate: 4 })],
      { id: "aaaa" },
      "task_not_claimable",
    ],
    ["F11 its file is broken", [broken(task("aaaa"))], { id: "aaaa" }, "record_invalid"],
    [
      "F11 its lease is broken: counts as held",
      [task("aaaa"), broken(lease("aaaa"))],
      { id: "aaaa" },
      "record_invalid",
    ],
    [
      "F11 its dependency is broken: not done",
      [broken(task("base")), waiting("aaaa", ["base"])],
      { id: "aaaa" },
      "task_not_claimable",
    ],
    [
      "F11 its repo's policy is broken",
      [broken(repo("web")), task("aaaa")],
      { id: "aaaa" },
      "record_invalid",
    ],
    ["an unknown repo in the filter", [task("aaaa")], { repo: "wbe" }, "repo_unknown"],
    ["an id and a count", [task("aaaa")], { id: "aaaa", count: 2 }, "invalid_input"],
    ["force without an id", [task("aaaa")], { force: true }, "invalid_input"],
    [
      "force by someone else than a maintainer",
      [task("aaaa"), lease("aaaa", { worker: "bob" })],
      { id: "aaaa", force: true },
      "not_allowed",
    ],
  ];
  it.each(rows)("%s", (_name, files, input, expected) => expect(code(claim(files, input))).toBe(expected));

  it("F11 a broken file stops no other claim", () => {
    expect(got(claim([broken(task("aaaa")), task("bbbb"), broken(lease("cccc")), task("cccc")]))).toEqual([
      "bbbb",
    ]);
  });

  it("says who holds it, until when, in which phase", () => {
    const refusal = refused(
      claim([task("aaaa"), lease("aaaa", { worker: "bob", phase: "blocked" })], { id: "aaaa" }),
    );
    expect(refusal.data).toMatchObject({
      worker: "bob",
      phase: "blocked",
      until: at(3.5 * HOUR),
      reason: "blocked",
    });
    expect(refusal.message).toContain("bob");
  });

  it("names the open dependencies", () => {
    const refusal = refused(
      claim([task("base"), ended("sank", "failed"), waiting("aaaa", ["base", "sank"])], { id: "aaaa" }),
    );
    expect(refusal.message).toContain("base Task base, sank (failed)");
    expect(refusal.data).toMatchObject({ waits_for: [tid("base"), tid("sank")] });
  });

  it("A41 says in numbers why there is nothing", () => {
    const files = [
      task("base"),
      lease("base", { worker: "bob" }),
      waiting("wxyz", ["base"]),
      task("m000", { area: "x" }),
      lease("m000", { worker: "bob" }),
      ...["m001", "m002", "m003"].map((id) => task(id, { area: "x" })),
      ...["s001", "s002"].map((id) => task(id, { skills: ["rust"] })),
      task("s003", { skills: ["go"] }),
      task("past"),
      lease("past", { worker: null, phase: "retry", not_before: at(20 * MINUTE) }),
    ];
    const refusal = refused(claim(files));
    expect(refusal.message).toContain("6 ready, 0 for you: 3 area-locked, 2 need rust, 1 needs go; besides");
    expect(refusal.data).toEqual({
      open: 10,
      ready: 6,
      counts: { area_locked: 3, skills: 3, held: 2, waiting: 1, backing_off: 1 },
      skills: { rust: 2, go: 1 },
      earliest_at: at(20 * MINUTE),
    });
  });

  it("the earliest moment is the end of a lease and the skew", () => {
    const refusal = refused(claim([task("aaaa"), lease("aaaa", { worker: "bob", expires_at: at(HOUR) })]));
    expect(refusal.data).toMatchObject({ earliest_at: at(HOUR + 5 * MINUTE + 1000) });
  });
});

describe("the lease that a claim writes", () => {
  it("A46 A53 epoch, attempt, ttl by the kind of worker, and the end", () => {
    const plan = ok(claim([task("aaaa", { description: "Do it." })]));
    expect(plan.changes).toEqual([
      {
        path: `leases/a/a/${tid("aaaa")}.yaml`,
        value: {
          ...{ kind: "Lease", task: tid("aaaa"), worker: "ada", epoch: 1, attempt: 1, phase: "in_progress" },
          ...{ ttl: "4h", claimed_at: at(0), expires_at: at(4 * HOUR) },
        },
      },
    ]);
    expect(plan.event).toEqual({
      type: "task.claimed",
      subject: "claim aaaa: Task aaaa",
      tasks: [{ id: tid("aaaa"), epoch: 1 }],
      actor: "ada",
    });
    expect(plan.result.worker).toBe("ada");
    expect(plan.result.tasks[0]).toMatchObject({
      ...{ id: tid("aaaa"), repo: "web", title: "Task aaaa", estimate: 1, priority: 50, skills: [], tier: 0 },
      ...{ expires_at: at(4 * HOUR), epoch: 1, attempt: 1, description: "Do it.", state: "in_progress" },
    });
  });

  const lengths: [string, File[], string | undefined, string, number][] = [
    ["A46 humans hold longer", [worker("ada", { actor_kind: "human" })], undefined, "24h", 24 * HOUR],
    ["A46 as the policy says", [policy({ leases: { agent: "90m" } })], undefined, "90m", 90 * MINUTE],
    ["A46 as asked", [], "45s", "45s", 45_000],
  ];
  it.each(lengths)("%s", (_name, files, asked, ttl, length) => {
    const state = record(...files, task("aaaa"));
    const next = applied(state, planClaim(state, { for: asked }, ctx("ada")));
    expect(leaseIn(next, "aaaa")).toMatchObject({ ttl, expires_at: at(length) });
  });

  it("A57 the epoch goes on from an earlier lease, artifacts stay and the last holder's words are told (A59)", () => {
    const artifacts = [{ type: "pr" as const, uri: "https://example.org/pull/1" }];
    const state = record(
      task("aaaa"),
      lease("aaaa", { worker: null, phase: "queued", epoch: 7, attempt: 1, message: "half done", artifacts }),
    );
    const plan = ok(planClaim(state, {}, ctx("ada")));
    expect(leaseIn(applied(state, plan), "aaaa")).toMatchObject({ epoch: 8, attempt: 2, artifacts });
    expect(leaseIn(applied(state, plan), "aaaa")).not.toHaveProperty("message");
    expect(plan.result.tasks[0]).toMatchObject({ left_message: "half done", artifacts });
  });

  it("A47 a lease that ran out is taken over with evidence", () => {
    const state = record(task("aaaa"), lease("aaaa", { worker: "bob", epoch: 3, attempt: 2, ...LATE }));
    const plan = ok(planClaim(state, {}, ctx("ada")));
    expect(plan.event).toMatchObject({
      type: "task.taken_over",
      worker: "bob",
      tasks: [{ id: tid("aaaa"), epoch: 4 }],
    });
    expect(leaseIn(applied(state, plan), "aaaa")).toMatchObject({
      ...{ worker: "ada", epoch: 4, attempt: 3, phase: "in_progress" },
      taken_from: {
        worker: "bob",
        epoch: 3,
        reason: "expired",
        evidence: expect.stringContaining(LATE.expires_at),
      },
    });
  });

  it.each([
    ["A47 within the skew: not yet", at(-5 * MINUTE), [], "nothing_to_claim"],
    ["A47 past the skew", at(-5 * MINUTE - 1000), [], "ok"],
    [
      "A50 a heartbeat that stands still",
      at(HOUR),
      [pulse("bob", [["aaaa", 3]], { unchanged_ms: 15 * MINUTE + 1 })],
      "ok",
    ],
    [
      "a heartbeat that is fresh enough",
      at(HOUR),
      [pulse("bob", [["aaaa", 3]], { unchanged_ms: 15 * MINUTE })],
      "nothing_to_claim",
    ],
    [
      "a heartbeat for an older lease shows nothing",
      at(HOUR),
      [pulse("bob", [["aaaa", 2]], { unchanged_ms: HOUR })],
      "nothing_to_claim",
    ],
    [
      "a heartbeat without the lease shows nothing",
      at(HOUR),
      [pulse("bob", [], { unchanged_ms: HOUR })],
      "nothing_to_claim",
    ],
    ["no heartbeat shows nothing", at(HOUR), [], "nothing_to_claim"],
    [
      "one of two clones still beats",
      at(HOUR),
      [pulse("bob", [["aaaa", 3]], { unchanged_ms: HOUR }), pulse("bob", [["aaaa", 3]])],
      "nothing_to_claim",
    ],
    [
      "E40 a lease without an end never runs out",
      null,
      [pulse("bob", [["aaaa", 3]], { unchanged_ms: HOUR })],
      "nothing_to_claim",
    ],
  ])("takeover: %s", (_name, expires_at, pulses, expected) => {
    const files = [
      task("aaaa"),
      lease("aaaa", { worker: "bob", epoch: 3, expires_at, ttl: expires_at && "4h" }),
    ];
    expect(code(claim(files, {}, "ada", { pulses }))).toBe(expected);
  });

  it("A40 A47 taking an area ends the late lease that locked it, so that its holder cannot come back", () => {
    const state = record(
      task("past", { area: "x", skills: ["go"] }),
      lease("past", { worker: "bob", epoch: 3, ...LATE }),
      task("aaaa", { area: "x" }),
    );
    const plan = ok(planClaim(state, {}, ctx("ada")));
    const next = applied(state, plan);
    expect(leaseIn(next, "past")).toMatchObject({
      worker: null,
      epoch: 4,
      phase: "retry",
      attempt: 1,
      taken_from: { worker: "bob", reason: "expired" },
    });
    expect(plan.event?.tasks).toEqual([
      { id: tid("aaaa"), epoch: 1 },
      { id: tid("past"), epoch: 4 },
    ]);
  });

  it("a late lease of my own still locks its area, for I am here", () => {
    const files = [task("past", { area: "x" }), lease("past", LATE), task("aaaa", { area: "x" })];
    expect(code(claim(files, { another: true }))).toBe("nothing_to_claim");
    expect(code(claim(files, { another: true }, "max"))).toBe("ok");
  });

  it("F11 an unreadable lease locks its area", () => {
    const files = [task("past", { area: "x" }), broken(lease("past")), task("aaaa", { area: "x" })];
    expect(refused(claim(files, { id: "aaaa" })).data).toMatchObject({
      reason: "area_locked",
      locked_by: [tid("past")],
    });
  });

  it("the same claim again gives back what is held, with no commit", () => {
    const state = record(task("aaaa"));
    const next = applied(state, planClaim(state, {}, ctx("ada")));
    for (const input of [{}, { id: "aaaa" }]) {
      const again = ok(planClaim(next, input, ctx("ada")));
      expect(again.changes).toEqual([]);
      expect(again.result.tasks).toMatchObject([{ short: "aaaa", epoch: 1, already_held: true }]);
    }
  });

  it("A11 a lease that is half over is renewed when it comes back", () => {
    const state = record(task("aaaa"), lease("aaaa", { expires_at: at(2 * HOUR) }));
    const plan = ok(planClaim(state, {}, ctx("ada")));
    expect(plan.event?.type).toBe("task.renewed");
    expect(leaseIn(applied(state, plan), "aaaa")).toMatchObject({
      epoch: 1,
      expires_at: at(4 * HOUR),
      renewed_at: at(0),
    });
  });

  it("a maintainer takes a held task by force: epoch + 1, said in lease and log", () => {
    const state = record(task("aaaa", { skills: ["rust"] }), lease("aaaa", { worker: "bob", epoch: 2 }));
    const plan = ok(planClaim(state, { id: "aaaa", force: true }, ctx("max")));
    expect(leaseIn(applied(state, plan), "aaaa")).toMatchObject({
      worker: "max",
      epoch: 3,
      taken_from: { worker: "bob", epoch: 2, reason: "forced" },
    });
    expect(code(claim([task("base"), waiting("aaaa", ["base"])], { id: "aaaa", force: true }, "max"))).toBe(
      "task_not_claimable",
    );
  });
});

describe("who claims", () => {
  it("a first claim registers its worker in the same change-set", () => {
    const state = record(task("aaaa"));
    const plan = ok(planClaim(state, {}, ctx("cleo@box/web", { explicit: false })));
    expect(plan.changes.map(({ path }) => path)).toEqual([
      "workers/cleo@box/web.yaml",
      `leases/a/a/${tid("aaaa")}.yaml`,
    ]);
    expect(applied(state, plan).workers.get("cleo@box/web")).toMatchObject({
      clone: "c10ne001",
      trust_tier: "basic",
      capacity_points: 5,
    });
  });

  it("the same default name in another clone is another worker", () => {
    const state = record(worker("cleo@box/web", { clone: "0ther001" }), task("aaaa"));
    const plan = ok(planClaim(state, {}, ctx("cleo@box/web", { explicit: false })));
    expect(plan.result.worker).toBe("cleo@box/web-e001");
    expect(ok(planClaim(state, {}, ctx("cleo@box/web"))).result.worker).toBe("cleo@box/web");
  });

  it.each([
    ["closed registration", [policy({ registration: "closed" })], "worker_unknown"],
    ["a worker file that cannot be read is not written over", [broken(worker("nell"))], "record_invalid"],
  ])("%s", (_name, files, expected) => {
    const state = bare(policy(), repo("web"), maintainer("max"), task("aaaa"), ...(files as File[]));
    expect(code(planClaim(state, {}, ctx("nell")))).toBe(expected);
  });
});

it("a plan has no clock of its own: later calls differ by ctx.now alone", () => {
  const state = record(task("aaaa"));
  expect(ok(planClaim(state, {}, ctx("ada", { now: NOW + 1000 }))).changes[0]?.value).toMatchObject({
    claimed_at: at(1000),
  });
});
