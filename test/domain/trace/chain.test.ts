/** The chain made by the queue's own commands (CWOM 10; FEATURES B72, B73, B76): walked both ways, and sound in record and history. */
import { beforeAll, describe, expect, test } from "vitest";
import type { ShowResult } from "../../../src/domain/tasks/show.ts";
import type { RefsFound } from "../../../src/domain/trace/refs.ts";
import type { Traced, TraceNode } from "../../../src/domain/trace/trace.ts";
import { MemoryRecord } from "../../helpers/memory-record.ts";

const PR = "https://example.org/pull/7";
const ids: Record<string, string> = {};
let record: MemoryRecord;

/** `Run`, `Issue`: the kinds of a tree, each with what hangs on it. */
const shape = (nodes: readonly TraceNode[]): unknown[] =>
  nodes.map(({ kind, above, next }) =>
    above ? `${kind} above` : next.length > 0 ? [kind, ...shape(next)] : kind,
  );
const trace = async (id: string | undefined) => (await record.did<Traced>("ada", "trace", { id })).result;
const refs = async (input: object) => (await record.did<RefsFound>("ada", "refs", input)).result;

beforeAll(async () => {
  record = new MemoryRecord();
  await record.did("ada", "init");
  const make = async (name: string, input: object) => {
    ids[name] = (await record.did<{ id: string }>("ada", "object new", input)).result.id;
  };
  await make("doctrine", {
    ...{ kind: "doctrine", namespace: "ops", name: "probes", type: "policy", priority: "must" },
    statement: "Every service answers a health probe.",
  });
  await make("limits", {
    ...{ kind: "constraint-snapshot", scope: "repo" },
    value: { constraints: { time: { available_minutes: 30 }, risk: { tolerance: "medium" } } },
  });
  await make("issue", { kind: "issue", title: "Add /healthz", type: "feature", status: "ready" });
  await make("packet", {
    ...{ kind: "context-packet", issue: ids.issue, doctrine: [ids.doctrine], constraint: ids.limits },
    ...{ summary: "service constraints + desired behavior", instructions: "Answer 200." },
  });
  // One attempt that fails, one that is done.
  await record.did("bob", "claim", { id: ids.issue });
  await record.did("bob", "fail", { message: "no route", category: "build" });
  await record.did("ada", "claim", { id: ids.issue });
  await record.did("ada", "pr", { url: PR });
  await record.did("ada", "done", { message: "It answers 200.", commit: "4f2a91c" });
  const { result } = await record.did<RefsFound>("ada", "refs", { id: ids.issue, kind: "run" });
  [ids.run = "", ids.failed = ""] = result.refs.map(({ id }) => id);
  const made = await refs({ id: ids.run, kind: "artifact" });
  ids.pr = made.refs.find(({ facts }) => facts.type === "pr")?.id ?? "";
});

test("it is sound as it stands, and as it came to be", async () => {
  expect(await record.errors()).toEqual([]);
  expect(await record.errorsSince(null)).toEqual([]);
});

describe("trace", () => {
  test("from the artifact back to the doctrine that governed it", async () => {
    const traced = await trace(ids.pr);
    expect(traced).toMatchObject({
      kind: "Artifact",
      title: "pull request for Add /healthz",
      facts: { type: "pr", uri: PR },
    });
    expect(shape(traced.comes_from)).toEqual([
      [
        "Run",
        "Issue",
        ["ContextPacket", "Issue", "ConstraintSnapshot", "DoctrineRef"],
        "ConstraintSnapshot",
        "DoctrineRef",
        "Repo",
      ],
    ]);
    expect(traced.led_to).toEqual([]);
  });

  test("from the doctrine on to all that came of it", async () => {
    const traced = await trace(ids.doctrine);
    expect(traced.comes_from).toEqual([]);
    expect(shape(traced.led_to)).toEqual([
      ["ContextPacket", ["Run", "Artifact", "Artifact"], "Run"],
      "Run above",
      "Run",
    ]);
  });

  test("from the middle both ways, by any part of an id", async () => {
    const traced = await trace(ids.issue?.slice(-6));
    expect(traced).toMatchObject({ kind: "Issue", facts: { status: "done" } });
    expect(shape(traced.led_to)).toEqual([
      ["ContextPacket", ["Run", "Artifact", "Artifact"], "Run"],
      "Run above",
      "Run",
    ]);
    expect(shape((await trace("web")).led_to)).toEqual([["Run", "Artifact", "Artifact"], "Run"]);
  });

  test("of an id that is none, or of too little of one", async () => {
    expect(await record.run("ada", "trace", { id: "zzzz" })).toMatchObject({ code: "object_unknown" });
    expect(await record.run("ada", "trace", { id: "zz" })).toMatchObject({ code: "usage" });
    const shared = ids.issue?.slice(2, 8);
    const outcome = await record.run("ada", "trace", { id: shared });
    expect(outcome.ok || outcome.code).not.toBe("internal");
  });
});

