import { describe, expect, it } from "vitest";
import { pathOf } from "../../../src/core/paths.ts";
import { planEdit } from "../../../src/domain/tasks/edit.ts";
import { planNote } from "../../../src/domain/tasks/note.ts";
import type { EditInput, Task } from "../../../src/generated/types.ts";
import {
  applied,
  at,
  broken,
  code,
  ctx,
  ended,
  type File,
  HOUR,
  lease,
  leaseIn,
  ok,
  record,
  refused,
  repo,
  task,
  taskIn,
  tid,
  waiting,
} from "../../helpers/record.ts";
import { stateOf } from "../../helpers/state.ts";

const edit = (files: File[], input: Omit<EditInput, "id">, id = "k3f9") =>
  planEdit(record(...files), { id, ...input }, ctx("ada"));

/** The task afterwards, and what changed by the result. */
function edited(fields: Parameters<typeof task>[1], input: Omit<EditInput, "id">, others: File[] = []) {
  const state = record(task("k3f9", fields), ...others);
  const plan = planEdit(state, { id: "k3f9", ...input }, ctx("ada"));
  return { plan, task: taskIn(applied(state, plan), "k3f9") as Task, changed: ok(plan).result.changed };
}

describe("an edit", () => {
  const rows: [string, Parameters<typeof task>[1], Omit<EditInput, "id">, Partial<Task>, string[]][] = [
    ["the title", {}, { title: "New" }, { title: "New" }, ["title"]],
    [
      "several fields",
      {},
      { priority: "P0", estimate: 3 },
      { priority: 100, estimate: 3 },
      ["priority", "estimate"],
    ],
    [
      "only what differs is named",
      { area: "auth" },
      { area: "auth", tier: 1 },
      { area: "auth", tier: 1 },
      ["tier"],
    ],
    ["a list in place of another", { labels: ["a"] }, { labels: ["b"] }, { labels: ["b"] }, ["labels"]],
    ["one more label", { labels: ["a"] }, { add_label: ["b", "A"] }, { labels: ["a", "b"] }, ["labels"]],
    ["one label less", { labels: ["a", "b"] }, { remove_label: ["A"] }, { labels: ["b"] }, ["labels"]],
    [
      "A05 one skill less, in any case",
      { skills: ["Rust", "sql"] },
      { remove_skill: ["rust"] },
      { skills: ["sql"] },
      ["skills"],
    ],
    ["open for claims", { status: "planned" }, { status: "ready" }, { status: "ready" }, ["status"]],
    [
      "conditions",
      { acceptance: { criteria: ["a"], tests_expected: ["t"] } },
      { accept: ["b"] },
      { acceptance: { criteria: ["b"], tests_expected: ["t"] } },
      ["accept"],
    ],
  ];
  it.each(rows)("changes %s", (_name, fields, input, expected, names) => {
    const result = edited(fields, input);
    expect(result.task).toMatchObject(expected);
    expect(result.changed).toEqual(names);
  });

  const cleared: [EditInput["clear"], Parameters<typeof task>[1]][] = [
    [["description", "type", "area"], { description: "x", type: "bug", area: "a" }],
    [["skills", "labels", "assigned_to"], { skills: ["a"], labels: ["b"], assigned_to: "ada" }],
    [
      ["accept", "max_attempts", "not_before"],
      { acceptance: { criteria: ["a"] }, max_attempts: 3, not_before: at(HOUR) },
    ],
    [["parent", "blocked_by"], { relationships: { parent: tid("base"), blocked_by: [tid("base")] } }],
  ];
  it.each(cleared)("empties %s", (clear, fields) => {
    const result = edited(fields, { clear }, [task("base")]);
    const [, plain] = task("k3f9") as readonly [string, Task];
    expect(result.task).toEqual({ ...plain, updated_at: at(0) });
    expect(result.changed.sort()).toEqual([...(clear ?? [])].sort());
  });

  it("B04 moves updated_at, and the subject names the fields", () => {
    const { plan, task: next } = edited({}, { title: "New", priority: 10 });
    expect(next.updated_at).toBe(at(0));
    expect(ok(plan).event).toMatchObject({
      type: "task.edited",
      subject: "edit k3f9: title, priority",
      actor: "ada",
    });
  });

  it("changes the task's file alone, never the lease's (DESIGN section 3)", () => {
    const state = record(task("k3f9"), lease("k3f9", { worker: "max" }));
    const plan = planEdit(state, { id: "k3f9", description: "more" }, ctx("ada"));
    expect(ok(plan).changes.map(({ path }) => path)).toEqual([pathOf("Task", tid("k3f9"))]);
    expect(leaseIn(applied(state, plan), "k3f9")).toEqual(leaseIn(state, "k3f9"));
  });

  it("B75 keeps comments and fields of a newer version", () => {
    const [path, value] = task("k3f9");
    const text = `# mine\n${Object.entries({ ...(value as object), from_the_future: "yes" })
      .map(([key, one]) => `${key}: ${JSON.stringify(one)}`)
      .join("\n")}\n`;
    const state = stateOf({ ...Object.fromEntries([repo("web")]), [path]: text });
    const next = applied(state, planEdit(state, { id: "k3f9", title: "New" }, ctx("ada")));
    expect(next.doc(path)?.text).toContain("# mine");
    expect(taskIn(next, "k3f9")).toMatchObject({ title: "New", from_the_future: "yes" });
  });

  it.each<[string, Omit<EditInput, "id">]>([
    ["the same value", { title: "Task k3f9", priority: "P2" }],
    ["a label that is there", { add_label: ["A"] }],
    ["an empty field cleared", { clear: ["area"] }],
    ["nothing at all", {}],
  ])("%s is fine and makes no commit", (_name, input) => {
    const plan = edit([task("k3f9", { labels: ["a"] })], input);
    expect(ok(plan)).toMatchObject({ changes: [], result: { changed: [], already: true } });
  });
});

