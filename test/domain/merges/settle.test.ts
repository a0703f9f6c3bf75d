import { describe, expect, it, test } from "vitest";
import type { State } from "../../../src/core/state.ts";
import { planSettle, type SettleResult } from "../../../src/domain/merges/settle.ts";
import { planDone } from "../../../src/domain/tasks/done.ts";
import { planFail } from "../../../src/domain/tasks/fail.ts";
import { planRequeue } from "../../../src/domain/tasks/requeue.ts";
import type { SettleInput } from "../../../src/generated/types.ts";
import * as r from "../../helpers/record.ts";
import { HOUR, leaseIn, NOW, taskIn, tid } from "../../helpers/record.ts";

type Mention = SettleInput["merged"][number];
const SHA = "4f2a91c04f2a91c04f2a91c04f2a91c04f2a91c0";
const PR = "https://example.org/acme/web/pull/12";

const mention = (task: string, more: Partial<Mention> = {}): Mention => ({
  task: task.length === 4 ? tid(task) : task,
  commit: SHA,
  at: r.at(-60_000),
  subject: "Fix the login",
  ...more,
});

const settle = (state: State, merged: Mention[], who = r.ctx("bob"), repos?: string[]) =>
  planSettle(state, { merged, ...(repos && { repos }) }, who);

const resultOf = (...args: Parameters<typeof settle>): SettleResult => r.ok(settle(...args)).result;
const reasons = (...args: Parameters<typeof settle>) => resultOf(...args).skipped.map(({ why }) => why);

const FREE = r.task("k3f9");
const REOPENS = r.policy({ merge: { reverts_reopen: true } });

describe("a merge ends a task, whoever held it", () => {
  const rows: [name: string, files: r.File[], epoch: number, worker: string | null][] = [
    ["planned", [r.task("k3f9", { status: "planned" })], 0, null],
    ["open, and never held", [FREE], 0, null],
    [
      "open again after a release",
      [FREE, r.lease("k3f9", { worker: null, phase: "queued", epoch: 3 })],
      3,
      null,
    ],
    ["waiting for a retry", [FREE, r.lease("k3f9", { worker: null, phase: "retry", epoch: 2 })], 2, null],
    ["waiting for another task", [r.waiting("k3f9", ["m2x7"]), r.task("m2x7")], 0, null],
    ["held by another", [FREE, r.lease("k3f9", { epoch: 4 })], 5, "ada"],
    ["held by whoever settles", [FREE, r.lease("k3f9", { worker: "bob", epoch: 4 })], 4, "bob"],
    ["blocked", [FREE, r.lease("k3f9", { phase: "blocked" })], 2, "ada"],
    ["under review", [FREE, r.lease("k3f9", { phase: "pr_opened" })], 2, "ada"],
    ["held by someone whose time is over", [FREE, r.lease("k3f9", r.LATE)], 2, "ada"],
  ];
  it.each(rows)("%s", (_name, files, epoch, worker) => {
    const state = r.record(r.worker("bob"), ...files);
    const plan = settle(state, [mention("k3f9", { pr: PR })]);
    const next = r.applied(state, plan);
    expect(taskIn(next, "k3f9")).toMatchObject({
      status: "done",
      outcome: {
        epoch,
        worker,
        at: r.at(-60_000),
        ...(worker === "bob" ? {} : { by: "bob" }),
        merged_as: SHA,
        message: "Fix the login",
        artifacts: [
          { type: "commit", uri: SHA, title: "Fix the login", at: r.at(0) },
          { type: "pr", uri: PR, at: r.at(0) },
        ],
      },
    });
    expect(leaseIn(next, "k3f9")).toBeUndefined();
    const forced = worker === "ada";
    expect(r.ok(plan).event).toMatchObject({
      type: "task.merged",
      actor: "bob",
      subject: "settle k3f9: Task k3f9",
      tasks: [{ id: tid("k3f9"), epoch }],
      message: `k3f9 was merged as ${SHA} (${PR})`,
      ...(forced ? { worker: "ada" } : {}),
    });
    expect(r.ok(plan).event?.worker).toBe(forced ? "ada" : undefined);
    expect(resultOf(next, [mention("k3f9")])).toEqual({ merged: [], reopened: [], skipped: [] });
  });

  it("keeps what the lease had: the pull request is not named twice", () => {
    const artifacts = [{ type: "pr" as const, uri: PR, at: r.at(-HOUR) }];
    const state = r.record(r.worker("bob"), FREE, r.lease("k3f9", { artifacts, phase: "pr_opened" }));
    const next = r.applied(state, settle(state, [mention("k3f9", { pr: PR })]));
    expect(taskIn(next, "k3f9")?.outcome?.artifacts?.map(({ uri }) => uri)).toEqual([PR, SHA]);
  });

  it("does it for many in one commit, and tells what is free now", () => {
    const state = r.record(
      r.worker("bob"),
      FREE,
      r.task("m2x7"),
      r.waiting("n5y8", ["k3f9", "m2x7"]),
      r.waiting("p6z9", ["k3f9", "n5y8"]),
    );
    const plan = r.ok(settle(state, [mention("k3f9"), mention("m2x7", { commit: SHA.replace("4", "5") })]));
    expect(plan.event).toMatchObject({
      subject: "settle k3f9, m2x7",
      tasks: [{ id: tid("k3f9") }, { id: tid("m2x7") }],
    });
    expect(plan.result.merged.map(({ short }) => short)).toEqual(["k3f9", "m2x7"]);
    expect(plan.result.freed?.map(({ short }) => short)).toEqual(["n5y8"]);
  });

  it("takes the last of the commits that name a task", () => {
    const last = SHA.replace("4", "5");
    const state = r.record(r.worker("bob"), FREE);
    const [merged] = resultOf(state, [mention("k3f9"), mention("k3f9", { commit: last })]).merged;
    expect(merged).toMatchObject({ commit: last, merged_as: last });
  });

  test("a commit from the future ends it now", () => {
    const state = r.record(r.worker("bob"), FREE);
    const plan = settle(state, [mention("k3f9", { at: "2096-01-01T00:00:00Z" })]);
    expect(taskIn(r.applied(state, plan), "k3f9")?.outcome?.at).toBe(r.at(0));
  });
});

