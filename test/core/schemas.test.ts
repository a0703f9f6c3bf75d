import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { generate } from "../../scripts/generate.ts";
import { KINDS } from "../../src/core/paths.ts";
import { patternWords } from "../../src/core/violations.ts";
import { KEY_ORDER } from "../../src/generated/key-order.ts";

const SCHEMAS = fileURLToPath(new URL("../../schemas", import.meta.url));
const GENERATED = fileURLToPath(new URL("../../src/generated", import.meta.url));
const files = (dir: string) =>
  readdirSync(dir, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(dir.length + 1))
    .sort();
const stored = files(SCHEMAS).filter((path) => !path.startsWith("input/"));
const schemaOf = (path: string) => JSON.parse(readFileSync(join(SCHEMAS, path), "utf8"));

test("generated types, validators and key orders are those of the schemas", async () => {
  const fresh = mkdtempSync(join(tmpdir(), "owp-generate-"));
  try {
    await generate(SCHEMAS, fresh);
    expect(files(GENERATED)).toEqual(files(fresh));
    for (const path of files(fresh)) {
      expect(readFileSync(join(GENERATED, path), "utf8"), path).toBe(readFileSync(join(fresh, path), "utf8"));
    }
  } finally {
    rmSync(fresh, { recursive: true, force: true });
  }
});

test.each(files(SCHEMAS))("%s is JSON Schema draft-07, with a title and a description", (path) => {
  expect(schemaOf(path)).toMatchObject({
    $schema: "http://json-schema.org/draft-07/schema#",
    // Of the stored ones: relative to where the schema lies, or its references would lead elsewhere in an editor.
    $id: path.startsWith("input/") ? path : basename(path),
    title: expect.stringMatching(/^[A-Z]\w+$/),
    description: expect.stringMatching(/^[A-Za-z].*\.$/),
  });
});

test.each(Object.entries(KINDS))(
  "%s has a schema that begins with its kind and takes unknown fields (B75)",
  (kind, { schema }) => {
    const found = schemaOf(`${schema}.json`);
    expect(found).toMatchObject({ properties: { kind: { const: kind } }, additionalProperties: true });
    expect(found.required).toContain("kind");
    expect(Object.keys(KEY_ORDER[schema] ?? {})).toEqual(Object.keys(found.properties));
  },
);

test.each(files(SCHEMAS))("every pattern of %s has words for people", (path) => {
  const patterns: string[] = [];
  JSON.stringify(schemaOf(path), (key, value) => {
    if (key === "pattern" && typeof value === "string") patterns.push(value);
    return value;
  });
  for (const pattern of patterns)
    expect(patternWords(pattern), pattern).toMatch(/^must be (a|an|one|sha256)/);
});

test.each(stored)("objects of %s at every depth take unknown fields (B75)", (path) => {
  JSON.stringify(schemaOf(path), (_key, value) => {
    if (value?.type === "object" && value.properties) expect(value.additionalProperties).toBe(true);
    return value;
  });
});
