import { describe, expect, test } from "vitest";
import { check, decode, encode } from "../../src/core/codec.ts";
import { pathOf } from "../../src/core/paths.ts";
import { MAX_DEPTH, MAX_FILE_BYTES, type ProblemCode, problemText } from "../../src/core/problem.ts";

const ID = "t_01jd00000000000000000000k3";
const OTHER = "t_01jd00000000000000000000f9";
const TASK = pathOf("Task", ID);
const utf8 = (text: string) => new TextEncoder().encode(text);

const HEAD = `kind: Task\nid: ${ID}\n`;
const TAIL = "repo: main\nstatus: ready\npriority: 50\nestimate: 1\ncreated_at: 2026-01-02T03:04:05Z\n";
const GOOD = `${HEAD}title: Mend the gate\n${TAIL}`;
const task = (more: Record<string, unknown>) => ({
  ...{
    kind: "Task",
    id: ID,
    title: "Mend the gate",
    repo: "main",
    status: "ready",
    priority: 50,
    estimate: 1,
  },
  ...{ created_at: "2026-01-02T03:04:05Z" },
  ...more,
});
const edited = (from: string, to: string) => GOOD.replace(from, to);

/** What the file is like; its text; the problem's code and line. */
type Row = [name: string, text: string | Uint8Array, code: ProblemCode, line: number | undefined];

const UNREADABLE: Row[] = [
  ["F10: a file over 1 MiB", `${GOOD}description: ${"x".repeat(MAX_FILE_BYTES)}\n`, "too_large", undefined],
  ["F10: a hostile number of parts", `${GOOD}meta: [${",".repeat(300_000)}]\n`, "too_large", 9],
  [
    "bytes that are not UTF-8",
    Uint8Array.from([...utf8(HEAD), 0x74, 0xff, 0x0a, ...utf8(TAIL)]),
    "not_utf8",
    3,
  ],
  ["UTF-16", Uint8Array.from([0xff, 0xfe, 0x6b, 0, 0x69, 0]), "not_utf8", 1],
  ["a bare control character", edited("Mend", "\u001b[31mMend"), "control_character", 3],
  ["F10: a key twice", edited("repo: main", "title: again\nrepo: main"), "duplicate_key", 4],
  ["F10: a key twice, once in quotes", `${GOOD}"title": again\n`, "duplicate_key", 9],
  ["F10: a key twice inside", `${GOOD}meta:\n  a: 1\n  b: 2\n  a: 3\n`, "duplicate_key", 12],
  ["F10: an anchor", edited("title: ", "title: &t "), "alias", 3],
  ["F10: an alias", `${GOOD}description: *t\n`, "alias", 9],
  ["F10: a billion laughs", `a: &a [x]\nb: &b [*a,*a,*a]\nc: [*b,*b,*b]\n${GOOD}`, "alias", 1],
  ["F10: a tag of YAML", edited("title: ", "title: !!binary "), "tag", 3],
  ["F10: a tag of some language", `${GOOD}meta: !!js/function "f"\n`, "tag", 9],
  ["F10: the bare tag", edited("title: ", "title: ! "), "tag", 3],
  ["F10: a directive", `%YAML 1.1\n---\n${GOOD}`, "directive", 1],
  ["F10: two documents", `${GOOD}---\n${GOOD}`, "several_documents", 9],
  ["F10: a merge key", `${GOOD}meta:\n  <<: { a: 1 }\n`, "merge_key", 10],
  ["F10: a list as a key", `${GOOD}meta:\n  ? [a]\n  : b\n`, "bad_key", 10],
  ["F10: a key that reaches prototypes", `${GOOD}meta:\n  __proto__: { admin: true }\n`, "bad_key", 10],
  ["F10: an integer beyond 2^53", edited("priority: 50", "priority: 9007199254740993"), "number_range", 6],
  ["F10: infinity", `${GOOD}meta: { n: .inf }\n`, "number_range", 9],
  ["F10: deep brackets", `${GOOD}meta: ${"[".repeat(500_000)}\n`, "too_deep", 9],
  ["F10: deep dashes", `${GOOD}meta:\n  ${"- ".repeat(400_000)}\n`, "too_deep", 10],
  [
    "F10: deep mappings",
    Array.from({ length: 90 }, (_, depth) => `${" ".repeat(depth)}a:\n`).join(""),
    "too_deep",
    MAX_DEPTH + 2,
  ],
  ["an empty file", "", "not_a_mapping", 1],
  ["comments alone", "# nothing\n", "not_a_mapping", 1],
  ["a list", "# tasks\n- a\n", "not_a_mapping", 2],
  ["a text", "hello\n", "not_a_mapping", 1],
  ["a merge conflict's begin", edited("repo: main", "<<<<<<< HEAD\nrepo: main"), "conflict_marker", 4],
  ["a merge conflict's middle alone", edited("repo: main", "=======\nrepo: main"), "conflict_marker", 4],
  ["a merge conflict's end alone", `${GOOD}>>>>>>> branch\n`, "conflict_marker", 9],
  ["a merge conflict's base alone", `${GOOD}||||||| base\n`, "conflict_marker", 9],
  [
    "a merge conflict in a file of Windows",
    edited("repo: main", "=======\nrepo: main").replaceAll("\n", "\r\n"),
    "conflict_marker",
    4,
  ],
  ["a tab as indentation", `${GOOD}meta:\n\ta: 1\n`, "yaml_syntax", 10],
  ["a colon in a bare text", edited("Mend the gate", "Mend: the gate"), "yaml_syntax", 3],
  ["two faults: the first counts", `${edited("Mend", "@Mend")}repo: again\n`, "yaml_syntax", 3],
  ["a quote that is not closed", edited("Mend the gate", '"Mend the gate'), "yaml_syntax", 3],
  ["a bracket that is not closed", `${GOOD}labels: [a, b\n`, "yaml_syntax", 9],
  ["an @ at the beginning", edited("Mend the gate", "@mend"), "yaml_syntax", 3],
];

