/** The rules that tie runs to leases: each broken in one way, which that rule alone says; and what the operations make is sound. */
import { describe, expect, test } from "vitest";
import { encode } from "../../../src/core/codec.ts";
import { OPERATIONS } from "../../../src/domain/operations.ts";
import { checkCommit } from "../../../src/domain/validate/check-commit.ts";
import { RecordCheck } from "../../../src/domain/validate/check-record.ts";
import { RUN_RECORD_RULES, RUN_RULES } from "../../../src/domain/validate/run-rules.ts";
import type { Run } from "../../../src/generated/types.ts";
import { issueRef, object, oid, refTo } from "../../helpers/objects.ts";
import {
  at,
  type File,
  HOUR,
  lease,
  maintainer,
  NOW,
  policy,
  repo,
  task,
  tid,
  worker,
} from "../../helpers/record.ts";

const textOf = ([path, value]: File) => (typeof value === "string" ? value : encode(path, value));
const RUN = oid("Run", "e001");
const by = (name: string) => ({ actor: { actor_kind: "agent" as const, actor_id: name }, runtime: "local" });
const run = (fields: Partial<Run> = {}, short = "e001") =>
  object("Run", short, {
    status: "running",
    executor: by("ada"),
    inputs: {
      context_packets: [refTo("ContextPacket", "c001")],
      constraint_snapshot: refTo("ConstraintSnapshot", "f001"),
    },
    telemetry: { started_at: at(-HOUR / 2) },
    ...fields,
  });
const ended = (status: "done" | "canceled", executor = by("ada"), short = "e001") =>
  run(
    {
      status,
      executor,
      telemetry: { started_at: at(-HOUR / 2), ended_at: at(0), duration_s: 1800 },
    },
    short,
  );
const bobsEnded = ended("canceled", by("bob"), "e002");
const WORLD = [policy(), repo("web"), worker("ada"), worker("bob"), maintainer("max")];
const held = (fields: Parameters<typeof lease>[1] = {}) => lease("0001", { run: RUN, ...fields });
const free = (fields: Parameters<typeof lease>[1] = {}) =>
  lease("0001", { worker: null, phase: "queued", attempt: 0, claimed_at: undefined, ...fields });
const done = task("0001", {
  status: "done",
  outcome: { epoch: 1, attempt: 1, worker: "ada", at: at(0) },
});

interface Told {
  event: string;
  actor: string;
  epoch?: number;
}

function commitOf(before: readonly File[], after: readonly File[], { event, actor, epoch = 1 }: Told) {
  const [old, fresh] = [before, after].map(
    (files) => new Map([...WORLD, ...files].map((file) => [file[0], textOf(file)])),
  ) as [Map<string, string>, Map<string, string>];
  const paths = [...new Set([...old.keys(), ...fresh.keys()])].sort();
  const changed = paths
    .filter((path) => old.get(path) !== fresh.get(path))
    .map((path) => ({ path, before: old.get(path), after: fresh.get(path) }));
  const oid = "c".repeat(40);
  const tasks = event.startsWith("task.") ? [{ id: tid("0001"), epoch }] : [];
  const entry = { op: "01kjm0000000000000000000aa", event, actor, tasks };
  const facts = { oid, parents: [oid], at_ms: NOW, subject: "x", author: "Ada", entry };
  return checkCommit(
    (path) => old.get(path),
    (path) => fresh.get(path),
    changed,
    facts,
    { now: NOW, operations: OPERATIONS },
  ).map(({ code }) => code);
}

const RELEASE = { event: "task.released", actor: "ada" };
const DONE = { event: "task.done", actor: "ada" };
const CLAIM = { event: "task.claimed", actor: "ada" };
const EDIT = { event: "object.edited", actor: "ada" };
const ready = task("0001");

