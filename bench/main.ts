/** `npm run bench [-- part…]`: measures, prints, and keeps the numbers in bench/out/; `--save` puts them into bench/RESULTS.md too. */
import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { cpus, totalmem } from "node:os";
import { join } from "node:path";
import { version } from "../src/generated/version.ts";
import { markdown, printed, type Results } from "./report.ts";
import { holds, type Section } from "./section.ts";
import { ROOT } from "./stage.ts";

type Measure = () => Promise<Section | Section[]>;

const SECTIONS: Record<string, () => Promise<Measure>> = {
  startup: async () => (await import("./startup.ts")).startup,
  claim: async () => (await import("./claim.ts")).claim,
  contention: async () => (await import("./contention.ts")).contention,
  growth: async () => (await import("./growth.ts")).growth,
  scale: async () => (await import("./scale.ts")).scale,
  jobs: async () => (await import("./jobs.ts")).jobs,
  imports: async () => (await import("./imports.ts")).imports,
  objects: async () => (await import("./objects.ts")).objects,
  others: async () => (await import("./others.ts")).others,
};

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
      results.sections.push({ ...section, bench: name });
      console.log(printed(section));
    }
  }
  const out = join(ROOT, "bench", "out");
  mkdirSync(out, { recursive: true });
  writeFileSync(
    join(out, `${results.date.replaceAll(":", "-")}.json`),
    `${JSON.stringify(results, null, 2)}\n`,
  );
  if (isSaved) save(results);
  const promised = results.sections.flatMap(({ rows }) => rows).filter(({ limit }) => limit);
  const broken = promised.filter((row) => !holds(row));
  console.log(`\nbench: ${promised.length - broken.length} of ${promised.length} limits hold`);
  if (broken.length > 0) process.exitCode = 1;
}

/** Keeps what other parts measured before. */
function save(results: Results): void {
  const page = join(ROOT, "bench", "RESULTS.md");
  writeFileSync(page, markdown(results, existsSync(page) ? readFileSync(page, "utf8") : ""));
}

await main(process.argv.slice(2));
