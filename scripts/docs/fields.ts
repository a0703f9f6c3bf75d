/** docs/fields.md: the fields of every stored kind, from the JSON Schemas. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { KINDS, type Kind } from "../../src/core/paths.ts";
import { patternWords } from "../../src/core/violations.ts";
import { cell, code, MADE, table } from "./markdown.ts";

const SCHEMAS = fileURLToPath(new URL("../../schemas", import.meta.url));

/** A JSON Schema, as far as schemas/ uses it. */
interface Schema {
  title?: string;
  description?: string;
  type?: string | string[];
  $ref?: string;
  const?: unknown;
  enum?: unknown[];
  pattern?: string;
  anyOf?: Schema[];
  items?: Schema;
  properties?: Record<string, Schema>;
  required?: string[];
  definitions?: Record<string, Schema>;
  minimum?: number;
  maximum?: number;
  minLength?: number;
  maxLength?: number;
  maxItems?: number;
}

/** What stands for the id in a path, where that is not an id. */
const ID: Partial<Record<Kind, string>> = { Worker: "<name>", Repo: "<slug>" };

/** Stored kinds, and where each lives. */
const PLACES: Record<string, string> = {
  ...Object.fromEntries(
    Object.entries(KINDS).map(([kind, { schema, path }]) => [
      schema,
      `at ${code(path(ID[kind as Kind] ?? "<id>").replace("d/>/", "<c>/<c>/"))}`,
    ]),
  ),
  heartbeat: "in the message of a commit at `refs/owp/signals/<clone>`",
};

export function renderFields(): string {
  const kinds = Object.entries(PLACES).map(([name, place]) => kindSection(read(name), place));
  const shared = Object.entries(read("common").definitions ?? {});
  const objects = shared.filter(([, schema]) => schema.properties);
  const plain = shared.filter(([, schema]) => !schema.properties);
  return `# Fields

${MADE}

The fields of every file of a record, from the JSON Schemas in \`schemas/\` (a record carries them in \`.owp/schemas/\`, so
that an editor shows the same). A bold field must be there. Fields that owp does not know are kept. What commands take
stands in [commands.md](commands.md).

${kinds.join("\n\n")}

## Shared types

${table(
  ["type", "limits", "what it is"],
  plain.map(([name, schema]) => [
    `<a id="${name.toLowerCase()}"></a>${name}`,
    limitsOf(schema) || "any object",
    cell(schema.description ?? ""),
  ]),
)}

${objects.map(([name, schema]) => objectSection(name, schema)).join("\n\n")}
`;
}

const read = (name: string): Schema => JSON.parse(readFileSync(join(SCHEMAS, `${name}.json`), "utf8"));

function kindSection(schema: Schema, place: string): string {
  return `## ${schema.title}\n\n${schema.description} Lives ${place}.\n\n${fieldTable(schema)}`;
}

const objectSection = (name: string, schema: Schema): string =>
  `### ${name}\n\n${schema.description}\n\n${fieldTable(schema)}`;

const fieldTable = (schema: Schema): string =>
  table(["field", "type", "limits", "meaning"], rowsOf(schema, ""));

/** One row a field, at every depth: `policy.max_open_prs`, `notes[].text`. */
function rowsOf(schema: Schema, prefix: string): string[][] {
  return Object.entries(schema.properties ?? {}).flatMap(([name, field]) => {
    const path = `${prefix}${name}`;
    const mark = schema.required?.includes(name) ? `**${code(path)}**` : code(path);
    const row = [mark, typeOf(field), limitsOf(field), cell(field.description ?? "")];
    const mapping = field.properties ? field : field.anyOf?.find(({ properties }) => properties);
    const below = mapping ? rowsOf(mapping, `${path}.`) : [];
    const each = field.items?.properties ? rowsOf(field.items, `${path}[].`) : [];
    return [row, ...below, ...each];
  });
}

/** `list of [tag](#tag), or null`. */
function typeOf(schema: Schema): string {
  if (schema.$ref) {
    const name = schema.$ref.replace(/.*\//, "");
    return `[${name}](#${name.toLowerCase()})`;
  }
  if (schema.anyOf) return schema.anyOf.map(typeOf).join(" or ");
  if (schema.const !== undefined) return code(String(schema.const));
  if (schema.enum) return schema.enum.map((one) => code(String(one))).join(", ");
  const names = [schema.type ?? "object"].flat();
  return names
    .map((name) => (name === "array" ? `list of ${schema.items ? typeOf(schema.items) : "anything"}` : name))
    .join(" or ");
}

function limitsOf(schema: Schema): string {
  const { minimum, maximum, minLength, maxLength, maxItems, pattern, items } = schema;
  const parts = [
    pattern && patternWords(pattern)?.replace(/^must be /, ""),
    range(minimum, maximum, ""),
    range(minLength, maxLength, " characters"),
    range(undefined, maxItems, " entries"),
    items && !items.properties && limitsOf(items) && `each: ${limitsOf(items)}`,
  ];
  return cell(parts.filter(Boolean).join("; "));
}

function range(least: number | undefined, most: number | undefined, unit: string): string {
  const [from, to] = [least, most].map((one) => one?.toLocaleString("en"));
  if (from && to) return `${from} to ${to}${unit}`;
  return to ? `up to ${to}${unit}` : from ? `${from} or more${unit}` : "";
}
