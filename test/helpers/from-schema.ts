/** Random values of every kind, made from schemas/ itself, so that a new field or kind is covered when it is added. */
import { readFileSync } from "node:fs";
import { posix } from "node:path";
import { fc } from "./chance.ts";

type Json = Record<string, unknown>;

const FOLDER = new URL("../../schemas/", import.meta.url);
/** Lists stay short: their limits are the business of test/core/codec.test.ts. */
const MAX_ITEMS = 3;
const MAX_CHARS = 40;

/** Texts that other readers of YAML take for something else, and texts that are hard to write. */
export const AWKWARD_TEXTS: readonly string[] = [
  ..."no|yes|on|off|y|n|true|False|null|Null|~|1e3|0o7|0x1f|007|1_000|12:30:45|.5|.inf|-.INF|.nan|-1|+1|0|1.0|=|<<".split(
    "|",
  ),
  ..."2026-01-31|2026-01-31T09:30:00Z|2026-01-31 09:30:00|- a|-|--- |---|...|? x|: x|a: b|a:|a #b|#b|# b".split(
    "|",
  ),
  ..."!tag|&anchor|*alias|%dir|@at|`tick|{a}|[a]|{a: b}|,|>|>-|'|''|\"|\\|\\n".split("|"),
  ..." lead|trail |\ttab|a\tb|||-||+|a|b".split("|"),
  ...[
    "",
    " ",
    "\n",
    "\n\n",
    "a\n",
    "a\n\n",
    "a\nb",
    "\na",
    "\n\n  a",
    "  a\nb\n",
    "a\n  b",
    "a\n   \nb",
    "a \nb ",
    "a\n ",
    " \na",
    "\t\na",
  ],
  ...[
    "a\r\nb",
    "a\rb",
    "a\u0000b",
    "\u001b[31m",
    "a\u0085b",
    "a\u2028b",
    "a\u2029b",
    "\ufeffa",
    "\u00a0a",
    "\ud800",
    "a\udc00b",
    "😀",
    "é\n😀",
  ],
  ...[
    "# a\nb",
    "a\n# b",
    "---\na\n---\n",
    "a\n...\n",
    "<<<<<<< ours\na\n=======\nb\n>>>>>>> theirs\n",
    "- a\n- b\n",
    "a: b\nc: d\n",
    "\ta\n\tb\n",
  ],
  ...[
    `long ${"word ".repeat(30)}`,
    `long: ${"word ".repeat(30)}end`,
    ` ${"x".repeat(120)}`,
    `${"x: ".repeat(60)}\n`,
    "constructor",
    "__proto__",
  ],
];

/** Longer texts of a pattern take long to find. */
const MAX_PATTERN_CHARS = 200;

const text = (unit: "grapheme" | "binary-ascii" | "binary") => fc.string({ unit, maxLength: MAX_CHARS });

/** Any text at all, awkward ones often. */
export const anyText = (): fc.Arbitrary<string> =>
  fc.oneof(
    fc.constantFrom(...AWKWARD_TEXTS),
    text("grapheme"),
    text("binary"),
    text("binary-ascii"),
    fc
      .array(fc.oneof(fc.constantFrom(...AWKWARD_TEXTS), text("grapheme")), { maxLength: 6 })
      .map((lines) => lines.join("\n")),
  );

const key = () => anyText().filter((name) => name !== "__proto__" && name !== "<<" && name.length <= 150);

/** Free data, as it may stand in `meta` and in fields of a newer version. */
export const anyData = (): fc.Arbitrary<unknown> =>
  fc.letrec((tie) => ({
    data: fc.oneof(
      { depthSize: "small", withCrossShrink: true },
      anyText(),
      fc.constantFrom(null, true, false),
      fc.maxSafeInteger(),
      fc
        .double({ noDefaultInfinity: true, noNaN: true })
        .filter((n) => !Number.isInteger(n) || (Number.isSafeInteger(n) && !Object.is(n, -0))),
      fc.array(tie("data"), { maxLength: MAX_ITEMS }),
      fc.dictionary(key(), tie("data"), { maxKeys: MAX_ITEMS, noNullPrototype: true }),
    ),
  })).data;

