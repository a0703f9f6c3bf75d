/** `owp validate`: the record on the remote, a range of its commits, or files of a checkout. */

import { refuse } from "../../core/refusal.ts";
import type { Problem } from "../../core/snapshot.ts";
import type { Outcome } from "../../lib/types.ts";
import { countLine, renderProblems } from "../../view/problems.ts";
import { type Call, type Command, local, refused } from "../command.ts";

export const validate: Command = {
  name: "validate",
  group: "healthy",
  summary: "Check the record, a range of its commits, or files before a push",
  type: "query",
  args: ["paths...?"],
  examples: [
    "owp validate",
    "owp validate --range origin/owp~20..origin/owp",
    "owp validate tasks/f/9/t_….yaml",
    "owp validate .",
  ],
  offline: false,
  load: async () => ({
    schema: {
      properties: {
        paths: {
          type: "array",
          items: { type: "string" },
          description: "Files or folders of a checked-out record; left out: the record itself.",
        },
        range: {
          type: "string",
          description: "Check each commit of A..B: who changed what, epochs, illegal steps.",
        },
      },
    },
    run: async (call) => {
      const { paths, range } = call.input;
      if (Array.isArray(paths) && range !== undefined) {
        return refused(
          refuse("usage", "Paths and --range are two different checks.", { hint: "owp validate --help" }),
        );
      }
      if (!Array.isArray(paths))
        return report(call, await call.withHub((hub) => hub.run("validate", call.input, call.runOptions())));
      const { checkPaths } = await import("../check-paths.ts");
      const checked = await checkPaths(paths.map(String), call.place.dir, call.now());
      return report(call, "ok" in checked ? refused(checked) : local({ problems: checked }));
    },
  }),
};

/** The findings are data and go to stdout, as annotations where GitHub reads them; errors make the exit status. */
function report(call: Call, outcome: Outcome): Outcome {
  if (!outcome.ok) return outcome;
  const { problems } = outcome.result as { problems: Problem[] };
  const errors = problems.filter(({ severity }) => severity === "error").length;
  if (!call.globals.json) {
    call.io.out(renderProblems(problems, call.io.env.GITHUB_ACTIONS === "true" ? "github" : "text"));
  }
  const result = { errors, warnings: problems.length - errors, problems };
  if (errors === 0) return { ...outcome, result };
  const message = `The check found ${countLine(errors, result.warnings)}.`;
  return refused(refuse("validation_failed", message, { data: result }), outcome.op);
}
