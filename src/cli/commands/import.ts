/** `owp import <file|->`: reads and understands the source here, and hands the record plain items. */
import { type Call, type Command, refused } from "../command.ts";
import { withReview } from "../review.ts";
import type { SourceInput } from "../sources.ts";
import { withProperties } from "../widen.ts";

export const importCommand = (plain: Command): Command => ({
  ...plain,
  args: ["file?"],
  load: async () => {
    const { schema } = await plain.load();
    const more = {
      file: {
        type: "string",
        description:
          "A file of tasks, a folder of Backlog.md, github:owner/repo, or - for standard input (owp help sources).",
      },
      from: {
        enum: ["items", "beads", "github", "backlog"],
        description:
          "How the tasks are written, where they do not show it; beads and backlog are found at their usual places.",
      },
      state: {
        enum: ["open", "all"],
        description: "Of github:owner/repo: open issues (the default), or also the closed ones.",
      },
      label: {
        type: "array",
        items: { $ref: "common.json#/definitions/tag" },
        description: "Of github:owner/repo: only issues with this label; give it once for each.",
      },
      system: {
        type: "string",
        description:
          "A name for the source; by default github, beads, backlog or file. A task is found again by it and its own id.",
      },
    };
    return withReview({
      schema: withProperties(schema, more, ["items", "covers"]),
      run: importFrom,
    });
  },
});

async function importFrom(call: Call) {
  const { from, file, state, label, system, ...rest } = call.input as SourceInput & { system?: string };
  const { readSource } = await import("../sources.ts");
  const parsed = await readSource(call, { from, file, state, label, all: rest.all });
  if (!parsed.ok) return refused(parsed);
  call.runOptions().onProgress?.({ stage: `importing ${parsed.items.length} tasks` });
  // A list that is given a name of its own is all of it.
  const covers = parsed.covers ?? (parsed.dialect === "items" && system !== undefined ? {} : undefined);
  const input = {
    ...rest,
    system: system ?? parsed.system,
    items: parsed.items,
    ...(covers && { covers }),
    ...(file !== undefined && file !== "-" && { file }),
  };
  const outcome = await call.withHub((hub) => hub.run("import", input, call.runOptions()));
  return outcome.ok ? { ...outcome, warnings: [...parsed.warnings, ...outcome.warnings] } : outcome;
}
