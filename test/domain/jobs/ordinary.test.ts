import { describe, expect, it } from "vitest";
import type { Ctx, Plan } from "../../../src/core/operation.ts";
import type { Snapshot } from "../../../src/core/snapshot.ts";
import { planExport } from "../../../src/domain/exchange/export.ts";
import { parseImport } from "../../../src/domain/exchange/parse.ts";
import { planJobCancel } from "../../../src/domain/jobs/cancel.ts";
import { planJobComplete } from "../../../src/domain/jobs/complete.ts";
import { taskIdOf } from "../../../src/domain/jobs/places.ts";
import { planSettle } from "../../../src/domain/merges/settle.ts";
import { planBlock } from "../../../src/domain/tasks/block.ts";
import { planCancel } from "../../../src/domain/tasks/cancel.ts";
import { planClaim } from "../../../src/domain/tasks/claim.ts";
import { planDone } from "../../../src/domain/tasks/done.ts";
import { planEdit } from "../../../src/domain/tasks/edit.ts";
import { planFail } from "../../../src/domain/tasks/fail.ts";
import { planHandoff } from "../../../src/domain/tasks/handoff.ts";
import { planList } from "../../../src/domain/tasks/list.ts";
import { planNote } from "../../../src/domain/tasks/note.ts";
import { planPr } from "../../../src/domain/tasks/pr.ts";
import { planPrime } from "../../../src/domain/tasks/prime.ts";
import { planReady } from "../../../src/domain/tasks/ready.ts";
import { planRelease } from "../../../src/domain/tasks/release.ts";
import { planRenew } from "../../../src/domain/tasks/renew.ts";
import { planRequeue } from "../../../src/domain/tasks/requeue.ts";
import { planResume } from "../../../src/domain/tasks/resume.ts";
import { planShow } from "../../../src/domain/tasks/show.ts";
import { planStatus } from "../../../src/domain/tasks/status.ts";
import {
  applied,
  at,
  code,
  ctx,
  maintainer,
  ok,
  record,
  refused,
  task,
  tid,
  waiting,
  worker,
} from "../../helpers/record.ts";
import { claim, fileOf, hash, op, queue } from "./support.ts";

const id = taskIdOf("j-1");
/** Commands that change one task; each would do so if it were no job. */
const CHANGES: Record<string, (s: Snapshot, c: Ctx) => Plan<unknown>> = {
  claim: (s, c) => planClaim(s, { id, force: true }, c),
  done: (s, c) => planDone(s, { id, force: true }, c),
  fail: (s, c) => planFail(s, { id, force: true }, c),
  release: (s, c) => planRelease(s, { id, force: true }, c),
  handoff: (s, c) => planHandoff(s, { id, to: "bob", force: true }, c),
  block: (s, c) => planBlock(s, { id, message: "stuck", force: true }, c),
  resume: (s, c) => planResume(s, { id, force: true }, c),
  pr: (s, c) => planPr(s, { id, url: "https://example.org/7", force: true }, c),
  renew: (s, c) => planRenew(s, { id }, c),
  requeue: (s, c) => planRequeue(s, { id }, c),
  cancel: (s, c) => planCancel(s, { id }, c),
  edit: (s, c) => planEdit(s, { id, priority: 7 }, c),
};
const people = [worker("bob"), maintainer("max"), worker("ada")];
const queued = queue(record(...people, task("aaaa")), { job_id: "j-1" });
const held = claim(queued, "t", {}, "j-1");
const over = applied(
  held,
  planJobComplete(held, { id: "j-1", token_hash: hash("t"), epoch: 1 }, ctx("ada", { op: op(101) })),
);
const INSTEAD: Record<string, string> = {
  claim: "owp job claim j-1",
  done: "owp job complete j-1 --token <token> --epoch <n>",
  fail: "owp job fail j-1 --token <token> --epoch <n>",
  renew: "owp job heartbeat j-1 --token <token> --epoch <n>",
  cancel: "owp job cancel j-1",
};

