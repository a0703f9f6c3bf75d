/** A proposal as results show it. */
import { shortId } from "../../core/paths.ts";
import type { Rules } from "../../core/snapshot.ts";
import type { Proposal, Worker } from "../../generated/types.ts";
import type { Standing } from "./ballots.ts";
import { partsOf, ratioOf, ratioShown, ratioText, type Verdict } from "./consensus.ts";
import type { Decided } from "./decide.ts";
import type { ProposalStatus } from "./lifecycle.ts";

/** What every change of a proposal answers. */
export interface ProposalWritten {
  id: string;
  /** The last characters of the id, which people type. */
  short: string;
  title: string;
  status: ProposalStatus;
  author: Worker["name"];
  repo?: string;
  forked_from?: string;
  supersedes?: string;
  /** The fields that changed, of an edit. */
  changed?: string[];
  /** It was so before; nothing was published. */
  already?: true;
}

export function written(proposal: Proposal): ProposalWritten {
  const { id, title, status, author, repo, forked_from, supersedes } = proposal;
  return {
    ...{ id, short: shortId(id), title, status, author },
    ...(repo === undefined ? {} : { repo }),
    ...(forked_from === undefined ? {} : { forked_from }),
    ...(supersedes === undefined ? {} : { supersedes }),
  };
}

/** How the votes stand, and how far they are from a decision. */
export interface Tally {
  upvotes: number;
  downvotes: number;
  neutrals: number;
  score: number;
  /** P(p > 1/2) as a ratio in lowest terms: what is compared. */
  posterior: string;
  /** The same as a number of four digits, cut and not rounded; for show. */
  probability: string;
  /** The same in hundredths; for a bar. */
  percent: number;
  /** 0.95 for instance: accepted at that probability or more, rejected at what is left of one or less. */
  threshold: number;
  /** The threshold in hundredths, cut. */
  threshold_percent: number;
  min_votes: number;
  /** What the votes say, where nobody wrote it down yet. */
  verdict?: Verdict;
}

const HUNDRED = 100;

export function tallyOf({ posterior, ...standing }: Standing, { consensus }: Rules): Tally {
  const { threshold, min_votes } = consensus;
  const { upvotes, downvotes, neutrals, score, verdict } = standing;
  return {
    ...{ upvotes, downvotes, neutrals, score },
    ...{ posterior: ratioText(posterior), probability: ratioShown(posterior) },
    ...{ percent: partsOf(posterior, HUNDRED), threshold, min_votes },
    threshold_percent: partsOf(ratioOf(threshold), HUNDRED),
    ...(verdict && { verdict }),
  };
}

/** What a vote decided, as its result shows it. */
export interface Outcome {
  verdict: Verdict;
  decision: Decided["decision"];
  superseded?: string;
}

export const outcomeOf = ({ verdict, decision, superseded }: Decided): Outcome => ({
  ...{ verdict, decision },
  ...(superseded === undefined ? {} : { superseded }),
});
