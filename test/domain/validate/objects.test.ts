/** The rules about CWOM's objects: each broken in one way, which that rule alone says. */
import { describe, expect, test } from "vitest";
import { encode } from "../../../src/core/codec.ts";
import { rulesOf } from "../../../src/core/rules.ts";
import { checkCommit } from "../../../src/domain/validate/check-commit.ts";
import { checkFile } from "../../../src/domain/validate/check-file.ts";
import { RecordCheck } from "../../../src/domain/validate/check-record.ts";
import { OBJECT_COMMIT_RULES } from "../../../src/domain/validate/object-commit-rules.ts";
import { OBJECT_RECORD_RULES } from "../../../src/domain/validate/object-record-rules.ts";
import { OBJECT_RULES } from "../../../src/domain/validate/object-rules.ts";
import { issueRef, object, oid, refTo, repoRef } from "../../helpers/objects.ts";
import { at, type File, HOUR, NOW, policy, repo, task, worker } from "../../helpers/record.ts";

const bytes = (text: string) => new TextEncoder().encode(text);
const textOf = ([path, value]: File) => (typeof value === "string" ? value : encode(path, value));
const ran = {
  telemetry: { started_at: at(-HOUR), ended_at: at(0), duration_s: 3600 },
  inputs: {
    context_packets: [refTo("ContextPacket", "0001")],
    constraint_snapshot: refTo("ConstraintSnapshot", "0001"),
  },
};
const done = { ...ran, status: "done" as const };
const failed = { ...ran, status: "failed" as const, failure: { category: "test" as const, message: "no" } };
const blobs = (...data_blobs: object[]) => ({ inputs: { data_blobs: data_blobs as never } });
const blob = { name: "figures", media_type: "text/csv" };

describe("one object by itself", () => {
  const codes = (file: File, raised: Record<string, "error"> = {}) =>
    checkFile(
      file[0],
      bytes(textOf(file)),
      rulesOf({ kind: "Policy", protocol: "1.0", warnings: raised }),
    ).map(({ code, severity }) => (severity === "error" ? code : `${code}?`));

  const SOUND: [string, File][] = [
    ["a packet", object("ContextPacket", "0001", blobs({ ...blob, inline: "a,b" }))],
    ["a constraint snapshot", object("ConstraintSnapshot", "0001")],
    ["a doctrine", object("DoctrineRef", "0001", { applicability: { repo_refs: [repoRef("web")] } })],
    ["a planned run", object("Run", "0001")],
    ["a run that is done", object("Run", "0001", done)],
    ["a run that failed", object("Run", "0001", failed)],
    [
      "a run that failed before it started",
      object("Run", "0001", { status: "failed", failure: failed.failure }),
    ],
    [
      "a duration of fractions",
      object("Run", "0001", { ...done, telemetry: { ...ran.telemetry, duration_s: 3600.4 } }),
    ],
    ["an artifact with a digest alone", object("Artifact", "0001", { uri: undefined, digest: "4f2a91c" })],
  ];
  test.each(SOUND)("%s is sound", (_name, file) => expect(codes(file)).toEqual([]));

  const ROWS: [code: string, name: string, file: File][] = [
    ["ref_kind", "a reference that says another kind", object("Run", "0001", { for_issue: repoRef("web") })],
    [
      "ref_kind",
      "an id of another kind (B07)",
      object("Run", "0001", { for_issue: { kind: "Issue", id: oid("Run", "0002") } }),
    ],
    ["ref_kind", "an id that is none", object("Artifact", "0001", { produced_by: { kind: "Run", id: "x" } })],
    ["ref_kind", "a task's list of the wrong kind", task("0001", { runs: [refTo("Artifact", "0001")] })],
    [
      "blob_source?",
      "both uri and inline (B40)",
      object("ContextPacket", "0001", blobs({ ...blob, uri: "a", inline: "b" })),
    ],
    [
      "blob_source?",
      "neither uri nor inline (B40)",
      object("ContextPacket", "0001", blobs({ ...blob, uri: null })),
    ],
    [
      "failure_missing",
      "failed without a failure (B62)",
      object("Run", "0001", { ...ran, status: "failed" }),
    ],
    [
      "failure_unexpected",
      "a failure of a run that is done (B62)",
      object("Run", "0001", { ...failed, status: "done" }),
    ],
    [
      "run_times",
      "an end before the start (B63)",
      object("Run", "0001", { ...done, telemetry: { started_at: at(0), ended_at: at(-HOUR) } }),
    ],
    [
      "run_times",
      "a duration that does not fit (B63)",
      object("Run", "0001", { ...done, telemetry: { ...ran.telemetry, duration_s: 60 } }),
    ],
    [
      "run_no_packet?",
      "a running run without a packet (B59)",
      object("Run", "0001", { status: "running", inputs: { ...ran.inputs, context_packets: [] } }),
    ],
    [
      "run_no_constraints?",
      "a running run without a snapshot (B60)",
      object("Run", "0001", { status: "running", inputs: { ...ran.inputs, constraint_snapshot: null } }),
    ],
    ["artifact_unreachable?", "neither uri nor digest (B69)", object("Artifact", "0001", { uri: undefined })],
    [
      "secret",
      "a token among the instructions (B83)",
      object("ContextPacket", "0001", { instructions: `use ghp_${"a1".repeat(20)}` }),
    ],
    [
      "schema",
      "energy 6 (B49)",
      object("ConstraintSnapshot", "0001", { constraints: { energy: { score_0_5: 6 } } }),
    ],
    [
      "schema",
      "a deadline in local time",
      object("ConstraintSnapshot", "0001", {
        constraints: { time: { deadline: "2026-03-01T10:00:00+02:00" } },
      }),
    ],
    ["schema", "a run without an issue (B57)", object("Run", "0001", { for_issue: undefined })],
    [
      "time_impossible",
      "a day that no month has",
      object("ConstraintSnapshot", "0001", { captured_at: "2026-02-30T00:00:00Z" }),
    ],
  ];
  test.each(ROWS)("%s: %s", (code, _name, file) => expect(codes(file)).toEqual([code]));

  test("every rule has a row", () => {
    const missing = OBJECT_RULES.filter(({ code }) => !ROWS.some(([one]) => one.replace("?", "") === code));
    expect(missing.map(({ code }) => code)).toEqual([]);
  });

  test("a policy raises a warning to an error, and that one alone", () => {
    const [, , file] = ROWS.find(([code]) => code === "run_no_packet?") as (typeof ROWS)[number];
    expect(codes(file, { run_no_packet: "error" })).toEqual(["run_no_packet"]);
    expect(codes(file, { run_no_constraints: "error" })).toEqual(["run_no_packet?"]);
    expect(codes(policy({ warnings: { run_no_packet: "error" } }))).toEqual([]);
    expect(codes(policy({ warnings: { run_no_pakcet: "error", failure_missing: "error" } }))).toEqual([
      "policy_warnings?",
      "policy_warnings?",
    ]);
  });
});

