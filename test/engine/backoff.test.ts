import { describe, expect, test } from "vitest";
import { lookDelay, nextCycle, pushDelay, type Situation } from "../../src/engine/backoff.ts";

/** "a@100 b@50": the newest first, with the elapsed ms at which each was seen. */
const log = (text: string): Situation["recent"] =>
  text
    .split(" ")
    .filter(Boolean)
    .map((entry, index) => {
      const [clone = "", seen] = entry.split("@");
      return { oid: String(index), op: String(index), actor: clone, clone, at: 0, seen: Number(seen) };
    });

/** A turn is 40 ms long, and 1000 ms have elapsed. */
const at = (clone: string, recent: string, more: Partial<Situation> = {}): Situation => ({
  ...{ recent: log(recent), clone, elapsed: 1000, cycleMs: 50, losses: 0, random: () => 0.5 },
  ...more,
});

const ROUND = "d@1000 c@960 b@920 a@880";

describe("who waits before the look", () => {
  const rows: [name: string, situation: Situation, ms: number][] = [
    ["no one contends", at("a", ""), 0],
    ["alone on the record", at("a", "a@990 a@950"), 0],
    ["who has just won lets three others go", at("d", ROUND), 120],
    ["two others have won since", at("b", ROUND), 0],
    ["time that has passed counts", at("d", ROUND, { elapsed: 1070 }), 50],
    ["a loser looks at once", at("d", ROUND, { losses: 1 }), 0],
    ["an unknown clone goes at once", at("e", ROUND), 0],
    ["and when it loses draws from eight turns", at("e", ROUND, { losses: 1 }), 160],
    ["a smaller window for the next loss", at("e", ROUND, { losses: 4 }), 40],
    ["never less than one turn", at("e", ROUND, { losses: 99 }), 20],
    ["the others have left long ago", at("d", "d@1000 c@100 b@60 a@20"), 0],
    ["a has left: three wins have passed it by", at("b", "b@1000 c@960 b@920 c@880 a@840"), 40],
    ["the machine was started anew", at("d", "d@9000 c@8960"), 0],
    ["a far host: turns have a cap", at("d", ROUND, { cycleMs: 1700 }), 300],
  ];
  test.each(rows)("%s", (_, situation, ms) => {
    expect(lookDelay(situation)).toBeCloseTo(ms);
  });
});

describe("whose turn it is after the look", () => {
  const rows: [name: string, situation: Situation, ms: number][] = [
    ["no one contends", at("a", ""), 0],
    ["who won longest ago pushes", at("a", ROUND), 0],
    ["the next one comes back", at("b", ROUND), 20],
    ["and the one after later", at("c", ROUND), 60],
    ["a clone that lets its turn pass is passed", at("b", ROUND, { elapsed: 1080 }), 0],
    ["but two are not passed at once", at("c", ROUND, { elapsed: 1080 }), 20],
    ["an unknown clone pushes", at("e", ROUND), 0],
    ["a far host: a look costs more than a loss", at("b", ROUND, { cycleMs: 1700 }), 0],
  ];
  test.each(rows)("%s", (_, situation, ms) => {
    expect(pushDelay(situation)).toBeCloseTo(ms);
  });
});

test("of clones that look at the same moment exactly one may push", () => {
  for (const elapsed of [1000, 1030, 1079]) {
    const may = ["a", "b", "c", "d"].filter((clone) => pushDelay(at(clone, ROUND, { elapsed })) === 0);
    expect(may).toEqual(["a"]);
  }
});

test("everyone may push in the end, though no one else ever does", () => {
  for (const clone of ["a", "b", "c", "d"]) expect(pushDelay(at(clone, ROUND, { elapsed: 1240 }))).toBe(0);
});

test("the cycle is the shortest of late", () => {
  expect(nextCycle(undefined, 70)).toBe(70);
  expect(nextCycle(70, 50)).toBe(50);
  expect(nextCycle(50, 150)).toBeCloseTo(53);
});
