/** What a plan is told besides the snapshot and its input, from the ticket. */
import { nthId } from "../core/ids.ts";
import type { Ctx, Pulse } from "../core/operation.ts";
import type { Ticket } from "./ports.ts";

export function contextOf(ticket: Ticket, now: number, pulses: readonly Pulse[]): Ctx {
  let asked = 0;
  return {
    now,
    caller: ticket.caller,
    op: ticket.op,
    newId: (prefix) => `${prefix}_${nthId(ticket.op, asked++)}`,
    pulses,
  };
}
