/** The text of `owp --help`, `owp help <group>` and of each command's --help. Without commander, so that it starts at once. */
import { EXIT } from "../core/refusal.ts";
import type { Look } from "../view/look.ts";
import { columns, indent, padEnd, paint, wrap } from "../view/paint.ts";
import type { Command, InputSchema } from "./command.ts";
import { EXIT_MEANS, exitsOf } from "./exits.ts";
import { argName, type Field, fieldOf, fieldsOf } from "./fields.ts";
import { GLOBALS } from "./globals.ts";
import { TOPIC_NAMES } from "./topic-names.ts";

/** The groups of commands, in the order in which they are shown. */
export const GROUPS: readonly [Command["group"], string][] = [
  ["setup", "Set up"],
  ["plan", "Plan"],
  ["work", "Work"],
  ["watch", "Watch"],
  ["decide", "Decide"],
  ["healthy", "Keep healthy"],
  ["help", "Help"],
];

/** Options shown beside each other are never pushed further right than this. */
const MAX_LEFT = 30;

export function renderOverview(commands: readonly Command[], look: Look): string {
  const shown = commands.filter((command) => !command.hidden);
  const width = Math.max(...overviewNames(shown).map(columns)) + 2;
  const blocks = GROUPS.map(([group, title]) => {
    const lines = overviewLines(shown.filter((command) => command.group === group));
    if (lines.length === 0) return "";
    const body = lines.map(([name, summary]) => `  ${padEnd(paint(look, "cyan", name), width)}${summary}`);
    return [paint(look, "bold", title), ...body].join("\n");
  });
  return [
    "owp: a queue of work that people and agents share through any git remote",
    `${paint(look, "bold", "Usage")}  owp <command> [words] [options]`,
    ...blocks.filter((block) => block !== ""),
    `${paint(look, "bold", "Topics")}  owp help <topic>: ${TOPIC_NAMES.join(", ")}`,
    `${paint(look, "bold", "Start")}   owp init, owp add "Fix the login", owp claim, owp done`,
  ].join("\n\n");
}

/** A noun with several verbs takes one line. */
function overviewLines(commands: readonly Command[]): [string, string][] {
  const lines = new Map<string, string>();
  for (const { name, summary } of commands) {
    const [noun = name, verb] = name.split(" ");
    const verbs = commands
      .filter((other) => other.name.startsWith(`${noun} `))
      .map((other) => other.name.slice(noun.length + 1));
    if (!verb || verbs.length === 1) lines.set(name, summary);
    else lines.set(noun, verbs.join(", "));
  }
  return [...lines];
}

const overviewNames = (commands: readonly Command[]) => overviewLines(commands).map(([name]) => name);

/** The commands that begin with one noun. */
export function renderGroup(noun: string, commands: readonly Command[], look: Look): string {
  const rows = commands.filter((command) => command.name === noun || command.name.startsWith(`${noun} `));
  const pairs = rows.map((row): [string, string] => [
    `owp ${[row.name, usageOf(row)].join(" ").trim()}`,
    row.summary,
  ]);
  return [`${paint(look, "bold", "Usage")}  owp ${noun} <command>`, pairTable(pairs, look)].join("\n\n");
}

export function renderCommandHelp(command: Command, schema: InputSchema, look: Look): string {
  const fields = fieldsOf(schema, command.args);
  const usage = ["owp", command.name, usageOf(command), "[options]"].filter((part) => part !== "").join(" ");
  const words = command.args.map((arg): [string, string] => {
    const name = argName(arg);
    const field = fieldOf(name, schema.properties?.[name] ?? {}, schema);
    return [name.replaceAll("_", "-"), describe(field)];
  });
  const globals = GLOBALS.filter((row) => isShown(row.shown, command));
  const parts: [string, string][] = [
    ["Words", pairTable(words, look)],
    [
      "Options",
      pairTable(
        fields.map((field) => [flagsOf(field), describe(field)]),
        look,
      ),
    ],
    [
      "Everywhere",
      pairTable(
        globals.map((row) => [row.flags, row.help]),
        look,
      ),
    ],
    ["Examples", command.examples.map((example) => `  ${example}`).join("\n")],
    [
      "Exit status",
      exitsOf(command)
        .map((name) => `  ${EXIT[name]}  ${EXIT_MEANS[name]}`)
        .join("\n"),
    ],
  ];
  const blocks = parts
    .filter(([, body]) => body !== "")
    .map(([title, body]) => `${paint(look, "bold", title)}\n${body}`);
  return [wrap(command.summary, look.width), `${paint(look, "bold", "Usage")}  ${usage}`, ...blocks].join(
    "\n\n",
  );
}

/** The words of a command in its usage line: `[id] <text...>`. */
export function usageOf(command: Pick<Command, "args">): string {
  return command.args
    .map((arg) => {
      const name = `${argName(arg).replaceAll("_", "-")}${arg.includes("...") ? "..." : ""}`;
      return arg.endsWith("?") ? `[${name}]` : `<${name}>`;
    })
    .join(" ");
}

function isShown(shown: "change" | "offline" | undefined, command: Command): boolean {
  if (command.type === "local") return shown === undefined;
  if (shown === "change") return command.type === "change";
  return shown !== "offline" || command.offline || command.type === "query";
}

export function flagsOf(field: Field): string {
  const flag = field.default === true ? field.flag.replace(/^--/, "--no-") : field.flag;
  const value = field.kind === "boolean" ? "" : ` <${field.placeholder}>`;
  return `${field.short ? `${field.short}, ` : ""}${flag}${value}`;
}

/** The field's sentence with its choices, its default and how often it may stand. */
export function describe(field: Field): string {
  const notes: string[] = [];
  if (field.choices) notes.push(`one of ${field.choices.join(", ")}`);
  if (field.kind === "list") notes.push(field.splits ? "may stand again, or commas" : "may stand again");
  if (field.long) notes.push("- reads standard input");
  if (field.default !== undefined && typeof field.default !== "boolean")
    notes.push(`default: ${JSON.stringify(field.default)}`);
  const sentence = field.description.replace(/\.$/, "");
  return notes.length === 0 ? sentence : `${sentence}${sentence ? " " : ""}(${notes.join("; ")})`;
}

function pairTable(pairs: readonly [string, string][], look: Look): string {
  if (pairs.length === 0) return "";
  const left = Math.min(MAX_LEFT, Math.max(...pairs.map(([name]) => columns(name)))) + 2;
  return pairs
    .map(([name, text]) => {
      const body = indent(wrap(text, look.width - left - 2), left + 2).trimStart();
      const head = `  ${paint(look, "cyan", name)}`;
      if (text === "") return head;
      return columns(name) + 2 > left
        ? `${head}\n${" ".repeat(left + 2)}${body}`
        : `${padEnd(head, left + 2)}${body}`;
    })
    .join("\n");
}
