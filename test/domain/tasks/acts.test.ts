import { describe, expect, it } from "vitest";
import type { Ctx, Plan } from "../../../src/core/operation.ts";
import type { Snapshot } from "../../../src/core/snapshot.ts";
import { planBlock } from "../../../src/domain/tasks/block.ts";
import { planCancel } from "../../../src/domain/tasks/cancel.ts";
import { planClaim } from "../../../src/domain/tasks/claim.ts";
import { planDone } from "../../../src/domain/tasks/done.ts";
import { planFail } from "../../../src/domain/tasks/fail.ts";
import { planHandoff } from "../../../src/domain/tasks/handoff.ts";
import { planPr } from "../../../src/domain/tasks/pr.ts";
import { planRelease } from "../../../src/domain/tasks/release.ts";
import { planRenew } from "../../../src/domain/tasks/renew.ts";
import { planRequeue } from "../../../src/domain/tasks/requeue.ts";
import { planResume } from "../../../src/domain/tasks/resume.ts";
import type { ActResult } from "../../../src/domain/tasks/settle.ts";
import {
  applied,
  at,
  broken,
  code,
  ctx,
  ended,
  type File,
  HOUR,
  LATE,
  lease,
  leaseIn,
  MINUTE,
  NOW,
  ok,
  policy,
  record,
  refused,
  repo,
  task,
  taskIn,
  tid,
  waiting,
  worker,
} from "../../helpers/record.ts";

const PR = "https://example.org/acme/web/pull/7";
type Input = { id?: string; epoch?: number; force?: boolean };
/** Each act with the least input it takes. */
const ACTS: Record<string, (s: Snapshot, c: Ctx, more?: Input) => Plan<unknown>> = {
  block: (s, c, more) => planBlock(s, { message: "stuck", ...more }, c),
  resume: (s, c, more) => planResume(s, { ...more }, c),
  pr: (s, c, more) => planPr(s, { url: PR, ...more }, c),
  done: (s, c, more) => planDone(s, { ...more }, c),
  fail: (s, c, more) => planFail(s, { ...more }, c),
  release: (s, c, more) => planRelease(s, { ...more }, c),
  handoff: (s, c, more) => planHandoff(s, { to: "bob", ...more }, c),
  renew: (s, c, { force: _force, ...more } = {}) => planRenew(s, { id: "aaaa", ...more }, c),
};
const held = (fields: Parameters<typeof lease>[1] = {}, ...more: File[]) =>
  record(worker("bob"), task("aaaa"), lease("aaaa", { epoch: 3, ...fields }), ...more);
const act = (name: string) => ACTS[name] as (typeof ACTS)["block"];

