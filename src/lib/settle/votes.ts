/** What `owp sync` does of votes: decisions that no operation carried are written down (FEATURES C52). */
import { type ProposalsSettled, undecidedYet } from "../../domain/governance/settle.ts";
import type { RecordHub } from "../hub.ts";
import type { RunOptions } from "../types.ts";

/** So many proposals one sync writes the decisions of; the next one goes on. */
const DECIDED_AT_ONCE = 100;

/** Writes down what votes decided that came by a merge, one commit a proposal. notes: why one was not, which fails no sync. */
export async function settleVotes(
  hub: RecordHub,
  options: RunOptions,
): Promise<Pick<ProposalsSettled, "settled"> & { notes: string[] }> {
  const settled: ProposalsSettled["settled"] = [];
  const notes: string[] = [];
  while (settled.length < DECIDED_AT_ONCE) {
    const { view, newOp } = hub.parts;
    if (view.snapshot.tip === null) break;
    const waiting = await view.loading(() => undecidedYet(view.snapshot));
    if (waiting.length === 0) break;
    const outcome = await hub.operate("proposal settle", {}, newOp(), options);
    if (!outcome.ok)
      return { settled, notes: [...notes, `a decision was not written down: ${outcome.message}`] };
    const { settled: more } = outcome.result as ProposalsSettled;
    if (more.length === 0) break;
    settled.push(...more);
    notes.push(...outcome.warnings);
  }
  return { settled, notes };
}
