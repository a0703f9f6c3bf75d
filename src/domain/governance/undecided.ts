/** Votes that came by a merge may have decided before anyone wrote it down: then nothing goes before that (FEATURES C52). */
import { shortId } from "../../core/paths.ts";
import { type Refusal, refuse } from "../../core/refusal.ts";
import type { Snapshot } from "../../core/snapshot.ts";
import type { Proposal } from "../../generated/types.ts";
import { type Ballot, standingOf } from "./ballots.ts";
import { called, capital } from "./find.ts";

export function verifyUndecided(
  snapshot: Snapshot,
  proposal: Proposal,
  ballots: readonly Ballot[],
): Refusal | undefined {
  if (proposal.status !== "open") return undefined;
  const { verdict } = standingOf(ballots, snapshot.rules);
  if (!verdict) return undefined;
  return refuse(
    "proposal_state",
    `${capital(called(proposal))} is decided: its votes have it ${verdict}, which is only not written down yet. Nothing was changed.`,
    {
      hint: `owp sync writes it down; then owp proposal show ${shortId(proposal.id)}`,
      data: { id: proposal.id, verdict },
    },
  );
}
