/** What a claim hands over: all that a worker needs to start, in one answer. */
import type { Ctx } from "../../core/operation.ts";
import { shortId } from "../../core/paths.ts";
import type { OpenTask, Snapshot } from "../../core/snapshot.ts";
import type { ArtifactNote, Lease, Task } from "../../generated/types.ts";
import { namesFor } from "../merges/names.ts";
import { pathsOf } from "../repos/areas.ts";
import { readTasks } from "./docs.ts";
import { type TaskRow, taskRow } from "./rows.ts";
import { leaseOf, maxAttempts, momentOf, stateOf } from "./state.ts";

export interface ClaimedTask extends TaskRow {
  /** Globs of the files that its area means, where the repo lists it. */
  area_paths?: string[];
  /** What this claim opened: the record of the attempt. */
  run?: string;
  epoch: number;
  attempt: number;
  max_attempts: number;
  ttl: string | null;
  expires_at: string | null;
  /** A name for the branch of the work. */
  branch: string;
  /** The line by which a commit names the task; left out where a merge ends none. */
  trailer?: string;
  description?: string;
  acceptance?: Task["acceptance"];
  /** What it builds on, all done, and what came of the first few. */
  depends_on?: { id: string; short: string; title?: string; message?: string; artifacts?: ArtifactNote[] }[];
  /** The last words of whoever had it before. */
  left_message?: string;
  /** What those were said of: an attempt that failed. */
  left_by_failure?: true;
  artifacts?: Lease["artifacts"];
  /** The latest notes, oldest first. */
  notes?: Task["notes"];
  taken_from?: Lease["taken_from"];
  /** It was the caller's before this claim. */
  already_held?: true;
}

const NOTES_LIMIT = 5;
/** Dependencies whose outcome is read. */
const DELIVERIES_LIMIT = 5;

/** (suspends) */
export function claimedTasks(
  snapshot: Snapshot,
  rows: readonly { task: OpenTask; lease: Lease; already_held?: true }[],
  ctx: Ctx,
): ClaimedTask[] {
  const ids = rows.flatMap(({ task }) => [task.id, ...task.blocked_by.slice(0, DELIVERIES_LIMIT)]);
  const files = new Map(readTasks(snapshot, new Set(ids)).map((file) => [file.id, file]));
  const at = momentOf(snapshot, ctx);
  return rows.map(({ task, lease, already_held }) => {
    const file = files.get(task.id);
    const before = already_held ? undefined : leaseOf(task);
    const left = before?.message;
    const notes = file?.notes?.slice(-NOTES_LIMIT);
    const depends = task.blocked_by.map((id) => dependency(snapshot, id, files.get(id)));
    const paths = pathsOf(snapshot, task.repo, task.area);
    return {
      ...taskRow(task, stateOf({ ...task, lease }, at)),
      ...(paths ? { area_paths: paths } : {}),
      ...(lease.run ? { run: lease.run } : {}),
      epoch: lease.epoch,
      attempt: lease.attempt,
      max_attempts: maxAttempts(task, snapshot.rules),
      ttl: lease.ttl,
      expires_at: lease.expires_at,
      ...namesFor(snapshot, task),
      ...(file?.description ? { description: file.description } : {}),
      ...(file?.acceptance ? { acceptance: file.acceptance } : {}),
      ...(depends.length > 0 ? { depends_on: depends } : {}),
      ...(left ? { left_message: left } : {}),
      ...(left && before?.phase === "retry" ? { left_by_failure: true as const } : {}),
      ...(lease.artifacts ? { artifacts: lease.artifacts } : {}),
      ...(notes && notes.length > 0 ? { notes } : {}),
      ...(lease.taken_from && !already_held ? { taken_from: lease.taken_from } : {}),
      ...(already_held ? { already_held } : {}),
    };
  });
}

/** (suspends) */
function dependency(snapshot: Snapshot, id: string, file: Task | undefined) {
  const title = file?.title ?? snapshot.openTask(id)?.title ?? snapshot.closedTask(id)?.title;
  const { message, artifacts } = file?.outcome ?? {};
  return {
    id,
    short: shortId(id),
    ...(title === undefined ? {} : { title }),
    ...(message ? { message } : {}),
    ...(artifacts ? { artifacts } : {}),
  };
}
