import { expect, test } from "vitest";
import { hasEnded, mayBecome, RUN_STEPS, type RunStatus } from "../../../src/domain/objects/run-status.ts";

const STATUSES = Object.keys(RUN_STEPS) as RunStatus[];

test("a run that has ended stays as it is (B65)", () => {
  expect(STATUSES.filter(hasEnded)).toEqual(["done", "failed", "canceled"]);
  for (const from of STATUSES.filter(hasEnded))
    expect(STATUSES.filter((to) => mayBecome(from, to))).toEqual([from]);
});

test("a run is done only once it has run, and can fail or be canceled before", () => {
  expect(STATUSES.filter((from) => mayBecome(from, "done"))).toEqual(["running", "blocked", "done"]);
  for (const from of ["planned", "ready", "running", "blocked"] as const)
    expect([mayBecome(from, "failed"), mayBecome(from, "canceled")]).toEqual([true, true]);
});
