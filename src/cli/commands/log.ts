/** `owp log`: the ledger, newest first. */

import { refuse } from "../../core/refusal.ts";
import { parseDuration } from "../../core/time.ts";
import { type Command, refused } from "../command.ts";

export const log: Command = {
  name: "log",
  group: "watch",
  summary: "Show what happened, newest first",
  type: "query",
  args: ["task?"],
  examples: ["owp log", "owp log k3f9", "owp log --worker ada --since 2d", "owp log --event 'task.*' --json"],
  offline: false,
  load: async () => ({
    schema: {
      properties: {
        task: { type: "string", description: "Only events of this task: its id or a unique part of it." },
        worker: { type: "string", description: "Only events of this worker." },
        event: { type: "string", description: "Only this event, or a family of them: task.claimed, task.*." },
        since: {
          type: "string",
          description: "Only events since a moment (2026-01-31), or within a length of time (2d).",
        },
        limit: {
          type: "integer",
          minimum: 1,
          maximum: 100_000,
          default: 50,
          description: "How many events at most.",
        },
      },
    },
    run: (call) => {
      const { since, limit = 50, ...rest } = call.input;
      const since_ms = typeof since === "string" ? momentOf(since, call.now()) : undefined;
      if (Number.isNaN(since_ms) || Number(limit) < 1) {
        const wrong = Number.isNaN(since_ms)
          ? `--since is "${since}": a day, a moment or a length of time is needed.`
          : "--limit must be at least 1.";
        return Promise.resolve(refused(refuse("usage", wrong, { hint: "owp log --help" })));
      }
      return call.withHub((hub) => hub.run("log", { ...rest, limit, since_ms }, call.runOptions()));
    },
  }),
};

const DATE = /^\d{4}-\d{2}-\d{2}(T\d{2}:\d{2}(:\d{2}(\.\d+)?)?Z)?$/;

/** ms since 1970; NaN where the text is no time. */
function momentOf(text: string, now: number): number {
  const length = parseDuration(text);
  if (length !== undefined) return now - length;
  return DATE.test(text) ? Date.parse(text) : Number.NaN;
}
