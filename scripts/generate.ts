// schemas/ is the one source: this writes the types and the validators into src/generated/.
// `tsx scripts/generate.ts [schemas-dir] [out-dir]`. Same schemas, same bytes; unchanged files are left alone.
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { basename, dirname, join, posix, relative, resolve } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import type { Ajv as AjvClass } from "ajv";
import { Ajv } from "ajv";
import { Ajv2020 } from "ajv/dist/2020.js";
import standaloneCode from "ajv/dist/standalone/index.js";
import { transformSync } from "esbuild";
import type { JSONSchema } from "json-schema-to-typescript";
import { compile } from "json-schema-to-typescript";

type Json = Record<string, unknown>;

/** One schema file. `path` is relative to schemas/, with forward slashes. */
interface SchemaFile {
  path: string;
  schema: Json;
}

/** A type to emit: a whole file (`pointer` is ""), or one of its shared definitions. */
interface TypeUnit {
  file: SchemaFile;
  pointer: string;
  schema: Json;
  name: string;
}

const ROOT = fileURLToPath(new URL("..", import.meta.url));
const TEMPLATES = join(ROOT, "templates");
const FOLDERS = ["", "cwom", "input"];
const BASE = "owp:/";
const HEADER = "// Generated from schemas/ by scripts/generate.ts. Do not edit.\n";
const JSDOC_KEYS = new Set(["description", "deprecated", "$comment", "examples", "default"]);

