/** The specification's own example, "Add /healthz", made by commands (CWOM 10; FEATURES B76): sound in the record and in its history. */
import { expect, test } from "vitest";
import type { ObjectShown } from "../../../src/domain/objects/show.ts";
import { MemoryRecord } from "../../helpers/memory-record.ts";

interface Written {
  id: string;
  path: string;
  version?: string;
}

async function healthz(): Promise<MemoryRecord & { ids: Record<string, string> }> {
  const record = new MemoryRecord();
  await record.did("ada", "init");
  const ids: Record<string, string> = {};
  const make = async (name: string, input: object) => {
    ids[name] = (await record.did<Written>("ada", "object new", input)).result.id;
  };
  await make("doctrine", {
    ...{ kind: "doctrine", namespace: "ops", name: "probes", type: "policy", priority: "must" },
    statement: "Every service answers a health probe.",
  });
  await make("limits", {
    ...{ kind: "constraint-snapshot", scope: "repo" },
    value: { constraints: { time: { available_minutes: 30 }, risk: { tolerance: "medium" } } },
  });
  await make("issue", {
    kind: "issue",
    title: "Add /healthz",
    type: "feature",
    priority: "P1",
    status: "ready",
  });
  await make("packet", {
    ...{ kind: "context-packet", issue: ids.issue, doctrine: [ids.doctrine], constraint: ids.limits },
    ...{ summary: "service constraints + desired behavior", instructions: "Answer 200." },
  });
  await make("run", {
    ...{ kind: "run", issue: ids.issue, packet: [ids.packet], doctrine: [ids.doctrine] },
    ...{ constraint: ids.limits, status: "running", mode: "agent" },
  });
  await make("artifact", {
    ...{
      kind: "artifact",
      run: ids.run,
      type: "pr",
      title: "Add /healthz",
      uri: "https://example.org/pull/7",
    },
  });
  await record.did("ada", "object link", { from: ids.run, to: ids.artifact });
  await record.did("ada", "object edit", { id: ids.run, status: "done", summary: "It answers 200." });
  return Object.assign(record, { ids });
}

test("the chain is sound as it stands and as it came to be", async () => {
  const record = await healthz();
  expect(await record.errors()).toEqual([]);
  expect(await record.errorsSince(null)).toEqual([]);
});

test("each object leads to the others, and keeps all that it was given (B33, B34, B60)", async () => {
  const record = await healthz();
  const { ids } = record;
  const shown = async (id: string | undefined) =>
    (await record.did<ObjectShown>("ada", "object show", { id, cwom: true })).result.object;
  expect(await shown(ids.run)).toMatchObject({
    for_issue: { kind: "Issue", id: ids.issue, role: null },
    status: "done",
    mode: "agent",
    executor: { actor: { actor_id: "ada", actor_kind: "human" }, runtime: "local", toolchain: [] },
    inputs: {
      context_packets: [{ kind: "ContextPacket", id: ids.packet, role: null }],
      doctrine_refs: [{ kind: "DoctrineRef", id: ids.doctrine, role: null }],
      constraint_snapshot: { kind: "ConstraintSnapshot", id: ids.limits, role: null },
    },
    telemetry: { duration_s: 180 },
    outputs: {
      artifacts: [{ kind: "Artifact", id: ids.artifact, role: null }],
      result_summary: "It answers 200.",
    },
    failure: null,
  });
  expect(await shown(ids.artifact)).toMatchObject({
    produced_by: { kind: "Run", id: ids.run },
    for_issue: { kind: "Issue", id: ids.issue },
    verification: { status: "unverified", checks: [] },
  });
  expect(await shown(ids.issue)).toMatchObject({
    ...{ kind: "Issue", priority: "P1", status: "ready" },
    context_packets: [{ id: ids.packet }],
    runs: [{ id: ids.run }],
  });
});

test("a packet that a person edits is found in history, and refused by the command (B42)", async () => {
  const record = await healthz();
  const { ids } = record;
  const outcome = await record.run("ada", "object edit", { id: ids.packet, summary: "Other" });
  expect(outcome).toMatchObject({
    code: "immutability_violation",
    hint: `owp object new context-packet --from ${ids.packet?.slice(-4)}`,
  });
  const before = record.tip;
  const [path = ""] = (await record.paths()).filter((one) => one.startsWith("context-packets/"));
  await record.push({ [path]: (text) => text.replace("Answer 200.", "Answer 204.") });
  expect(await record.errors()).toEqual([]);
  expect((await record.errorsSince(before)).map((one) => one.split(" ")[1])).toEqual(["immutable_object"]);
  const next = await record.did<Written>("ada", "object new", { kind: "context-packet", from: ids.packet });
  expect(next.result.version).toBe("2");
});
