/** `owp demo`: the main job on this machine, with nothing set up before and nothing left behind but a folder in /tmp. */
import { type Command, local } from "../command.ts";

export const demo: Command = {
  name: "demo",
  group: "setup",
  summary: "Watch three clones of a local hub share a queue",
  type: "local",
  args: [],
  examples: ["owp demo", "owp demo --clean"],
  offline: true,
  load: async () => ({
    schema: {
      properties: {
        clean: {
          type: "boolean",
          description: "Remove the folder at the end; by default it stays, to look around.",
        },
      },
    },
    run: async ({ input, io, globals }) => {
      const { playDemo } = await import("../../lib/demo/play.ts");
      const { openHub } = await import("../open.ts");
      const quiet = globals.quiet || globals.json;
      const tell = (line: string) => (quiet ? undefined : io.out(`${line}\n`));
      const report = await playDemo(openHub, tell, io.abort, input.clean !== true);
      return local(globals.json ? report : { text: "" });
    },
  }),
};
