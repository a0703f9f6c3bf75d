/** A fork: another's proposal as a draft of one's own, which remembers where it came from (FEATURES C40). */
import type { Ctx, Plan } from "../../core/operation.ts";
import type { Snapshot } from "../../core/snapshot.ts";
import type { ProposalForkInput } from "../../generated/types.ts";
import { type Content, readContent } from "./content.ts";
import { readProposal } from "./find.ts";
import { writeNew } from "./new.ts";
import type { ProposalWritten } from "./result.ts";

/** The parent may be in any state: what was rejected or withdrawn is tried again in another form. */
export function planProposalFork(
  snapshot: Snapshot,
  { id: typed, pow, ...given }: ProposalForkInput,
  ctx: Ctx,
): Plan<ProposalWritten> {
  const parent = readProposal(snapshot, typed);
  if (!parent.ok) return parent;
  const read = readContent(snapshot, given);
  if (!read.ok) return read;
  const { title, body, repo, effect } = parent.proposal;
  const base: Content = { title, body };
  if (repo !== undefined && snapshot.repos.has(repo)) base.repo = repo;
  if (effect !== undefined) base.effect = effect;
  return writeNew(snapshot, { ...base, ...read.content }, { forked_from: parent.id }, { pow }, ctx);
}
