/** Makes a failing scenario smaller while it still breaks the same rule: fewer clones, processes, steps and faults. */
import type { Mutant } from "./mutants.ts";
import { simulate } from "./run.ts";
import type { Scenario } from "./scenario.ts";

/** So many runs at most; each tries one smaller scenario with one order of events. */
const RUN_LIMIT = 600;
/** What is left out changes the order of everything else, so that a few orders are tried. */
const ORDERS = 3;

export async function shrink(scenario: Scenario, broken: string, mutant: Mutant = {}): Promise<Scenario> {
  let best = scenario;
  let runs = 0;
  const stillBreaks = async (smaller: Scenario): Promise<Scenario | undefined> => {
    for (let order = 0; order < ORDERS && runs < RUN_LIMIT; order++) {
      const tried = { ...smaller, seed: smaller.seed + order * 1_000_003 };
      runs++;
      if ((await simulate(tried, mutant)).broken === broken) return tried;
    }
    return undefined;
  };
  for (let isSmaller = true; isSmaller && runs < RUN_LIMIT; ) {
    isSmaller = false;
    for (const smaller of smallerOnes(best)) {
      const candidate = smaller(best);
      const found = size(candidate) < size(best) ? await stillBreaks(candidate) : undefined;
      if (!found) continue;
      best = found;
      isSmaller = true;
    }
  }
  return best;
}

/** How much happens in a scenario. */
export function size({ clones, faults, people, tasks }: Scenario): number {
  const steps = clones.flatMap(({ processes }) => processes.map((plan) => 2 + plan.steps.length));
  const odd = clones.filter(({ clock_ms, drift }) => clock_ms !== 0 || drift !== 1).length;
  return (
    steps.reduce((sum, count) => sum + count, 3 * clones.length) +
    odd +
    faults.length +
    people.length +
    tasks.length
  );
}

/** Made from one scenario and applied to smaller ones: what it leaves out may be gone by then. */
type Smaller = (scenario: Scenario) => Scenario;

const without = <T>(list: readonly T[], from: number, count = 1): T[] =>
  list.filter((_, i) => i < from || i >= from + count);

/** A clone without processes does nothing; it stays in its place, because faults name clones by their numbers. */
function smallerOnes({ clones, faults, people, tasks }: Scenario): Smaller[] {
  const list: Smaller[] = [];
  const last = clones[clones.length - 1];
  if (clones.length > 1 && last?.processes.length === 0)
    list.push((s) => ({ ...s, clones: without(s.clones, s.clones.length - 1) }));
  for (const [c, clone] of clones.entries()) {
    if (clone.processes.length > 0) list.push((s) => inClone(s, c, (one) => ({ ...one, processes: [] })));
    if (clone.clock_ms !== 0 || clone.drift !== 1)
      list.push((s) => inClone(s, c, (one) => ({ ...one, clock_ms: 0, drift: 1 })));
  }
  list.push(
    (s) => ({ ...s, people: [] }),
    (s) => ({ ...s, faults: [] }),
  );
  for (const [c, clone] of clones.entries()) {
    for (const [p, process] of clone.processes.entries()) {
      for (let length = process.steps.length; length >= 1; length = Math.floor(length / 2)) {
        for (let from = process.steps.length - length; from >= 0; from -= length) {
          list.push((s) => inProcess(s, c, p, (steps) => without(steps, from, length)));
        }
      }
    }
  }
  for (let i = faults.length - 1; i >= 0; i--) list.push((s) => ({ ...s, faults: without(s.faults, i) }));
  for (let i = people.length - 1; i >= 0; i--) list.push((s) => ({ ...s, people: without(s.people, i) }));
  if (tasks.length > 1) list.push((s) => ({ ...s, tasks: without(s.tasks, s.tasks.length - 1) }));
  return list;
}

function inClone(
  scenario: Scenario,
  index: number,
  change: (clone: Scenario["clones"][number]) => Scenario["clones"][number],
): Scenario {
  return { ...scenario, clones: scenario.clones.map((clone, i) => (i === index ? change(clone) : clone)) };
}

type Steps = Scenario["clones"][number]["processes"][number]["steps"];

function inProcess(
  scenario: Scenario,
  clone: number,
  process: number,
  change: (steps: Steps) => Steps,
): Scenario {
  return inClone(scenario, clone, (one) => ({
    ...one,
    processes: one.processes.map((plan, i) =>
      i === process ? { ...plan, steps: change(plan.steps) } : plan,
    ),
  }));
}
