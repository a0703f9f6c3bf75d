/** Runs one scenario to its end and says what was wrong, if anything. */
import { Agent } from "./agent.ts";
import { Violation } from "./checker.ts";
import { drain } from "./drain.ts";
import { generate } from "./generate.ts";
import { loadAll } from "./loaded.ts";
import type { Mutant } from "./mutants.ts";
import type { Scenario } from "./scenario.ts";
import { Stuck } from "./scheduler.ts";
import { World } from "./world.ts";

export interface Result {
  /** The rule that was broken; undefined: all held. */
  broken?: string;
  detail?: string;
  steps: number;
  /** Operations that landed. */
  landed: number;
}

export async function simulate(
  scenario: Scenario,
  mutant: Mutant = {},
  trace?: (line: string) => void,
): Promise<Result> {
  await loadAll();
  const world = new World(scenario, mutant, trace);
  const result = () => ({ steps: world.scheduler.steps, landed: world.checker.ledger.size });
  try {
    await world.begin();
    const agents = world.machines.flatMap((machine) =>
      machine.plan.processes.map((plan, index) => new Agent(world, machine, plan, index)),
    );
    for (const agent of agents) agent.start();
    await world.scheduler.run(() => agents.every(({ done }) => done) && world.late === 0);
    await world.heal();
    await drain(world);
    return result();
  } catch (error) {
    if (error instanceof Violation) return { ...result(), broken: error.invariant, detail: error.detail };
    if (error instanceof Stuck) return { ...result(), broken: "it comes to an end", detail: error.message };
    return { ...result(), broken: "nothing throws", detail: (error as Error).stack ?? String(error) };
  }
}

export const simulateSeed = (seed: number, mutant?: Mutant): Promise<Result> =>
  simulate(generate(seed), mutant);
