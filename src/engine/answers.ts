/** What callers are told of an operation. */
import { type Refusal, refuse } from "../core/refusal.ts";
import { BARE_POLICY } from "../core/rules.ts";
import { trailersOf } from "./ledger-entry.ts";
import type { Prepared } from "./planning.ts";
import type { Answer, Oid, Ticket } from "./ports.ts";
import type { RecordView } from "./record.ts";
import type { Commit } from "./walk.ts";

export function success(ticket: Ticket, prepared: Prepared, commit: Oid | null, attempts: number): Answer {
  const { result, warnings = [] } = prepared.planned;
  return { ok: true, op: ticket.op, result, commit, already: false, warnings, attempts };
}

/** The operation stands in the ledger already: it succeeds again, and says so. */
export function alreadyLanded(ticket: Ticket, commit: Commit, attempts: number): Answer {
  return {
    ok: true,
    op: ticket.op,
    result: { entry: trailersOf(commit) },
    commit: commit.oid,
    already: true,
    warnings: [],
    attempts,
  };
}

export function toAnswer(ticket: Ticket, refusal: Refusal, attempts: number): Answer {
  return { ...refusal, op: ticket.op, attempts };
}

/** Every operation but `init` needs a record to work on. */
export function noRecord(state: RecordView["snapshot"], branch: string): Refusal | undefined {
  if (state.tip === null)
    return refuse("not_initialized", `The remote has no branch ${branch}: there is no record yet.`);
  if (state.policy !== BARE_POLICY) return undefined;
  return refuse(
    "not_a_record",
    `The branch ${branch} exists and holds no owp.yaml: it is not an owp record. Nothing was changed.`,
  );
}

export const tooLate = (attempts: number) =>
  refuse(
    "conflict",
    `Other clones kept the record busy until the deadline (${attempts} attempts to publish). Nothing was changed.`,
  );
export const canceled = () => refuse("canceled", "Stopped by the caller. Nothing was changed.");
export const unknown = () =>
  refuse(
    "unknown_outcome",
    "The connection was lost while the change was on its way, and the remote could not be asked since. Whether it landed is not known yet.",
  );
