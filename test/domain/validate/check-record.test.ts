import { describe, expect, test } from "vitest";
import { closedRow, openRow } from "../../../src/core/rows.ts";
import { keyIdOf, taskIdOf } from "../../../src/domain/jobs/places.ts";
import { checkRecord, RecordCheck } from "../../../src/domain/validate/check-record.ts";
import { OBJECT_RECORD_RULES } from "../../../src/domain/validate/object-record-rules.ts";
import { RecordCollector, taskFacts } from "../../../src/domain/validate/record-view.ts";
import { RULES } from "../../../src/domain/validate/rules.ts";
import { RUN_RECORD_RULES } from "../../../src/domain/validate/run-rules.ts";
import type { Task } from "../../../src/generated/types.ts";
import {
  bytes,
  filesOf,
  free,
  id,
  job,
  jobKey,
  jobLease,
  lease,
  NOW,
  outcome,
  pathFor,
  policy,
  repo,
  T1,
  T2,
  T3,
  task,
  type Value,
  worker,
} from "./support.ts";

function collect(values: readonly Value[], broken: readonly string[] = []): RecordCollector {
  const record = new RecordCollector();
  for (const value of values) {
    if (value.kind === "Policy") record.policy(value);
    else if (value.kind === "Repo") record.repo(value);
    else if (value.kind === "Worker") record.worker(value);
    else if (value.kind === "Task") record.task(taskFacts(value));
    else if (value.kind === "Lease") record.lease(value.task, value);
    else record.jobKey(value);
  }
  for (const path of broken) record.broken(path);
  return record;
}

const check = (values: readonly Value[], broken: readonly string[] = []) =>
  checkRecord(collect(values, broken), NOW);
const codes = (values: readonly Value[], broken?: readonly string[]) =>
  check(values, broken).map(({ code }) => code);

const BASE: Value[] = [policy(), repo(), worker("ada", 1), worker("bob", 2)];
const done = (more: Partial<Task>): Task => task({ status: "done", outcome: outcome(), ...more });
const waits = (one: string, ...others: string[]): Task =>
  task({ id: one, relationships: { blocked_by: others } });

describe("a sound record has no findings", () => {
  const rows: [string, Value[]][] = [
    ["an empty one", BASE],
    ["a chain", [...BASE, waits(T1, T2), waits(T2, T3), done({ id: T3 })]],
    [
      "held, free and ended tasks",
      [...BASE, task(), lease(), task({ id: T2 }), free({ task: T2 }), done({ id: T3 })],
    ],
    ["a job that runs, with its key", [...BASE, job(), jobKey(), jobLease()]],
    ["a job without a key", [...BASE, job({ idempotency_key: undefined })]],
    [
      "more jobs than a worker may have tasks",
      [
        ...BASE,
        ...["a", "b", "c"].flatMap((name) => {
          const one = {
            id: taskIdOf(name),
            job: { ...job().job, job_id: name, idempotency_key: undefined },
          } as Task;
          return [task(one), jobLease({ task: one.id, expires_at: "2026-01-02T13:00:00Z" })];
        }),
      ],
    ],
    ["blocks that is mirrored", [...BASE, task({ relationships: { blocks: [T2] } }), waits(T2, T1)]],
    [
      "a circle through an ended task blocks nothing",
      [...BASE, waits(T1, T2), done({ id: T2, relationships: { blocked_by: [T1] } })],
    ],
    [
      "two areas",
      [
        ...BASE,
        task({ area: "a" }),
        lease(),
        task({ id: T2, area: "b" }),
        lease({ task: T2, worker: "bob" }),
      ],
    ],
    [
      "one area, one of them blocked (A40)",
      [
        ...BASE,
        task({ area: "a" }),
        lease(),
        task({ id: T2, area: "a" }),
        lease({ task: T2, worker: "bob", phase: "blocked" }),
      ],
    ],
    [
      "one area, one of them expired (A40)",
      [
        ...BASE,
        task({ area: "a" }),
        lease({ claimed_at: "2026-01-02T01:00:00Z", expires_at: "2026-01-02T05:00:00Z" }),
        task({ id: T2, area: "a" }),
        lease({ task: T2, worker: "bob" }),
      ],
    ],
    [
      "one area, its locks switched off (A40)",
      [
        ...BASE,
        repo("open", { id: id("r", 2), policy: { area_locks_enabled: false } }),
        task({ repo: "open", area: "a" }),
        lease(),
        task({ id: T2, repo: "open", area: "a" }),
        lease({ task: T2, worker: "bob" }),
      ],
    ],
  ];
  test.each(rows)("%s", (_name, values) => expect(check(values)).toEqual([]));
});

