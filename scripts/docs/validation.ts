/** docs/validation.md: every rule of `owp validate`, and what `owp repair` does about them. */
import { PROBLEMS } from "../../src/core/problem.ts";
import { EXIT } from "../../src/core/refusal.ts";
import { BY_HAND, REPAIRS } from "../../src/domain/repair/rows.ts";
import { RULES } from "../../src/domain/validate/rules.ts";
import { cell, code, MADE, table } from "./markdown.ts";

const SCOPES = {
  file: "Each file by itself",
  record: "Across the files of a record",
  commit: "Between a commit and its parent (`--range`)",
} as const;

export function renderValidation(): string {
  const reading = table(
    ["code", "why a file cannot be read"],
    Object.entries(PROBLEMS).map(([name, means]) => [code(name), cell(means)]),
  );
  const scopes = (Object.keys(SCOPES) as (keyof typeof SCOPES)[]).map((scope) => {
    const rows = RULES.filter((rule) => rule.scope === scope);
    const lines = rows.map(({ code: name, severity, kinds, why }) => [
      code(name),
      severity,
      kinds.join(", "),
      cell(why),
    ]);
    return `## ${SCOPES[scope]}\n\n${table(["code", "severity", "files", "why the rule stands"], lines)}`;
  });
  return `# What \`owp validate\` checks

${MADE}

An error makes the exit status ${EXIT.invalid_record}; a warning does not. A file that cannot be read stops nothing else: an
unreadable lease counts as held, an unreadable dependency as not done.

## Reading a file

${reading}

${scopes.join("\n\n")}

## What \`owp repair\` mends

From the first row to the last, and again until nothing is left to mend; all of it is one commit.

${table(
  ["codes", "what is done"],
  REPAIRS.map(({ codes, does }) => [codes.map(code).join(" "), cell(does)]),
)}

The rest needs a person.

${table(
  ["code", "what to do"],
  Object.entries(BY_HAND).map(([name, todo]) => [code(name), cell(todo)]),
)}
`;
}
