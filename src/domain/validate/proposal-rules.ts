/** A proposal's life as history must show it: its author's until it is open, the votes' until it is decided, and then done (FEATURES C29–C53). */

import type { Kind } from "../../core/paths.ts";
import type { Proposal, PullRequest, Vote, Worker } from "../../generated/types.ts";
import { verdictOf } from "../governance/consensus.ts";
import { ANY, type CommitRule, OWN } from "./commit-rule.ts";
import type { CommitView, FileStep, Tree } from "./commit-view.ts";
import type { Found } from "./rule.ts";
import { proposalIn, valueAt } from "./vote-rules.ts";
import { isAccepted } from "./who.ts";

type Status = Proposal["status"];

/** What may follow in one commit. A new one begins as a draft. */
const STEPS: Readonly<Record<Status | "new", readonly Status[]>> = {
  new: ["draft"],
  draft: ["open", "withdrawn"],
  open: ["accepted", "rejected", "withdrawn"],
  accepted: ["superseded"],
  rejected: [],
  withdrawn: [],
  superseded: [],
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
    code: "proposal_homeless",
    severity: "error",
    kinds: ["Proposal"],
    on: OWN,
    why: "A proposal is opened with a repo that it is about (C31).",
    check: eachOf(["Proposal"], ({ before, after }) => {
      const [was, is] = [before, after] as (Proposal | undefined)[];
      if (is?.status !== "open" || was?.status === "open" || is.repo !== undefined) return undefined;
      return { keys: ["status"], message: "It was opened, and has no repo." };
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
      const { verdict, up, down } = tally(view, is);
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
    code: "effect_unasked",
    severity: "error",
    kinds: ["Proposal", "Policy", "DoctrineRef", "Task"],
    on: ["operation"],
    why: "A commit that accepts a proposal does what the proposal said, where the policy before it allows that kind of effect, and nothing else.",
    check: (view) => [...unasked(view)],
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

interface Tally {
  up: number;
  down: number;
  verdict: ReturnType<typeof verdictOf>;
}

/** The votes on a proposal after the commit, of those who were members then, by the policy before it. */
function tally({ after, rules }: CommitView, { id, author }: Proposal): Tally {
  const votes = after.all<Vote>("Vote", `proposals/${id}/votes`).flatMap(({ value }) => value ?? []);
  const counted = votes.filter(
    ({ worker, removed_at }) => worker !== author && removed_at === undefined && isMember(after, worker),
  );
  const [up, down] = [1, -1].map((side) => counted.filter(({ value }) => value === side).length) as [
    number,
    number,
  ];
  return { up, down, verdict: verdictOf(up, down, rules.consensus) };
}

function isMember(tree: Tree, name: string): boolean {
  const worker = valueAt<Worker>(tree, "Worker", name);
  return worker !== undefined && worker.status !== "retired";
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

/** Which kinds of file an effect writes. */
const EFFECT_KINDS: Readonly<Record<string, readonly Kind[]>> = {
  policy: ["Policy"],
  doctrine: ["DoctrineRef"],
  tasks: ["Task"],
};

function* unasked({ files, rules }: CommitView): Iterable<Found> {
  const accepted = files.filter((step) => step.kind === "Proposal" && isAccepted(step));
  if (accepted.length === 0) return;
  const asked = accepted.flatMap(({ after }) => Object.keys((after as Proposal).effect ?? {}));
  for (const { path, kind } of files) {
    const effect = Object.keys(EFFECT_KINDS).find((one) => EFFECT_KINDS[one]?.includes(kind));
    if (effect === undefined || (asked.includes(effect) && rules.effects.includes(effect))) continue;
    const why = asked.includes(effect)
      ? "the policy allows no such effect"
      : "the proposal says nothing of it";
    yield { path, message: `It was changed by the commit that accepts a proposal, and ${why}.` };
  }
}