describe("what an edit refuses", () => {
  const held = [task("k3f9"), lease("k3f9")];
  const rows: [string, File[], Omit<EditInput, "id">, string][] = [
    ["an unknown task", [], { title: "x" }, "task_unknown"],
    ["F11 a file that cannot be read", [broken(task("k3f9"))], { title: "x" }, "record_invalid"],
    ["A20 an estimate above the cap", [task("k3f9")], { estimate: 9 }, "invalid_input"],
    ["A21 a title of 10,000 characters", [task("k3f9")], { title: "x".repeat(10_000) }, "invalid_input"],
    ["a skill with a newline", [task("k3f9")], { add_skill: ["a\nb"] }, "invalid_input"],
    ["A23 an unknown repo", [task("k3f9")], { repo: "shop" }, "repo_unknown"],
    ["B30 itself as a dependency", [task("k3f9")], { add_blocked_by: ["k3f9"] }, "dependency_cycle"],
    [
      "B30 a circle",
      [task("k3f9"), waiting("aaaa", ["k3f9"]), waiting("bbbb", ["aaaa"])],
      { blocked_by: ["bbbb"] },
      "dependency_cycle",
    ],
    ["B29 itself as a parent", [task("k3f9")], { parent: "k3f9" }, "dependency_cycle"],
    [
      "B29 one of its parts as a parent",
      [task("k3f9"), task("aaaa", { relationships: { parent: tid("k3f9") } })],
      { parent: "aaaa" },
      "dependency_cycle",
    ],
    ["set and cleared", [task("k3f9")], { area: "a", clear: ["area"] }, "invalid_input"],
    ["set and added to", [task("k3f9")], { labels: ["a"], add_label: ["b"] }, "invalid_input"],
    ["a new title when it is done", [ended("k3f9", "done")], { title: "x" }, "task_ended"],
    ["another status when it is done", [ended("k3f9", "canceled")], { status: "ready" }, "task_ended"],
    ["labels when it is done are fine", [ended("k3f9", "done")], { add_label: ["old"] }, "ok"],
    ["A40 another area while it is held", held, { area: "auth" }, "task_held"],
    ["A44 another estimate while it is held", held, { estimate: 5 }, "task_held"],
    ["back to planned while it is held", held, { status: "planned" }, "task_held"],
    ["another title while it is held is fine", held, { title: "x" }, "ok"],
    [
      "another estimate after a release is fine",
      [task("k3f9"), lease("k3f9", { worker: null, phase: "queued" })],
      { estimate: 5 },
      "ok",
    ],
  ];
  it.each(rows)("%s", (_name, files, input, expected) => expect(code(edit(files, input))).toBe(expected));

  it("A50 a race decides again: an edit of the estimate after the claim is refused", () => {
    const state = record(task("k3f9"));
    expect(code(planEdit(state, { id: "k3f9", estimate: 5 }, ctx("max")))).toBe("ok");
    expect(code(planEdit(record(...held), { id: "k3f9", estimate: 5 }, ctx("max")))).toBe("task_held");
  });

  it("B30 adds and takes dependencies", () => {
    const files = [waiting("k3f9", ["aaaa", "bbbb"]), task("aaaa"), task("bbbb"), task("cccc")];
    const state = record(...files);
    const plan = planEdit(
      state,
      { id: "k3f9", add_blocked_by: ["cccc"], remove_blocked_by: ["aaaa"] },
      ctx("ada"),
    );
    expect(taskIn(applied(state, plan), "k3f9")?.relationships?.blocked_by).toEqual([
      tid("bbbb"),
      tid("cccc"),
    ]);
  });
});

describe("E29 a note", () => {
  const note = (files: File[], text: string, who = "max") =>
    planNote(record(...files), { id: "k3f9", text }, ctx(who));

  it("is added by anyone, with name and time, and the event is task.noted", () => {
    const state = record(
      task("k3f9", { notes: [{ at: at(-HOUR), by: "ada", text: "first" }] }),
      lease("k3f9"),
    );
    const plan = planNote(state, { id: "k3f9", text: " second\nline " }, ctx("max"));
    expect(taskIn(applied(state, plan), "k3f9")?.notes?.at(-1)).toEqual({
      at: at(0),
      by: "max",
      text: "second\nline",
    });
    expect(ok(plan).event).toMatchObject({ type: "task.noted", actor: "max", message: "second\nline" });
    expect(ok(plan).changes).toHaveLength(1);
  });

  it.each<[string, File[], string, string]>([
    ["on an ended task", [ended("k3f9", "done")], "late remark", "ok"],
    ["empty", [task("k3f9")], "  ", "invalid_input"],
    ["E29 A56 of more than 4,000 characters", [task("k3f9")], "x".repeat(4001), "invalid_input"],
    ["on an unknown task", [], "x", "task_unknown"],
    [
      "the 2,001st",
      [task("k3f9", { notes: Array.from({ length: 2000 }, () => ({ at: at(0), by: "ada", text: "x" })) })],
      "x",
      "invalid_input",
    ],
  ])("%s", (_name, files, text, expected) => expect(code(note(files, text))).toBe(expected));

  it("names field and rule", () => {
    expect(refused(note([task("k3f9")], "x".repeat(4001)))).toMatchObject({ data: { field: "text" } });
  });
});
