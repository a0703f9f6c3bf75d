import { describe, expect, test } from "vitest";
import type { State } from "../../../src/core/state.ts";
import { planObjectEdit } from "../../../src/domain/objects/edit.ts";
import { planObjectLink } from "../../../src/domain/objects/link.ts";
import { planObjectList } from "../../../src/domain/objects/list.ts";
import { planObjectNew } from "../../../src/domain/objects/new.ts";
import { planObjectShow } from "../../../src/domain/objects/show.ts";
import type {
  ObjectEditInput,
  ObjectLinkInput,
  ObjectListInput,
  ObjectNewInput,
} from "../../../src/generated/types.ts";
import { issueRef, object, oid, refTo, repoRef } from "../../helpers/objects.ts";
import {
  applied,
  at,
  code,
  ctx,
  ended,
  HOUR,
  NOW,
  ok,
  record,
  refused,
  repo,
  task,
  taskIn,
  tid,
  waiting,
} from "../../helpers/record.ts";

const RAN = {
  inputs: { context_packets: [refTo("ContextPacket", "0001")] },
  telemetry: { started_at: at(-HOUR) },
};
const STATE = record(
  repo("docs"),
  task("0001"),
  task("0002", { repo: "docs" }),
  waiting("0003", ["0001"]),
  ended("0004", "done"),
  object("ContextPacket", "0001", { version: "1" }),
  object("ContextPacket", "0002", { version: "7", for_issue: issueRef("0002") }),
  object("ConstraintSnapshot", "0001", { owner: { actor_kind: "human", actor_id: "max" } }),
  object("ConstraintSnapshot", "0002", { scope: "org" }),
  object("DoctrineRef", "0001"),
  object("Run", "0001", { ...RAN, status: "running" }),
  object("Run", "0002", { status: "planned" }),
  object("Run", "0003", { ...RAN, status: "failed", failure: { category: "test", message: "no" } }),
  object("Artifact", "0001"),
);
const make = (input: ObjectNewInput, state: State = STATE) => planObjectNew(state, input, ctx("ada"));
const edit = (input: ObjectEditInput, state: State = STATE, who = "ada") =>
  planObjectEdit(state, input, ctx(who));
const link = (input: ObjectLinkInput, state: State = STATE) => planObjectLink(state, input, ctx("ada"));
const written = (plan: ReturnType<typeof make> | ReturnType<typeof edit>) =>
  ok<unknown>(plan).changes.at(-1)?.value as Record<string, unknown>;

