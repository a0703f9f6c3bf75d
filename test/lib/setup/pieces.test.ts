import { describe, expect, test } from "vitest";
import { entryPiece } from "../../../src/lib/setup/entry-piece.ts";
import { filePiece, jsonFilePiece } from "../../../src/lib/setup/file-piece.ts";
import { readJson } from "../../../src/lib/setup/json-tree.ts";
import { partPiece } from "../../../src/lib/setup/part-piece.ts";
import type { Piece, Step } from "../../../src/lib/setup/piece.ts";
import { stamped, stampIn } from "../../../src/lib/setup/stamp.ts";
import { fc } from "../../helpers/chance.ts";

const AT = { place: "worktree", path: "the.file" } as const;

/** The text that a step makes; throws where it makes none. */
function made(step: Step): string {
  if (step.to !== "change" || step.text === null) throw new Error(JSON.stringify(step));
  return step.text;
}

/** Writes, says that it is written, and takes back what it wrote: nothing else has changed. */
function expectRoundTrip(piece: Piece, before: string | undefined): void {
  const written = made(piece.write(before));
  expect(piece.write(written)).toEqual({ to: "keep" });
  expect(piece.remove(written)).toEqual({ to: "change", text: before ?? null });
}

describe("a whole file", () => {
  const text = stamped("# owp setup github ({{stamp}}) made this.\nname: x\n");
  const piece = filePiece({ ...AT, text });

  test("is written where there is none, and taken back whole", () => expectRoundTrip(piece, undefined));

  test.each([
    [
      "an older one of owp's is replaced without a word",
      stamped("# owp setup github ({{stamp}}) made this.\nold\n"),
      {},
    ],
    ["one that someone edited is told", text.replace("name: x", "name: y"), { edited: true }],
    ["one whose stamp was edited is told", text.replace(/\([0-9a-f]{8}\)/, "(00000000)"), { edited: true }],
  ])("%s", (_name, there, more) => {
    expect(piece.write(there)).toEqual({ to: "change", text, ...more });
    expect(piece.remove(there)).toEqual({ to: "change", text: null, ...more });
  });

  test("one of the user's stops the writing, and is not taken away", () => {
    expect(piece.write("name: mine\n")).toMatchObject({
      to: "stop",
      message: expect.stringContaining("the.file is there already"),
    });
    expect(piece.remove("name: mine\n")).toEqual({ to: "keep" });
  });

  test("line ends of the checkout are no difference", () => {
    expect(piece.write(text.replaceAll("\n", "\r\n"))).toEqual({ to: "keep" });
    expect(piece.remove(text.replaceAll("\n", "\r\n"))).toEqual({ to: "change", text: null });
  });

  test("a text holds its own stamp, and no other", () => {
    expect([stampIn(text), stampIn(`${text}x`), stampIn("owp setup github made this")]).toEqual([
      "intact",
      "edited",
      undefined,
    ]);
  });
});

describe("a JSON file without comments", () => {
  const piece = jsonFilePiece({
    ...AT,
    value: { name: "owp", rules: [1] },
    isOurs: (value) => (value as { name?: string })?.name === "owp",
  });
  test("is written where there is none, and taken back whole", () => expectRoundTrip(piece, undefined));
  test.each<[string, string, Step["to"], Step["to"]]>([
    ["in another layout is the same", '{"rules":[1],"name":"owp"}', "keep", "change"],
    ["with other rules was edited", '{"name":"owp","rules":[]}', "change", "change"],
    ["of the user's stops the writing", '{"name":"mine"}', "stop", "keep"],
    ["that is broken is the user's", '{"name":', "stop", "keep"],
  ])("one %s", (_name, text, write, remove) => {
    expect([piece.write(text).to, piece.remove(text).to]).toEqual([write, remove]);
  });
  test("what was edited is told", () => {
    expect(piece.write('{"name":"owp","rules":[]}')).toMatchObject({ edited: true });
    expect(piece.remove('{"name":"owp","rules":[]}')).toMatchObject({ edited: true });
  });
});

const PART = { ...AT, id: "agents", owner: "agents", comment: "markdown", text: "one\ntwo\n" } as const;

