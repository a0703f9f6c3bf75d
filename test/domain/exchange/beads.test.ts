import { existsSync, readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { pathOf } from "../../../src/core/paths.ts";
import { planImport } from "../../../src/domain/exchange/import.ts";
import { parseImport } from "../../../src/domain/exchange/parse.ts";
import type { ImportItem, Task } from "../../../src/generated/types.ts";
import { validate } from "../../../src/generated/validators/input/import.js";
import { applied, ctx, ok, record } from "../../helpers/record.ts";

const issue = (fields: Record<string, unknown> = {}) => ({
  ...{
    id: "bd-1",
    title: "Fix it",
    status: "open",
    priority: 2,
    issue_type: "task",
    created_at: "2026-01-16T18:03:08.740121176Z",
  },
  ...fields,
});
const lines = (...issues: object[]) =>
  new TextEncoder().encode(issues.map((one) => `${JSON.stringify(one)}\n`).join(""));

function parsed(...issues: object[]) {
  const read = parseImport(lines(...issues));
  if (!read.ok) throw new Error(read.message);
  expect(validate({ system: read.system, items: read.items }), JSON.stringify(validate.errors)).toBe(true);
  return read;
}
const one = (fields: Record<string, unknown>): ImportItem => parsed(issue(fields)).items[0] as ImportItem;
const beads = (fields: Record<string, unknown>) =>
  (one(fields).extra as { meta: { beads: Record<string, unknown> } }).meta.beads;

describe("A25 an issue of Beads", () => {
  it("is seen by its content, and keeps its id as the external one", () => {
    expect(parsed(issue())).toMatchObject({
      dialect: "beads",
      system: "beads",
      items: [{ line: 1, key: "bd-1", external_id: "bd-1", status: "ready", type: "chore" }],
    });
  });

  const rows: [string, Record<string, unknown>, Partial<ImportItem>][] = [
    ["F03 priority 0", { priority: 0 }, { priority: "P0" }],
    ["F03 priority 4", { priority: 4 }, { priority: "P4" }],
    ["a priority that is none", { priority: 9 }, { priority: "P2" }],
    ["B11 in_progress starts anew", { status: "in_progress" }, { status: "ready" }],
    ["B11 blocked waits for what blocks it", { status: "blocked" }, { status: "ready" }],
    [
      "B11 deferred",
      { status: "deferred", defer_until: "2026-04-01T00:00:00Z" },
      { status: "planned", not_before: "2026-04-01T00:00:00Z" },
    ],
    ["B11 closed", { status: "closed" }, { status: "ended" }],
    ["B11 tombstone", { status: "tombstone" }, { status: "ended" }],
    ["B13 epic", { issue_type: "epic" }, { type: "feature" }],
    ["B13 docs", { issue_type: "docs" }, { type: "doc" }],
    ["B13 bug", { issue_type: "bug" }, { type: "bug" }],
    ["60 minutes", { estimated_minutes: 60 }, { size: 1 }],
    ["61 minutes", { estimated_minutes: 61 }, { size: 2 }],
    ["a day", { estimated_minutes: 480 }, { size: 4 }],
    ["a month", { estimated_minutes: 9600 }, { size: 5 }],
    [
      "A27 labels where Beads has no field",
      { labels: ["estimate:3", "skills:rust", "area:cli"] },
      { size: 3, skills: ["rust"], area: "cli" },
    ],
    ["a comma in a label", { labels: ["a,b", ""] }, { labels: ["a b"] }],
    [
      "criteria as a list",
      { acceptance_criteria: "- one\n- [ ] two\n\n3. three" },
      { accept: ["one", "two", "three"] },
    ],
    ["criteria as text", { acceptance_criteria: "it\nworks" }, { accept: ["it\nworks"] }],
    [
      "design and notes under headings",
      { description: "Why", design: "How", notes: "Aside" },
      { description: "Why\n\n## Design\n\nHow\n\n## Notes\n\nAside" },
    ],
    ["a title of two lines", { title: " a\n b " }, { title: "a b" }],
  ];
  it.each(rows)("%s", (_name, fields, expected) => expect(one(fields)).toMatchObject(expected));

  it.each([[0], [null], ["60"]])("says nothing about size for %j minutes", (estimated_minutes) =>
    expect(one({ estimated_minutes })).not.toHaveProperty("size"),
  );

  it("B30 blocks is a dependency, parent-child in both spellings a parent, the rest is remembered", () => {
    const link = (type: string, depends_on_id: string) => ({ issue_id: "bd-1", depends_on_id, type });
    const dependencies = [
      link("blocks", "bd-2"),
      link("parent-child", "bd-3"),
      link("discovered-from", "bd-4"),
      link("parent_child", "bd-5"),
      { ...link("blocks", "bd-6"), issue_id: "bd-9" },
    ];
    expect(one({ dependencies })).toMatchObject({ blocked_by: ["bd-2"], parent: "bd-3" });
    expect(beads({ dependencies }).related).toEqual([
      { type: "discovered-from", id: "bd-4" },
      { type: "parent_child", id: "bd-5" },
    ]);
    expect(one({ dependencies: [link("parent_child", "bd-5")] }).parent).toBe("bd-5");
  });

  it("remembers what has no place in a task; an assignee there is no worker here", () => {
    expect(
      beads({
        assignee: "CopperLake",
        external_ref: "gh-7",
        issue_type: "epic",
        status: "in_progress",
        compaction_level: 0,
      }),
    ).toMatchObject({
      ...{ assignee: "CopperLake", external_ref: "gh-7", issue_type: "epic", status: "in_progress" },
    });
    expect(one({ assignee: "CopperLake" })).not.toHaveProperty("assigned_to");
  });

  it("turns comments into notes, and says what it cut", () => {
    const comments = [
      { id: 1, author: "Ada L", text: "x".repeat(5000), created_at: "2026-01-16T18:03:08+01:00" },
      { text: " " },
    ];
    const read = parsed(issue({ comments }));
    expect(read.items[0]?.notes).toMatchObject([{ at: "2026-01-16T17:03:08Z", by: "Ada L" }]);
    expect([...(read.items[0]?.notes?.[0]?.text ?? "")]).toHaveLength(4000);
    expect(read.warnings).toEqual(["1 × comment cut to 4,000 characters (line 1)"]);
  });

  it("cuts a long title and keeps it whole in the description", () => {
    const title = `${"word ".repeat(80)}end`;
    const item = one({ title, description: "Why" });
    expect([...item.title]).toHaveLength(300);
    expect(item.description).toBe(`${title}\n\nWhy`);
  });

  it.each([
    ["no id", { id: "" }, /id is missing/],
    ["no title", { title: " " }, /title is missing/],
    ["a status that no one knows", { status: "asleep" }, /status is "asleep"; known are open/],
  ])("refuses %s, with its line", (_name, fields, message) => {
    const read = parseImport(lines(issue(), { ...issue(), ...fields }));
    expect(read).toMatchObject({ ok: false, data: { line: 2 } });
    expect(read.ok ? "" : read.message).toMatch(message);
  });
});

const FILE = new URL("../../../../shared/data/beads-issues.jsonl", import.meta.url);

/** Issues like those of a real tracker: chains, forks, parents, ended ones among them. */
function generated(): Uint8Array {
  const issues = Array.from({ length: 200 }, (_, n) => {
    const link = (type: string, to: number) => ({ issue_id: `bd-${n}`, depends_on_id: `bd-${to}`, type });
    const dependencies =
      n === 0
        ? []
        : [
            link("blocks", Math.floor(n / 2)),
            link("parent-child", Math.floor(n / 10)),
            link("relates-to", n - 1),
          ];
    return issue({
      id: `bd-${n}`,
      title: `Issue ${n}`,
      status: n % 3 === 0 ? "closed" : "open",
      dependencies,
      comments: [{ author: "X", text: "seen" }],
    });
  });
  return lines(...issues);
}

const hasFile = existsSync(FILE);
if (!hasFile)
  console.warn("beads.test: the real tracker's file is not here; the generated one alone is used");
const SOURCES: [string, () => Uint8Array][] = [
  ["generated issues", generated],
  ...(hasFile
    ? [
        ["the issues of a real project", () => new Uint8Array(readFileSync(FILE))] as [
          string,
          () => Uint8Array,
        ],
      ]
    : []),
];

describe.each(SOURCES)("A25 A29 import of %s", (_name, read) => {
  const source = parseImport(read());
  if (!source.ok) throw new Error(source.message);
  const { items, system } = source;
  const raws = new TextDecoder()
    .decode(read())
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line) as Record<string, unknown>);
  const empty = record();
  const tasksOf = (state: typeof empty) =>
    [...state.open()].map(({ id }) => state.doc<Task>(pathOf("Task", id))?.value as Task);

  it("with all: every issue is open work, with its dependencies, valid, and without a circle", () => {
    const plan = planImport(empty, { system, items, all: true }, ctx("max"));
    const state = applied(empty, plan);
    expect(ok(plan).result).toMatchObject({ created: raws.length, skipped: 0, updated: 0 });
    const tasks = tasksOf(state);
    expect(tasks).toHaveLength(raws.length);
    expect(new Set(tasks.map(({ status }) => status))).toEqual(new Set(["ready"]));
    const byKey = new Map(tasks.map((task) => [task.source?.external_id, task]));
    for (const raw of raws) {
      const wanted = ((raw.dependencies ?? []) as { type: string; depends_on_id: string }[]).filter(
        ({ type }) => type === "blocks",
      );
      const task = byKey.get(raw.id as string);
      expect(task?.relationships?.blocked_by ?? []).toEqual(
        wanted.map(({ depends_on_id }) => byKey.get(depends_on_id)?.id),
      );
    }
    const parents = raws
      .flatMap((raw) => (raw.dependencies ?? []) as { type: string }[])
      .filter(({ type }) => /^parent.child$/.test(type)).length;
    expect(tasks.filter(({ relationships }) => relationships?.parent)).toHaveLength(parents);
  });

  it("by default: open issues alone; what is closed counts as done", () => {
    const plan = planImport(empty, { system, items }, ctx("max"));
    const state = applied(empty, plan);
    const open = raws.filter(({ status }) => status !== "closed" && status !== "tombstone");
    expect(ok(plan).result).toMatchObject({ created: open.length, skipped: raws.length - open.length });
    const ids = new Set([...state.open()].map(({ id }) => id));
    for (const task of state.open()) for (const id of task.blocked_by) expect(ids.has(id)).toBe(true);
  });

  it("A29 again: nothing changes, and nothing is published", () => {
    for (const all of [true, false]) {
      const state = applied(empty, planImport(empty, { system, items, all }, ctx("max")));
      const again = planImport(
        state,
        { system, items, all },
        ctx("ada", { op: "01kjm0000000000000000000zz" }),
      );
      expect(ok(again)).toMatchObject({
        changes: [],
        result: { created: 0, updated: 0, kept: 0, already: true },
      });
    }
  });
});
