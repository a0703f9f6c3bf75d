/** One proposal with its text, how the votes stand, and what its acceptance does (FEATURES C37). */
import { encode } from "../../core/codec.ts";
import type { Ctx, Plan } from "../../core/operation.ts";
import { shortId } from "../../core/paths.ts";
import type { Snapshot } from "../../core/snapshot.ts";
import type { Effect, Proposal, ProposalShowInput } from "../../generated/types.ts";
import { ballotsOf, standingOf } from "./ballots.ts";
import { applyEffect } from "./effects.ts";
import { readProposal } from "./find.ts";
import { type Tally, tallyOf } from "./result.ts";

/** What the effect would do now, file by file. */
export interface EffectShown {
  effect: Effect;
  /** Why it could not be applied now; then nothing would be. */
  fails?: string;
  /** Left out where it could not be applied, or where that is done. */
  changes?: { path: string; before?: string; after: string }[];
}

export interface ProposalShown {
  proposal: Proposal;
  short: string;
  path: string;
  tally: Tally;
  /** Votes that are not counted: owp vote list says why. */
  ignored: number;
  /** Proposals that were made from this one, and those that would supersede it. */
  forks: string[];
  /** With effect: true, and of a proposal that has one. */
  effect?: EffectShown | null;
}

export function planProposalShow(
  snapshot: Snapshot,
  input: ProposalShowInput,
  ctx: Ctx,
): Plan<ProposalShown> {
  const file = readProposal(snapshot, input.id);
  if (!file.ok) return file;
  const { proposal, id, path } = file;
  const ballots = ballotsOf(snapshot, proposal);
  const forks = snapshot
    .pointingTo(id)
    .filter((row) => !row.includes("/"))
    .filter((row) => snapshot.links(row).some(([field, to]) => field === "forked_from" && to === id));
  return {
    ok: true,
    changes: [],
    result: {
      ...{ proposal, short: shortId(id), path },
      tally: tallyOf(standingOf(ballots, snapshot.rules), snapshot.rules),
      ignored: ballots.filter(({ ignored }) => ignored !== undefined).length,
      forks,
      ...(input.effect && { effect: effectShown(snapshot, proposal, ctx) }),
    },
  };
}

const PENDING: ReadonlySet<string> = new Set(["draft", "open"]);

/** (suspends) */
function effectShown(snapshot: Snapshot, { effect, status, author }: Proposal, ctx: Ctx): EffectShown | null {
  if (!effect) return null;
  if (!PENDING.has(status)) return { effect };
  const applied = applyEffect(snapshot, effect, author, ctx);
  if (!applied.ok) return { effect, fails: applied.message.replace(/ Nothing was changed\.$/, "") };
  const changes = applied.changes.map(({ path, value }) => {
    const before = snapshot.doc(path)?.text;
    const after = encode(path, value as object, before);
    return { path, ...(before === undefined ? {} : { before }), after };
  });
  return { effect, changes };
}
