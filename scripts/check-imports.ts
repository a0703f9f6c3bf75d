// Imports point one way, and only src/main.ts ends the process. One row a folder; see docs/ARCHITECTURE.md.
// A script, not biome's noRestrictedImports: that one sees specifiers, not the folders they lead to, and no `import type`.
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join, posix } from "node:path";
import { fileURLToPath } from "node:url";

interface Row {
  /** Folders (or files) under src/ that may be imported; the own folder always may. "*" is everything. */
  uses: string[];
  /** Folders of which only types may be imported. */
  types?: string[];
  /** Packages; "node:" allows every builtin. */
  packages: string[];
}

const ROWS: Record<string, Row> = {
  core: { uses: ["generated"], packages: ["yaml", "ulid"] },
  domain: { uses: ["core", "generated"], packages: [] },
  engine: { uses: ["core", "generated"], packages: ["node:", "yaml", "simple-git", "isomorphic-git"] },
  view: { uses: ["core"], types: ["domain", "generated"], packages: [] },
  gateway: {
    uses: ["core", "domain", "engine", "view", "generated"],
    packages: ["node:", "hono", "@hono/node-server", "yaml"],
  },
  lib: {
    uses: ["core", "domain", "engine", "view", "generated"],
    packages: ["node:", "ulid", "simple-git", "yaml"],
  },
  cli: {
    uses: ["core", "domain", "engine", "view", "lib", "gateway", "generated"],
    packages: ["node:", "commander", "yaml"],
  },
  generated: { uses: [], packages: [] },
  "code-cache.ts": { uses: [], packages: ["node:"] },
  "program.ts": { uses: ["*"], packages: ["*"] },
  "main.ts": { uses: ["*"], packages: ["*"] },
};

const IMPORT = /^[ \t]*(?:import|export)\b(?<clause>[^;"'`]*?)from\s*["'](?<from>[^"']+)["']/gm;
const BARE_IMPORT = /^[ \t]*import\s*["'](?<from>[^"']+)["']/gm;
const DYNAMIC_IMPORT = /\b(?<query>typeof\s+)?import\(\s*["'`](?<from>[^"'`$]+)/g;
const ENDS_PROCESS = /\bprocess\s*\.\s*(?:exitCode\s*=(?!=)|exit\s*\()/g;
const COMMENT = /\/\*[\s\S]*?\*\/|(?<=^|\s)\/\/.*/g;

/** One sentence a violation, as "src/core/x.ts:3 …". */
function checkImports(src: string): string[] {
  return listSources(src).flatMap((path) => checkFile(path, readFileSync(join(src, path), "utf8")));
}

function checkFile(path: string, raw: string): string[] {
  const text = raw.replace(COMMENT, (comment) => comment.replace(/[^\n]/g, " "));
  const folder = path.split("/")[0] ?? "";
  const row = ROWS[folder];
  if (!row) return [`src/${path}:1 ${folder} has no row in scripts/check-imports.ts`];
  const problems: string[] = [];
  const report = (index: number, sentence: string) =>
    problems.push(`src/${path}:${text.slice(0, index).split("\n").length} ${sentence}`);

  for (const { from, isType, index } of importsOf(text)) {
    const problem = judge(path, folder, row, from, isType);
    if (problem) report(index, problem);
  }
  if (folder !== "main.ts") {
    for (const match of text.matchAll(ENDS_PROCESS)) report(match.index, "only src/main.ts ends the process");
  }
  return problems;
}

function* importsOf(text: string): Generator<{ from: string; isType: boolean; index: number }> {
  for (const match of text.matchAll(IMPORT)) {
    const { clause = "", from = "" } = match.groups ?? {};
    yield { from, isType: isTypeClause(clause), index: match.index };
  }
  for (const match of text.matchAll(BARE_IMPORT)) {
    yield { from: match.groups?.from ?? "", isType: false, index: match.index };
  }
  for (const match of text.matchAll(DYNAMIC_IMPORT)) {
    yield { from: match.groups?.from ?? "", isType: match.groups?.query !== undefined, index: match.index };
  }
}

/** `type { A }`, or `{ type A, type B }` where every name is a type. */
function isTypeClause(clause: string): boolean {
  if (/^\s*type\s/.test(clause)) return true;
  const names = /^\s*\{([^}]*)\}\s*$/.exec(clause)?.[1]?.split(",") ?? [];
  const written = names.map((name) => name.trim()).filter((name) => name !== "");
  return written.length > 0 && written.every((name) => name.startsWith("type "));
}

function judge(path: string, folder: string, row: Row, from: string, isType: boolean): string | undefined {
  if (row.uses.includes("*")) return undefined;
  if (!from.startsWith(".")) {
    const name = from.startsWith("node:") ? "node:" : packageName(from);
    return row.packages.includes(name) ? undefined : `${folder} may not import ${from}`;
  }
  const target = posix.join(posix.dirname(path), from).split("/")[0] ?? "";
  if (target === folder || row.uses.includes(target)) return undefined;
  if (row.types?.includes(target)) {
    return isType ? undefined : `${folder} may import only types from ${target} (import type)`;
  }
  return `${folder} may not import ${target}`;
}

function packageName(from: string): string {
  return from
    .split("/")
    .slice(0, from.startsWith("@") ? 2 : 1)
    .join("/");
}

function listSources(src: string): string[] {
  if (!existsSync(src)) return [];
  return readdirSync(src, { recursive: true, encoding: "utf8" })
    .map((path) => path.replaceAll("\\", "/"))
    .filter((path) => /\.[cm]?[jt]sx?$/.test(path) && !path.startsWith("generated/"))
    .sort();
}

const problems = checkImports(fileURLToPath(new URL("../src", import.meta.url)));
for (const problem of problems) console.error(problem);
console.log(`imports: ${problems.length === 0 ? "point one way" : `${problems.length} violations`}`);
if (problems.length > 0) process.exitCode = 1;
