/** Lists proposals, the newest first; the accepted ones are the canonical record of what was adopted (FEATURES C36, C41). */
import { readObjects } from "../../core/docs.ts";
import type { ObjectRow } from "../../core/object-rows.ts";
import type { Ctx, Plan } from "../../core/operation.ts";
import { shortId } from "../../core/paths.ts";
import type { Snapshot } from "../../core/snapshot.ts";
import type { ProposalListInput } from "../../generated/types.ts";
import type { ProposalStatus } from "./lifecycle.ts";

const DEFAULT_LIMIT = 25;

export interface ListedProposal {
  id: string;
  short: string;
  title: string;
  /** unreadable: the file is broken. */
  status: ProposalStatus | "unreadable";
  author?: string;
  repo?: string;
  created_at: string;
  opened_at?: string;
  decided_at?: string;
  supersedes?: string;
  superseded_by?: string;
  forked_from?: string;
  /** What its acceptance does: doctrine, policy, tasks. */
  effect?: string[];
  /** Votes as they stand, whether or not each counts; owp vote list tells. */
  upvotes: number;
  downvotes: number;
  neutrals: number;
  score: number;
}

export interface ProposalsListed {
  proposals: ListedProposal[];
  /** How many match; proposals holds those from offset on, at most limit. */
  total: number;
  offset: number;
}

export function planProposalList(
  snapshot: Snapshot,
  { status, author, repo, limit = DEFAULT_LIMIT, offset = 0 }: ProposalListInput,
  _ctx: Ctx,
): Plan<ProposalsListed> {
  const wanted = [
    ["status", status],
    ["author", author?.trim().toLowerCase()],
    ["repo", repo?.trim().toLowerCase()],
  ] as const;
  const fits = [...snapshot.objects("Proposal")].filter(({ facts }) =>
    wanted.every(([name, value]) => value === undefined || facts[name] === value),
  );
  fits.sort(newestFirst);
  const proposals = fits.slice(offset, offset + limit).map((row) => listed(snapshot, row));
  return { ok: true, changes: [], result: { proposals, total: fits.length, offset } };
}

const newestFirst = (a: ObjectRow, b: ObjectRow): number => {
  if (a.created_at === b.created_at) return a.id < b.id ? 1 : -1;
  return a.created_at < b.created_at ? 1 : -1;
};

/** (suspends) */
export function listed(snapshot: Snapshot, row: ObjectRow): ListedProposal {
  const { status, effect, ...facts } = row.facts as Record<string, string>;
  const forked = row.links.find(([field]) => field === "forked_from")?.[1];
  return {
    ...{ id: row.id, short: shortId(row.id), title: row.title, created_at: row.created_at },
    status: (row.broken ? "unreadable" : status) as ListedProposal["status"],
    ...facts,
    ...(forked === undefined ? {} : { forked_from: forked }),
    ...(effect === undefined ? {} : { effect: effect.split(" ") }),
    ...sumsOf(snapshot, row),
  };
}

/** (suspends) From the rows alone, so that a list reads no vote's file. */
export function sumsOf(snapshot: Snapshot, { id, facts }: ObjectRow) {
  const votes = snapshot.pointingTo(id).filter((row) => row.startsWith(`${id}/votes/`));
  const values = readObjects(snapshot, votes)
    .map((vote) => vote.facts as Record<string, string | undefined>)
    .filter(({ worker, removed_at }) => removed_at === undefined && worker !== facts.author)
    .map(({ value }) => value);
  const [upvotes, downvotes, neutrals] = ["1", "-1", "0"].map(
    (side) => values.filter((value) => value === side).length,
  ) as [number, number, number];
  return { upvotes, downvotes, neutrals, score: upvotes - downvotes };
}
