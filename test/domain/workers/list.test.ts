import { describe, expect, it } from "vitest";
import { planWorkerList } from "../../../src/domain/workers/list.ts";
import { planWorkerShow } from "../../../src/domain/workers/show.ts";
import type { WorkerListInput } from "../../../src/generated/types.ts";
import {
  at,
  broken,
  code,
  ctx,
  type File,
  HOUR,
  lease,
  MINUTE,
  ok,
  policy,
  pulse,
  record,
  task,
  tid,
  worker,
} from "../../helpers/record.ts";

const OLD = { created_at: at(-48 * HOUR) };
const CREW: File[] = [
  worker("hal", { ...OLD, skills: ["Rust"] }),
  worker("zoe", { ...OLD, status: "retired" }),
  task("aaaa", { estimate: 3 }),
  lease("aaaa", { worker: "ada", claimed_at: at(-5 * MINUTE) }),
  task("bbbb", { estimate: 2 }),
  lease("bbbb", { worker: "ada", phase: "blocked" }),
];
const list = (input: WorkerListInput = {}, called: Parameters<typeof ctx>[1] = {}, files = CREW) =>
  ok(planWorkerList(record(...files), input, ctx("max", called))).result;
const names = (rows: { name: string }[]) => rows.map(({ name }) => name).join(" ");

describe("worker list", () => {
  it("shows those that are there first, then by name; retired ones with all", () => {
    expect(names(list().workers)).toBe("ada max hal");
    expect(names(list({ all: true }).workers)).toBe("ada max hal zoe");
    expect(list()).toMatchObject({ total: 3, online: 2 });
  });

  it("filters by skill in any case (A05) and by presence", () => {
    expect(names(list({ skill: "rust" }).workers)).toBe("hal");
    expect(names(list({ online: true }).workers)).toBe("ada max");
  });

  it("A35 counts as load what is in progress, and lists all that is held", () => {
    const [ada] = list().workers;
    expect(ada).toMatchObject({ load: { points: 3, tasks: 1 }, capacity_points: 5 });
    expect(ada?.holds.map(({ id, state }) => [id, state])).toEqual([
      [tid("bbbb"), "blocked"],
      [tid("aaaa"), "in_progress"],
    ]);
  });

  it("A02 shows no hash", () => {
    const files = [worker("hal", { token_hash: `sha256:${"0".repeat(64)}` })];
    expect(JSON.stringify(list({}, {}, files))).not.toContain("sha256");
  });

  it("F11 a worker's file that cannot be read is named and stops nothing", () => {
    const plan = planWorkerList(record(broken(worker("bob"))), {}, ctx("max"));
    expect(ok(plan).warnings?.[0]).toContain("workers/bob.yaml");
    expect(ok(plan).result.total).toBe(2);
  });
});

describe("A09 who is online", () => {
  const hal = (called: Parameters<typeof ctx>[1], files: File[] = CREW) =>
    list({}, called, files).workers.find(({ name }) => name === "hal");
  const rows: [string, Parameters<typeof ctx>[1], File[], boolean, string | null][] = [
    ["never seen", {}, [], false, null],
    ["A07 a fresh heartbeat", { pulses: [pulse("hal", [], { status: "idle" })] }, [], true, "idle"],
    [
      "a heartbeat as old as the limit",
      { pulses: [pulse("hal", [], { unchanged_ms: 15 * MINUTE })] },
      [],
      true,
      "working",
    ],
    [
      "an older heartbeat",
      { pulses: [pulse("hal", [], { unchanged_ms: 15 * MINUTE + 1000 })] },
      [],
      false,
      "working",
    ],
    [
      "the limit is the policy's",
      { pulses: [pulse("hal", [], { unchanged_ms: 20 * MINUTE })] },
      [policy({ leases: { heartbeat_timeout: "30m" } })],
      true,
      "working",
    ],
    [
      "of two clones the fresher",
      {
        pulses: [
          pulse("hal", [], { unchanged_ms: HOUR, status: "paused" }),
          pulse("hal", [], { status: "idle" }),
        ],
      },
      [],
      true,
      "idle",
    ],
    ["someone else's heartbeat", { pulses: [pulse("ada", [])] }, [], false, null],
    [
      "a claim is a sign of life",
      {},
      [task("cccc"), lease("cccc", { worker: "hal", claimed_at: at(-MINUTE) })],
      true,
      null,
    ],
    [
      "an old claim is none",
      {},
      [task("cccc"), lease("cccc", { worker: "hal", claimed_at: at(-HOUR) })],
      false,
      null,
    ],
    [
      "a renewal is one",
      {},
      [task("cccc"), lease("cccc", { worker: "hal", claimed_at: at(-HOUR), renewed_at: at(-MINUTE) })],
      true,
      null,
    ],
    [
      "a claim dated in the future is none",
      {},
      [task("cccc"), lease("cccc", { worker: "hal", claimed_at: at(HOUR) })],
      false,
      null,
    ],
    ["the registration is one", {}, [worker("hal", { created_at: at(-MINUTE) })], true, null],
  ];
  it.each(rows)("%s", (_name, called, files, online, status) =>
    expect(hal(called, [...CREW, ...files])?.presence).toMatchObject({ online, status }),
  );

  it("A08 shows the note", () => {
    expect(hal({ pulses: [pulse("hal", [], { note: "at lunch" })] })?.presence.note).toBe("at lunch");
  });

  it("whoever runs a command is there", () => {
    expect(ok(planWorkerShow(record(...CREW), {}, ctx("hal"))).result).toMatchObject({
      name: "hal",
      me: true,
      presence: { online: true, last_seen: at(0) },
    });
  });
});

describe("worker show", () => {
  it.each<[string, string | undefined, string]>([
    ["another", "ada", "ok"],
    ["myself", undefined, "ok"],
    ["in capitals", "ADA", "ok"],
    ["unknown", "bob", "worker_unknown"],
  ])("%s", (_name, name, expected) => {
    expect(code(planWorkerShow(record(), name === undefined ? {} : { name }, ctx("max")))).toBe(expected);
  });

  it("F04 the record answers to its id and its name", () => {
    const { result } = ok(planWorkerShow(record(), { name: "ada" }, ctx("max")));
    expect(result).toMatchObject({ name: "ada", worker_id: expect.stringMatching(/^w_/) });
  });
});