const INVALID: Row[] = [
  ["another kind", edited("kind: Task", "kind: Lease"), "kind_mismatch", 1],
  ["no kind", edited("kind: Task\n", ""), "schema", 1],
  ["another id", edited(ID, OTHER), "id_mismatch", 2],
  ["F12: an id that climbs", edited(ID, "../../owp"), "schema", 2],
  ["F12: an id in capitals", edited(ID, ID.toUpperCase()), "schema", 2],
  ["A21: no title", edited("title: Mend the gate\n", ""), "schema", 1],
  ["A21: an empty title", edited("Mend the gate", '""'), "schema", 3],
  ["A21: a title of 301 characters", edited("Mend the gate", "x".repeat(301)), "schema", 3],
  ["A21: a title of two lines", edited("Mend the gate", '"a\\nb"'), "schema", 3],
  ["A21: an area of 121 characters", `${GOOD}area: ${"x".repeat(121)}\n`, "schema", 9],
  ["A21: priority 1001", edited("priority: 50", "priority: 1001"), "schema", 6],
  ["A21: priority -1", edited("priority: 50", "priority: -1"), "schema", 6],
  ["A21: priority 1.5", edited("priority: 50", "priority: 1.5"), "schema", 6],
  ["A21: tier 4", `${GOOD}tier: 4\n`, "schema", 9],
  ["A20: estimate 0", edited("estimate: 1", "estimate: 0"), "schema", 7],
  ["A20: estimate 101", edited("estimate: 1", "estimate: 101"), "schema", 7],
  ["F12: a repo that climbs", edited("repo: main", "repo: ../main"), "schema", 4],
  ["a status that is derived", edited("status: ready", "status: running"), "schema", 5],
  ["F10: a time without a zone", edited("03:04:05Z", "03:04:05"), "schema", 8],
  ["F10: a number where a text belongs", edited("Mend the gate", "1e3"), "schema", 3],
  ["a label with a comma, third in a list", `${GOOD}labels:\n  - a\n  - b\n  - "c,d"\n`, "schema", 12],
  ["a worker's name that climbs (F12)", `${GOOD}assigned_to: ../ada\n`, "schema", 9],
  ["a nested field", `${GOOD}outcome:\n  epoch: 1\n  at: soon\n`, "schema", 11],
  ["a nested field that is missing", `${GOOD}outcome:\n  epoch: 1\n`, "schema", 9],
];

