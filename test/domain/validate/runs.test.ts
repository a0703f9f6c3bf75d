/** The rules that tie runs to leases; and what the operations make is sound. */
import { describe, expect, test } from "vitest";
import { encode } from "../../../src/core/codec.ts";
import { RecordCheck } from "../../../src/domain/validate/check-record.ts";
import { RUN_RECORD_RULES } from "../../../src/domain/validate/run-rules.ts";
import { issueRef, object } from "../../helpers/objects.ts";
import { type File, NOW } from "../../helpers/record.ts";
import {
  CLAIM,
  commitOf,
  DONE,
  done,
  EDIT,
  ended,
  free,
  held,
  RELEASE,
  RUN,
  ready,
  run,
  type Told,
  WORLD,
} from "./forged/runs.ts";
import { checkForged } from "./support.ts";

const textOf = ([path, value]: File) => (typeof value === "string" ? value : encode(path, value));
const codesOf = (...forged: Parameters<typeof commitOf>) =>
  checkForged(commitOf(...forged)).map(({ code }) => code);

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
    expect(codesOf(before, after, told)).toEqual([]);
  });

  test.each([
    ["handing over", { event: "task.handed_off", actor: "ada" }, "Artifact"],
    ["adding a task", { event: "task.created", actor: "ada" }, "Run"],
  ] as const)("%s touches no %s: such trailers explain nothing", (_name, told, kind) => {
    const file = kind === "Run" ? run() : object("Artifact", "0001");
    expect(codesOf([ready], [ready, file], told)).toContain("trailers_ignored");
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
