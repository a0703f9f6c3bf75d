/** What must hold of proposals, votes and reactions inside a file and across the record (FEATURES C30–C55); what history must show stands elsewhere. */
import { proposalOf } from "../../core/ballot-rows.ts";
import type { ObjectRow } from "../../core/object-rows.ts";
import { pathOf, pullId, pullVoteId, reactionId, voteId } from "../../core/paths.ts";
import type { Proposal, PullRequest, PullVote, Reaction, Vote } from "../../generated/types.ts";
import { about, type FileRule } from "./file-rule.ts";
import type { RecordView } from "./record-view.ts";
import type { Found, Rule } from "./rule.ts";

/** What a proposal has once it stands there. */
const HAS: Readonly<Record<Proposal["status"], readonly (keyof Proposal)[]>> = {
  draft: [],
  open: ["repo", "opened_at"],
  accepted: ["repo", "opened_at", "decided_at", "decision"],
  rejected: ["repo", "opened_at", "decided_at", "decision"],
  withdrawn: ["decided_at"],
  superseded: ["superseded_by"],
};
const UNDECIDED: ReadonlySet<Proposal["status"]> = new Set(["draft", "open"]);

export const GOVERNANCE_FILE_RULES: readonly FileRule[] = [
  {
    code: "governance_place",
    severity: "error",
    why: "Where a vote lies says whose it is and on what, so that a member has one (C44); a file that says otherwise does not count.",
    ...about("Vote", ({ proposal, worker }, { id, path }) => placed(voteId(proposal, worker), id, path)),
  },
  {
    code: "reaction_place",
    severity: "error",
    why: "Where a reaction lies says whose it is and to whose comment, so that a member has one (C54).",
    ...about("Reaction", ({ proposal, voter, worker }, { id, path }) =>
      placed(reactionId(proposal, voter, worker), id, path),
    ),
  },
  {
    code: "vote_form",
    severity: "error",
    why: "A vote has a value, or says when it was removed: never both, and never neither (C42, C46).",
    ...about("Vote", form),
  },
  {
    code: "reaction_form",
    severity: "error",
    why: "A reaction has a value, or says when it was removed; nobody reacts to their own comment (C54).",
    ...about("Reaction", (reaction) =>
      reaction.voter === reaction.worker
        ? { keys: ["worker"], message: `${reaction.worker} reacts to a comment of its own.` }
        : form(reaction),
    ),
  },
  {
    code: "proposal_form",
    severity: "error",
    why: "What a proposal says of itself fits its status (C30, C31): an open one has a repo, a decided one says by which votes.",
    ...about("Proposal", proposalForm),
  },
  {
    code: "pull_place",
    severity: "error",
    why: "Where a pull request lies says which proposal it is of (C56).",
    ...about("PullRequest", ({ proposal, id: pull }, { id, path }) =>
      placed(pullId(proposal, pull), id, path),
    ),
  },
  {
    code: "pull_form",
    severity: "error",
    why: "What a pull request says of itself fits its status (C60): a merged one names its commit, an open one no end.",
    ...about("PullRequest", pullForm),
  },
  {
    code: "pull_vote_place",
    severity: "error",
    why: "Where a vote on a pull request lies says whose it is and on what, so that a member has one (C57).",
    ...about("PullVote", ({ proposal, pr, worker }, { id, path }) =>
      placed(pullVoteId(proposal, pr, worker), id, path),
    ),
  },
  {
    code: "pull_vote_form",
    severity: "error",
    why: "A vote has a value, or says when it was removed: never both, and never neither (C57).",
    ...about("PullVote", form),
  },
];

/** What a pull request has once it stands there, and what it has not. */
function* pullForm(pull: PullRequest): Iterable<Found> {
  const { status, closed_at, merged_as, source_branch, target_branch } = pull;
  if (source_branch === target_branch)
    yield { keys: ["source_branch"], message: "It merges a branch into itself." };
  if ((status === "open") !== (closed_at === undefined))
    yield {
      keys: ["closed_at"],
      message: `It is ${status}, and ${closed_at ? "says when it ended" : "does not say when it ended"}.`,
    };
  if ((status === "merged") !== (merged_as !== undefined))
    yield {
      keys: ["merged_as"],
      message: `It is ${status}, and ${merged_as ? "names" : "does not name"} the commit that it was merged as.`,
    };
}

const placed = (said: string, id: string, path: string): Found | undefined =>
  said === id
    ? undefined
    : { keys: ["worker"], message: `What it says belongs at another path than ${path}.` };

function form({ value, removed_at }: Vote | Reaction | PullVote): Found | undefined {
  if ((value === undefined) !== (removed_at === undefined)) return undefined;
  if (value === undefined) return { message: "It has no value, and does not say that it was removed." };
  return { keys: ["removed_at"], message: "It was removed, and has a value all the same." };
}

function* proposalForm(proposal: Proposal): Iterable<Found> {
  const { id, status } = proposal;
  const missing = HAS[status].find((field) => proposal[field] === undefined);
  if (missing) yield { keys: ["status"], message: `It is ${status}, and has no ${missing}.` };
  if (UNDECIDED.has(status) && proposal.decided_at !== undefined)
    yield { keys: ["decided_at"], message: `It is ${status}, and says when it was decided.` };
  for (const field of ["supersedes", "superseded_by", "forked_from"] as const)
    if (proposal[field] === id) yield { keys: [field], message: `${field} names the proposal itself.` };
}

