// Simulations of clones that race and fail, for any number of seeds: `npm run simulate -- --seeds 20000 --from 1`.
// Stops at the first seed that breaks a rule and tells its story; see test/simulation/.
import { spawn } from "node:child_process";
import { createRequire } from "node:module";
import { availableParallelism } from "node:os";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { explain } from "../test/simulation/report.ts";
import { simulateSeed } from "../test/simulation/run.ts";

const TOLD_EVERY = 500;

const { values } = parseArgs({
  options: {
    seeds: { type: "string", default: "1000" },
    from: { type: "string", default: "1" },
    jobs: { type: "string", default: String(availableParallelism()) },
  },
});
const [seeds, from, jobs] = [values.seeds, values.from, values.jobs].map((text) => {
  const number = Number(text);
  if (!Number.isSafeInteger(number) || number < 1) throw new Error(`not a whole number from 1 on: ${text}`);
  return number;
}) as [number, number, number];

/** Runs seeds in this process; false at the first that breaks a rule. */
async function run(first: number, count: number): Promise<boolean> {
  const began = performance.now();
  for (let seed = first; seed < first + count; seed++) {
    const result = await simulateSeed(seed);
    if (result.broken) {
      console.log(await explain(seed, result));
      return false;
    }
    const done = seed - first + 1;
    if (done % TOLD_EVERY === 0 || done === count) {
      const rate = (done / (performance.now() - began)) * 1000;
      console.error(`seeds ${first} to ${seed}: every rule holds (${rate.toFixed(1)} a second)`);
    }
  }
  return true;
}

/** The same in several processes; the others end when one of them finds something. */
async function share(parts: { first: number; count: number }[]): Promise<boolean> {
  const tsx = createRequire(import.meta.url).resolve("tsx/cli");
  const children = parts.map(({ first, count }) =>
    spawn(
      process.execPath,
      [tsx, fileURLToPath(import.meta.url), "--seeds", `${count}`, "--from", `${first}`, "--jobs", "1"],
      { stdio: "inherit" },
    ),
  );
  const ends = children.map(
    (child) =>
      new Promise<boolean>((resolve) => {
        child.on("exit", (status) => {
          if (status !== 0) for (const other of children) if (other !== child) other.kill();
          resolve(status === 0);
        });
      }),
  );
  return (await Promise.all(ends)).every(Boolean);
}

const size = Math.ceil(seeds / jobs);
const parts = Array.from({ length: Math.ceil(seeds / size) }, (_, i) => ({
  first: from + i * size,
  count: Math.min(size, seeds - i * size),
}));
process.exitCode = (await (parts.length === 1 ? run(from, seeds) : share(parts))) ? 0 : 1;