describe("whose task it is", () => {
  const names = Object.keys(ACTS).map((name) => [name] as const);

  it.each(names)("%s: the holder may, with the id left out, a part of it, or the right epoch", (name) => {
    const state = held({ phase: name === "resume" ? "blocked" : "in_progress" });
    for (const input of [{}, { id: "aaaa" }, { id: tid("aaaa"), epoch: 3 }]) {
      expect(code(act(name)(state, ctx("ada"), input))).toBe("ok");
    }
  });

  it.each(names)("%s: A52 a stale epoch is refused, and says what stands", (name) => {
    const refusal = refused(act(name)(held(), ctx("ada"), { id: "aaaa", epoch: 2 }));
    expect(refusal.code).toBe("lease_lost");
    expect(refusal.data).toMatchObject({ worker: "ada", epoch: 3, your_epoch: 2 });
  });

  it.each(names)("%s: A52 A56 the late holder hears who has it, since when, why, and what to do", (name) => {
    const state = held({ worker: "bob", taken_from: { worker: "ada", epoch: 2, reason: "expired" } });
    const refusal = refused(act(name)(state, ctx("ada"), { id: "aaaa" }));
    expect(refusal.code).toBe("lease_lost");
    expect(refusal.data).toMatchObject({
      worker: "bob",
      epoch: 3,
      since: at(-HOUR / 2),
      taken_from: { reason: "expired" },
    });
    expect(refusal.message).toMatch(
      /^bob holds aaaa "Task aaaa" now since .* 30m ago \(epoch 3\)\. The lease of ada \(epoch 2\) ran out\./,
    );
    expect(refusal.hint).toContain("owp note aaaa");
  });

  it.each(names)("%s: A56 someone else may not", (name) => {
    expect(code(act(name)(held(), ctx("bob"), { id: "aaaa" }))).toBe("not_holder");
    expect(code(act(name)(record(task("aaaa")), ctx("bob"), { id: "aaaa" }))).toBe("not_holder");
  });

  it.each(names)("%s: A56 an unknown task, an ended one, an unreadable one", (name) => {
    const state = record(
      ended("aaaa", "canceled", { worker: "bob", epoch: 4 }),
      task("bbbb"),
      broken(lease("bbbb")),
    );
    expect(code(act(name)(state, ctx("ada"), { id: "zzzz" }))).toBe("task_unknown");
    expect(code(act(name)(state, ctx("ada"), { id: "aaaa" }))).toBe("task_ended");
    expect(code(act(name)(state, ctx("ada"), { id: "aaaa", epoch: 3 }))).toBe("lease_lost");
    expect(code(act(name)(state, ctx("ada"), { id: "bbbb" }))).toBe("record_invalid");
  });

  it.each(names.filter(([name]) => name !== "renew"))(
    "%s: force is for maintainers, epoch + 1, and recorded",
    (name) => {
      const state = held({ phase: name === "resume" ? "blocked" : "in_progress" });
      expect(code(act(name)(state, ctx("bob"), { id: "aaaa", force: true }))).toBe("not_allowed");
      const plan = ok(act(name)(state, ctx("max"), { id: "aaaa", force: true }));
      expect(plan.event).toMatchObject({ actor: "max", tasks: [{ id: tid("aaaa"), epoch: 4 }] });
      expect(plan.result).toMatchObject({ epoch: 4, forced: true });
      const written = leaseIn(applied(state, plan), "aaaa");
      if (written)
        expect(written).toMatchObject({
          epoch: 4,
          taken_from: { worker: "ada", epoch: 3, reason: "forced" },
        });
      else
        expect(taskIn(applied(state, plan), "aaaa")?.outcome).toMatchObject({
          epoch: 4,
          worker: "ada",
          by: "max",
        });
    },
  );

  it.each(names.filter(([name]) => name !== "renew"))(
    "%s: the id left out with none held, or several",
    (name) => {
      expect(code(act(name)(record(task("aaaa")), ctx("ada")))).toBe("ambiguous_held");
      const refusal = refused(act(name)(held({}, task("bbbb"), lease("bbbb")), ctx("ada")));
      expect(refusal.code).toBe("ambiguous_held");
      expect(refusal.data?.candidates).toHaveLength(2);
    },
  );

  it("A52 a holder whose time is over keeps the task until someone takes over (decision 0005)", () => {
    for (const name of ["block", "pr", "done", "fail", "release", "handoff", "renew"]) {
      expect(code(act(name)(held(LATE), ctx("ada"), { id: "aaaa", epoch: 3 }))).toBe("ok");
    }
  });
});

