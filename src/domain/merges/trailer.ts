/** `owp trailer`: the line by which a commit names its task, and the branch to put it on. */
import type { Ctx, Plan } from "../../core/operation.ts";
import { shortId } from "../../core/paths.ts";
import type { OpenTask, Snapshot } from "../../core/snapshot.ts";
import type { TrailerInput } from "../../generated/types.ts";
import { theHeld } from "../tasks/act.ts";
import { findTask } from "../tasks/find.ts";
import { heldBy } from "../tasks/scheduling.ts";
import { actingWorker } from "../workers/acting.ts";
import { BRANCH_FOLDER, branchOf, trailerOf } from "./names.ts";

export interface TrailerResult {
  id: string | null;
  short?: string;
  title?: string;
  /** `Owp-Task: t_…`; null: the branch and what is held leave it open. */
  trailer: string | null;
  /** A name for the branch of the work. */
  branch?: string;
}

export function planTrailer(snapshot: Snapshot, input: TrailerInput, ctx: Ctx): Plan<TrailerResult> {
  const { name } = actingWorker(snapshot, ctx);
  if (input.head !== undefined) return answer(byBranch(snapshot, input.head, name));
  const found = input.id === undefined ? theHeld(snapshot, name, "trailer") : findTask(snapshot, input.id);
  if (!found.ok) return found;
  const task = found.open ?? found.closed;
  const over =
    found.closed && `${shortId(found.closed.id)} is ${found.closed.status}: a merge does not end it again`;
  return { ...answer(task), ...(over ? { warnings: [over] } : {}) };
}

function answer(task: { id: string; title: string } | undefined) {
  const result: TrailerResult = task
    ? {
        id: task.id,
        short: shortId(task.id),
        title: task.title,
        trailer: trailerOf(task.id),
        branch: branchOf(task),
      }
    : { id: null, trailer: null };
  return { ok: true as const, changes: [], result };
}

/**
 * For a commit that no one was asked about: the task whose id the branch's name holds, of those that the worker holds;
 * on a branch that was named for a task, that task, if it is open; else the one that is held, and nothing in doubt.
 */
function byBranch(snapshot: Snapshot, head: string, name: string): OpenTask | undefined {
  const held = heldBy(snapshot, name);
  const parts = new Set(head.toLowerCase().match(ID_PARTS) ?? []);
  const named = held.filter(({ id }) => [...parts].some((part) => id.endsWith(part)));
  if (named.length > 0) return named.length === 1 ? named[0] : undefined;
  const prepared = PREPARED.exec(head.toLowerCase())?.[1];
  if (prepared === undefined) return held.length === 1 ? held[0] : undefined;
  const found = findTask(snapshot, prepared);
  return found.ok ? found.open : undefined;
}

const ID_PARTS = /t_[0-9a-hjkmnp-tv-z]{26}|(?<![0-9a-z])[0-9a-hjkmnp-tv-z]{4,26}(?![0-9a-z])/g;
const PREPARED = new RegExp(`^${BRANCH_FOLDER}/([0-9a-hjkmnp-tv-z]{4,26})(?:-|$)`);
