/** The statuses of proposals, for docs/state-machines.md: from the table that plans and validate read. */
import {
  PROPOSAL_ACTS,
  PROPOSAL_STATUSES,
  PROPOSAL_STEPS,
  type ProposalBy,
  type ProposalStatus,
} from "../../src/domain/governance/lifecycle.ts";
import { cell, code, table } from "./markdown.ts";

export function proposalTable(): string {
  const rows = PROPOSAL_STATUSES.map((from) => [
    code(from),
    ...PROPOSAL_ACTS.map((act) => {
      const step = PROPOSAL_STEPS[from][act];
      return step ? `**${step.to}**<br>${BY[step.by]}` : "";
    }),
    cell(MEANS[from]),
  ]);
  return table(["", ...PROPOSAL_ACTS.map(code), "what it means"], rows);
}

const BY: Record<ProposalBy, string> = {
  author: "its author",
  member: "any other member",
  votes: "the votes",
};

const MEANS: Record<ProposalStatus, string> = {
  draft: "its author still writes it",
  open: "members vote on it; its text stays as it is",
  accepted: "the votes reached the threshold: it holds, whatever becomes of them",
  rejected: "the votes against it reached the threshold",
  withdrawn: "its author took it back",
  superseded: "it held until another that takes its place was accepted",
};
