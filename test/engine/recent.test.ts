import { expect, test } from "vitest";
import { justFetched, type RecentOp } from "../../src/engine/recent.ts";

/** Newest first, made at these moments by their own clocks, and all seen at 10,000. */
const fetched = (...made: number[]): RecentOp[] =>
  made.map((at, index) => ({ oid: `${index}`, op: `${index}`, actor: "ada", clone: "c", at, seen: 10_000 }));
const seen = (ops: RecentOp[]) => ops.map((op) => op.seen);

test.each<[name: string, made: number[], before: number | undefined, seen: number[]]>([
  ["one is seen now", [5000], 1000, [10_000]],
  ["several landed over the time that their clocks say", [5000, 5000, 3000], 1000, [10_000, 9000, 8000]],
  ["but not before what was seen earlier", [90_000, 50_000, 1000], 6000, [10_000, 8000, 6000]],
  ["clocks that contradict each other say nothing", [1000, 5000], 1000, [10_000, 10_000]],
  ["nor is anything known at the first look", [9000, 1000], undefined, [10_000, 10_000]],
])("operations of one fetch: %s", (_name, made, before, expected) => {
  expect(seen(justFetched(fetched(...made), before))).toEqual(expected);
});

test("none is none", () => {
  expect(justFetched([], 5)).toEqual([]);
});
