/** Forged histories of CWOM's objects: each caught by one rule alone. */
import { object, refTo, repoRef } from "../../../helpers/objects.ts";
import { at, type File, HOUR, NOW, policy, repo, task, worker } from "../../../helpers/record.ts";
import type { Forged, Row } from "../support.ts";

export const ran = {
  telemetry: { started_at: at(-HOUR), ended_at: at(0), duration_s: 3600 },
  inputs: {
    context_packets: [refTo("ContextPacket", "0001")],
    constraint_snapshot: refTo("ConstraintSnapshot", "0001"),
  },
};
export const done = { ...ran, status: "done" as const };
export const failed = {
  ...ran,
  status: "failed" as const,
  failure: { category: "test" as const, message: "no" },
};
/** A whole chain: task, packet, limits, doctrine, run, artifact. */
export const CHAIN: File[] = [
  policy(),
  repo("web"),
  repo("docs"),
  worker("ada"),
  task("0001", {
    doctrine_refs: [refTo("DoctrineRef", "0001")],
    constraints: [refTo("ConstraintSnapshot", "0001")],
  }),
  task("0002", { repo: "docs" }),
  object("ContextPacket", "0001", {
    doctrine_refs: [refTo("DoctrineRef", "0001")],
    constraint_snapshot: refTo("ConstraintSnapshot", "0001"),
  }),
  object("ConstraintSnapshot", "0001"),
  object("DoctrineRef", "0001", { applicability: { repo_refs: [repoRef("web")] } }),
  object("Run", "0001", { ...done, outputs: { artifacts: [refTo("Artifact", "0001")] } }),
  object("Artifact", "0001"),
];

export const run = (fields: Parameters<typeof object<"Run">>[2]) => object("Run", "0001", fields);
export const [packet] = CHAIN.filter(([path]) => path.startsWith("context-packets/")) as [File];

export const world = CHAIN.filter(([path]) => /^(owp|workers|repos)/.test(path));
/** What a person, or with a message an operation, made of some files beside the chain's policy, workers and repos. */
export const commitOf = (
  before: readonly File[],
  after: readonly File[],
  parents = 1,
  message = false,
): Forged => ({
  before: [...world, ...before],
  after: [...world, ...after],
  parents,
  ...(message ? { entry: { event: "object.edited", actor: "ada" } } : {}),
  operations: [{ events: ["object.edited"], touches: ["Run", "ContextPacket", "Artifact"] }],
  at_ms: NOW,
  now: NOW,
});

export const OBJECT_STEPS: readonly [code: string, name: string, before: File[], after: File[]][] = [
  [
    "immutable_object context-packets",
    "a packet's summary (B42)",
    [packet],
    [[packet[0], { ...(packet[1] as object), summary: "Other" }]],
  ],
  [
    "immutable_object context-packets",
    "a packet's tags",
    [packet],
    [[packet[0], { ...(packet[1] as object), tags: ["x"] }]],
  ],
  [
    "immutable_object constraint-snapshots",
    "a limit (B50)",
    [object("ConstraintSnapshot", "0001")],
    [object("ConstraintSnapshot", "0001", { constraints: {} })],
  ],
  [
    "immutable_object doctrine",
    "a rule's statement (B54)",
    [object("DoctrineRef", "0001")],
    [object("DoctrineRef", "0001", { statement: "Other." })],
  ],
  ["object_rewritten runs", "a run's plan (B58)", [run({})], [run({ plan: { steps: ["a"] } })]],
  [
    "object_rewritten artifacts",
    "an artifact's uri",
    [object("Artifact", "0001")],
    [object("Artifact", "0001", { uri: "https://example.org/x" })],
  ],
  [
    "run_shrunk runs",
    "an input taken away (B61)",
    [run(ran)],
    [
      run({
        ...ran,
        inputs: {
          constraint_snapshot: refTo("ConstraintSnapshot", "0001"),
          context_packets: [refTo("ContextPacket", "0002")],
        },
      }),
    ],
  ],
  [
    "run_shrunk runs",
    "the pinned limits changed (B61)",
    [run(ran)],
    [run({ ...ran, inputs: { ...ran.inputs, constraint_snapshot: refTo("ConstraintSnapshot", "0002") } })],
  ],
  [
    "run_shrunk runs",
    "an entry of the decision log rewritten",
    [run({ outputs: { decision_log: ["a"] } })],
    [run({ outputs: { decision_log: ["b"] } })],
  ],
  [
    "run_shrunk runs",
    "a summary rewritten",
    [run({ outputs: { result_summary: "a" } })],
    [run({ outputs: { result_summary: "b" } })],
  ],
  ["run_reopened runs", "a run that was done (B65)", [run(done)], [run({ ...ran, status: "running" })]],
  ["run_step runs", "done before it ran (B36)", [run({ ...ran, status: "planned" })], [run(done)]],
  ["file_deleted runs", "a run deleted", [run(done)], []],
  [
    "slug_changed repos",
    "a repo under another slug (B24)",
    [repo("shop")],
    [[repo("store")[0], { ...(repo("shop")[1] as object), slug: "store" }]],
  ],
];
export const OBJECT_ROWS: readonly Row[] = OBJECT_STEPS.map(([code, name, before, after]) => [
  code.split(" ")[0] as string,
  name,
  commitOf(before, after),
]);
