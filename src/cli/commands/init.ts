/** `owp init`: the operation; the hub adds the texts, the remote's URL and the folder's name. */
import type { Command } from "../command.ts";
import { withProperties } from "../widen.ts";

/** The hub fills these in. */
const FILLED = ["files", "url", "folder"];

const FORCE = {
  type: "boolean",
  description: "Also on a remote without any branch: the record's may then become its default branch.",
};

export const init = (plain: Command): Command => ({
  ...plain,
  load: async () => {
    const { schema } = await plain.load();
    return {
      schema: withProperties(schema, { force: FORCE }, FILLED),
      check: undefined,
      run: (call) => call.withHub((hub) => hub.run("init", call.input, call.runOptions())),
    };
  },
});
