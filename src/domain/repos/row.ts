/** A repo as results show it: its record and how much of its work is where (FEATURES A63). */
import type { Ctx } from "../../core/operation.ts";
import type { Snapshot } from "../../core/snapshot.ts";
import type { Repo } from "../../generated/types.ts";
import { momentOf, stateOf } from "../tasks/state.ts";
import type { Areas } from "./areas.ts";

export interface RepoRow {
  repo_id: string;
  slug: string;
  name: string;
  url?: string;
  default_branch?: string;
  visibility?: Repo["visibility"];
  area_locks_enabled: boolean;
  /** Its listed areas by name, with their globs. */
  areas?: Areas;
  /** Tasks take no other area. */
  areas_closed?: true;
  /** null: no limit. */
  max_open_prs: number | null;
  current_open_prs: number;
  /** Enough pull requests are open: no new claim. */
  throttled: boolean;
  /** Tasks that have not ended. */
  open_tasks: number;
  /** Of these, in progress, blocked or under review. */
  held_tasks: number;
  created_at: string;
  updated_at?: string;
}

/** Rows of many repos cost one walk over the open tasks. */
export function repoRows(snapshot: Snapshot, repos: readonly Repo[], ctx: Ctx): RepoRow[] {
  const counts = new Map(repos.map(({ slug }) => [slug, { open: 0, held: 0, prs: 0 }]));
  const at = momentOf(snapshot, ctx);
  for (const task of snapshot.open()) {
    const count = counts.get(task.repo);
    if (!count) continue;
    const state = stateOf(task, at);
    count.open++;
    if (state === "pr_opened") count.prs++;
    if (state === "in_progress" || state === "blocked" || state === "pr_opened") count.held++;
  }
  return repos.map((repo) => {
    const { open, held, prs } = counts.get(repo.slug) ?? { open: 0, held: 0, prs: 0 };
    const { id, slug, name, source, default_branch, visibility, policy, created_at, updated_at } = repo;
    const max = policy?.max_open_prs ?? null;
    return {
      ...{ repo_id: id, slug, name, url: source?.url ?? undefined, default_branch, visibility },
      ...{ area_locks_enabled: policy?.area_locks_enabled ?? true, areas: policy?.areas },
      ...(policy?.areas_closed ? { areas_closed: true as const } : {}),
      ...{ max_open_prs: max, current_open_prs: prs },
      throttled: max !== null && prs >= max,
      ...{ open_tasks: open, held_tasks: held, created_at, updated_at },
    };
  });
}
