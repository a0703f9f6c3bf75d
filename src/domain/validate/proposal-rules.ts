/** A proposal's life as history must show it: its author's until it is open, the votes' until it is decided, and then done (FEATURES C29–C53). */

import { type Kind, voteId } from "../../core/paths.ts";
import type { Proposal, PullRequest, Vote, Worker } from "../../generated/types.ts";
import { type Ballot, standingOf, voteFault } from "../governance/ballots.ts";
import { nextStatuses, PROPOSAL_STATUSES } from "../governance/lifecycle.ts";
import { ANY, type CommitRule, OWN } from "./commit-rule.ts";
import type { CommitView, FileStep } from "./commit-view.ts";
import type { Found } from "./rule.ts";
import { proposalIn, valueAt } from "./vote-rules.ts";
import { isAccepted } from "./who.ts";

/** What may follow in one commit. A new proposal begins as a draft. */
const STEPS: Readonly<Record<string, readonly string[]>> = {
  new: ["draft"],
  ...Object.fromEntries(PROPOSAL_STATUSES.map((status) => [status, nextStatuses(status)])),
};
const PULL_STEPS: Readonly<Record<PullRequest["status"] | "new", readonly PullRequest["status"][]>> = {
  new: ["open"],
  open: ["closed", "merged"],
  closed: [],
  merged: [],
};
/** What an author may change, and only in a draft. */
const TEXT = ["title", "body", "repo", "effect"] as const;

export const PROPOSAL_RULES: readonly CommitRule[] = [
  {
    code: "proposal_step",
    severity: "error",
    kinds: ["Proposal", "PullRequest"],
    on: ANY,
    why: "The life of a proposal, and of a pull request, is a table of steps (C32, C60); what was decided stays so.",
    check: eachOf(["Proposal", "PullRequest"], ({ kind, before, after }, { mode }) => {
      const [from, to] = [before, after].map((one) => (one as Proposal | undefined)?.status ?? "new");
      const table = (kind === "Proposal" ? STEPS : PULL_STEPS) as Record<string, readonly string[]>;
      const next = mode === "merge" ? reachable(table, from as string) : (table[from as string] ?? []);
      if (from === to || next.includes(to as string)) return undefined;
      return { keys: ["status"], message: `It went from ${from} to ${to}.` };
    }),
  },
  {
    code: "proposal_rewritten",
    severity: "error",
    kinds: ["Proposal"],
    on: OWN,
    why: "A proposal is edited in draft only (C34): what is voted on is what was read.",
    check: eachOf(["Proposal"], ({ before, after }) => {
      const [was, is] = [before, after] as (Proposal | undefined)[];
      if (!was || !is || was.status === "draft") return undefined;
      const field = TEXT.find((one) => JSON.stringify(was[one]) !== JSON.stringify(is[one]));
      return field && { keys: [field], message: `Its ${field} was changed while it was ${was.status}.` };
    }),
  },
  {
    code: "verdict_forged",
    severity: "error",
    kinds: ["Proposal", "Vote"],
    on: OWN,
    why: "A proposal is accepted or rejected when the votes at that commit say so, by the policy before it, and not otherwise (C49–C53).",
    check: eachOf(["Proposal"], (step, view) => {
      const [was, is] = [step.before, step.after] as (Proposal | undefined)[];
      if (was?.status !== "open" || (is?.status !== "accepted" && is?.status !== "rejected"))
        return undefined;
      const { verdict, up, down } = tally(view, was);
      if (verdict === is.status) return undefined;
      const say = verdict ?? "nothing yet";
      return {
        keys: ["status"],
        message: `It was ${is.status}, and ${up} for and ${down} against say ${say}.`,
      };
    }),
  },
  {
    code: "verdict_missing",
    severity: "error",
    kinds: ["Vote", "Proposal"],
    on: ["operation"],
    why: "The vote that decides carries the decision in its own commit, so that it is made once and at the same place everywhere (C52).",
    check: (view) => [...undecided(view)],
  },
  {
    code: "supersede_forged",
    severity: "error",
    kinds: ["Proposal"],
    on: OWN,
    why: "An accepted proposal is superseded by the commit that accepts its successor, and by no other (C38, C39).",
    check: (view) => [...superseded(view)],
  },
  {
    code: "pull_unaccepted",
    severity: "error",
    kinds: ["PullRequest", "Proposal"],
    on: OWN,
    why: "Pull requests carry out accepted proposals (C56).",
    check: eachOf(["PullRequest"], ({ was, after }, { before }) => {
      const { proposal } = after as PullRequest;
      const status = was ? "accepted" : proposalIn(before, proposal)?.status;
      if (status === "accepted") return undefined;
      return { keys: ["proposal"], message: `${proposal} was ${status ?? "not there"}.` };
    }),
  },
  {
    code: "pull_not_writer",
    severity: "error",
    kinds: ["PullRequest", "Repo"],
    on: OWN,
    why: "Who may write to the repo merges a pull request, or a maintainer (C58).",
    check: eachOf(["PullRequest"], ({ before, after }, { byMaintainer, actor, before: record }) => {
      const { status, proposal } = after as PullRequest;
      if (status !== "merged" || (before as PullRequest | undefined)?.status === "merged") return undefined;
      if (actor === undefined || byMaintainer) return undefined;
      const slug = proposalIn(record, proposal)?.repo;
      const role =
        slug &&
        valueAt<{ collaborators?: Record<string, string> }>(record, "Repo", slug)?.collaborators?.[actor];
      if (role === "owner" || role === "write") return undefined;
      return { keys: ["status"], message: `${actor} merged it, and may not write to ${slug ?? "its repo"}.` };
    }),
  },
];

