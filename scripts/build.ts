// Builds dist/: generate, bundle with esbuild, declarations with tsc.
// `tsx scripts/build.ts [--if-needed | --bundle-only]`
import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import type { Metafile, Plugin } from "esbuild";
import { build } from "esbuild";
import { generate } from "./generate.ts";

const ROOT = fileURLToPath(new URL("..", import.meta.url));
const DIST = join(ROOT, "dist");
const MAX_CHUNKS_SHOWN = 8;

/** CommonJS dependencies ask for node's builtins with `require`; only the chunk that holds esbuild's shim needs one. */
const REQUIRE = `import{createRequire as __createRequire}from"node:module";const require=__createRequire(import.meta.url);\n`;

const COMMON = {
  absWorkingDir: ROOT,
  bundle: true,
  platform: "node",
  target: "node20",
  // For node, yaml offers CommonJS only; its other build is the same source as ES modules.
  alias: { yaml: "./node_modules/yaml/browser/index.js" },
  minifyWhitespace: true,
  minifySyntax: true,
  legalComments: "none",
  metafile: true,
  logLevel: "warning",
} as const;

/** A script that V8 runs from its cache cannot import: it requires, modules of Node among them. */
const CJS = {
  format: "cjs",
  outExtension: { ".js": ".cjs" },
  supported: { "dynamic-import": false },
} as const;

/** Large packages that few commands need: files of their own beside the program. */
const APART = ["isomorphic-git"] as const;
const apart: Plugin = {
  name: "apart",
  setup: ({ onResolve }) =>
    onResolve({ filter: new RegExp(`^(${APART.join("|")})$`) }, ({ path }) => ({
      path: `./${path}.cjs`,
      external: true,
    })),
};

/**
 * Bundles the program (one CommonJS file, for V8's cache of compiled code), what loads it, and the library into a fresh
 * dist/. Built beside it and moved in, so that dist/ is never half there.
 */
export async function bundle(): Promise<Metafile> {
  const outdir = join(ROOT, `dist.tmp-${process.pid}`);
  try {
    const program = await build({
      ...COMMON,
      ...CJS,
      entryPoints: ["src/program.ts"],
      outdir,
      plugins: [apart],
      // As src/code-cache.ts runs it.
      banner: { js: "(function(exports,require,module){" },
      footer: { js: "})" },
    });
    const hash = makeAscii(join(outdir, "program.cjs"));
    const define = { OWP_OVERVIEW: JSON.stringify(await overview()), OWP_PROGRAM: JSON.stringify(hash) };
    const main = await build({ ...COMMON, ...CJS, entryPoints: ["src/main.ts"], outdir, define });
    const rare = await build({ ...COMMON, ...CJS, entryPoints: [...APART], outdir });
    const library = await build({
      ...COMMON,
      entryPoints: ["src/lib/index.ts"],
      outdir,
      format: "esm",
      splitting: true,
    });
    for (const path of Object.keys(library.metafile.outputs)) {
      const full = join(ROOT, path);
      const code = readFileSync(full, "utf8");
      if (/\b__require\s*=/.test(code)) writeFileSync(full, REQUIRE + code);
    }
    const metafiles = [program, main, rare, library].map(({ metafile }) => metafile);
    for (const metafile of metafiles) refuseLazyCommonJs(metafile);
    rmSync(DIST, { recursive: true, force: true });
    renameSync(outdir, DIST);
    return {
      inputs: Object.assign({}, ...metafiles.map(({ inputs }) => inputs)),
      outputs: Object.assign({}, ...metafiles.map(({ outputs }) => outputs)),
    };
  } finally {
    rmSync(outdir, { recursive: true, force: true });
  }
}

/** Escapes what esbuild leaves as it is in regular expressions, so that the file is read as single bytes. Answers its hash. */
function makeAscii(file: string): string {
  const escapeOf = (unit: string) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`;
  const text = readFileSync(file, "utf8");
  if (/[^.\w]import\(/.test(text)) throw new Error(`${file} has an import() left, which cannot run there`);
  const code = text.replace(/[\u0080-\uffff]/g, escapeOf);
  writeFileSync(file, code);
  return createHash("sha256").update(code).digest("hex");
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
      const text = readFileSync(join(aside, path), "utf8").replace(
        /((?:from|import\(?)\s*"\.[^"]*)\.ts"/g,
        '$1.js"',
      );
      mkdirSync(dirname(join(DIST, path)), { recursive: true });
      writeFileSync(join(DIST, path), text);
      for (const [, target = ""] of text.matchAll(/(?:from|import\(?)\s*"(\.[^"]*)\.js"/g)) {
        const next = join(dirname(path), `${target}.d.ts`);
        if (!existsSync(join(aside, next)))
          throw new Error(`${path} refers to ${target}, which has no types`);
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
  const built = join(DIST, "main.cjs");
  if (!existsSync(built)) return false;
  const inputs = ["src", "schemas", "templates"].flatMap((dir) => filesUnder(join(ROOT, dir)));
  const latest = Math.max(...[...inputs, join(ROOT, "package.json")].map((path) => statSync(path).mtimeMs));
  return statSync(built).mtimeMs >= latest;
}

function printSizes(metafile: Metafile): void {
  const outputs = Object.entries(metafile.outputs).sort(([, a], [, b]) => b.bytes - a.bytes);
  const entries = outputs.filter(([path]) => /\/(main\.cjs|program\.cjs|index\.js)$/.test(path));
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