describe("F11: a bad file is one problem, with its line", () => {
  test.each([...UNREADABLE, ...INVALID])("%s", (_name, text, code, line) => {
    const decoded = decode(TASK, typeof text === "string" ? utf8(text) : text);
    expect(decoded).toMatchObject({ ok: false, problem: { path: TASK, code, severity: "error" } });
    expect(decoded.ok || decoded.problem.line).toBe(line);
  });

  test("it costs a bounded time, whatever is in it", () => {
    const repeats = Math.floor(MAX_FILE_BYTES / 6);
    const started = performance.now();
    for (const bomb of [
      "&a ",
      "[{ ",
      "a:\n",
      "- \n",
      '"b ',
      "?  ",
      "%a\n",
      "# \n",
      "a: ",
      " \t\n",
      "...",
      "---",
      "!a ",
      "|\n ",
    ]) {
      decode(TASK, utf8(`a: 1\nb: ${bomb.repeat(repeats)}`));
    }
    expect(performance.now() - started).toBeLessThan(20_000);
  }, 60_000);
});

describe("paths that hold no object", () => {
  test.each([
    ["F12: a folder up", `tasks/k/3/../3/${ID}.yaml`],
    ["F12: out of the record", "../owp.yaml"],
    ["F12: an absolute path", "/owp.yaml"],
    ["F12: a hidden worker", "workers/.git.yaml"],
    ["F12: a worker up", "workers/../owp.yaml"],
    ["F12: a backslash", "workers/a\\b.yaml"],
    ["a worker of three parts", "workers/a/b/c.yaml"],
    ["a task in another's folder", `tasks/f/9/${ID}.yaml`],
    ["a task without folders", `tasks/${ID}.yaml`],
    ["capitals", `tasks/K/3/${ID.toUpperCase()}.yaml`],
    ["another ending", `tasks/k/3/${ID}.yml`],
    ["no kind of object", "README.md"],
  ])("%s", (_name, path) => {
    expect(decode(path, utf8(GOOD))).toMatchObject({ ok: false, problem: { path, code: "foreign_path" } });
    expect(() => encode(path, task({}))).toThrow();
  });
});

describe("messages", () => {
  const problem = (text: string) => {
    const decoded = decode(TASK, utf8(text));
    return decoded.ok ? "" : problemText(decoded.problem);
  };

  test.each([
    [edited("priority: 50", "priority: 1001"), ":6: priority: must be at most 1000"],
    [edited("title: Mend the gate\n", ""), ":1: title: is missing"],
    [
      edited("status: ready", "status: open"),
      ":5: status: must be one of planned, ready, done, failed, canceled",
    ],
    [edited("Mend the gate", "12"), ":3: title: must be a text"],
    [`${GOOD}labels: blue\n`, ":9: labels: must be a list"],
    [`${GOOD}acceptance:\n  criteria:\n    - a\n    - 2\n`, ":12: acceptance.criteria[1]: must be a text"],
    [
      `${GOOD}outcome: { epoch: 1, at: 2026-01-02T03:04:05Z, worker: A B }\n`,
      ":9: outcome.worker: must be a worker's name such as ada or claude@box/web",
    ],
    [edited("repo: main", "title: again"), ':4: duplicate key "title"'],
    [edited("repo: main", "<<<<<<< HEAD"), ":4: a merge conflict is not resolved here (<<<<<<<)"],
    [edited("Mend the gate", "Mend: it"), ":3: YAML: nested mappings are not allowed in compact mappings"],
  ])("%#", (text, message) => {
    expect(problem(text)).toBe(TASK + message);
  });

  test("only the first few violations are told, in the order of the lines", () => {
    const text = edited("priority: 50", "priority: high")
      .replace("estimate: 1", "estimate: x")
      .replace("Mend the gate", "''");
    expect(problem(`tier: 9\n${text}area: ''\n`)).toBe(
      `${TASK}:1: tier: must be at most 3; title: must not be empty; priority: must be a whole number; and 2 more`,
    );
  });

  test("a problem without a line", () => {
    expect(problemText({ path: "a.yaml", code: "too_large", message: "too large", severity: "error" })).toBe(
      "a.yaml: too large",
    );
  });
});

