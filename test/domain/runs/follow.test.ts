/** Runs follow leases: one row a way in which a claim begins, goes on and ends. */
import { describe, expect, test } from "vitest";
import type { Change, Plan } from "../../../src/core/operation.ts";
import { placeOf } from "../../../src/core/paths.ts";
import type { State } from "../../../src/core/state.ts";
import { planSettle } from "../../../src/domain/merges/settle.ts";
import { planObjectEdit } from "../../../src/domain/objects/edit.ts";
import { planBlock } from "../../../src/domain/tasks/block.ts";
import { planCancel } from "../../../src/domain/tasks/cancel.ts";
import { type ClaimResult, planClaim } from "../../../src/domain/tasks/claim.ts";
import { planDone } from "../../../src/domain/tasks/done.ts";
import { planFail } from "../../../src/domain/tasks/fail.ts";
import { planHandoff } from "../../../src/domain/tasks/handoff.ts";
import { planPr } from "../../../src/domain/tasks/pr.ts";
import { planRelease } from "../../../src/domain/tasks/release.ts";
import { planRenew } from "../../../src/domain/tasks/renew.ts";
import { planRequeue } from "../../../src/domain/tasks/requeue.ts";
import { planResume } from "../../../src/domain/tasks/resume.ts";
import type { Artifact, Lease, Policy, Run } from "../../../src/generated/types.ts";
import { issueRef, object, oid, refTo, repoRef } from "../../helpers/objects.ts";
import {
  applied,
  at,
  broken,
  ctx,
  type File,
  HOUR,
  LATE,
  lease,
  MINUTE,
  NOW,
  ok,
  policy,
  record,
  task,
  tid,
  worker,
} from "../../helpers/record.ts";

const PR = "https://example.org/pull/7";
const packet = object("ContextPacket", "c001");

/** The values of a kind that a plan writes. */
const written = <T>(plan: Plan<unknown>, kind: string): T[] =>
  ok(plan).changes.flatMap(({ path, value }: Change) => (placeOf(path)?.kind === kind ? [value as T] : []));
const runs = (plan: Plan<unknown>) => written<Run>(plan, "Run");
const leases = (plan: Plan<unknown>) => written<Lease>(plan, "Lease");

