/** Many seeds, one after another, for the tests and for the script. */
import { expect } from "vitest";
import { explain } from "./report.ts";
import { simulateSeed } from "./run.ts";

/** Seeds of one test file; four files share a thousand. */
export const SEEDS_A_FILE = 250;

/** Runs the seeds of one file; fails with the story of the first that breaks a rule. */
export async function expectAllHold(from: number, count = SEEDS_A_FILE): Promise<void> {
  for (let seed = from; seed < from + count; seed++) {
    const result = await simulateSeed(seed);
    if (result.broken) expect.fail(await explain(seed, result));
  }
}
