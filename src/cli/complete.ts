/** What may stand at the end of a command line: commands, options, values, and ids from the clone's own index. */

import type { Outcome } from "../lib/types.ts";
import { cleanText } from "../view/clean.ts";
import { oneLine } from "../view/paint.ts";
import type { Call, Command, InputSchema } from "./command.ts";
import { argName, type Field, fieldOf, fieldsOf } from "./fields.ts";
import { GLOBALS, globalOf, holdsValue, namesOf } from "./globals.ts";
import { TOPIC_NAMES } from "./topic-names.ts";

export interface Candidate {
  value: string;
  about?: string;
}

const MAX_ABOUT = 60;
const MAX_TASKS = 500;

/** Arguments and fields that take a task or a worker. */
const TASK_FIELDS = new Set([
  "id",
  "task",
  "blocked_by",
  "blocks",
  "parent",
  "add_blocked_by",
  "remove_blocked_by",
]);
const WORKER_FIELDS = new Set(["to", "worker", "assigned_to", "holder", "for"]);

export async function candidatesFor(words: readonly string[], call: Call): Promise<Candidate[]> {
  const last = words.at(-1) ?? "";
  // bash hands over `--status=re` as three words.
  const typed = last === "=" ? "" : last;
  const before = words.slice(0, -1).filter((word) => word !== "=");
  const candidates = await candidatesAt(before, typed, call);
  return candidates.filter(({ value }) => value.startsWith(typed));
}

async function candidatesAt(before: readonly string[], typed: string, call: Call): Promise<Candidate[]> {
  const { prefix, command, rest, open } = scan(before, call.commands);
  if (open) return open === "as" ? workers(call) : [];
  if (!command) return typed.startsWith("-") ? globalCandidates() : commandCandidates(prefix, call.commands);
  const { schema } = await command.load();
  const fields = fieldsOf(schema, command.args);
  if (typed.startsWith("--") && typed.includes("=")) {
    const flag = typed.replace(/=.*/s, "");
    const field = fields.find((one) => one.flag === flag);
    return (await valuesOf(field, command, call)).map(({ value, about }) => ({
      value: `${flag}=${value}`,
      about,
    }));
  }
  const option = optionBefore(rest, fields);
  if (option) return valuesOf(option, command, call);
  if (typed.startsWith("-")) return [...fields.map(flagCandidate), ...globalCandidates(command)];
  return wordCandidates(rest, fields, command, schema, call);
}

interface Scanned {
  /** Words of the command so far. */
  prefix: string;
  command?: Command;
  rest: string[];
  /** A global option that waits for its value. */
  open?: string;
}

function scan(words: readonly string[], commands: readonly Command[]): Scanned {
  let prefix = "";
  for (let at = 0; at < words.length; at++) {
    const word = words[at] ?? "";
    const row = word.startsWith("-") ? globalOf(word) : undefined;
    if (row && row.kind !== "flag" && !holdsValue(word) && ++at === words.length)
      return { prefix, rest: [], open: row.key };
    if (word.startsWith("-")) continue;
    prefix = prefix ? `${prefix} ${word}` : word;
    const command = commands.find((one) => one.name === prefix);
    if (command) return scanRest(command, words.slice(at + 1));
  }
  return { prefix, rest: [] };
}

function scanRest(command: Command, rest: string[]): Scanned {
  const last = rest.at(-1) ?? "";
  const row = last.startsWith("-") ? globalOf(last) : undefined;
  const open = row && row.kind !== "flag" && !holdsValue(last) ? row.key : undefined;
  return { prefix: command.name, command, rest, open };
}

function commandCandidates(prefix: string, commands: readonly Command[]): Candidate[] {
  const candidates = new Map<string, string | undefined>();
  for (const { name, summary, hidden } of commands) {
    if (hidden || (prefix && !name.startsWith(`${prefix} `))) continue;
    const words = name.slice(prefix ? prefix.length + 1 : 0).split(" ");
    const word = words[0] ?? "";
    candidates.set(word, words.length > 1 || candidates.has(word) ? undefined : summary);
  }
  return [...candidates].map(([value, about]) => ({ value, about }));
}

const flagCandidate = (field: Field): Candidate => ({
  value: field.default === true ? field.flag.replace(/^--/, "--no-") : field.flag,
  about: short(field.description),
});

function globalCandidates(command?: Command): Candidate[] {
  const rows = GLOBALS.filter((row) => !command || row.shown !== "change" || command.type === "change");
  return rows.map((row) => ({ value: namesOf(row.flags).at(-1) ?? "", about: row.help }));
}

/** The option that the last word before the cursor names, when it takes a value. */
function optionBefore(rest: readonly string[], fields: readonly Field[]): Field | undefined {
  const last = rest.at(-1) ?? "";
  return fields.find((field) => field.kind !== "boolean" && (field.flag === last || field.short === last));
}

/** The word at the cursor is the argument of its place. */
async function wordCandidates(
  rest: readonly string[],
  fields: readonly Field[],
  command: Command,
  schema: InputSchema,
  call: Call,
): Promise<Candidate[]> {
  let place = 0;
  for (const [at, word] of rest.entries()) {
    const takesValue = optionBefore(rest.slice(0, at), fields) !== undefined;
    const global = globalOf(rest[at - 1] ?? "");
    if (!word.startsWith("-") && !takesValue && (!global || global.kind === "flag")) place++;
  }
  const arg = command.args[Math.min(place, command.args.length - 1)];
  if (!arg || (place >= command.args.length && !arg.includes("..."))) return [];
  const name = argName(arg);
  return valuesOf(fieldOf(name, schema.properties?.[name] ?? {}, schema), command, call);
}

async function valuesOf(field: Field | undefined, command: Command, call: Call): Promise<Candidate[]> {
  if (!field) return [];
  if (field.choices) return field.choices.map((value) => ({ value }));
  if (TASK_FIELDS.has(field.name)) return tasks(call);
  const isWorker = WORKER_FIELDS.has(field.name) && command.name !== "claim";
  if (isWorker || (field.name === "name" && command.name.startsWith("worker "))) return workers(call);
  if (command.name === "help")
    return [...TOPIC_NAMES.map((value) => ({ value })), ...commandCandidates("", call.commands)];
  return [];
}

const tasks = (call: Call) =>
  ask(call, "list", { limit: MAX_TASKS }, (row) => ({
    value: String(row.short ?? row.id),
    about: short(String(row.title ?? "")),
  }));

const workers = (call: Call) => ask(call, "worker list", {}, (row) => ({ value: String(row.name) }));

/** Rows of a query that is answered from the clone alone. */
async function ask(
  call: Call,
  name: string,
  input: object,
  toCandidate: (row: Record<string, unknown>) => Candidate,
): Promise<Candidate[]> {
  const outcome: Outcome = await call.withHub((hub) => hub.run(name, input, { offline: true }));
  if (!outcome.ok || typeof outcome.result !== "object" || outcome.result === null) return [];
  const rows = Object.values(outcome.result).find(Array.isArray) ?? [];
  return rows.map((row: Record<string, unknown>) => toCandidate(row));
}

function short(text: string): string {
  const line = oneLine(cleanText(text));
  return line.length > MAX_ABOUT ? `${line.slice(0, MAX_ABOUT - 1)}…` : line;
}
