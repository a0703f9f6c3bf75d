/** What a task points to: other tasks, a repo, a worker. References resolve, and never run in a circle (B28–B30). */
import { shortId } from "../../core/paths.ts";
import { type Refusal, refuse } from "../../core/refusal.ts";
import type { Snapshot } from "../../core/snapshot.ts";
import type { Repo } from "../../generated/types.ts";
import { badField } from "./fields.ts";
import { findTask } from "./find.ts";

/** How many tasks one task may wait for; the schema's limit. */
export const LINK_LIMIT = 500;

/** (may suspend) Ids or parts of ids as whole ids, each once. */
export function resolveTasks(
  snapshot: Snapshot,
  field: string,
  typed: readonly string[],
): { ok: true; ids: string[] } | Refusal {
  const ids = new Set<string>();
  for (const text of typed) {
    const found = findTask(snapshot, text);
    if (!found.ok) return { ...found, data: { ...found.data, field } };
    ids.add(found.id);
  }
  return ids.size > LINK_LIMIT
    ? badField(field, ids.size, `a list of at most ${LINK_LIMIT} tasks`)
    : { ok: true, ids: [...ids] };
}

/** The way from the task along the edges back to itself, `[id, …, id]`; undefined: there is none. Linear. */
export function circleThrough(id: string, edges: (id: string) => Iterable<string>): string[] | undefined {
  const cameFrom = new Map<string, string>();
  const queue = [id];
  for (const at of queue) {
    for (const next of edges(at)) {
      if (next === id) return wayBack(cameFrom, id, at);
      if (cameFrom.has(next)) continue;
      cameFrom.set(next, at);
      queue.push(next);
    }
  }
  return undefined;
}

function wayBack(cameFrom: ReadonlyMap<string, string>, id: string, last: string): string[] {
  const way = [id];
  for (let at: string | undefined = last; at !== undefined && at !== id; at = cameFrom.get(at)) way.push(at);
  return [...way, id].reverse();
}

const NAMED_LIMIT = 20;

/** Refuses dependencies that would close a circle. Ended tasks wait for nothing, so only open ones are followed. */
export function verifyNoCircle(
  snapshot: Snapshot,
  id: string,
  blockedBy: readonly string[],
  blocks: readonly string[] = [],
): Refusal | undefined {
  const waiting = new Set(blocks);
  const circle = circleThrough(id, (at) => {
    if (at === id) return blockedBy;
    const before = snapshot.openTask(at)?.blocked_by ?? [];
    return waiting.has(at) ? [...before, id] : before;
  });
  return circle && refuseCircle("dependencies", circle, shortId);
}

/** (may suspend) Refuses a parent that is the task itself or one of its parts, ended ones too: trees show them all. */
export function verifyParent(snapshot: Snapshot, id: string, parent: string): Refusal | undefined {
  const circle = circleThrough(id, (at) => {
    const next = at === id ? parent : (snapshot.openTask(at) ?? snapshot.closedTask(at))?.parent;
    return next ? [next] : [];
  });
  return circle && refuseCircle("parents", circle, shortId);
}

export function refuseCircle(what: string, circle: readonly string[], name: (id: string) => string): Refusal {
  const named =
    circle.length > NAMED_LIMIT ? [...circle.slice(0, NAMED_LIMIT), "…", circle.at(-1) ?? ""] : circle;
  const way = named.map((id) => (id === "…" ? id : name(id))).join(" → ");
  return refuse("dependency_cycle", `The ${what} would run in a circle: ${way}. Nothing was changed.`, {
    data: { circle },
  });
}

/** The record's repos, the oldest first. */
export function reposInOrder(snapshot: Snapshot): Repo[] {
  return [...snapshot.repos.values()].sort((a, b) =>
    a.created_at === b.created_at ? (a.slug < b.slug ? -1 : 1) : a.created_at < b.created_at ? -1 : 1,
  );
}

/** A repo of the record: the named one, or the first (A23, B28). */
export function resolveRepo(
  snapshot: Snapshot,
  slug: string | undefined,
  where = "",
): { ok: true; slug: string } | Refusal {
  if (slug !== undefined && snapshot.repos.has(slug)) return { ok: true, slug };
  const known = reposInOrder(snapshot).map((repo) => repo.slug);
  const [first] = known;
  if (slug === undefined && first !== undefined) return { ok: true, slug: first };
  const have =
    first === undefined
      ? "The record has no repo yet"
      : `The record's repos are: ${known.slice(0, 10).join(", ")}`;
  const lead = where ? `${where}: ` : "";
  const what = slug === undefined ? "" : `${lead}There is no repo ${slug}. `;
  return refuse("repo_unknown", `${what}${have}. Nothing was changed.`, {
    hint: `owp repo set ${slug ?? "<slug>"}`,
    data: { field: "repo", value: slug ?? null, repos: known },
  });
}

/** What is worth saying of the worker that a task is meant for. */
export function assigneeWarnings(snapshot: Snapshot, name: string | undefined): string[] {
  if (name === undefined) return [];
  const worker = snapshot.workers.get(name);
  if (!worker)
    return [`There is no worker ${name} yet; until one takes this name, no one can claim the task.`];
  return worker.status === "active" ? [] : [`${name} is ${worker.status} and cannot claim the task now.`];
}
