/** The arithmetic of votes against the vectors of FEATURES C50, against a recursion and an integral, and as properties. */
import { describe, expect, it } from "vitest";
import {
  partsOf,
  posterior,
  ratioOf,
  ratioShown,
  ratioText,
  verdictOf,
} from "../../../src/domain/governance/consensus.ts";
import { fc } from "../../helpers/chance.ts";

const POLICY = { prior: [1, 1] as const, threshold: 0.95, min_votes: 0 };

describe("C50 votes for and against, with the prior Beta(1,1) and 0.95", () => {
  it.each([
    [0, 0, undefined],
    [1, 0, undefined],
    [2, 0, undefined],
    [3, 0, undefined],
    [4, 0, "accepted"],
    [5, 1, undefined],
    [6, 1, "accepted"],
    [7, 2, undefined],
    [8, 2, "accepted"],
    [8, 3, undefined],
    [9, 3, "accepted"],
    [10, 4, undefined],
    [11, 4, "accepted"],
    [11, 5, undefined],
    [12, 5, "accepted"],
    [5, 5, undefined],
  ])("%i-%i: %s, and the other way round", (up, down, verdict) => {
    expect(verdictOf(up, down, POLICY)).toBe(verdict);
    expect(verdictOf(down, up, POLICY)).toBe(verdict && "rejected");
  });

  it.each([
    [0, 0, "1/2", "0.5000"],
    [3, 0, "15/16", "0.9375"],
    [4, 0, "31/32", "0.9687"],
    [0, 4, "1/32", "0.0312"],
    [6, 1, "247/256", "0.9648"],
    [1, 1, "1/2", "0.5000"],
  ])("%i-%i is exactly %s, shown as %s", (up, down, text, shown) => {
    expect(ratioText(posterior(up, down, [1, 1]))).toBe(text);
    expect(ratioShown(posterior(up, down, [1, 1]))).toBe(shown);
  });
});

describe("C50 a probability that is the threshold decides", () => {
  it.each([
    [4, 0, 0.96875, "accepted"],
    [4, 0, 0.968750000000001, undefined],
    [0, 4, 0.96875, "rejected"],
    [3, 0, 0.9375, "accepted"],
  ])("%i-%i at %d: %s", (up, down, threshold, verdict) => {
    expect(verdictOf(up, down, { ...POLICY, threshold })).toBe(verdict);
  });
});

it("C51 fewer than min_votes decide nothing, and neutral ones are none", () => {
  expect(verdictOf(4, 0, { ...POLICY, min_votes: 5 })).toBeUndefined();
  expect(verdictOf(5, 0, { ...POLICY, min_votes: 5 })).toBe("accepted");
  expect(verdictOf(6, 1, { ...POLICY, min_votes: 7 })).toBe("accepted");
});

it("a prior says what was believed before", () => {
  expect(verdictOf(0, 0, { ...POLICY, prior: [5, 1] })).toBe("accepted");
  expect(verdictOf(4, 0, { ...POLICY, prior: [1, 2] })).toBeUndefined();
});

it.each([
  [0.95, "19/20"],
  [0.9, "9/10"],
  [0.999999, "999999/1000000"],
  [1e-7, "1/10000000"],
  [0.6000000000000001, "6000000000000001/10000000000000000"],
])("a threshold is what its digits say: %d is %s", (decimal, text) => {
  expect(ratioText(ratioOf(decimal))).toBe(text);
});

it("the bar never looks fuller than the votes are", () => {
  expect(partsOf({ over: 99n, under: 100n }, 10)).toBe(9);
  expect(ratioShown({ over: 94_999n, under: 100_000n })).toBe("0.9499");
});

const few = fc.integer({ min: 0, max: 40 });
const prior = fc.tuple(fc.integer({ min: 1, max: 6 }), fc.integer({ min: 1, max: 6 }));

/** f(a, b) = (f(a-1, b) + f(a, b-1)) / 2 with f(0, b) = 0 and f(a, 0) = 1: in units of 2^-(a+b). */
function recursion(a: number, b: number): bigint {
  const size = a + b;
  const row = Array.from({ length: a + 1 }, () => Array.from({ length: b + 1 }, () => 0n));
  for (let i = 0; i <= a; i++)
    for (let j = 0; j <= b; j++) {
      const at = (x: number, y: number) => row[x]?.[y] ?? 0n;
      (row[i] as bigint[])[j] =
        i === 0 ? 0n : j === 0 ? 1n << BigInt(size) : (at(i - 1, j) + at(i, j - 1)) / 2n;
    }
  return row[a]?.[b] as bigint;
}

/** Simpson's rule over the density of Beta(a, b), up to a half and from there. */
function integral(a: number, b: number): number {
  const density = (p: number) => p ** (a - 1) * (1 - p) ** (b - 1);
  const simpson = (from: number, to: number, parts = 400) => {
    const h = (to - from) / parts;
    let sum = density(from) + density(to);
    for (let i = 1; i < parts; i++) sum += density(from + i * h) * (i % 2 ? 4 : 2);
    return (sum * h) / 3;
  };
  const [below, above] = [simpson(0, 0.5), simpson(0.5, 1)];
  return above / (below + above);
}

describe("properties", () => {
  it("is what the recursion of the incomplete beta function gives, to the last digit", () =>
    fc.assert(
      fc.property(few, few, prior, (up, down, [a, b]) => {
        const { over, under } = posterior(up, down, [a, b]);
        const size = BigInt(a + up + b + down);
        expect(over << size).toBe(recursion(a + up, b + down) * under);
      }),
    ));

  it("is what integrating the density gives", () =>
    fc.assert(
      fc.property(few, few, prior, (up, down, [a, b]) => {
        const { over, under } = posterior(up, down, [a, b]);
        const exact = Number((over * 1_000_000n) / under) / 1_000_000;
        expect(Math.abs(exact - integral(a + up, b + down))).toBeLessThan(0.00001);
      }),
    ));

  it("a vote for it makes it likelier, one against it less so; swapped sides mirror it", () =>
    fc.assert(
      fc.property(few, few, prior, (up, down, [a, b]) => {
        const [was, more, less] = [
          posterior(up, down, [a, b]),
          posterior(up + 1, down, [a, b]),
          posterior(up, down + 1, [a, b]),
        ];
        expect(more.over * was.under).toBeGreaterThan(was.over * more.under);
        expect(less.over * was.under).toBeLessThan(was.over * less.under);
        const swapped = posterior(down, up, [b, a]);
        expect(swapped.over * was.under + was.over * swapped.under).toBe(swapped.under * was.under);
      }),
    ));

  it("what is accepted stays so with one more vote for it, for any threshold", () =>
    fc.assert(
      fc.property(few, few, fc.integer({ min: 501, max: 999 }), (up, down, thousandths) => {
        const policy = { ...POLICY, threshold: thousandths / 1000 };
        if (verdictOf(up, down, policy) === "accepted")
          expect(verdictOf(up + 1, down, policy)).toBe("accepted");
      }),
    ));

  it("many votes are as exact as few", () => {
    expect(verdictOf(5000, 4000, POLICY)).toBe("accepted");
    expect(verdictOf(4583, 4417, POLICY)).toBe("accepted");
    expect(verdictOf(4500, 4500, POLICY)).toBeUndefined();
  });
});