describe("object new", () => {
  test("a run takes its repo from the issue, its mode and executor from the worker, and starts planned (B57, B58)", () => {
    const value = written(make({ kind: "run", issue: tid("0002") }));
    expect(value).toMatchObject({
      ...{
        kind: "Run",
        status: "planned",
        mode: "agent",
        repo: repoRef("docs"),
        for_issue: issueRef("0002"),
      },
      executor: { actor: { actor_kind: "agent", actor_id: "ada" }, runtime: "local" },
      created_at: at(0),
    });
  });

  test("an artifact is for the issue of its run, and unverified (B68, B70)", () => {
    const value = written(
      make({ kind: "artifact", run: oid("Run", "0001"), type: "pr", title: "x", uri: "y" }),
    );
    expect(value).toMatchObject({ for_issue: issueRef("0001"), verification: { status: "unverified" } });
  });

  test("a packet gets the next version of its issue, and --from all else (B45)", () => {
    const from = written(
      make({ kind: "context-packet", from: oid("ContextPacket", "0001"), summary: "More" }),
    );
    expect(from).toMatchObject({
      version: "2",
      summary: "More",
      instructions: "Do it.",
      for_issue: issueRef("0001"),
    });
    const other = written(make({ kind: "context-packet", issue: tid("0002"), summary: "More" }));
    expect(other.version).toBe("8");
  });

  test("a run made from another starts again: inputs are kept, what came of it is not", () => {
    const value = written(make({ kind: "run", from: oid("Run", "0003") }));
    expect(value).toMatchObject({ status: "planned", inputs: RAN.inputs });
    expect(Object.keys(value)).not.toContain("failure");
    expect(Object.keys(value)).not.toContain("telemetry");
  });

  test("a run that starts at once says when", () => {
    expect(written(make({ kind: "run", issue: tid("0001"), status: "running" }))).toMatchObject({
      telemetry: { started_at: at(0) },
    });
  });

  test("what should be otherwise is a warning with its code, and an error where the policy says so", () => {
    const input: ObjectNewInput = {
      kind: "run",
      issue: tid("0001"),
      status: "running",
      constraint: oid("ConstraintSnapshot", "0001"),
    };
    expect(ok(make(input)).warnings).toEqual([
      "run_no_packet: The run has started, and names no context packet.",
    ]);
    const strict = applied(STATE, {
      ok: true,
      changes: [
        {
          path: "owp.yaml",
          value: { kind: "Policy", protocol: "1.0", warnings: { run_no_packet: "error" } },
        },
      ],
      result: {},
    });
    expect(refused(make(input, strict))).toMatchObject({
      code: "invalid_input",
      data: { rule: "run_no_packet" },
    });
  });

  test("an issue is a task, planned and P2 unless it says otherwise; what it is given is kept (B27, B34)", () => {
    const plan = make({
      kind: "issue",
      title: "Add /healthz",
      repo: "web",
      doctrine: [oid("DoctrineRef", "0001")],
      value: {
        acceptance: { criteria: ["a"], tests_expected: ["t"] },
        watchers: [{ actor_kind: "human", actor_id: "bo" }],
        constraints: [{ kind: "ConstraintSnapshot", id: oid("ConstraintSnapshot", "0001") }],
        context_packets: [oid("ContextPacket", "0001")],
        relationships: { blocked_by: ["0001"], blocks: ["0003"], parent: { kind: "Issue", id: tid("0001") } },
        tags: ["ops"],
      },
    });
    const [issue, mirrored] = ok(plan).changes.map(({ value }) => value as Record<string, unknown>);
    expect(issue).toMatchObject({
      ...{
        kind: "Task",
        title: "Add /healthz",
        repo: "web",
        status: "planned",
        priority: 50,
        labels: ["ops"],
      },
      acceptance: { criteria: ["a"], tests_expected: ["t"] },
      doctrine_refs: [refTo("DoctrineRef", "0001")],
      context_packets: [refTo("ContextPacket", "0001")],
      constraints: [refTo("ConstraintSnapshot", "0001")],
      relationships: { blocked_by: [tid("0001")], parent: tid("0001") },
    });
    const id = issue?.id;
    expect(mirrored).toMatchObject({ id: tid("0003"), relationships: { blocked_by: [tid("0001"), id] } });
  });

  const REFUSED: [why: string, input: ObjectNewInput, code: string, data: object][] = [
    [
      "an id of another kind",
      { kind: "artifact", run: oid("ContextPacket", "0001"), type: "pr", title: "x" },
      "wrong_kind",
      { field: "produced_by" },
    ],
    ["an id that is not there", { kind: "run", issue: tid("0009") }, "task_unknown", { field: "for_issue" }],
    [
      "a packet that is not there",
      { kind: "run", issue: tid("0001"), packet: ["zzzz"] },
      "object_unknown",
      { field: "inputs.context_packets[0]" },
    ],
    [
      "a reference that says another kind",
      { kind: "run", value: { for_issue: { kind: "Repo", id: tid("0001") } } },
      "invalid_input",
      { field: "for_issue.kind" },
    ],
    ["no issue (B57)", { kind: "run" }, "invalid_input", { rule: "schema" }],
    [
      "another repo than the issue's (B57)",
      { kind: "run", issue: tid("0001"), repo: "docs" },
      "invalid_input",
      { field: "repo" },
    ],
    [
      "another issue than the run's (B68)",
      { kind: "artifact", run: oid("Run", "0001"), issue: tid("0002"), type: "pr", title: "x" },
      "invalid_input",
      { field: "for_issue" },
    ],
    [
      "a version that is taken (B45)",
      { kind: "context-packet", issue: tid("0001"), version: "1", summary: "x" },
      "already_exists",
      { field: "version" },
    ],
    [
      "a doctrine that is taken (B53)",
      { kind: "doctrine", namespace: "house", name: "0001", version: "1", type: "policy", statement: "x" },
      "already_exists",
      { field: "version" },
    ],
    [
      "a field that is none (B10)",
      {
        kind: "doctrine",
        namespace: "a",
        name: "b",
        type: "policy",
        statement: "x",
        value: { priorty: "must" },
      },
      "invalid_input",
      { field: "priorty", rule: "unknown_field" },
    ],
    [
      "an option that the kind has not",
      { kind: "artifact", run: oid("Run", "0001"), type: "pr", title: "x", scope: "repo" },
      "invalid_input",
      { field: "scope" },
    ],
    [
      "energy 6 (B49)",
      { kind: "constraint-snapshot", scope: "repo", set: ["constraints.energy.score_0_5=6"] },
      "invalid_input",
      { rule: "schema" },
    ],
    [
      "a deadline in local time",
      { kind: "constraint-snapshot", scope: "repo", set: ["constraints.time.deadline=2026-03-01T10:00:00"] },
      "invalid_input",
      { rule: "schema" },
    ],
    [
      "failed without a failure (B62)",
      { kind: "run", issue: tid("0001"), status: "failed" },
      "invalid_input",
      { rule: "failure_missing" },
    ],
    [
      "a secret (B83)",
      { kind: "context-packet", issue: tid("0001"), summary: `ghp_${"a1".repeat(20)}` },
      "invalid_input",
      { rule: "secret" },
    ],
    ["a slug that is taken (B24)", { kind: "repo", slug: "docs" }, "already_exists", { field: "slug" }],
    ["a slug that is none", { kind: "repo", slug: "Docs" }, "invalid_input", { field: "slug" }],
    [
      "--set without a field",
      { kind: "run", issue: tid("0001"), set: ["=3"] },
      "invalid_input",
      { field: "set" },
    ],
    [
      "--set with half a list",
      { kind: "run", issue: tid("0001"), set: ["plan.steps=[1"] },
      "invalid_input",
      { field: "set" },
    ],
    [
      "an issue of a status that work gives",
      { kind: "issue", title: "x", status: "running" },
      "invalid_input",
      { field: "status" },
    ],
    [
      "execution on an issue (B32)",
      { kind: "issue", title: "x", value: { executor: {} } },
      "invalid_input",
      { field: "executor" },
    ],
    [
      "a circle of issues (B30)",
      { kind: "issue", title: "x", value: { relationships: { blocked_by: ["0003"], blocks: ["0001"] } } },
      "dependency_cycle",
      {},
    ],
    [
      "an issue that blocks one that has ended",
      { kind: "issue", title: "x", value: { relationships: { blocks: ["0004"] } } },
      "task_ended",
      {},
    ],
    [
      "a file of another kind",
      { kind: "run", value: { kind: "Artifact" } },
      "invalid_input",
      { field: "kind" },
    ],
  ];
  test.each(REFUSED)("refuses %s", (_why, input, wanted, data) => {
    expect(refused(make(input))).toMatchObject({
      code: wanted,
      data,
      message: expect.stringContaining("Nothing was changed."),
    });
  });
});