describe("good files", () => {
  test.each([
    ["as written", GOOD],
    ["with a byte order mark", `\ufeff${GOOD}`],
    ["with the ends of line of Windows", GOOD.replaceAll("\n", "\r\n")],
    ["without a last line feed", GOOD.slice(0, -1)],
    ["as one document with marks", `---\n${GOOD}...\n`],
    ["in braces", `{ ${GOOD.trim().replaceAll("\n", ", ")} }`],
    ["with quotes", GOOD.replace("Mend the gate", "'Mend the gate'").replace("main", '"main"')],
    [
      "with marks of a conflict inside a text",
      `${GOOD}description: |\n  <<<<<<< ours\n  =======\n  >>>>>>> theirs\n`,
    ],
    ["B75: with fields of a newer version", `${GOOD}new_field: 1\noutlook:\n  new: [a]\n`],
  ])("%s", (_name, text) => {
    const decoded = decode(TASK, utf8(text));
    expect(decoded).toMatchObject({
      ok: true,
      doc: { path: TASK, text: text.replace("\ufeff", ""), value: task({}) },
    });
  });

  test("F10: values keep their type", () => {
    const meta =
      "a: no\n  b: 1e3\n  c: 0o7\n  d: 2026-01-31\n  e: 2026-01-31T09:30:00Z\n  f: ~\n  g: 12:30:45\n  h: 1_000\n  i: 007\n  j: 'null'\n";
    const decoded = decode(TASK, utf8(`${GOOD}meta:\n  ${meta}`));
    expect(decoded.ok && (decoded.doc.value as { meta: unknown }).meta).toEqual({
      ...{ a: "no", b: 1000, c: 7, d: "2026-01-31", e: "2026-01-31T09:30:00Z", f: null },
      ...{ g: "12:30:45", h: "1_000", i: 7, j: "null" },
    });
  });
});

describe("writing", () => {
  test("a new file: modeline, the schema's order, unknown fields last, blocks for texts, quotes where needed", () => {
    const value = task({
      zebra: { b: 1, a: [] },
      description: "First.\n\n  indented\nlast\n",
      labels: ["a", "no", "1e3"],
      outcome: {
        at: "2026-01-02T03:04:05Z",
        worker: null,
        epoch: 2,
        message: "a: b",
        artifacts: [{ uri: "#1", type: "pr" }],
      },
      tier: undefined,
      updated_at: "2026-01-02T03:04:06Z",
    });
    expect(encode(TASK, value)).toBe(`# yaml-language-server: $schema=../../../.owp/schemas/task.json
kind: Task
id: ${ID}
title: Mend the gate
repo: main
status: ready
priority: 50
estimate: 1
labels:
  - a
  - "no"
  - "1e3"
description: |
  First.

    indented
  last
outcome:
  epoch: 2
  worker: null
  at: 2026-01-02T03:04:05Z
  message: "a: b"
  artifacts:
    - type: pr
      uri: "#1"
created_at: 2026-01-02T03:04:05Z
updated_at: 2026-01-02T03:04:06Z
zebra:
  b: 1
  a: []
`);
  });

  test.each([
    ["owp.yaml", ".owp/schemas/owp.json"],
    ["workers/ada.yaml", "../.owp/schemas/worker.json"],
    ["workers/claude@box/web.yaml", "../../.owp/schemas/worker.json"],
    ["repos/main.yaml", "../.owp/schemas/repo.json"],
    [pathOf("Lease", ID), "../../../.owp/schemas/lease.json"],
  ])("the modeline of %s", (path, schema) => {
    expect(encode(path, { kind: "X" })).toBe(`# yaml-language-server: $schema=${schema}\nkind: X\n`);
  });

  test("a value that YAML cannot hold is refused before it is written", () => {
    const values = [Number.NaN, 2 ** 60, { "<<": 1 }, { ["k".repeat(200)]: 1 }, [undefined], () => 1, 1n];
    for (const odd of values)
      expect(check("Task", task({ meta: { odd } }))).toMatchObject([{ code: "schema" }]);
    expect(check("Task", task({ meta: { fine: [1.5, null, { a: undefined }] } }))).toEqual([]);
    expect(check("Task", task({ priority: 1001, estimate: 0 })).map(({ message }) => message)).toEqual([
      "priority: must be at most 1000",
      "estimate: must be at least 1",
    ]);
  });
});

const HAND = `# The gate, see the plan
kind: Task
id: ${ID}
title:   'Mend the gate'   # from the meeting

repo: "main"
# urgent?
priority: 50 # was 20
status: ready
estimate: 1
labels: # for the board
  # colours
  - "red" # warm
  # and
  - blue

skills: [ go,  sql ]
notes:
    - at: 2026-01-02T03:04:05Z # early
      by: ada
      text: >-
        folded
        text
description: |  # as told
  Old
  text

created_at: 2026-01-02T03:04:05Z
x_own: { kept:  true }
# the end
`;

