/** The cache of compiled code: kept, taken up, refused when it is another program's or garbled, and never in the way. */
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { loadProgram } from "../src/code-cache.ts";

interface Sum {
  sum(n: number): number;
}

const wrapped = (body: string) => `(function(exports,require,module){${body}\n})`;
const ADDS = wrapped("module.exports = { sum: (n) => require('node:path') && n + 1 };");
/** Of the same length, so that V8 alone takes it for the same program. */
const TAKES = ADDS.replace("n + 1", "n - 1");

let dir: string;
let file: string;
const caches = (folder = dir) => readdirSync(folder).filter((name) => name.endsWith(".cache"));
const cachePath = () => join(dir, caches()[0] ?? "");
const commands = () =>
  JSON.parse(readFileSync(cachePath(), "latin1").split("\n")[0] ?? "").commands as string[];

function run(hash: string, command: string): number {
  const program = loadProgram<Sum>(file, hash);
  const answer = program.exports.sum(1);
  program.keep(command);
  return answer;
}

beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), "owp-code-"));
  file = join(dir, "program.cjs");
  writeFileSync(file, ADDS);
});
afterEach(() => rmSync(dir, { recursive: true, force: true }));

describe("the code cache", () => {
  test("is made by the first command, and added to by each other one", () => {
    expect(run("a", "claim")).toBe(2);
    expect(commands()).toEqual(["claim"]);
    const before = readFileSync(cachePath());
    expect(run("a", "claim")).toBe(2);
    expect(readFileSync(cachePath()).equals(before)).toBe(true);
    expect(run("a", "done")).toBe(2);
    expect(commands()).toEqual(["claim", "done"]);
    expect(caches()).toHaveLength(1);
  });

  test("of another program of the same length is not run", () => {
    run("a", "claim");
    writeFileSync(file, TAKES);
    expect(run("b", "claim")).toBe(0);
    expect(commands()).toEqual(["claim"]);
    expect(run("b", "claim")).toBe(0);
  });

  const SPOILT: Record<string, (bytes: Buffer) => Buffer> = {
    empty: () => Buffer.alloc(0),
    "cut off": (bytes) => bytes.subarray(0, bytes.length / 2),
    "without a header": (bytes) => bytes.subarray(bytes.indexOf(10) + 1),
    "of other bytes": (bytes) => bytes.fill(7, bytes.indexOf(10) + 41, bytes.indexOf(10) + 49),
  };
  test.each(Object.keys(SPOILT))("that is %s is made again", (what) => {
    run("a", "claim");
    writeFileSync(cachePath(), SPOILT[what]?.(readFileSync(cachePath())) ?? "");
    expect(run("a", "done")).toBe(2);
    expect(commands()).toEqual(["done"]);
  });

  test("lies in the user's cache folder where none can be written beside the program", () => {
    const home = mkdtempSync(join(tmpdir(), "owp-home-"));
    const before = process.env.XDG_CACHE_HOME;
    process.env.XDG_CACHE_HOME = home;
    // Root may write anywhere, but not a file over a folder.
    mkdirSync(join(dir, `program-${process.version}-${process.arch}.cache`));
    try {
      expect(run("a", "claim")).toBe(2);
      expect(run("a", "claim")).toBe(2);
      expect(caches(join(home, "owp"))).toHaveLength(1);
      expect(readdirSync(dir)).toHaveLength(2);
    } finally {
      rmSync(home, { recursive: true });
      if (before === undefined) delete process.env.XDG_CACHE_HOME;
      else process.env.XDG_CACHE_HOME = before;
    }
  });
});