describe("object edit", () => {
  test("a run that ends says when, and how long it took; its failure comes with it (B62, B63)", () => {
    const value = written(
      edit({ id: oid("Run", "0001"), status: "failed", category: "build", message: "no" }),
    );
    expect(value).toMatchObject({
      status: "failed",
      failure: { category: "build", message: "no" },
      telemetry: { started_at: at(-HOUR), ended_at: at(0), duration_s: 3600 },
      updated_at: at(0),
    });
  });

  test("lists grow by options, and --set writes anything else that may change", () => {
    const value = written(
      edit({
        id: oid("Run", "0001"),
        artifact: ["0001"],
        set: ["cost.usd=0.4"],
        add: ["outputs.decision_log=chose a"],
      }),
    );
    expect(value).toMatchObject({
      outputs: { artifacts: [refTo("Artifact", "0001")], decision_log: ["chose a"] },
      cost: { usd: 0.4 },
    });
  });

  test("what is so already publishes nothing", () => {
    expect(ok(edit({ id: oid("Run", "0001"), status: "running" }))).toMatchObject({
      changes: [],
      result: { already: true },
    });
  });

  test("an issue changes in CWOM's form: a level that reads the same leaves the number (B14)", () => {
    const state = record(task("0001", { priority: 85, labels: ["a"] }));
    const after = applied(
      state,
      edit({ kind: "issue", id: "0001", title: "New", priority: "P1", tag: ["b"] }, state),
    );
    expect(taskIn(after, "0001")).toMatchObject({
      title: "New",
      priority: 85,
      labels: ["a", "b"],
      updated_at: at(0),
    });
    expect(ok(edit({ kind: "issue", id: "0001", priority: "P0" }, state)).result.changed).toEqual([
      "priority",
    ]);
  });

  test("a repo changes all but its slug, by a maintainer (B24)", () => {
    expect(written(edit({ id: "docs", name: "Handbook" }, STATE, "max"))).toMatchObject({
      slug: "docs",
      name: "Handbook",
    });
  });

  const REFUSED: [why: string, input: ObjectEditInput, code: string, data: object][] = [
    [
      "a packet (B42)",
      { id: oid("ContextPacket", "0001"), summary: "x" },
      "immutability_violation",
      { object_id: oid("ContextPacket", "0001") },
    ],
    [
      "a constraint snapshot (B50)",
      { id: oid("ConstraintSnapshot", "0001"), set: ["scope=org"] },
      "immutability_violation",
      {},
    ],
    [
      "a doctrine's version (B54)",
      { id: oid("DoctrineRef", "0001"), set: ["statement=x"] },
      "immutability_violation",
      {},
    ],
    [
      "a run's plan (B58)",
      { id: oid("Run", "0001"), add: ["plan.steps=x"] },
      "immutability_violation",
      { field: "plan" },
    ],
    [
      "a run's issue",
      { id: oid("Run", "0001"), set: ["for_issue=0003"] },
      "immutability_violation",
      { field: "for_issue" },
    ],
    [
      "an input taken away (B61)",
      { id: oid("Run", "0001"), set: ["inputs.context_packets=[]"] },
      "immutability_violation",
      { field: "inputs.context_packets" },
    ],
    [
      "an ended run that opens again (B65)",
      { id: oid("Run", "0003"), set: ["failure=null"], status: "running" },
      "immutability_violation",
      { field: "status" },
    ],
    [
      "a planned run that is done at once (B36)",
      { id: oid("Run", "0002"), status: "done" },
      "illegal_transition",
      { field: "status" },
    ],
    [
      "failed without a failure (B62)",
      { id: oid("Run", "0001"), status: "failed" },
      "invalid_input",
      { rule: "failure_missing" },
    ],
    [
      "an end before the start (B63)",
      { id: oid("Run", "0001"), status: "done", set: [`telemetry.ended_at=${at(-2 * HOUR)}`] },
      "invalid_input",
      { rule: "run_times" },
    ],
    [
      "an artifact's uri",
      { id: oid("Artifact", "0001"), set: ["uri=x"] },
      "immutability_violation",
      { field: "uri" },
    ],
    ["a slug (B24)", { id: "docs", set: ["slug=handbook"] }, "immutability_violation", { field: "slug" }],
    ["a repo, by one who is no maintainer", { id: "docs", name: "x" }, "not_allowed", {}],
    ["an ended issue's text", { id: tid("0004"), title: "x" }, "task_ended", {}],
    [
      "an issue that is its own parent",
      { id: tid("0001"), set: ["relationships.parent=0001"] },
      "invalid_input",
      {},
    ],
    ["an id of another kind", { kind: "run", id: oid("Artifact", "0001"), status: "done" }, "wrong_kind", {}],
  ];
  test.each(REFUSED)("refuses %s", (_why, input, wanted, data) => {
    expect(refused(edit(input))).toMatchObject({ code: wanted, data });
  });
});