describe("a claim opens a run", () => {
  const claim = (state: State, name = "ada") => planClaim(state, { id: "0001" }, ctx(name));
  const WHEN: [policy: Policy["runs"], files: File[], opens: boolean][] = [
    [undefined, [], false],
    [undefined, [packet], true],
    ["packets", [packet], true],
    ["packets", [object("ContextPacket", "c001", { for_issue: issueRef("0002") })], false],
    ["packets", [broken(packet)], false],
    ["always", [], true],
    ["never", [packet], false],
  ];
  test.each(WHEN)("runs: %s, %#: %s", (runsPolicy, files, opens) => {
    const state = record(
      policy(runsPolicy ? { runs: runsPolicy } : {}),
      task("0001"),
      task("0002"),
      ...files,
    );
    const plan = claim(state);
    expect(runs(plan)).toHaveLength(opens ? 1 : 0);
    expect(leases(plan)[0]?.run).toBe(runs(plan)[0]?.id);
    expect((ok(plan).result as ClaimResult).tasks[0]?.run).toBe(runs(plan)[0]?.id);
  });

  test("with who, where, since when, and from what (B56–B60)", () => {
    const linked = task("0001", {
      type: "bug",
      labels: ["api"],
      doctrine_refs: [refTo("DoctrineRef", "d001")],
      constraints: [refTo("ConstraintSnapshot", "f001"), refTo("ConstraintSnapshot", "f002")],
    });
    const state = record(
      linked,
      object("ContextPacket", "c001", { created_at: at(-3 * HOUR) }),
      object("ContextPacket", "c002", {
        doctrine_refs: [refTo("DoctrineRef", "d002")],
        constraint_snapshot: refTo("ConstraintSnapshot", "f003"),
      }),
      object("ConstraintSnapshot", "f001", { captured_at: at(-HOUR) }),
      object("ConstraintSnapshot", "f002", { captured_at: at(-2 * HOUR) }),
      object("ConstraintSnapshot", "f003", { captured_at: at(0) }),
      object("DoctrineRef", "d001", { priority: "may" }),
      object("DoctrineRef", "d002", { priority: "should" }),
    );
    const plan = planClaim(state, { id: "0001" }, ctx("ada"));
    expect(runs(plan)).toEqual([
      {
        kind: "Run",
        id: expect.stringMatching(/^rn_/),
        for_issue: issueRef("0001"),
        repo: repoRef("web"),
        status: "running",
        mode: "agent",
        executor: { actor: { actor_kind: "agent", actor_id: "ada" }, runtime: "local" },
        inputs: {
          context_packets: [refTo("ContextPacket", "c002")],
          doctrine_refs: [refTo("DoctrineRef", "d002"), refTo("DoctrineRef", "d001")],
          constraint_snapshot: refTo("ConstraintSnapshot", "f001"),
        },
        telemetry: { started_at: at(0) },
        created_at: at(0),
      },
    ]);
    expect(planClaim(state, { id: "0001" }, ctx("ada"))).toEqual(plan);
  });

  const d = (fields: Parameters<typeof object<"DoctrineRef">>[2]) => object("DoctrineRef", "d001", fields);
  const to = (repos: string[], issue_types: string[], tags: string[]) =>
    d({ applicability: { repo_refs: repos.map(repoRef), issue_types, tags } });
  const SCOPES: [name: string, holds: boolean, ...File[]][] = [
    ["no scope: everywhere", true, d({})],
    ["this repo", true, to(["web"], [], [])],
    ["another repo", false, to(["api"], [], [])],
    ["this type", true, to([], ["chore", "bug"], [])],
    ["another type", false, to([], ["feature"], [])],
    ["one of its labels", true, to([], [], ["ui", "api"])],
    ["none of its labels", false, to([], [], ["ui"])],
    ["all of it", true, to(["web"], ["bug"], ["api"])],
    ["all but the label", false, to(["web"], ["bug"], ["ui"])],
    [
      "an older version of itself",
      false,
      d({ name: "x" }),
      object("DoctrineRef", "d002", { name: "x", version: "2", created_at: at(0) }),
    ],
    ["a file that cannot be read", false, broken(d({}))],
  ];
  test.each(SCOPES)("and the doctrine that holds there: %s (%s)", (_name, holds, ...files) => {
    const state = record(task("0001", { type: "bug", labels: ["api"] }), packet, ...files);
    const ids = (runs(claim(state))[0]?.inputs?.doctrine_refs ?? []).map(({ id }) => id);
    expect(ids.includes(oid("DoctrineRef", "d001"))).toBe(holds);
  });

  test.each([
    ["agent", "agent", "local"],
    ["human", "human", "local"],
    ["system", "system", "ci"],
  ] as const)("of a worker that is %s: mode %s, runtime %s", (actor_kind, mode, runtime) => {
    const state = record(worker("ada", { actor_kind }), task("0001"), packet);
    expect(runs(claim(state))[0]).toMatchObject({ mode, executor: { runtime } });
  });

  test("once for a lease: claimed again, it is the same one", () => {
    const state = applied(record(task("0001"), packet), claim(record(task("0001"), packet)));
    expect(ok(claim(state)).changes).toEqual([]);
  });
});

const started = at(-HOUR / 2);
const open = (fields: Parameters<typeof object<"Run">>[2] = {}) =>
  object("Run", "e001", {
    status: "running",
    executor: { actor: { actor_kind: "agent", actor_id: "ada" }, runtime: "local" },
    telemetry: { started_at: started },
    ...fields,
  });
const RUN = oid("Run", "e001");
const held = (fields: Parameters<typeof lease>[1] = {}, ...more: File[]) =>
  record(
    worker("bob"),
    task("0001"),
    packet,
    lease("0001", { epoch: 3, run: RUN, ...fields }),
    open(),
    ...more,
  );

