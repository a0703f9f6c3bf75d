/** Where the process begins: answers at once what needs no program, and runs the program. The only place that ends the process. */
import { fstatSync, writeSync } from "node:fs";
import { join } from "node:path";
import { loadProgram } from "./code-cache.ts";
import { version } from "./generated/version.ts";

/** The text of `owp --help`, in colour, and the hash of program.cjs; put in by scripts/build.ts, and not there when the source runs. */
declare const OWP_OVERVIEW: string | undefined;
declare const OWP_PROGRAM: string | undefined;
/** Of the bundle, which is CommonJS: node's loader of modules takes longer to start than --help to answer. */
declare const __dirname: string;

type Program = typeof import("./program.ts");

const argv = process.argv.slice(2);
const early = argv.length < 2 ? (argv[0] ?? "--help") : "";

// What people and scripts ask for most often answers before anything else is loaded.
if (early === "--version") {
  say(`${version}\n`);
} else if (
  ["--help", "-h", "help"].includes(early) &&
  typeof OWP_OVERVIEW === "string" &&
  !process.env.FORCE_COLOR
) {
  const { NO_COLOR, TERM } = process.env;
  const color = isTerminal() && !NO_COLOR && TERM !== "dumb";
  // biome-ignore lint/suspicious/noControlCharactersInRegex: escape sequences are what is taken out.
  say(`${color ? OWP_OVERVIEW : OWP_OVERVIEW.replace(/\u001b\[\d+m/g, "")}\n`);
} else if (typeof OWP_PROGRAM === "string") {
  const { exports, keep } = loadProgram<Program>(join(__dirname, "program.cjs"), OWP_PROGRAM);
  void end(exports).then(() => keep(exports.commandOf(argv)));
} else {
  void import("./program.ts").then(end);
}

async function end(program: Program): Promise<void> {
  process.exitCode = await program.run(argv);
}

/** process.stdout takes longer to load than this takes to write; it is there for a pipe that is full or closed. */
function say(text: string): void {
  let bytes = Buffer.from(text);
  try {
    while (bytes.length > 0) bytes = bytes.subarray(writeSync(1, bytes));
  } catch {
    process.stdout.write(bytes);
  }
}

function isTerminal(): boolean {
  return fstatSync(1).isCharacterDevice() && process.stdout.isTTY;
}
