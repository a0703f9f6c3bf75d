/**
 * A proposal's life: one table of statuses and acts, for plans, for validation and for docs/state-machines.md (FEATURES
 * C30–C33). By hand a proposal is only opened and withdrawn, by its author; all else the votes do.
 */
import type { Proposal } from "../../generated/types.ts";

export type ProposalStatus = Proposal["status"];

export const PROPOSAL_STATUSES = [
  "draft",
  "open",
  "accepted",
  "rejected",
  "withdrawn",
  "superseded",
] as const satisfies readonly ProposalStatus[];

export const PROPOSAL_ACTS = ["edit", "open", "withdraw", "vote", "accept", "reject", "supersede"] as const;
export type ProposalAct = (typeof PROPOSAL_ACTS)[number];

/** Who takes the step: the author by hand, a member with a vote, or the votes themselves. */
export type ProposalBy = "author" | "member" | "votes";

export interface ProposalStep {
  to: ProposalStatus;
  by: ProposalBy;
}

const step = (to: ProposalStatus, by: ProposalBy): ProposalStep => ({ to, by });

/** What is left out is refused. */
export const PROPOSAL_STEPS: Readonly<Record<ProposalStatus, Partial<Record<ProposalAct, ProposalStep>>>> = {
  draft: {
    edit: step("draft", "author"),
    open: step("open", "author"),
    withdraw: step("withdrawn", "author"),
  },
  open: {
    withdraw: step("withdrawn", "author"),
    vote: step("open", "member"),
    accept: step("accepted", "votes"),
    reject: step("rejected", "votes"),
  },
  accepted: { supersede: step("superseded", "votes") },
  rejected: {},
  withdrawn: {},
  superseded: {},
};

/** The statuses that may follow one in a single change; a new proposal begins as a draft. */
export const nextStatuses = (from: ProposalStatus): ProposalStatus[] => [
  ...new Set(
    Object.values(PROPOSAL_STEPS[from])
      .map(({ to }) => to)
      .filter((to) => to !== from),
  ),
];
