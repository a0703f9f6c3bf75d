/** `--patch <file>` on commands that change what is to be done: the change goes into a file, for whoever may not push. */
import { writeFileSync } from "node:fs";
import { resolve } from "node:path";
import { type Refusal, refuse } from "../../core/refusal.ts";
import type { Patched } from "../../lib/patch.ts";
import type { Outcome } from "../../lib/types.ts";
import { type Call, type Command, type LoadedCommand, refused, type Shown } from "../command.ts";
import { checkWithout, withProperties } from "../widen.ts";

const PATCH = {
  type: "string",
  description:
    "Publish nothing: write the change to this file as a patch for git am, for someone who may push (- for standard output).",
};

export const patchable = (plain: Command): Command => ({
  ...plain,
  load: async () => {
    const loaded = await plain.load();
    return {
      schema: withProperties(loaded.schema, { patch: PATCH }),
      check: loaded.check && checkWithout(loaded.check, ["patch"]),
      run: async (call) => {
        const { patch: file, ...input } = call.input;
        if (file !== undefined && (input.pr || input.open_pr))
          return refused(
            refuse("usage", "A change becomes a patch (--patch) or a branch for review (--pr), not both.", {
              hint: `owp ${plain.name} --help`,
            }),
          );
        const plainCall = { ...call, input };
        return typeof file !== "string" || call.globals.dry_run
          ? withTheWay(await loaded.run(plainCall))
          : writePatch(loaded, plainCall, file);
      },
    };
  },
});

/** The view of what became a patch, whichever operation it is. */
const PATCHED = "patched";

/** Whoever may not push is told how the change gets there nevertheless. */
function withTheWay(outcome: Outcome): Outcome {
  if (outcome.ok || outcome.code !== "remote_denied" || outcome.data?.fault !== "auth") return outcome;
  return {
    ...outcome,
    hint: "the same command with --patch <file> writes the change for someone who may push; with --remote <fork> it goes to your fork's copy of the record",
  };
}

async function writePatch(loaded: LoadedCommand, call: Call, file: string): Promise<Shown> {
  const withHub: Call["withHub"] = (use) =>
    call.withHub((hub) =>
      use({
        run: (operation, input, options) => hub.run("patch", { operation, input }, options),
        close: () => hub.close(),
      }),
    );
  const outcome = await loaded.run({ ...call, withHub });
  if (!outcome.ok) return outcome;
  const { subject, patch, base, would } = outcome.result as Patched;
  const said = { subject, base, would };
  if (subject === null || file === "-")
    return { ...outcome, result: { ...said, file: null, patch }, shownAs: PATCHED };
  const wrong = write(resolve(call.place.dir, file), file, patch);
  return wrong ? refused(wrong, outcome.op) : { ...outcome, result: { ...said, file }, shownAs: PATCHED };
}

function write(path: string, file: string, patch: string): Refusal | undefined {
  try {
    writeFileSync(path, patch, { flag: "wx" });
    return undefined;
  } catch (error) {
    const exists = (error as NodeJS.ErrnoException).code === "EEXIST";
    const why = exists ? "it exists already" : (error as Error).message;
    return refuse("invalid_input", `${file} was not written: ${why}. Nothing was changed.`, {
      hint: "name another file",
      data: { file },
    });
  }
}