describe("object link", () => {
  test("adds a reference once, with its role (B08, B82)", () => {
    const input = { from: oid("Run", "0001"), to: oid("Artifact", "0001"), role: "main" };
    const after = applied(STATE, link(input));
    expect(after.links(oid("Run", "0001"))).toContainEqual([
      "outputs.artifacts",
      oid("Artifact", "0001"),
      "main",
    ]);
    expect(ok(link(input, after))).toMatchObject({ changes: [], result: { linked: false, already: true } });
  });

  test("blocks is written where it counts, in the other's blocked_by, and shown in both (B30)", () => {
    const plan = link({ from: tid("0001"), to: tid("0002"), relation: "blocks" });
    const after = applied(STATE, plan);
    expect(ok(plan).changes.map(({ path }) => path)).toEqual([task("0002")[0]]);
    expect(code(link({ from: tid("0001"), to: tid("0002"), relation: "blocks" }, after))).toBe("ok");
    expect(ok(link({ from: tid("0001"), to: tid("0002"), relation: "blocks" }, after)).changes).toEqual([]);
    expect(taskIn(after, "0002")?.relationships?.blocked_by).toEqual([tid("0001")]);
    const shown = ok(
      planObjectShow(
        applied(STATE, link({ from: tid("0002"), to: tid("0001"), relation: "blocked_by" })),
        { id: tid("0001") },
        ctx("ada"),
      ),
    );
    expect(shown.result.object.relationships).toMatchObject({
      blocks: [{ id: tid("0002") }, { id: tid("0003") }],
    });
  });

  test("an issue that blocks no more is taken out of the other's blocked_by", () => {
    const after = applied(STATE, edit({ id: tid("0001"), set: ["relationships.blocks=[]"] }));
    expect(taskIn(after, "0003")?.relationships?.blocked_by).toEqual([]);
  });

  const REFUSED: [why: string, input: ObjectLinkInput, code: string][] = [
    ["a circle (B30)", { from: tid("0001"), to: tid("0003"), relation: "blocked_by" }, "dependency_cycle"],
    ["an issue to itself (B30)", { from: tid("0001"), to: tid("0001"), relation: "blocks" }, "invalid_input"],
    ["two issues, and no word of how", { from: tid("0001"), to: tid("0003") }, "usage"],
    [
      "a packet to anything (B42)",
      { from: oid("ContextPacket", "0001"), to: oid("DoctrineRef", "0001") },
      "immutability_violation",
    ],
    [
      "an artifact to another run",
      { from: oid("Artifact", "0001"), to: oid("Run", "0002") },
      "invalid_input",
    ],
    ["another run's artifact", { from: oid("Run", "0002"), to: oid("Artifact", "0001") }, "invalid_input"],
    ["to what is not there", { from: tid("0001"), to: "zzzz" }, "object_unknown"],
  ];
  test.each(REFUSED)("refuses %s", (_why, input, wanted) => expect(code(link(input))).toBe(wanted));

  test("limits are pinned once (B61)", () => {
    const pinned = applied(STATE, link({ from: oid("Run", "0001"), to: oid("ConstraintSnapshot", "0001") }));
    expect(code(link({ from: oid("Run", "0001"), to: oid("ConstraintSnapshot", "0002") }, pinned))).toBe(
      "immutability_violation",
    );
  });
});

