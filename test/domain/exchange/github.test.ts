import { describe, expect, it } from "vitest";
import { pathOf } from "../../../src/core/paths.ts";
import { planImport } from "../../../src/domain/exchange/import.ts";
import { parseGithub, parseImport } from "../../../src/domain/exchange/parse.ts";
import { issueOf } from "../../../src/domain/tasks/issue.ts";
import type { ImportItem, Task } from "../../../src/generated/types.ts";
import { validate } from "../../../src/generated/validators/input/import.js";
import { restIssue } from "../../helpers/github.ts";
import { applied, ctx, ok, record, refused } from "../../helpers/record.ts";

/** As `gh issue list --json` prints it. */
const ghIssue = (number: number, fields: Record<string, unknown> = {}) => ({
  ...{ number, title: `Issue ${number}`, body: `What ${number} is about.`, state: "OPEN" },
  url: `https://github.com/octo/web/issues/${number}`,
  labels: [],
  assignees: [],
  milestone: null,
  ...fields,
});
const label = (name: string) => ({ id: "L_1", name, description: "", color: "fff" });
const labelled = (...names: string[]) => ({ labels: names.map(label) });
const bytes = (value: unknown) => new TextEncoder().encode(JSON.stringify(value));

function fromGh(...issues: object[]) {
  const read = parseImport(bytes(issues), undefined, "issues.json");
  if (!read.ok) throw new Error(read.message);
  expect(validate({ system: read.system, items: read.items }), JSON.stringify(validate.errors)).toBe(true);
  return read;
}
function fromRest(labels: string[], ...issues: object[]) {
  const read = parseGithub(issues, { name: "github:octo/web", labels });
  if (!read.ok) throw new Error(read.message);
  return read;
}
const one = (fields: Record<string, unknown> = {}): ImportItem =>
  fromGh(ghIssue(7, fields)).items[0] as ImportItem;

