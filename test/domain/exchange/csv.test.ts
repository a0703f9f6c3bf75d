import { describe, expect, it } from "vitest";
import { readCsv, writeCsv } from "../../../src/domain/exchange/csv.ts";
import { parseImport } from "../../../src/domain/exchange/parse.ts";
import { fc } from "../../helpers/chance.ts";

const cells = (text: string) => {
  const read = readCsv(text);
  return read.ok ? read.rows.map((row) => row.cells) : read;
};

describe("CSV (RFC 4180)", () => {
  it.each<[string, string, unknown]>([
    [
      "rows and cells",
      "a,b\n1,2\n",
      [
        ["a", "b"],
        ["1", "2"],
      ],
    ],
    [
      "no line end at the end",
      "a,b\n1,2",
      [
        ["a", "b"],
        ["1", "2"],
      ],
    ],
    ["CRLF", "a\r\nb\r\n", [["a"], ["b"]]],
    [
      "empty cells",
      ",\n,,\n",
      [
        ["", ""],
        ["", "", ""],
      ],
    ],
    ["an empty last cell at the very end", "a,", [["a", ""]]],
    ["empty lines", "a\n\n\nb\n", [["a"], ["b"]]],
    ["a quoted empty cell alone", '""\n', [[""]]],
    ["quotes, commas and line breaks in quotes", '"a ""b"", c\nd",e\n', [['a "b", c\nd', "e"]]],
    ["blanks stay", " a , b \n", [[" a ", " b "]]],
    ["nothing", "", []],
    [
      "a quote that is not closed",
      'a\nb,"c\nd\n',
      { ok: false, line: 2, message: "has a quote that is not closed" },
    ],
    [
      "text behind a quote",
      'a\n"b"c\n',
      { ok: false, line: 2, message: "has text behind the quote that ends a cell" },
    ],
    [
      "a quote inside",
      'a\n\nb"c\n',
      { ok: false, line: 3, message: "has a quote inside of a cell that does not begin with one" },
    ],
  ])("%s", (_name, text, expected) => expect(cells(text)).toEqual(expected));

  it("tells the line on which each row begins", () => {
    const read = readCsv('a,b\n"1\n2\r\n3",x\n\ny,z\n');
    expect(read.ok && read.rows.map(({ line }) => line)).toEqual([1, 2, 6]);
  });

  it("reads what it wrote, whatever stands in the cells", () => {
    const cell = fc.oneof(
      fc.string({ unit: "grapheme" }),
      fc.string({ unit: fc.constantFrom(...'",\r\n ab=') }),
    );
    fc.assert(
      fc.property(fc.array(fc.array(cell, { minLength: 2, maxLength: 4 }), { maxLength: 5 }), (rows) => {
        expect(cells(writeCsv(rows))).toEqual(rows);
      }),
      { numRuns: 500 },
    );
  });

  it("is linear in a cell of a megabyte", () => {
    const cell = 'a "b", '.repeat(150_000);
    const started = performance.now();
    expect(cells(writeCsv([["x", cell]]))).toEqual([["x", cell]]);
    expect(performance.now() - started).toBeLessThan(2000);
  });
});

const parse = (text: string) => parseImport(new TextEncoder().encode(text), undefined, "tasks.csv");

describe("A24 a table of tasks that people wrote", () => {
  it("reads known columns in any order and case, words with commas, conditions with line breaks", () => {
    const text =
      'Title, Priority,labels,accept,id,depends_on\nFirst,P1,"a, b","one\ntwo",x,\nSecond,30,,,y,x\n';
    expect(parse(text)).toMatchObject({
      ok: true,
      system: "file",
      items: [
        {
          line: 2,
          title: "First",
          priority: "P1",
          labels: ["a", "b"],
          accept: ["one", "two"],
          external_id: "x",
        },
        { line: 4, title: "Second", priority: "30", blocked_by: ["x"] },
      ],
    });
  });

  it.each<[string, string, object]>([
    ["one column", "title\nFirst\n", { items: [{ title: "First" }] }],
    ["a byte order mark", "\ufefftitle,id\nFirst,1\n", { items: [{ title: "First", key: "1" }] }],
    ["no rows", "title,id\n", { items: [] }],
  ])("reads %s", (_name, text, expected) => expect(parse(text)).toMatchObject({ ok: true, ...expected }));

  it.each<[string, string, object, RegExp]>([
    [
      "a missing column",
      "id,priority\n1,2\n",
      { line: 1, field: "title" },
      /^tasks.csv line 1: has no column title/,
    ],
    [
      "an unknown column",
      "title,colour\na,b\n",
      { line: 1, field: "colour" },
      /unknown column "colour"; known are id, title/,
    ],
    ["a column twice", "title,id,id\na,b,c\n", { line: 1, field: "id" }, /names the column id twice/],
    [
      "a row that is too short",
      "title,id\na,b\nc\n",
      { line: 3 },
      /^tasks.csv line 3: has 1 cell; the first line names 2 columns/,
    ],
    ["a row that is too long", "title,id\na,b,c\n", { line: 2 }, /has 3 cells/],
    ["a row without a title", "title,id\n,b\n", { line: 2, field: "title" }, /line 2: title is missing/],
    [
      "an estimate that is a word",
      "title,estimate\na,big\n",
      { line: 2, field: "estimate" },
      /estimate is "big"; it must be a whole number/,
    ],
    ["a quote that is not closed", 'title,id\na,"b\n', { line: 2 }, /line 2: has a quote that is not closed/],
    [
      "a rest that is no JSON",
      `title,id,more\na,t_${"0".repeat(26)},{\n`,
      { line: 2 },
      /line 2: more is no JSON object/,
    ],
  ])("refuses %s, with file, line and field", (_name, text, data, message) => {
    const read = parse(text);
    expect(read).toMatchObject({ ok: false, code: "invalid_input", data });
    expect(read.ok ? "" : read.message).toMatch(message);
  });
});
