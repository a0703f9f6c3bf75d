/** `owp settle`, the same in `owp sync`, and `owp trailer`. */
import type { Settled, SettleResult } from "../domain/merges/settle.ts";
import type { TrailerResult } from "../domain/merges/trailer.ts";
import type { Look, View } from "./look.ts";
import { paint } from "./paint.ts";
import { named } from "./task-lines.ts";

const SHA_SHOWN = 10;

export const settle: View<SettleResult> = {
  render: (result, look) => settledLines(result, look).join("\n") || "nothing to settle",
  next: ({ freed }) => (freed?.length ? ["owp claim"] : []),
  quiet: ({ merged, reopened }) => [...merged, ...reopened].map(({ short }) => short).join("\n"),
};

/** A line for each task, and those that may start now. What was skipped stands among the warnings. */
export function settledLines({ merged, reopened, freed = [] }: SettleResult, look: Look): string[] {
  return [
    ...merged.map((task) => `${named(task, look)}: is done, merged as ${proof(task)}${held(task, look)}`),
    ...reopened.map(
      (task) => `${named(task, look)}: is open again, taken back by ${task.commit.slice(0, SHA_SHOWN)}`,
    ),
    ...freed.map((task) => `  now free: ${named(task, look)}`),
  ];
}

const proof = ({ commit, pr }: Settled): string => `${commit.slice(0, SHA_SHOWN)}${pr ? `, ${pr}` : ""}`;

const held = ({ worker, epoch }: Settled, look: Look): string =>
  worker ? paint(look, "dim", ` (held by ${worker}; epoch ${epoch})`) : "";

export const trailer: View<TrailerResult> = {
  render: ({ trailer: line }) => line ?? "",
};
