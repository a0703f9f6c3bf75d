/** Trace and refs over plain records: what is not there, what is too much, what is meant by two. */
import { describe, expect, test } from "vitest";
import { nthId } from "../../../src/core/ids.ts";
import { planRefs } from "../../../src/domain/trace/refs.ts";
import { planTrace, type TraceNode } from "../../../src/domain/trace/trace.ts";
import { WALK_LIMITS } from "../../../src/domain/trace/walk.ts";
import { issueRef, object, oid, refTo, repoRef } from "../../helpers/objects.ts";
import {
  broken,
  ctx,
  ended,
  type File,
  lease,
  ok,
  record,
  refused,
  task,
  tid,
} from "../../helpers/record.ts";

const trace = (id: string, ...files: File[]) => ok(planTrace(record(...files), { id }, ctx("ada"))).result;
const names = (nodes: readonly TraceNode[]): string[] => nodes.map(({ kind, short }) => `${kind} ${short}`);

test("an ended task counts beside an object, and alone", () => {
  const state = record(ended("e001", "done"), object("Run", "e001"));
  expect(refused(planTrace(state, { id: "e001" }, ctx("ada"))).data?.candidates).toHaveLength(2);
  expect(trace("e001", ended("e001", "done")).kind).toBe("Issue");
});

test("an id that several have lists them, of whatever kind", () => {
  const state = record(task("e001"), object("Run", "e001"), object("Artifact", "e001"));
  const refusal = refused(planTrace(state, { id: "e001" }, ctx("ada")));
  expect(refusal.code).toBe("object_ambiguous");
  expect(refusal.data?.candidates).toHaveLength(3);
  expect(refused(planRefs(state, { id: "e001" }, ctx("ada"))).code).toBe("object_ambiguous");
});

/** The last characters of the n-th id of a test. */
const nth = (n: number): string => nthId("0".repeat(26), n).slice(-5);

describe("what a reference leads to", () => {
  const artifact = object("Artifact", "a001", { produced_by: refTo("Run", "e001") });
  test.each([
    ["is not there", [], undefined],
    ["cannot be read", [broken(object("Run", "e001"))], "(unreadable)"],
    ["is there", [object("Run", "e001"), task("0001")], "agent run by ada"],
  ])("and %s", (_name, files, title) => {
    const [run] = trace("a001", artifact, ...files).comes_from;
    expect(run).toMatchObject({ kind: "Run", id: oid("Run", "e001") });
    expect(run?.title).toBe(title);
  });
});

const STATUS: [name: string, files: File[], status: string][] = [
  ["open", [task("0001")], "ready"],
  ["held", [task("0001"), lease("0001")], "running"],
  ["blocked", [task("0001"), lease("0001", { phase: "blocked" })], "blocked"],
  ["ended", [ended("0001", "failed")], "failed"],
];
test.each(STATUS)("an issue that is %s shows CWOM's status", (_name, files, status) => {
  expect(trace(tid("0001"), ...files).facts).toEqual({ status });
});

test("a task that lists what does not point back leads there all the same", () => {
  const lists = task("0001", {
    context_packets: [refTo("ContextPacket", "c001")],
    runs: [refTo("Run", "e001")],
    doctrine_refs: [refTo("DoctrineRef", "d001")],
    relationships: { parent: tid("0002"), blocked_by: [tid("0002")] },
  });
  const other = { for_issue: issueRef("0002") };
  const files = [
    lists,
    task("0002"),
    object("ContextPacket", "c001", other),
    object("Run", "e001", other),
    object("DoctrineRef", "d001", { applicability: { repo_refs: [repoRef("web")] } }),
  ];
  const traced = trace(tid("0001"), ...files);
  expect(names(traced.led_to)).toEqual(["ContextPacket c001", "Run e001"]);
  expect(names(traced.comes_from)).toEqual(["DoctrineRef d001"]);
  expect(names(trace("web", ...files).led_to)).toEqual(["Run e001"]);
  const parents = ok(planRefs(record(...files), { id: tid("0002"), kind: "issue" }, ctx("ada"))).result;
  expect(parents.refs.map(({ field }) => field)).toEqual([
    "relationships.parent",
    "relationships.blocked_by",
  ]);
});

test("of many of a kind the newest are shown and the others counted; what is past the limit is not gone on from", () => {
  const many = Array.from({ length: 200 }, (_, n) => nth(n + 1));
  const runs = many.slice(0, WALK_LIMITS.of_kind + 5);
  const doctrine = object("DoctrineRef", "d001");
  const inputs = { doctrine_refs: [refTo("DoctrineRef", "d001")] };
  const files = [
    task("0001"),
    doctrine,
    ...runs.map((short) => object("Run", short, { inputs })),
    ...runs.flatMap((run, n) =>
      many
        .slice(n * 13, n * 13 + 13)
        .map((short) => object("Artifact", short, { produced_by: refTo("Run", run) })),
    ),
  ];
  const traced = trace("d001", ...files);
  expect(traced.more).toEqual({ led_to: { Run: 5 } });
  expect(traced.led_to).toHaveLength(WALK_LIMITS.of_kind);
  expect(traced.led_to[0]?.short).toBe(runs.at(-1)?.slice(-4));
  const cut = traced.led_to.flatMap(({ next }) => next).filter((node) => node.cut);
  const shown = traced.led_to.flatMap(({ next }) => next);
  expect(shown.length - cut.length + traced.led_to.length).toBe(WALK_LIMITS.objects);
});

test("an object that points twice stands twice, with its role", () => {
  const twice = task("0001", { doctrine_refs: [{ ...refTo("DoctrineRef", "d001"), role: "governing" }] });
  const state = record(twice, object("DoctrineRef", "d001"));
  expect(ok(planRefs(state, { id: "d001" }, ctx("ada"))).result.refs).toEqual([
    expect.objectContaining({
      kind: "Issue",
      field: "doctrine_refs",
      role: "governing",
      facts: { status: "ready" },
    }),
  ]);
});
