import { describe, expect, test } from "vitest";
import { parse } from "yaml";
import { decode, encode } from "../../src/core/codec.ts";
import { KINDS, type Kind, pathOf } from "../../src/core/paths.ts";
import { same } from "../../src/core/yaml-edit.ts";
import { readFast } from "../../src/core/yaml-fast.ts";
import { parseSafe } from "../../src/core/yaml-safe.ts";
import { renderEntries, renderEntry } from "../../src/core/yaml-write.ts";
import { fc } from "../helpers/chance.ts";
import { AWKWARD_TEXTS, anyData, anyText, fromSchema } from "../helpers/from-schema.ts";

const RUNS = Number(process.env.PROPERTY_RUNS ?? 150);
const KIND_NAMES = Object.keys(KINDS) as Kind[];
const ID_FIELD: Partial<Record<Kind, string>> = {
  Policy: "kind",
  Worker: "name",
  Repo: "slug",
  Lease: "task",
};
const bytes = (text: string) => new TextEncoder().encode(text);
const read = (path: string, text: string) => {
  const decoded = decode(path, bytes(text));
  return decoded.ok ? decoded.doc.value : decoded.problem;
};

/** A path and two values that may stand there. */
const objects = (kind: Kind) =>
  fc.tuple(fromSchema(KINDS[kind].schema), fromSchema(KINDS[kind].schema)).map(([value, other]) => {
    const field = ID_FIELD[kind] ?? "id";
    return { path: pathOf(kind, String(value[field])), value, other: { ...other, [field]: value[field] } };
  });

describe.each(KIND_NAMES)("a %s", (kind) => {
  test("comes back from its text as it was, unknown fields too (B75), and the same text again", () => {
    fc.assert(
      fc.property(objects(kind), ({ path, value }) => {
        const text = encode(path, value);
        expect(read(path, text)).toEqual(value);
        expect(text).toMatch(/[^\n]\n$/);
        expect(encode(path, structuredClone(value), text)).toBe(text);
      }),
      { numRuns: RUNS },
    );
  });

  test("takes another value into its text", () => {
    fc.assert(
      fc.property(objects(kind), ({ path, value, other }) => {
        expect(read(path, encode(path, other, encode(path, value)))).toEqual(other);
      }),
      { numRuns: RUNS },
    );
  });
});

/** A text as a person may have it: each entry with a comment above it, and one behind it where it is on one line. */
function commented(entries: [string, unknown][]) {
  return entries.map(([key, value]) => {
    const entry = renderEntry(key, value, 0);
    const isInline = entry.indexOf("\n") === entry.length - 1;
    const above = `\n# above ${key}\n`;
    return {
      key,
      above,
      behind: isInline ? `   # behind ${key}` : "",
      text: `${above}${isInline ? `${entry.slice(0, -1)}   # behind ${key}\n` : entry}`,
    };
  });
}

const documents = () =>
  fc.uniqueArray(fc.tuple(fc.stringMatching(/^[a-z]{3,6}$/), anyData()), {
    selector: ([key]) => key,
    minLength: 2,
    maxLength: 6,
  });

test("a change of one field leaves every other line as it is, and the comments around it", () => {
  fc.assert(
    fc.property(documents(), anyData(), fc.nat(), (entries, next, pick) => {
      const chunks = commented(entries);
      const chosen = pick % entries.length;
      const value = Object.fromEntries(
        entries.map(([key, old], index) => [key, index === chosen ? next : old]),
      );
      const after = encode("owp.yaml", value, chunks.map(({ text }) => text).join(""));
      expect(parse(after, { stringKeys: true })).toEqual(value);
      for (const [index, chunk] of chunks.entries()) {
        if (index !== chosen) expect(after).toContain(chunk.text);
        else {
          expect(after).toContain(chunk.above);
          expect(after).toContain(chunk.behind);
        }
      }
    }),
    { numRuns: RUNS * 4 },
  );
});

test("entries of lists and nested mappings change, come and go with the comments between them in place", () => {
  const item = fc.oneof(anyText(), anyData(), fc.record({ at: anyText(), by: anyText() }));
  const step = fc.record({ at: fc.nat(9), drop: fc.nat(2), add: fc.array(item, { maxLength: 2 }) });
  fc.assert(
    fc.property(fc.array(item, { minLength: 1, maxLength: 5 }), step, (items, { at, drop, add }) => {
      const lines = items.map(
        (entry, index) =>
          `  # above ${index}\n${renderEntries({ x: [entry] }, 0)
            .split("\n")
            .slice(1)
            .join("\n")}`,
      );
      const before = `x:\n${lines.join("")}  # end\ny: 1 # one\n`;
      if (!same(parse(before, { stringKeys: true }), { x: items, y: 1 })) return; // a block took a comment for text
      const next = items.toSpliced(at, drop, ...add);
      const after = encode("owp.yaml", { x: next, y: 1 }, before);
      expect(parse(after, { stringKeys: true })).toEqual({ x: next, y: 1 });
      if (next.length > 0) for (const index of items.keys()) expect(after).toContain(`  # above ${index}\n`);
      expect(after.endsWith("y: 1 # one\n")).toBe(true);
    }),
    { numRuns: RUNS * 4 },
  );
});