describe("a part of a file", () => {
  const piece = partPiece(PART);
  const plain = "# Mine\n\nwords\n";

  test.each<[string, string | undefined]>([
    ["no file", undefined],
    ["a file", plain],
    ["a file without a line break at its end", "# Mine"],
    ["a file that ends in blank lines", "# Mine\n\n\n"],
    ["a file with CRLF", "# Mine\r\nwords\r\n"],
    ["a file with the same words outside", "one\ntwo\n"],
  ])("%s comes back byte for byte", (_name, before) => expectRoundTrip(piece, before));

  test("any text comes back", () => {
    const lines = fc.array(fc.constantFrom("", " ", "a", "# b", "<!-- c -->", "owp:end agents", "\ttab"));
    fc.assert(
      fc.property(lines, fc.boolean(), (some, ends) => {
        const before = some.join("\n") + (ends ? "\n" : "");
        fc.pre(before !== "");
        expectRoundTrip(piece, before);
      }),
    );
  });

  test("words that the user adds around it stay where they are", () => {
    const between = `${made(piece.write(plain))}\nmore\n`;
    expect(piece.write(between)).toEqual({ to: "keep" });
    expect(piece.remove(between)).toEqual({ to: "change", text: `${plain}\nmore\n` });
  });

  test("a newer text replaces the older one in its place", () => {
    const older = `${made(piece.write(plain))}\nmore\n`;
    const newer = partPiece({ ...PART, text: "three\n" });
    const step = newer.write(older);
    expect(step).not.toHaveProperty("edited");
    expect(made(step)).toBe(
      older
        .replace("one\ntwo", "three")
        .replace(/\([0-9a-f]{8}\)/, /\([0-9a-f]{8}\)/.exec(made(newer.write(undefined)))?.[0] ?? ""),
    );
  });

  test("what was changed inside is told before it is lost", () => {
    const changed = made(piece.write(plain)).replace("two", "2");
    expect(piece.write(changed)).toMatchObject({ to: "change", edited: true });
    expect(piece.remove(changed)).toEqual({ to: "change", text: plain, edited: true });
  });

  test("two targets want one part: it goes with the second", () => {
    const other = partPiece({ ...PART, owner: "codex" });
    const both = made(other.write(made(piece.write(plain))));
    expect([piece.write(both), other.write(both)]).toEqual([{ to: "keep" }, { to: "keep" }]);
    const one = made(piece.remove(both));
    expect([piece.remove(one), other.write(one)]).toEqual([{ to: "keep" }, { to: "keep" }]);
    expect(other.remove(one)).toEqual({ to: "change", text: plain });
  });

  const whole = made(piece.write(plain)).split("\n");
  const without = (mark: string) => whole.filter((line) => !line.includes(mark)).join("\n");
  test.each([
    ["the end is gone", without("owp:end"), /the\.file has the beginning .*\(line 5\), and not its end/],
    [
      "the beginning is gone",
      without("owp:begin"),
      /the\.file has the end .*\(line 7\), and not its beginning/,
    ],
    ["there are two", `${whole.join("\n")}${whole.slice(3).join("\n")}`, /more than once \(lines 5 and 10\)/],
  ])("%s: nothing is written or taken away before a person has looked", (_name, text, says) => {
    for (const step of [piece.write(text), piece.remove(text)])
      expect(step).toEqual({
        to: "stop",
        message: expect.stringMatching(says),
        hint: expect.stringContaining("run it again"),
      });
  });

  test("a line that people fill in ends the part, and their word in it stays", () => {
    const task = partPiece({
      ...PART,
      id: "task",
      text: "\n",
      last: { line: "Owp-Task: ", pattern: /^Owp-Task:/ },
      has: /^Owp-Task:/m,
    });
    for (const before of [undefined, "## What\n", "## What"]) expectRoundTrip(task, before);
    expect(made(task.write("## What\n")).split("\n").slice(-3)).toEqual(["", "Owp-Task: ", ""]);
    const filled = made(task.write("## What\n")).replace("Owp-Task: ", "Owp-Task: k3f9");
    expect(task.write(filled)).toEqual({ to: "keep" });
    expect(task.write("mine\nOwp-Task:\n")).toEqual({ to: "keep" });
    expect(task.remove("mine\nOwp-Task:\n")).toEqual({ to: "keep" });
  });
});