describe("phases", () => {
  it("A55 block, pr and resume move the phase, keep the epoch and say why", () => {
    let state = held();
    state = applied(state, planBlock(state, { message: "no key" }, ctx("ada")));
    expect(leaseIn(state, "aaaa")).toMatchObject({
      phase: "blocked",
      message: "no key",
      epoch: 3,
      worker: "ada",
    });
    state = applied(state, planResume(state, {}, ctx("ada")));
    expect(leaseIn(state, "aaaa")).toMatchObject({
      phase: "in_progress",
      epoch: 3,
      expires_at: at(4 * HOUR),
    });
    expect(leaseIn(state, "aaaa")).not.toHaveProperty("message");
    state = applied(state, planPr(state, { url: PR }, ctx("ada")));
    expect(leaseIn(state, "aaaa")).toMatchObject({
      phase: "pr_opened",
      artifacts: [{ type: "pr", uri: PR, at: at(0) }],
    });
  });

  it("A57 a pull request goes back to work by resume before it is blocked", () => {
    const refusal = refused(planBlock(held({ phase: "pr_opened" }), { message: "stuck" }, ctx("ada")));
    expect(refusal.code).toBe("illegal_transition");
    expect(refusal.hint).toBe("owp resume aaaa");
  });

  it("A58 A59 artifacts gather and are never wiped, through block, release, claim and done", () => {
    let state = held();
    state = applied(state, planPr(state, { url: PR }, ctx("ada")));
    state = applied(state, planResume(state, {}, ctx("ada")));
    state = applied(state, planBlock(state, { message: "stuck" }, ctx("ada")));
    state = applied(state, planRelease(state, {}, ctx("ada")));
    state = applied(state, planClaim(state, {}, ctx("bob")));
    state = applied(state, planPr(state, { url: PR }, ctx("bob")));
    const patch = "https://example.org/p.diff";
    state = applied(state, planDone(state, { pr: `${PR}0`, commit: "4F2A91C", patch }, ctx("bob")));
    expect(taskIn(state, "aaaa")?.outcome?.artifacts).toMatchObject([
      { type: "pr", uri: PR },
      { type: "pr", uri: `${PR}0` },
      { type: "commit", uri: "4f2a91c" },
      { type: "code_patch", uri: patch },
    ]);
  });

  it("more artifacts than a task takes", () => {
    const artifacts = Array.from({ length: 200 }, (_, i) => ({
      type: "pr" as const,
      uri: `https://example.org/${i}`,
    }));
    expect(code(planPr(held({ artifacts }), { url: PR }, ctx("ada")))).toBe("invalid_input");
    expect(code(planDone(held({ artifacts }), { pr: PR }, ctx("ada")))).toBe("invalid_input");
  });

  const room: [string, File[], string][] = [
    ["A35 A44 capacity", [worker("ada", { capacity_points: 1 }), task("bbbb"), lease("bbbb")], "capacity"],
    [
      "A44 concurrency",
      [worker("ada", { max_concurrent_tasks: 1 }), task("bbbb"), lease("bbbb")],
      "concurrency",
    ],
    [
      "A40 the area's lock",
      [task("aaaa", { area: "x" }), task("bbbb", { area: "x" }), lease("bbbb", { worker: "bob" })],
      "area_locked",
    ],
  ];
  it.each(room)("resume takes room again: %s", (_name, files, reason) => {
    for (const phase of ["blocked", "pr_opened"] as const) {
      const refusal = refused(planResume(held({ phase }, ...files), { id: "aaaa" }, ctx("ada")));
      expect([refusal.code, refusal.data?.reason]).toEqual(["task_not_claimable", reason]);
    }
  });

  it("A47 resume in an area ends a late lease there", () => {
    const state = held(
      { phase: "blocked" },
      task("aaaa", { area: "x" }),
      task("bbbb", { area: "x" }),
      lease("bbbb", { worker: "bob", ...LATE }),
    );
    const plan = ok(planResume(state, {}, ctx("ada")));
    expect(leaseIn(applied(state, plan), "bbbb")).toMatchObject({ worker: null, epoch: 2, phase: "retry" });
    expect(plan.event?.tasks).toContainEqual({ id: tid("bbbb"), epoch: 2 });
  });
});