/** Each row is broken in one way, and only the named rule says so, at this path. */
const ROWS: [code: string, name: string, values: Value[], at: string][] = [
  ["policy_missing", "a branch that is no record", [task({ repo: "main" }), repo()], "owp.yaml"],
  ["duplicate_id", "two workers with one id (B03)", [...BASE, worker("eve", 1)], "workers/eve.yaml"],
  [
    "duplicate_id",
    "a repo with a worker's id (B03)",
    [...BASE, repo("other", { id: id("w", 2) })],
    "repos/other.yaml",
  ],
  ["duplicate_id", "a task that came twice (B03)", [...BASE, task(), task()], "tasks/0/1/"],
  ["reference", "an unknown repo (A23, B28)", [...BASE, task({ repo: "gone" })], "tasks/0/1/"],
  [
    "reference",
    "an unknown parent (B07, B29)",
    [...BASE, task({ relationships: { parent: T2 } })],
    "tasks/0/1/",
  ],
  ["reference", "waits for an unknown task (B29)", [...BASE, waits(T1, T2)], "tasks/0/1/"],
  [
    "reference",
    "blocks an unknown task (B29)",
    [...BASE, task({ relationships: { blocks: [T2] } })],
    "tasks/0/1/",
  ],
  [
    "reference",
    "duplicates an unknown task (B29)",
    [...BASE, task({ relationships: { duplicates: [T2] } })],
    "tasks/0/1/",
  ],
  ["assignee_unknown", "assigned to no one", [...BASE, task({ assigned_to: "eve" })], "tasks/0/1/"],
  [
    "dependency_cycle",
    "a circle of three (B30)",
    [...BASE, waits(T2, T3), waits(T3, T1), waits(T1, T2)],
    "tasks/0/1/",
  ],
  [
    "dependency_cycle",
    "blocks against blocked_by (B30)",
    [
      ...BASE,
      task({ relationships: { blocked_by: [T2], blocks: [T2] } }),
      task({ id: T2, relationships: { blocked_by: [T1], blocks: [T1] } }),
    ],
    "tasks/0/1/",
  ],
  [
    "parent_cycle",
    "each other's part",
    [...BASE, task({ relationships: { parent: T2 } }), done({ id: T2, relationships: { parent: T1 } })],
    "tasks/0/1/",
  ],
  [
    "blocks_unmirrored",
    "blocks that holds nothing back (B30)",
    [...BASE, task({ relationships: { blocks: [T2] } }), task({ id: T2 })],
    "tasks/0/1/",
  ],
  [
    "duplicate_source",
    "imported twice (A29)",
    [
      ...BASE,
      task({ source: { system: "beads", external_id: "x-1" } }),
      task({ id: T2, source: { system: "beads", external_id: "x-1" } }),
    ],
    "tasks/0/2/",
  ],
  [
    "lookalike_name",
    "two workers that look alike",
    [...BASE, worker("ada-lee", 3), worker("ada_lee", 4)],
    "workers/ada_lee.yaml",
  ],
  [
    "lookalike_name",
    "two repos that look alike",
    [...BASE, repo("my.app", { id: id("r", 2) }), repo("my-app", { id: id("r", 3) })],
    "repos/my-app.yaml",
  ],
  ["lease_stray", "a lease without a task", [...BASE, lease()], "leases/0/1/"],
  ["lease_ended", "a lease of an ended task", [...BASE, done({}), lease()], "leases/0/1/"],
  ["holder_unknown", "held by no worker", [...BASE, task(), lease({ worker: "eve" })], "leases/0/1/"],
  [
    "over_capacity",
    "six points of five (A33, A44)",
    [...BASE, task({ estimate: 4 }), lease(), task({ id: T2, estimate: 2 }), lease({ task: T2 })],
    "workers/ada.yaml",
  ],
  [
    "over_concurrency",
    "three tasks of two (A33, A44)",
    [...BASE, ...[T1, T2, T3].flatMap((one) => [task({ id: one }), lease({ task: one })])],
    "workers/ada.yaml",
  ],
  [
    "area_shared",
    "two in one area (A30, A40)",
    [
      ...BASE,
      task({ area: "a" }),
      lease(),
      task({ id: T2, area: " a " }),
      lease({ task: T2, worker: "bob" }),
    ],
    "leases/0/2/",
  ],
  [
    "area_shared",
    "two in areas that share files (A30, A40)",
    [
      ...BASE.filter(({ kind }) => kind !== "Repo"),
      repo("main", { policy: { areas: { a: { paths: ["src/**"] }, b: { paths: ["src/b/*"] } } } }),
      task({ area: "a" }),
      lease(),
      task({ id: T2, area: "b" }),
      lease({ task: T2, worker: "bob" }),
    ],
    "leases/0/2/",
  ],
  [
    "area_unknown",
    "an area that a closed list lacks",
    [
      ...BASE.filter(({ kind }) => kind !== "Repo"),
      repo("main", { policy: { areas: { a: { paths: ["src/**"] } }, areas_closed: true } }),
      task({ area: "b" }),
      task({ id: T2, area: "a" }),
      done({ id: T3, area: "c" }),
    ],
    "tasks/0/1/",
  ],
];