/** A check of one file at a time, as it stands after the commit that changes it. */
function eachOf(
  kinds: readonly Kind[],
  judge: (step: FileStep, view: CommitView) => Found | undefined,
): CommitRule["check"] {
  return function* (view): Iterable<Found> {
    for (const step of view.files) {
      const found = step.after && kinds.includes(step.kind) ? judge(step, view) : undefined;
      if (found) yield { path: step.path, ...found };
    }
  };
}

/** A merge makes at once what its side made in several commits. */
function reachable(table: Readonly<Record<string, readonly string[]>>, from: string): string[] {
  const found = new Set<string>([from]);
  for (const one of found) for (const next of table[one] ?? []) found.add(next);
  return [...found];
}

/** The votes on an open proposal after the commit, judged as a vote's plan does it: by the members and the policy before. */
function tally({ before, after, rules }: CommitView, proposal: Proposal) {
  const ballots = after.all<Vote>("Vote", `proposals/${proposal.id}/votes`).map(({ id, value }): Ballot => {
    const worker = id.slice(id.indexOf("/") + 1);
    if (!value || voteId(value.proposal, value.worker) !== id)
      return { worker, ignored: "misplaced", why: "it cannot be read, or says another than its path" };
    const { value: side, removed_at } = value;
    return {
      worker,
      ...(removed_at === undefined && side !== undefined && { value: side }),
      ...voteFault(proposal, value, valueAt<Worker>(before, "Worker", worker), rules),
    };
  });
  const { upvotes, downvotes, verdict } = standingOf(ballots, rules);
  return { up: upvotes, down: downvotes, verdict };
}

function* undecided(view: CommitView): Iterable<Found> {
  const about = new Set(
    view.files.flatMap(({ kind, after }) => (kind === "Vote" && after ? [(after as Vote).proposal] : [])),
  );
  for (const id of about) {
    const proposal = proposalIn(view.after, id);
    if (proposal?.status !== "open") continue;
    const { verdict, up, down } = tally(view, proposal);
    const path = view.files.find(
      ({ kind, after }) => kind === "Vote" && (after as Vote)?.proposal === id,
    )?.path;
    if (verdict)
      yield {
        ...(path === undefined ? {} : { path }),
        message: `${up} for and ${down} against decide (${verdict}), and the proposal stays open.`,
      };
  }
}

function* superseded(view: CommitView): Iterable<Found> {
  for (const step of view.files) {
    if (step.kind !== "Proposal" || !step.after) continue;
    const [was, is] = [step.before, step.after] as [Proposal | undefined, Proposal];
    const found = (message: string): Found => ({ path: step.path, keys: ["supersedes"], message });
    if (is.status === "superseded" && was?.status === "accepted") {
      const next =
        is.superseded_by && view.files.find(({ kind, id }) => kind === "Proposal" && id === is.superseded_by);
      const isSo = next && isAccepted(next) && (next.after as Proposal).supersedes === is.id;
      if (!isSo)
        yield {
          ...found("It was superseded, and its successor was not accepted with it."),
          keys: ["status"],
        };
    }
    if (is.supersedes === undefined) continue;
    const opened = is.status === "open" && was?.status !== "open";
    const old = proposalIn(view.before, is.supersedes);
    if (opened && old?.status !== "accepted")
      yield found(
        `${is.supersedes} was ${old?.status ?? "not there"}, and only an accepted proposal is superseded.`,
      );
    if (was?.status !== "draft" && was?.supersedes !== is.supersedes)
      yield found(`What it supersedes was changed while it was ${was?.status ?? "new"}.`);
    const left = isAccepted(step) && proposalIn(view.after, is.supersedes)?.status;
    if (left && left !== "superseded") yield found(`It was accepted, and ${is.supersedes} is still ${left}.`);
  }
}
