/** `owp areas`: the parts of a repo, what is going on in each, and which of them a path belongs to. */
import type { Ctx, Plan } from "../../core/operation.ts";
import type { Snapshot } from "../../core/snapshot.ts";
import type { AreasInput } from "../../generated/types.ts";
import { resolveRepo } from "../tasks/links.ts";
import { momentOf, stateOf } from "../tasks/state.ts";
import { areasOf, coveringAreas, overlapping } from "./areas.ts";

export interface AreaRow {
  area: string;
  /** Left out where the repo does not list it: some task names it. */
  paths?: string[];
  description?: string;
  /** Other areas with files in common: they lock each other. */
  overlaps: string[];
  open_tasks: number;
  /** Ids of the tasks in progress there. */
  in_progress: string[];
}

export interface AreasListed {
  repo: string;
  closed: boolean;
  /** Listed ones first; with a path those that cover it, its own first. */
  areas: AreaRow[];
  /** What was asked about, and the area it belongs to; null: none covers it. */
  path?: string;
  area?: string | null;
}

export function planAreas(snapshot: Snapshot, input: AreasInput, ctx: Ctx): Plan<AreasListed> {
  const found = resolveRepo(snapshot, input.repo);
  if (!found.ok) return found;
  const repo = snapshot.repos.get(found.slug);
  const areas = areasOf(repo);
  const rows = rowsOf(snapshot, found.slug, ctx);
  const closed = repo?.policy?.areas_closed === true;
  const result = { repo: found.slug, closed };
  if (input.path === undefined)
    return { ok: true, changes: [], result: { ...result, areas: [...rows.values()] } };
  const names = coveringAreas(areas, input.path);
  const covering = names.flatMap((name) => rows.get(name) ?? []);
  return {
    ok: true,
    changes: [],
    result: { ...result, areas: covering, path: input.path, area: names[0] ?? null },
  };
}

function rowsOf(snapshot: Snapshot, slug: string, ctx: Ctx): Map<string, AreaRow> {
  const areas = areasOf(snapshot.repos.get(slug));
  const rows = new Map<string, AreaRow>();
  const rowOf = (area: string): AreaRow => {
    const row = rows.get(area) ?? {
      area,
      overlaps: [...overlapping(areas, area)],
      open_tasks: 0,
      in_progress: [],
    };
    rows.set(area, row);
    return row;
  };
  for (const [name, { paths, description }] of Object.entries(areas))
    Object.assign(rowOf(name), { paths, ...(description === undefined ? {} : { description }) });
  const at = momentOf(snapshot, ctx);
  for (const task of snapshot.open()) {
    const area = task.area?.trim();
    if (!area || task.repo !== slug) continue;
    const row = rowOf(area);
    row.open_tasks++;
    if (stateOf(task, at) === "in_progress") row.in_progress.push(task.id);
  }
  return rows;
}
