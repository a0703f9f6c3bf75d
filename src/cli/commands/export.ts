/** `owp export`: the tasks as a text on standard output; with --json the result as of any command. */
import type { Exported } from "../../domain/exchange/export.ts";
import { cleanText } from "../../view/clean.ts";
import type { Command } from "../command.ts";

export const exportCommand = (plain: Command): Command => ({
  ...plain,
  load: async () => {
    const loaded = await plain.load();
    return {
      ...loaded,
      run: async (call) => {
        const outcome = await loaded.run(call);
        if (!outcome.ok || call.globals.json) return outcome;
        const { renderExport } = await import("../../domain/exchange/export.ts");
        const text = renderExport(outcome.result as Exported);
        // A file gets every byte; a terminal obeys some of them.
        return { ...outcome, result: { text: call.io.tty.out ? cleanText(text) : text } };
      },
    };
  },
});
