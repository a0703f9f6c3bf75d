/** `owp trailer`, from what this clone knows; with --hook for git's prepare-commit-msg, where it must never stand in the way. */
import type { Outcome } from "../../lib/types.ts";
import { type Call, type Command, local } from "../command.ts";
import { withProperties } from "../widen.ts";

const HOOK = {
  type: "string",
  description:
    'The file of a commit\'s message: add the line there, where the branch or what you hold says which task it is. For a prepare-commit-msg hook: owp trailer --hook "$@".',
};
const SOURCE = { type: "string", description: "With --hook: git's third word, the commit that is amended." };

export const trailer = (plain: Command): Command => ({
  ...plain,
  args: ["id?", "sha?"],
  examples: [...plain.examples, "owp trailer --hook .git/COMMIT_EDITMSG message"],
  load: async () => {
    const { schema } = await plain.load();
    const properties = withProperties(schema, { hook: HOOK, sha: SOURCE }, ["head"]);
    return {
      schema: properties,
      run: (call) => (typeof call.input.hook === "string" ? prepare(call, call.input.hook) : ask(call)),
    };
  },
});

/** A line that this clone can answer needs no remote; one that it cannot may be news. */
function ask(call: Call): Promise<Outcome> {
  const { id } = call.input;
  const options = call.runOptions();
  return call.withHub(async (hub) => {
    const input = id === undefined ? {} : { id };
    const known = await hub.run("trailer", input, { ...options, offline: true });
    if (!known.ok) return options.offline ? known : hub.run("trailer", input, options);
    // The line is the same at any age of the view.
    return { ...known, view: { tip: null, age_ms: 0, stale: false } };
  });
}

/** Silent where there is nothing to say, and never a failure: a commit is worth more than its trailer. */
async function prepare(call: Call, file: string): Promise<Outcome> {
  const silent = local({ trailer: null });
  const { id: source } = call.input;
  try {
    const { prepareMessage } = await import("../../lib/settle/hook.ts");
    await prepareMessage(
      { dir: call.place.dir, file, ...(typeof source === "string" && { source }) },
      async (head) => {
        const outcome = await call.withHub((hub) => hub.run("trailer", { head }, { offline: true }));
        return outcome.ok ? (outcome.result as { trailer: string | null }).trailer : null;
      },
    );
  } catch (error) {
    call.io.err(`owp: the commit's message stays as it is: ${(error as Error).message}\n`);
  }
  return silent;
}
