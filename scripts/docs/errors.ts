/** docs/errors.md: exit statuses and error codes. */
import { EXIT_MEANS } from "../../src/cli/exits.ts";
import { ERRORS, EXIT } from "../../src/core/refusal.ts";
import { cell, code, MADE, table } from "./markdown.ts";

export function renderErrors(): string {
  const names = Object.keys(EXIT) as (keyof typeof EXIT)[];
  const statuses = table(
    ["status", "meaning"],
    names.map((name) => [String(EXIT[name]), EXIT_MEANS[name]]),
  );
  const codes = table(
    ["code", "exit", "HTTP", "what it means", "next"],
    Object.entries(ERRORS).map(([name, row]) => [
      code(name),
      String(row.exit),
      String(row.http),
      cell(row.means),
      cell(row.hint),
    ]),
  );
  return `# Exit statuses and error codes

${MADE}

A refusal is an answer: it says what happened and what is still safe, and names the next command. Scripts read the exit
status, or with \`--json\` the code in the envelope on standard error. A code keeps its name and its exit status.

## Exit statuses

${statuses}

## Error codes

\`next\` is the hint where the refusal has no better one.

${codes}
`;
}
