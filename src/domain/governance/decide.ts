/**
 * The transition that votes carry: accepted or rejected, in the commit of the vote that crosses the threshold, and by the
 * next sync of anyone where votes came by a merge (FEATURES C38, C49, C52). Once written it stands, whatever becomes of
 * the votes. An effect that cannot be applied any more does not sink the vote: decisions/0072.
 */
import type { Change, Ctx, LedgerEvent } from "../../core/operation.ts";
import { pathOf, shortId } from "../../core/paths.ts";
import type { Snapshot } from "../../core/snapshot.ts";
import { iso, ms } from "../../core/time.ts";
import type { Proposal } from "../../generated/types.ts";
import { type Ballot, standingOf } from "./ballots.ts";
import { ratioText, type Verdict } from "./consensus.ts";
import { applyEffect } from "./effects.ts";
import { called } from "./find.ts";

export interface Decided {
  verdict: Verdict;
  /** As a result shows it. */
  decision: NonNullable<Proposal["decision"]>;
  changes: Change[];
  tasks: NonNullable<LedgerEvent["tasks"]>;
  /** The id of the proposal that it took the place of. */
  superseded?: string;
  warnings: string[];
}

const REASON_CHARS = 1900;

/** (suspends) What the votes decide; undefined: nothing yet. voter: whose vote it was, where it was one. */
export function decide(
  snapshot: Snapshot,
  proposal: Proposal,
  ballots: readonly Ballot[],
  ctx: Ctx,
  voter?: string,
): Decided | undefined {
  const { upvotes, downvotes, posterior, verdict } = standingOf(ballots, snapshot.rules);
  if (!verdict) return undefined;
  const decision: Decided["decision"] = {
    ...{ upvotes, downvotes, posterior: ratioText(posterior) },
    threshold: snapshot.rules.consensus.threshold,
    ...(voter === undefined ? {} : { vote: voter }),
  };
  const decided_at = lastOf(ballots, ctx);
  const path = pathOf("Proposal", proposal.id);
  const decided = (more: Partial<Decided>): Decided => ({
    ...{ verdict, decision, tasks: [], warnings: [] },
    ...more,
    changes: [
      { path, value: { ...proposal, status: verdict, decided_at, decision } },
      ...(more.changes ?? []),
    ],
  });
  if (verdict === "rejected") return decided({});
  const replaced = supersede(snapshot, proposal);
  if (!proposal.effect) return decided(replaced);
  const applied = applyEffect(snapshot, proposal.effect, proposal.author, ctx);
  if (applied.ok) {
    Object.assign(
      decision,
      { effect: "applied" },
      applied.created.length > 0 && { created: applied.created },
    );
    return decided({ ...replaced, tasks: applied.tasks, changes: [...replaced.changes, ...applied.changes] });
  }
  const reason = applied.message.replace(/ Nothing was changed\.$/, "").slice(0, REASON_CHARS);
  Object.assign(decision, { effect: "failed", effect_failed: reason });
  const warning = `${called(proposal)} is accepted, and its effect could not be applied: ${reason}`;
  return decided({ ...replaced, warnings: [warning] });
}

/** The moment of the newest vote that counts; the same whoever writes the decision down. */
function lastOf(ballots: readonly Ballot[], ctx: Ctx): string {
  const counted = ballots.filter(({ ignored }) => ignored === undefined);
  const moments = counted.flatMap(({ at, removed_at }) => removed_at ?? at ?? []);
  return moments.reduce((last, one) => (ms(one) > ms(last) ? one : last), moments[0] ?? iso(ctx.now));
}

/** The accepted proposal that this one takes the place of; nothing where another was first. */
function supersede(
  snapshot: Snapshot,
  { id, supersedes }: Proposal,
): { changes: Change[]; superseded?: string; warnings: string[] } {
  if (supersedes === undefined) return { changes: [], warnings: [] };
  const path = pathOf("Proposal", supersedes);
  const old = snapshot.doc<Proposal>(path)?.value;
  if (old?.status !== "accepted") {
    const was = old ? `is ${old.status}` : "cannot be read";
    return {
      changes: [],
      warnings: [`proposal ${shortId(supersedes)} ${was} already, and was not superseded`],
    };
  }
  const value = { ...old, status: "superseded", superseded_by: id };
  return { changes: [{ path, value }], superseded: supersedes, warnings: [] };
}

/** ` and accepts it`, for the subject of the commit. */
export const decides = (decided: Decided | undefined): string =>
  decided ? `, which is ${decided.verdict}` : "";
