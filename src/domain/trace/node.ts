/** An object as the trace and the refs show it: enough to know it by. */
import type { ObjectRow } from "../../core/object-rows.ts";
import { kindOfId, shortId } from "../../core/paths.ts";
import type { RefKind } from "../../core/refs.ts";
import type { Snapshot } from "../../core/snapshot.ts";
import { type Moment, stateOf } from "../tasks/state.ts";
import { wordOf } from "../tasks/words.ts";

export interface ChainObject {
  kind: RefKind;
  id: string;
  /** What people call it: the last characters of its id, or a repo's slug. */
  short: string;
  /** Left out where there is no such object. */
  title?: string;
  /** By kind: status, version, priority, type, uri and the like. */
  facts: ObjectRow["facts"];
}

/** The kind that an id says; undefined where it says none. */
export function refKindOf(id: string): RefKind | undefined {
  const kind = kindOfId(id);
  return kind === "Task" ? "Issue" : kind;
}

/** (suspends) undefined: the id is none. */
export function chainObject(snapshot: Snapshot, at: Moment, id: string): ChainObject | undefined {
  const kind = refKindOf(id);
  if (kind === undefined) return undefined;
  const base = { kind, id, short: shortId(id) };
  if (kind === "Repo") {
    const repo = [...snapshot.repos.values()].find((one) => one.id === id);
    return repo ? { ...base, short: repo.slug, title: repo.name, facts: {} } : { ...base, facts: {} };
  }
  if (kind === "Issue") {
    const open = snapshot.openTask(id);
    const task = open ?? snapshot.closedTask(id);
    if (!task) return { ...base, facts: {} };
    const status = open ? wordOf(stateOf(open, at), "cwom") : task.status;
    return { ...base, title: task.title, facts: status ? { status } : {} };
  }
  const row = snapshot.object(id);
  return row ? { ...base, title: row.title, facts: row.facts } : { ...base, facts: {} };
}