describe("a run ends with its holder's time", () => {
  const late = held({ ...LATE });
  const ENDS: [name: string, plan: Plan<unknown>, status: Run["status"], more: object][] = [
    [
      "done",
      planDone(held(), { message: "It answers." }, ctx("ada")),
      "done",
      { outputs: { result_summary: "It answers." } },
    ],
    ["done, with no word", planDone(held(), {}, ctx("ada")), "done", { outputs: undefined }],
    [
      "failed",
      planFail(held(), { message: "no", category: "build" }, ctx("ada")),
      "failed",
      { failure: { category: "build", message: "no" } },
    ],
    [
      "failed for good, with no word",
      planFail(held(), { no_retry: true }, ctx("ada")),
      "failed",
      { failure: { category: "unknown", message: "the attempt came to nothing" } },
    ],
    [
      "released",
      planRelease(held(), { message: "half" }, ctx("ada")),
      "canceled",
      { outputs: { result_summary: "half" } },
    ],
    [
      "requeued",
      planRequeue(held({ phase: "blocked" }), { id: "0001" }, ctx("max")),
      "canceled",
      { outputs: { result_summary: "the task went back to the queue" } },
    ],
    [
      "canceled",
      planCancel(held(), { id: "0001", message: "dropped" }, ctx("max")),
      "canceled",
      { outputs: { result_summary: "dropped" } },
    ],
    [
      "taken over",
      planClaim(late, { id: "0001" }, ctx("bob")),
      "failed",
      { failure: { category: "runtime", message: expect.stringContaining("expires_at") } },
    ],
    [
      "taken by a maintainer",
      planClaim(held(), { id: "0001", force: true }, ctx("max")),
      "canceled",
      { outputs: { result_summary: "a maintainer took the task" } },
    ],
    [
      "handed over",
      planHandoff(held(), { to: "bob" }, ctx("ada")),
      "canceled",
      { outputs: { result_summary: "the task was handed over" } },
    ],
    [
      "failed by a maintainer",
      planFail(held(), { id: "0001", force: true, message: "gone" }, ctx("max")),
      "failed",
      { failure: { message: "gone" } },
    ],
  ];
  test.each(ENDS)("%s", (_name, plan, status, more) => {
    const ended = runs(plan).find(({ id }) => id === RUN);
    expect(ended).toMatchObject({
      status,
      telemetry: { started_at: started, ended_at: at(0), duration_s: 1800 },
      updated_at: at(0),
    });
    for (const [field, value] of Object.entries(more)) {
      if (value === undefined) expect(ended).not.toHaveProperty(field);
      else
        expect(ended).toHaveProperty(
          field,
          typeof value === "object" ? expect.objectContaining(value) : value,
        );
    }
    for (const { run } of leases(plan).filter(Boolean)) expect(run).not.toBe(RUN);
  });

  test.each([
    ["taken over", planClaim(late, { id: "0001" }, ctx("bob")), "bob"],
    ["taken by a maintainer", planClaim(held(), { id: "0001", force: true }, ctx("max")), "max"],
    ["handed over", planHandoff(held(), { to: "bob" }, ctx("ada")), "bob"],
  ])("and the new holder's opens: %s", (_name, plan, holder) => {
    const fresh = runs(plan).find(({ id }) => id !== RUN);
    expect(fresh).toMatchObject({ status: "running", executor: { actor: { actor_id: holder } } });
    expect(leases(plan)[0]).toMatchObject({ worker: holder, run: fresh?.id });
  });

  test("a late lease of the same area ends, and its run with it", () => {
    const area = { area: "auth" };
    const state = record(
      worker("bob"),
      task("0001", area),
      task("0002", area),
      lease("0001", { run: RUN, ...LATE }),
      open(),
    );
    const plan = planClaim(state, { id: "0002" }, ctx("bob"));
    expect(runs(plan)).toEqual([expect.objectContaining({ id: RUN, status: "failed" })]);
    expect(leases(plan).find(({ task: id }) => id === tid("0001"))).not.toHaveProperty("run");
  });

  test("a merge ends it when it was merged, with the commit as artifact", () => {
    const commit = "4f2a91c04f2a91c04f2a91c04f2a91c04f2a91c0";
    const mention = {
      task: tid("0001"),
      commit,
      at: at(-10 * MINUTE),
      branch: "main",
      act: "close" as const,
    };
    const plan = planSettle(held(), { merged: [mention] }, ctx("bob"));
    expect(runs(plan)).toEqual([
      expect.objectContaining({
        status: "done",
        telemetry: { started_at: started, ended_at: at(-10 * MINUTE), duration_s: 1200 },
      }),
    ]);
    expect(written<Artifact>(plan, "Artifact")).toEqual([
      expect.objectContaining({ type: "commit", uri: commit }),
    ]);
  });

  test("a clock behind the one that began it measures no time", () => {
    const plan = planDone(held(), {}, ctx("ada", { now: NOW - HOUR }));
    expect(runs(plan)[0]?.telemetry).toEqual({ started_at: started, ended_at: started, duration_s: 0 });
  });

  test("what it cost is kept, and said where there is no run for it", () => {
    expect(runs(planDone(held(), { cost_usd: 0.4, tokens: 900 }, ctx("ada")))[0]?.cost).toEqual({
      usd: 0.4,
      tokens: 900,
    });
    const bare = record(task("0001"), lease("0001"));
    for (const plan of [planDone(bare, { tokens: 9 }, ctx("ada")), planFail(bare, { tokens: 9 }, ctx("ada"))])
      expect(ok(plan).warnings).toEqual(["no run is open for it, so what it cost is not recorded"]);
  });
});

