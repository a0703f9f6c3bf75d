/** What must never come of a repair, and what its event says of tasks. */
import { pathOf, placeOf } from "../../core/paths.ts";
import { isEnded } from "../../core/rows.ts";
import type { Lease, Task } from "../../generated/types.ts";
import { type Bench, type Changed, valueIn } from "./bench.ts";

/** Whatever the rows do, a fault of theirs stops here. */
export function verifySafe(bench: Bench): void {
  for (const { path, now, next } of bench.changed()) {
    const place = placeOf(path);
    if (place && next !== undefined && valueIn(path, next) === undefined)
      throw new Error(`the repair of ${path} cannot be read`);
    if (place?.kind !== "Task" && place?.kind !== "Lease") continue;
    const highest = bench.round.epochs[place.id] ?? 0;
    const taskThere = bench.value<Task>(pathOf("Task", place.id)) !== undefined;
    if (taskThere && epochAfter(bench, place.id) < highest)
      throw new Error(`the repair of ${path} would lower an epoch`);
    const before = place.kind === "Task" && now !== undefined ? valueIn<Task>(path, now) : undefined;
    const after = next === undefined ? undefined : valueIn<Task>(path, next);
    if (before && isEnded(before) && !(after && isEnded(after)))
      throw new Error(`the repair of ${path} would reopen a task`);
  }
}

function epochAfter(bench: Bench, id: string): number {
  const task = bench.value<Task>(pathOf("Task", id));
  const lease = bench.value<Lease>(pathOf("Lease", id));
  return Math.max(lease?.epoch ?? 0, task?.outcome?.epoch ?? 0);
}

/** The tasks whose files change, with their epoch afterwards. */
export function tasksIn(bench: Bench, changed: readonly Changed[]): { id: string; epoch?: number }[] {
  const places = changed.map(({ path }) => placeOf(path));
  const ids = places.flatMap((place) =>
    place?.kind === "Task" || place?.kind === "Lease" ? [place.id] : [],
  );
  return [...new Set(ids)].map((id) => {
    const epoch = epochAfter(bench, id);
    return epoch === 0 ? { id } : { id, epoch };
  });
}