describe("what is named and cannot be settled is told, and holds up nothing else", () => {
  const full = Array.from({ length: 200 }, (_, n) => ({
    type: "link" as const,
    uri: `https://x.example/${n}`,
  }));
  const rows: [name: string, files: r.File[], mention: Mention, why: string, repos?: string[]][] = [
    ["another record's task", [], mention("t_01jh0000000000000000000abc"), "unknown"],
    ["no id at all", [], mention("#12"), "unknown"],
    ["a part that is too short", [], mention("3f9"), "unknown"],
    ["a part that two tasks have", [r.task("aak3f9")], mention("k3f9", { task: "k3f9" }), "ambiguous"],
    [
      "a part that an ended task has too",
      [r.ended("aak3f9", "done")],
      mention("k3f9", { task: "k3f9" }),
      "ambiguous",
    ],
    [
      "a task of another repo",
      [r.repo("docs"), r.task("d0c5", { repo: "docs" })],
      mention("d0c5"),
      "other_repo",
      ["web"],
    ],
    ["a task that was canceled", [r.ended("cccc", "canceled")], mention("cccc"), "ended"],
    ["a task that has failed", [r.ended("ffff", "failed")], mention("ffff"), "ended"],
    ["a task whose file is broken", [r.broken(r.task("bbbb"))], mention("bbbb"), "unreadable"],
    [
      "a task whose lease is broken",
      [r.task("bbbb"), r.broken(r.lease("bbbb"))],
      mention("bbbb"),
      "unreadable",
    ],
    [
      "a task with no room for proof",
      [r.task("aaaa"), r.lease("aaaa", { artifacts: full })],
      mention("aaaa"),
      "invalid_input",
    ],
  ];
  it.each(rows)("%s", (_name, files, named, why, repos) => {
    const state = r.record(r.worker("bob"), FREE, r.task("m2x7"), ...files);
    const plan = r.ok(settle(state, [named, mention("m2x7")], undefined, repos));
    expect(plan.result.skipped).toMatchObject([{ task: named.task, commit: SHA, why }]);
    expect(plan.warnings).toEqual([expect.stringMatching(/^4f2a91c04f "Fix the login" names /)]);
    expect(plan.result.merged.map(({ short }) => short)).toEqual(["m2x7"]);
    expect(plan.changes.map(({ path }) => path)).toEqual([expect.stringContaining("m2x7")]);
  });

  it("a part of an id that one task has is that task", () => {
    const state = r.record(r.worker("bob"), FREE);
    expect(resultOf(state, [mention("k3f9", { task: "k3f9" })]).merged).toHaveLength(1);
  });

  it("the same unknown task is told once", () => {
    const state = r.record(r.worker("bob"));
    expect(reasons(state, [mention("#12"), mention("#12", { commit: "0123456" })])).toEqual(["unknown"]);
  });

  it("a task that was done already keeps its outcome, without a word", () => {
    const state = r.record(r.worker("bob"), r.ended("k3f9", "done"));
    const plan = r.ok(settle(state, [mention("k3f9")]));
    expect([plan.changes, plan.result.skipped, plan.warnings]).toEqual([[], [], undefined]);
  });
});

