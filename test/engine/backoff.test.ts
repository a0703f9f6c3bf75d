import { describe, expect, test } from "vitest";
import {
  afterLoss,
  beforeLook,
  beforePush,
  isFresh,
  nextCycle,
  type Situation,
} from "../../src/engine/backoff.ts";

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

const ROUND = "d@1000 c@960 b@920 a@880 d@840 c@800 b@760 a@720";
const BUSY = "d@1000 c@880 b@760 a@640 d@520 c@400 b@280 a@160";
/** d has just joined a, b and c. */
const JOINED = "d@1000 c@960 b@920 a@880 c@840 b@800 a@760 c@720 b@680 a@640";

describe("who waits before the look: so many wins, and how long they should take", () => {
  const rows: [name: string, situation: Situation, wins: number, ms: number][] = [
    ["no one contends", at("a", ""), 0, 0],
    ["alone on the record", at("a", "a@990 a@950"), 0, 0],
    ["who won longest ago is next", at("a", ROUND), 0, 0],
    ["who has just won lets three others go", at("d", ROUND), 3, 110],
    ["one of them has gone since", at("c", ROUND), 2, 70],
    ["time that has passed counts", at("d", ROUND, { elapsed: 1050 }), 3, 60],
    ["turns are as slow as the log shows them to be", at("d", BUSY), 3, 330],
    ["an unknown clone goes at once", at("e", ROUND), 0, 0],
    ["the others have left long ago", at("d", "d@1000 c@100 b@60 a@20"), 0, 0],
    ["a has left: it was passed by", at("b", "b@1000 c@960 b@920 c@880 a@840"), 1, 30],
    ["who does not use its turn is passed", at("b", ROUND, { elapsed: 1060 }), 0, 0],
    ["and then the next one sooner", at("c", ROUND, { elapsed: 1080 }), 0, 0],
    ["but not before", at("c", ROUND, { elapsed: 1070 }), 1, 0],
    ["the machine was started anew", at("d", "d@9000 c@8960"), 0, 0],
    ["a far host: turns have a cap", at("d", "d@1000 c@900 b@800 a@700", { cycleMs: 1700 }), 3, 275],
    [
      "and a higher one under load",
      at("d", "d@9000 c@7000 b@5000 a@3000", { elapsed: 9000, cycleMs: 1700 }),
      3,
      5500,
    ],
    [
      "slow turns of a far host are no absence",
      at("a", "d@24000 c@21000 b@18000 a@15000 d@12000 c@9000 b@6000 a@3000", {
        elapsed: 24_000,
        cycleMs: 1700,
      }),
      0,
      0,
    ],
    ["while clones join, who is next gives them a start", at("a", JOINED), 1, 20],
    ["and no longer than that", at("a", JOINED, { elapsed: 1020 }), 0, 0],
  ];
  test.each(rows)("%s", (_, situation, wins, ms) => {
    const wait = beforeLook(situation);
    expect(wait.wins).toBe(wins);
    expect(wait.ms).toBeCloseTo(ms);
  });
});

describe("a clone that wins again and again, alone as far as the log shows", () => {
  /** So many wins of one clone, the last one just now, at this distance. */
  const run = (wins: number, gap: number, clone = "a") =>
    Array.from({ length: wins }, (_, n) => `${clone}@${1000 - n * gap}`).join(" ");
  const rows: [name: string, situation: Situation, ms: number][] = [
    ["goes on at first", at("a", run(7, 10)), 0],
    ["then leaves time for a look and a push, which others may need", at("a", run(8, 10)), 25],
    ["of which some has passed", at("a", run(8, 10), { elapsed: 1010 }), 15],
    ["and no more than that", at("a", run(8, 10), { elapsed: 1025 }), 0],
    [
      "goes on where it has left some lately",
      at("a", `a@1000 a@990 a@965 ${run(8, 10).replaceAll("@", "@0")}`),
      0,
    ],
    [
      "goes on where it works slowly, and unevenly",
      at("a", "a@1000 a@990 a@900 a@890 a@800 a@790 a@700 a@690"),
      0,
    ],
    ["one push of many operations is one win", at("a", run(8, 0)), 0],
    ["another clone's wins are no run", at("b", run(8, 10)), 0],
  ];
  test.each(rows)("%s", (_, situation, ms) => {
    expect(beforeLook(situation).ms).toBeCloseTo(ms);
  });

  test("and does not push without a look before it has", () => {
    expect(isFresh(at("a", run(7, 10)), 1000)).toBe(true);
    expect(isFresh(at("a", run(8, 10)), 1000)).toBe(false);
  });
});

