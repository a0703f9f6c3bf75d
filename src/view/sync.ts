/** `owp sync` and `owp heartbeat`. */
import type { SettleResult } from "../domain/merges/settle.ts";
import type { View } from "./look.ts";
import { paint } from "./paint.ts";
import { settledLines } from "./settle.ts";
import { listing } from "./words.ts";

/** What became of one operation that had waited. */
interface Answered {
  op: string;
  /** The operation's command, where it is known. */
  name?: string;
  ok: boolean;
  message?: string;
  hint?: string;
}

interface Synced {
  answers: Answered[];
  /** What waits on in the queue, and why. */
  waiting?: Answered[];
  /** What became of operations whose outcome was not known. */
  notices: string[];
  /** Merged work that ended its tasks. */
  settled?: SettleResult;
}

export const sync: View<Synced> = {
  render: ({ answers, waiting = [], notices, settled }, look) => {
    const whatOf = ({ op, name }: Answered) => (name ? `owp ${name} (${op})` : op);
    const queued = waiting.map((one) => `${paint(look, "yellow", "waits")} ${whatOf(one)}: ${one.message}`);
    const lines = answers.map(({ ok, op, name, message, hint }) => {
      const what = whatOf({ op, name, ok });
      if (ok) return `${paint(look, "green", "sent")} ${what}`;
      return `${paint(look, "red", "refused")} ${what}: ${message}${hint ? `\n  next: ${hint}` : ""}`;
    });
    const merges = settled ? settledLines(settled, look) : [];
    return [...notices, ...lines, ...queued, ...merges].join("\n") || "up to date";
  },
};

interface Beaten {
  worker: string;
  status: string;
  holding: { task: string; epoch: number }[];
  /** Ids of tasks whose lease was extended on the record. */
  renewed: string[];
}

export const heartbeat: View<Beaten> = {
  render: ({ worker, status, holding, renewed }) => {
    const held = holding.map(
      ({ task, epoch }) => `${task.slice(-4)} epoch ${epoch}${renewed.includes(task) ? " renewed" : ""}`,
    );
    return `${worker}: ${status}${held.length > 0 ? `; holds ${listing(held)}` : ""}`;
  },
  quiet: () => "",
};
