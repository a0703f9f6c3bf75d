/** Every vote on a proposal with its comment and reactions, the sums, one's own vote, and what is ignored and why (FEATURES C28, C48). */

import { readObjects } from "../../core/docs.ts";
import type { Ctx, Plan } from "../../core/operation.ts";
import type { Snapshot } from "../../core/snapshot.ts";
import type { Proposal, VoteListInput } from "../../generated/types.ts";
import { actingWorker } from "../workers/acting.ts";
import { type Ballot, ballotsOf, standingOf } from "./ballots.ts";
import { readProposal } from "./find.ts";
import type { ProposalStatus } from "./lifecycle.ts";
import { type Tally, tallyOf } from "./result.ts";

export interface ListedVote extends Ballot {
  reactions?: { up: number; down: number; mine?: 1 | -1 };
}

export interface VotesListed {
  id: string;
  short: string;
  title: string;
  status: ProposalStatus;
  tally: Tally;
  decision?: Proposal["decision"];
  /** One's own vote; null: none. */
  mine: 1 | 0 | -1 | null;
  /** Those that count, by name. */
  votes: ListedVote[];
  /** Those that do not, with the reason. */
  ignored: ListedVote[];
}

export function planVoteList(snapshot: Snapshot, input: VoteListInput, ctx: Ctx): Plan<VotesListed> {
  const file = readProposal(snapshot, input.id);
  if (!file.ok) return file;
  const { proposal, id } = file;
  const me = actingWorker(snapshot, ctx).name;
  const ballots = ballotsOf(snapshot, proposal);
  const reactions = reactionsOf(snapshot, id, me);
  const listed = ballots
    .filter(({ removed_at, ignored }) => removed_at === undefined || ignored !== undefined)
    .map((ballot): ListedVote => {
      const found = ballot.comment === undefined ? undefined : reactions.get(ballot.worker);
      return { ...ballot, ...(found && { reactions: found }) };
    });
  const mine = ballots.find(({ worker, ignored }) => worker === me && ignored === undefined)?.value;
  return {
    ok: true,
    changes: [],
    result: {
      ...{ id, short: id.slice(-4), title: proposal.title, status: proposal.status },
      tally: tallyOf(standingOf(ballots, snapshot.rules), snapshot.rules),
      ...(proposal.decision && { decision: proposal.decision }),
      mine: mine ?? null,
      votes: listed.filter(({ ignored }) => ignored === undefined),
      ignored: listed.filter(({ ignored }) => ignored !== undefined),
    },
  };
}

/** (suspends) By the voter; a member's reaction to their own comment does not count. */
function reactionsOf(
  snapshot: Snapshot,
  id: string,
  me: string,
): Map<string, NonNullable<ListedVote["reactions"]>> {
  const found = new Map<string, NonNullable<ListedVote["reactions"]>>();
  const rows = snapshot.pointingTo(id).filter((row) => row.startsWith(`${id}/reactions/`));
  for (const { facts } of readObjects(snapshot, rows)) {
    const { voter, worker, value, removed_at } = facts as Record<string, string | undefined>;
    if (voter === undefined || worker === undefined || worker === voter || value === undefined || removed_at)
      continue;
    if (!snapshot.workers.has(worker)) continue;
    const sums = found.get(voter) ?? { up: 0, down: 0 };
    if (value === "1") sums.up += 1;
    else sums.down += 1;
    if (worker === me) sums.mine = value === "1" ? 1 : -1;
    found.set(voter, sums);
  }
  return found;
}
