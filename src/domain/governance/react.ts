/** A reaction to the comment of another member's vote; it changes nothing of the consensus (FEATURES C54, C55). */
import type { Ctx, Plan } from "../../core/operation.ts";
import { pathOf, reactionId, shortId, voteId } from "../../core/paths.ts";
import { demandStamp, type PowAction } from "../../core/pow.ts";
import { type Refusal, refuse } from "../../core/refusal.ts";
import type { Snapshot } from "../../core/snapshot.ts";
import type { Reaction, Vote, VoteReactInput } from "../../generated/types.ts";
import { called, readProposal, verifyStep } from "./find.ts";
import { verifyMember } from "./members.ts";
import { momentOf } from "./moment.ts";

export interface Reacted {
  id: string;
  short: string;
  /** Whose comment it is. */
  voter: string;
  worker: string;
  /** 1 or -1; null: removed. */
  value: 1 | -1 | null;
  /** It was so before; nothing was published. */
  already?: true;
}

const VALUES = { up: 1, down: -1 } as const;

export function planReact(snapshot: Snapshot, input: VoteReactInput, ctx: Ctx): Plan<Reacted> {
  const wanted = verifyOne(input);
  if (wanted) return wanted;
  const file = readProposal(snapshot, input.id);
  if (!file.ok) return file;
  const me = verifyMember(snapshot, ctx, "react");
  if (!me.ok) return me;
  const { proposal, id } = file;
  const voter = input.voter.trim().toLowerCase();
  const denied = verifyStep(proposal, "vote", me.name);
  if (denied) return denied;
  if (voter === me.name)
    return refuse(
      "own_proposal",
      "The comment is yours, and nobody reacts to their own. Nothing was changed.",
      {
        data: { id, voter },
      },
    );
  const path = pathOf("Reaction", reactionId(id, voter, me.name));
  const before = snapshot.doc<Reaction>(path)?.value;
  const stands = before !== undefined && before.removed_at === undefined;
  const nothing = (what: string) =>
    refuse("vote_unknown", `${what} Nothing was changed.`, {
      hint: `owp vote list ${shortId(id)}`,
      data: { id, voter, worker: me.name },
    });
  if (input.remove && !stands) return nothing(`You (${me.name}) have not reacted to ${voter}'s comment.`);
  const vote = snapshot.doc<Vote>(pathOf("Vote", voteId(id, voter)))?.value;
  const hasComment = vote !== undefined && vote.removed_at === undefined && vote.comment !== undefined;
  if (!input.remove && !hasComment)
    return nothing(`${voter} has no comment on ${called(proposal)} that one could react to.`);
  const value = input.value && VALUES[input.value];
  const result = { id, short: shortId(id), voter, worker: me.name, value: value ?? null };
  if (stands && !input.remove && before.value === value)
    return { ok: true, changes: [], result: { ...result, already: true } };
  const action: PowAction = input.remove ? "vote.unreact" : "vote.react";
  const moment = momentOf(ctx, snapshot.rules, action);
  const content: Reaction = {
    ...{ kind: "Reaction", proposal: id, voter, worker: me.name },
    ...(input.remove ? { at: before?.at ?? moment, removed_at: moment } : { value, at: moment }),
  } as Reaction;
  const bound = { actor: me.name, action, target: `${id}/${voter}`, content };
  const stamp = demandStamp(bound, input, ctx, snapshot.rules, snapshot);
  if (stamp && "ok" in stamp) return stamp;
  const did = input.remove ? "remove reaction" : `react ${input.value}`;
  return {
    ok: true,
    changes: [...me.changes, { path, value: stamp ? { ...content, pow: stamp } : content }],
    event: {
      type: input.remove ? "vote.unreacted" : "vote.reacted",
      subject: `${did} to ${voter} on ${called(proposal)}`,
      worker: voter,
      actor: me.name,
    },
    result,
  };
}

function verifyOne({ value, remove }: VoteReactInput): Refusal | undefined {
  if ((value === undefined) === Boolean(remove)) return undefined;
  const message = remove
    ? "A reaction is made or removed, not both at once."
    : "What the reaction is must be said: up or down.";
  return refuse("invalid_input", `${message} Nothing was changed.`, {
    hint: "owp vote react <id> <voter> up or down; --remove takes it back",
    data: { field: "value" },
  });
}
