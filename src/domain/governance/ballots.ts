/**
 * The votes on a proposal, and which of them count: those of members, not of its author, cast while it was open, with the
 * stamp that policy asks for (FEATURES C28, C43–C45, C53). The others are ignored, and shown with the reason. What counts
 * is a function of the record alone, so that every clone at a commit says the same.
 */
import { together } from "../../core/docs.ts";
import { pathOf, voteId } from "../../core/paths.ts";
import { difficultyOf, type PowAction, stampFault } from "../../core/pow.ts";
import type { Rules, Snapshot } from "../../core/snapshot.ts";
import { ms } from "../../core/time.ts";
import type { Proposal, Vote, Worker } from "../../generated/types.ts";
import { posterior, type Ratio, type Verdict, verdictOf } from "./consensus.ts";

/** Why a vote is ignored; a closed vocabulary, for programs. */
export type IgnoredBecause =
  | "unreadable"
  | "misplaced"
  | "own_proposal"
  | "not_a_member"
  | "not_yet_open"
  | "after_the_close"
  | "bad_stamp";

export interface Ballot {
  worker: string;
  /** Undefined: removed, or unreadable. */
  value?: 1 | 0 | -1;
  comment?: string;
  at?: string;
  removed_at?: string;
  /** Left out: it counts. */
  ignored?: IgnoredBecause;
  /** The reason as a sentence. */
  why?: string;
}

/** What a vote's file says, judged; undefined: it counts. worker: the record of whoever voted, as it stands now. */
export function voteFault(
  proposal: Proposal,
  vote: Vote,
  worker: Worker | undefined,
  rules: Rules,
): { ignored: IgnoredBecause; why: string } | undefined {
  const fault = (ignored: IgnoredBecause, why: string) => ({ ignored, why });
  const changed = vote.removed_at ?? vote.at;
  if (vote.worker === proposal.author) return fault("own_proposal", "its author does not vote on it");
  if (!wasMember(worker, ms(vote.at), rules))
    return fault("not_a_member", `${vote.worker} was no member when it was cast`);
  if (proposal.opened_at && ms(changed) + rules.max_skew_ms < ms(proposal.opened_at))
    return fault("not_yet_open", "it was cast before the proposal was opened");
  if (proposal.decided_at && ms(changed) > ms(proposal.decided_at))
    return fault("after_the_close", `the proposal was ${proposal.status} by then`);
  const stamp = voteStampFault(vote, rules);
  return stamp === undefined ? undefined : fault("bad_stamp", stamp);
}

/** Registered by then, and not retired before: a member who retires later voted all the same (C53). */
function wasMember(worker: Worker | undefined, at: number, { max_skew_ms }: Rules): boolean {
  if (!worker || ms(worker.created_at) > at + max_skew_ms) return false;
  return worker.status !== "retired" || (worker.updated_at !== undefined && at <= ms(worker.updated_at));
}

/** What is wrong with the stamp of a vote by itself. Whether it is fresh and used once, history alone can tell. */
export function voteStampFault(vote: Vote, rules: Rules): string | undefined {
  const action: PowAction = vote.removed_at === undefined ? "vote.cast" : "vote.remove";
  if (difficultyOf(rules, action) === 0) return undefined;
  const { pow, ...content } = vote;
  return stampFault({ actor: vote.worker, action, target: vote.proposal, content }, pow, rules, action);
}

const IN_VOTES = "/votes/";

/** The members who have a vote's file on a proposal, readable or not. (suspends) */
export function votersOf(snapshot: Snapshot, id: string): string[] {
  const folder = `${id}${IN_VOTES}`;
  return snapshot.pointingTo(id).flatMap((row) => (row.startsWith(folder) ? [row.slice(folder.length)] : []));
}

/** (suspends) Every vote on a proposal, by name. next: a vote as it will stand. */
export function ballotsOf(snapshot: Snapshot, proposal: Proposal, next?: Vote): Ballot[] {
  const names = new Set(votersOf(snapshot, proposal.id));
  if (next) names.add(next.worker);
  const sorted = [...names].sort();
  return together(sorted, (name) => ballotOf(snapshot, proposal, name, next));
}

function ballotOf(snapshot: Snapshot, proposal: Proposal, name: string, next: Vote | undefined): Ballot {
  const path = pathOf("Vote", voteId(proposal.id, name));
  const vote = next?.worker === name ? next : snapshot.doc<Vote>(path)?.value;
  if (!vote)
    return {
      worker: name,
      ignored: "unreadable",
      why: snapshot.problems.get(path)?.message ?? "its file cannot be read",
    };
  const { value, comment, at, removed_at } = vote;
  const ballot: Ballot = { worker: name, at };
  if (removed_at === undefined && value !== undefined) ballot.value = value;
  if (comment !== undefined && removed_at === undefined) ballot.comment = comment;
  if (removed_at !== undefined) ballot.removed_at = removed_at;
  if (vote.worker !== name || vote.proposal !== proposal.id)
    return { ...ballot, ignored: "misplaced", why: "it says another member or proposal than its path" };
  return { ...ballot, ...voteFault(proposal, vote, snapshot.workers.get(name), snapshot.rules) };
}

export interface Count {
  upvotes: number;
  downvotes: number;
  neutrals: number;
  /** upvotes - downvotes (C48). */
  score: number;
}

export interface Standing extends Count {
  /** P(p > 1/2), exact. */
  posterior: Ratio;
  /** What the votes say; undefined: nothing yet. */
  verdict?: Verdict;
}

export function countOf(ballots: readonly Ballot[]): Count {
  const counted = ballots.filter(({ ignored }) => ignored === undefined);
  const [upvotes, downvotes, neutrals] = [1, -1, 0].map(
    (side) => counted.filter(({ value }) => value === side).length,
  ) as [number, number, number];
  return { upvotes, downvotes, neutrals, score: upvotes - downvotes };
}

/** How a proposal stands by these votes, under the policy's consensus. */
export function standingOf(ballots: readonly Ballot[], { consensus }: Rules): Standing {
  const count = countOf(ballots);
  const { upvotes, downvotes } = count;
  const verdict = verdictOf(upvotes, downvotes, consensus);
  return {
    ...count,
    posterior: posterior(upvotes, downvotes, consensus.prior),
    ...(verdict && { verdict }),
  };
}
