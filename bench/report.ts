/** Measurements as text for a terminal and as bench/RESULTS.md, and that page read back for the README. */
import { holds, type Row, type Section } from "./section.ts";

export interface Results {
  date: string;
  machine: { cpu: string; cores: number; memory_gb: number };
  versions: { node: string; git: string; owp: string };
  sections: Section[];
}

const DIGITS: Record<Row["unit"], number> = { x: 2, ms: 0, s: 1, MB: 0, bytes: 0, count: 1, "per s": 1 };

function number({ value, unit }: Row): string {
  const text = value.toLocaleString("en", {
    maximumFractionDigits: DIGITS[unit],
    minimumFractionDigits: unit === "x" ? 2 : 0,
  });
  return unit === "count" ? text : `${text} ${unit}`;
}

function promise(row: Row): string {
  if (!row.limit) return "";
  return `at ${row.limit.at} ${number({ ...row, value: row.limit.value })}: ${holds(row) ? "holds" : "DOES NOT HOLD"}`;
}

export function printed({ name, rows, note }: Section): string {
  const width = Math.max(...rows.map(({ what }) => what.length));
  const lines = rows.map((row) =>
    `  ${row.what.padEnd(width)}  ${number(row).padStart(14)}  ${promise(row)}`.trimEnd(),
  );
  return `\n${[name, ...(note ? [`  ${note}`] : []), ...lines].join("\n")}`;
}

export function markdown({ date, machine, versions, sections }: Results): string {
  const head = `# What owp costs

Measured by \`npm run bench\` on ${date.slice(0, 10)}: ${machine.cpu}, ${machine.cores} cores, ${machine.memory_gb} GB; Node ${versions.node}, git ${versions.git}, owp ${versions.owp}.
Each ratio is of runs that took turns on the same machine; times are medians, and say little about another machine.
`;
  return head + sections.map(sectionOf).join("");
}

function sectionOf({ name, rows, note }: Section): string {
  if (rows.length === 0) return `\n## ${name}\n\n${note ?? "Nothing was measured."}\n`;
  const lines = rows.map((row) => `| ${row.what} | ${number(row)} | ${promise(row)} |`);
  return `\n## ${name}\n\n| what | measured | promised |\n|---|---:|---|\n${lines.join("\n")}\n`;
}

/** What a saved page says: its second paragraph, and for each section the measured text of each row. */
export function read(page: string): { measured: string; sections: Map<string, Map<string, string>> } {
  const [head = "", ...parts] = page.split("\n## ");
  const sections = parts.map((part) => [part.split("\n")[0] ?? "", figuresIn(part)] as const);
  return { measured: head.split("\n\n")[1]?.trim() ?? "", sections: new Map(sections) };
}

/** Of two rows of one name the first counts: a ratio stands before its time. */
function figuresIn(section: string): Map<string, string> {
  const figures = new Map<string, string>();
  const [, ...rows] = section.matchAll(/^\| (.+?) \| (.+?) \| .*\|$/gm);
  for (const [, what = "", value = ""] of rows) if (!figures.has(what)) figures.set(what, value);
  return figures;
}
