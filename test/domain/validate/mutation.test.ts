/**
 * Every rule of history has a forged history that it alone catches: with all rules the commit is named by that rule and no
 * other, and with that rule taken out it passes. So no rule can go, or stop working, without a test that says so.
 */
import { describe, expect, test } from "vitest";
import { COMMIT_RULES } from "../../../src/domain/validate/commit-rules.ts";
import { GOVERNANCE_ROWS } from "./forged/governance.ts";
import { OBJECT_ROWS } from "./forged/objects.ts";
import { RUN_ROWS } from "./forged/runs.ts";
import { SIGNATURE_ROWS } from "./forged/signatures.ts";
import { TASK_ROWS } from "./forged/tasks.ts";
import { checkForged, type Row } from "./support.ts";

const ROWS: readonly Row[] = [
  ...TASK_ROWS,
  ...OBJECT_ROWS,
  ...RUN_ROWS,
  ...SIGNATURE_ROWS,
  ...GOVERNANCE_ROWS,
];

describe("each forged history is caught by one rule", () => {
  test.each(ROWS)("%s: %s", (code, _name, forged) => {
    expect(checkForged(forged).map((finding) => finding.code)).toEqual([code]);
    const others = COMMIT_RULES.filter((rule) => rule.code !== code);
    expect(checkForged(forged, others)).toEqual([]);
  });
});

test("each rule catches one, no two rules share a code, and no history is for a rule that is not there", () => {
  const rules = COMMIT_RULES.map(({ code }) => code);
  const caught = new Set(ROWS.map(([code]) => code));
  expect(rules.filter((code) => !caught.has(code))).toEqual([]);
  expect([...caught].filter((code) => !rules.includes(code))).toEqual([]);
  expect(new Set(rules).size).toBe(rules.length);
});
