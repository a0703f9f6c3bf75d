/** What one proposal says otherwise than another: its fork's parent, what it supersedes, or any that is named. */
import type { Ctx, Plan } from "../../core/operation.ts";
import { shortId } from "../../core/paths.ts";
import { refuse } from "../../core/refusal.ts";
import type { Snapshot } from "../../core/snapshot.ts";
import { renderEntries } from "../../core/yaml-write.ts";
import type { Proposal, ProposalDiffInput } from "../../generated/types.ts";
import { changedIn } from "./content.ts";
import { called, capital, readProposal } from "./find.ts";

export interface ProposalsCompared {
  from: string;
  to: string;
  /** Of title, body, repo and effect those that differ. */
  changed: string[];
  /** Both as text: title, repo, effect, and the body as it is written. */
  before: string;
  after: string;
}

export function planProposalDiff(
  snapshot: Snapshot,
  input: ProposalDiffInput,
  _ctx: Ctx,
): Plan<ProposalsCompared> {
  const file = readProposal(snapshot, input.id);
  if (!file.ok) return file;
  const { forked_from, supersedes } = file.proposal;
  const with_ = input.with ?? forked_from ?? supersedes;
  if (with_ === undefined)
    return refuse(
      "usage",
      `${capital(called(file.proposal))} was forked from none and supersedes none: say which other it is compared with.`,
      { hint: `owp proposal diff ${shortId(file.id)} <other>` },
    );
  const other = readProposal(snapshot, with_);
  if (!other.ok) return { ...other, data: { ...other.data, field: "with" } };
  return {
    ok: true,
    changes: [],
    result: {
      ...{ from: other.id, to: file.id, changed: changedIn(other.proposal, file.proposal) },
      ...{ before: textOf(other.proposal), after: textOf(file.proposal) },
    },
  };
}

function textOf({ title, repo, effect, body }: Proposal): string {
  const head = {
    title,
    ...(repo === undefined ? {} : { repo }),
    ...(effect === undefined ? {} : { effect }),
  };
  return `${renderEntries(head, 0)}\n${body}\n`;
}
