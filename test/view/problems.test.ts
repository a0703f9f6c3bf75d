import { describe, expect, test } from "vitest";
import { renderProblems, type ShownProblem } from "../../src/view/problems.ts";

const problem = (more: Partial<ShownProblem> = {}): ShownProblem => ({
  path: "tasks/k/3/t_x.yaml",
  line: 4,
  code: "schema",
  message: "priority: must be at most 1000",
  severity: "error",
  ...more,
});

describe("renderProblems: one line a finding", () => {
  const rows: [string, ShownProblem, string, string][] = [
    [
      "an error",
      problem(),
      "tasks/k/3/t_x.yaml:4: schema priority: must be at most 1000",
      "::error file=tasks/k/3/t_x.yaml,line=4,title=schema::schema priority: must be at most 1000",
    ],
    [
      "a warning without a line",
      problem({ line: undefined, severity: "warning" }),
      "tasks/k/3/t_x.yaml: warning: schema priority: must be at most 1000",
      "::warning file=tasks/k/3/t_x.yaml,title=schema::schema priority: must be at most 1000",
    ],
    [
      "a path and a message that would break out of the annotation",
      problem({ path: "a,b:c%\n::error::x.yaml", message: "50% is\r\n::set-env name=X::y" }),
      "a,b:c% ::error::x.yaml:4: schema 50% is ::set-env name=X::y",
      "::error file=a%2Cb%3Ac%25%0A%3A%3Aerror%3A%3Ax.yaml,line=4,title=schema::schema 50%25 is ::set-env name=X::y",
    ],
    [
      "escape sequences for the terminal",
      problem({ path: "\u001b[31mx\u001b[0m.yaml", message: "\u001b]0;title\u0007red" }),
      "x.yaml:4: schema red",
      "::error file=\u001b[31mx\u001b[0m.yaml,line=4,title=schema::schema red",
    ],
    [
      "a commit of a range",
      problem({ commit: "0123456789abcdef0123456789abcdef01234567" }),
      "tasks/k/3/t_x.yaml:4: schema priority: must be at most 1000 (commit 0123456789)",
      "::error file=tasks/k/3/t_x.yaml,line=4,title=schema::schema priority: must be at most 1000 (commit 0123456789)",
    ],
  ];
  test.each(rows)("%s", (_name, one, text, github) => {
    expect(renderProblems([one], "text").split("\n")[0]).toBe(text);
    expect(renderProblems([one], "github").split("\n")[0]).toBe(github);
  });
});

describe("renderProblems: all findings", () => {
  const many = [
    problem({ path: "b.yaml", severity: "warning" }),
    problem({ path: "a.yaml", line: 9 }),
    problem({ path: "a.yaml", line: 2 }),
    problem({ path: "a.yaml", line: 2 }),
  ];

  test("sorted by path and line, each once, with a count", () => {
    const lines = renderProblems(many, "text").split("\n");
    expect(lines.map((line) => line.split(": ")[0])).toEqual([
      "a.yaml:2",
      "a.yaml:9",
      "b.yaml:4",
      "2 errors, 1 warning",
      "",
    ]);
  });

  test("as JSON", () => {
    const { errors, warnings, problems } = JSON.parse(renderProblems(many, "json"));
    expect([errors, warnings, problems.length]).toEqual([2, 1, 3]);
    expect(problems[0]).toEqual({
      path: "a.yaml",
      line: 2,
      code: "schema",
      severity: "error",
      message: "priority: must be at most 1000",
    });
  });

  test("none", () => {
    expect(renderProblems([], "text")).toBe("no problems\n");
    expect(JSON.parse(renderProblems([], "json"))).toEqual({ errors: 0, warnings: 0, problems: [] });
  });
});
