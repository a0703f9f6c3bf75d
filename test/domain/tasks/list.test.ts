import { describe, expect, it } from "vitest";
import type { ClosedTask, Snapshot } from "../../../src/core/snapshot.ts";
import { Suspended } from "../../../src/core/snapshot.ts";
import { planList } from "../../../src/domain/tasks/list.ts";
import { planSearch } from "../../../src/domain/tasks/search.ts";
import type { ListInput, SearchInput } from "../../../src/generated/types.ts";
import {
  at,
  broken,
  code,
  ctx,
  ended,
  type File,
  HOUR,
  LATE,
  lease,
  ok,
  record,
  repo,
  task,
  tid,
} from "../../helpers/record.ts";

const QUEUE: File[] = [
  repo("api"),
  task("aaaa", {
    title: "Parse dates",
    priority: 80,
    labels: ["Bug", "core"],
    skills: ["rust"],
    area: "parser",
    type: "bug",
  }),
  task("bbbb", {
    title: "Write docs",
    priority: 20,
    assigned_to: "ada",
    updated_at: at(-HOUR),
    description: "about the parser\nand dates",
  }),
  task("cccc", { title: "Plan", status: "planned", repo: "api" }),
  task("dddd", { title: "Release", relationships: { blocked_by: [tid("aaaa")], parent: tid("cccc") } }),
  task("eeee", { title: "Held" }),
  lease("eeee", { worker: "max" }),
  task("ffff", { title: "Stuck" }),
  lease("ffff", { worker: "ada", phase: "blocked" }),
  task("gggg", { title: "Late" }),
  lease("gggg", { worker: "max", ...LATE }),
  ended("hhhh", "done", { worker: "ada", at: at(-2 * HOUR) }),
  ended("jjjj", "canceled", { worker: "max", at: at(-HOUR) }),
];
const list = (input: ListInput = {}, files = QUEUE) =>
  ok(planList(record(...files), input, ctx("ada"))).result;
const shorts = (rows: { short: string }[]) => rows.map(({ short }) => short).join(" ");

/** Reads that would have to load ended tasks fail. */
function withoutClosed(files: File[]): Snapshot {
  const state = record(...files);
  const never = (): Iterable<ClosedTask> => {
    throw new Suspended({ closed: "all" });
  };
  return Object.create(state, { closed: { value: never }, closedTask: { value: never } });
}

