/** `owp sync`: fetches, settles what is undecided, sends what waits in the queue and tells what became of each. */
import type { Command } from "../command.ts";

export const sync: Command = {
  name: "sync",
  group: "healthy",
  summary: "Fetch, and send what waits in this clone's queue",
  type: "change",
  args: [],
  examples: ["owp sync", "owp sync --json"],
  offline: false,
  load: async () => ({
    schema: { properties: {} },
    run: (call) => call.withHub((hub) => hub.run("sync", call.input, call.runOptions())),
  }),
};
