/** The ends of a pull request: closed by its author or a writer, merged by a writer (FEATURES C58, C60). */
import type { Ctx, Plan } from "../../core/operation.ts";
import { refuse } from "../../core/refusal.ts";
import type { Snapshot } from "../../core/snapshot.ts";
import { iso } from "../../core/time.ts";
import type { ProposalPrCloseInput, ProposalPrMergeInput, PullRequest } from "../../generated/types.ts";
import { mayWrite } from "../repos/roles.ts";
import { verifyMember } from "./members.ts";
import { type PullWritten, pullWritten } from "./pull-new.ts";
import { calledPull, mergeReady, readPull, verifyOpen } from "./pulls.ts";

export function planPullClose(snapshot: Snapshot, input: ProposalPrCloseInput, ctx: Ctx): Plan<PullWritten> {
  const file = readPull(snapshot, input);
  if (!file.ok) return file;
  const { pull, proposal, pullPath } = file;
  const me = verifyMember(snapshot, ctx, "close pull requests");
  if (!me.ok) return me;
  const ended = verifyOpen(pull, "closed");
  if (ended) return ended;
  const repo = proposal.repo === undefined ? undefined : snapshot.repos.get(proposal.repo);
  if (pull.author !== me.name && !mayWrite(repo, me.worker))
    return refuse(
      "not_allowed",
      `P${calledPull(pull).slice(1)} is ${pull.author}'s; its author closes it, or who may write to repo ${proposal.repo}. Nothing was changed.`,
      { data: { id: pull.id, author: pull.author, worker: me.name } },
    );
  const value: PullRequest = { ...pull, status: "closed", closed_at: iso(ctx.now), closed_by: me.name };
  return {
    ok: true,
    changes: [...me.changes, { path: pullPath, value }],
    event: { type: "pull.closed", subject: `close ${calledPull(pull)}`, actor: me.name },
    result: pullWritten(value),
  };
}

/** The branch is at merged_as by now: the hub moved it, or found it moved (docs/decisions/0073). */
export function planPullMerge(snapshot: Snapshot, input: ProposalPrMergeInput, ctx: Ctx): Plan<PullWritten> {
  const ready = mergeReady(snapshot, input, ctx);
  if (!ready.ok) return ready;
  const { file, me } = ready;
  const { pull, pullPath } = file;
  const value: PullRequest = {
    ...pull,
    status: "merged",
    closed_at: iso(ctx.now),
    closed_by: me.name,
    merged_as: input.merged_as,
  };
  return {
    ok: true,
    changes: [...me.changes, { path: pullPath, value }],
    event: {
      type: "pull.merged",
      subject: `merge ${calledPull(pull)} into ${pull.target_branch}`,
      actor: me.name,
    },
    result: pullWritten(value),
  };
}
