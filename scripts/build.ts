// Builds dist/: generate, bundle with esbuild, declarations with tsc.
// `tsx scripts/build.ts [--if-needed | --bundle-only]`
import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import type { Metafile } from "esbuild";
import { build } from "esbuild";
import { generate } from "./generate.ts";

const ROOT = fileURLToPath(new URL("..", import.meta.url));
const DIST = join(ROOT, "dist");
const MAX_CHUNKS_SHOWN = 8;

/** CommonJS dependencies ask for node's builtins with `require`; only the chunk that holds esbuild's shim needs one. */
const REQUIRE = `import{createRequire as __createRequire}from"node:module";const require=__createRequire(import.meta.url);\n`;

/** Bundles src/main.ts and src/lib/index.ts into a fresh dist/. Built beside it and moved in, so that dist/ is never half there. */
export async function bundle(): Promise<Metafile> {
  const temporary = join(ROOT, `dist.tmp-${process.pid}`);
  try {
    const { metafile } = await build({
      absWorkingDir: ROOT,
      entryPoints: { main: "src/main.ts", index: "src/lib/index.ts" },
      outdir: temporary,
      bundle: true,
      format: "esm",
      platform: "node",
      target: "node20",
      splitting: true,
      define: { OWP_OVERVIEW: JSON.stringify(await overview()) },
      // For node, yaml offers CommonJS only; its other build is the same source as ES modules.
      alias: { yaml: "./node_modules/yaml/browser/index.js" },
      minifyWhitespace: true,
      minifySyntax: true,
      legalComments: "none",
      metafile: true,
      logLevel: "warning",
    });
    for (const path of Object.keys(metafile.outputs)) {
      const full = join(ROOT, path);
      const code = readFileSync(full, "utf8");
      if (/\b__require\s*=/.test(code)) writeFileSync(full, REQUIRE + code);
    }
    refuseLazyCommonJs(metafile);
    rmSync(DIST, { recursive: true, force: true });
    renameSync(temporary, DIST);
    return metafile;
  } finally {
    rmSync(temporary, { recursive: true, force: true });
  }
}

/** What `owp --help` prints, in colour: part of the bundle's first file, so that it starts as fast as `--version`. */
async function overview(): Promise<string> {
  const { commands } = await import("../src/cli/commands.ts");
  const { renderOverview } = await import("../src/cli/help.ts");
  return renderOverview(commands, { color: true, width: 100, now: 0, compact: false });
}

/** `await import("x")` of CommonJS has named exports from source but only `default` when bundled: fail here, not there. */
function refuseLazyCommonJs({ inputs }: Metafile): void {
  for (const [path, input] of Object.entries(inputs)) {
    for (const { kind, path: target, external } of input.imports) {
      if (kind === "dynamic-import" && !external && inputs[target]?.format === "cjs") {
        throw new Error(
          `${path} imports ${target} lazily, which is CommonJS: import it statically in a lazy module`,
        );
      }
    }
  }
}

/** Writes the .d.ts files that the library's own leads to, and refuses one that points at nothing. */
function declarations(): void {
  const aside = `${DIST}.types-${process.pid}`;
  try {
    const tsc = join(ROOT, "node_modules", "typescript", "bin", "tsc");
    const args = [tsc, "-p", join(ROOT, "tsconfig.types.json"), "--outDir", aside];
    if (spawnSync(process.execPath, args, { stdio: "inherit" }).status !== 0) throw new Error("tsc failed");
    const wanted = ["lib/index.d.ts"];
    for (const path of wanted) {
      const text = readFileSync(join(aside, path), "utf8").replace(/((?:from|import\(?)\s*"\.[^"]*)\.ts"/g, '$1.js"');
      mkdirSync(dirname(join(DIST, path)), { recursive: true });
      writeFileSync(join(DIST, path), text);
      for (const [, target = ""] of text.matchAll(/(?:from|import\(?)\s*"(\.[^"]*)\.js"/g)) {
        const next = join(dirname(path), `${target}.d.ts`);
        if (!existsSync(join(aside, next))) throw new Error(`${path} refers to ${target}, which has no types`);
        if (!wanted.includes(next)) wanted.push(next);
      }
    }
  } finally {
    rmSync(aside, { recursive: true, force: true });
  }
}

function filesUnder(dir: string): string[] {
  if (!existsSync(dir)) return [];
  return readdirSync(dir, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name));
}

function isFresh(): boolean {
  const built = join(DIST, "main.js");
  if (!existsSync(built)) return false;
  const inputs = ["src", "schemas"].flatMap((dir) => filesUnder(join(ROOT, dir)));
  const latest = Math.max(...[...inputs, join(ROOT, "package.json")].map((path) => statSync(path).mtimeMs));
  return statSync(built).mtimeMs >= latest;
}

function printSizes(metafile: Metafile): void {
  const outputs = Object.entries(metafile.outputs).sort(([, a], [, b]) => b.bytes - a.bytes);
  const entries = outputs.filter(([path]) => /\/(main|index)\.js$/.test(path));
  const chunks = outputs.filter((output) => !entries.includes(output));
  const total = outputs.reduce((sum, [, output]) => sum + output.bytes, 0);
  for (const [path, output] of [...entries, ...chunks.slice(0, MAX_CHUNKS_SHOWN)]) {
    const name = path.replace(/^dist\.tmp-\d+/, "dist");
    console.log(`  ${`${(output.bytes / 1024).toFixed(1)} kB`.padStart(10)}  ${name}`);
  }
  console.log(`build: ${outputs.length} files, ${(total / 1024).toFixed(1)} kB`);
}

async function main(args: string[]): Promise<void> {
  if (args.includes("--if-needed") && isFresh()) return;
  await generate(join(ROOT, "schemas"), join(ROOT, "src", "generated"));
  const metafile = await bundle();
  if (!args.includes("--bundle-only")) declarations();
  printSizes(metafile);
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? "").href) await main(process.argv.slice(2));
