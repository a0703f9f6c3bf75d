import { describe, expect, it } from "vitest";
import { pathOf } from "../../../src/core/paths.ts";
import { planExport, renderExport } from "../../../src/domain/exchange/export.ts";
import { planImport } from "../../../src/domain/exchange/import.ts";
import { parseImport } from "../../../src/domain/exchange/parse.ts";
import { planEdit } from "../../../src/domain/tasks/edit.ts";
import type { ImportInput, ImportItem, Task } from "../../../src/generated/types.ts";
import { fc } from "../../helpers/chance.ts";
import {
  applied,
  at,
  code,
  ctx,
  ended,
  type File,
  HOUR,
  lease,
  ok,
  policy,
  record,
  refused,
  repo,
  task,
  taskIn,
  tid,
  waiting,
} from "../../helpers/record.ts";

const item = (key: string, fields: Partial<ImportItem> = {}): ImportItem => ({
  key,
  external_id: key,
  title: `Item ${key}`,
  ...fields,
});
const run = (items: ImportItem[], input: Partial<ImportInput> = {}, files: File[] = []) =>
  planImport(record(...files), { system: "list", items, ...input }, ctx("ada"));
const created = (plan: ReturnType<typeof run>) => ok(plan).changes.map(({ value }) => value as Task);
const find = (tasks: Task[], key: string) => tasks.find(({ source }) => source?.external_id === key);
const again = { op: "01kjm0000000000000000000zz" };

