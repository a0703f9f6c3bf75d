import { describe, expect, it } from "vitest";
import { ANYTHING, FOREIGN } from "../../src/core/explains.ts";
import { KINDS } from "../../src/core/paths.ts";
import { OPERATIONS } from "../../src/domain/operations.ts";

const words = (name: string) => name.replace(/[?.]+$/, "");

describe("the table of operations", () => {
  it("has each name once", () => {
    const names = OPERATIONS.map(({ name }) => name);
    expect(new Set(names).size).toBe(names.length);
  });

  it.each(OPERATIONS.map((row) => [row.name, row] as const))(
    "F15 D19 %s has a plan, a schema, a check and help for each field",
    async (_name, row) => {
      const { plan, schema, check } = await row.load();
      expect(typeof plan).toBe("function");
      const { properties = {}, required = [] } = schema as {
        properties?: Record<string, { description?: string }>;
        required?: string[];
      };
      for (const [field, property] of Object.entries(properties))
        expect(property.description, field).toBeTruthy();
      for (const arg of row.args) expect(properties).toHaveProperty(words(arg));
      for (const arg of row.args.filter((one) => one.includes("?")))
        expect(required).not.toContain(words(arg));
      expect(check({ no_such_field: true })).toBe(false);
      for (const kind of row.touches)
        if (kind !== ANYTHING && kind !== FOREIGN) expect(KINDS).toHaveProperty(kind);
      if (row.type === "query") expect([...row.touches, ...row.events]).toEqual([]);
      else expect(row.events.length).toBeGreaterThan(0);
      for (const example of row.examples)
        expect(example.startsWith(`owp ${row.name}`) || example.includes(` owp ${row.name}`)).toBe(true);
    },
  );
});

const HASH = `sha256:${"0".repeat(64)}`;
const FENCE = { id: "j-1", token_hash: HASH, epoch: 1 };
it.each([
  ["job submit", { type: "rpi.run" }, true],
  ["job submit", {}, false],
  ["job submit", { type: "Rpi run" }, false],
  ...["a b", "a\u00a0b", "a\tb", "a\u0007b", ""].flatMap((id): [string, object, boolean][] => [
    ["job submit", { type: "rpi.run", request_id: id }, false],
    ["job submit", { type: "rpi.run", job_id: id }, false],
    ["job claim", { token_hash: HASH, request_id: id }, false],
  ]),
  ["job submit", { type: "rpi.run", payload: [1] }, false],
  ["job claim", { token_hash: "plain" }, false],
  ["job complete", FENCE, true],
  ["job complete", { ...FENCE, epoch: undefined }, false],
  ["job complete", { ...FENCE, artifacts: ["no address"] }, false],
  ["job fail", { ...FENCE, code: "lost" }, true],
  ["job fail", { ...FENCE, code: "weird" }, false],
  ["job heartbeat", { ...FENCE, token: "t" }, false],
])("D20 D22 D46 %s takes %j: %s", async (name, input, expected) => {
  const loaded = await OPERATIONS.find((row) => row.name === name)?.load();
  expect(loaded?.check(JSON.parse(JSON.stringify(input)))).toBe(expected);
});

it.each([
  ["block", { message: "x".repeat(4001) }, false],
  ["block", { message: "x".repeat(4000) }, true],
  ["block", {}, false],
  ["pr", { url: "not a url" }, false],
  ["pr", { url: "https://example.org/pull/1" }, true],
  ["done", { commit: "xyz" }, false],
  ["done", { commit: "4f2a91c" }, true],
  ["fail", { category: "weather" }, false],
  ["claim", { count: 21 }, false],
  ["claim", { for: "4 hours" }, false],
  ["claim", { for: "4h" }, true],
  ["renew", { epoch: 0 }, false],
])("A55 A56 %s takes %j: %s", async (name, input, expected) => {
  const loaded = await OPERATIONS.find((row) => row.name === name)?.load();
  expect(loaded?.check(input)).toBe(expected);
});
