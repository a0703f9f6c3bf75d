import { describe, expect, it } from "vitest";
import { pathOf } from "../../../src/core/paths.ts";
import { planAdd } from "../../../src/domain/tasks/add.ts";
import type { AddInput, Task } from "../../../src/generated/types.ts";
import {
  applied,
  bare,
  broken,
  code,
  ctx,
  ended,
  type File,
  HOUR,
  lease,
  NOW,
  ok,
  policy,
  record,
  refused,
  repo,
  task,
  taskIn,
  tid,
  waiting,
  worker,
} from "../../helpers/record.ts";

const add = (files: File[], input: Partial<AddInput> = {}) =>
  planAdd(record(...files), { title: "Add /healthz", ...input }, ctx("ada"));
const written = (plan: ReturnType<typeof planAdd>) => {
  const { changes, result } = ok(plan);
  return changes.find(({ path }) => path === pathOf("Task", result.id))?.value as Task;
};

describe("a new task", () => {
  it("A19 A21 E24 has the fields of OWP's task, with their defaults, and says who made it", () => {
    const plan = add([]);
    expect(written(plan)).toEqual({
      kind: "Task",
      id: ok(plan).result.id,
      title: "Add /healthz",
      repo: "web",
      status: "ready",
      priority: 50,
      estimate: 1,
      created_at: "2026-03-01T12:00:00Z",
      created_by: "ada",
    });
    expect(ok(plan).result).toMatchObject({
      short: ok(plan).result.id.slice(-4),
      status: "ready",
      blocked_by: [],
    });
    expect(ok(plan).event).toMatchObject({
      type: "task.created",
      actor: "ada",
      tasks: [{ id: ok(plan).result.id }],
    });
  });

  it("A19 B26 keeps all that it is given, through the text of its file", () => {
    const state = record(task("k3f9"), task("base"));
    const full = planAdd(
      state,
      {
        ...{
          title: "  Rework the parser ",
          description: "Why\nand how: yes",
          type: "feature",
          priority: "P1",
          estimate: 5,
          tier: 2,
        },
        ...{
          area: "parser",
          skills: ["Rust", "rust", "sql "],
          labels: ["a", "b", "a"],
          assigned_to: "ada",
          accept: ["tests pass"],
        },
        ...{ max_attempts: 2, not_before: "2d", planned: true, blocked_by: ["k3f9"], parent: "base" },
      },
      ctx("ada"),
    );
    const next = applied(state, full);
    const id = ok(full).result.id;
    expect(next.doc<Task>(pathOf("Task", id))?.value).toMatchObject({
      ...{
        title: "Rework the parser",
        status: "planned",
        type: "feature",
        priority: 80,
        estimate: 5,
        tier: 2,
        area: "parser",
      },
      ...{
        skills: ["Rust", "sql"],
        labels: ["a", "b"],
        assigned_to: "ada",
        acceptance: { criteria: ["tests pass"] },
      },
      ...{
        max_attempts: 2,
        not_before: "2026-03-03T12:00:00Z",
        relationships: { parent: tid("base"), blocked_by: [tid("k3f9")] },
      },
    });
  });

  const values: [string, Partial<AddInput>, Partial<Task>][] = [
    ["F03 P0", { priority: "P0" }, { priority: 100 }],
    ["F03 p4", { priority: "p4" }, { priority: 10 }],
    ["A21 priority 1000", { priority: 1000 }, { priority: 1000 }],
    ["A21 priority 0", { priority: 0 }, { priority: 0 }],
    ["A21 tier 3", { tier: 3 }, { tier: 3 }],
    [
      "a title of 300 characters beyond the basic plane",
      { title: "😀".repeat(300) },
      { title: "😀".repeat(300) },
    ],
    ["a day as not_before", { not_before: "2026-04-01" }, { not_before: "2026-04-01T00:00:00Z" }],
  ];
  it.each(values)("%s", (_name, input, expected) => expect(written(add([], input))).toMatchObject(expected));

  it("A20 the cap of estimates is the policy's", () => {
    const files = [policy({ max_estimate: 8 })];
    expect(written(add(files, { estimate: 8 })).estimate).toBe(8);
    expect(refused(add(files, { estimate: 9 })).message).toContain("from 1 to 8 (the policy's max_estimate)");
  });

  const bad: [string, Partial<AddInput>, string, RegExp][] = [
    [
      "A21 a title of 10,000 characters",
      { title: "x".repeat(10_000) },
      "title",
      /10000 characters.*1 to 300/,
    ],
    ["A21 a title of 301", { title: "x".repeat(301) }, "title", /1 to 300/],
    ["an empty title", { title: "  " }, "title", /1 to 300/],
    ["a title of two lines", { title: "a\nb" }, "title", /one line/],
    ["a title that UTF-8 cannot hold", { title: "a\ud800" }, "title", /one line/],
    ["a skill with a newline", { skills: ["rust", "a\nb"] }, "skills", /without commas/],
    ["a skill with a comma", { skills: ["a,b"] }, "skills", /without commas/],
    [
      "A21 priority -1",
      { priority: -1 },
      "priority",
      /-1; it must be a whole number from 0 to 1000, or P0 to P4/,
    ],
    ["A21 priority 1001", { priority: 1001 }, "priority", /0 to 1000/],
    ["priority 1.5", { priority: 1.5 }, "priority", /0 to 1000/],
    ["priority P5", { priority: "P5" }, "priority", /P0 to P4/],
    ["A20 estimate 9", { estimate: 9 }, "estimate", /9; it must be a whole number of points from 1 to 5/],
    ["A20 estimate 0", { estimate: 0 }, "estimate", /1 to 5/],
    ["A21 tier 4", { tier: 4 }, "tier", /0 to 3/],
    ["A21 an area of 121 characters", { area: "x".repeat(121) }, "area", /1 to 120/],
    ["a description beyond the limit", { description: "x".repeat(65_537) }, "description", /65,536/],
    ["F12 a worker's name with dots and slashes", { assigned_to: "../ada" }, "assigned_to", /worker's name/],
    ["F12 a repo as a path", { repo: "../web" }, "repo", /slug/],
    ["a day that there is not", { not_before: "2026-02-30" }, "not_before", /moment/],
    ["an empty condition", { accept: ["it runs", " "] }, "accept", /1 to 4,000/],
    ["max_attempts 0", { max_attempts: 0 }, "max_attempts", /1 to 100/],
  ];
  it.each(bad)("refuses %s, naming field, value and rule", (_name, input, field, message) => {
    const refusal = refused(add([], input));
    expect(refusal).toMatchObject({ code: "invalid_input", data: { field } });
    expect(refusal.message).toMatch(message);
    expect(refusal.message.length).toBeLessThan(300);
  });

  it("A23 B28 refuses a repo that the record has not, and names those it has", () => {
    const refusal = refused(add([repo("api")], { repo: "shop" }));
    expect(refusal).toMatchObject({ code: "repo_unknown", data: { field: "repo", value: "shop" } });
    expect(refusal.message).toMatch(/api, web/);
    expect(code(planAdd(bare(policy(), worker("ada")), { title: "x" }, ctx("ada")))).toBe("repo_unknown");
  });

  it("goes to the oldest repo where none is named", () => {
    const [path, value] = repo("zoo");
    const old: File = [path, { ...(value as object), created_at: "2020-01-01T00:00:00Z" }];
    expect(written(add([old])).repo).toBe("zoo");
  });

  it("registers a new worker in the same change where registration is open", () => {
    const plan = planAdd(record(), { title: "x" }, ctx("new"));
    expect(ok(plan).changes.map(({ path }) => path.split("/")[0])).toEqual(["workers", "tasks"]);
    expect(code(planAdd(record(policy({ registration: "closed" })), { title: "x" }, ctx("new")))).toBe(
      "worker_unknown",
    );
  });

  it("warns of an assignee whom the record does not know", () => {
    expect(ok(add([], { assigned_to: "zoe" })).warnings?.[0]).toContain("no worker zoe yet");
    expect(ok(add([worker("zoe", { status: "paused" })], { assigned_to: "zoe" })).warnings?.[0]).toContain(
      "zoe is paused",
    );
  });
});

describe("what a new task waits for", () => {
  it("B29 parts of ids become ids", () => {
    expect(
      written(add([task("k3f9"), task("b2c4")], { blocked_by: ["k3f9", tid("b2c4")] })).relationships
        ?.blocked_by,
    ).toEqual([tid("k3f9"), tid("b2c4")]);
  });

  const rows: [string, File[], Partial<AddInput>, string][] = [
    ["B29 an unknown task", [], { blocked_by: ["zzzz"] }, "task_unknown"],
    ["B29 an unknown parent", [], { parent: "zzzz" }, "task_unknown"],
    ["an ambiguous part", [task("1aaaa"), task("2aaaa")], { blocked_by: ["aaaa"] }, "task_ambiguous"],
    ["a task that is done is fine", [ended("k3f9", "done")], { blocked_by: ["k3f9"] }, "ok"],
    [
      "B30 the same task before and after",
      [task("k3f9")],
      { blocked_by: ["k3f9"], blocks: ["k3f9"] },
      "dependency_cycle",
    ],
    [
      "B30 a circle over others",
      [task("aaaa"), waiting("bbbb", ["aaaa"])],
      { blocked_by: ["bbbb"], blocks: ["aaaa"] },
      "dependency_cycle",
    ],
    [
      "no circle the other way",
      [task("aaaa"), waiting("bbbb", ["aaaa"])],
      { blocked_by: ["aaaa"], blocks: ["bbbb"] },
      "ok",
    ],
    ["an ended task waits for nothing", [ended("k3f9", "done")], { blocks: ["k3f9"] }, "task_ended"],
    ["F11 a task that cannot be read", [broken(task("k3f9"))], { blocks: ["k3f9"] }, "record_invalid"],
  ];
  it.each(rows)("%s", (_name, files, input, expected) => expect(code(add(files, input))).toBe(expected));

  it("B30 names the circle", () => {
    const refusal = refused(
      add([task("aaaa"), waiting("bbbb", ["aaaa"])], { blocked_by: ["bbbb"], blocks: ["aaaa"] }),
    );
    expect(refusal.message).toMatch(/→ bbbb → aaaa → /);
    expect(refusal.data?.circle).toHaveLength(4);
  });

  it("B30 blocks is written as the other task's blocked_by, and nowhere else", () => {
    const state = record(
      task("k3f9", { relationships: { blocked_by: [tid("aaaa")] } }),
      task("aaaa"),
      lease("k3f9"),
    );
    const plan = planAdd(state, { title: "first", blocks: ["k3f9"] }, ctx("ada"));
    const next = applied(state, plan);
    const { id } = ok(plan).result;
    expect(taskIn(next, "k3f9")?.relationships?.blocked_by).toEqual([tid("aaaa"), id]);
    expect(taskIn(next, "k3f9")?.updated_at).toBe("2026-03-01T12:00:00Z");
    expect(next.doc<Task>(pathOf("Task", id))?.value.relationships).toBeUndefined();
    expect(ok(plan).event?.tasks).toEqual([{ id }, { id: tid("k3f9") }]);
  });

  it("B30 a chain of 10,000 tasks is no deep stack", () => {
    const name = (n: number) => n.toString(16).padStart(6, "0");
    const chain = Array.from({ length: 10_000 }, (_, n) =>
      n === 0 ? task(name(0)) : waiting(name(n), [name(n - 1)]),
    );
    const state = record(...chain);
    expect(
      code(planAdd(state, { title: "x", blocked_by: [tid(name(9999))], blocks: [tid(name(0))] }, ctx("ada"))),
    ).toBe("dependency_cycle");
  });

  it("F08 the same snapshot, input and context give the same change-set", () => {
    const plan = () =>
      planAdd(record(task("k3f9")), { title: "x", blocked_by: ["k3f9"] }, ctx("ada", { now: NOW + HOUR }));
    expect(plan()).toEqual(plan());
  });
});