export const GOVERNANCE_RECORD_RULES: readonly Rule<RecordView>[] = [
  {
    code: "proposal_reference",
    severity: "error",
    kinds: ["Proposal", "Repo"],
    why: "What a proposal names is there: its author, its repo, and the proposals that it came from or takes the place of.",
    check: (record) => eachRow(record, "Proposal", proposalReferences),
  },
  {
    code: "vote_stray",
    severity: "error",
    kinds: ["Vote", "Reaction", "PullRequest", "PullVote", "Proposal"],
    why: "A vote is on a proposal; one whose proposal is not there decides nothing.",
    check: strays,
  },
  {
    code: "vote_ignored",
    severity: "warning",
    kinds: ["Vote", "Worker", "Proposal"],
    why: "Votes of non-members and of the author came by hand or by a merge, and do not count (C43, C53); owp vote list says why.",
    check: (record) => eachRow(record, "Vote", ignoredVotes),
  },
  {
    code: "pull_references",
    severity: "error",
    kinds: ["PullRequest", "PullVote", "Worker"],
    why: "A pull request has a member as its author, and a vote on one has the pull request.",
    check: pullReferences,
  },
  {
    code: "reaction_unfounded",
    severity: "warning",
    kinds: ["Reaction", "Vote"],
    why: "A reaction is to a comment (C55); where the comment is gone, it says nothing any more.",
    check: (record) => eachRow(record, "Reaction", unfounded),
  },
  {
    code: "superseded_unfounded",
    severity: "error",
    kinds: ["Proposal"],
    why: "A proposal is superseded by an accepted one that says so (C38), and only then stops to hold.",
    check: (record) => eachRow(record, "Proposal", successions),
  },
];

type Facts = Record<string, string | undefined>;
const factsOf = (row: ObjectRow): Facts => row.facts as Facts;

function* eachRow(
  record: RecordView,
  kind: ObjectRow["kind"],
  judge: (row: ObjectRow, record: RecordView) => Iterable<Found>,
): Iterable<Found> {
  for (const row of record.ballots.values()) if (row.kind === kind) yield* judge(row, record);
}

function* proposalReferences(row: ObjectRow, { exists }: RecordView): Iterable<Found> {
  const { author, repo } = factsOf(row);
  const path = pathOf("Proposal", row.id);
  if (author && !exists("Worker", author))
    yield { path, keys: ["author"], message: `Its author ${author} is no member.` };
  if (repo && !exists("Repo", repo)) yield { path, keys: ["repo"], message: `There is no repo ${repo}.` };
  for (const [field, id] of row.links)
    if (!exists("Proposal", id))
      yield { path, keys: [field], message: `${field} names ${id}, which does not exist.` };
}

function* strays({ ballots, exists }: RecordView): Iterable<Found> {
  for (const row of ballots.values()) {
    if (row.kind === "Proposal" || row.kind === "Invite" || exists("Proposal", proposalOf(row.id))) continue;
    yield { path: pathOfBallot(row), message: `There is no proposal ${proposalOf(row.id)}.` };
  }
}

function* pullReferences({ ballots, exists }: RecordView): Iterable<Found> {
  for (const row of ballots.values()) {
    const path = pathOfBallot(row);
    const { author, pr } = factsOf(row);
    if (row.kind === "PullRequest" && author && !exists("Worker", author))
      yield { path, keys: ["author"], message: `Its author ${author} is no member.` };
    if (row.kind === "PullVote" && pr && !exists("PullRequest", pullId(proposalOf(row.id), pr)))
      yield { path, keys: ["pr"], message: `There is no pull request ${pr}.` };
  }
}

/** A pull request is a folder with its votes in it. */
const pathOfBallot = (row: ObjectRow): string =>
  row.kind === "PullRequest" ? `proposals/${row.id}/pr.yaml` : pathOfRow(row);

function* ignoredVotes(row: ObjectRow, { ballots, exists }: RecordView): Iterable<Found> {
  const { worker = "", removed_at } = factsOf(row);
  const proposal = ballots.get(proposalOf(row.id));
  if (removed_at !== undefined || !proposal) return;
  const why =
    factsOf(proposal).author === worker
      ? `${worker} is the author, and has no vote.`
      : exists("Worker", worker)
        ? undefined
        : `${worker} is no member.`;
  if (why) yield { path: pathOfRow(row), keys: ["worker"], message: `It does not count: ${why}` };
}

function* unfounded(row: ObjectRow, { ballots }: RecordView): Iterable<Found> {
  const { voter = "", removed_at } = factsOf(row);
  if (removed_at !== undefined || !ballots.has(proposalOf(row.id))) return;
  const vote = ballots.get(`${proposalOf(row.id)}/votes/${voter}`);
  if (vote && factsOf(vote).comment && factsOf(vote).removed_at === undefined) return;
  yield { path: pathOfRow(row), keys: ["voter"], message: `${voter} has no comment there.` };
}

function* successions(row: ObjectRow, { ballots }: RecordView): Iterable<Found> {
  const { superseded_by } = factsOf(row);
  if (superseded_by === undefined) return;
  const next = ballots.get(superseded_by);
  if (!next) return;
  const facts = factsOf(next);
  const isSo = facts.supersedes === row.id && ["accepted", "superseded"].includes(facts.status ?? "");
  if (isSo) return;
  const message = `${superseded_by} does not supersede it, or is ${facts.status}.`;
  yield { path: pathOf("Proposal", row.id), keys: ["superseded_by"], message };
}

/** Where a vote or a reaction lies: its row's id is its path. */
const pathOfRow = ({ id }: ObjectRow): string => `proposals/${id}.yaml`;