describe("changing a text touches only what changes", () => {
  const read = (text: string) => {
    const decoded = decode(TASK, utf8(text));
    if (!decoded.ok) throw new Error(problemText(decoded.problem));
    return decoded.doc.value as Record<string, unknown> & { notes: object[] };
  };
  const note = { at: "2026-01-03T00:00:00Z", by: "bo", text: "two\nlines" };

  test.each<[string, Record<string, unknown>, [string, string][]]>([
    ["nothing", {}, []],
    [
      "a scalar with a comment behind it",
      { priority: 60 },
      [["priority: 50 # was 20", "priority: 60 # was 20"]],
    ],
    ["a quoted scalar", { title: "Mend it" }, [["'Mend the gate'   #", "Mend it   #"]]],
    ["a field that goes", { priority: undefined }, [["priority: 50 # was 20\n", ""]]],
    ["a field that comes, in the schema's place", { tier: 2 }, [["estimate: 1\n", "estimate: 1\ntier: 2\n"]]],
    ["an unknown field that comes", { y_own: "no" }, [["true }\n", 'true }\ny_own: "no"\n']]],
    ["an entry at a list's end", { labels: ["red", "blue", "new"] }, [["  - blue\n", "  - blue\n  - new\n"]]],
    ["an entry at a list's head", { labels: ["new", "red", "blue"] }, [['  - "red"', '  - new\n  - "red"']]],
    ["an entry within a list", { labels: ["red", "green"] }, [["- blue", "- green"]]],
    ["an entry that goes", { labels: ["blue"] }, [['  - "red" # warm\n', ""]]],
    [
      "a list that goes empty",
      { labels: [] },
      [[' # for the board\n  # colours\n  - "red" # warm\n  # and\n  - blue\n', " [] # for the board\n"]],
    ],
    ["a list in brackets", { skills: ["go", "sql", "a, b"] }, [["[ go,  sql ]", '[go, sql, "a, b"]']]],
    [
      "a block's text",
      { description: "New\ntext" },
      [["|  # as told\n  Old\n  text\n", "|-  # as told\n  New\n  text\n"]],
    ],
    [
      "a block that becomes one line",
      { description: "New" },
      [["|  # as told\n  Old\n  text\n", "New  # as told\n"]],
    ],
    [
      "one line that becomes a block",
      { title: "two\nlines" },
      [["'Mend the gate'   # from the meeting\n", "|-   # from the meeting\n  two\n  lines\n"]],
    ],
    ["a mapping in braces", { x_own: { kept: false } }, [["{ kept:  true }", "{ kept: false }"]]],
    ["a scalar that becomes a list", { estimate: [1, 2] }, [["estimate: 1\n", "estimate:\n  - 1\n  - 2\n"]]],
  ])("%s", (_name, change, replaced) => {
    const after = replaced.reduce((text, [from, to]) => text.replace(from, to), HAND);
    expect(encode(TASK, { ...read(HAND), ...change }, HAND)).toBe(after);
    const windows = (text: string) => text.replaceAll("\n", "\r\n");
    expect(encode(TASK, { ...read(HAND), ...change }, windows(HAND))).toBe(windows(after));
  });

  test("a field within an entry, and a new entry below it", () => {
    const [first] = read(HAND).notes;
    const after = encode(TASK, { ...read(HAND), notes: [{ ...first, by: "bo" }, note] }, HAND);
    const added =
      "    - at: 2026-01-03T00:00:00Z\n      by: bo\n      text: |-\n        two\n        lines\n";
    expect(after).toBe(HAND.replace("by: ada", "by: bo").replace("        text\n", `        text\n${added}`));
  });

  test.each([
    ["in braces", `# why\n{ ${GOOD.trim().replaceAll("\n", ", ")} }\n`],
    ["with keys behind question marks", `# why\n${GOOD}? area\n# who\n: docs\n`],
  ])("a file %s is written again with its comments", (_name, text) => {
    const value = { ...read(text), area: "web", description: "two\nlines" };
    const after = encode(TASK, value, text);
    expect(read(after)).toEqual(value);
    expect(after).toContain("# why");
  });

  test("a mapping that cannot be changed in part is written again alone", () => {
    const text = `${HAND}meta:\n  a: 1\n  ? b\n  : 2\n`;
    const after = encode(TASK, { ...read(text), meta: { a: 3, b: 4 } }, text);
    expect(after).toBe(`${HAND}meta:\n  a: 3\n  b: 4\n`);
  });

  test("a text that cannot be read is replaced", () => {
    expect(encode(TASK, task({}), "a: [")).toBe(encode(TASK, task({})));
  });
});
