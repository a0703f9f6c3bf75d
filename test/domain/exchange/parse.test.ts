import { describe, expect, it } from "vitest";
import { fieldsOfLabels } from "../../../src/domain/exchange/labels.ts";
import { type Dialect, parseImport } from "../../../src/domain/exchange/parse.ts";
import { validate } from "../../../src/generated/validators/input/import.js";

const bytes = (text: string) => new TextEncoder().encode(text);
const parse = (text: string, from?: Dialect) => parseImport(bytes(text), from);

function items(text: string, from?: Dialect) {
  const parsed = parse(text, from);
  if (!parsed.ok) throw new Error(parsed.message);
  expect(validate({ system: parsed.system, items: parsed.items }), JSON.stringify(validate.errors)).toBe(
    true,
  );
  return parsed.items;
}

const YAML = `# tasks of the demo
- title: First
  priority: 80
  required_skills: [python, docs]
- title: "Second: with a colon"
  id: b
  depends_on: First
  estimate_points: 2
  description: |
    Text
    - with a dash

    and a blank line
`;

describe("A24 lists of tasks", () => {
  it("reads a YAML list, with the line of each item", () => {
    expect(items(YAML)).toEqual([
      {
        line: 2,
        key: "First",
        external_id: "title:First",
        title: "First",
        priority: 80,
        skills: ["python", "docs"],
      },
      {
        ...{
          line: 5,
          key: "b",
          external_id: "b",
          title: "Second: with a colon",
          blocked_by: ["First"],
          estimate: 2,
        },
        description: "Text\n- with a dash\n\nand a blank line\n",
      },
    ]);
  });

  it("reads the same from a JSON list and from JSON Lines", () => {
    const list = [
      { title: "First", priority: 80 },
      { id: 2, title: "Second", blocked_by: ["First"] },
    ];
    const expected = [
      { key: "First", external_id: "title:First", title: "First", priority: 80 },
      { key: "2", external_id: "2", title: "Second", blocked_by: ["First"] },
    ];
    expect(items(JSON.stringify(list))).toEqual(expected);
    expect(items(JSON.stringify(list, null, 2))).toEqual(expected);
    expect(items(JSON.stringify({ tasks: list }))).toEqual(expected);
    const lines = `${list.map((one) => JSON.stringify(one)).join("\n\n")}\n`;
    expect(items(lines)).toEqual(expected.map((item, index) => ({ ...item, line: 1 + 2 * index })));
  });

  it.each<[string, string, number]>([
    ["a list under tasks", "tasks:\n  - title: a\n", 1],
    ["a document mark and CRLF", "---\r\n- title: a\r\n- title: b\r\n", 2],
    ["a list that is indented", "  - title: a\n  - title: b\n", 2],
    ["a list in brackets", "[{title: a}, {title: b}]", 2],
    ["a byte order mark", "\ufeff- title: a\n", 1],
    ["one task by itself", '{"title": "a"}', 1],
    ["an empty file", " \n", 0],
    ["an empty list", "[]", 0],
    ["items that begin on the line after the dash", "-\n  title: a\n-\n  title: b\n", 2],
  ])("reads %s", (_name, text, count) => expect(items(text)).toHaveLength(count));

  it.each([
    ["planned", "planned"],
    ["draft", "planned"],
    ["open", "ready"],
    ["in_progress", "ready"],
    ["Closed", "ended"],
    ["cancelled", "ended"],
    ["merged", "ended"],
  ])("B11 reads the status %s as %s", (word, status) =>
    expect(items(`- {title: a, status: ${word}}`)[0]?.status).toBe(status),
  );

  it("F10 keeps words that YAML readers confuse", () => {
    expect(items("- title: no\n  labels: [yes, 2026-01-31]\n")[0]).toMatchObject({
      title: "no",
      labels: ["yes", "2026-01-31"],
    });
  });

  const bad: [string, string, number | undefined, RegExp][] = [
    ["a mapping that is no list", "a: 1\nb: 2\n", undefined, /no list of tasks/],
    ["a bare word", "hello", undefined, /no mapping/],
    ["an item that is no mapping", "- title: a\n- b\n", 2, /line 2: is no mapping/],
    [
      "an unknown field",
      "- title: a\n- title: b\n  titel: c\n",
      2,
      /line 2: has the unknown field "titel"; known are title/,
    ],
    ["a missing title", "- id: a\n", 1, /line 1: title is missing/],
    ["a title that is a list", "- title: [a]\n", 1, /title is \["a"\]; it must be text/],
    [
      "an estimate that is a word",
      "- {title: a, estimate: big}\n",
      1,
      /estimate is "big"; it must be a whole number/,
    ],
    [
      "the same field by two names",
      "- {title: a, skills: [b], required_skills: [c]}\n",
      1,
      /says skills twice/,
    ],
    ["a status that no one knows", "- {title: a, status: asleep}\n", 1, /status is "asleep"/],
    ["broken YAML", "- title: a\n- title: [\n", 2, /line 2/],
    ["a YAML alias", "- title: &x a\n- title: *x\n", 1, /line 1: .*aliases/],
    ["a YAML tag", "- title: !!js/function a\n", 1, /line 1: .*tags/],
    ["a duplicate key", "- title: a\n  title: b\n", 2, /line 2: duplicate key/],
    ["a conflict mark in YAML", "- title: a\n<<<<<<< ours\n- title: b\n", 2, /line 2/],
    ["a bad line of JSON Lines", '{"title":"a"}\n{"title":\n{"title":"c"}\n', 2, /line 2: is no JSON/],
    [
      "a conflict mark in JSON Lines",
      '{"title":"a"}\n<<<<<<< HEAD\n',
      2,
      /line 2: is a mark of an unresolved merge conflict/,
    ],
    ["a list cut short", '[{"title":"a"},', undefined, /is no JSON/],
  ];
  it.each(bad)("refuses %s, naming the place", (_name, text, line, message) => {
    const refusal = parse(text);
    expect(refusal).toMatchObject({
      ok: false,
      code: "invalid_input",
      ...(line === undefined ? {} : { data: { line } }),
    });
    expect(refusal.ok ? "" : refusal.message).toMatch(message);
  });

  it("names every bad line at once", () => {
    const refusal = parse('{"title":"a"}\n{\n{"titel":1}\nx\n');
    expect(refusal).toMatchObject({
      ok: false,
      data: { line: 2, problems: [/line 2/, /line 4/].map((one) => expect.stringMatching(one)) },
    });
  });

  it("refuses bytes that are no UTF-8", () => {
    expect(parseImport(new Uint8Array([0x2d, 0x20, 0xff]))).toMatchObject({
      ok: false,
      code: "invalid_input",
    });
  });

  it("is linear: 10,000 YAML items in a few seconds", () => {
    const text = Array.from(
      { length: 10_000 },
      (_, n) => `- title: Task ${n}\n  id: "${n}"\n  description: |\n    some text\n    more\n`,
    ).join("");
    const started = performance.now();
    expect(items(text)).toHaveLength(10_000);
    expect(performance.now() - started).toBeLessThan(4000);
  });
});

