/** `--range A..B` of `owp settle`, as a workflow gives it: what a push brought to the default branch. */
import { type Refusal, refuse } from "../../core/refusal.ts";
import type { Repository } from "../../engine/git/locate.ts";
import type { History, Span } from "./history.ts";
import type { Place } from "./places.ts";
import { shallowIn, tipOf } from "./refs.ts";

/** Commits of one look whose beginning is known. */
export const SPAN_LIMIT = 20_000;
/** Commits that are looked at where it is not known from where. */
export const LOOK_BACK = 1000;

const ZERO = /^0{40,64}$/;
const WHOLE =
  "in a workflow: fetch-depth: 0 (GitHub), GIT_DEPTH: 0 (GitLab); elsewhere git fetch --unshallow";

/** Both ends as they were typed; from is left out where everything before counts. */
export interface Typed {
  from?: string;
  to: string;
}

/** null: the branch was deleted, and there is nothing to look at. */
export function readRange(text: string): Typed | null | Refusal {
  const [, from, to] = /^\s*(.*?)\s*\.\.\s*([^.].*?)\s*$/s.exec(text) ?? [];
  if (from === undefined || to === undefined || /^[-.]|\.$|\s/.test(from) || /^-|\s/.test(to))
    return refuse(
      "usage",
      `The range is "${text}"; it must be A..B: from a commit, or 40 zeros, to a later one.`,
      {
        hint: 'owp settle --range "$BEFORE..$AFTER"',
      },
    );
  if (ZERO.test(to)) return null;
  return { to, ...(from === "" || ZERO.test(from) ? {} : { from }) };
}

/** The range in this repository, and what is worth saying where it is not all here. */
export async function spanOf(
  history: History,
  repository: Repository,
  typed: Typed,
): Promise<{ span: Span; notes: string[] } | Refusal> {
  const to = await history.named(typed.to);
  if (to === undefined)
    return refuse("usage", `This repository has no commit ${typed.to}. Nothing was changed.`, {
      hint: "git fetch, then run it again",
      data: { commit: typed.to },
    });
  if (typed.from === undefined) return { span: { to, limit: LOOK_BACK }, notes: [] };
  const from = await history.named(typed.from);
  if (from !== undefined) return { span: { from, to, limit: SPAN_LIMIT }, notes: [] };
  const shallow = shallowIn(repository).size > 0;
  const why = shallow ? "its history is cut off (shallow)" : "it was rewritten, or never fetched";
  const note = `this repository has no commit ${typed.from}: ${why}. What it has of the newest ${LOOK_BACK} commits up to ${typed.to} was looked at`;
  return { span: { to, limit: LOOK_BACK }, notes: [shallow ? `${note}; for all of it, ${WHOLE}` : note] };
}

/** A range may run across the edge of a shallow clone, with commits behind it that no one sees. */
export function cutNote(repository: Repository, seen: ReadonlySet<string>): string[] {
  const edges = [...shallowIn(repository)].filter((oid) => seen.has(oid));
  if (edges.length === 0) return [];
  return [
    `the history is cut off (shallow) at ${edges[0]?.slice(0, 10)}: what lies behind it was not seen; ${WHOLE}`,
  ];
}

/** The places whose branch has the commit; those of which this repository does not know where they stand are believed. */
export async function placesWith(
  history: History,
  repository: Repository,
  places: readonly Place[],
  to: string,
): Promise<Place[] | Refusal> {
  const having: Place[] = [];
  const lacking: string[] = [];
  for (const place of places) {
    const tip = place.ref && (await tipOf(repository, place.ref));
    if (tip === undefined || (await history.isAncestor(to, tip))) having.push(place);
    else lacking.push(place.name);
  }
  if (having.length > 0 || lacking.length === 0) return having;
  return refuse(
    "usage",
    `${to.slice(0, 10)} is not on ${lacking.join(" or ")}: it is not merged. Nothing was changed.`,
    {
      hint: "git fetch, or run it again after the merge",
      data: { commit: to, branches: lacking },
    },
  );
}
