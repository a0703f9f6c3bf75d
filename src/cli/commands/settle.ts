/** `owp settle`: the hub reads what was merged from this clone's history, or from the range that a workflow names. */
import type { Command } from "../command.ts";
import { withProperties } from "../widen.ts";

/** The hub fills these in. */
const FILLED = ["merged", "repos"];

const RANGE = {
  type: "string",
  description:
    "The commits A..B that a push brought to the default branch; 40 zeros for A: a new branch. Left out: the newest commits of the default branch, as far as this clone has fetched it.",
};

export const settle = (plain: Command): Command => ({
  ...plain,
  load: async () => {
    const { schema } = await plain.load();
    return {
      schema: withProperties(schema, { range: RANGE }, FILLED),
      run: (call) => call.withHub((hub) => hub.run("settle", call.input, call.runOptions())),
    };
  },
});