describe("who settles", () => {
  it("is registered with the same commit where registration is open", () => {
    const plan = r.ok(settle(r.record(FREE), [mention("k3f9")]));
    expect(plan.changes.map(({ path }) => path)).toContain("workers/bob.yaml");
  });

  it("registers no one where there is nothing to settle", () => {
    expect(r.ok(settle(r.record(), [mention("#12")])).changes).toEqual([]);
  });

  it("is refused where a maintainer registers workers, and where it is retired", () => {
    const closed = r.policy({ registration: "closed" });
    expect(r.refused(settle(r.record(closed, FREE), [mention("k3f9")])).code).toBe("worker_unknown");
    const retired = r.record(r.worker("bob", { status: "retired" }), FREE);
    expect(r.refused(settle(retired, [mention("k3f9")])).code).toBe("worker_retired");
  });

  it("is one worker for all build machines of a kind", () => {
    const machine = (host: string, clone: string) =>
      r.ctx(`github-actions@${host}/web`, { actor_kind: "system", explicit: false, clone });
    const first = r.record(FREE, r.task("m2x7"));
    const next = r.applied(first, settle(first, [mention("k3f9")], machine("fv-az1", "c10ne001")));
    expect(next.workers.get("github-actions")).toMatchObject({ actor_kind: "system" });
    const plan = r.ok(settle(next, [mention("m2x7")], machine("fv-az2", "c10ne002")));
    expect(plan.event?.actor).toBe("github-actions");
    expect(plan.changes).toHaveLength(1);
  });

  it("is nobody where policy says that merges close nothing", () => {
    const state = r.record(
      r.policy({ merge: { closes: false, reverts_reopen: true } }),
      FREE,
      r.ended("m2x7", "done"),
    );
    const plan = r.ok(settle(state, [mention("k3f9"), mention("m2x7", { reverts: true }), mention("#12")]));
    expect([plan.changes, plan.result.skipped]).toEqual([[], []]);
  });
});

describe("reverts", () => {
  const settled = r.ended("k3f9", "done", { at: r.at(-2 * HOUR), merged_as: SHA, epoch: 3 });
  const back = mention("k3f9", { reverts: true, commit: "5".repeat(40), subject: 'Revert "Fix the login"' });

  it("open the task again where policy says so, one epoch on, and say by which commit", () => {
    const state = r.record(REOPENS, r.worker("bob"), settled);
    const plan = settle(state, [back]);
    const next = r.applied(state, plan);
    expect(taskIn(next, "k3f9")).toMatchObject({ status: "ready" });
    expect(leaseIn(next, "k3f9")).toMatchObject({
      worker: null,
      phase: "queued",
      epoch: 4,
      reopened_at: back.at,
      message: `taken back by ${"5".repeat(40)}: Revert "Fix the login"`,
    });
    expect(r.ok(plan).event).toMatchObject({
      type: "task.requeued",
      tasks: [{ id: tid("k3f9"), epoch: 4 }],
      worker: "ada",
    });
    expect(r.ok(plan).result.reopened).toMatchObject([
      { short: "k3f9", state: "queued", commit: back.commit },
    ]);
    // Read once more, as every clone does: nothing.
    const old = mention("k3f9", { at: r.at(-2 * HOUR) });
    expect(resultOf(next, [old, back])).toMatchObject({ merged: [], reopened: [] });
    expect(resultOf(next, [old])).toMatchObject({ merged: [], reopened: [] });
  });

  it("do nothing by default", () => {
    expect(resultOf(r.record(r.worker("bob"), settled), [back])).toEqual({
      merged: [],
      reopened: [],
      skipped: [],
    });
  });

  const rows: [name: string, files: r.File[], merged: Mention[], done: number, open: number][] = [
    [
      "a merge and its revert, seen at once: the holder goes on",
      [FREE, r.lease("k3f9")],
      [mention("k3f9"), back],
      0,
      0,
    ],
    [
      "a revert that was taken back itself",
      [FREE],
      [mention("k3f9"), back, mention("k3f9", { commit: "6".repeat(40) })],
      1,
      0,
    ],
    ["a revert from before the end", [r.ended("k3f9", "done", { at: r.at(-1000) })], [back], 0, 0],
    ["a revert in the second of the end", [r.ended("k3f9", "done", { at: back.at })], [back], 0, 1],
    ["of a task that is open", [FREE], [back], 0, 0],
    ["of a task that was canceled", [r.ended("k3f9", "canceled")], [back], 0, 0],
  ];
  it.each(rows)("%s", (_name, files, merged, done, open) => {
    const result = resultOf(r.record(REOPENS, r.worker("bob"), ...files), merged);
    expect([result.merged.length, result.reopened.length]).toEqual([done, open]);
  });

  it("and merges of other tasks are one commit", () => {
    const state = r.record(REOPENS, r.worker("bob"), settled, r.task("m2x7"));
    const plan = r.ok(settle(state, [back, mention("m2x7")]));
    expect(plan.event).toMatchObject({ type: "task.merged", subject: "settle m2x7, k3f9" });
  });

  it("never close a circle of tasks that wait for each other", () => {
    const done = { status: "done" as const, outcome: { epoch: 1, at: r.at(-HOUR) } };
    const state = r.record(
      REOPENS,
      r.worker("bob"),
      r.waiting("aaaa", ["bbbb"], done),
      r.waiting("bbbb", ["aaaa"], done),
    );
    const result = resultOf(state, [
      { ...back, task: tid("aaaa") },
      { ...back, task: tid("bbbb") },
    ]);
    expect([result.reopened.length, result.skipped.map(({ why }) => why)]).toEqual([1, ["dependency_cycle"]]);
  });
});

