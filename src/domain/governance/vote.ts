/**
 * A member's vote: cast, changed or removed. The one that crosses the threshold carries the decision in its own commit
 * (FEATURES C42–C52).
 */
import type { Ctx, Plan } from "../../core/operation.ts";
import { pathOf, voteId } from "../../core/paths.ts";
import { demandStamp, type PowAction } from "../../core/pow.ts";
import { type Refusal, refuse } from "../../core/refusal.ts";
import type { Snapshot } from "../../core/snapshot.ts";
import type { Vote, VoteInput } from "../../generated/types.ts";
import { ballotsOf, standingOf } from "./ballots.ts";
import { type Decided, decide, decides } from "./decide.ts";
import { called, capital, type ProposalFile, readProposal, verifyStep } from "./find.ts";
import { verifyMember } from "./members.ts";
import { momentOf } from "./moment.ts";
import { type Outcome, outcomeOf, type Tally, tallyOf } from "./result.ts";
import { verifyUndecided } from "./undecided.ts";

export interface Voted {
  id: string;
  short: string;
  title: string;
  worker: string;
  /** 1, 0 or -1; null: removed. */
  value: 1 | 0 | -1 | null;
  comment?: string;
  tally: Tally;
  /** What this vote decided. */
  decided?: Outcome;
  /** It was so before; nothing was published. */
  already?: true;
}

export const VALUES = { up: 1, neutral: 0, down: -1 } as const;
export type VoteWord = keyof typeof VALUES;

export function planVote(snapshot: Snapshot, input: VoteInput, ctx: Ctx): Plan<Voted> {
  const wanted = readWanted(input);
  if (!wanted.ok) return wanted;
  const file = readProposal(snapshot, input.id);
  if (!file.ok) return file;
  const me = verifyMember(snapshot, ctx, "vote");
  if (!me.ok) return me;
  const { proposal, id } = file;
  const own = proposal.author === me.name ? ownProposal(file) : undefined;
  const denied =
    verifyStep(proposal, "vote", me.name) ??
    own ??
    verifyUndecided(snapshot, proposal, ballotsOf(snapshot, proposal));
  if (denied) return denied;
  const path = pathOf("Vote", voteId(id, me.name));
  const before = snapshot.doc<Vote>(path)?.value;
  const stands = before !== undefined && before.removed_at === undefined;
  if (input.remove && !stands) return noVote(file, me.name);
  const { value, comment } = wanted;
  if (stands && !input.remove && before.value === value && before.comment === comment)
    return { ok: true, changes: [], result: resultOf(snapshot, file, before, undefined, true) };
  const action: PowAction = input.remove ? "vote.remove" : "vote.cast";
  const moment = momentOf(ctx, snapshot.rules, action);
  const vote = voteOf(id, me.name, wanted, moment, input.remove ? before?.at : undefined);
  const bound = { actor: me.name, action, target: id, content: vote };
  const stamp = demandStamp(bound, input, ctx, snapshot.rules, snapshot);
  if (stamp && "ok" in stamp) return stamp;
  const next: Vote = stamp ? { ...vote, pow: stamp } : vote;
  const decided = decide(snapshot, proposal, ballotsOf(snapshot, proposal, next), ctx, me.name);
  const did = input.remove ? "remove vote on" : `vote ${input.value} on`;
  return {
    ok: true,
    changes: [...me.changes, { path, value: next }, ...(decided?.changes ?? [])],
    event: {
      type: decided ? `proposal.${decided.verdict}` : input.remove ? "vote.removed" : "vote.cast",
      subject: `${did} ${called(proposal)}${decides(decided)}`,
      ...(decided && decided.tasks.length > 0 && { tasks: decided.tasks }),
      actor: me.name,
    },
    result: resultOf(snapshot, file, next, decided),
    ...(decided && decided.warnings.length > 0 && { warnings: decided.warnings }),
  };
}

interface Wanted {
  ok: true;
  value?: 1 | 0 | -1;
  comment?: string;
}

function readWanted({ value, message, remove }: VoteInput): Wanted | Refusal {
  const bad = (message: string, field: string) =>
    refuse("invalid_input", `${message} Nothing was changed.`, {
      hint: "owp vote <id> up, down or neutral; owp vote <id> --remove",
      data: { field },
    });
  if (remove && value !== undefined) return bad("A vote is cast or removed, not both at once.", "remove");
  if (remove && message !== undefined) return bad("A vote that is removed has no comment.", "message");
  if (remove) return { ok: true };
  if (value === undefined) return bad("What the vote is must be said: up, down or neutral.", "value");
  const comment = message?.trim();
  return { ok: true, value: VALUES[value], ...(comment ? { comment } : {}) };
}

/** cast_at: of a vote that is removed. A removed vote stays as a trace, without what it said. */
function voteOf(
  proposal: string,
  worker: string,
  { value, comment }: Wanted,
  moment: string,
  cast_at: string | undefined,
): Vote {
  const base = { kind: "Vote", proposal, worker } as const;
  if (cast_at !== undefined) return { ...base, at: cast_at, removed_at: moment };
  return { ...base, value, ...(comment === undefined ? {} : { comment }), at: moment } as Vote;
}

const ownProposal = ({ proposal, id }: ProposalFile): Refusal =>
  refuse(
    "own_proposal",
    `${capital(called(proposal))} is yours, and its author has no vote on it. Nothing was changed.`,
    {
      data: { id },
    },
  );

const noVote = ({ proposal, id }: ProposalFile, worker: string): Refusal =>
  refuse("vote_unknown", `You (${worker}) have no vote on ${called(proposal)}. Nothing was changed.`, {
    data: { id, worker },
  });

/** (suspends) */
function resultOf(
  snapshot: Snapshot,
  { proposal, id }: ProposalFile,
  vote: Vote,
  decided: Decided | undefined,
  already = false,
): Voted {
  const { worker, value, comment } = vote;
  const { verdict: _written, ...standing } = standingOf(ballotsOf(snapshot, proposal, vote), snapshot.rules);
  return {
    ...{ id, short: id.slice(-4), title: proposal.title, worker, value: value ?? null },
    ...(comment === undefined ? {} : { comment }),
    tally: tallyOf(standing, snapshot.rules),
    ...(decided && { decided: outcomeOf(decided) }),
    ...(already && { already: true as const }),
  };
}