const JOB_ROWS: typeof ROWS = [
  ["job_key", "a key that leads nowhere", [...BASE, jobKey()], "job-keys/"],
  [
    "job_key",
    "a key that leads to another task",
    [...BASE, job(), jobKey(), jobKey({ id: keyIdOf("x") })],
    "job-keys/",
  ],
  ["job_key", "a job whose key leads nowhere", [...BASE, job()], "tasks/"],
  [
    "job_lease",
    "a job with a holder and no token",
    [...BASE, job(), jobKey(), jobLease({ job: undefined })],
    "leases/",
  ],
  ["job_lease", "a task with a token", [...BASE, task(), lease({ job: jobLease().job })], "leases/"],
];
ROWS.push(...JOB_ROWS);

describe("each rule across files finds what it is for, and nothing else does", () => {
  test.each(ROWS)("%s: %s", (code, _name, values, at) => {
    const found = check(values);
    expect(found.map((one) => one.code)).toEqual([code]);
    expect(found[0]?.path.startsWith(at)).toBe(true);
  });

  test("every rule across files has a row", () => {
    const rules = RULES.filter(({ scope }) => scope === "record").map(({ code }) => code);
    const covered = new Set(
      [...ROWS, ...[...OBJECT_RECORD_RULES, ...RUN_RECORD_RULES].map(({ code }) => [code])].map(
        ([code]) => code,
      ),
    );
    expect(rules.filter((code) => !covered.has(code))).toEqual([]);
  });
});

describe("circles", () => {
  const message = (values: Value[]) => check([...BASE, ...values]).map((one) => one.message);

  test("are named once, the shortest way, from the smallest id", () => {
    const found = message([waits(T3, T1), waits(T1, T2), waits(T2, T1, T3)]);
    expect(found).toEqual([`2 tasks wait for each other in a circle: ${T1} → ${T2} → ${T1}.`]);
  });

  test("two of them are two findings", () => {
    const [T4, T5] = [id("t", 4), id("t", 5)];
    expect(message([waits(T1, T2), waits(T2, T1), waits(T4, T5), waits(T5, T4), waits(T3, T1)])).toHaveLength(
      2,
    );
  });

  test("blocks counts as the other's blocked_by", () => {
    const found = check([
      ...BASE,
      task({ relationships: { blocked_by: [T2], blocks: [T2] } }),
      task({ id: T2 }),
    ]);
    expect(found.map(({ code }) => code)).toEqual(["dependency_cycle", "blocks_unmirrored"]);
  });

  test("are found behind a way that leads to what was seen before", () => {
    const T4 = id("t", 4);
    expect(message([waits(T1, T2), waits(T2), waits(T3, T2, T4), waits(T4, T3)])).toHaveLength(1);
  });

  test("a long one is shortened", () => {
    const ids = Array.from({ length: 30 }, (_, n) => id("t", n));
    const found = message(ids.map((one, n) => waits(one, ids[(n + 1) % 30] as string)));
    expect(found[0]).toContain("… 10 more …");
  });
});

