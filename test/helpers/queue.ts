/** Queues of work for the end-to-end tests: seeded tasks with dependencies, areas and skills. */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { Random } from "../simulation/random.ts";
import { did } from "./command.ts";
import { tempDir } from "./git.ts";

interface Item {
  id: string;
  title: string;
  priority: number;
  estimate: number;
  area?: string;
  skills?: string[];
  blocked_by: string[];
}

export const SKILLS = ["rust", "sql", "docs"] as const;

/** Up to three of the tasks before are waited for; about half lie in one of four areas; a third need a skill. */
export function queueOf(tasks: number, seed: number): Item[] {
  const random = new Random(seed);
  return Array.from({ length: tasks }, (_, index) => {
    const before = Math.min(index, random.int(4));
    const blockedBy = new Set(
      Array.from({ length: before }, () => `q-${random.between(Math.max(0, index - 20), index - 1)}`),
    );
    return {
      id: `q-${index}`,
      title: `Task ${index} of ${tasks}`,
      priority: random.pick([100, 80, 50, 50, 20]),
      estimate: random.between(1, 5),
      ...(random.chance(0.5) && { area: random.pick(["api", "ui", "build", "store"]) }),
      ...(random.chance(0.33) && { skills: [random.pick(SKILLS)] }),
      blocked_by: [...blockedBy],
    };
  });
}

/** Makes the record from a clone and takes the tasks in, as the maintainer `max`. Answers what was told: op and commit of each. */
export async function startQueue(clone: string, items: readonly Item[], init: readonly string[] = []) {
  const file = join(tempDir(), "queue.json");
  writeFileSync(file, JSON.stringify(items));
  const started = await did(clone, ["init", "--repo", "web", "--as", "max", ...init]);
  const imported = await did(clone, ["import", file, "--as", "max"]);
  return [toldOf("init", started), toldOf("import", imported)];
}

/** Registers a worker by name, with all skills unless others are given. */
export async function enlist(
  clone: string,
  name: string,
  skills: readonly string[] = SKILLS,
  more: readonly string[] = [],
) {
  const words = skills.flatMap((skill) => ["--skill", skill]);
  return toldOf(name, await did(clone, ["worker", "register", "--as", name, ...words, ...more]));
}

const toldOf = (said: string, { op, commit }: { op: string | null; commit?: string }) => ({
  agent: "setup",
  said,
  op,
  ok: true,
  code: "ok",
  ...(commit && { commit }),
});
