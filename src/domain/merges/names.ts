/** The names by which code and queue find each other: the branch of a task's work, and the line in its commits. */
import { shortId } from "../../core/paths.ts";
import type { Snapshot } from "../../core/snapshot.ts";
import { TRAILER_KEY } from "./message.ts";

export const trailerOf = (id: string): string => `${TRAILER_KEY}: ${id}`;

/** The folder of branches that are named for a task. */
export const BRANCH_FOLDER = "task";
const SLUG_LIMIT = 40;

/** `task/k3f9-fix-the-login`. Never below `owp/`: such a branch would make the record's own impossible. */
export function branchOf({ id, title }: { id: string; title: string }): string {
  const plain = title.normalize("NFKD").replace(/\p{M}/gu, "").toLowerCase();
  const words = plain.split(/[^a-z0-9]+/).filter((word) => word !== "");
  let name = shortId(id);
  for (const word of words) {
    if (name.length + 1 + word.length > SLUG_LIMIT) break;
    name += `-${word}`;
  }
  return `${BRANCH_FOLDER}/${name}`;
}

/** What a worker needs to put the work where its merge ends the task. */
export const namesFor = (
  { rules }: Pick<Snapshot, "rules">,
  task: { id: string; title: string },
): { branch: string; trailer?: string } => ({
  branch: branchOf(task),
  ...(rules.merge_closes ? { trailer: trailerOf(task.id) } : {}),
});