/** A whole chain: task, packet, limits, doctrine, run, artifact. */
const CHAIN: File[] = [
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

/** The chain with some files replaced or added. */
const chain = (...files: File[]): File[] => {
  const paths = new Set(files.map(([path]) => path));
  return [...CHAIN.filter(([path]) => !paths.has(path)), ...files];
};

describe("objects between themselves", () => {
  const found = (files: readonly File[]) => {
    const check = new RecordCheck();
    const own = files.flatMap((file) => check.file(file[0], bytes(textOf(file))));
    return [...own, ...check.finish(NOW)].map(({ code, path }) => `${code} ${path.split("/")[0]}`);
  };

  test("a whole chain is sound, and so is one with an unreadable link", () => {
    expect(found(CHAIN)).toEqual([]);
    const broken: File = [object("DoctrineRef", "0001")[0], "a: [1\n"];
    expect(found(chain(broken))).toEqual(["yaml_syntax doctrine"]);
    const unread: File = [repo("web")[0], "a: [1\n"];
    expect(found(chain(unread))).toEqual(["yaml_syntax repos"]);
  });

  const ROWS: [code: string, name: string, files: File[]][] = [
    [
      "reference runs",
      "a packet that does not exist (B07)",
      [
        object("Run", "0002", {
          ...done,
          inputs: { ...ran.inputs, context_packets: [refTo("ContextPacket", "0009")] },
        }),
      ],
    ],
    [
      "reference artifacts",
      "a run that does not exist (B68)",
      [object("Artifact", "0002", { produced_by: refTo("Run", "0009") })],
    ],
    [
      "reference context-packets",
      "an issue that does not exist",
      [object("ContextPacket", "0002", { for_issue: issueRef("0009") })],
    ],
    [
      "reference tasks",
      "a doctrine of a task that does not exist",
      [task("0003", { doctrine_refs: [refTo("DoctrineRef", "0009")] })],
    ],
    [
      "reference doctrine",
      "a repo that does not exist",
      [object("DoctrineRef", "0002", { applicability: { repo_refs: [repoRef("gone")] } })],
    ],
    [
      "run_repo runs",
      "a run in another repo than its issue (B57)",
      [object("Run", "0002", { repo: repoRef("docs") })],
    ],
    [
      "artifact_issue artifacts",
      "an artifact for another issue than its run (B68)",
      [object("Artifact", "0002", { for_issue: issueRef("0002") })],
    ],
    [
      "artifact_run runs",
      "another run's artifact",
      [object("Run", "0002", { outputs: { artifacts: [refTo("Artifact", "0001")] } })],
    ],
    [
      "version_taken context-packets",
      "a version twice for one issue (B45)",
      [object("ContextPacket", "0002", { version: "0001" })],
    ],
    [
      "version_taken doctrine",
      "namespace, name and version twice (B53)",
      [object("DoctrineRef", "0002", { name: "0001" })],
    ],
  ];
  test.each(ROWS)("%s: %s", (code, _name, files) => expect(found(chain(...files))).toEqual([code]));

  test("every rule has a row", () => {
    const missing = OBJECT_RECORD_RULES.filter(
      ({ code }) => !ROWS.some(([one]) => one.startsWith(`${code} `)),
    );
    expect(missing.map(({ code }) => code)).toEqual([]);
  });

  test("the same version of another issue's packet, and another name's, are fine", () => {
    expect(
      found(
        chain(
          object("ContextPacket", "0002", { version: "0001", for_issue: issueRef("0002") }),
          object("DoctrineRef", "0002", { name: "0001", version: "2" }),
        ),
      ),
    ).toEqual([]);
  });
});

describe("history, however it was made", () => {
  const commitOf = (before: readonly File[], after: readonly File[], parents = 1, message = false) => {
    const [old, fresh] = [before, after].map(
      (files) => new Map(files.map((file) => [file[0], textOf(file)])),
    ) as [Map<string, string>, Map<string, string>];
    const paths = [...new Set([...old.keys(), ...fresh.keys()])].sort();
    const changed = paths
      .filter((path) => old.get(path) !== fresh.get(path))
      .map((path) => ({ path, before: old.get(path), after: fresh.get(path) }));
    const oid = "c".repeat(40);
    const entry = { op: "01kjm0000000000000000000aa", event: "object.edited", actor: "ada", tasks: [] };
    return checkCommit(
      (path) => old.get(path),
      (path) => fresh.get(path),
      changed,
      {
        ...{ oid, parents: Array(parents).fill(oid), at_ms: NOW, subject: "x", author: "Ada" },
        ...(message ? { entry } : {}),
      },
      {
        now: NOW,
        operations: [{ events: ["object.edited"], touches: ["Run", "ContextPacket", "Artifact"] }],
      },
    ).map(({ code, path }) => `${code} ${path.split("/")[0]}`);
  };
  const run = (fields: Parameters<typeof object<"Run">>[2]) => object("Run", "0001", fields);
  const [packet] = CHAIN.filter(([path]) => path.startsWith("context-packets/")) as [File];

  const ROWS: [code: string, name: string, before: File[], after: File[]][] = [
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
  const world = CHAIN.filter(([path]) => /^(owp|workers|repos)/.test(path));
  test.each(ROWS)("%s: %s", (code, _name, before, after) => {
    expect(commitOf([...world, ...before], [...world, ...after])).toEqual([code]);
  });

  test.each(ROWS.filter(([code]) => !code.startsWith("run_step")))(
    "%s: %s, in a merge",
    (code, _name, before, after) => {
      expect(commitOf([...world, ...before], [...world, ...after], 2)).toEqual([code]);
    },
  );

  test("a packet edited in a commit that says it is an operation is found all the same", () => {
    const after: File = [packet[0], { ...(packet[1] as object), summary: "Other" }];
    expect(commitOf([...world, packet], [...world, after], 1, true)).toEqual([
      "immutable_object context-packets",
    ]);
  });

  const SOUND: [name: string, before: File[], after: File[]][] = [
    [
      "a run goes on and its inputs and outputs grow",
      [run(ran)],
      [
        run({
          ...ran,
          status: "running",
          inputs: { ...ran.inputs, doctrine_refs: [refTo("DoctrineRef", "0001")] },
          outputs: { artifacts: [refTo("Artifact", "0001")], result_summary: "x" },
          cost: { usd: 1 },
        }),
      ],
    ],
    [
      "an artifact is verified",
      [object("Artifact", "0001")],
      [object("Artifact", "0001", { verification: { status: "passed" }, tags: ["x"] })],
    ],
    ["a comment is written into a packet", [packet], [[packet[0], `# why\n${textOf(packet)}`]]],
    ["a new version of a packet", [packet], [packet, object("ContextPacket", "0002")]],
  ];
  test.each(SOUND)("sound: %s", (_name, before, after) => {
    expect(commitOf([...world, ...before], [...world, ...after])).toEqual([]);
  });

  test("every rule has a row", () => {
    const missing = OBJECT_COMMIT_RULES.filter(
      ({ code }) => !ROWS.some(([one]) => one.startsWith(`${code} `)),
    );
    expect(missing.map(({ code }) => code)).toEqual([]);
  });
});