describe("whose turn it is after the look", () => {
  const rows: [name: string, situation: Situation, wins: number, ms: number][] = [
    ["no one contends", at("a", ""), 0, 0],
    ["who won longest ago pushes", at("a", ROUND), 0, 0],
    ["though clones are joining", at("a", JOINED), 0, 0],
    ["the next one comes back", at("b", ROUND), 1, 30],
    ["and never at once", at("b", ROUND, { elapsed: 1059 }), 1, 10],
    ["and the one after later", at("c", ROUND), 2, 70],
    ["an unknown clone pushes", at("e", ROUND), 0, 0],
    ["a far host: a look costs more than a loss", at("b", ROUND, { cycleMs: 1700 }), 0, 0],
  ];
  test.each(rows)("%s", (_, situation, wins, ms) => {
    const wait = beforePush(situation);
    expect(wait.wins).toBe(wins);
    expect(wait.ms).toBeCloseTo(ms);
  });
});

test("of clones that look at the same moment exactly one may push", () => {
  for (const elapsed of [1000, 1030, 1059]) {
    const may = ["a", "b", "c", "d"].filter((clone) => beforePush(at(clone, ROUND, { elapsed })).wins === 0);
    expect(may).toEqual(["a"]);
  }
});

test("everyone may push in the end, though no one else ever does", () => {
  for (const clone of ["a", "b", "c", "d"])
    expect(beforePush(at(clone, ROUND, { elapsed: 1120 })).wins).toBe(0);
});

describe("a clone that the log does not know and that lost", () => {
  const rows: [name: string, situation: Situation, wins: number, ms: number][] = [
    ["has not lost yet", at("e", ROUND), 0, 0],
    ["draws from eight turns", at("e", ROUND, { losses: 1 }), 4, 160],
    ["from a smaller window after the next loss", at("e", ROUND, { losses: 4 }), 1, 40],
    [
      "of turns as slow as one alone would be, though the log's are slower",
      at("e", "d@9000 c@7000 b@5000 a@3000", { elapsed: 9000, losses: 1, cycleMs: 700 }),
      ...([4, 2800] as const),
    ],
    ["never from less than one turn", at("e", ROUND, { losses: 99 }), 0, 20],
    ["a known one waits for its turn instead", at("a", ROUND, { losses: 2 }), 0, 0],
  ];
  test.each(rows)("%s", (_, situation, wins, ms) => {
    const wait = afterLoss(situation);
    expect(wait.wins).toBe(wins);
    expect(wait.ms).toBeCloseTo(ms);
  });
});

describe("a view is as good as fresh", () => {
  const rows: [name: string, situation: Situation, freshAt: number, fresh: boolean][] = [
    ["of a record that no one else changes", at("a", "a@10"), 1, true],
    ["for half a minute at most", at("a", "a@10", { elapsed: 31_000 }), 999, false],
    ["while others are slow", at("a", "a@990 b@100"), 920, true],
    ["not when others are quick", at("a", "a@990 b@950"), 990, false],
    ["not from before the machine's start", at("a", ""), 5000, false],
  ];
  test.each(rows)("%s", (_, situation, freshAt, fresh) => {
    expect(isFresh(situation, freshAt)).toBe(fresh);
  });
});

test("the cycle is the shortest of late", () => {
  expect(nextCycle(undefined, 70)).toBe(70);
  expect(nextCycle(70, 50)).toBe(50);
  expect(nextCycle(50, 150)).toBeCloseTo(53);
});
