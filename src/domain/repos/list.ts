/** The repos of the record, the oldest first: the first is where new tasks go by default (FEATURES B25). */
import type { Ctx, Plan } from "../../core/operation.ts";
import { placeOf } from "../../core/paths.ts";
import type { Snapshot } from "../../core/snapshot.ts";
import type { RepoListInput } from "../../generated/types.ts";
import { reposInOrder } from "../tasks/links.ts";
import { type RepoRow, repoRows } from "./row.ts";

/** What a repo is that does not say so (B19). */
const DEFAULT_VISIBILITY = "private";

export interface ReposListed {
  repos: RepoRow[];
  total: number;
}

export function planRepoList(snapshot: Snapshot, input: RepoListInput, ctx: Ctx): Plan<ReposListed> {
  const { visibility } = input;
  const chosen = reposInOrder(snapshot).filter(
    (repo) => visibility === undefined || (repo.visibility ?? DEFAULT_VISIBILITY) === visibility,
  );
  const broken = [...snapshot.problems.values()].filter(({ path }) => placeOf(path)?.kind === "Repo");
  return {
    ok: true,
    changes: [],
    result: { repos: repoRows(snapshot, chosen, ctx), total: chosen.length },
    warnings: broken.map(({ path, message }) => `${path} cannot be read: ${message}.`),
  };
}
