/** `owp queues`: several records beside each other in one repository. */
import type { Command } from "../command.ts";

export const queues: Command = {
  name: "queues",
  group: "watch",
  summary: "The queues of this repository: the record, and those beside it",
  type: "query",
  args: [],
  examples: ["owp queues", "owp queues --offline --json"],
  offline: false,
  load: async () => ({
    schema: { properties: {} },
    run: (call) => call.withHub((hub) => hub.run("queues", call.input, call.runOptions())),
  }),
};