describe("a task that a person opened again", () => {
  const requeued = (): State => {
    const state = r.record(r.worker("bob"), r.ended("k3f9", "done", { at: r.at(-2 * HOUR), merged_as: SHA }));
    return r.applied(
      state,
      planRequeue(state, { id: "k3f9", message: "the fix did not hold" }, r.ctx("ada", { now: NOW - HOUR })),
    );
  };

  it("is not ended by what was merged before", () => {
    const old = [mention("k3f9", { at: r.at(-2 * HOUR) }), mention("k3f9", { at: r.at(-HOUR) })];
    for (const one of old) expect(resultOf(requeued(), [one]).merged).toEqual([]);
  });

  it("is ended by what is merged later, also when it was claimed, given up and claimed again", () => {
    const lease = leaseIn(requeued(), "k3f9");
    expect(lease?.reopened_at).toBe(r.at(-HOUR));
    const state = r.record(r.worker("bob"), FREE, r.lease("k3f9", { reopened_at: r.at(-HOUR), epoch: 3 }));
    const held = r.applied(state, planFail(state, { message: "no" }, r.ctx("ada")));
    expect(leaseIn(held, "k3f9")).toMatchObject({ worker: null, reopened_at: r.at(-HOUR) });
    expect(resultOf(held, [mention("k3f9", { at: r.at(-HOUR) })]).merged).toEqual([]);
    expect(resultOf(held, [mention("k3f9")]).merged).toHaveLength(1);
  });
});

describe("owp done after a merge ended the task", () => {
  const before = r.record(r.worker("bob"), FREE, r.lease("k3f9", { epoch: 4 }));
  const after = r.applied(before, settle(before, [mention("k3f9")]));
  const again = { short: "k3f9", state: "done", already: true, merged_as: SHA, epoch: 5, worker: "ada" };

  it.each([
    ["by its id", { id: "k3f9" }],
    ["with the epoch of the claim", { id: "k3f9", epoch: 4 }],
    ["with the epoch of the end", { id: "k3f9", epoch: 5 }],
    ["without an id, as the last one to end", {}],
    ["without an id, with the epoch", { epoch: 4 }],
  ])("its holder hears that it is done, and by which commit: %s", (_name, input) => {
    const plan = r.ok(planDone(after, input, r.ctx("ada")));
    expect([plan.changes, plan.result]).toEqual([[], expect.objectContaining(again)]);
  });

  it("what the call added is not lost without a word", () => {
    expect(
      r.ok(planDone(after, { id: "k3f9", message: "done by hand" }, r.ctx("ada"))).warnings,
    ).toHaveLength(1);
  });

  it.each([
    ["an older epoch", "ada", { id: "k3f9", epoch: 3 }, "lease_lost"],
    ["someone else", "max", { id: "k3f9" }, "task_ended"],
    ["someone else without an id", "max", {}, "ambiguous_held"],
  ])("%s is refused as before", (_name, who, input, code) => {
    expect(r.refused(planDone(after, input, r.ctx(who))).code).toBe(code);
  });

  it("a refusal names the merge", () => {
    expect(r.refused(planFail(after, { id: "k3f9", message: "no" }, r.ctx("ada"))).message).toContain(
      "merged as 4f2a91c04f.",
    );
  });

  it("a holder of another task means that one", () => {
    const state = r.record(r.task("m2x7"), r.lease("m2x7"), r.ended("k3f9", "done", { merged_as: SHA }));
    expect(r.ok(planDone(state, {}, r.ctx("ada"))).result.short).toBe("m2x7");
  });

  it("a task that ended otherwise is no answer to done without an id", () => {
    expect(r.refused(planDone(r.record(r.ended("k3f9", "done")), {}, r.ctx("ada"))).code).toBe(
      "ambiguous_held",
    );
  });
});