describe("commands of tasks leave jobs alone", () => {
  const rows = Object.keys(CHANGES).flatMap((name) =>
    Object.entries({ queued, held, over }).flatMap(([when, state]) =>
      ["ada", "max"].map((who) => [name, when, who, state] as const),
    ),
  );
  it.each(rows)(
    "%s of a job that is %s, by %s: refused, with the command to use",
    (name, _when, who, state) => {
      const refusal = refused((CHANGES[name] as (typeof CHANGES)["done"])(state, ctx(who)));
      expect([refusal.code, refusal.hint]).toEqual(["job_task", INSTEAD[name] ?? "owp job show j-1"]);
      expect(refusal.data).toMatchObject({ task: id, job_id: "j-1" });
    },
  );

  it("edit of the words by which it is found is no change of the job; nor is a note", () => {
    for (const input of [{ title: "A name" }, { description: "x" }, { labels: ["urgent"] }])
      expect(code(planEdit(held, { id, ...input }, ctx("ada")))).toBe("ok");
    expect(refused(planEdit(held, { id, labels: ["x"], max_attempts: 9 }, ctx("ada"))).data).toMatchObject({
      fields: ["max_attempts"],
    });
    expect(code(planNote(held, { id, text: "seen" }, ctx("ada")))).toBe("ok");
  });

  it("a merge that names it ends nothing", () => {
    const merged = [{ task: id, commit: "a".repeat(40), at: at(0) }];
    const { result, changes } = ok(planSettle(held, { merged }, ctx("ada")));
    expect([changes, result.skipped]).toMatchObject([[], [{ task: id, why: "job_task" }]]);
  });

  it("an id left out never means it, and its holder has room for as many tasks as before", () => {
    for (const name of ["done", "release", "renew"] as const) {
      const plans = { done: planDone, release: planRelease, renew: planRenew };
      const plan = plans[name](held, {}, ctx("ada"));
      expect(plan.ok ? plan.changes : plan.code).toEqual(name === "renew" ? [] : "ambiguous_held");
    }
    const one = record(worker("ada", { max_concurrent_tasks: 1, capacity_points: 1 }), task("aaaa"));
    const busy = claim(queue(one, { job_id: "j-1" }), "t", {}, "j-1");
    expect(ok(planClaim(busy, {}, ctx("ada"))).result.tasks.map((row) => row.id)).toEqual([tid("aaaa")]);
  });

  it("owp claim never picks one, also when there is nothing else", () => {
    const jobs = queue(record(), { job_id: "j-1" }, { job_id: "j-2" });
    const refusal = refused(planClaim(jobs, {}, ctx("ada")));
    expect([refusal.code, refusal.data?.counts]).toEqual(["nothing_to_claim", { job: 2 }]);
    expect(ok(planReady(jobs, {}, ctx("ada"))).result.ready).toEqual([]);
    expect(ok(planPrime(held, {}, ctx("ada"))).result).toMatchObject({ held_total: 0, ready_total: 1 });
  });
});

describe("commands that read show jobs as what they are", () => {
  it("list: with the job's id, under CWOM's status", () => {
    const rows = ok(planList(held, { all: true }, ctx("ada"))).result.tasks;
    expect(rows.find((row) => row.id === id)).toMatchObject({ job: "j-1", status: "running", holder: "ada" });
    expect(rows.find((row) => row.id === tid("aaaa"))?.job).toBeUndefined();
    const ended = ok(planList(over, { all: true }, ctx("ada"))).result.tasks;
    expect(ended.find((row) => row.id === id)).toMatchObject({ job: "j-1", status: "done" });
  });

  it("show: the whole file, and no branch or trailer for work that no merge ends", () => {
    const shown = ok(planShow(held, { id }, ctx("ada"))).result;
    expect(shown).toMatchObject({ state: "in_progress", task: { job: { job_id: "j-1" } } });
    expect([shown.branch, shown.trailer]).toEqual([undefined, undefined]);
    expect(ok(planShow(held, { id: tid("aaaa") }, ctx("ada"))).result.branch).toBeDefined();
  });

  it("status: counted by themselves, and in no one's load", () => {
    const { tasks, jobs, mine, workers } = ok(planStatus(held, { ended: true }, ctx("ada"))).result;
    expect([tasks, jobs, mine]).toEqual([{ queued: 1 }, { running: 1 }, []]);
    expect(workers.find(({ name }) => name === "ada")).toMatchObject({ points: 0, tasks: 0 });
    expect(ok(planStatus(over, { ended: true }, ctx("ada"))).result).toMatchObject({ tasks: { queued: 1 } });
    expect(ok(planStatus(over, {}, ctx("ada"))).result.jobs).toBeUndefined();
  });

  it("export: tasks alone", () => {
    for (const state of [held, over])
      expect(ok(planExport(state, { all: true }, ctx("ada"))).result.tasks.map((one) => one.id)).toEqual([
        tid("aaaa"),
      ]);
  });
});

it("import takes none: a file that has one is refused", () => {
  const text = JSON.stringify([fileOf(held, "j-1")]);
  const parsed = parseImport(new TextEncoder().encode(text));
  expect(parsed).toMatchObject({ ok: false, code: "invalid_input", data: { field: "job" } });
});

it("a task may wait for a job", () => {
  const state = queue(record(...people), { job_id: "j-1" });
  const [path, value] = waiting("bbbb", []);
  const file = { ...(value as object), relationships: { blocked_by: [id] } };
  const both = state.apply([{ path, doc: { path, text: "", value: file }, added: true }]);
  const claims = (at: typeof both) => code(planClaim(at, {}, ctx("bob")));
  expect(claims(both)).toBe("nothing_to_claim");
  const running = claim(both, "t", {}, "j-1");
  const complete = { id: "j-1", token_hash: hash("t"), epoch: 1 };
  expect(claims(applied(running, planJobComplete(running, complete, ctx("ada"))))).toBe("ok");
  expect(claims(applied(running, planJobCancel(running, { id: "j-1" }, ctx("ada"))))).toBe(
    "nothing_to_claim",
  );
});
