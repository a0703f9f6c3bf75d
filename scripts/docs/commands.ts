/** docs/commands.md: every command with its words, options, examples and exit statuses. */
import type { Command } from "../../src/cli/command.ts";
import { commands } from "../../src/cli/commands.ts";
import { exitsOf } from "../../src/cli/exits.ts";
import { argName, fieldOf, fieldsOf } from "../../src/cli/fields.ts";
import { GLOBALS } from "../../src/cli/globals.ts";
import { describe, flagsOf, GROUPS, usageOf } from "../../src/cli/help.ts";
import { EXIT } from "../../src/core/refusal.ts";
import { cell, code, MADE, table } from "./markdown.ts";

export async function renderCommands(): Promise<string> {
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
