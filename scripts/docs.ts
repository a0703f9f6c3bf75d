// Pages that are made from the code's tables: `npm run docs`. A test holds them to the tables.
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import type { Command } from "../src/cli/command.ts";
import { commands } from "../src/cli/commands.ts";
import { EXIT_MEANS, exitsOf } from "../src/cli/exits.ts";
import { argName, fieldOf, fieldsOf } from "../src/cli/fields.ts";
import { GLOBALS } from "../src/cli/globals.ts";
import { describe, flagsOf, GROUPS, usageOf } from "../src/cli/help.ts";
import { PROBLEMS } from "../src/core/problem.ts";
import { ERRORS, EXIT } from "../src/core/refusal.ts";
import { BY_HAND, REPAIRS } from "../src/domain/repair/rows.ts";
import { RULES } from "../src/domain/validate/rules.ts";

const ROOT = fileURLToPath(new URL("..", import.meta.url));
const MADE = "<!-- Made by `npm run docs` from the code's tables. Do not edit. -->";

/** The pages by their paths. */
export async function renderDocs(): Promise<Record<string, string>> {
  return {
    "docs/errors.md": renderErrors(),
    "docs/commands.md": await renderCommands(),
    "docs/validation.md": renderValidation(),
  };
}

const cell = (text: string): string =>
  text.replaceAll("|", "\\|").replaceAll("<", "&lt;").replace(/\s+/g, " ");
const code = (text: string): string => `\`${text.replaceAll("|", "\\|")}\``;
const table = (head: string[], rows: string[][]): string =>
  [head, head.map(() => "---"), ...rows].map((row) => `| ${row.join(" | ")} |`).join("\n");

function renderErrors(): string {
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

async function renderCommands(): Promise<string> {
  const shown = commands.filter((command) => !command.hidden);
  const sections: string[] = [];
  for (const [group, title] of GROUPS) {
    const members = shown.filter((command) => command.group === group);
    if (members.length > 0) sections.push(`## ${title}`, ...(await Promise.all(members.map(renderCommand))));
  }
  const globals = table(
    ["option", "what it does"],
    GLOBALS.map((row) => [code(row.flags), cell(row.help)]),
  );
  return `# Commands

${MADE}

## Everywhere

These options may stand before or behind the command. \`owp help <topic>\` explains what several commands share.

${globals}

${sections.join("\n\n")}
`;
}

async function renderCommand(command: Command): Promise<string> {
  const { schema } = await command.load();
  const usage = ["owp", command.name, usageOf(command), "[options]"].filter((part) => part !== "").join(" ");
  const words = command.args.map((arg) => {
    const name = argName(arg);
    return [
      code(name.replaceAll("_", "-")),
      cell(describe(fieldOf(name, schema.properties?.[name] ?? {}, schema))),
    ];
  });
  const options = fieldsOf(schema, command.args).map((field) => [
    code(flagsOf(field)),
    cell(describe(field)),
  ]);
  const rows = [...words, ...options];
  const parts = [
    `### owp ${command.name}`,
    `${command.summary}.`,
    `\`\`\`\n${usage}\n\`\`\``,
    rows.length > 0 ? table(["word or option", "what it says"], rows) : "",
    `\`\`\`sh\n${command.examples.join("\n")}\n\`\`\``,
    `Exit statuses: ${exitsOf(command)
      .map((name) => EXIT[name])
      .join(", ")}. ${command.offline ? "May wait for `owp sync` with `--offline`." : ""}`.trim(),
  ];
  return parts.filter((part) => part !== "").join("\n\n");
}

const SCOPES = {
  file: "Each file by itself",
  record: "Across the files of a record",
  commit: "Between a commit and its parent (`--range`)",
} as const;

function renderValidation(): string {
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

if (import.meta.url === pathToFileURL(process.argv[1] ?? "").href) {
  for (const [path, text] of Object.entries(await renderDocs())) {
    const full = join(ROOT, path);
    if (existsSync(full) && readFileSync(full, "utf8") === text) continue;
    writeFileSync(full, text);
    console.log(`docs: ${path}`);
  }
}
