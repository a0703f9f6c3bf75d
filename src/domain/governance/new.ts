/** A new proposal begins as a draft, its author's alone to change (FEATURES C29, C40). */
import type { Ctx, Plan } from "../../core/operation.ts";
import { pathOf } from "../../core/paths.ts";
import { demandStamp, type Stamp } from "../../core/pow.ts";
import type { Snapshot } from "../../core/snapshot.ts";
import type { Proposal, ProposalNewInput } from "../../generated/types.ts";
import { badField } from "../tasks/fields.ts";
import { type Content, readContent } from "./content.ts";
import { applyEffect } from "./effects.ts";
import { called, findProposal } from "./find.ts";
import { verifyMember } from "./members.ts";
import { momentOf } from "./moment.ts";
import { type ProposalWritten, written } from "./result.ts";

export function planProposalNew(
  snapshot: Snapshot,
  { forked_from, pow, ...given }: ProposalNewInput,
  ctx: Ctx,
): Plan<ProposalWritten> {
  const parent = forked_from === undefined ? undefined : findProposal(snapshot, forked_from);
  if (parent && !parent.ok) return { ...parent, data: { ...parent.data, field: "forked_from" } };
  const read = readContent(snapshot, given);
  if (!read.ok) return read;
  return writeNew(snapshot, read.content, { ...(parent && { forked_from: parent.id }) }, { pow }, ctx);
}

/** (suspends) The rest of a new proposal, which a fork is too. */
export function writeNew(
  snapshot: Snapshot,
  { title, body = "", repo, effect }: Content,
  origin: { forked_from?: string },
  input: { pow?: Stamp | undefined },
  ctx: Ctx,
): Plan<ProposalWritten> {
  const me = verifyMember(snapshot, ctx, "propose");
  if (!me.ok) return me;
  if (title === undefined) return badField("title", undefined, "given: what is proposed, on one line");
  const id = ctx.newId("pp");
  const trial = effect && applyEffect(snapshot, effect, me.name, ctx);
  if (trial && !trial.ok) return trial;
  const value: Proposal = {
    ...{ kind: "Proposal", id, title, author: me.name, status: "draft" },
    ...(repo === undefined ? {} : { repo }),
    ...origin,
    body,
    ...(effect === undefined ? {} : { effect }),
    created_at: momentOf(ctx, snapshot.rules, "proposal.new"),
  };
  const bound = { actor: me.name, action: "proposal.new", target: id, content: value } as const;
  const stamp = demandStamp(bound, input, ctx, snapshot.rules, snapshot);
  if (stamp && "ok" in stamp) return stamp;
  return {
    ok: true,
    changes: [
      ...me.changes,
      { path: pathOf("Proposal", id), value: stamp ? { ...value, pow: stamp } : value },
    ],
    event: {
      type: origin.forked_from === undefined ? "proposal.created" : "proposal.forked",
      subject: `propose ${called(value).replace(/^proposal /, "")}`,
      actor: me.name,
    },
    result: written(value),
  };
}
