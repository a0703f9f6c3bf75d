/** A commented template of an object, made from its schema: what an editor opens on. Every line is a comment until its first sign is taken away. */
import { KIND_OF_WORD, type KindWord } from "../domain/objects/words.ts";
import { RECORD_FILES } from "../generated/record-files.ts";

/** A JSON Schema, as far as schemas/ uses it. */
interface Schema {
  description?: string;
  type?: string | string[];
  $ref?: string;
  enum?: unknown[];
  anyOf?: Schema[];
  items?: Schema;
  properties?: Record<string, Schema>;
  required?: string[];
  definitions?: Record<string, Schema>;
}

const FILE_OF: Record<KindWord, string> = {
  repo: "repo.json",
  issue: "task.json",
  "context-packet": "cwom/context-packet.json",
  "constraint-snapshot": "cwom/constraint-snapshot.json",
  doctrine: "cwom/doctrine-ref.json",
  run: "cwom/run.json",
  artifact: "cwom/artifact.json",
};

/** What owp fills in itself. */
const OWN = new Set(["kind", "id", "created_at", "updated_at"]);
/** Of a task: an Issue's fields alone, in CWOM's names. */
const ISSUE: Readonly<Record<string, string>> = {
  ...{ title: "title", description: "description", type: "type", priority: "priority", status: "status" },
  ...{ repo: "repo", acceptance: "acceptance", relationships: "relationships", labels: "tags" },
  ...{ doctrine_refs: "doctrine_refs", constraints: "constraints", context_packets: "context_packets" },
  ...{ watchers: "watchers", assignees: "assignees", source: "source", meta: "meta" },
};

export function templateOf(word: KindWord): string {
  const schema = read(FILE_OF[word]);
  const lines = [
    `# A new ${KIND_OF_WORD[word]}. ${schema.description ?? ""}`,
    "# Take the # away from the lines that you fill in; a field with (!) must be there. References take ids or parts of ids.",
    "",
    ...fieldLines(schema, 0, word === "issue" ? ISSUE : undefined),
  ];
  return `${lines.join("\n")}\n`;
}

const read = (path: string): Schema => JSON.parse(RECORD_FILES[`.owp/schemas/${path}`] ?? "{}") as Schema;

function fieldLines(schema: Schema, depth: number, names?: Readonly<Record<string, string>>): string[] {
  return Object.entries(schema.properties ?? {}).flatMap(([name, field]) => {
    if (depth === 0 && (OWN.has(name) || (names && !names[name]))) return [];
    const shown = names?.[name] ?? name;
    const target = resolved(field);
    const must = schema.required?.includes(name) ? " (!)" : "";
    const choices = target.enum ? ` One of ${target.enum.join(", ")}.` : "";
    const indent = "  ".repeat(depth);
    const about = `# ${indent}# ${field.description ?? target.description ?? ""}${choices}${must}`;
    const isRef = field.$ref?.endsWith("/ref") || target.properties?.role !== undefined;
    const below = !isRef && target.properties ? fieldLines(target, depth + 1) : [];
    return [about, `# ${indent}${shown}:${below.length > 0 ? "" : exampleOf(target, isRef)}`, ...below];
  });
}

/** The definition behind a reference, and the part of an "or null" that is not null. */
function resolved(field: Schema): Schema {
  if (field.$ref) return read("common.json").definitions?.[field.$ref.split("/").at(-1) ?? ""] ?? {};
  const choice = field.anyOf?.find((one) => one.type !== "null");
  return choice ? resolved(choice) : field;
}

function exampleOf(schema: Schema, isRef: boolean): string {
  if (isRef) return " k3f9";
  const type = [schema.type].flat().find((one) => one !== "null");
  return type === "array" ? " []" : type === "object" ? " {}" : "";
}
