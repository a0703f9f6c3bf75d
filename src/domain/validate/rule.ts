/** What the rules of all three checks have in common, so that one table and one page of docs hold them all. */
import { lineFinder } from "../../core/codec.ts";
import type { Kind } from "../../core/paths.ts";
import type { PRIME_PATH } from "../../core/prime-file.ts";
import type { Problem, Rules } from "../../core/snapshot.ts";

/** Where in a file's value something stands, for instance `["outcome", "epoch"]`. */
export type Keys = readonly (string | number)[];

/** A problem with the place in the file's value and the commit that made it, where these are known. */
export interface Finding extends Problem {
  keys?: Keys;
  /** Of a circle: all tasks that reach each other. */
  members?: readonly string[];
  /** The commit's id, from a check of a range. */
  commit?: string;
}

/** What a rule answers: the row's code and severity are added by whoever runs the table. */
export interface Found {
  /** Left out where the rule looks at one file only. */
  path?: string;
  keys?: Keys;
  /** 1-based, where the rule knows the line itself. */
  line?: number;
  members?: readonly string[];
  message: string;
}

/** What every row says of itself, whatever it checks. */
export interface RuleRow {
  code: string;
  severity: Problem["severity"];
  /** The kinds of file that it reads. */
  kinds: readonly (Kind | typeof PRIME_PATH)[];
  /** Why the rule stands, for people who meet it: one sentence. */
  why: string;
}

/** A row of a table: pure, never throws on values that the schemas accept. */
export interface Rule<Subject> extends RuleRow {
  check(subject: Subject): Iterable<Found>;
}

/** Runs a table over one subject. `path` is where findings stand that name no path of their own. */
export function* applyRules<Subject>(
  rules: Iterable<Rule<Subject>>,
  subject: Subject,
  path: string,
): Iterable<Finding> {
  for (const { code, severity, check } of rules) {
    for (const found of check(subject)) yield { path, ...found, code, severity };
  }
}

/** What the policy says of warnings: those that it names count as errors here. */
export const judgedBy = (findings: Iterable<Finding>, { raised }: Pick<Rules, "raised">): Finding[] =>
  [...findings].map((finding) =>
    finding.severity === "warning" && raised.has(finding.code) ? { ...finding, severity: "error" } : finding,
  );

/** Adds lines to the findings of one file: those that know only their keys. The text is read when the first one needs it. */
export function withLines(findings: Iterable<Finding>, text: string): Finding[] {
  let find: ReturnType<typeof lineFinder> | undefined;
  return [...findings].map((finding) => {
    if (finding.line !== undefined || finding.keys === undefined) return finding;
    find ??= lineFinder(text);
    return { ...finding, line: find(finding.keys) };
  });
}