describe("refs", () => {
  const ROWS: [of: string, kind: string | undefined, found: string[]][] = [
    [
      "doctrine",
      undefined,
      ["ContextPacket doctrine_refs", "Run inputs.doctrine_refs", "Run inputs.doctrine_refs"],
    ],
    ["packet", "run", ["Run inputs.context_packets", "Run inputs.context_packets"]],
    ["run", undefined, ["Artifact produced_by", "Artifact produced_by"]],
    ["issue", "artifact", ["Artifact for_issue", "Artifact for_issue"]],
    ["pr", undefined, ["Run outputs.artifacts"]],
    ["failed", undefined, []],
  ];
  test.each(ROWS)("to the %s, %s", async (of, kind, expected) => {
    const found = await refs({ id: ids[of], ...(kind ? { kind } : {}) });
    expect(found.refs.map((one) => `${one.kind} ${one.field}`)).toEqual(expected);
    expect(found.total).toBe(expected.length);
  });

  test("page by page, and counted by kind", async () => {
    const first = await refs({ id: ids.issue, limit: 2 });
    const second = await refs({ id: ids.issue, limit: 9, offset: 2 });
    expect(first.by_kind).toEqual({ ContextPacket: 1, Run: 2, Artifact: 2 });
    expect([first.total, first.refs.length, second.refs.length]).toEqual([5, 2, 3]);
    expect(new Set([...first.refs, ...second.refs].map(({ id }) => id)).size).toBe(5);
  });
});

test("the brief holds packet, limits, doctrine and the run that failed, and says each attempt once", async () => {
  const { result } = await record.did<ShowResult>("ada", "show", { id: ids.issue, brief: true });
  expect(result.brief?.chain).toMatchObject({
    packet: { id: ids.packet, version: "1", instructions: "Answer 200." },
    constraints: { id: ids.limits, scope: "repo", constraints: { time: { available_minutes: 30 } } },
    doctrine: [
      { id: ids.doctrine, priority: "must", by: "ref", statement: "Every service answers a health probe." },
    ],
    runs: [
      { id: ids.failed, by: "bob", status: "failed", category: "build", message: "no route" },
      { id: ids.run, by: "ada", status: "done", message: "It answers 200." },
    ],
  });
  expect(result.brief?.attempts).toEqual([]);
});

test("an issue's status is that of the queue, a run's that of the issue", async () => {
  const status = async () => {
    const { result } = await record.did<ShowResult>("ada", "show", { id: again, cwom: true });
    const runs = await refs({ id: again, kind: "run" });
    return [result.cwom?.status, ...runs.refs.map(({ facts }) => facts.status)];
  };
  const { id: again } = (
    await record.did<{ id: string }>("ada", "object new", { kind: "issue", title: "More" })
  ).result;
  await record.did("ada", "object new", {
    kind: "context-packet",
    issue: again,
    summary: "x",
    instructions: "y",
  });
  const STEPS: [name: string, input: object, expected: string[]][] = [
    ["edit", { id: again, status: "ready" }, ["ready"]],
    ["claim", { id: again }, ["running", "running"]],
    ["block", { message: "stuck" }, ["blocked", "blocked"]],
    ["resume", {}, ["running", "running"]],
    ["release", {}, ["ready", "canceled"]],
    ["claim", { id: again }, ["running", "running", "canceled"]],
    ["cancel", { id: again }, ["canceled", "canceled", "canceled"]],
    ["requeue", { id: again }, ["ready", "canceled", "canceled"]],
    ["claim", { id: again }, ["running", "running", "canceled", "canceled"]],
    ["done", {}, ["done", "done", "canceled", "canceled"]],
  ];
  for (const [name, input, expected] of STEPS) {
    await record.did("ada", name, input);
    expect(await status(), name).toEqual(expected);
  }
  expect(await record.errors()).toEqual([]);
  expect(await record.errorsSince(null)).toEqual([]);
});
