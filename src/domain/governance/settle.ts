/**
 * Writes down what votes decided that came by a merge or a web edit, where no operation carried the decision. Anyone's
 * sync does it, and whoever it is writes the same (FEATURES C52): the votes are judged as they stand on the record, the
 * effect is the author's, the moment is the last vote's.
 */
import { readDocs, together } from "../../core/docs.ts";
import type { ObjectRow } from "../../core/object-rows.ts";
import type { Ctx, Plan } from "../../core/operation.ts";
import { pathOf, shortId } from "../../core/paths.ts";
import type { Snapshot } from "../../core/snapshot.ts";
import type { Proposal, ProposalSettleInput } from "../../generated/types.ts";
import { actingWorker } from "../workers/acting.ts";
import { ballotsOf, standingOf } from "./ballots.ts";
import { verdictOf } from "./consensus.ts";
import { type Decided, decide } from "./decide.ts";
import { called } from "./find.ts";
import { sumsOf } from "./list.ts";
import { type Outcome, outcomeOf } from "./result.ts";

export interface ProposalsSettled {
  settled: (Outcome & { id: string; short: string; title: string })[];
}

/** (suspends) Open proposals whose votes have decided, in the order of their ids. Files are read only where the rows leave it open. */
export function undecidedYet(snapshot: Snapshot): Proposal[] {
  const open = [...snapshot.objects("Proposal")].filter(
    (row) => row.facts.status === "open" && mayBeDecided(snapshot, row),
  );
  const paths = open.map(({ id }) => pathOf("Proposal", id)).sort();
  const files = readDocs<Proposal>(snapshot, paths);
  const proposals = paths.flatMap((path) => files.get(path)?.value ?? []);
  const ballots = together(proposals, (proposal) => ballotsOf(snapshot, proposal));
  return proposals.filter((_proposal, at) => standingOf(ballots[at] ?? [], snapshot.rules).verdict);
}

/** (suspends) Whether some of its votes could decide: which of them count, their files say. */
function mayBeDecided(snapshot: Snapshot, row: ObjectRow): boolean {
  const { upvotes, downvotes } = sumsOf(snapshot, row);
  const consensus = { ...snapshot.rules.consensus, min_votes: 0 };
  return [verdictOf(upvotes, 0, consensus), verdictOf(0, downvotes, consensus)].some(Boolean);
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