describe("while it is held", () => {
  const ON: [name: string, plan: Plan<unknown>, statuses: Run["status"][]][] = [
    ["blocked", planBlock(held(), { message: "stuck" }, ctx("ada")), ["blocked"]],
    ["a pull request", planPr(held(), { url: PR }, ctx("ada")), ["running"]],
    [
      "blocked by a maintainer",
      planBlock(held(), { id: "0001", force: true, message: "stop" }, ctx("max")),
      ["blocked"],
    ],
    ["renewed", planRenew(held({ expires_at: at(HOUR) }), {}, ctx("ada")), []],
    [
      "resumed with nothing to change",
      planResume(held({ phase: "pr_opened" }), { id: "0001" }, ctx("ada")),
      [],
    ],
  ];
  test.each(ON)("%s", (_name, plan, statuses) => {
    expect(runs(plan).map(({ status }) => status)).toEqual(statuses);
    expect(leases(plan)[0]?.run).toBe(RUN);
  });

  test("resumed", () => {
    const state = held({ phase: "blocked" }, open({ status: "blocked" }));
    expect(runs(planResume(state, { id: "0001" }, ctx("ada")))).toEqual([
      expect.objectContaining({ status: "running" }),
    ]);
  });

  test("proof becomes artifacts, each once (B61, B67, B68)", () => {
    const state = held();
    const first = planPr(state, { url: PR, artifact: ["report=docs/report.md"] }, ctx("ada"));
    const [pr, report] = written<Artifact>(first, "Artifact");
    expect(pr).toEqual({
      kind: "Artifact",
      id: expect.stringMatching(/^ar_/),
      produced_by: { kind: "Run", id: RUN },
      for_issue: issueRef("0001"),
      type: "pr",
      title: "pull request for Task 0001",
      uri: PR,
      created_at: at(0),
    });
    expect(report).toMatchObject({ type: "report", uri: "docs/report.md" });
    const refs = [pr, report].map((one) => ({ kind: "Artifact", id: one?.id }));
    expect(runs(first)[0]?.outputs?.artifacts).toEqual(refs);
    const next = planDone(
      applied(state, first),
      { pr: PR, commit: "4F2A91C", patch: "https://example.org/7.patch" },
      ctx("ada", { op: "01kjm0000000000000000000bb" }),
    );
    const added = written<Artifact>(next, "Artifact");
    expect(added.map(({ type, uri }) => `${type} ${uri}`)).toEqual([
      "commit 4f2a91c",
      "code_patch https://example.org/7.patch",
    ]);
    expect(runs(next)[0]?.outputs?.artifacts).toEqual([
      ...refs,
      ...added.map(({ id }) => ({ kind: "Artifact", id })),
    ]);
  });

  test("what an earlier holder proved is that run's; this one keeps its own", () => {
    const proof = [{ type: "pr" as const, uri: PR }];
    const plan = planDone(held({ artifacts: proof }), { pr: PR }, ctx("ada"));
    expect(written<Artifact>(plan, "Artifact")).toHaveLength(1);
  });
});

test.each([
  ["ada", true],
  ["max", true],
  ["bob", false],
])("%s may edit ada's run: %s", (name, may) => {
  const plan = planObjectEdit(held(), { id: RUN, summary: "so far" }, ctx(name));
  expect(plan.ok || plan.code).toBe(may || "not_allowed");
});

describe("a run that cannot follow stands in nobody's way", () => {
  const STATES: [name: string, file: File][] = [
    ["broken", broken(open())],
    ["ended by hand", open({ status: "canceled" })],
  ];
  test.each(STATES)("%s", (_name, file) => {
    const plan = planPr(held({}, file), { url: PR }, ctx("ada"));
    expect(runs(plan)).toEqual([]);
    expect(ok(plan).warnings).toEqual([expect.stringContaining("run e001")]);
    expect(ok(planDone(held({}, file), {}, ctx("ada"))).result).toMatchObject({ state: "done" });
  });
});
