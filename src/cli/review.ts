/** --pr and --open-pr: options of the commands whose change may be put on a branch for review. */
import type { RunOptions } from "../lib/types.ts";
import type { Call, InputSchema, LoadedCommand } from "./command.ts";
import { checkWithout, withProperties } from "./widen.ts";

const OPTIONS: Record<string, InputSchema> = {
  pr: {
    type: "boolean",
    description: "Put the change on a branch for review instead of on the record (owp help review).",
  },
  open_pr: { type: "boolean", description: "The same, and open a pull request with gh or glab." },
};

/** The command with the two options; its own run finds neither in its input, and the hub is told by the run options. */
export function withReview({ schema, check, run }: LoadedCommand): LoadedCommand {
  return {
    schema: withProperties(schema, OPTIONS),
    ...(check && { check: checkWithout(check, Object.keys(OPTIONS)) }),
    run: (call) => run(asked(call)),
  };
}

function asked(call: Call): Call {
  const { pr, open_pr, ...input } = call.input;
  if (!pr && !open_pr) return { ...call, input };
  const review: RunOptions["review"] = open_pr ? "request" : "branch";
  return { ...call, input, runOptions: () => ({ ...call.runOptions(), review }) };
}
