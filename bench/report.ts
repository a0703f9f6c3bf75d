/** Measurements as text for a terminal and as bench/RESULTS.md, and that page read back for the README. */
import { holds, type Row, type Section } from "./section.ts";

export interface Results {
  date: string;
  machine: { cpu: string; cores: number; memory_gb: number };
  versions: { node: string; git: string; owp: string };
  sections: Measured[];
}

/** A section, and the part of the bench that measured it. */
export type Measured = Section & { bench: string };

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

const HEAD = `# What owp costs

Each ratio is of runs that took turns on the same machine; times are medians, and say little about another machine.
`;

/** The page with this run's sections; of `before`, what a part of the bench wrote that did not run this time stays. */
export function markdown(results: Results, before = ""): string {
  const ran = new Set(results.sections.map(({ bench }) => bench));
  const kept = partsOf(before).filter(({ bench }) => !ran.has(bench));
  const made = results.sections.map((section) => ({ bench: section.bench, text: partOf(section, results) }));
  const order = [...new Set([...partsOf(before), ...made].map(({ bench }) => bench))];
  const parts = [...kept, ...made].toSorted((a, b) => order.indexOf(a.bench) - order.indexOf(b.bench));
  return HEAD + parts.map(({ text }) => `\n## ${text}`).join("");
}

function partOf({ bench, name, rows, note }: Measured, { date, machine, versions }: Results): string {
  const where = `${machine.cpu}, ${machine.cores} cores, ${machine.memory_gb} GB; Node ${versions.node}, git ${versions.git}, owp ${versions.owp}`;
  const head = `${name}\n\n\`npm run bench -- ${bench}\`, ${date.slice(0, 10)}: ${where}.\n\n`;
  if (rows.length === 0) return `${head}${note ?? "Nothing was measured."}\n`;
  const lines = rows.map((row) => `| ${row.what} | ${number(row)} | ${promise(row)} |`);
  return `${head}| what | measured | promised |\n|---|---:|---|\n${lines.join("\n")}\n`;
}

const WHERE = /^`npm run bench -- (\S+)`, (.+)$/m;

function partsOf(page: string): { bench: string; where: string; text: string }[] {
  const [, ...parts] = page.split("\n## ");
  return parts.flatMap((text) => {
    const [, bench, where] = WHERE.exec(text) ?? [];
    return bench && where ? [{ bench, where, text }] : [];
  });
}

/** What a saved section says. */
export interface Saved {
  /** Date, machine and versions. */
  where: string;
  /** The measured text of each row. */
  figures: Map<string, string>;
}

/** What a saved page says, by the names of its sections. */
export function read(page: string): Map<string, Saved> {
  return new Map(
    partsOf(page).map(({ where, text }) => [text.split("\n")[0] ?? "", { where, figures: figuresIn(text) }]),
  );
}

/** Of two rows of one name the first counts: a ratio stands before its time. */
function figuresIn(section: string): Map<string, string> {
  const figures = new Map<string, string>();
  const [, ...rows] = section.matchAll(/^\| (.+?) \| (.+?) \| .*\|$/gm);
  for (const [, what = "", value = ""] of rows) if (!figures.has(what)) figures.set(what, value);
  return figures;
}
