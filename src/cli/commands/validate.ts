/** `owp validate`: the record on the remote, a range of its commits, or files of a checkout. */

import { type Refusal, refuse } from "../../core/refusal.ts";
import type { Problem } from "../../core/snapshot.ts";
import type { Outcome } from "../../lib/types.ts";
import { countLine, type ProblemFormat, renderProblems } from "../../view/problems.ts";
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
    "owp validate --range origin/owp..HEAD",
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
          description:
            "Check each commit of A..B, of A.. (up to the tip), or one: who changed what, epochs, illegal steps.",
        },
        format: {
          enum: ["text", "github", "json"],
          description:
            "How the findings are written: lines, annotations of a workflow, or JSON; by default annotations where GITHUB_ACTIONS is set.",
        },
      },
    },
    run: async (call) => {
      const { paths, range } = call.input;
      const wrong = misuse(call);
      if (wrong) return refused(wrong);
      if (!Array.isArray(paths)) {
        const here = typeof range === "string" ? await inPlace(call, range) : undefined;
        if (here) return report(call, local(here));
        const input = range === undefined ? {} : { range };
        return report(call, await call.withHub((hub) => hub.run("validate", input, call.runOptions())));
      }
      const { checkPaths } = await import("../../lib/validate/paths.ts");
      const { onProgress } = call.runOptions();
      const checked = checkPaths(paths.map(String), call.place.dir, call.now(), (done, total) =>
        onProgress?.({ stage: "checking files", done, total }),
      );
      return report(call, "ok" in checked ? refused(checked) : local({ problems: checked }));
    },
  }),
};

/** A range whose commits are all here needs no hub. */
async function inPlace(call: Call, range: string) {
  if (call.place.hub !== undefined) return undefined;
  const { validateHere } = await import("../../lib/validate/here.ts");
  const { onProgress } = call.runOptions();
  return validateHere(call.place.dir, range, call.now(), (done, total) =>
    onProgress?.({ stage: "checking commits", done, total }),
  );
}

function misuse({ input: { paths, range }, place }: Call): Refusal | undefined {
  const hint = "owp validate --help";
  if (!Array.isArray(paths)) return undefined;
  if (range !== undefined) return refuse("usage", "Paths and --range are two different checks.", { hint });
  return place.hub === undefined
    ? undefined
    : refuse("usage", "Paths are files of this disk, and --hub is another place.", { hint });
}

/** The findings are data and go to stdout; errors among them make the exit status. */
function report(call: Call, outcome: Outcome): Outcome {
  if (!outcome.ok) return outcome;
  const { problems, ...more } = outcome.result as { problems: Problem[] };
  const errors = problems.filter(({ severity }) => severity === "error").length;
  if (!call.globals.json) call.io.out(renderProblems(problems, formatOf(call)));
  const result = { ...more, errors, warnings: problems.length - errors, problems };
  if (errors === 0) return { ...outcome, result };
  const message = [`The check found ${countLine(errors, result.warnings)}.`, ...outcome.warnings].join(" ");
  // Of the record itself; a range is history, and paths are mended where they lie.
  const isRecord = call.input.range === undefined && call.input.paths === undefined;
  const hint = isRecord ? { hint: "owp repair shows what it can mend, and mends it when asked" } : {};
  return refused(refuse("validation_failed", message, { data: result, ...hint }), outcome.op);
}

function formatOf({ input, io }: Call): ProblemFormat {
  return (input.format as ProblemFormat | undefined) ?? (io.env.GITHUB_ACTIONS ? "github" : "text");
}
