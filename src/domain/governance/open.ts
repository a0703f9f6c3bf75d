/** Opens a draft for votes: it names a repo, and perhaps the accepted proposal whose place it is to take (FEATURES C31, C38, C39). */
import type { Ctx, Plan } from "../../core/operation.ts";
import { shortId } from "../../core/paths.ts";
import { type Refusal, refuse } from "../../core/refusal.ts";
import type { Snapshot } from "../../core/snapshot.ts";
import { iso } from "../../core/time.ts";
import type { Proposal, ProposalOpenInput } from "../../generated/types.ts";
import { applyEffect } from "./effects.ts";
import { called, capital, readProposal, verifyStep } from "./find.ts";
import { verifyMember } from "./members.ts";
import { type ProposalWritten, written } from "./result.ts";

export function planProposalOpen(
  snapshot: Snapshot,
  { id: typed, supersedes }: ProposalOpenInput,
  ctx: Ctx,
): Plan<ProposalWritten> {
  const file = readProposal(snapshot, typed);
  if (!file.ok) return file;
  const me = verifyMember(snapshot, ctx, "open proposals");
  if (!me.ok) return me;
  const { proposal, path } = file;
  const denied = verifyStep(proposal, "open", me.name) ?? verifyRepo(snapshot, proposal);
  if (denied) return denied;
  const old = supersedes === undefined ? undefined : readSuperseded(snapshot, proposal, supersedes);
  if (old && !old.ok) return old;
  const trial = proposal.effect && applyEffect(snapshot, proposal.effect, me.name, ctx);
  if (trial && !trial.ok) return trial;
  const value: Proposal = {
    ...proposal,
    status: "open",
    ...(old && { supersedes: old.id }),
    opened_at: iso(ctx.now),
  };
  return {
    ok: true,
    changes: [...me.changes, { path, value }],
    event: {
      type: "proposal.opened",
      subject: `open ${called(proposal)}${old ? `, to supersede ${shortId(old.id)}` : ""}`,
      actor: me.name,
    },
    result: written(value),
  };
}

function verifyRepo(snapshot: Snapshot, proposal: Proposal): Refusal | undefined {
  const { id, repo } = proposal;
  if (repo !== undefined && snapshot.repos.has(repo)) return undefined;
  const why = repo === undefined ? "names no repo" : `names the repo ${repo}, which is not there`;
  return refuse(
    "proposal_state",
    `${capital(called(proposal))} ${why}, and a proposal is opened with the repo that it is about. Nothing was changed.`,
    { hint: `owp proposal edit ${shortId(id)} --repo <slug>`, data: { id, field: "repo" } },
  );
}

/**
 * The proposal that is to be superseded. Whoever wrote it, any member may propose its successor: the votes decide. Until
 * they have, the old one stays what holds.
 */
function readSuperseded(
  snapshot: Snapshot,
  proposal: Proposal,
  typed: string,
): { ok: true; id: string } | Refusal {
  const old = readProposal(snapshot, typed);
  if (!old.ok) return { ...old, data: { ...old.data, field: "supersedes" } };
  const { id, status, superseded_by } = old.proposal;
  const data = { field: "supersedes", id, status };
  if (id === proposal.id)
    return refuse("proposal_state", "A proposal cannot supersede itself. Nothing was changed.", {
      hint: "name the accepted proposal whose place it takes",
      data,
    });
  if (status === "accepted") return { ok: true, id };
  const by = superseded_by === undefined ? "" : ` by ${shortId(superseded_by)}`;
  return refuse(
    "proposal_state",
    `${capital(called(old.proposal))} is ${status}${by}, and only an accepted proposal is superseded. Nothing was changed.`,
    { hint: "owp proposal list --status accepted", data },
  );
}