describe("an import", () => {
  it("is one change with one event, and its tasks know their source", () => {
    const plan = run([
      item("a", { url: "https://example.org/a" }),
      item("b", { blocked_by: ["a"], parent: "a", notes: [{ text: "seen", by: "Ada Lovelace" }] }),
    ]);
    const tasks = created(plan);
    expect(find(tasks, "a")).toMatchObject({
      title: "Item a",
      repo: "web",
      status: "ready",
      priority: 50,
      estimate: 1,
      source: { system: "list", external_id: "a", url: "https://example.org/a" },
      created_by: "ada",
    });
    expect(find(tasks, "b")).toMatchObject({
      relationships: { blocked_by: [find(tasks, "a")?.id], parent: find(tasks, "a")?.id },
      notes: [{ at: at(0), by: "ada-lovelace", text: "seen" }],
    });
    expect(ok(plan).event).toMatchObject({
      type: "task.imported",
      subject: "import 2 tasks from list",
      actor: "ada",
      tasks: tasks.map(({ id }) => ({ id })),
    });
    expect(ok(plan).result.tasks.map(({ external_id }) => external_id)).toEqual(["a", "b"]);
  });

  const bad: [string, ImportItem, string | undefined, RegExp][] = [
    [
      "A21 a title of 10,000 characters",
      item("b", { title: "x".repeat(10_000) }),
      "title",
      /^line 7: title .*1 to 300/,
    ],
    ["a skill with a newline", item("b", { skills: ["a\nb"] }), "skills", /^line 7: skills/],
    ["A21 priority -1", item("b", { priority: -1 }), "priority", /^line 7: priority is -1/],
    ["A20 estimate 9", item("b", { estimate: 9 }), "estimate", /^line 7: estimate is 9/],
    [
      "B13 a type that there is not",
      item("b", { type: "wish" }),
      "type",
      /^line 7: type is "wish"; it must be one of feature/,
    ],
    ["A23 a repo that there is not", item("b", { repo: "shop" }), "repo", /^line 7: There is no repo shop/],
    ["F12 a repo that is a path", item("b", { repo: "../x" }), "repo", /^line 7: repo/],
    ["an id that is too long", item("x".repeat(257)), "external_id", /^line 7: external_id/],
    ["A29 the same id twice", item("a"), "id", /^line 7 has the id of line 3, "a"/],
    [
      "the same title twice, without ids",
      { ...item("t"), key: "t", title: "t", external_id: "title:t" },
      "title",
      /^line 7 has the title of line 5 and no id/,
    ],
  ];
  it.each(bad)(
    "refuses %s, naming field, value and line, and writes nothing",
    (_name, wrong, field, message) => {
      const good = [item("a", { line: 3 }), { ...item("t"), title: "t", external_id: "title:t", line: 5 }];
      const refusal = refused(run([...good, { ...wrong, line: 7 }]));
      expect(refusal.message).toMatch(message);
      expect(refusal.data).toMatchObject({ field, line: 7 });
    },
  );

  it("refuses a field of another record that breaks the schema, by line and field", () => {
    const from = {
      kind: "Task",
      id: tid("zzzz"),
      title: "a",
      status: "ready",
      watchers: [{ actor_kind: "cat" }],
    };
    const read = parseImport(
      new TextEncoder().encode(`${JSON.stringify({ title: "x" })}\n${JSON.stringify(from)}\n`),
    );
    if (!read.ok) throw new Error(read.message);
    const refusal = refused(
      planImport(record(), { system: "file", items: read.items, file: "out.jsonl" }, ctx("ada")),
    );
    expect(refusal.message).toMatch(/^out\.jsonl line 2: watchers\[0\]\.actor_id: is missing/);
    expect(refusal.data).toMatchObject({ line: 2, field: "watchers" });
  });

  it("A20 a size from labels or minutes is cut to the policy's cap", () => {
    expect(created(run([item("a", { size: 8 })]))[0]?.estimate).toBe(5);
    expect(created(run([item("a", { size: 8 })], {}, [policy({ max_estimate: 3 })]))[0]?.estimate).toBe(3);
  });

  it("A24 goes to the named repo where an item names none", () => {
    const tasks = created(run([item("a"), item("b", { repo: "web" })], { repo: "api" }, [repo("api")]));
    expect(tasks.map((one) => one.repo)).toEqual(["api", "web"]);
    expect(code(run([item("a")], { repo: "shop" }))).toBe("repo_unknown");
    expect(code(run([], {}))).toBe("ok");
  });

  it("leaves out what is over at the source, or takes it as open work", () => {
    const items = [
      item("a", { status: "ended" }),
      item("b", { blocked_by: ["a"] }),
      item("c", { status: "planned" }),
    ];
    const some = run(items);
    expect(ok(some).result).toMatchObject({ created: 2, skipped: 1 });
    expect(find(created(some), "b")).not.toHaveProperty("relationships");
    expect(find(created(some), "c")?.status).toBe("planned");
    const all = created(run(items, { all: true }));
    expect(find(all, "a")?.status).toBe("ready");
    expect(find(all, "b")?.relationships?.blocked_by).toEqual([find(all, "a")?.id]);
  });

  it("finds what an item waits for in the record too: by source, and by id", () => {
    const source = { system: "list", external_id: "old" };
    const files = [task("aaaa", { source }), task("bbbb"), ended("cccc", "done", {})];
    const [made] = created(run([item("x", { blocked_by: ["old", tid("bbbb"), tid("cccc")] })], {}, files));
    expect(made?.relationships?.blocked_by).toEqual([tid("aaaa"), tid("bbbb"), tid("cccc")]);
  });

  it("warns of references that lead nowhere, and leaves them out", () => {
    const plan = run([item("x", { blocked_by: ["nope"], parent: "gone", line: 4 })]);
    expect(created(plan)[0]).not.toHaveProperty("relationships");
    expect(ok(plan).warnings?.[0]).toMatch(/line 4 \(x\) names nope; line 4 \(x\) names gone/);
  });

  it.each<[string, ImportItem[], RegExp]>([
    [
      "itself",
      [item("a", { blocked_by: ["a"], line: 1 })],
      /dependencies would run in a circle: a \(line 1\) → a \(line 1\)/,
    ],
    [
      "two",
      [item("a", { blocked_by: ["b"], line: 1 }), item("b", { blocked_by: ["a"], line: 2 })],
      /a \(line 1\) → b \(line 2\) → a \(line 1\)/,
    ],
    ["parents", [item("a", { parent: "b" }), item("b", { parent: "a" })], /parents would run in a circle/],
  ])("B30 refuses a circle of %s and names it", (_name, items, message) => {
    const refusal = refused(run(items));
    expect(refusal.code).toBe("dependency_cycle");
    expect(refusal.message).toMatch(message);
  });

  it("registers the importer where it is new", () => {
    const plan = planImport(record(), { system: "list", items: [item("a")] }, ctx("new"));
    expect(ok(plan).changes.map(({ path }) => path.split("/")[0])).toEqual(["workers", "tasks"]);
  });

  it("takes 10,000 items, each with dependencies, in one change-set", () => {
    const items = Array.from({ length: 10_000 }, (_, n) =>
      item(String(n), {
        description: "text ".repeat(200),
        labels: ["a", "b"],
        blocked_by: n === 0 ? [] : [String(n - 1), String(Math.floor(n / 2))],
      }),
    );
    const plan = planImport(record(), { system: "list", items }, ctx("ada"));
    expect(ok(plan).result.created).toBe(10_000);
  });
});