const HOOK = { hooks: [{ type: "command", command: "owp prime" }] };
const ITEM = entryPiece({
  ...AT,
  entries: [
    {
      at: ["hooks", "SessionStart"],
      value: HOOK,
      isOurs: (item) => JSON.stringify(item).includes("owp prime"),
    },
  ],
});
const KEYS = entryPiece({
  ...AT,
  entries: ["a", "b"].map((name) => ({ at: ["yaml.schemas", `./${name}.json`], value: `${name}/**` })),
});

const JSON_TEXTS = [
  '{"a":1}',
  '{ "a": 1, "b": [ 1,2 ] }\n',
  '{\n    "a": [1, 2],\n    "b": {"c": 1}\n}\n',
  '{\n\t"a": 1\n}\n',
  '{\r\n  "a": 1\r\n}\r\n',
  '\ufeff{\n  "a": 1\n}\n',
  '{\n  "hooks": {\n    "Stop": [{"hooks": []}]\n  },\n  "z": true\n}\n',
  '{\n  "hooks": {\n    "SessionStart": [\n      {\n        "matcher": "startup"\n      }\n    ]\n  }\n}\n',
  '{"hooks":{"SessionStart":[{"x":1}]}}',
  '{\n  // mine\n  "a": 1, // one\n}\n',
  '{\n  "a": 1 /* , */\n  // end\n}\n',
  '{\n  "yaml.schemas": {\n    "./mine.json": "x"\n  }\n}\n',
];

describe("entries in a JSON file", () => {
  test.each([undefined, ...JSON_TEXTS])("%j comes back byte for byte", (before) => {
    for (const piece of [ITEM, KEYS]) expectRoundTrip(piece, before);
  });

  test("what was there is all there still, and ours comes last", () => {
    for (const before of JSON_TEXTS) {
      const value = readJson(made(ITEM.write(before))).value as { hooks: { SessionStart: unknown[] } };
      expect(value.hooks.SessionStart.pop()).toEqual(HOOK);
      expect(value).toMatchObject(readJson(before).value as object);
    }
  });

  test("an entry that someone changed is told before it is replaced, or taken away", () => {
    const changed = made(ITEM.write('{"a": 1}\n')).replace("owp prime", "owp prime --as max");
    expect(ITEM.write(changed)).toEqual({
      to: "change",
      text: made(ITEM.write('{"a": 1}\n')),
      edited: true,
    });
    expect(ITEM.remove(changed)).toEqual({ to: "change", text: '{"a": 1}\n', edited: true });
  });

  test.each([
    ["broken JSON", '{\n  "a": [1,\n', /the\.file cannot be read: line 3 is no JSON/],
    ["a list at the top", "[]", /something else at its top/],
    ["a list where an object is wanted", '{"hooks": []}', /something else at hooks /],
    [
      "a text where a list is wanted",
      '{"hooks": {"SessionStart": "x"}}',
      /something else at hooks\.SessionStart /,
    ],
    ["a text made to exhaust its reader", "[".repeat(100_000), /cannot be read/],
  ])("%s is not written into", (_name, text, says) => {
    expect(ITEM.write(text)).toMatchObject({ to: "stop", message: expect.stringMatching(says) });
  });

  test("the reader agrees with JSON.parse on what is JSON, and says where each value stands", () => {
    fc.assert(
      fc.property(fc.json({ noUnicodeString: false }), fc.constantFrom("", " ", "\n\t"), (json, space) => {
        const text = space + json + space;
        const node = readJson(text);
        expect(JSON.stringify(node.value)).toBe(JSON.stringify(JSON.parse(json)));
        expect(text.slice(node.from, node.to).trim()).toBe(json.trim());
      }),
    );
    for (const text of ["", "{", '{"a"}', '{"a":}', "[1 2]", "01", "1 1", "'a'", '"\n"', '{"a":1,,}', "tru"])
      expect(() => readJson(text), text).toThrow();
  });
});
