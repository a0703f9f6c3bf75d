/** `owp show`: one task with all that the record says of it. */
import type { Ctx, Plan } from "../../core/operation.ts";
import { shortId } from "../../core/paths.ts";
import type { OpenTask, Snapshot } from "../../core/snapshot.ts";
import type { Lease, ShowInput } from "../../generated/types.ts";
import { namesFor } from "../merges/names.ts";
import { pathsOf } from "../repos/areas.ts";
import { actingWorker } from "../workers/acting.ts";
import { type Brief, type Delivery, withBrief } from "./brief.ts";
import { dependents } from "./dependents.ts";
import { readTask } from "./docs.ts";
import { findTask } from "./find.ts";
import { type Issue, issueOf } from "./issue.ts";
import type { ShownTask } from "./shorten.ts";
import { type Lapse, lapseOf, leaseOf, maxAttempts, momentOf, stateOf, type TaskState } from "./state.ts";

export interface LinkedTask {
  id: string;
  short: string;
  /** Left out where there is no such task. */
  title?: string;
  state: TaskState | "missing";
}

export interface ShowResult {
  id: string;
  short: string;
  state: TaskState;
  /** The file; with brief its long parts are shortened. */
  task: ShownTask;
  lease?: Lease;
  /** The holder's time is over. */
  lapse?: Lapse;
  attempt: number;
  max_attempts: number;
  epoch: number;
  /** Globs of the files that its area means, where the repo lists it. */
  area_paths?: string[];
  /** Of an open task: a name for the branch of the work, and the line by which a commit names it. */
  branch?: string;
  trailer?: string;
  /** What it waits for, in the file's order; with brief the first of it, and what it came to. */
  dependencies: Delivery[];
  /** Open tasks that wait for it. */
  dependents: LinkedTask[];
  /** The task in CWOM's form; only when asked. */
  cwom?: Issue;
  /** What else whoever works on it must know; only when asked. */
  brief?: Brief;
}

export function planShow(snapshot: Snapshot, input: ShowInput, ctx: Ctx): Plan<ShowResult> {
  const found = findTask(snapshot, input.id);
  if (!found.ok) return found;
  const file = readTask(snapshot, found.id);
  if (!file.ok) return file;
  const { task } = file;
  const at = momentOf(snapshot, ctx);
  const { open, closed } = found;
  const state = open ? stateOf(open, at) : (closed?.status ?? "broken");
  const lease = open && leaseOf(open);
  const lapse = lease && lapseOf(lease, at);
  const paths = pathsOf(snapshot, task.repo, task.area?.trim());
  const linked = (one: OpenTask): LinkedTask => ({ ...nameOf(one), state: stateOf(one, at) });
  const shown: ShowResult = {
    id: task.id,
    short: shortId(task.id),
    state,
    task,
    ...(lease ? { lease } : {}),
    ...(lapse ? { lapse } : {}),
    attempt: lease?.attempt ?? task.outcome?.attempt ?? 0,
    max_attempts: maxAttempts(task, snapshot.rules),
    epoch: lease?.epoch ?? task.outcome?.epoch ?? 0,
    ...(paths ? { area_paths: paths } : {}),
    ...(open && !open.job ? namesFor(snapshot, open) : {}),
    dependencies: (task.relationships?.blocked_by ?? []).map((id) => dependency(snapshot, id, linked)),
    dependents: dependents(snapshot, task.id).map(linked),
    ...(input.cwom ? { cwom: issueOf(snapshot, task, state) } : {}),
  };
  if (!input.brief) return { ok: true, changes: [], result: shown };
  const me = actingWorker(snapshot, ctx).name;
  return { ok: true, changes: [], result: withBrief(snapshot, shown, task, open, me) };
}

const nameOf = ({ id, title }: { id: string; title: string }) => ({ id, short: shortId(id), title });

/** (suspends) */
function dependency(snapshot: Snapshot, id: string, linked: (one: OpenTask) => LinkedTask): LinkedTask {
  const open = snapshot.openTask(id);
  if (open) return linked(open);
  const closed = snapshot.closedTask(id);
  return closed ? { ...nameOf(closed), state: closed.status } : { id, short: shortId(id), state: "missing" };
}