test("F10: texts that look like other types stay texts wherever they stand", () => {
  for (const value of AWKWARD_TEXTS) {
    const key = value === "__proto__" || value === "<<" ? "k" : value;
    const before = {
      kind: "Policy",
      protocol: "0.1",
      meta: { a: value, b: [value, { c: value }], c: { [key]: [[value]] } },
    };
    const text = encode("owp.yaml", before);
    expect(read("owp.yaml", text)).toEqual(before);
    expect(parse(text, { version: "1.1", merge: false })).toEqual(
      before.meta.a.match(/^\d{4}-.*:/) ? expect.anything() : before,
    );
    const after = { ...before, meta: { ...before.meta, a: "x", z: value } };
    expect(read("owp.yaml", encode("owp.yaml", after, text))).toEqual(after);
  }
});

/** Bits of YAML, put together at random: most of it nearly right. */
const fragments = () =>
  fc
    .array(
      fc.oneof(
        {
          weight: 6,
          arbitrary: fc.constantFrom(
            ..."\n|\n  |\n    |a|b: |- |: |:|  |k:|k: |#| #|1|null|true|x|\n- |\n  - |- - |- k: ".split("|"),
          ),
        },
        {
          weight: 4,
          arbitrary: fc.constantFrom(
            "|",
            "|-",
            "\n\n",
            "\n   \n",
            ' "q"',
            "[]",
            "{}",
            "key: value\n",
            "k: |\n  text\n",
            "k: |-\n  a\n\n   b\n",
            "- item\n",
          ),
        },
        {
          weight: 2,
          arbitrary: fc.constantFrom(
            "'",
            '"',
            "|+",
            ">",
            "|2",
            "\t",
            "---\n",
            "...\n",
            "!t ",
            "&a ",
            "*a",
            "<<: ",
            "[",
            "]",
            "{",
            "}",
            ",",
            "~",
            "%",
            "@",
            "?",
            "? ",
            "\r\n",
          ),
        },
        { weight: 1, arbitrary: anyText() },
      ),
      { maxLength: 16 },
    )
    .map((parts) => parts.join(""));

/** A file of the record with a few bytes or lines changed. */
const damaged = () =>
  fc
    .tuple(
      fc.oneof(...KIND_NAMES.map(objects)),
      fc.array(fc.tuple(fc.nat(), fc.nat(3), fragments()), { minLength: 1, maxLength: 3 }),
    )
    .map(([{ path, value }, edits]) => {
      let text = encode(path, value);
      for (const [at, drop, insert] of edits) {
        const start = at % (text.length + 1);
        text = text.slice(0, start) + insert + text.slice(start + drop);
      }
      return { path, text };
    });

/** What the fast reader answers, the full one answers too: ours and the library alone. */
function agree(text: string): void {
  const fast = readFast(text);
  if (fast === undefined) return;
  expect(parseSafe(text)).toMatchObject({ ok: true });
  const full = parseSafe(text);
  expect(fast).toEqual(full.ok && full.value);
  expect(fast).toEqual(parse(text, { version: "1.2", schema: "core", stringKeys: true, strict: true }));
}

test("the fast reader equals the full one on what it takes", () => {
  fc.assert(fc.property(fragments(), agree), { numRuns: RUNS * 20 });
  fc.assert(
    fc.property(damaged(), ({ text }) => agree(text)),
    { numRuns: RUNS * 4 },
  );
});

test("the fast reader takes what is written, up to rare forms", () => {
  const plain = fc.record({
    a: fc.string({ unit: "grapheme-ascii" }),
    b: fc.array(fc.stringMatching(/^[a-z ]{0,9}$/)),
    c: fc.integer(),
    d: fc.record({ e: fc.constantFrom("x\ny", "x\n") }),
  });
  fc.assert(
    fc.property(plain, (value) => void expect(readFast(renderEntries(value, 0))).toEqual(value)),
    { numRuns: RUNS },
  );
});

test("damaged bytes never throw: they are a value, or a problem with a line (F11)", () => {
  const noise = fc.array(fc.tuple(fc.nat(), fc.nat(255)), { maxLength: 3 });
  fc.assert(
    fc.property(damaged(), noise, ({ path, text }, flips) => {
      const data = bytes(text);
      for (const [at, byte] of flips) data[at % data.length] = byte;
      const decoded = decode(path, data);
      if (!decoded.ok) {
        expect(decoded.problem).toMatchObject({ path, severity: "error" });
        expect(decoded.problem.line).toBeGreaterThan(0);
      } else expect(encode(path, decoded.doc.value as object, decoded.doc.text)).toBe(decoded.doc.text);
    }),
    { numRuns: RUNS * 4 },
  );
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 200 }), (data) => void decode("owp.yaml", data)),
    { numRuns: RUNS * 4 },
  );
});

test("damaged texts that can be read take a change", () => {
  fc.assert(
    fc.property(fragments(), anyData(), (text, data) => {
      const parsed = parseSafe(text);
      if (!parsed.ok) return;
      const keys = Object.keys(parsed.value);
      for (const value of [
        { ...parsed.value, added: data },
        { ...parsed.value, [keys[0] ?? "k"]: data },
        Object.fromEntries(Object.entries(parsed.value).slice(1)),
      ]) {
        const after = parseSafe(encode("owp.yaml", value, text));
        expect(after.ok && after.value).toEqual(value);
      }
    }),
    { numRuns: RUNS * 10 },
  );
});
