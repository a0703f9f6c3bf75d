/** All rules of `owp validate` in one list, for docs/validation.md and for tests; the codec's own codes are PROBLEMS in core. */
import { PLACE_RULES } from "./check-file.ts";
import { COMMIT_RULES } from "./commit-rules.ts";
import type { Mode } from "./commit-view.ts";
import { FILE_RULES } from "./file-rules.ts";
import { RECORD_RULES } from "./record-rules.ts";
import type { RuleRow } from "./rule.ts";

export interface ListedRule extends RuleRow {
  /** file: read by itself. record: across files. commit: between a commit and its parent. */
  scope: "file" | "record" | "commit";
  /** Which commits it judges. */
  on?: readonly Mode[];
}

const listed = (
  scope: ListedRule["scope"],
  rows: readonly (RuleRow & { on?: readonly Mode[] })[],
): ListedRule[] =>
  rows.map(({ code, severity, kinds, why, on }) => ({
    code,
    severity,
    kinds,
    why,
    scope,
    ...(on ? { on } : {}),
  }));

export const RULES: readonly ListedRule[] = [
  ...listed("file", [...PLACE_RULES, ...FILE_RULES]),
  ...listed("record", RECORD_RULES),
  ...listed("commit", COMMIT_RULES),
];