describe("broken files are not dangling (F11)", () => {
  test("a task, a worker, a repo and a policy that cannot be read", () => {
    const values = [
      task({ repo: "bad", assigned_to: "eve", relationships: { blocked_by: [T2] } }),
      lease({ worker: "eve" }),
    ];
    const broken = ["owp.yaml", "repos/bad.yaml", "workers/eve.yaml", `tasks/0/2/${T2}.yaml`];
    expect(codes(values, broken)).toEqual([]);
  });

  test("the row of a broken task is not judged", () => {
    const record = collect(BASE);
    record.task({
      id: T1,
      repo: "",
      status: "planned",
      broken: { path: "x", code: "y", message: "", severity: "error" },
    });
    record.task(taskFacts(task({ id: T2, relationships: { blocks: [T1] } })));
    record.lease(T1, { broken: { path: "x", code: "y", message: "", severity: "error" } });
    expect(checkRecord(record, NOW)).toEqual([]);
  });
});

test("rows of an index are facts, and bring their leases", () => {
  const record = collect(BASE);
  record.task({ ...openRow(task({ repo: "gone" })), lease: lease({ worker: "eve" }) });
  record.task(closedRow(done({ id: T2 })));
  expect(checkRecord(record, NOW).map(({ code }) => code)).toEqual(["reference", "holder_unknown"]);
});

describe("a whole record, file by file", () => {
  const all = (files: Record<string, string>): string[] => {
    const check = new RecordCheck();
    const paths = Object.keys(files).sort((a, b) => Number(b === "owp.yaml") - Number(a === "owp.yaml"));
    const found = paths.flatMap((path) => check.file(path, bytes(files[path] ?? "")));
    return [...found, ...check.finish(NOW)].map(({ path, code }) => `${path.split("/")[0]} ${code}`);
  };
  const sound = filesOf(...BASE, waits(T1, T2), lease(), task({ id: T2 }));
  const [taskPath, leasePath] = [pathFor(task()), pathFor(lease())];
  const rows: [string, Record<string, string>, string[]][] = [
    ["a sound one", { ...sound, "README.md": "# Work\n", ".owp/schemas/task.json": "{}\n" }, []],
    ["a circle in depends-on", { ...sound, ...filesOf(waits(T2, T1)) }, ["tasks dependency_cycle"]],
    [
      "conflict markers in a lease",
      { ...sound, [leasePath]: `<<<<<<< a\n${sound[leasePath]}=======\n>>>>>>> b\n` },
      ["leases conflict_marker"],
    ],
    [
      "conflict markers in a task: its lease is not stray",
      { ...sound, [taskPath]: `<<<<<<< a\n${sound[taskPath]}=======\n>>>>>>> b\n` },
      ["tasks conflict_marker"],
    ],
    [
      "a newer protocol version",
      { ...sound, ...filesOf(policy({ protocol: "2.0" })) },
      ["owp.yaml protocol_newer"],
    ],
    [
      "a branch that is not owp's",
      { "src/main.c": "int main;\n", "README.md": "x\n" },
      ["owp.yaml policy_missing"],
    ],
    ["an unreadable policy", { ...sound, "owp.yaml": "kind: [\n" }, ["owp.yaml yaml_syntax"]],
    [
      "a lease of someone who is no worker",
      { ...sound, ...filesOf(lease({ worker: "eve" })) },
      ["leases holder_unknown"],
    ],
    [
      "an estimate above the policy's cap",
      { ...sound, ...filesOf(policy({ max_estimate: 3 }), task({ id: T2, estimate: 4 })) },
      ["tasks estimate_over_cap"],
    ],
  ];
  test.each(rows)("%s", (_name, files, expected) => expect(all(files)).toEqual(expected));
});
