// Everything that must hold before a commit: `npm run check`. One line a stage; output only of a stage that fails.
import { spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const ROOT = fileURLToPath(new URL("..", import.meta.url));

interface Stage {
  name: string;
  /** A file under node_modules, run by node. */
  bin: string;
  args: string[];
}

const TSX = "tsx/dist/cli.mjs";
const BUNDLE: Stage = { name: "bundle", bin: TSX, args: ["scripts/build.ts", "--bundle-only"] };
/** They only read, so they run side by side. */
const STATIC: Stage[] = [
  { name: "types", bin: "typescript/bin/tsc", args: ["--noEmit"] },
  { name: "lint", bin: "@biomejs/biome/bin/biome", args: ["ci", "--colors=off", "."] },
  { name: "imports", bin: TSX, args: ["scripts/check-imports.ts"] },
  { name: "unused", bin: "knip/bin/knip.js", args: ["--no-progress"] },
];
const TESTS: Stage = { name: "tests", bin: "vitest/vitest.mjs", args: ["run"] };

/** Answers whether the stage passed. A live stage writes straight to the terminal. */
async function run(stage: Stage, live = false): Promise<boolean> {
  const started = performance.now();
  const bin = join(ROOT, "node_modules", stage.bin);
  if (!existsSync(bin)) {
    console.log(`FAIL ${stage.name}: ${stage.bin} is not installed, run npm ci`);
    return false;
  }
  const child = spawn(process.execPath, [bin, ...stage.args], {
    cwd: ROOT,
    stdio: ["ignore", live ? "inherit" : "pipe", live ? "inherit" : "pipe"],
  });
  const chunks: Buffer[] = [];
  child.stdout?.on("data", (chunk: Buffer) => chunks.push(chunk));
  child.stderr?.on("data", (chunk: Buffer) => chunks.push(chunk));
  const status = await new Promise<number | null>((resolve, reject) => {
    child.on("error", reject);
    child.on("close", resolve);
  });
  const seconds = ((performance.now() - started) / 1000).toFixed(1);
  if (status !== 0) process.stdout.write(Buffer.concat(chunks));
  console.log(`${status === 0 ? "ok  " : "FAIL"} ${stage.name} (${seconds} s)`);
  return status === 0;
}

// Generated modules and dist/ come first: the types need the one, the end-to-end tests the other.
let passed = await run(BUNDLE);
if (passed) {
  const results = await Promise.all(STATIC.map((stage) => run(stage)));
  passed = results.every(Boolean);
  passed = (await run(TESTS, true)) && passed;
}
console.log(passed ? "check: all stages passed" : "check: FAILED");
process.exitCode = passed ? 0 : 1;