describe("the end", () => {
  it("A55 done writes the outcome, deletes the lease and says what it freed", () => {
    const state = held(
      {},
      ended("past", "done"),
      waiting("bbbb", ["aaaa", "past"]),
      waiting("cccc", ["aaaa", "dddd"]),
      task("dddd"),
    );
    const plan = ok(planDone(state, { message: "with tests" }, ctx("ada")));
    const next = applied(state, plan);
    expect(leaseIn(next, "aaaa")).toBeUndefined();
    expect(taskIn(next, "aaaa")).toMatchObject({
      status: "done",
      outcome: { epoch: 3, attempt: 1, worker: "ada", at: at(0), message: "with tests" },
      updated_at: at(0),
    });
    expect(plan.event).toEqual({
      type: "task.done",
      subject: "done aaaa: Task aaaa",
      tasks: [{ id: tid("aaaa"), epoch: 3 }],
      actor: "ada",
      message: "with tests",
    });
    expect(plan.result.freed).toEqual([{ id: tid("bbbb"), short: "bbbb", title: "Task bbbb" }]);
  });

  it("A57 claimed work may be done straight away; unclaimed work only by a maintainer with force", () => {
    for (const phase of ["in_progress", "blocked", "pr_opened"] as const) {
      expect(code(planDone(held({ phase }), {}, ctx("ada")))).toBe("ok");
    }
    const state = record(task("aaaa"));
    expect(code(planDone(state, { id: "aaaa" }, ctx("max")))).toBe("not_holder");
    const next = applied(state, planDone(state, { id: "aaaa", force: true }, ctx("max")));
    expect(taskIn(next, "aaaa")?.outcome).toMatchObject({ worker: null, by: "max" });
  });

  const tries: [string, Parameters<typeof lease>[1], Parameters<typeof planFail>[1], string, string][] = [
    ["attempts left", { attempt: 4 }, {}, "task.retry", "retry"],
    ["the last attempt", { attempt: 5 }, {}, "task.failed", "failed"],
    ["no retry wanted", { attempt: 1 }, { no_retry: true }, "task.failed", "failed"],
  ];
  it.each(tries)("fail with %s", (_name, fields, input, event, to) => {
    const state = held(fields);
    const plan = ok(planFail(state, { message: "red", category: "test", ...input }, ctx("ada")));
    expect([plan.event?.type, plan.result.state, plan.result.epoch]).toEqual([event, to, 3]);
    const next = applied(state, plan);
    if (to === "retry")
      expect(leaseIn(next, "aaaa")).toMatchObject({
        worker: null,
        phase: "retry",
        attempt: 4,
        message: "red",
      });
    else
      expect(taskIn(next, "aaaa")?.outcome).toMatchObject({
        message: "red",
        category: "test",
        worker: "ada",
      });
  });

  it.each([
    [1, MINUTE],
    [2, 2 * MINUTE],
    [3, 4 * MINUTE],
    [4, 5 * MINUTE],
  ])("the wait after attempt %i", (attempt, wait) => {
    const state = held({ attempt }, policy({ attempts: { backoff: "1m", backoff_cap: "5m" } }));
    expect(leaseIn(applied(state, planFail(state, {}, ctx("ada"))), "aaaa")?.not_before).toBe(at(wait));
  });

  it("max_attempts of the task goes before the policy's", () => {
    const state = held({ attempt: 1 }, task("aaaa", { max_attempts: 1 }));
    expect(ok(planFail(state, {}, ctx("ada"))).result.state).toBe("failed");
  });

  it("an end that is not done names what waits for it", () => {
    const state = held({}, waiting("bbbb", ["aaaa"]));
    expect(ok(planFail(state, { no_retry: true }, ctx("ada"))).warnings?.[0]).toContain("bbbb");
    expect(ok(planCancel(state, { id: "aaaa" }, ctx("ada"))).warnings?.[0]).toContain("bbbb");
  });
});

describe("release and handoff", () => {
  it("E31 A57 release keeps the epoch, costs no attempt, and the next claim has a larger one", () => {
    const state = held({ attempt: 2 });
    const free = applied(state, planRelease(state, { message: "half done" }, ctx("ada")));
    expect(leaseIn(free, "aaaa")).toEqual({
      ...{ kind: "Lease", task: tid("aaaa"), worker: null, epoch: 3, attempt: 1, phase: "queued" },
      ...{ ttl: null, expires_at: null, message: "half done" },
    });
    expect(leaseIn(applied(free, planClaim(free, {}, ctx("bob"))), "aaaa")).toMatchObject({
      epoch: 4,
      attempt: 2,
    });
  });

  it("handoff gives the task to another in one commit, epoch + 1, same attempt", () => {
    const state = held(
      { phase: "blocked", attempt: 2 },
      worker("bob", { actor_kind: "human" }),
      task("aaaa", { skills: ["sql"] }),
    );
    const plan = ok(planHandoff(state, { to: "bob", message: "yours" }, ctx("ada")));
    expect(plan.event).toMatchObject({
      type: "task.handed_off",
      actor: "ada",
      worker: "bob",
      message: "yours",
    });
    expect(leaseIn(applied(state, plan), "aaaa")).toMatchObject({
      ...{ worker: "bob", epoch: 4, attempt: 2, phase: "in_progress", ttl: "24h", expires_at: at(24 * HOUR) },
      ...{ message: "yours", taken_from: { worker: "ada", epoch: 3, reason: "handoff" } },
    });
    expect(plan.warnings).toEqual(["bob lists no skill sql"]);
    expect(code(planDone(applied(state, plan), { id: "aaaa", epoch: 3 }, ctx("ada")))).toBe("lease_lost");
  });

  const unfit: [string, File[], string][] = [
    ["an unknown worker", [], "worker_unknown"],
    ["a paused worker", [worker("bob", { status: "paused" })], "not_allowed"],
    ["a retired worker", [worker("bob", { status: "retired" })], "not_allowed"],
    [
      "A44 one with no capacity left",
      [worker("bob", { capacity_points: 1 }), task("bbbb"), lease("bbbb", { worker: "bob" })],
      "not_allowed",
    ],
    [
      "A44 one with a task too many",
      [worker("bob", { max_concurrent_tasks: 1 }), task("bbbb"), lease("bbbb", { worker: "bob" })],
      "not_allowed",
    ],
    ["A31 one without the trust", [worker("bob"), task("aaaa", { tier: 1 })], "not_allowed"],
  ];
  it.each(unfit)("handoff to %s", (_name, files, expected) => {
    const state = record(task("aaaa"), lease("aaaa"), ...files);
    expect(code(planHandoff(state, { to: "bob" }, ctx("ada")))).toBe(expected);
    const forced = code(planHandoff(state, { id: "aaaa", to: "bob", force: true }, ctx("max")));
    expect(forced).toBe(/no |too many|trust/.test(_name) ? "ok" : expected);
  });
});