describe("object list", () => {
  const list = (input: ObjectListInput) => ok(planObjectList(STATE, input, ctx("ada"))).result;
  const ids = (input: ObjectListInput) => list(input).objects.map(({ short }) => short);
  const ROWS: [why: string, input: ObjectListInput, wanted: string[]][] = [
    [
      "runs of an issue, the newest first (B66)",
      { kind: "run", issue: tid("0001") },
      ["0003", "0002", "0001"],
    ],
    ["runs by status", { kind: "run", status: "failed" }, ["0003"]],
    ["runs by mode", { kind: "run", mode: "human" }, []],
    ["runs by packet (B73)", { kind: "run", ref: oid("ContextPacket", "0001") }, ["0003", "0001"]],
    ["runs by repo", { kind: "run", repo: "docs" }, []],
    ["artifacts of a run (B71)", { kind: "artifact", run: oid("Run", "0001") }, ["0001"]],
    ["artifacts by type", { kind: "artifact", type: "commit" }, []],
    ["limits by scope (B51)", { kind: "constraint-snapshot", scope: "org" }, ["0002"]],
    ["limits by owner (B51)", { kind: "constraint-snapshot", owner: "max" }, ["0001"]],
    ["packets of an issue", { kind: "context-packet", issue: tid("0002") }, ["0002"]],
    ["doctrine by name", { kind: "doctrine", namespace: "house", name: "0001" }, ["0001"]],
    ["repos by visibility (B25)", { kind: "repo", visibility: "public" }, []],
    ["issues by repo (B35)", { kind: "issue", repo: "docs" }, ["0002"]],
    ["ended issues", { kind: "issue", status: "done" }, ["0004"]],
    ["a page", { kind: "run", limit: 1, offset: 1 }, ["0002"]],
  ];
  test.each(ROWS)("%s", (_why, input, wanted) => expect(ids(input)).toEqual(wanted));

  test("says how many there are, and refuses a filter that the kind has not", () => {
    expect(list({ kind: "run", limit: 1 })).toMatchObject({ total: 3, offset: 0 });
    expect(code(planObjectList(STATE, { kind: "run", scope: "org" }, ctx("ada")))).toBe("invalid_input");
  });
});

