/** From the arguments of one command to its input and the global options. Pure: a dry run of it costs nothing. */
import { CommanderError } from "commander";
import type { InputCheck } from "../core/operation.ts";
import { type Refusal, refuse } from "../core/refusal.ts";
import { dotted, inputRefusal } from "../core/violations.ts";
import { buildCommander } from "./build.ts";
import type { Command, InputSchema } from "./command.ts";
import { argName, type Field, fieldOf } from "./fields.ts";
import type { Globals } from "./globals.ts";
import { usageOf } from "./help.ts";
import { suggest } from "./suggest.ts";

export type Parsed =
  | { to: "help" }
  | {
      to: "run";
      input: Record<string, unknown>;
      globals: Globals;
      /** Fields given as `-`: their text comes from standard input. */
      stdin: string[];
    };

type Env = Record<string, string | undefined>;

export function parseArguments(
  command: Command,
  schema: InputSchema,
  argv: readonly string[],
  env: Env,
): Parsed | Refusal {
  const built = buildCommander(command, schema);
  try {
    built.commander.parse([...argv], { from: "user" });
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    return usageRefusal(command, error);
  }
  const options = built.commander.opts() as Record<string, unknown>;
  if (options.help === true) return { to: "help" };
  const globals: Globals = { json: false, quiet: false, offline: false, dry_run: false };
  for (const [key, row] of built.globals) {
    if (row.key === "color") globals.color = options.color === false ? false : undefined;
    else if (row.key !== "help" && options[key] !== undefined)
      Object.assign(globals, { [row.key]: options[key] });
  }
  const input: Record<string, unknown> = {};
  for (const [key, field] of built.fields) {
    const given = built.commander.getOptionValueSource(key) === "cli";
    if (given) input[field.name] = coerce(field, options[key]);
  }
  const words = assignWords(command, schema, built.commander.args);
  if (!words.ok) return words;
  Object.assign(input, words.input);
  const epoch = epochOf(schema, input, env);
  if (!epoch.ok) return epoch;
  const long = [...built.fields.values()].filter((field) => field.long).map((field) => field.name);
  const stdin = [...long, ...words.long].filter((name) => input[name] === "-");
  if (stdin.length > 1)
    return refuse("usage", `Only one of ${stdin.join(" and ")} can be read from standard input.`);
  return { to: "run", input: { ...input, ...epoch.input }, globals, stdin };
}

/** A field that takes numbers and words (P0) gets a number where one is written. */
function coerce(field: Field, value: unknown): unknown {
  return field.numeric && typeof value === "string" && /^\d{1,15}$/.test(value) ? Number(value) : value;
}

type Words = { ok: true; input: Record<string, unknown>; long: string[] };

/** Words go to the required arguments first, then to the optional ones from the left; the last one may take the rest. */
function assignWords(command: Command, schema: InputSchema, words: readonly string[]): Words | Refusal {
  const required = command.args.filter((arg) => !arg.endsWith("?")).length;
  const usage = { hint: `usage: owp ${command.name} ${usageOf(command)}`.trim() };
  let spare = words.length - required;
  const input: Record<string, unknown> = {};
  const long: string[] = [];
  let next = 0;
  for (const arg of command.args) {
    if (arg.endsWith("?") && spare-- <= 0) continue;
    const name = argName(arg);
    if (next >= words.length)
      return refuse("usage", `owp ${command.name} needs <${name.replaceAll("_", "-")}>.`, usage);
    const field = fieldOf(name, schema.properties?.[name] ?? { type: "string" }, schema);
    const taken = arg.includes("...") ? words.slice(next) : words.slice(next, next + 1);
    next += taken.length;
    const value = readWords(field, taken);
    if (value === undefined) {
      const wanted = field.choices ? `one of ${field.choices.join(", ")}` : "a whole number";
      const near = suggest(taken.join(" "), field.choices ?? []);
      const hint = near.length > 0 ? { hint: `did you mean ${near.join(" or ")}?` } : usage;
      return refuse("usage", `<${name}> is "${taken.join(" ")}"; it must be ${wanted}.`, hint);
    }
    input[name] = value;
    if (field.long) long.push(name);
  }
  if (next < words.length) {
    const message = `owp ${command.name} takes ${command.args.length === 0 ? "no words" : usageOf(command)}; "${words[next]}" is one too many.`;
    return refuse("usage", message, usage);
  }
  return { ok: true, input, long };
}

function readWords(field: Field, words: readonly string[]): unknown {
  if (field.kind === "list") return words.flatMap((word) => (field.splits ? word.split(",") : [word]));
  const text = words.join(" ");
  if (field.choices && !field.choices.includes(text)) return undefined;
  if (field.kind !== "integer") return text;
  return /^-?\d{1,15}$/.test(text) ? Number(text) : undefined;
}

/** OWP_LEASE_EPOCH is the epoch of a command that takes one and was given none. */
function epochOf(schema: InputSchema, input: Record<string, unknown>, env: Env) {
  const text = env.OWP_LEASE_EPOCH;
  if (!schema.properties?.epoch || input.epoch !== undefined || !text)
    return { ok: true, input: {} } as const;
  if (/^[1-9]\d{0,14}$/.test(text)) return { ok: true, input: { epoch: Number(text) } } as const;
  return refuse("usage", `OWP_LEASE_EPOCH is "${text}"; it must be a whole number from 1.`, {
    hint: "unset OWP_LEASE_EPOCH",
  });
}

/** commander's own words, with its suggestion as the hint. */
function usageRefusal(command: Command, error: CommanderError): Refusal {
  const text = error.message.replace(/^error: /, "");
  const near = /\(Did you mean (.*)\?\)/s.exec(text)?.[1];
  const said = text.replace(/\s*\(Did you mean .*/s, "").replace(/\.$/, "");
  const message = `${said.charAt(0).toUpperCase()}${said.slice(1)}.`;
  return refuse("usage", message, { hint: near ? `did you mean ${near}?` : `owp ${command.name} --help` });
}

/** What is wrong with an input, said with the names of the command line; undefined where nothing is. */
export function checkInput(
  command: Command,
  schema: InputSchema,
  check: InputCheck | undefined,
  input: Record<string, unknown>,
): Refusal | undefined {
  if (!check || check(input)) return undefined;
  const refusal = inputRefusal(check.errors, input, (keys) => labelOf(keys, command, schema));
  return { ...refusal, hint: `owp ${command.name} --help` };
}

/** What the user typed for a part of the input: `<id>`, `--estimate`, the second `--skill`. */
function labelOf([name = "", ...inner]: readonly string[], command: Command, schema: InputSchema): string {
  const place =
    inner.length === 0
      ? ""
      : /^\d+$/.test(inner.join())
        ? ` (value ${Number(inner[0]) + 1})`
        : ` (${dotted(inner)})`;
  if (command.args.some((arg) => argName(arg) === name)) return `<${name.replaceAll("_", "-")}>${place}`;
  const property = schema.properties?.[name];
  return `${property ? fieldOf(name, property, schema).flag : name}${place}`;
}