/** Values of the schema in `schemas/<name>.json`, with unknown fields among them. */
export function fromSchema(name: string): fc.Arbitrary<Json> {
  return ofSchema(readSchema(`${name}.json`), `${name}.json`) as fc.Arbitrary<Json>;
}

export function readSchema(file: string): Json {
  return JSON.parse(readFileSync(new URL(file, FOLDER), "utf8")) as Json;
}

function ofSchema(schema: Json, file: string): fc.Arbitrary<unknown> {
  if (typeof schema.$ref === "string") {
    const [target = "", pointer = ""] = schema.$ref.split("#");
    // Inputs name common.json by its id, stored kinds by where it lies.
    const where = target.startsWith("../") ? posix.join(posix.dirname(file), target) : target || file;
    let found: unknown = readSchema(where);
    for (const part of pointer.split("/").slice(1)) found = (found as Json)[part];
    return ofSchema(found as Json, where);
  }
  if ("const" in schema) return fc.constant(schema.const);
  if (Array.isArray(schema.enum)) return fc.constantFrom(...schema.enum);
  if (Array.isArray(schema.anyOf))
    return fc.oneof(...schema.anyOf.map((branch: Json) => ofSchema(branch, file)));
  const types = [schema.type].flat();
  return fc.oneof(...types.map((type) => ofType(String(type), schema, file)));
}

function ofType(type: string, schema: Json, file: string): fc.Arbitrary<unknown> {
  const limit = (name: string, otherwise: number) => Number(schema[name] ?? otherwise);
  if (type === "null") return fc.constant(null);
  if (type === "boolean") return fc.boolean();
  if (type === "number")
    return fc
      .double({
        noDefaultInfinity: true,
        noNaN: true,
        min: limit("minimum", -1e6),
        max: limit("maximum", 1e6),
      })
      .map((n) => n + 0);
  if (type === "integer") return fc.integer({ min: limit("minimum", 0), max: limit("maximum", 2 ** 31) });
  if (type === "string") return ofText(schema);
  if (type === "array") {
    const minLength = limit("minItems", 0);
    return fc.array(ofSchema(schema.items as Json, file), { minLength, maxLength: minLength + MAX_ITEMS });
  }
  const properties = Object.entries((schema.properties ?? {}) as Record<string, Json>);
  if (properties.length === 0) {
    const { propertyNames: names, additionalProperties: values } = schema;
    const named = names ? key().filter(isText(names as Json)) : key();
    const data = typeof values === "object" ? ofSchema(values as Json, file) : anyData();
    return fc.dictionary(named, data, { maxKeys: MAX_ITEMS, noNullPrototype: true });
  }
  const requiredKeys = (schema.required ?? []) as string[];
  const known = fc.record(
    Object.fromEntries(properties.map(([name, part]) => [name, ofSchema(part, file)])),
    {
      requiredKeys,
      noNullPrototype: true,
    },
  );
  const unknown = fc.dictionary(
    key().filter((name) => !properties.some(([other]) => other === name)),
    anyData(),
    {
      maxKeys: 1,
      noNullPrototype: true,
    },
  );
  return fc.tuple(known, unknown).map(([a, b]) => ({ ...a, ...b }));
}

/** Does a text keep to the schema's lengths and pattern? */
function isText({ minLength = 0, maxLength = 1e6, pattern = "" }: Json): (value: string) => boolean {
  const [min, max, form] = [Number(minLength), Number(maxLength), new RegExp(String(pattern), "u")];
  return (value) => value.length >= min && value.length <= max && form.test(value);
}

function ofText(schema: Json): fc.Arbitrary<string> {
  if (typeof schema.pattern !== "string") return anyText().filter(isText(schema));
  const simple = new RegExp(schema.pattern.replace(/\(\?![^)]*\)/, ""));
  const matching = /\\u0000/.test(schema.pattern) ? anyText() : fc.stringMatching(simple);
  const isMatch = isText(schema);
  return matching.filter((value) => value.length <= MAX_PATTERN_CHARS && isMatch(value));
}
