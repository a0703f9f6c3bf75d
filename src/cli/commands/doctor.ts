/** `owp doctor`: looks at clone, git, remote, clock and record, and mends what is safe to mend. Works where no hub opens. */
import { refuse } from "../../core/refusal.ts";
import { clean } from "../../view/clean.ts";
import { renderChecks } from "../../view/doctor.ts";
import { type Command, local, refused } from "../command.ts";
import { lookOf } from "../output.ts";

export const doctor: Command = {
  name: "doctor",
  group: "healthy",
  summary: "Find what is wrong with clone, remote, clock or record",
  type: "query",
  args: [],
  examples: ["owp doctor", "owp doctor --fix"],
  offline: false,
  load: async () => ({
    schema: {
      properties: {
        fix: { type: "boolean", description: "Mend what can be mended without loss." },
        accept_rewrite: {
          type: "boolean",
          description: "Follow a record whose history was replaced on the remote, when that was meant.",
        },
      },
    },
    run: async ({ input, place, now, globals, io }) => {
      const { diagnose } = await import("../../lib/doctor/diagnose.ts");
      const checks = await diagnose(place, {
        fix: input.fix === true,
        accept_rewrite: input.accept_rewrite === true,
        offline: globals.offline,
        now: now(),
      });
      // The findings are data, also when they make the answer a refusal.
      if (!globals.json) io.out(`${renderChecks(clean(checks), lookOf(io, globals, now()))}\n`);
      const failed = checks.filter((check) => check.state === "failed");
      if (failed.length === 0) return local({ checks });
      const hint = failed[0]?.hint ?? "owp doctor --fix";
      const message = `${failed.length} of ${checks.length} checks failed.`;
      return refused(refuse("validation_failed", message, { hint, data: { checks } }));
    },
  }),
};
