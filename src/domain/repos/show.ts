/** One repo, by its slug (FEATURES B25). */
import type { Ctx, Plan } from "../../core/operation.ts";
import type { Snapshot } from "../../core/snapshot.ts";
import type { Repo, RepoShowInput } from "../../generated/types.ts";
import { resolveRepo } from "../tasks/links.ts";
import { type RepoRow, repoRows } from "./row.ts";

export function planRepoShow(snapshot: Snapshot, input: RepoShowInput, ctx: Ctx): Plan<RepoRow> {
  const found = resolveRepo(snapshot, input.slug);
  if (!found.ok) return found;
  const [row] = repoRows(snapshot, [snapshot.repos.get(found.slug) as Repo], ctx);
  return { ok: true, changes: [], result: row as RepoRow };
}
