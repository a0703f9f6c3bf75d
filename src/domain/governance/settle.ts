/**
 * Writes down what votes decided that came by a merge or a web edit, where no operation carried the decision. Anyone's
 * sync does it, and whoever it is writes the same (FEATURES C52): the votes are judged as they stand on the record, the
 * effect is the author's, the moment is the last vote's.
 */
import type { Ctx, Plan } from "../../core/operation.ts";
import { shortId } from "../../core/paths.ts";
import type { Snapshot } from "../../core/snapshot.ts";
import type { Proposal, ProposalSettleInput } from "../../generated/types.ts";
import { actingWorker } from "../workers/acting.ts";
import { ballotsOf, standingOf } from "./ballots.ts";
import { type Decided, decide } from "./decide.ts";
import { called, readProposal } from "./find.ts";
import { type Outcome, outcomeOf } from "./result.ts";

export interface ProposalsSettled {
  settled: (Outcome & { id: string; short: string; title: string })[];
}

/** (suspends) Open proposals whose votes have decided, in the order of their ids. */
export function undecidedYet(snapshot: Snapshot): Proposal[] {
  const open = [...snapshot.objects("Proposal")].filter(({ facts }) => facts.status === "open");
  return open
    .map(({ id }) => id)
    .sort()
    .flatMap((id) => {
      const file = readProposal(snapshot, id);
      if (!file.ok) return [];
      const { verdict } = standingOf(ballotsOf(snapshot, file.proposal), snapshot.rules);
      return verdict ? [file.proposal] : [];
    });
}

/** One proposal a commit: its effect may change the policy that the next one is judged by. */
export function planProposalSettle(
  snapshot: Snapshot,
  _input: ProposalSettleInput,
  ctx: Ctx,
): Plan<ProposalsSettled> {
  const [proposal] = undecidedYet(snapshot);
  if (!proposal) return { ok: true, changes: [], result: { settled: [] } };
  const decided = decide(snapshot, proposal, ballotsOf(snapshot, proposal), ctx) as Decided;
  const { id, title } = proposal;
  return {
    ok: true,
    changes: decided.changes,
    event: {
      type: `proposal.${decided.verdict}`,
      subject: `settle ${called(proposal)}, which is ${decided.verdict}`,
      ...(decided.tasks.length > 0 && { tasks: decided.tasks }),
      actor: actingWorker(snapshot, ctx).name,
    },
    result: { settled: [{ id, short: shortId(id), title, ...outcomeOf(decided) }] },
    ...(decided.warnings.length > 0 && { warnings: decided.warnings }),
  };
}
