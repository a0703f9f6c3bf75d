/** One run of the command line, from arguments to exit status. Everything outside comes in by `io` and `parts`. */
import { resolve } from "node:path";
import { EXIT, type Refusal, refuse } from "../core/refusal.ts";
import type { Hub, OpenHub, OpenOptions, RunOptions } from "../lib/types.ts";
import { clockShift } from "./clock.ts";
import { type Call, type Command, type LoadedCommand, refused, type Shown } from "./command.ts";
import type { Globals } from "./globals.ts";
import type { Io } from "./io.ts";
import { type Located, locate } from "./locate.ts";
import { loadViewOf, lookOf, printOutcome } from "./output.ts";

/** What main.ts joins. */
export interface Parts {
  commands: readonly Command[];
  openHub: OpenHub;
  version: string;
}

const NO_GLOBALS: Globals = { json: false, quiet: false, offline: false, dry_run: false };

/** Answers the exit status; never throws. */
export async function runCli(argv: readonly string[], io: Io, parts: Parts): Promise<number> {
  const globals = { ...NO_GLOBALS, ...roughGlobals(argv) };
  let command: Command | null = null;
  try {
    const located = locate(argv, parts.commands);
    if ("to" in located && located.to === "run") command = located.command;
    return await follow(located, globals, io, parts);
  } catch (error) {
    return printOutcome(command, refused(await faultOf(error, io)), globals, io, io.now());
  }
}

async function follow(located: Located, globals: Globals, io: Io, parts: Parts): Promise<number> {
  if (!("to" in located)) return printOutcome(null, refused(located), globals, io, io.now());
  if (located.to === "version") {
    io.out(`${parts.version}\n`);
    return EXIT.ok;
  }
  if (located.to === "help") return showHelp(located.words, globals, io, parts);
  return runCommand(located.command, located.argv, globals, io, parts);
}

async function runCommand(
  command: Command,
  argv: readonly string[],
  rough: Globals,
  io: Io,
  parts: Parts,
): Promise<number> {
  const [loaded, { checkInput, parseArguments }] = await Promise.all([command.load(), import("./parse.ts")]);
  const refuseNow = (refusal: Refusal) => printOutcome(command, refused(refusal), rough, io, io.now());
  const parsed = parseArguments(command, loaded.schema, argv, io.env);
  if (!("to" in parsed)) return refuseNow(parsed);
  if (parsed.to === "help") return showHelp([command.name], rough, io, parts);
  const clock = clockShift(io.env.OWP_NOW, io.now());
  if (!clock.ok) return refuseNow(clock);
  const { globals, input } = parsed;
  for (const name of parsed.stdin)
    input[name] = new TextDecoder().decode(await io.readStdin()).replace(/\r?\n$/, "");
  const wrong = checkInput(command, loaded.schema, loaded.check, input);
  if (wrong) return refuseNow(wrong);
  const now = () => io.now() + clock.shift_ms;
  const outcome = await perform(
    loaded,
    { name: command.name, input, globals, io, now, commands: parts.commands },
    parts.openHub,
  );
  return printOutcome(command, outcome, globals, io, now());
}

type Asked = Pick<Call, "input" | "globals" | "io" | "now" | "commands"> & Pick<Command, "name">;

async function perform(loaded: LoadedCommand, asked: Asked, openHub: OpenHub): Promise<Shown> {
  const { globals, io, now } = asked;
  let opened: Hub | Refusal | undefined;
  const place: OpenOptions = { dir: resolve(io.cwd, globals.dir ?? "."), env: io.env, now };
  for (const key of ["as", "branch", "queue", "remote", "hub"] as const)
    if (globals[key] !== undefined) place[key] = globals[key];
  const progress = progressOn(io, globals);
  const call: Call = {
    ...asked,
    // Data and questions do not begin at the end of a line of progress.
    io: {
      ...io,
      out: (text) => {
        progress.clear();
        io.out(text);
      },
      err: (text) => {
        progress.clear();
        io.err(text);
      },
    },
    place,
    withHub: async (use) => {
      opened ??= await openHub(place);
      void loadViewOf(asked.name).catch(() => undefined); // Here by the time the remote has answered.
      return "ok" in opened ? refused(opened) : use(opened);
    },
    runOptions: () => runOptionsOf(globals, io, progress.show),
  };
  try {
    const outcome = await loaded.run(call);
    return outcome.ok ? outcome : (await import("../core/sandbox.ts")).inSandbox(outcome, io.env);
  } finally {
    progress.clear();
    if (opened && !("ok" in opened)) await opened.close();
  }
}

function runOptionsOf(globals: Globals, io: Io, onProgress: RunOptions["onProgress"]): RunOptions {
  const options: RunOptions = { abort: io.abort, onProgress };
  if (globals.op) options.op = globals.op;
  if (globals.timeout_ms !== undefined) options.timeout_ms = globals.timeout_ms;
  if (globals.offline) options.offline = true;
  if (globals.dry_run) options.dry_run = true;
  return options;
}

/** One line on a terminal that is rewritten; nothing elsewhere. */
function progressOn(io: Io, globals: Globals) {
  const wanted = io.tty.err && !globals.quiet && !globals.json;
  let shown = false;
  let isLong = false;
  const show: RunOptions["onProgress"] = ({ stage, done, total }) => {
    if (!isLong) io.longWork();
    isLong = true;
    if (!wanted) return;
    shown = true;
    const share = total ? ` ${done ?? 0}/${total}` : done ? ` ${done}` : "";
    io.err(`\r\u001b[Kowp: ${stage}${share}…`);
  };
  const clear = () => {
    if (shown) io.err("\r\u001b[K");
    shown = false;
  };
  return { show, clear };
}

async function showHelp(words: readonly string[], globals: Globals, io: Io, parts: Parts): Promise<number> {
  const { helpText } = await import("./help-for.ts");
  const answer = await helpText(words, parts.commands, lookOf(io, globals, io.now()));
  if (!answer.ok) return printOutcome({ name: "help" }, refused(answer), globals, io, io.now());
  io.out(`${answer.text}\n`);
  return EXIT.ok;
}

/** --json and --quiet as far as they can be seen before anything is understood: errors follow them too. */
function roughGlobals(argv: readonly string[]): Partial<Globals> {
  const end = argv.indexOf("--");
  const words = end < 0 ? argv : argv.slice(0, end);
  const color = words.includes("--no-color") ? { color: false } : {};
  return {
    json: words.includes("--json"),
    quiet: words.includes("-q") || words.includes("--quiet"),
    ...color,
  };
}

/** What the file system forbids is no fault of owp's. */
const FORBIDDEN = new Set(["EACCES", "EPERM", "EROFS"]);

async function faultOf(error: unknown, io: Io): Promise<Refusal> {
  if (FORBIDDEN.has((error as NodeJS.ErrnoException)?.code ?? "")) {
    const [{ localRefusal }, { inSandbox }] = await Promise.all([
      import("../lib/open.ts"),
      import("../core/sandbox.ts"),
    ]);
    return inSandbox(localRefusal(error, io.cwd), io.env);
  }
  const text = error instanceof Error ? error.message : String(error);
  if (io.env.OWP_DEBUG && error instanceof Error) io.err(`${error.stack ?? text}\n`);
  return refuse("internal", `A fault in owp: ${text.replace(/\.$/, "")}.`, {
    data: { name: error instanceof Error ? error.name : typeof error },
  });
}
