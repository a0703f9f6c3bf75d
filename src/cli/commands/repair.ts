/** `owp repair`: shows what it would mend, asks, and then mends exactly that. */

import { refuse } from "../../core/refusal.ts";
import type { Repaired } from "../../domain/repair/repair.ts";
import type { Outcome, Success } from "../../lib/types.ts";
import { clean } from "../../view/clean.ts";
import { repair as view } from "../../view/repair.ts";
import { type Call, type Command, refused } from "../command.ts";
import { lookOf } from "../output.ts";
import { checkWithout, withProperties } from "../widen.ts";

const YES = { type: "boolean", description: "Do not ask; mend whatever can be mended." };

export const repair = (plain: Command): Command => ({
  ...plain,
  load: async () => {
    const { schema, check } = await plain.load();
    return {
      schema: withProperties(schema, { yes: YES }),
      ...(check && { check: checkWithout(check, ["yes"]) }),
      run: showAndMend,
    };
  },
});

async function showAndMend(call: Call): Promise<Outcome> {
  const { yes, ...input } = call.input;
  const options = call.runOptions();
  const run = (agreed: object, dry_run: boolean) =>
    call.withHub((hub) => hub.run("repair", { ...input, ...agreed }, { ...options, dry_run }));
  if (yes || options.dry_run || input.agreed !== undefined) return run({}, options.dry_run === true);
  const proposed = await run({}, true);
  if (!proposed.ok) return proposed;
  const { changes: _shownByDryRun, ...shown } = proposed;
  const result = { ...(proposed.result as Repaired), would: true as const };
  if (result.already || !call.io.tty.in || !call.io.tty.err || call.globals.json) return { ...shown, result };
  if (!(await isWanted(call, shown, result))) {
    return refused(
      refuse("canceled", "Not confirmed. Nothing was changed.", { hint: "owp repair --dry-run" }),
    );
  }
  return run({ agreed: result.mark }, false);
}

async function isWanted(
  { io, globals, now }: Call,
  { warnings }: Success,
  result: Repaired,
): Promise<boolean> {
  const look = lookOf(io, globals, now(), "err");
  for (const line of [view.render(clean({ ...result, would: true }), look), ...warnings]) io.err(`${line}\n`);
  return (await io.ask("Publish this as one commit on the record? Type yes to go on: ")).trim() === "yes";
}
