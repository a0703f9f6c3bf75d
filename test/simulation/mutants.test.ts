import { expect, test } from "vitest";
import { generate } from "./generate.ts";
import { MUTANTS } from "./mutants.ts";
import { simulate, simulateSeed } from "./run.ts";
import { shrink, size } from "./shrink.ts";

/** The simulation must notice a broken product within so many seeds. */
const SEED_LIMIT = 150;

async function firstCaught(
  mutant: (typeof MUTANTS)[string],
): Promise<{ seed: number; broken: string } | undefined> {
  for (let seed = 1; seed <= SEED_LIMIT; seed++) {
    const { broken } = await simulateSeed(seed, mutant);
    if (broken) return { seed, broken };
  }
  return undefined;
}

test.each([
  ["no lease on push", /acknowledged|never replaced/],
  ["no epoch check, by the same worker", /stale epoch/],
  ["no epoch check, by a late holder", /stale epoch/],
  ["an unknown outcome taken for accepted", /acknowledged/],
  ["an unknown outcome taken for rejected", /refused|in the ledger once/],
  ["the epoch does not survive release", /epochs only grow/],
  ["the epoch does not survive reopening", /epochs only grow/],
  ["a run does not end with its lease", /runs follow/],
  ["operations are not looked for in the ledger", /refused|in the ledger once/],
  ["chains that were left behind are forgotten", /refused|in the ledger once|undecided/],
  ["a leader takes what another one works on", /refused|in the ledger once/],
])("a product with a fault is caught: %s", { timeout: 120_000 }, async (name, rule) => {
  const caught = await firstCaught(MUTANTS[name] as (typeof MUTANTS)[string]);
  expect(caught, `not caught within ${SEED_LIMIT} seeds`).toBeDefined();
  expect(caught?.broken).toMatch(rule);
});

test("the same seed is the same story, line by line", async () => {
  const told = async () => {
    const lines: string[] = [];
    await simulate(generate(7), {}, (line) => lines.push(line));
    return lines;
  };
  const [first, second] = [await told(), await told()];
  expect(first.length).toBeGreaterThan(20);
  expect(second).toEqual(first);
});

test("a failure is made smaller and still fails by the same rule", { timeout: 120_000 }, async () => {
  const mutant = MUTANTS["the epoch does not survive release"] as (typeof MUTANTS)[string];
  const caught = await firstCaught(mutant);
  const full = generate(caught?.seed ?? 0);
  const small = await shrink(full, caught?.broken ?? "", mutant);
  expect(size(small)).toBeLessThan(size(full) / 2);
  expect((await simulate(small, mutant)).broken).toBe(caught?.broken);
});
