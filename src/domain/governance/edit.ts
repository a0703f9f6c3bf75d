/** A draft is its author's to change; once it is open, what is voted on stays as it was read (FEATURES C33–C35). */
import type { Ctx, Plan } from "../../core/operation.ts";
import { refuse } from "../../core/refusal.ts";
import type { Snapshot } from "../../core/snapshot.ts";
import { iso } from "../../core/time.ts";
import type { Proposal, ProposalEditInput } from "../../generated/types.ts";
import { changedIn, readContent } from "./content.ts";
import { applyEffect } from "./effects.ts";
import { called, readProposal, verifyStep } from "./find.ts";
import { verifyMember } from "./members.ts";
import { type ProposalWritten, written } from "./result.ts";

export function planProposalEdit(
  snapshot: Snapshot,
  { id: typed, clear_repository, clear_effect, ...given }: ProposalEditInput,
  ctx: Ctx,
): Plan<ProposalWritten> {
  const file = readProposal(snapshot, typed);
  if (!file.ok) return file;
  const me = verifyMember(snapshot, ctx, "edit proposals");
  if (!me.ok) return me;
  const { proposal, path } = file;
  const denied = verifyStep(proposal, "edit", me.name);
  if (denied) return denied;
  const read = readContent(snapshot, given);
  if (!read.ok) return read;
  const { content } = read;
  const twice =
    (clear_repository && content.repo !== undefined && "repo") ||
    (clear_effect && content.effect !== undefined && "effect");
  if (twice)
    return refuse(
      "invalid_input",
      `${twice} is given and cleared at once; say one of the two. Nothing was changed.`,
      { data: { field: twice } },
    );
  const after: Proposal = { ...proposal, ...content };
  if (clear_repository) delete after.repo;
  if (clear_effect) delete after.effect;
  const changed = changedIn(proposal, after);
  if (changed.length === 0)
    return { ok: true, changes: [], result: { ...written(proposal), changed, already: true } };
  const trial = content.effect && applyEffect(snapshot, content.effect, me.name, ctx);
  if (trial && !trial.ok) return trial;
  return {
    ok: true,
    changes: [...me.changes, { path, value: { ...after, updated_at: iso(ctx.now) } }],
    event: {
      type: "proposal.edited",
      subject: `edit ${called(after)}: ${changed.join(", ")}`,
      actor: me.name,
    },
    result: { ...written(after), changed },
  };
}
