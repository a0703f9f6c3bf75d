/** Composition root: joins the command line with the real clock, streams and engine. */
import { commands } from "./cli/commands.ts";
import { locate } from "./cli/locate.ts";
import { processIo } from "./cli/process-io.ts";
import { runCli } from "./cli/run.ts";
import { version } from "./generated/version.ts";
import type { OpenHub } from "./lib/types.ts";

const openHub: OpenHub = async (options) => (await import("./cli/open.ts")).openHub(options);

/** Runs a command and answers its exit status. */
export const run = (argv: readonly string[]): Promise<number> =>
  runCli(argv, processIo(), { commands, openHub, version });

/** The command that the arguments ask for; what runs is much the same from one time to the next. */
export function commandOf(argv: readonly string[]): string {
  const located = locate(argv, commands);
  return "to" in located && located.to === "run" ? located.command.name : "";
}
