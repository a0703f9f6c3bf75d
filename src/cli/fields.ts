/** From an input's JSON Schema to options of the command line. Pure. */
import type { InputSchema } from "./command.ts";

export interface Field {
  /** The input's property, for instance max_attempts. */
  name: string;
  /** For instance --max-attempts. */
  flag: string;
  short?: string;
  kind: "boolean" | "integer" | "number" | "string" | "list" | "json";
  /** What stands for the value in the help. */
  placeholder: string;
  choices?: string[];
  description: string;
  default?: unknown;
  /** A list whose items cannot hold a comma: `-s rust,sql` is two. */
  splits: boolean;
  /** Takes a number or a word (priority: 80 or P1). */
  numeric: boolean;
  /** Long text: `-` reads it from standard input. */
  long: boolean;
}

/** Short flags of the commonest fields; one letter means the same everywhere. */
const SHORT: Record<string, string> = {
  message: "-m",
  priority: "-p",
  labels: "-l",
  label: "-l",
  skills: "-s",
  skill: "-s",
  limit: "-n",
  description: "-d",
  type: "-t",
  estimate: "-e",
  all: "-a",
  repo: "-r",
};

/** List fields are named in the plural and given one at a time. */
const SINGULAR: Record<string, string> = {
  skills: "skill",
  labels: "label",
  criteria: "criterion",
  artifacts: "artifact",
  tags: "tag",
  ids: "id",
  dependencies: "dependency",
};

/** Fields that take something else than their name says. */
const NAMED: Record<string, string> = {
  accept: "text",
  assigned_to: "worker",
  add_blocked_by: "id",
  blocked_by: "id",
  blocks: "id",
  clear: "field",
  commit: "sha",
  message: "text",
  not_before: "time",
  note: "text",
  parent: "id",
  patch: "url",
  pr: "url",
  remove_blocked_by: "id",
};

/** What the shared definitions of common.json are called in a usage line. */
const PLACEHOLDER: Record<string, string> = {
  duration: "duration",
  taskId: "id",
  workerName: "worker",
  timestamp: "time",
  slug: "slug",
  tag: "tag",
};

const LONG_TEXT = 4000;

/** The options of an input, in the schema's order; `args` are given as words instead. */
export function fieldsOf(schema: InputSchema, args: readonly string[]): Field[] {
  const words = new Set(args.map(argName));
  return Object.entries(schema.properties ?? {})
    .filter(([name]) => !words.has(name))
    .map(([name, property]) => fieldOf(name, property, schema));
}

/** `id?` and `text...` without their marks. */
export const argName = (arg: string): string => arg.replace(/[?.]+$/, "");

export function fieldOf(name: string, property: InputSchema, root: InputSchema): Field {
  const type = settle(property, root);
  const item = type.items ? settle(type.items, root) : undefined;
  const kind = kindOf(type);
  const choices = (item ?? type).enum?.filter((value) => value !== null).map(String);
  const flagName = (kind === "list" && SINGULAR[name]) || name;
  return {
    name,
    flag: `--${flagName.replaceAll("_", "-")}`,
    short: SHORT[name],
    kind,
    placeholder:
      NAMED[name] ??
      PLACEHOLDER[definitionOf(type) ?? definitionOf(item) ?? ""] ??
      placeholderOf(kind, flagName),
    choices: choices && choices.length > 0 ? choices : undefined,
    description: property.description ?? type.description ?? "",
    default: property.default,
    splits: item !== undefined && refusesCommas(item),
    numeric: kind === "string" && [type.type].flat().includes("integer"),
    long: kind === "string" && (type.maxLength ?? 0) >= LONG_TEXT,
  };
}

/** A schema with its reference and its null alternative taken away; `$ref` stays as a note of where it came from. */
function settle(schema: InputSchema, root: InputSchema): InputSchema {
  const choice = (schema.anyOf ?? schema.oneOf)?.find((one) => one.type !== "null");
  if (choice && !schema.type)
    return { ...settle(choice, root), description: schema.description ?? choice.description };
  if (schema.allOf?.[0]) return settle({ ...schema.allOf[0], description: schema.description }, root);
  if (!schema.$ref) return schema;
  const name = definitionOf(schema) ?? "";
  const target = root.definitions?.[name];
  return { type: "string", ...target, ...schema };
}

const definitionOf = (schema: InputSchema | undefined): string | undefined => schema?.$ref?.split("/").at(-1);

function kindOf(schema: InputSchema): Field["kind"] {
  const types = [schema.type ?? (schema.enum ? "string" : "object")].flat().filter((type) => type !== "null");
  if (types.includes("array")) return "list";
  if (types.includes("boolean")) return "boolean";
  if (types.includes("string")) return "string";
  if (types.includes("integer")) return "integer";
  return types.includes("number") ? "number" : "json";
}

function placeholderOf(kind: Field["kind"], flagName: string): string {
  if (kind === "integer" || kind === "number") return "n";
  if (kind === "json") return "json";
  return flagName.split("_").at(-1) ?? flagName;
}

function refusesCommas(item: InputSchema): boolean {
  if (item.enum) return true;
  const definition = definitionOf(item);
  if (definition && definition in PLACEHOLDER) return true;
  return item.pattern !== undefined && !new RegExp(item.pattern).test("a,b");
}
