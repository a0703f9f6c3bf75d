/** Opens a pull request of an accepted proposal (FEATURES C56). That its branches exist is looked up by the hub (C59). */
import type { Ctx, Plan } from "../../core/operation.ts";
import { pathOf, pullId, shortId } from "../../core/paths.ts";
import { demandStamp } from "../../core/pow.ts";
import { type Refusal, refuse } from "../../core/refusal.ts";
import type { Snapshot } from "../../core/snapshot.ts";
import type { ProposalPrNewInput, PullRequest, Repo } from "../../generated/types.ts";
import { called, capital, type ProposalFile, readProposal } from "./find.ts";
import { verifyMember } from "./members.ts";
import { momentOf } from "./moment.ts";
import { calledPull, repoOf } from "./pulls.ts";

export interface PullWritten {
  id: string;
  short: string;
  proposal: string;
  title: string;
  status: PullRequest["status"];
  source_branch: string;
  target_branch: string;
  merged_as?: string;
}

export const pullWritten = (pull: PullRequest): PullWritten => ({
  ...{
    id: pull.id,
    short: shortId(pull.id),
    proposal: pull.proposal,
    title: pull.title,
    status: pull.status,
  },
  ...{ source_branch: pull.source_branch, target_branch: pull.target_branch },
  ...(pull.merged_as === undefined ? {} : { merged_as: pull.merged_as }),
});

/** (suspends) The proposal, its repo and the branches that a new pull request would be over. */
export function pullWanted(
  snapshot: Snapshot,
  input: ProposalPrNewInput,
): { ok: true; file: ProposalFile; repo: Repo; source: string; target: string } | Refusal {
  const file = readProposal(snapshot, input.proposal);
  if (!file.ok) return file;
  const { proposal, id } = file;
  if (proposal.status !== "accepted")
    return refuse(
      "proposal_state",
      `${capital(called(proposal))} is ${proposal.status}, and pull requests carry out accepted ones. Nothing was changed.`,
      { hint: "owp proposal list --status accepted", data: { id, status: proposal.status } },
    );
  const repo = repoOf(snapshot, file);
  if ("code" in repo) return repo;
  const source = input.source_branch.trim();
  const target = (input.target_branch ?? repo.default_branch ?? "").trim();
  const bad = (field: string, message: string) =>
    refuse("invalid_input", `${message} Nothing was changed.`, { data: { field } });
  if (target === "")
    return bad(
      "target_branch",
      `Repo ${repo.slug} has no default branch: say which one it is for (--target-branch).`,
    );
  if (source === target) return bad("source_branch", `Source and target are both ${source}.`);
  return { ok: true, file, repo, source, target };
}

export function planPullNew(snapshot: Snapshot, input: ProposalPrNewInput, ctx: Ctx): Plan<PullWritten> {
  const wanted = pullWanted(snapshot, input);
  if (!wanted.ok) return wanted;
  const me = verifyMember(snapshot, ctx, "open pull requests");
  if (!me.ok) return me;
  const { file, source, target } = wanted;
  const id = ctx.newId("pq");
  const pull: PullRequest = {
    ...{ kind: "PullRequest", id, proposal: file.id, title: input.title?.trim() || file.proposal.title },
    ...{ author: me.name, source_branch: source, target_branch: target, status: "open" },
    created_at: momentOf(ctx, snapshot.rules, "pr.new"),
  };
  const bound = { actor: me.name, action: "pr.new", target: id, content: pull } as const;
  const stamp = demandStamp(bound, input, ctx, snapshot.rules, snapshot);
  if (stamp && "ok" in stamp) return stamp;
  const value: PullRequest = stamp ? { ...pull, pow: stamp } : pull;
  return {
    ok: true,
    changes: [...me.changes, { path: pathOf("PullRequest", pullId(file.id, id)), value }],
    event: {
      type: "pull.opened",
      subject: `open ${calledPull(pull)} of ${called(file.proposal)}`,
      actor: me.name,
    },
    result: pullWritten(value),
  };
}
