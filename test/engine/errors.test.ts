import { describe, expect, test } from "vitest";
import { ERRORS } from "../../src/core/refusal.ts";
import { classify, FAULTS, faultRefusal, hideCredentials } from "../../src/engine/git/errors.ts";
import { versionRefusal } from "../../src/engine/git/open.ts";
import { parsePushReport } from "../../src/engine/git/report.ts";
import type { FaultClass } from "../../src/engine/ports.ts";

const samples = FAULTS.flatMap((row) => row.samples.map((sample) => ({ sample, class: row.class, row })));

describe("the table of faults", () => {
  test.each(samples)("$class: $sample", ({ sample, class: expected, row }) => {
    expect(FAULTS.find(({ pattern }) => pattern.test(sample))).toBe(row);
    const fault = classify(sample, 1);
    expect(fault.class).toBe(expected);
    for (const doing of ["read", "publish"] as const) {
      const refusal = faultRefusal(fault, { remote: "origin", branch: "owp", doing });
      expect(refusal.code in ERRORS).toBe(true);
      expect(refusal.message).toMatch(
        /^(?:\S.*)\. (?:Nothing was changed|The change was not published, and nothing else was changed)\.$/s,
      );
      expect(refusal.message + refusal.hint).not.toMatch(/[{}$]|undefined/);
    }
  });

  test("every class has a sample", () => {
    const classes: FaultClass[] = [
      "conflict",
      "busy",
      "transport",
      "unreachable",
      "auth",
      "not_found",
      "hook",
      "protected",
      "too_large",
      "layout",
      "hash",
      "disk",
      "other",
    ];
    expect(classes.filter((each) => !samples.some((sample) => sample.class === each))).toEqual([]);
  });

  test("unknown words are kept, shortened, without noise and colours", () => {
    const fault = classify(`\u001b[31mwhat is this\u001b[0m\nhint: try\nTo /hub\n${"x".repeat(5000)}`, 7);
    expect([fault.class, fault.text.slice(0, 14), fault.text.length]).toEqual([
      "other",
      "what is this\nx",
      801,
    ]);
    expect(classify("", 7).text).toBe("git ended with status 7");
  });

  test.each([
    ["https://ada:hunter2@example.org/x", "https://example.org/x"],
    ["https://ghp_token@example.org/x", "https://example.org/x"],
    ["https://a:b@c@example.org/x", "https://example.org/x"],
    ["ssh://git@example.org/x", "ssh://git@example.org/x"],
    ["ssh://git:secret@example.org/x", "ssh://git@example.org/x"],
    ["git@example.org:x/y", "git@example.org:x/y"],
  ])("credentials: %s", (text, shown) => {
    expect(hideCredentials(text)).toBe(shown);
  });
});

test.each([
  ["git version 2.39.5", true],
  ["git version 2.34.1.windows.1", true],
  ["git version 3.0.0", true],
  ["git version 2.33.8", false],
  ["git version 1.99", false],
  [undefined, false],
])("git %s is new enough: %s", (said, enough) => {
  expect(versionRefusal(said)?.code).toBe(enough ? undefined : "git_missing");
});

test("a push report is read by ref", () => {
  const oid = "1".repeat(40);
  const lines = [
    "To /hub.git",
    ` \t${oid}:refs/heads/a\t111..222`,
    `*\t${oid}:refs/heads/b\t[new branch]`,
    `=\t${oid}:refs/heads/c\t[up to date]`,
    `-\t:refs/heads/d\t[deleted]`,
    `!\t${oid}:refs/heads/e\t[rejected] (stale info)`,
    `!\t${oid}:refs/heads/f\t[remote rejected] (hook declined)`,
    `!\t${oid}:refs/heads/g\t[remote failure] (remote failed to report status)`,
    "Done",
    "nonsense\tx",
  ];
  const fates = [...parsePushReport(lines.join("\n"))].map(([ref, report]) => [ref.slice(-1), report.fate]);
  expect(Object.fromEntries(fates)).toEqual({
    a: "accepted",
    b: "accepted",
    c: "accepted",
    d: "accepted",
    e: "rejected",
    f: "rejected",
    g: "unknown",
  });
});
