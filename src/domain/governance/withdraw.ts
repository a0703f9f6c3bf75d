/** The author takes a proposal back, while nothing is decided (FEATURES C32, C33). */
import type { Ctx, Plan } from "../../core/operation.ts";
import type { Snapshot } from "../../core/snapshot.ts";
import { iso } from "../../core/time.ts";
import type { Proposal, ProposalWithdrawInput } from "../../generated/types.ts";
import { ballotsOf } from "./ballots.ts";
import { called, readProposal, verifyStep } from "./find.ts";
import { verifyMember } from "./members.ts";
import { type ProposalWritten, written } from "./result.ts";
import { verifyUndecided } from "./undecided.ts";

export function planProposalWithdraw(
  snapshot: Snapshot,
  { id: typed }: ProposalWithdrawInput,
  ctx: Ctx,
): Plan<ProposalWritten> {
  const file = readProposal(snapshot, typed);
  if (!file.ok) return file;
  const me = verifyMember(snapshot, ctx, "withdraw proposals");
  if (!me.ok) return me;
  const { proposal, path } = file;
  const denied =
    verifyStep(proposal, "withdraw", me.name) ??
    verifyUndecided(snapshot, proposal, ballotsOf(snapshot, proposal));
  if (denied) return denied;
  const value: Proposal = { ...proposal, status: "withdrawn", decided_at: iso(ctx.now) };
  return {
    ok: true,
    changes: [...me.changes, { path, value }],
    event: { type: "proposal.withdrawn", subject: `withdraw ${called(proposal)}`, actor: me.name },
    result: written(value),
  };
}
