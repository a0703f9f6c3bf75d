/** Pull requests of accepted proposals: how one is found, what its votes say, and who may end it (FEATURES C56–C60). */
import { readDocs } from "../../core/docs.ts";
import type { Ctx } from "../../core/operation.ts";
import { pathOf, pullId, pullVoteId, shortId } from "../../core/paths.ts";
import { type Refusal, refuse } from "../../core/refusal.ts";
import type { Snapshot } from "../../core/snapshot.ts";
import type { PullRequest, PullVote, Repo } from "../../generated/types.ts";
import { mayWrite } from "../repos/roles.ts";
import { clip, FRAGMENT_MIN } from "../tasks/find.ts";
import type { Enlisted } from "../workers/acting.ts";
import { type ProposalFile, readProposal } from "./find.ts";
import { verifyMember } from "./members.ts";

export interface PullFile extends ProposalFile {
  pull: PullRequest;
  pullPath: string;
}

/** (suspends) The pull request that was typed, as its file says, with its proposal. */
export function readPull(snapshot: Snapshot, typed: { proposal: string; id: string }): PullFile | Refusal {
  const file = readProposal(snapshot, typed.proposal);
  if (!file.ok) return file;
  const text = typed.id.trim().toLowerCase();
  const ids = pullIds(snapshot, file.id);
  const ending = ids.filter((id) => id.endsWith(text));
  const fits = ending.length > 0 ? ending : ids.filter((id) => id.includes(text));
  const [found] = fits;
  const hint = `owp proposal pr list --proposal ${shortId(file.id)}`;
  if (text.length < FRAGMENT_MIN || fits.length > 1 || found === undefined) {
    const lead =
      text.length < FRAGMENT_MIN
        ? `"${text}" is too short for a part of an id: four characters or more`
        : fits.length > 1
          ? `${fits.length} pull requests have ${text} in their id`
          : `Proposal ${shortId(file.id)} has no pull request ${text}`;
    return refuse(found === undefined ? "pull_unknown" : "usage", `${lead}. Nothing was changed.`, {
      hint,
      data: { id: text, candidates: fits.slice(0, 20) },
    });
  }
  const pullPath = pathOf("PullRequest", pullId(file.id, found));
  const pull = snapshot.doc<PullRequest>(pullPath)?.value;
  if (pull) return { ...file, pull, pullPath };
  return refuse("record_invalid", `${pullPath} cannot be read. Nothing was changed.`, {
    hint: `mend the file, then owp validate ${pullPath}`,
    data: { path: pullPath },
  });
}

/** (suspends) The ids of a proposal's pull requests, the oldest first. */
export function pullIds(snapshot: Snapshot, proposal: string): string[] {
  const start = `${proposal}/prs/`;
  return snapshot
    .pointingTo(proposal)
    .filter((row) => row.startsWith(start) && !row.includes("/votes/"))
    .map((row) => row.slice(start.length))
    .sort();
}

/** `pull request k3f9 "Use Zod"`, for messages and subjects. */
export const calledPull = ({ id, title }: Pick<PullRequest, "id" | "title">): string =>
  `pull request ${shortId(id)} "${clip(title, 60)}"`;

/** Closed and merged are final (C60). */
export function verifyOpen(pull: PullRequest, doing: string): Refusal | undefined {
  if (pull.status === "open") return undefined;
  return refuse(
    "pull_state",
    `P${calledPull(pull).slice(1)} is ${pull.status}, and only an open one can be ${doing}. Nothing was changed.`,
    {
      hint: `owp proposal pr show ${shortId(pull.proposal)} ${shortId(pull.id)}`,
      data: { id: pull.id, status: pull.status },
    },
  );
}

export interface PullTally {
  upvotes: number;
  downvotes: number;
  neutrals: number;
  score: number;
}

/** A vote as it is listed. ignored: why it does not count. */
export interface PullBallot {
  worker: string;
  value: 1 | 0 | -1;
  comment?: string;
  at: string;
  ignored?: "not_member" | "own";
}

