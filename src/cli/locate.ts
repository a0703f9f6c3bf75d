/** Finds the command in the arguments, with global options before, between or behind its words. Pure. */
import { type Refusal, refuse } from "../core/refusal.ts";
import type { Command } from "./command.ts";
import { GLOBALS, globalOf, holdsValue, namesOf } from "./globals.ts";
import { suggest } from "./suggest.ts";

export type Located =
  | { to: "version" }
  /** words: what help is wanted for; none: the list of commands. */
  | { to: "help"; words: string[] }
  | { to: "run"; command: Command; argv: string[] }
  | Refusal;

export function locate(argv: readonly string[], commands: readonly Command[]): Located {
  const before: string[] = [];
  let prefix = "";
  let help = false;
  let at = 0;
  for (; at < argv.length; at++) {
    const word = argv[at] ?? "";
    if (word === "--") break;
    if (word.startsWith("-") && word !== "-") {
      if (word === "--version" && !prefix) return { to: "version" };
      const row = globalOf(word);
      if (!row) return unknownOption(word);
      if (row.key === "help") help = true;
      else before.push(word);
      if (row.kind !== "flag" && !holdsValue(word) && at + 1 < argv.length) before.push(argv[++at] ?? "");
      continue;
    }
    const name = prefix ? `${prefix} ${word}` : word;
    const command = commands.find((row) => row.name === name);
    const isGroup = commands.some((row) => row.name.startsWith(`${name} `));
    if (command && !(isGroup && startsSubcommand(name, argv.slice(at + 1), commands))) {
      if (help) return { to: "help", words: [name] };
      return { to: "run", command, argv: [...before, ...argv.slice(at + 1)] };
    }
    if (!isGroup) return unknownCommand(name, prefix, commands);
    prefix = name;
  }
  if (prefix && !help) return incomplete(prefix, commands);
  return { to: "help", words: prefix ? [prefix] : [] };
}

/** `owp worker list` where both `worker` and `worker list` are commands. */
function startsSubcommand(name: string, rest: readonly string[], commands: readonly Command[]): boolean {
  const next = rest.find((word) => !word.startsWith("-"));
  return next !== undefined && commands.some((row) => row.name === `${name} ${next}`);
}

function unknownOption(word: string): Refusal {
  const name = word.replace(/=.*/s, "");
  const near = suggest(name, [...GLOBALS.flatMap((row) => namesOf(row.flags)), "--version"]);
  const hint =
    near.length > 0
      ? `did you mean ${near.join(" or ")}?`
      : "options of a command stand behind it: owp <command> --help";
  return refuse("usage", `There is no option ${name} before the command.`, { hint });
}

function unknownCommand(name: string, prefix: string, commands: readonly Command[]): Refusal {
  const shown = commands.filter((row) => !row.hidden).map((row) => row.name);
  const firsts = [...new Set(shown.map((row) => row.split(" ")[0] ?? row))];
  const near = suggest(name, prefix ? shown.filter((row) => row.startsWith(`${prefix} `)) : firsts);
  const hint =
    near.length > 0
      ? `did you mean ${near.map((row) => `owp ${row}`).join(" or ")}?`
      : prefix
        ? `owp help ${prefix}`
        : "owp --help";
  return refuse("usage", `There is no command "${name}".`, {
    hint,
    data: { command: name, suggestions: near },
  });
}

function incomplete(prefix: string, commands: readonly Command[]): Refusal {
  const words = commands
    .filter((row) => row.name.startsWith(`${prefix} `))
    .map((row) => row.name.slice(prefix.length + 1));
  return refuse("usage", `owp ${prefix} needs one more word: ${words.join(", ")}.`, {
    hint: `owp help ${prefix}`,
  });
}
