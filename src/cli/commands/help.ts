/** `owp help [words]`: the overview, a command, the commands of a noun, or a topic. */
import { type Command, local, refused } from "../command.ts";
import { lookOf } from "../output.ts";
import { TOPIC_NAMES } from "../topic-names.ts";

export const help: Command = {
  name: "help",
  group: "help",
  summary: "Explain a command or a topic",
  type: "local",
  args: ["about...?"],
  examples: ["owp help claim", "owp help leases", "owp help exit-codes"],
  offline: false,
  load: async () => ({
    schema: {
      properties: {
        about: { type: "string", description: `A command, or a topic: ${TOPIC_NAMES.join(", ")}.` },
      },
    },
    run: async ({ input, commands, io, globals, now }) => {
      const { helpText } = await import("../help-for.ts");
      const words = typeof input.about === "string" ? input.about.split(" ") : [];
      const answer = await helpText(words, commands, lookOf(io, globals, now()));
      return answer.ok ? local({ text: answer.text }) : refused(answer);
    },
  }),
};