/** (suspends) The votes that stand on a pull request, by name. One's own counts for nothing, nor does a non-member's (C43, C53). */
export function pullBallots(snapshot: Snapshot, { proposal, id, author }: PullRequest): PullBallot[] {
  const start = `${proposal}/prs/${id}/votes/`;
  const paths = snapshot
    .pointingTo(proposal)
    .filter((row) => row.startsWith(start))
    .map((row) => pathOf("PullVote", pullVoteId(proposal, id, row.slice(start.length))));
  return [...readDocs<PullVote>(snapshot, paths).entries()].flatMap(([path, { value: vote }]) => {
    const { worker, value, comment, at, removed_at } = vote;
    const isPlaced = path === pathOf("PullVote", pullVoteId(vote.proposal, vote.pr, worker));
    if (!isPlaced || removed_at !== undefined || value === undefined) return [];
    const member = snapshot.workers.get(worker);
    const ignored =
      worker === author ? "own" : !member || member.status === "retired" ? "not_member" : undefined;
    return [
      { worker, value, ...(comment === undefined ? {} : { comment }), at, ...(ignored && { ignored }) },
    ];
  });
}

export function pullTally(ballots: readonly PullBallot[]): PullTally {
  const count = (side: number) =>
    ballots.filter(({ value, ignored }) => value === side && ignored === undefined).length;
  const [upvotes, downvotes, neutrals] = [count(1), count(-1), count(0)];
  return { upvotes, downvotes, neutrals, score: upvotes - downvotes };
}

export interface MergeReady {
  ok: true;
  file: PullFile;
  me: Enlisted;
  repo: Repo;
}

/** (suspends) What a merge asks for before any branch is moved: an open request, the role, the votes (C58, C59). */
export function mergeReady(
  snapshot: Snapshot,
  typed: { proposal: string; id: string },
  ctx: Ctx,
): MergeReady | Refusal {
  const file = readPull(snapshot, typed);
  if (!file.ok) return file;
  const { pull, proposal } = file;
  const ended = verifyOpen(pull, "merged");
  if (ended) return ended;
  const me = verifyMember(snapshot, ctx, "merge pull requests");
  if (!me.ok) return me;
  const repo = repoOf(snapshot, file);
  if ("code" in repo) return repo;
  if (!mayWrite(repo, me.worker))
    return refuse(
      "not_allowed",
      `Merging needs the role write or owner in repo ${repo.slug}, and you (${me.name}) have not got it. Nothing was changed.`,
      {
        hint: `owp object repo collaborators ${repo.slug}`,
        data: { repo: repo.slug, worker: me.name, proposal: proposal.id },
      },
    );
  const tally = pullTally(pullBallots(snapshot, pull));
  if (snapshot.rules.pull_votes === "majority" && tally.score <= 0)
    return refuse(
      "pull_votes",
      `P${calledPull(pull).slice(1)} has ${tally.upvotes} up and ${tally.downvotes} down, and governance.pull_requests.votes asks for a majority. Nothing was changed.`,
      {
        hint: `owp proposal pr vote ${shortId(pull.proposal)} ${shortId(pull.id)} up`,
        data: { ...tally, id: pull.id },
      },
    );
  return { ok: true, file, me, repo };
}

/** The repo that an accepted proposal is about. */
export function repoOf(snapshot: Snapshot, { proposal }: ProposalFile): Repo | Refusal {
  const repo = proposal.repo === undefined ? undefined : snapshot.repos.get(proposal.repo);
  if (repo) return repo;
  return refuse(
    "repo_unknown",
    `Proposal ${shortId(proposal.id)} is about ${proposal.repo === undefined ? "no repo" : `repo ${proposal.repo}, which is not there`}. Nothing was changed.`,
    { data: { proposal: proposal.id, repo: proposal.repo ?? null } },
  );
}
