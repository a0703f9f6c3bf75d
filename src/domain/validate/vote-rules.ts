/** Votes and reactions as history must show them: of members, while there is something to decide, in their own time (FEATURES C42–C57). */
import { pathOf } from "../../core/paths.ts";
import { iso, ms } from "../../core/time.ts";
import type { Proposal, PullRequest, PullVote, Reaction, Vote, Worker } from "../../generated/types.ts";
import { ANY, type CommitRule, OWN } from "./commit-rule.ts";
import type { CommitView, FileStep, Tree } from "./commit-view.ts";
import type { Found } from "./rule.ts";

type Cast = Vote | Reaction | PullVote;
const CASTS: readonly FileStep["kind"][] = ["Vote", "Reaction", "PullVote"];

export const VOTE_RULES: readonly CommitRule[] = [
  {
    code: "vote_closed",
    severity: "error",
    kinds: ["Vote", "Reaction", "PullVote", "Proposal", "PullRequest"],
    on: OWN,
    why: "Votes and reactions are cast, changed and removed while it is open what they are about (C45).",
    check: eachCast((cast, _step, { before }) => {
      const [name, status] =
        cast.kind === "PullVote"
          ? [cast.pr, valueAt<PullRequest>(before, "PullRequest", `${cast.proposal}/${cast.pr}`)?.status]
          : [cast.proposal, proposalIn(before, cast.proposal)?.status];
      return status === "open" ? undefined : `${name} was ${status ?? "not there"} when this was cast.`;
    }),
  },
  {
    code: "vote_own_proposal",
    severity: "error",
    kinds: ["Vote", "Proposal"],
    on: OWN,
    why: "Nobody votes on their own proposal (C43).",
    check: eachCast(({ kind, proposal, worker }, _step, { before }) =>
      kind === "Vote" && proposalIn(before, proposal)?.author === worker
        ? `${worker} proposed it, and votes on it.`
        : undefined,
    ),
  },
  {
    code: "vote_not_member",
    severity: "error",
    kinds: ["Vote", "Reaction", "PullVote", "Worker"],
    on: OWN,
    why: "Only members vote and react (C53): whoever is registered then and has not retired.",
    check: eachCast(({ worker }, _step, { after }) => {
      const member = valueAt<Worker>(after, "Worker", worker);
      if (member && member.status !== "retired") return undefined;
      return `${worker} ${member ? "has retired" : "is no member"}.`;
    }),
  },
  {
    code: "vote_time",
    severity: "error",
    kinds: ["Vote", "Reaction", "PullVote"],
    on: ANY,
    why: "A vote says when it was changed last, and its commit is of that time; one that goes back was taken from an older copy.",
    check: eachCast((cast, { before }, { commit, rules, mode }) => {
      const at = timeOf(cast);
      const was = before ? timeOf(before as Cast) : undefined;
      if (was !== undefined && at < was) return `It is of ${iso(at)}, and was of ${iso(was)} before.`;
      // Work takes its time: the vote is of the moment at which it began.
      const slack = rules.max_skew_ms + (rules.pow.required ? rules.pow.ttl_ms : 0);
      if (mode === "merge" || Math.abs(commit.at_ms - at) <= slack) return undefined;
      return `It says ${iso(at)}, and its commit is of ${iso(commit.at_ms)}.`;
    }),
  },
  {
    code: "reaction_baseless",
    severity: "error",
    kinds: ["Reaction", "Vote"],
    on: OWN,
    why: "When a reaction is made there is a comment to react to, on a vote that stands (C55).",
    check: eachCast((cast, _step, { before }) => {
      if (cast.kind !== "Reaction" || cast.removed_at !== undefined) return undefined;
      const { proposal, voter } = cast;
      const vote = valueAt<Vote>(before, "Vote", `${proposal}/${voter}`);
      return vote?.comment && vote.removed_at === undefined
        ? undefined
        : `${voter} has no comment on ${proposal} to react to.`;
    }),
  },
];

/** A check that looks at one vote or reaction at a time, as it stands after the commit that changes it. */
function eachCast(
  judge: (cast: Cast, step: FileStep, view: CommitView) => string | undefined,
): CommitRule["check"] {
  return function* (view): Iterable<Found> {
    for (const step of view.files) {
      if (!CASTS.includes(step.kind) || !step.after) continue;
      const message = judge(step.after as Cast, step, view);
      if (message !== undefined) yield { path: step.path, message };
    }
  };
}

export const valueAt = <Value>(tree: Tree, kind: FileStep["kind"], id: string): Value | undefined =>
  tree.file(pathOf(kind, id)).value as Value | undefined;

export const proposalIn = (tree: Tree, id: string): Proposal | undefined =>
  valueAt<Proposal>(tree, "Proposal", id);

const timeOf = ({ at, removed_at }: Cast): number => Math.max(ms(at), removed_at ? ms(removed_at) : 0);
