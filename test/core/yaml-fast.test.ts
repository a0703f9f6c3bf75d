import { expect, test } from "vitest";
import { readFast } from "../../src/core/yaml-fast.ts";
import { parseSafe } from "../../src/core/yaml-safe.ts";

const TAKEN = [
  "a: b\n",
  "a: b",
  "# c\n\na: b#c\n",
  "a: 1\nb: -5\nc: 0\nd: true\ne: null\nf:\n",
  "a: x y-z/(q) $1, [2] {3} é\n",
  "a: 2026-01-31T09:30:00Z\nb: 12:30\nc: 1st\n",
  'a: "x: \\"y\\" \\n\\u00e9 #"\n',
  "a: []\nb: {}\n",
  "a:\n  b:\n    c: 1\n  d: 2\ne: 3\n",
  "a:\n    b: 1\n",
  "a:\n  - x\n  - 2\n  - k: 1\n    l: 2\n  - - y\n    - z\n",
  "a:\n  # c\n  - x\n\n# d\n  - y\n",
  "a: |\n  x\n\n    y\n  \tz\n\n\nb: |-\n  # x\nc: |\n\n  x\n",
  "a: |\n  x\n# c\nb: 1\n",
  "a: |\n  x\n     \n  y\n",
  "a: |\n   x\n",
  "a.b/c@d-e_f: 1\n",
];

test.each(TAKEN)("taken: %j", (text) => {
  expect(readFast(text)).toBeDefined();
  expect(parseSafe(text)).toMatchObject({ ok: true, value: readFast(text) });
});

/** Beyond the subset, or no YAML at all: one thing each that a simple reader could take wrongly. */
const LEFT = [
  ...[
    "",
    "\n",
    "# c\n",
    "- a\n",
    "a\n",
    " a: 1\n",
    "a: 1\n  b: 2\n",
    "a: 1\n b\n",
    "a:\n    b: 1\n  c: 2\n",
    "a: 1\n- b\n",
  ],
  ...[
    "a: b # c\n",
    "a: b: c\n",
    "a: b:\n",
    "a: b \n",
    "a: \n",
    "a: b\tc\n",
    "a:\tb\n",
    "\ta: b\n",
    "a : b\n",
    "a:b\n",
    "a b: c\n",
  ],
  ...[
    "a: 'b'\n",
    'a: "b" # c\n',
    'a: "\\x41"\n',
    'a: "b\n',
    'a: "b\n  c"\n',
    '"a": b\n',
    "? a\n: b\n",
    "__proto__: 1\n",
    "<<: 1\n",
    "1: a\n",
  ],
  ...[
    "a: True\n",
    "a: NULL\n",
    "a: ~\n",
    "a: 01\n",
    "a: 1.5\n",
    "a: 1e3\n",
    "a: 0x1f\n",
    "a: 0o7\n",
    "a: +1\n",
    "a: .5\n",
    "a: .inf\n",
  ],
  ...[
    "a: 2026-01-31\n",
    "a: 9007199254740993\n",
    "a: -\n",
    "a: - b\n",
    "a: -x\n",
    "a: [b]\n",
    "a: {b: 1}\n",
    "a: [\n",
    "a: ,\n",
    "a: @b\n",
  ],
  ...[
    "a: !b c\n",
    "a: &b c\n",
    "a: *b\n",
    "a: |+\n  b\n",
    "a: |2\n  b\n",
    "a: >\n  b\n",
    "a: | # c\n  b\n",
    "a: |\nb: 1\n",
    "a: |\n",
    "a: %b\n",
  ],
  ...[
    "a: |\n    \n  b\n",
    "a: |\n \n  b\n",
    "a: |\n  b\n    \n",
    "a: |\n  b\n   \nc: 1\n",
    "a: |\n  b\n \tc\n",
    "a:\n- b\n",
    "a:\n  - b\n  c: 1\n",
    "a:\n  -b\n",
  ],
  ...[
    "a:\n  - b\n    c\n",
    "a:\n  -\n",
    "a:\n  -  b\n",
    "a: 1\na: 2\n",
    "a: 1\n---\nb: 1\n",
    "---\na: 1\n",
    "%YAML 1.2\n---\na: 1\n",
    "a: 1\n...\n",
  ],
  ...[
    "a: 1\r\n",
    "\ufeffa: 1\n",
    "a: b\u0000\n",
    "a: b\u0085c\n",
    "a: b\n=======\n",
    `a:\n  ${"- ".repeat(60)}b\n`,
  ],
];

test.each(LEFT)("left to the full reader: %j", (text) => {
  expect(readFast(text)).toBeUndefined();
});