describe("list", () => {
  const rows: [string, ListInput, string][] = [
    ["all that is open, the most urgent first (A22)", {}, "aaaa cccc dddd eeee ffff gggg bbbb"],
    ["B35 by repo", { repo: "api" }, "cccc"],
    ["B35 by type", { type: "bug" }, "aaaa"],
    ["B35 by priority", { priority: "P1" }, "aaaa"],
    ["by a number as priority", { priority: 20 }, "bbbb"],
    ["B35 by status", { status: ["planned"] }, "cccc"],
    ["ready tasks do not wait", { status: ["ready"] }, "aaaa gggg bbbb"],
    ["waiting for others", { status: ["waiting"] }, "dddd"],
    ["running and blocked", { status: ["running", "blocked"] }, "eeee ffff"],
    ["by area", { area: " parser" }, "aaaa"],
    ["by label in any case", { label: ["bug", "CORE"] }, "aaaa"],
    ["by two labels, of which it has one", { label: ["bug", "ui"] }, ""],
    ["A05 by skill in any case", { skill: "Rust" }, "aaaa"],
    ["by assignee", { assigned_to: "ada" }, "bbbb"],
    ["by holder", { holder: "max" }, "eeee gggg"],
    ["E37 for a worker: assigned to it or held by it", { for: "ada" }, "ffff bbbb"],
    ["by parent", { parent: "cccc" }, "dddd"],
    [
      "ended ones with all, after the others, latest end first",
      { all: true },
      "aaaa cccc dddd eeee ffff gggg bbbb jjjj hhhh",
    ],
    ["ended ones when their status is asked for", { status: ["done"] }, "hhhh"],
    ["E37 ended ones for a worker", { for: "ada", all: true }, "ffff bbbb hhhh"],
    ["B35 E37 newest first", { sort: "created", all: true }, "jjjj hhhh gggg ffff eeee dddd cccc bbbb aaaa"],
    ["by the last change", { sort: "updated", all: true, limit: 3 }, "jjjj bbbb hhhh"],
    ["B35 limit and offset", { limit: 2, offset: 1 }, "cccc dddd"],
  ];
  it.each(rows)("%s", (_name, input, expected) => expect(shorts(list(input).tasks)).toBe(expected));

  it("B35 counts all that match, whatever is shown", () => {
    expect(list({ limit: 1 })).toMatchObject({
      total: 7,
      offset: 0,
      counts: { ready: 3, planned: 1, waiting: 1, running: 1, blocked: 1 },
    });
  });

  it("B35 shows 100 at most unless told", () => {
    const many = Array.from({ length: 120 }, (_, n) => task(`f${String(n).padStart(4, "0")}`));
    expect(list({}, many)).toMatchObject({ total: 120 });
    expect(list({}, many).tasks).toHaveLength(100);
    expect(list({ limit: 110 }, many).tasks).toHaveLength(110);
  });

  it("says of each task what a reader decides by", () => {
    const [first] = list({ status: ["waiting"] }).tasks;
    expect(first).toMatchObject({
      id: tid("dddd"),
      waits_for: [tid("aaaa")],
      parent: tid("cccc"),
      state: "queued",
      estimate: 1,
    });
    expect(list({ status: ["running"] }).tasks[0]).toMatchObject({ holder: "max", state: "in_progress" });
  });

  it("without all it touches no ended task", () => {
    const snapshot = withoutClosed(QUEUE);
    expect(code(planList(snapshot, {}, ctx("ada")))).toBe("ok");
    expect(() => planList(snapshot, { all: true }, ctx("ada"))).toThrow(Suspended);
  });

  it("F11 names a task that cannot be read and goes on", () => {
    expect(
      list({}, [broken(task("aaaa")), task("bbbb")]).tasks.map(({ short, status }) => [short, status]),
    ).toEqual([
      ["bbbb", "ready"],
      ["aaaa", "broken"],
    ]);
  });

  it("says what cannot be asked of ended tasks", () => {
    const plan = planList(record(...QUEUE), { all: true, type: "bug", assigned_to: "ada" }, ctx("ada"));
    expect(ok(plan).warnings?.[0]).toContain("type and assigned-to");
  });

  it("refuses a priority that is none, and a parent that is none", () => {
    expect(code(planList(record(), { priority: "P7" }, ctx("ada")))).toBe("invalid_input");
    expect(code(planList(record(), { parent: "zzzz" }, ctx("ada")))).toBe("task_unknown");
  });
});

describe("search", () => {
  const search = (input: SearchInput) => ok(planSearch(record(...QUEUE), input, ctx("ada"))).result;
  const rows: [string, SearchInput, string][] = [
    ["a word of the title in any case", { text: "PARSE" }, "aaaa"],
    ["all words must be there", { text: "parse core" }, "aaaa"],
    ["none has both", { text: "parse docs" }, ""],
    ["the end of an id", { text: "ffff" }, "ffff"],
    ["the area", { text: "parser" }, "aaaa"],
    ["not in descriptions", { text: "about" }, ""],
    [
      "deep: in descriptions too, after what shows them first",
      { text: "dates parser", deep: true },
      "aaaa bbbb",
    ],
    ["not among ended tasks", { text: "hhhh" }, ""],
    ["all: among ended tasks too", { text: "hhhh", all: true }, "hhhh"],
    ["limit", { text: "e", limit: 2 }, "aaaa dddd"],
  ];
  it.each(rows)("%s", (_name, input, expected) => expect(shorts(search(input).tasks)).toBe(expected));

  it("deep shows the line that was found", () => {
    expect(search({ text: "and dates", deep: true }).tasks[0]).toMatchObject({
      found: "text",
      snippet: "and dates",
    });
  });

  it("refuses blanks", () =>
    expect(code(planSearch(record(), { text: "  " }, ctx("ada")))).toBe("invalid_input"));
});
