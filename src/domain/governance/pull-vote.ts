/** A member's vote on a pull request: cast, changed or removed (FEATURES C57). */
import type { Ctx, Plan } from "../../core/operation.ts";
import { pathOf, pullVoteId } from "../../core/paths.ts";
import { demandStamp, type PowAction } from "../../core/pow.ts";
import { refuse } from "../../core/refusal.ts";
import type { Snapshot } from "../../core/snapshot.ts";
import type { ProposalPrVoteInput, PullVote } from "../../generated/types.ts";
import { verifyMember } from "./members.ts";
import { momentOf } from "./moment.ts";
import { calledPull, type PullTally, pullBallots, pullTally, readPull, verifyOpen } from "./pulls.ts";
import { VALUES } from "./vote.ts";

export interface PullVoted {
  proposal: string;
  id: string;
  title: string;
  worker: string;
  /** 1, 0 or -1; null: removed. */
  value: 1 | 0 | -1 | null;
  /** With this vote. */
  tally: PullTally;
  /** It was so before; nothing was published. */
  already?: true;
}

export function planPullVote(snapshot: Snapshot, input: ProposalPrVoteInput, ctx: Ctx): Plan<PullVoted> {
  const { value: word, message, remove = false } = input;
  if (remove === (word !== undefined) || (remove && message !== undefined))
    return refuse("invalid_input", "A vote is up, down or neutral, or it is removed. Nothing was changed.", {
      hint: "owp proposal pr vote <proposal> <id> up|down|neutral; owp proposal pr vote <proposal> <id> --remove",
      data: { field: "value" },
    });
  const file = readPull(snapshot, input);
  if (!file.ok) return file;
  const { pull } = file;
  const me = verifyMember(snapshot, ctx, "vote");
  if (!me.ok) return me;
  const ended = verifyOpen(pull, "voted on");
  if (ended) return ended;
  if (pull.author === me.name)
    return refuse(
      "own_proposal",
      `P${calledPull(pull).slice(1)} is yours, and its author has no vote on it. Nothing was changed.`,
      { hint: "others vote on it", data: { id: pull.id } },
    );
  const path = pathOf("PullVote", pullVoteId(file.id, pull.id, me.name));
  const before = snapshot.doc<PullVote>(path)?.value;
  const stands = before !== undefined && before.removed_at === undefined;
  if (remove && !stands)
    return refuse(
      "vote_unknown",
      `You (${me.name}) have no vote on ${calledPull(pull)}. Nothing was changed.`,
      {
        data: { id: pull.id, worker: me.name },
      },
    );
  const value = word === undefined ? undefined : VALUES[word];
  const comment = message?.trim() || undefined;
  const others = pullBallots(snapshot, pull).filter(({ worker }) => worker !== me.name);
  const own = value === undefined ? [] : [{ worker: me.name, value, at: "" }];
  const result: PullVoted = {
    ...{ proposal: file.id, id: pull.id, title: pull.title, worker: me.name, value: value ?? null },
    tally: pullTally([...others, ...own]),
  };
  if (stands && !remove && before.value === value && before.comment === comment)
    return { ok: true, changes: [], result: { ...result, already: true } };
  const action: PowAction = remove ? "pr.unvote" : "pr.vote";
  const moment = momentOf(ctx, snapshot.rules, action);
  const said = remove
    ? { at: before?.at ?? moment, removed_at: moment }
    : { value, ...(comment === undefined ? {} : { comment }), at: moment };
  const vote = { kind: "PullVote", proposal: file.id, pr: pull.id, worker: me.name, ...said } as PullVote;
  const bound = { actor: me.name, action, target: pull.id, content: vote };
  const stamp = demandStamp(bound, input, ctx, snapshot.rules, snapshot);
  if (stamp && "ok" in stamp) return stamp;
  return {
    ok: true,
    changes: [...me.changes, { path, value: stamp ? { ...vote, pow: stamp } : vote }],
    event: {
      type: remove ? "pull.unvoted" : "pull.voted",
      subject: `${remove ? "remove vote on" : `vote ${word} on`} ${calledPull(pull)}`,
      actor: me.name,
    },
    result,
  };
}
