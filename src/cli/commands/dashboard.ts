/** `owp dashboard`: the figures on the terminal, or as one HTML file that needs nothing else. */
import { writeFileSync } from "node:fs";
import { resolve } from "node:path";
import { refuse } from "../../core/refusal.ts";
import type { Dashboard } from "../../domain/governance/dashboard.ts";
import { type Command, refused } from "../command.ts";
import { withProperties } from "../widen.ts";

const HTML = {
  type: "string",
  description: "Write one HTML file here, which needs no other file and no network; it is overwritten.",
};

export const dashboard = (plain: Command): Command => ({
  ...plain,
  load: async () => {
    const { schema } = await plain.load();
    return {
      schema: withProperties(schema, { html: HTML }, ["commits"]),
      run: async (call) => {
        const { html, ...input } = call.input;
        const outcome = await call.withHub((hub) => hub.run("dashboard", input, call.runOptions()));
        if (!outcome.ok || typeof html !== "string") return outcome;
        const { dashboardPage } = await import("../../view/dashboard-html.ts");
        const file = resolve(call.place.dir ?? ".", html);
        try {
          writeFileSync(file, dashboardPage(outcome.result as Dashboard, call.now()));
        } catch (error) {
          const why = (error as Error).message;
          return refused(
            refuse("not_writable", `${html} could not be written: ${why}.`, { data: { path: file } }),
          );
        }
        return { ...outcome, result: { ...(outcome.result as Dashboard), html: file } };
      },
    };
  },
});
