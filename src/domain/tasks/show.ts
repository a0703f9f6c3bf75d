/** `owp show`: one task with all that the record says of it. */
import type { Ctx, Plan } from "../../core/operation.ts";
import { shortId } from "../../core/paths.ts";
import type { OpenTask, Snapshot } from "../../core/snapshot.ts";
import type { Lease, ShowInput, Task } from "../../generated/types.ts";
import { pathsOf } from "../repos/areas.ts";
import { dependents } from "./dependents.ts";
import { readTask } from "./docs.ts";
import { findTask } from "./find.ts";
import { type Issue, issueOf } from "./issue.ts";
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
  /** The file; with brief without its long texts. */
  task: Partial<Task> & Pick<Task, "id" | "title" | "repo" | "status">;
  lease?: Lease;
  /** The holder's time is over. */
  lapse?: Lapse;
  attempt: number;
  max_attempts: number;
  epoch: number;
  /** Globs of the files that its area means, where the repo lists it. */
  area_paths?: string[];
  /** What it waits for, in the file's order. */
  dependencies: LinkedTask[];
  /** Open tasks that wait for it. */
  dependents: LinkedTask[];
  /** The task in CWOM's form; only when asked. */
  cwom?: Issue;
}

const LONG = ["description", "acceptance", "notes", "outcome", "meta"] as const;

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
  return {
    ok: true,
    changes: [],
    result: {
      id: task.id,
      short: shortId(task.id),
      state,
      task: input.brief ? brief(task) : task,
      ...(lease ? { lease } : {}),
      ...(lapse ? { lapse } : {}),
      attempt: lease?.attempt ?? task.outcome?.attempt ?? 0,
      max_attempts: maxAttempts(task, snapshot.rules),
      epoch: lease?.epoch ?? task.outcome?.epoch ?? 0,
      ...(paths ? { area_paths: paths } : {}),
      dependencies: (task.relationships?.blocked_by ?? []).map((id) => dependency(snapshot, id, linked)),
      dependents: dependents(snapshot, task.id).map(linked),
      ...(input.cwom ? { cwom: issueOf(snapshot, task, state) } : {}),
    },
  };
}

function brief(task: Task): ShowResult["task"] {
  const kept = { ...task };
  for (const field of LONG) delete kept[field];
  return kept;
}

const nameOf = ({ id, title }: { id: string; title: string }) => ({ id, short: shortId(id), title });

/** (suspends) */
function dependency(snapshot: Snapshot, id: string, linked: (one: OpenTask) => LinkedTask): LinkedTask {
  const open = snapshot.openTask(id);
  if (open) return linked(open);
  const closed = snapshot.closedTask(id);
  return closed ? { ...nameOf(closed), state: closed.status } : { id, short: shortId(id), state: "missing" };
}