describe("A26 an issue of GitHub", () => {
  it("is seen by its content, is found again by repository and number, and shows its address first", () => {
    expect(fromGh(ghIssue(7))).toMatchObject({ dialect: "github", system: "github", warnings: [] });
    expect(one()).toEqual({
      ...{ key: "octo/web#7", external_id: "octo/web#7", where: "octo/web#7" },
      ...{ url: "https://github.com/octo/web/issues/7", status: "ready", title: "Issue 7" },
      description: "https://github.com/octo/web/issues/7\n\nWhat 7 is about.",
      extra: { meta: { github: { state: "OPEN" } } },
    });
  });

  it("is the same from gh and from the REST API", () => {
    const both = {
      ...labelled("bug", "priority:high"),
      assignees: [{ login: "bo" }, { login: "dep[bot]" }],
      milestone: { title: "1.0", number: 3 },
    };
    const [gh] = fromGh(
      ghIssue(7, { ...both, author: { login: "ada" }, createdAt: "2026-01-31T12:00:00Z" }),
    ).items;
    const [rest] = fromRest([], restIssue(7, both)).items;
    const { extra: ghExtra, ...ghItem } = gh as ImportItem;
    const { extra: restExtra, ...restItem } = rest as ImportItem;
    expect(restItem).toEqual(ghItem);
    const kept = { milestone: "1.0", author: "ada", created_at: "2026-01-31T12:00:00Z" };
    const assignees = [
      { actor_kind: "human", actor_id: "bo" },
      { actor_kind: "system", actor_id: "dep[bot]" },
    ];
    expect(ghExtra).toEqual({ assignees, meta: { github: { state: "OPEN", ...kept } } });
    expect(restExtra).toEqual({ assignees, meta: { github: { state: "open", ...kept } } });
  });

  const rows: [string, Record<string, unknown>, Partial<ImportItem>][] = [
    ["A27 priority:high", labelled("priority:high"), { priority: 80 }],
    ["A28 priority:80", labelled("priority:80"), { priority: 80 }],
    ["A28 estimate:3", labelled("estimate:3"), { size: 3 }],
    ["A27 size:2", labelled("size:2"), { size: 2 }],
    ["A27 skills", labelled("skills:rust", "skills:sql,go"), { skills: ["rust", "sql", "go"] }],
    ["A27 area", labelled("area:auth"), { area: "auth" }],
    ["A26 tier", labelled("tier:1"), { tier: 1 }],
    ["labels as texts", { labels: ["bug"] }, { labels: ["bug"], type: "bug" }],
    ["a label with a comma", labelled("a, b"), { labels: ["a  b"] }],
    ["the label enhancement", labelled("good first issue", "enhancement"), { type: "feature" }],
    [
      "GitHub's own type before labels",
      { ...labelled("bug"), type: { name: "Feature" } },
      { type: "feature" },
    ],
    ["B11 closed", { state: "CLOSED" }, { status: "ended" }],
    ["no state", { state: undefined }, { status: "ready" }],
    ["no body", { body: null }, { description: "https://github.com/octo/web/issues/7" }],
    [
      "line ends of Windows",
      { body: "a\r\nb" },
      { description: "https://github.com/octo/web/issues/7\n\na\nb" },
    ],
    [
      "another host",
      { url: "https://ghe.example.org/octo/web/issues/7" },
      { external_id: "ghe.example.org/octo/web#7" },
    ],
  ];
  it.each(rows)("%s", (_name, fields, expected) => expect(one(fields)).toMatchObject(expected));

  it("A27 names issues whose labels contradict, and who wins", () => {
    const read = fromGh(
      ghIssue(7, labelled("priority:high", "priority:low", "area:a", "area:b")),
      ghIssue(8, labelled("priority:high", "priority:low")),
    );
    expect(read.items.map(({ priority }) => priority)).toEqual([80, 80]);
    expect(read.warnings).toEqual([
      "2 × labels contradict each other, and the first counts: priority:high before priority:low (octo/web#7, octo/web#8)",
      "1 × labels contradict each other, and the first counts: area:a before area:b (octo/web#7)",
    ]);
  });

  it("A26 leaves pull requests out, and counts them", () => {
    const read = fromRest(
      [],
      restIssue(1, { pull_request: { url: "https://x" } }),
      restIssue(2),
      restIssue(3, { html_url: "https://github.com/octo/web/pull/3" }),
    );
    expect(read.items.map(({ key }) => key)).toEqual(["octo/web#2"]);
    expect(read.warnings).toEqual(["2 × pull request, which is no issue (item 1, item 3)"]);
  });

  it("what the API was asked for is what is known whole; a file may have been cut", () => {
    expect(fromRest(["pool:ready"], restIssue(1)).covers).toEqual({
      prefix: "octo/web#",
      labels: ["pool:ready"],
    });
    expect(fromRest([]).covers).toEqual({ prefix: "octo/web#" });
    expect(fromGh(ghIssue(1)).covers).toBeUndefined();
  });

  it.each<[string, Record<string, unknown>, string, RegExp]>([
    [
      "no address",
      { url: undefined },
      "url",
      /^issues.json item 2: url is no issue's address; ask for it: gh issue list --json number/,
    ],
    [
      "the address of another issue",
      { url: "https://github.com/octo/web/issues/9" },
      "url",
      /url is no issue's/,
    ],
    [
      "an address with a password",
      { url: "https://a@github.com/octo/web/issues/7" },
      "url",
      /url is no issue's/,
    ],
    ["an empty title", { title: " " }, "title", /title is missing/],
    ["a state that no one knows", { state: "stuck" }, "state", /state is "stuck"; it must be open or closed/],
    ["a body that is a list", { body: ["a"] }, "body", /body is \["a"\]; it must be text/],
    ["number 0", { number: 0 }, "number", /number is 0/],
  ])("refuses %s, with its place and field", (_name, fields, field, message) => {
    const read = parseImport(bytes([ghIssue(1), ghIssue(7, fields)]), undefined, "issues.json");
    expect(read).toMatchObject({ ok: false, code: "invalid_input", data: { field } });
    expect(read.ok ? "" : read.message).toMatch(message);
  });

  it("a value that breaks the record's rules is refused by the issue's number", () => {
    const { system, items } = fromGh(ghIssue(7, labelled("x".repeat(101))));
    const refusal = refused(planImport(record(), { system, items, file: "issues.json" }, ctx("ada")));
    expect(refusal.message).toMatch(/^octo\/web#7: labels is /);
  });

  it("comes to a task with source, assignees and the policy's cap, and the second time to nothing", () => {
    const read = fromRest([], restIssue(7, { ...labelled("estimate:99"), assignees: [{ login: "bo" }] }));
    const input = { system: read.system, items: read.items, covers: read.covers };
    const plan = planImport(record(), input, ctx("ada"));
    const state = applied(record(), plan);
    expect(ok(plan).changes[0]?.value).toMatchObject({
      source: { system: "github", external_id: "octo/web#7", url: "https://github.com/octo/web/issues/7" },
      assignees: [{ actor_kind: "human", actor_id: "bo" }],
      estimate: 5,
    });
    const again = planImport(state, input, ctx("ada", { op: "01kjm0000000000000000000zz" }));
    expect(ok(again)).toMatchObject({ changes: [], result: { unchanged: 1, gone: [] } });
  });

  it("B74 is an Issue in CWOM's form", () => {
    const fields = { ...labelled("bug", "priority:high"), assignees: [{ login: "bo" }] };
    const { system, items } = fromRest([], restIssue(7, fields));
    const state = applied(record(), planImport(record(), { system, items }, ctx("ada")));
    const [row] = [...state.open()];
    const task = state.doc<Task>(pathOf("Task", row?.id ?? ""))?.value as Task;
    expect(issueOf(state, task, "queued")).toMatchObject({
      ...{ kind: "Issue", title: "Issue 7", type: "bug", priority: "P1", status: "ready" },
      assignees: [{ actor_kind: "human", actor_id: "bo" }],
      source: { system: "github", external_id: "octo/web#7", url: "https://github.com/octo/web/issues/7" },
      tags: ["bug", "priority:high"],
    });
  });
});
