/** What `owp schema` prints, what a record carries, what the validators ask and what docs/fields.md says are one thing. */
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { Ajv } from "ajv";
import { describe, expect, test } from "vitest";
import { check } from "../../src/core/codec.ts";
import { KINDS, type Kind } from "../../src/core/paths.ts";
import { findSchema, publishedSchemas, wholeSchema } from "../../src/core/published-schemas.ts";
import { fc } from "../helpers/chance.ts";
import { fromSchema } from "../helpers/from-schema.ts";

const read = (path: string) => readFileSync(fileURLToPath(new URL(`../../${path}`, import.meta.url)), "utf8");
const NAMES = publishedSchemas().map(({ kind }) => kind);

test("every stored kind is published, under names that people use", () => {
  const stored = Object.values(KINDS).map(({ schema }) => schema.slice(schema.lastIndexOf("/") + 1));
  expect([...NAMES].sort()).toEqual([...new Set([...stored, "heartbeat"])].sort());
  const ROWS: [typed: string, kind: string][] = [
    ...([
      ["Run", "run"],
      ["ContextPacket", "context-packet"],
      ["context_packet", "context-packet"],
    ] as [string, string][]),
    ...([
      ["doctrine", "doctrine-ref"],
      ["Issue", "task"],
      ["policy", "owp"],
      ["owp", "owp"],
    ] as [string, string][]),
  ];
  for (const [typed, kind] of ROWS) expect(findSchema(typed)?.kind, typed).toBe(kind);
  expect(findSchema("runs")).toBeUndefined();
});

describe.each(Object.entries(KINDS) as [Kind, (typeof KINDS)[Kind]][])("%s", (kind, { schema: path }) => {
  const printed = wholeSchema(
    findSchema(path.slice(path.lastIndexOf("/") + 1)) as NonNullable<ReturnType<typeof findSchema>>,
  );
  const source = JSON.parse(read(`schemas/${path}.json`));

  test("is printed as it is published, with references that lead into itself (B77)", () => {
    const { definitions = {}, ...rest } = printed as { definitions?: Record<string, unknown> };
    const shared = JSON.parse(read("schemas/common.json")).definitions;
    const bare = (value: unknown) =>
      JSON.parse(JSON.stringify(value), (key, one) => (key === "$ref" ? one.replace(/^.*#/, "#") : one));
    const { definitions: own = {}, ...published } = source;
    expect(rest).toEqual(bare(published));
    for (const [name, definition] of Object.entries(definitions))
      expect(definition).toEqual(bare(own[name] ?? shared[name]));
  });

  test("means to any validator what it means to owp", () => {
    const ajv = new Ajv({ strict: false, validateFormats: false });
    const validate = ajv.compile(printed);
    fc.assert(
      fc.property(fromSchema(path), fc.string(), fc.boolean(), (value, field, isBroken) => {
        const fields = Object.keys(value);
        const at = fields[field.length % fields.length] as string;
        const tried = isBroken ? { ...value, [at]: { not: "right" } } : value;
        const own = check(kind, tried).filter(({ code }) => code === "schema");
        expect(validate(tried), JSON.stringify(own)).toBe(own.length === 0);
      }),
      { numRuns: 40 },
    );
  });

  test("has a row in docs/fields.md for each field, with the same words", () => {
    const page = read("docs/fields.md");
    const from = page.indexOf(`## ${source.title}\n`);
    expect(from).toBeGreaterThan(0);
    const section = page.slice(from, page.indexOf("\n## ", from + 1));
    const rows = (
      properties: Record<string, { description?: string; properties?: object }>,
      before = "",
    ): void => {
      for (const [name, field] of Object.entries(properties)) {
        const row = section.split("\n").find((line) => line.includes(`\`${before}${name}\``));
        expect(row, `${before}${name}`).toBeDefined();
        expect(row?.replaceAll("\\", "")).toContain(
          field.description?.replaceAll("\\", "").split(/[|<>]/)[0]?.slice(0, 30),
        );
        if (field.properties) rows(field.properties as never, `${before}${name}.`);
      }
    };
    rows(source.properties);
  });
});