describe("A27 A28 labels that say fields", () => {
  it.each<[string[], ReturnType<typeof fieldsOfLabels>]>([
    [["estimate:3"], { skills: [], size: 3 }],
    [["size:8"], { skills: [], size: 8 }],
    [["estimate:0"], { skills: [], size: 1 }],
    [["estimate:9999"], { skills: [], size: 100 }],
    [["estimate:big"], { skills: [] }],
    [["priority:80"], { skills: [], priority: 80 }],
    [["priority:critical"], { skills: [], priority: 100 }],
    [["Priority:High"], { skills: [], priority: 80 }],
    [["priority:medium"], { skills: [], priority: 50 }],
    [["priority:low"], { skills: [], priority: 20 }],
    [["priority:P4"], { skills: [], priority: 10 }],
    [["priority:soon"], { skills: [] }],
    [["priority:1001"], { skills: [] }],
    [["skills:rust", "skills:sql"], { skills: ["rust", "sql"] }],
    [["area:auth", "area:web"], { skills: [], area: "auth", clashes: ["area:auth before area:web"] }],
    [
      ["priority:low", "bug", "priority:P0", "priority:20"],
      { skills: [], priority: 20, clashes: ["priority:low before priority:P0"] },
    ],
    [["estimate:3", "size:8"], { skills: [], size: 3, clashes: ["estimate:3 before size:8"] }],
    [["estimate:3", "size:3"], { skills: [], size: 3 }],
    [["tier:2"], { skills: [], tier: 2 }],
    [["tier:4", "area: "], { skills: [] }],
    [["priority:constructor"], { skills: [] }],
    [["bug", "constructor:x", "pool:ready"], { skills: [] }],
  ])("%j", (labels, fields) => expect(fieldsOfLabels(labels)).toEqual(fields));
});