describe("renew", () => {
  it("A11 extends all leases of the holder of which half is over, and says how the others stand", () => {
    const state = held({ expires_at: at(HOUR) }, task("bbbb"), lease("bbbb"));
    const plan = ok(planRenew(state, {}, ctx("ada")));
    expect(plan.result.renewed).toEqual([tid("aaaa")]);
    expect(plan.result.held.map(({ short, expires_at }) => [short, expires_at])).toEqual([
      ["aaaa", at(4 * HOUR)],
      ["bbbb", at(3.5 * HOUR)],
    ]);
    expect(plan.event).toMatchObject({ type: "task.renewed", tasks: [{ id: tid("aaaa"), epoch: 3 }] });
    expect(leaseIn(applied(state, plan), "aaaa")).toMatchObject({
      renewed_at: at(0),
      expires_at: at(4 * HOUR),
      epoch: 3,
    });
    expect(ok(planRenew(record(), {}, ctx("ada"))).result).toMatchObject({ held: [], renewed: [] });
  });

  it.each([
    ["more than half left", at(2 * HOUR + 1000), at(2 * HOUR + 1000)],
    ["half left", at(2 * HOUR), at(4 * HOUR)],
    ["run out, and still mine", at(-HOUR), at(4 * HOUR)],
  ])("any act of the holder renews: %s", (_name, before, then) => {
    const state = held({ expires_at: before });
    expect(
      leaseIn(applied(state, planBlock(state, { message: "stuck" }, ctx("ada"))), "aaaa")?.expires_at,
    ).toBe(then);
  });

  it("E40 F05 a lease without an end stays without one", () => {
    const state = held({ ttl: null, expires_at: null });
    expect(ok(planRenew(state, {}, ctx("ada"))).changes).toEqual([]);
    expect(leaseIn(applied(state, planBlock(state, { message: "stuck" }, ctx("ada"))), "aaaa")).toMatchObject(
      {
        ttl: null,
        expires_at: null,
      },
    );
  });
});

