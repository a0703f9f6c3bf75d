/** Pull requests as they are listed, and one of them with its votes (FEATURES C57). */
import type { Ctx, Plan } from "../../core/operation.ts";
import { shortId } from "../../core/paths.ts";
import type { Snapshot } from "../../core/snapshot.ts";
import type { ProposalPrListInput, ProposalPrShowInput, PullRequest } from "../../generated/types.ts";
import { readProposal } from "./find.ts";
import { type PullBallot, type PullTally, pullBallots, pullTally, readPull } from "./pulls.ts";

export interface ListedPull {
  id: string;
  short: string;
  proposal: string;
  title: string;
  /** unreadable: the file is broken. */
  status: PullRequest["status"] | "unreadable";
  author?: string;
  source_branch?: string;
  target_branch?: string;
  created_at: string;
}

export interface PullsListed {
  pulls: ListedPull[];
  /** How many match; pulls holds those from offset on, at most limit. */
  total: number;
  offset: number;
}

export interface PullShown {
  pull: PullRequest;
  short: string;
  path: string;
  repo?: string;
  tally: PullTally;
  votes: PullBallot[];
  /** What a merge asks of the votes, by policy. */
  gate: "none" | "majority";
}

const DEFAULT_LIMIT = 25;

/** The newest first. */
export function planPullList(
  snapshot: Snapshot,
  { proposal: typed, status, limit = DEFAULT_LIMIT, offset = 0 }: ProposalPrListInput,
  _ctx: Ctx,
): Plan<PullsListed> {
  const file = typed === undefined ? undefined : readProposal(snapshot, typed);
  if (file && !file.ok) return file;
  const fits = [...snapshot.objects("PullRequest")]
    .map((row): ListedPull => {
      const [proposal = "", , id = ""] = row.id.split("/");
      const facts = row.facts as Record<string, string | undefined>;
      return {
        ...{ id, short: shortId(id), proposal, title: row.title, created_at: row.created_at },
        status: row.broken ? "unreadable" : (facts.status as PullRequest["status"]),
        ...(facts.author !== undefined && { author: facts.author }),
        ...(facts.source !== undefined && { source_branch: facts.source }),
        ...(facts.target !== undefined && { target_branch: facts.target }),
      };
    })
    .filter((pull) => (!file || pull.proposal === file.id) && (!status || pull.status === status))
    .sort((a, b) =>
      a.created_at === b.created_at ? (a.id < b.id ? 1 : -1) : a.created_at < b.created_at ? 1 : -1,
    );
  return {
    ok: true,
    changes: [],
    result: { pulls: fits.slice(offset, offset + limit), total: fits.length, offset },
  };
}

export function planPullShow(snapshot: Snapshot, input: ProposalPrShowInput, _ctx: Ctx): Plan<PullShown> {
  const file = readPull(snapshot, input);
  if (!file.ok) return file;
  const votes = pullBallots(snapshot, file.pull);
  return {
    ok: true,
    changes: [],
    result: {
      ...{ pull: file.pull, short: shortId(file.pull.id), path: file.pullPath },
      ...(file.proposal.repo !== undefined && { repo: file.proposal.repo }),
      ...{ tally: pullTally(votes), votes, gate: snapshot.rules.pull_votes },
    },
  };
}
