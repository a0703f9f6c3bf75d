/** `npm run bench [-- section…]`: measures, prints, and keeps the numbers in bench/out/; `--save` writes bench/RESULTS.md too. */
import { execFileSync } from "node:child_process";
import { mkdirSync, writeFileSync } from "node:fs";
import { cpus, totalmem } from "node:os";
import { join } from "node:path";
import { version } from "../src/generated/version.ts";
import { holds, type Row, type Section } from "./section.ts";
import { ROOT } from "./stage.ts";

type Measure = () => Promise<Section | Section[]>;

const SECTIONS: Record<string, () => Promise<Measure>> = {
  startup: async () => (await import("./startup.ts")).startup,
  claim: async () => (await import("./claim.ts")).claim,
  contention: async () => (await import("./contention.ts")).contention,
  growth: async () => (await import("./growth.ts")).growth,
  scale: async () => (await import("./scale.ts")).scale,
};

interface Results {
  date: string;
  machine: { cpu: string; cores: number; memory_gb: number };
  versions: { node: string; git: string; owp: string };
  sections: Section[];
}

function here(): Omit<Results, "sections"> {
  const cores = cpus();
  return {
    date: new Date().toISOString(),
    machine: {
      cpu: cores[0]?.model ?? "unknown",
      cores: cores.length,
      memory_gb: Math.round(totalmem() / 1e9),
    },
    versions: {
      node: process.version,
      git: execFileSync("git", ["version"], { encoding: "utf8" }).trim().replace("git version ", ""),
      owp: version,
    },
  };
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

function printed({ name, rows }: Section): string {
  const width = Math.max(...rows.map(({ what }) => what.length));
  const lines = rows.map((row) =>
    `  ${row.what.padEnd(width)}  ${number(row).padStart(14)}  ${promise(row)}`.trimEnd(),
  );
  return `\n${name}\n${lines.join("\n")}`;
}

function markdown({ date, machine, versions, sections }: Results): string {
  const head = `# What owp costs

Measured by \`npm run bench\` on ${date.slice(0, 10)}: ${machine.cpu}, ${machine.cores} cores, ${machine.memory_gb} GB; Node ${versions.node}, git ${versions.git}, owp ${versions.owp}.
Each ratio is of runs that took turns on the same machine; times are medians, and say little about another machine.
`;
  const tables = sections.map(({ name, rows }) => {
    const lines = rows.map((row) => `| ${row.what} | ${number(row)} | ${promise(row)} |`);
    return `\n## ${name}\n\n| what | measured | promised |\n|---|---:|---|\n${lines.join("\n")}\n`;
  });
  return head + tables.join("");
}

async function main(args: readonly string[]): Promise<void> {
  const isSaved = args.includes("--save");
  const wanted = args.filter((arg) => arg !== "--save");
  const unknown = wanted.filter((name) => !(name in SECTIONS));
  if (unknown.length > 0)
    throw new Error(`no such section: ${unknown.join(", ")}; there are ${Object.keys(SECTIONS).join(", ")}`);
  const results: Results = { ...here(), sections: [] };
  for (const [name, load] of Object.entries(SECTIONS)) {
    if (wanted.length > 0 && !wanted.includes(name)) continue;
    process.stderr.write(`bench: ${name}…\n`);
    const measure = await load();
    for (const section of [await measure()].flat()) {
      results.sections.push(section);
      console.log(printed(section));
    }
  }
  const out = join(ROOT, "bench", "out");
  mkdirSync(out, { recursive: true });
  writeFileSync(
    join(out, `${results.date.replaceAll(":", "-")}.json`),
    `${JSON.stringify(results, null, 2)}\n`,
  );
  if (isSaved) writeFileSync(join(ROOT, "bench", "RESULTS.md"), markdown(results));
  const promised = results.sections.flatMap(({ rows }) => rows).filter(({ limit }) => limit);
  const broken = promised.filter((row) => !holds(row));
  console.log(`\nbench: ${promised.length - broken.length} of ${promised.length} limits hold`);
  if (broken.length > 0) process.exitCode = 1;
}

await main(process.argv.slice(2));