/** Formats are regular expressions, so that ajv inlines them and no formats package ships. */
const FORMATS: Record<string, RegExp> = {
  // A UTC instant with "Z" and a day that exists (leap years included).
  "date-time":
    /^(?:(?:\d\d[2468][048]|\d\d[13579][26]|\d\d0[48]|[02468][048]00|[13579][26]00)-02-29|\d{4}-(?:(?:0[13578]|1[02])-(?:0[1-9]|[12]\d|3[01])|(?:0[469]|11)-(?:0[1-9]|[12]\d|30)|02-(?:0[1-9]|1\d|2[0-8])))T(?:[01]\d|2[0-3]):[0-5]\d:[0-5]\d(?:\.\d{1,9})?Z$/,
  date: /^(?:(?:\d\d[2468][048]|\d\d[13579][26]|\d\d0[48]|[02468][048]00|[13579][26]00)-02-29|\d{4}-(?:(?:0[13578]|1[02])-(?:0[1-9]|[12]\d|3[01])|(?:0[469]|11)-(?:0[1-9]|[12]\d|30)|02-(?:0[1-9]|1\d|2[0-8])))$/,
  uri: /^[A-Za-z][A-Za-z0-9+.-]*:[^\s<>"{}|\\^`]+$/,
};

/** Writes src/generated/ for a schemas folder; answers the files whose content changed. */
export async function generate(schemasDir: string, outDir: string): Promise<string[]> {
  const files = readSchemas(schemasDir);
  const outputs = new Map<string, string>();
  outputs.set("types.ts", await renderTypes(files));
  outputs.set("version.ts", renderVersion());
  outputs.set("key-order.ts", renderKeyOrder(files));
  if (existsSync(TEMPLATES)) {
    outputs.set("record-files.ts", renderRecordFiles(schemasDir, files));
    outputs.set("setup-files.ts", renderSetupFiles());
  }
  for (const [path, text] of renderValidators(files)) outputs.set(path, text);
  for (const [path, text] of renderInputs(files)) outputs.set(path, text);
  return writeOutputs(outDir, outputs);
}

// --- reading ---------------------------------------------------------------------------------------------

function readSchemas(dir: string): SchemaFile[] {
  const files: SchemaFile[] = [];
  for (const folder of FOLDERS) {
    const full = join(dir, folder);
    if (!existsSync(full)) continue;
    for (const entry of readdirSync(full).sort()) {
      if (!entry.endsWith(".json")) continue;
      const path = posix.join(folder, entry);
      files.push({ path, schema: parse(join(full, entry)) });
    }
  }
  const ids = new Map(files.map((f) => [typeof f.schema.$id === "string" ? f.schema.$id : f.path, f.path]));
  return files.map((f) => ({ path: f.path, schema: walk(f.schema, (s) => absoluteRef(s, f, files, ids)) }));
}

function parse(path: string): Json {
  try {
    return JSON.parse(readFileSync(path, "utf8")) as Json;
  } catch (error) {
    throw new Error(`${path}: ${(error as Error).message}`);
  }
}

/** Every $ref becomes "owp:/<path>#<pointer>", whether it was written relative or by another schema's $id. */
function absoluteRef(schema: Json, file: SchemaFile, files: SchemaFile[], ids: Map<string, string>): Json {
  const { $ref, ...rest } = schema;
  if (typeof $ref !== "string") return schema;
  const [target = "", pointer = ""] = $ref.split("#");
  const own = typeof file.schema.$id === "string" ? file.schema.$id : "";
  const byId = ids.get(target) ?? (/^\w+:/.test(own) ? ids.get(new URL(target, own).href) : undefined);
  const path =
    target === "" ? file.path : (byId ?? posix.normalize(posix.join(posix.dirname(file.path), target)));
  if (!files.some((f) => f.path === path))
    throw new Error(`${file.path}: $ref "${$ref}" names no schema file`);
  return { $ref: `${BASE}${path}#${pointer}`, ...rest };
}

/** Rebuilds a schema bottom-up, visiting subschemas only: a property called "title" is no title. */
function walk(schema: Json, visit: (schema: Json, isRoot: boolean) => Json, isRoot = true): Json {
  const go = (value: unknown): unknown => (isObject(value) ? walk(value, visit, false) : value);
  const out: Json = {};
  for (const [key, value] of Object.entries(schema)) {
    if (MAP_KEYWORDS.has(key) && isObject(value)) {
      out[key] = Object.fromEntries(Object.entries(value).map(([k, v]) => [k, go(v)]));
    } else if (SCHEMA_KEYWORDS.has(key)) {
      out[key] = Array.isArray(value) ? value.map(go) : go(value);
    } else if (!key.startsWith("x-")) {
      out[key] = value;
    }
  }
  return visit(out, isRoot);
}

const MAP_KEYWORDS = new Set([
  "properties",
  "patternProperties",
  "definitions",
  "$defs",
  "dependentSchemas",
  "dependencies",
]);

const SCHEMA_KEYWORDS = new Set([
  "items",
  "prefixItems",
  "additionalItems",
  "contains",
  "additionalProperties",
  "unevaluatedProperties",
  "unevaluatedItems",
  "propertyNames",
  "allOf",
  "anyOf",
  "oneOf",
  "not",
  "if",
  "then",
  "else",
]);

function isObject(value: unknown): value is Json {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

// --- types -----------------------------------------------------------------------------------------------

/** Each file and each definition is compiled once, by itself; a $ref is just the other type's name. */
async function renderTypes(files: SchemaFile[]): Promise<string> {
  const units = nameUnits(files.flatMap(unitsOf));
  const names = new Map(units.map((u) => [`${BASE}${u.file.path}#${u.pointer}`, u.name]));
  const blocks: string[] = [];
  const unique = [...new Map(units.map((u) => [u.name, u])).values()];
  for (const unit of unique.sort((a, b) => (a.name < b.name ? -1 : 1))) {
    const { definitions, $defs, ...schema } = walk(unit.schema, (s, isRoot) =>
      forTypes(s, isRoot, unit, names),
    );
    if (typeof schema.tsType === "string") {
      blocks.push(`export type ${unit.name} = ${schema.tsType};`);
      continue;
    }
    const text = await compile(schema as JSONSchema, unit.name, {
      additionalProperties: false,
      bannerComment: "",
      ignoreMinAndMaxItems: true,
    });
    blocks.push(text.trim());
  }
  return `${HEADER}\n${blocks.join("\n\n")}\n`;
}

function unitsOf(file: SchemaFile): TypeUnit[] {
  const units: TypeUnit[] = [];
  if (isKind(file)) {
    const title = file.schema.title;
    if (typeof title !== "string") throw new Error(`${file.path}: a schema needs a title, it names the type`);
    units.push({ file, pointer: "", schema: file.schema, name: pascal(title) });
  }
  for (const keyword of ["definitions", "$defs"]) {
    const definitions = file.schema[keyword];
    if (!isObject(definitions)) continue;
    for (const [key, schema] of Object.entries(definitions)) {
      if (!isObject(schema)) throw new Error(`${file.path}: definition "${key}" is not a schema object`);
      const name = pascal(typeof schema.title === "string" ? schema.title : key);
      units.push({ file, pointer: `/${keyword}/${key}`, schema, name });
    }
  }
  return units;
}

/** Equal definitions share a type; different ones of the same name take their file's name in front. */
function nameUnits(units: TypeUnit[]): TypeUnit[] {
  const renamed = units.map((unit) => {
    const rivals = units.filter((u) => u.name === unit.name);
    const same = rivals.every((r) => JSON.stringify(r.schema) === JSON.stringify(unit.schema));
    return same || unit.pointer === "" ? unit : { ...unit, name: pascal(stem(unit.file.path)) + unit.name };
  });
  const taken = new Map<string, TypeUnit>();
  for (const unit of renamed) {
    const other = taken.get(unit.name);
    if (other && JSON.stringify(other.schema) !== JSON.stringify(unit.schema)) {
      throw new Error(
        `${unit.file.path}#${unit.pointer} and ${other.file.path}#${other.pointer} are both named ${unit.name}`,
      );
    }
    taken.set(unit.name, unit);
  }
  return renamed;
}

function forTypes(schema: Json, isRoot: boolean, unit: TypeUnit, names: Map<string, string>): Json {
  const { $id, $schema, title, ...rest } = schema;
  if (typeof rest.$ref === "string") {
    const tsType = names.get(rest.$ref);
    if (!tsType) throw new Error(`${unit.file.path}: $ref "${rest.$ref}" names no file and no definition`);
    const notes = Object.entries(rest).filter(([key]) => JSDOC_KEYS.has(key));
    return { ...Object.fromEntries(notes), tsType };
  }
  // Readers tolerate unknown fields, writers do not: an open object is closed in its type, unless it is a free map.
  if (isObject(rest.properties)) {
    if (rest.additionalProperties === true) rest.additionalProperties = false;
  } else if (rest.type === "object") {
    rest.additionalProperties ??= true;
  }
  return isRoot ? { ...rest, title: unit.name } : rest;
}

/** A file of definitions only (common.json) gives types but neither a type nor a validator of its own. */
function isKind(file: SchemaFile): boolean {
  const passive = new Set(["$schema", "$id", "$comment", "title", "description", "definitions", "$defs"]);
  if (file.schema.definitions || file.schema.$defs) passive.add("type");
  return Object.keys(file.schema).some((key) => !passive.has(key));
}

function pascal(name: string): string {
  const words = name.split(/[^A-Za-z0-9]+/).filter((word) => word !== "");
  return words.map((word) => word.charAt(0).toUpperCase() + word.slice(1)).join("");
}

function stem(path: string): string {
  return basename(path, ".json");
}

/** `task`, `cwom/run`, `input/add`: by this name code asks for what was made of a schema. */
function nameOf({ path }: SchemaFile): string {
  return path.replace(/\.json$/, "");
}

// --- validators ------------------------------------------------------------------------------------------

/** One module a schema, so that a command loads only the kinds it touches. */
function renderValidators(files: SchemaFile[]): Map<string, string> {
  const ajv = makeAjv(files);
  const outputs = new Map<string, string>();
  outputs.set("validators/runtime.js", RUNTIME);
  outputs.set("validators/runtime.d.ts", RUNTIME_TYPES);
  for (const file of files.filter(isKind)) {
    const path = `validators/${nameOf(file)}`;
    const up = file.path.includes("/") ? "../" : "./";
    outputs.set(`${path}.js`, renderValidator(ajv, file, `${up}runtime.js`));
    outputs.set(`${path}.d.ts`, renderDeclaration(pascal(String(file.schema.title)), up));
  }
  return outputs;
}

function makeAjv(files: SchemaFile[]): AjvClass {
  const is2020 = files.some((f) => String(f.schema.$schema).includes("2020-12"));
  const ajv = new (is2020 ? Ajv2020 : Ajv)({
    allErrors: true,
    strict: true,
    strictRequired: false,
    allowUnionTypes: true,
    verbose: false,
    discriminator: false,
    formats: FORMATS,
    code: { source: true, esm: true, lines: true },
  });
  for (const file of files) {
    const schema = walk(file.schema, withoutNotes);
    ajv.addSchema(schema, BASE + file.path);
  }
  return ajv as AjvClass;
}

/** Validators carry parts of their schema for messages: leave out what only readers need. */
function withoutNotes(schema: Json): Json {
  const { $id, $schema, $comment, title, description, examples, default: _default, ...rest } = schema;
  return rest;
}

function renderValidator(ajv: AjvClass, file: SchemaFile, runtime: string): string {
  const validate = ajv.getSchema(BASE + file.path);
  if (!validate) throw new Error(`${file.path}: not compiled`);
  const helpers = new Set<string>();
  const code = standaloneCode
    .default(ajv, validate)
    .replace(/require\("ajv\/dist\/runtime\/(ucs2length|equal)"\)\.default/g, (_match, helper: string) => {
      helpers.add(helper);
      return helper;
    });
  if (/\brequire\(/.test(code))
    throw new Error(`${file.path}: the validator needs an unknown runtime helper`);
  const imports = helpers.size > 0 ? `import { ${[...helpers].sort().join(", ")} } from "${runtime}";\n` : "";
  const { code: tidy } = transformSync(code, {
    format: "esm",
    target: "node20",
    legalComments: "none",
    treeShaking: true,
  });
  return HEADER + imports + tidy;
}

/** The two helpers that ajv's code asks for, so that no validator needs ajv at run time. */
const RUNTIME = `${HEADER}
export function ucs2length(text) {
  let length = 0;
  for (const _ of text) length++;
  return length;
}

export function equal(a, b) {
  if (a === b) return true;
  if (typeof a !== "object" || typeof b !== "object" || a === null || b === null) return false;
  if (Array.isArray(a) !== Array.isArray(b)) return false;
  const keys = Object.keys(a);
  return keys.length === Object.keys(b).length && keys.every((key) => Object.hasOwn(b, key) && equal(a[key], b[key]));
}
`;

const RUNTIME_TYPES = `${HEADER}
/** One violation; \`instancePath\` is a JSON pointer into the data. */
export interface ValidationError {
  instancePath: string;
  schemaPath: string;
  keyword: string;
  params: Record<string, unknown>;
  message?: string;
}

/** Answers whether the data is valid; \`errors\` holds the violations of the latest call. */
export interface Validator<T> {
  (data: unknown): data is T;
  errors?: ValidationError[] | null;
}

export declare function ucs2length(text: string): number;
export declare function equal(a: unknown, b: unknown): boolean;
`;

function renderDeclaration(type: string, up: string): string {
  return `${HEADER}import type { ${type} } from "${up === "./" ? "../" : "../../"}types.ts";
import type { Validator } from "${up}runtime.js";

export declare const validate: Validator<${type}>;
export default validate;
`;
}

// --- key order -------------------------------------------------------------------------------------------

/** The order in which a new file's keys are written: that of the schema's properties, nested ones too. */
function renderKeyOrder(files: SchemaFile[]): string {
  const stored = files.filter((file) => isKind(file) && !file.path.startsWith("input/"));
  const orders = stored.map((file) => [nameOf(file), keyOrder(file.schema, files, [])] as const);
  return `${HEADER}
/** Keys in their order; under each key the order of what it holds, null where that is free. */
export interface KeyOrder {
  readonly [key: string]: KeyOrder | null;
}

/** By schema. */
export const KEY_ORDER: Readonly<Record<string, KeyOrder>> = ${JSON.stringify(Object.fromEntries(orders), null, 1)};
`;
}

function keyOrder(schema: Json, files: SchemaFile[], seen: string[]): Json | null {
  if (typeof schema.$ref === "string") {
    if (seen.includes(schema.$ref)) return null;
    return keyOrder(resolveRef(schema.$ref, files), files, [...seen, schema.$ref]);
  }
  if (isObject(schema.properties)) {
    const entries = Object.entries(schema.properties);
    return Object.fromEntries(
      entries.map(([key, s]) => [key, isObject(s) ? keyOrder(s, files, seen) : null]),
    );
  }
  const inner = [schema.items, ...[schema.anyOf, schema.oneOf, schema.allOf].flat()].filter(isObject);
  for (const part of inner) {
    const order = keyOrder(part, files, seen);
    if (order) return order;
  }
  return null;
}

function resolveRef(ref: string, files: SchemaFile[]): Json {
  const [path = "", pointer = ""] = ref.slice(BASE.length).split("#");
  let found: unknown = files.find((file) => file.path === path)?.schema;
  for (const part of pointer.split("/").slice(1)) found = isObject(found) ? found[part] : undefined;
  if (!isObject(found)) throw new Error(`$ref "${ref}" names no schema`);
  return found;
}

// --- inputs ----------------------------------------------------------------------------------------------

/** An operation's input in one lazy module: its schema, with what it refers to inside, and its check. */
function renderInputs(files: SchemaFile[]): Map<string, string> {
  const outputs = new Map<string, string>();
  for (const file of files.filter((one) => one.path.startsWith("input/"))) {
    const name = stem(file.path);
    const definitions: Json = {};
    const schema = embed(file.schema, files, definitions);
    const whole = Object.keys(definitions).length > 0 ? { ...schema, definitions } : schema;
    const code = [
      `export { validate as check } from "../validators/input/${name}.js";`,
      `export const schema: object = ${JSON.stringify(whole, null, 2)};`,
    ];
    outputs.set(`inputs/${name}.ts`, `${HEADER}\n${code.join("\n\n")}\n`);
  }
  return outputs;
}

/** References to definitions of other files become references to copies in this one. */
function embed(schema: Json, files: SchemaFile[], definitions: Json): Json {
  return walk(schema, ({ $ref, ...rest }) => {
    if (typeof $ref !== "string") return rest;
    const [path = "", pointer = ""] = $ref.slice(BASE.length).split("#");
    const name = pointer.split("/").at(-1) ?? "";
    const target = (files.find((file) => file.path === path)?.schema.definitions as Json | undefined)?.[name];
    if (!isObject(target)) throw new Error(`an input refers to ${$ref}, which is no definition`);
    if (!(name in definitions)) {
      definitions[name] = null; // taken, so that definitions may refer to each other
      definitions[name] = embed(target, files, definitions);
    }
    return { $ref: `#/definitions/${name}`, ...rest };
  });
}

// --- writing ---------------------------------------------------------------------------------------------

/** What a new record starts with besides its objects: policy, page for readers, schemas of the stored kinds. */
function renderRecordFiles(schemasDir: string, files: SchemaFile[]): string {
  const texts: Record<string, string> = {
    "owp.yaml": readFileSync(join(TEMPLATES, "owp.yaml"), "utf8"),
    "README.md": readFileSync(join(TEMPLATES, "RECORD-README.md"), "utf8"),
  };
  for (const { path } of files) {
    if (!path.startsWith("input/"))
      texts[`.owp/schemas/${path}`] = readFileSync(join(schemasDir, path), "utf8");
  }
  return `${HEADER}\n/** Text by path. */\nexport const RECORD_FILES: Readonly<Record<string, string>> = ${JSON.stringify(texts, null, 1)};\n`;
}

/** What `owp setup` writes: a bundle has no templates beside it. */
function renderSetupFiles(): string {
  const dir = join(TEMPLATES, "setup");
  const names = listFiles(dir).sort();
  const texts = Object.fromEntries(names.map((name) => [name, readFileSync(join(dir, name), "utf8")]));
  return `${HEADER}\n/** Text by name. */\nexport const SETUP_FILES: Readonly<Record<string, string>> = ${JSON.stringify(texts, null, 1)};\n`;
}

function renderVersion(): string {
  const { version } = parse(join(ROOT, "package.json"));
  return `${HEADER}\nexport const version = ${JSON.stringify(version)};\n`;
}

function writeOutputs(outDir: string, outputs: Map<string, string>): string[] {
  const changed: string[] = [];
  for (const [path, text] of outputs) {
    const full = join(outDir, path);
    if (existsSync(full) && readFileSync(full, "utf8") === text) continue;
    mkdirSync(dirname(full), { recursive: true });
    writeFileSync(full, text);
    changed.push(path);
  }
  for (const stale of listFiles(outDir).filter((path) => !outputs.has(path))) {
    rmSync(join(outDir, stale));
    changed.push(stale);
  }
  return changed;
}

function listFiles(dir: string): string[] {
  return readdirSync(dir, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => relative(dir, join(entry.parentPath, entry.name)).replaceAll("\\", "/"));
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? "").href) {
  const [schemasDir = join(ROOT, "schemas"), outDir = join(ROOT, "src", "generated")] = process.argv.slice(2);
  const changed = await generate(resolve(schemasDir), resolve(outDir));
  console.log(`generate: ${changed.length === 0 ? "up to date" : `${changed.length} files changed`}`);
}