describe("A29 an import that comes again", () => {
  const first = [item("a", { description: "one" }), item("b")];
  const state = applied(record(), planImport(record(), { system: "list", items: first }, ctx("ada")));
  const next = (items: ImportItem[], from = state) =>
    planImport(from, { system: "list", items }, ctx("max", again));
  const idOf = (key: string) => [...state.open()].find(({ source }) => source === `list ${key}`)?.id ?? "";

  it("changes nothing where nothing changed", () => {
    expect(ok(next(first))).toMatchObject({
      changes: [],
      result: { created: 0, updated: 0, unchanged: 2, already: true },
    });
  });

  it("adds what is new beside what is known", () => {
    const plan = next([...first, item("c", { blocked_by: ["a"] })]);
    expect(ok(plan).result).toMatchObject({ created: 1, unchanged: 2 });
    expect(created(plan)[0]?.relationships?.blocked_by).toEqual([idOf("a")]);
  });

  it("takes over what changed there, where no one changed it here", () => {
    const plan = next([
      item("a", { title: "New", description: "two", priority: "P0", labels: ["x"] }),
      item("b"),
    ]);
    expect(ok(plan).result).toMatchObject({ created: 0, updated: 1, unchanged: 1 });
    const [made] = created(plan);
    expect(made).toMatchObject({
      id: idOf("a"),
      title: "New",
      description: "two",
      priority: 100,
      labels: ["x"],
      created_by: "ada",
      updated_at: at(0),
    });
    expect(
      ok(
        next(
          [item("a", { title: "New", description: "two", priority: "P0", labels: ["x"] }), item("b")],
          applied(state, plan),
        ),
      ).changes,
    ).toEqual([]);
  });

  it("leaves alone what was changed here", () => {
    const edited = applied(state, planEdit(state, { id: idOf("a"), title: "Ours" }, ctx("ada")));
    expect(ok(next([item("a", { title: "Theirs" }), item("b")], edited))).toMatchObject({
      changes: [],
      result: { updated: 0, kept: 1, unchanged: 1 },
    });
  });

  it("an edit of other fields does not stand in the way", () => {
    const edited = applied(state, planEdit(state, { id: idOf("a"), estimate: 3 }, ctx("ada")));
    const plan = next([item("a", { title: "Theirs" }), item("b")], edited);
    expect(created(plan)[0]).toMatchObject({ title: "Theirs", estimate: 3 });
  });

  it("leaves ended tasks alone, and does not make them anew", () => {
    const source = { system: "list", external_id: "a" };
    const [path, value] = ended("aaaa", "done");
    const over = record([path, { ...(value as Task), source }]);
    expect(ok(next([item("a", { title: "New" })], over))).toMatchObject({
      changes: [],
      result: { created: 0, unchanged: 1 },
    });
  });

  it("says what is over at the source and still open here", () => {
    const plan = next([item("a", { status: "ended" }), item("b")]);
    expect(ok(plan).changes).toEqual([]);
    expect(ok(plan).warnings?.[0]).toContain(
      `1 task is over at the source and still open here: ${idOf("a").slice(-4)}`,
    );
  });

  it("says which fields of which task changed, and what was not taken and why", () => {
    const plan = next([item("a", { title: "New", labels: ["x"] }), item("b", { status: "ended" })]);
    expect(ok(plan).result).toMatchObject({
      changed: [
        {
          id: idOf("a"),
          short: idOf("a").slice(-4),
          title: "New",
          fields: ["title", "description", "labels"],
        },
      ],
      left: [{ key: "b", title: "Item b", why: "over at the source" }],
    });
    const edited = applied(state, planEdit(state, { id: idOf("a"), title: "Ours" }, ctx("ada")));
    expect(ok(next([item("a", { title: "Theirs" })], edited)).result.left).toEqual([
      { key: "a", title: "Theirs", why: `changed at the source and in ${idOf("a").slice(-4)}, which stays` },
    ]);
  });

  describe("what came before and does not come again", () => {
    const labelled = applied(
      state,
      planImport(state, { system: "list", items: [item("c", { labels: ["Pool"] })] }, ctx("ada", again)),
    );
    const gone = (covers: ImportInput["covers"], system = "list") => {
      const op = { op: "01kjm0000000000000000000yy" };
      const plan = ok(
        planImport(labelled, { system, items: [item("a", { description: "one" })], covers }, ctx("max", op)),
      );
      expect(plan.changes).toHaveLength(system === "list" ? 0 : 1);
      return { titles: plan.result.gone.map(({ title }) => title).sort(), warnings: plan.warnings };
    };

    it.each<[string, ImportInput["covers"], string[]]>([
      ["is told where all was to come", {}, ["Item b", "Item c"]],
      ["is no matter where only a part came", undefined, []],
      ["is told of ids that begin so", { prefix: "b" }, ["Item b"]],
      ["is told of tasks with the labels that were asked for", { labels: ["pool"] }, ["Item c"]],
    ])("%s", (_name, covers, titles) => expect(gone(covers).titles).toEqual(titles));

    it("is named in a warning and stays", () =>
      expect(gone({ prefix: "b" }).warnings).toEqual([
        `1 task that came from list before did not come this time (closed, moved or deleted there) and is still open here: ${idOf("b").slice(-4)}.`,
      ]));

    it("is no other source's", () => expect(gone({}, "other").titles).toEqual([]));
  });

  it("tells sources apart by their names", () => {
    expect(ok(planImport(state, { system: "other", items: first }, ctx("max", again))).result.created).toBe(
      2,
    );
  });
});

