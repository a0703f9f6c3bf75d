/** What the generated pages share. */

/** Stands under the title of a page that no one edits. */
export const MADE = "<!-- Made by `npm run docs` from the code's tables. Do not edit. -->";

/** A text for a cell of a table. */
export const cell = (text: string): string =>
  text.replaceAll("|", "\\|").replaceAll("<", "&lt;").replace(/\s+/g, " ");

export const code = (text: string): string => `\`${text.replaceAll("|", "\\|")}\``;

export const table = (head: string[], rows: string[][]): string =>
  [head, head.map(() => "---"), ...rows].map((row) => `| ${row.join(" | ")} |`).join("\n");

/** A diagram, as the hosts of git repositories draw it. */
export const mermaid = (lines: readonly string[]): string => `\`\`\`mermaid\n${lines.join("\n")}\n\`\`\``;
