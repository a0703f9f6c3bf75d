/** `owp __complete -- <words>`: candidates for the last word, one a line. Never asks the remote, and is silent on errors. */
import { type Command, local } from "../command.ts";

export const complete: Command = {
  name: "__complete",
  group: "help",
  summary: "List what may stand at the end of a command line",
  type: "local",
  args: ["words...?"],
  examples: ["owp __complete -- show k3"],
  offline: true,
  hidden: true,
  load: async () => ({
    schema: {
      properties: { words: { type: "array", items: { type: "string" }, description: "The words so far." } },
    },
    run: async (call) => {
      const { candidatesFor } = await import("../complete.ts");
      const words = Array.isArray(call.input.words) ? call.input.words.map(String) : [""];
      const lines: string[] = [];
      try {
        for (const { value, about } of await candidatesFor(words, call))
          lines.push(about ? `${value}\t${about}` : value);
      } catch {
        // A shell that asks for candidates must never show an error.
      }
      return local({ text: lines.join("\n") });
    },
  }),
};
