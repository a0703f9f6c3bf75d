/** `owp sync`: fetches, settles what is undecided, sends what waits in the queue, ends tasks whose code was merged, and tells what became of each. */
import type { Command } from "../command.ts";

export const sync: Command = {
  name: "sync",
  group: "healthy",
  summary: "Fetch, send what waits in this clone's queue, end what was merged",
  type: "change",
  args: [],
  examples: ["owp sync", "owp sync --json"],
  offline: false,
  load: async () => ({
    schema: { properties: {} },
    run: (call) => call.withHub((hub) => hub.run("sync", call.input, call.runOptions())),
  }),
};