describe("export", () => {
  const files = [
    task("aaaa", {
      description: "a\n\n  b: c\n",
      labels: ["x"],
      meta: { "my.key": { a: [1, null] } },
      source: { system: "s", external_id: "1" },
      doctrine_refs: [{ kind: "DoctrineRef", id: "d1", role: null }],
      acceptance: { criteria: ["c"], tests_expected: null },
    }),
    waiting("bbbb", ["aaaa", "cccc"]),
    lease("bbbb"),
    ended("cccc", "done"),
    ended("dddd", "failed"),
    waiting("eeee", ["dddd"]),
  ];
  const out = (input: Parameters<typeof planExport>[1]) =>
    ok(planExport(record(...files), input, ctx("ada"))).result;

  it("B34 writes whole tasks, open ones alone unless asked; nobody waits for what is done and left out", () => {
    expect(out({}).tasks.map(({ id }) => id)).toEqual(["aaaa", "bbbb", "eeee"].map(tid));
    expect(out({}).tasks[0]).toEqual(taskIn(record(...files), "aaaa"));
    expect(out({}).tasks[1]?.relationships).toEqual({ blocked_by: [tid("aaaa")] });
    expect(out({}).tasks[2]?.relationships).toEqual({ blocked_by: [tid("dddd")] });
    expect(out({ all: true }).tasks).toHaveLength(5);
    expect(out({ all: true }).tasks[1]?.relationships).toEqual({ blocked_by: ["aaaa", "cccc"].map(tid) });
  });

  it.each(["yaml", "json", "jsonl", "csv"] as const)(
    "A24 comes back from %s with the same ids, and nothing is new",
    (format) => {
      const read = parseImport(new TextEncoder().encode(renderExport(out({ format }))));
      if (!read.ok) throw new Error(read.message);
      const state = record(...files);
      expect(
        ok(planImport(state, { system: read.system, items: read.items }, ctx("max", again))),
      ).toMatchObject({ changes: [], result: { created: 0, unchanged: 3 } });
    },
  );

  it("an empty record exports as an empty list", () => {
    for (const format of ["yaml", "json", "jsonl", "csv"] as const) {
      const text = renderExport(ok(planExport(record(), { format }, ctx("ada"))).result);
      expect(parseImport(new TextEncoder().encode(text))).toMatchObject({ ok: true, items: [] });
    }
  });

  it("ended tasks of an export are left out, or come as open work without their outcome", () => {
    const read = parseImport(new TextEncoder().encode(renderExport(out({ all: true, format: "jsonl" }))));
    if (!read.ok) throw new Error(read.message);
    expect(
      ok(planImport(record(), { system: read.system, items: read.items }, ctx("max"))).result,
    ).toMatchObject({ created: 3, skipped: 2 });
    const all = created(
      planImport(record(), { system: read.system, items: read.items, all: true }, ctx("max")),
    );
    expect(all.find(({ id }) => id === tid("dddd"))).toMatchObject({ status: "ready" });
    expect(all.every((one) => one.outcome === undefined)).toBe(true);
  });
});