describe("object show", () => {
  const show = (id: string, state = STATE) =>
    planObjectShow(state, { id, cwom: true }, ctx("ada", { now: NOW }));

  test("any part of an id that only one object has; an ambiguous one lists them", () => {
    const state = record(
      task("0001"),
      object("Run", "k3f9"),
      object("Artifact", "x3f9"),
      object("DoctrineRef", "zz77"),
    );
    expect(ok(show("k3f9", state)).result.kind).toBe("Run");
    expect(ok(show("zz77", state)).result.kind).toBe("DoctrineRef");
    const many = refused(planObjectShow(STATE, { id: "0001" }, ctx("ada")));
    expect(many.code).toBe("object_ambiguous");
    expect(many.data?.candidates).toHaveLength(6);
    expect(code(planObjectShow(STATE, { kind: "run", id: "0001" }, ctx("ada")))).toBe("ok");
    expect(code(show("3f9"))).toBe("usage");
  });

  test("every field of the specification is there, absent ones as it has them (CWOM 4)", () => {
    const keys = (id: string) => Object.keys(ok(show(id)).result.object);
    expect(keys(oid("ContextPacket", "0001"))).toEqual([
      ..."kind id for_issue version summary inputs assumptions open_questions instructions".split(" "),
      ..."doctrine_refs constraint_snapshot tags meta created_at updated_at".split(" "),
    ]);
    expect(keys(oid("DoctrineRef", "0001"))).toEqual([
      ..."kind id namespace name version type priority statement rationale links applicability".split(" "),
      ..."tags meta created_at updated_at".split(" "),
    ]);
    expect(keys("docs")).toEqual([
      ..."kind id slug name source default_branch visibility owners policy links tags meta created_at updated_at".split(
        " ",
      ),
    ]);
    expect(ok(show(oid("ConstraintSnapshot", "0001"))).result.object.constraints).toEqual({
      time: { available_minutes: 30, deadline: null },
      energy: { score_0_5: null, notes: null },
      health: { flags: [], notes: null },
      budget: { usd_available: null, burn_limit_usd: null },
      tools: { allowed: [], blocked: [] },
      environment: { location: null, connectivity: "ok", device: null },
      risk: { tolerance: "medium", notes: null },
    });
  });
});
