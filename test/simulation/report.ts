/** Tells a failure so that a person can follow it: the seed, the smallest scenario found, and what happened in order. */
import { generate } from "./generate.ts";
import type { Mutant } from "./mutants.ts";
import { type Result, simulate } from "./run.ts";
import type { Scenario } from "./scenario.ts";
import { shrink, size } from "./shrink.ts";

const TRACE_LINES = 150;

export async function explain(seed: number, result: Result, mutant: Mutant = {}): Promise<string> {
  const full = generate(seed);
  const small = await shrink(full, result.broken ?? "", mutant);
  const trace: string[] = [];
  const again = await simulate(small, mutant, (line) =>
    trace.push(line.length > 200 ? `${line.slice(0, 197)}...` : line),
  );
  const shown = trace.slice(-TRACE_LINES);
  return [
    `seed ${seed} breaks "${result.broken}"`,
    result.detail ?? "",
    `made smaller, from ${size(full)} to ${size(small)} parts (order ${small.seed}):`,
    ...partsOf(small),
    `what happened (virtual seconds, process, event${trace.length > shown.length ? `; the last ${shown.length} of ${trace.length} lines` : ""}):`,
    ...shown,
    `${again.broken}: ${again.detail}`,
    `again: npm run simulate -- --seeds 1 --from ${seed}`,
  ].join("\n");
}

function partsOf({ policy, tasks, clones, faults, people }: Scenario): string[] {
  const lines = [
    `  policy ${JSON.stringify(policy)}`,
    ...tasks.map((task, i) => `  task ${i} ${JSON.stringify(task)}`),
  ];
  for (const [c, { processes, ...clone }] of clones.entries()) {
    if (processes.every(({ steps }) => steps.length === 0)) continue;
    lines.push(`  clone ${c} ${JSON.stringify(clone)}`);
    for (const [p, { steps, ...process }] of processes.entries()) {
      lines.push(
        `    process ${p} ${JSON.stringify(process)}`,
        ...steps.map((step) => `      ${JSON.stringify(step)}`),
      );
    }
  }
  for (const fault of faults) lines.push(`  fault ${JSON.stringify(fault)}`);
  for (const act of people) lines.push(`  someone ${JSON.stringify(act)}`);
  return lines;
}
