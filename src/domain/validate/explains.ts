/** Whether the diff of a commit is explained by its trailers: only then is it an operation, for the ledger and for the rules. */
import { placeOf } from "../../core/paths.ts";
import type { ChangedFile, CommitContext, CommitFacts, Entry, TaskStep } from "./commit-view.ts";

/** Trailers count only on a single-parent commit whose diff they explain (DESIGN section 2). undefined: they do. */
export function whyNoOperation(
  commit: CommitFacts,
  entry: Entry,
  { changed, tasks, first }: { changed: readonly ChangedFile[]; tasks: readonly TaskStep[]; first: boolean },
  { operations }: CommitContext,
): string | undefined {
  if (commit.parents.length > 1) return "it is a merge";
  const rows = operations.filter(({ events }) => events.includes(entry.event));
  if (rows.length === 0) return "no operation writes that event";
  const touches = new Set(rows.flatMap((row) => row.touches));
  const explained = (path: string) => touches.has(placeOf(path)?.kind ?? "");
  const stray = touches.has(ANYTHING) && first ? undefined : changed.find(({ path }) => !explained(path));
  if (stray) return `that operation does not touch ${stray.path}`;
  const named = new Map(entry.tasks.map(({ id, epoch }) => [id, epoch]));
  for (const { id, after } of named.size > 0 ? tasks : []) {
    if (!named.has(id)) return `they do not name ${id}`;
    const epoch = named.get(id);
    if (epoch !== undefined && !after.broken && epoch !== after.epoch)
      return `they say epoch ${epoch} of ${id}, and the files ${after.epoch}`;
  }
  return undefined;
}

/** In a row's `touches`: the operation that begins a record writes whatever a record begins with. */
const ANYTHING = "*";