describe("properties", () => {
  const words = fc
    .string({ unit: "grapheme", minLength: 1, maxLength: 20 })
    .map((text) => text.replace(/[\p{Cc},\p{Surrogate}]/gu, "").trim())
    .filter(Boolean);
  const text = fc.oneof(
    fc.string({ unit: "grapheme", maxLength: 60 }),
    fc.string({ unit: fc.constantFrom(...'",;=\n é🙂-'), maxLength: 30 }),
  );
  const tasks = fc.array(
    fc.record(
      {
        title: words,
        description: text,
        priority: fc.integer({ min: 0, max: 1000 }),
        estimate: fc.integer({ min: 1, max: 5 }),
        tier: fc.integer({ min: 0, max: 3 }),
        area: words,
        labels: fc.uniqueArray(words, { maxLength: 4 }),
        skills: fc.uniqueArray(words, { maxLength: 3, selector: (word) => word.toLowerCase() }),
        status: fc.constantFrom("planned" as const, "ready" as const),
        acceptance: fc.record(
          { criteria: fc.array(text, { maxLength: 3 }), tests_expected: fc.constantFrom(null, ["t"]) },
          { requiredKeys: [] },
        ),
        notes: fc.array(fc.record({ at: fc.constant(at(-HOUR)), by: fc.constant("ada"), text: words }), {
          minLength: 1,
          maxLength: 2,
        }),
        meta: fc.dictionary(
          fc.stringMatching(/^[a-z.]{1,8}$/),
          fc.oneof(fc.string(), fc.integer(), fc.constant(null)),
          { minKeys: 1, maxKeys: 2, noNullPrototype: true },
        ),
        watchers: fc.constant([{ actor_kind: "human" as const, actor_id: "w" }]),
        updated_at: fc.constant(at(-HOUR)),
        waitsFor: fc.array(fc.nat(20), { maxLength: 3 }),
        parent: fc.nat(20),
        duplicates: fc.constant([] as string[]),
      },
      { requiredKeys: ["title", "priority", "estimate", "status"] },
    ),
    { maxLength: 12 },
  );

  it("F01 import of an export gives the same tasks, in every format", () => {
    fc.assert(
      fc.property(
        tasks,
        fc.constantFrom("yaml" as const, "json" as const, "jsonl" as const, "csv" as const),
        (drafts, format) => {
          const short = (n: number) => `aa${String(n).padStart(2, "0")}`;
          const files = drafts.map(({ waitsFor, parent, duplicates, ...draft }, n) => {
            const fields = draft as Partial<Task>;
            const blocked_by = [...new Set((waitsFor ?? []).filter((one) => one < n))].map((one) =>
              tid(short(one)),
            );
            const relationships = {
              ...(parent !== undefined && parent < n ? { parent: tid(short(parent)) } : {}),
              ...(waitsFor !== undefined ? { blocked_by } : {}),
              ...(duplicates !== undefined ? { duplicates } : {}),
            };
            return task(short(n), {
              ...fields,
              ...(Object.keys(relationships).length > 0 ? { relationships } : {}),
            });
          });
          const state = record(...files);
          const before = ok(planExport(state, { format }, ctx("ada"))).result;
          const read = parseImport(new TextEncoder().encode(renderExport(before)));
          if (!read.ok) throw new Error(read.message);
          const there = applied(
            record(),
            planImport(record(), { system: read.system, items: read.items }, ctx("max")),
          );
          const values = (one: typeof state) =>
            [...one.open()]
              .map(({ id }) => one.doc(pathOf("Task", id))?.value)
              .sort((a, b) => ((a as Task).id < (b as Task).id ? -1 : 1));
          expect(values(there)).toEqual(values(state));
        },
      ),
      { numRuns: 300 },
    );
  });

  const itemsOf = fc.uniqueArray(
    fc.record(
      {
        key: words,
        title: words,
        description: text,
        priority: fc.integer({ min: 0, max: 1000 }),
        labels: fc.array(words, { maxLength: 3 }),
        status: fc.constantFrom("planned" as const, "ready" as const, "ended" as const),
        blocked_by: fc.array(fc.nat(15), { maxLength: 3 }),
      },
      { requiredKeys: ["key", "title"] },
    ),
    { maxLength: 10, selector: ({ key }) => key },
  );

  it("A29 importing twice changes nothing the second time, whatever comes", () => {
    fc.assert(
      fc.property(itemsOf, fc.boolean(), (drafts, all) => {
        const items: ImportItem[] = drafts.map(({ blocked_by, ...fields }, n) => ({
          ...fields,
          external_id: fields.key,
          blocked_by: (blocked_by ?? []).filter((one) => one < n).map((one) => drafts[one]?.key ?? ""),
        }));
        const state = applied(record(), planImport(record(), { system: "p", items, all }, ctx("ada")));
        expect(ok(planImport(state, { system: "p", items, all }, ctx("ada", again))).changes).toEqual([]);
        const open = new Set([...state.open()].map(({ id }) => id));
        for (const one of state.open()) for (const id of one.blocked_by) expect(open.has(id)).toBe(true);
      }),
      { numRuns: 150 },
    );
  });
});