describe("commits of operations", () => {
  const SOUND: [name: string, before: File[], after: File[], told: Told][] = [
    ["a claim opens a run", [ready], [ready, held(), run()], CLAIM],
    ["a release cancels it", [ready, held(), run()], [ready, free(), ended("canceled")], RELEASE],
    ["done ends it", [ready, held(), run()], [done, ended("done")], DONE],
    [
      "done, and the run had ended before",
      [ready, held(), ended("canceled")],
      [done, ended("canceled")],
      DONE,
    ],
    ["its executor changes it", [ready, held(), run()], [ready, held(), run({ cost: { usd: 1 } })], EDIT],
    [
      "a maintainer changes it",
      [ready, held(), run()],
      [ready, held(), run({ cost: { usd: 1 } })],
      { ...EDIT, actor: "max" },
    ],
  ];
  test.each(SOUND)("sound: %s", (_name, before, after, told) => {
    expect(commitOf(before, after, told)).toEqual([]);
  });

  const ROWS: [code: string, name: string, before: File[], after: File[], told: Told][] = [
    [
      "run_not_holder",
      "another worker changes it",
      [ready, held(), run()],
      [ready, held(), run({ cost: { usd: 1 } })],
      { ...EDIT, actor: "bob" },
    ],
    [
      "run_not_holder",
      "a release ends another task's run as well",
      [ready, held(), run(), run({ executor: by("bob") }, "e002")],
      [ready, free(), ended("canceled"), bobsEnded],
      RELEASE,
    ],
    [
      "run_adrift",
      "a release that calls it done",
      [ready, held(), run()],
      [ready, free(), ended("done")],
      RELEASE,
    ],
    [
      "run_adrift",
      "done that leaves it open",
      [ready, held(), run()],
      [done, run({ cost: { usd: 1 } })],
      DONE,
    ],
    [
      "run_adrift",
      "a claim that names a run which it did not open",
      [ready, run()],
      [ready, held(), run()],
      CLAIM,
    ],
    ["run_adrift", "a run that has ended", [ready], [ready, held(), ended("done")], CLAIM],
    [
      "run_adrift",
      "a run for another task",
      [ready],
      [ready, held(), run({ for_issue: issueRef("0002") })],
      CLAIM,
    ],
    ["run_adrift", "a run of someone else", [ready], [ready, held(), run({ executor: by("bob") })], CLAIM],
  ];
  test.each(ROWS)("%s: %s", (code, _name, before, after, told) => {
    expect(commitOf(before, after, told)).toEqual([code]);
  });

  test.each([
    ["handing over", { event: "task.handed_off", actor: "ada" }, "Artifact"],
    ["adding a task", { event: "task.created", actor: "ada" }, "Run"],
  ] as const)("%s touches no %s: such trailers explain nothing", (_name, told, kind) => {
    const file = kind === "Run" ? run() : object("Artifact", "0001");
    expect(commitOf([ready], [ready, file], told)).toContain("trailers_ignored");
  });

  test("every rule has a row", () => {
    expect(RUN_RULES.filter(({ code }) => !ROWS.some(([one]) => one === code))).toEqual([]);
  });
});

describe("the record", () => {
  const found = (...files: File[]) => {
    const check = new RecordCheck();
    for (const file of [...WORLD, ...files]) check.file(file[0], new TextEncoder().encode(textOf(file)));
    const codes = new Set(RUN_RECORD_RULES.map(({ code }) => code));
    return check
      .finish(NOW)
      .filter(({ code }) => codes.has(code))
      .map(({ message }) => message);
  };
  test.each([
    ["a run that follows", [run()], undefined],
    ["a run that cannot be read", [[run()[0], "a: [1\n"] as File], undefined],
    ["no such run", [], "does not exist"],
    ["a run that has ended", [ended("done")], "has ended (done)"],
    ["another task's run", [run({ for_issue: issueRef("0002") })], "is for another task"],
  ])("a lease that names %s", (_name, files, says) => {
    const messages = found(ready, held(), ...files);
    expect(messages).toEqual(says === undefined ? [] : [`It names ${RUN}, which ${says}.`]);
  });
});
