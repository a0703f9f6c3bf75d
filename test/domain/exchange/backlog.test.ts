import { existsSync, readdirSync, readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { pathOf } from "../../../src/core/paths.ts";
import { planImport } from "../../../src/domain/exchange/import.ts";
import { parseBacklog, parseImport } from "../../../src/domain/exchange/parse.ts";
import type { ImportItem, Task } from "../../../src/generated/types.ts";
import { validate } from "../../../src/generated/validators/input/import.js";
import { applied, ctx, ok, record } from "../../helpers/record.ts";

const FRONT = "id: TASK-7\ntitle: Fix it\nstatus: To Do\n";
const file = (front = FRONT, body = "") => `---\n${front}---\n${body}`;
const bytes = (text: string) => new TextEncoder().encode(text);

function parsed(text: string) {
  const read = parseBacklog([{ name: "tasks/task-7.md", bytes: bytes(text) }]);
  if (!read.ok) throw new Error(read.message);
  expect(validate({ system: read.system, items: read.items }), JSON.stringify(validate.errors)).toBe(true);
  return read;
}
const one = (front?: string, body?: string): ImportItem => parsed(file(front, body)).items[0] as ImportItem;

const BODY = `
## Description

<!-- SECTION:DESCRIPTION:BEGIN -->
Why it matters.

## A heading of the text
\`\`\`
## no heading
<!-- SECTION:DESCRIPTION:END -->
\`\`\`
<!-- SECTION:DESCRIPTION:END -->

## Acceptance Criteria
<!-- AC:BEGIN -->
- [ ] #1 It works
- [x] #2 It is fast,
  really
- plain
<!-- AC:END -->

## Definition of Done
<!-- DOD:BEGIN -->
- [ ] #1 Tests pass
<!-- DOD:END -->

## Implementation Plan

1. Think
`;

describe("a task file of Backlog.md", () => {
  it("keeps sections in the description, checklists as conditions, and its own fields in meta", () => {
    const front = `${FRONT}assignee:\n  - '@codex'\n  - bo\ncreated_date: '2026-01-31 12:00'\nlabels:\n  - cli\ndependencies:\n  - task-24.1\n  - TASK-8\npriority: high\nparent_task_id: task-1\ntype: enhancement\nmilestone: m-1\nreferences:\n  - src/a.ts\n`;
    expect(one(front, BODY)).toEqual({
      ...{ key: "TASK-7", external_id: "TASK-7", where: "tasks/task-7.md", title: "Fix it", status: "ready" },
      ...{
        priority: 80,
        labels: ["cli"],
        blocked_by: ["TASK-24.1", "TASK-8"],
        parent: "TASK-1",
        type: "feature",
      },
      accept: ["It works", "It is fast,\nreally", "plain", "Tests pass"],
      description:
        "Why it matters.\n\n## A heading of the text\n```\n## no heading\n<!-- SECTION:DESCRIPTION:END -->\n```\n\n## Implementation Plan\n\n1. Think",
      extra: {
        assignees: [
          { actor_kind: "agent", actor_id: "codex" },
          { actor_kind: "human", actor_id: "bo" },
        ],
        meta: {
          backlog: {
            ...{ status: "To Do", type: "enhancement", milestone: "m-1", created_date: "2026-01-31 12:00" },
            references: ["src/a.ts"],
          },
        },
      },
    });
  });

  it.each<[string, Partial<ImportItem>]>([
    ["status: In Progress", { status: "ready" }],
    ["status: in-progress", { status: "ready" }],
    ["status: Done", { status: "ended" }],
    ["status: Draft", { status: "planned" }],
    ["status: To Do\npriority: low", { priority: 20 }],
    ["status: To Do\npriority: P1", { priority: 80 }],
    ["status: To Do\nlabels: [estimate:3, area:cli]", { size: 3, area: "cli" }],
    ["status: To Do\npriority: low\nlabels: [priority:high]", { priority: 20 }],
    ["status: To Do\nlabels: [priority:high]", { priority: 80 }],
    [
      "status: To Do\nassignee: '@bo'",
      { extra: expect.objectContaining({ assignees: [{ actor_kind: "human", actor_id: "bo" }] }) },
    ],
    ["status: To Do\ndependencies: 8", { blocked_by: ["8"] }],
  ])("%s", (front, expected) => expect(one(`id: TASK-7\ntitle: Fix it\n${front}\n`)).toMatchObject(expected));

  it("line ends of Windows are read as others", () =>
    expect(one(FRONT.replaceAll("\n", "\r\n"), "\r\n## Description\r\n\r\na\r\nb\r\n").description).toBe(
      "a\nb",
    ));

  it.each<[string, string, object, RegExp]>([
    ["no front matter", "# Fix it\n", { line: 1 }, /^tasks\/task-7.md line 1: has no front matter/],
    ["front matter without an end", "---\nid: a\n", { line: 1 }, /front matter that does not end/],
    [
      "broken front matter",
      "---\nid: a\ntitle: [\n---\n",
      { line: 3 },
      /line 3: has front matter that cannot be read/,
    ],
    ["no id", file("title: a\nstatus: Done\n"), { field: "id" }, /id is missing/],
    ["no title", file("id: a\nstatus: Done\n"), { field: "title" }, /title is missing/],
    ["no status", file("id: a\ntitle: a\n"), { field: "status" }, /status is missing/],
    [
      "a status that no one knows",
      file("id: a\ntitle: a\nstatus: Asleep\n"),
      { field: "status", line: 4 },
      /line 4: status is "Asleep"; known are draft, /,
    ],
    [
      "a priority that no one knows",
      file(`${FRONT}priority: soon\n`),
      { field: "priority", line: 5 },
      /priority is "soon"; it must be critical/,
    ],
  ])("refuses %s, with file, line and field", (_name, text, data, message) => {
    const read = parseBacklog([{ name: "tasks/task-7.md", bytes: bytes(text) }]);
    expect(read).toMatchObject({ ok: false, code: "invalid_input", data });
    expect(read.ok ? "" : read.message).toMatch(message);
  });

  it("names a file that is no text, and refuses two files of one id", () => {
    const broken = parseBacklog([{ name: "a.md", bytes: new Uint8Array([0xff]) }]);
    expect(broken.ok ? "" : broken.message).toMatch(/^a\.md is not UTF-8/);
    const twice = parseBacklog(["a.md", "b.md"].map((name) => ({ name, bytes: bytes(file()) })));
    if (!twice.ok) throw new Error(twice.message);
    const plan = planImport(record(), { system: "backlog", items: twice.items }, ctx("ada"));
    expect(plan.ok ? "" : plan.message).toMatch(/^b\.md has the id of a\.md, "TASK-7"/);
  });

  it("one file alone is not all that there is", () => {
    expect(parseImport(bytes(file()), "backlog", "a.md")).toMatchObject({ ok: true, system: "backlog" });
    expect(parsed(file()).covers).toBeUndefined();
  });
});

const FOLDER = new URL("../../../../shared/data/backlog/", import.meta.url);
const isThere = existsSync(FOLDER);
if (!isThere) console.warn("backlog.test: the real project's files are not here, and are skipped");

describe.skipIf(!isThere)("the task files of a real project", () => {
  const files = isThere
    ? readdirSync(FOLDER).map((name) => ({
        name,
        bytes: new Uint8Array(readFileSync(new URL(encodeURIComponent(name), FOLDER))),
      }))
    : [];
  const read = () => {
    const parsed = parseBacklog(files, true);
    if (!parsed.ok) throw new Error(parsed.message);
    return parsed;
  };
  const text = (name: string) =>
    new TextDecoder().decode(files.find((one) => one.name.startsWith(name))?.bytes);

  it("all are open work with --all, with every checklist entry, and the second time nothing changes", () => {
    const { system, items, covers } = read();
    expect([items.length, covers]).toEqual([40, { prefix: "BACK-" }]);
    const plan = planImport(record(), { system, items, covers, all: true }, ctx("ada"));
    const state = applied(record(), plan);
    expect(ok(plan).result).toMatchObject({ created: 40, skipped: 0 });
    const tasks = [...state.open()].map(({ id }) => state.doc<Task>(pathOf("Task", id))?.value as Task);
    const entries = files.reduce(
      (sum, one) => sum + (new TextDecoder().decode(one.bytes).match(/^- \[[ x]\] #\d+/gm)?.length ?? 0),
      0,
    );
    expect(tasks.reduce((sum, { acceptance }) => sum + (acceptance?.criteria?.length ?? 0), 0)).toBe(entries);
    expect(tasks.every(({ description }) => !/SECTION:|AC:BEGIN/.test(description ?? ""))).toBe(true);
    const again = planImport(
      state,
      { system, items, covers, all: true },
      ctx("ada", { op: "01kjm0000000000000000000zz" }),
    );
    expect(ok(again)).toMatchObject({ changes: [], result: { unchanged: 40, gone: [] } });
  });

  it("without --all the 11 that are to do", () => {
    const { system, items } = read();
    const { result } = ok(planImport(record(), { system, items }, ctx("ada")));
    expect(result).toMatchObject({ created: 11, skipped: 29 });
    expect(result.left).toHaveLength(29);
  });

  it("a dependency among them is one here", () => {
    const item = read().items.find(({ key }) => key === "BACK-200");
    expect(text("back-200")).toContain("task-24.1");
    expect(item?.blocked_by).toEqual(["TASK-24.1", "TASK-208"]);
  });
});