describe("requeue and cancel", () => {
  it.each(["done", "failed", "canceled"] as const)(
    "A57 requeue opens a task that ended as %s, with the epoch kept",
    (status) => {
      const state = record(ended("aaaa", status, { epoch: 6, attempt: 5 }));
      const plan = ok(planRequeue(state, { id: "aaaa", message: "again" }, ctx("bob")));
      const next = applied(state, plan);
      expect(taskIn(next, "aaaa")).toMatchObject({ status: "ready" });
      expect(taskIn(next, "aaaa")).not.toHaveProperty("outcome");
      expect(leaseIn(next, "aaaa")).toMatchObject({
        worker: null,
        epoch: 7,
        attempt: 0,
        phase: "queued",
        message: "again",
      });
      expect(leaseIn(applied(next, planClaim(next, {}, ctx("ada"))), "aaaa")).toMatchObject({
        epoch: 8,
        attempt: 1,
      });
      expect(code(planDone(next, { id: "aaaa", epoch: 6 }, ctx("ada")))).toBe("lease_lost");
    },
  );

  it("a lease file left behind by hand does not bring the epoch down; an unreadable one stops it", () => {
    const state = record(ended("aaaa", "done", { epoch: 2 }), lease("aaaa", { epoch: 9 }));
    expect(leaseIn(applied(state, planRequeue(state, { id: "aaaa" }, ctx("ada"))), "aaaa")?.epoch).toBe(10);
    expect(
      code(planRequeue(record(ended("aaaa", "done"), broken(lease("aaaa"))), { id: "aaaa" }, ctx("ada"))),
    ).toBe("record_invalid");
  });

  it.each(["in_progress", "blocked", "pr_opened"] as const)(
    "requeue of a held task (%s) takes a maintainer",
    (phase) => {
      const state = held({ phase, attempt: 5 });
      expect(code(planRequeue(state, { id: "aaaa" }, ctx("ada")))).toBe("not_allowed");
      const plan = ok(planRequeue(state, { id: "aaaa" }, ctx("max")));
      expect(plan.event).toMatchObject({
        type: "task.requeued",
        worker: "ada",
        tasks: [{ id: tid("aaaa"), epoch: 4 }],
      });
      expect(leaseIn(applied(state, plan), "aaaa")).toMatchObject({
        worker: null,
        epoch: 4,
        attempt: 0,
        phase: "queued",
      });
    },
  );

  const who: [string, File[], string, string][] = [
    ["its holder", [lease("aaaa")], "ada", "ok"],
    ["its creator, when free", [], "maker", "ok"],
    ["its creator, held by another", [lease("aaaa")], "maker", "not_allowed"],
    ["a maintainer", [lease("aaaa")], "max", "ok"],
    ["someone else", [], "bob", "not_allowed"],
  ];
  it.each(who)("cancel by %s", (_name, files, name, expected) => {
    const state = record(task("aaaa"), ...files);
    expect(code(planCancel(state, { id: "aaaa" }, ctx(name)))).toBe(expected);
  });

  it("F02 cancel stores canceled, with the epoch of the lease it took away", () => {
    const state = held();
    const mine = applied(state, planCancel(state, { id: "aaaa", message: "no need" }, ctx("ada")));
    expect(taskIn(mine, "aaaa")).toMatchObject({
      status: "canceled",
      outcome: { epoch: 3, worker: "ada", message: "no need" },
    });
    const other = applied(state, planCancel(state, { id: "aaaa" }, ctx("max")));
    expect(taskIn(other, "aaaa")?.outcome).toMatchObject({ epoch: 4, worker: "ada", by: "max" });
  });
});

describe("what already happened", () => {
  const rows: [string, (s: Snapshot, c: Ctx) => Plan<ActResult>][] = [
    ["block", (s, c) => planBlock(s, { id: "aaaa", message: "stuck" }, c)],
    ["pr", (s, c) => planPr(s, { id: "aaaa", url: PR }, c)],
    ["done", (s, c) => planDone(s, { id: "aaaa", message: "with tests", commit: "4f2a91c" }, c)],
    ["fail", (s, c) => planFail(s, { id: "aaaa", no_retry: true }, c)],
    ["fail with a retry", (s, c) => planFail(s, { id: "aaaa", epoch: 3 }, c)],
    ["release", (s, c) => planRelease(s, { id: "aaaa", epoch: 3 }, c)],
    ["handoff", (s, c) => planHandoff(s, { id: "aaaa", to: "bob" }, c)],
    ["cancel", (s, c) => planCancel(s, { id: "aaaa" }, c)],
  ];
  it.each(rows)("%s succeeds again, says so, and publishes nothing", (_name, plan) => {
    const state = held();
    const first = ok(plan(state, ctx("ada")));
    expect(first.result).not.toHaveProperty("already");
    const again = ok(plan(applied(state, first), ctx("ada", { now: NOW + HOUR })));
    expect(again.changes).toEqual([]);
    expect(again.result).toMatchObject({
      already: true,
      state: first.result.state,
      epoch: first.result.epoch,
    });
    expect(again.warnings).toBeUndefined();
  });

  it("resume and requeue too", () => {
    expect(ok(planResume(held(), {}, ctx("ada"))).result.already).toBe(true);
    expect(ok(planRequeue(record(task("aaaa")), { id: "aaaa" }, ctx("ada"))).result.already).toBe(true);
  });

  it("a second done with something new says that it was not recorded", () => {
    const state = record(ended("aaaa", "done", { message: "first" }));
    expect(ok(planDone(state, { id: "aaaa", message: "second" }, ctx("ada"))).warnings).toHaveLength(1);
    expect(code(planDone(state, { id: "aaaa" }, ctx("bob")))).toBe("task_ended");
    expect(code(planFail(state, { id: "aaaa" }, ctx("ada")))).toBe("task_ended");
  });
});

it("a throttled repo still takes the pull request of work in progress (A39)", () => {
  const state = held(
    {},
    repo("web", { max_open_prs: 1 }),
    task("bbbb"),
    lease("bbbb", { worker: "bob", phase: "pr_opened" }),
  );
  expect(code(planPr(state, { url: PR }, ctx("ada")))).toBe("ok");
});
