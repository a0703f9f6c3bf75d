/** Composition root: joins the command line with the real clock, streams and engine. The only place that ends the process. */
import { version } from "./generated/version.ts";
import type { OpenHub } from "./lib/types.ts";

/** The text of `owp --help`, in colour; put in by scripts/build.ts, and not there when the source runs. */
declare const OWP_OVERVIEW: string | undefined;

const argv = process.argv.slice(2);
const early = argv.length < 2 ? (argv[0] ?? "--help") : "";

// What people and scripts ask for most often answers before anything else is loaded.
if (early === "--version") {
  process.stdout.write(`${version}\n`);
} else if (
  ["--help", "-h", "help"].includes(early) &&
  typeof OWP_OVERVIEW === "string" &&
  !process.env.FORCE_COLOR
) {
  const { NO_COLOR, TERM } = process.env;
  const color = process.stdout.isTTY && !NO_COLOR && TERM !== "dumb";
  // biome-ignore lint/suspicious/noControlCharactersInRegex: escape sequences are what is taken out.
  process.stdout.write(`${color ? OWP_OVERVIEW : OWP_OVERVIEW.replace(/\u001b\[\d+m/g, "")}\n`);
} else {
  const { runCli } = await import("./cli/run.ts");
  const { commands } = await import("./cli/commands.ts");
  const { processIo } = await import("./cli/process-io.ts");
  const openHub: OpenHub = async (options) => (await import("./cli/open.ts")).openHub(options);
  process.exitCode = await runCli(argv, processIo(), { commands, openHub, version });
}
