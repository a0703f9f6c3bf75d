/** Globs against a library that many rely on, and against every path of a small world. */

// @ts-expect-error: it has no types.
import untyped from "picomatch";
import { describe, expect, it } from "vitest";
import { covers, isGlob, overlap } from "../../src/core/globs.ts";
import { fc } from "../helpers/chance.ts";

const picomatch: (globs: string[], options: object) => (path: string) => boolean = untyped;

/** Small alphabets, so that what is made by chance often meets. */
const letter = fc.constantFrom("a", "b");
const literal = fc.array(letter, { minLength: 1, maxLength: 2 }).map((letters) => letters.join(""));
const pattern = fc
  .array(fc.constantFrom("a", "b", "*", "?"), { minLength: 1, maxLength: 3 })
  .map((parts) => parts.join("").replaceAll(/\*+/g, "*"));
const braces = fc.array(literal, { minLength: 2, maxLength: 3 }).map((parts) => `{${parts.join(",")}}`);
const segment = fc.oneof(
  { weight: 4, arbitrary: pattern },
  { weight: 2, arbitrary: fc.constant("**") },
  { weight: 1, arbitrary: braces },
);
/** Four braces of three would be more alternatives than a glob may have. */
const bracesIn = (segments: string[]) => segments.filter((one) => one.startsWith("{")).length;
const glob = fc
  .array(segment, { minLength: 1, maxLength: 4 })
  .filter((segments) => bracesIn(segments) < 4)
  .map((segments) => segments.join("/"));
const path = fc.array(literal, { minLength: 1, maxLength: 4 }).map((names) => names.join("/"));

describe("globs", () => {
  it("cover what picomatch matches", () => {
    fc.assert(
      fc.property(glob, path, (one, at) => {
        expect(isGlob(one)).toBe(true);
        // Its `a/**` means the folder a itself too.
        const files = one.replace(/(^|\/)\*\*$/, "$1**/*");
        expect(covers(one, at)).toBe(picomatch([files], { dot: true })(at));
      }),
      { numRuns: 5000 },
    );
  });

  it("that cover one path share one, and sharing is symmetric", () => {
    fc.assert(
      fc.property(glob, glob, path, (a, b, at) => {
        expect(overlap(a, b)).toBe(overlap(b, a));
        if (covers(a, at) && covers(b, at)) expect(overlap(a, b)).toBe(true);
        expect(overlap(a, a)).toBe(true);
      }),
      { numRuns: 5000 },
    );
  });

  it("that share a path share one of a small world", () => {
    // Long enough for what `aa*` and `*bb` share.
    const names = words(4);
    const world = [1, 2, 3, 4].flatMap((depth) => pathsOf(names, depth));
    const short = fc.array(segment, { minLength: 1, maxLength: 2 }).map((segments) => segments.join("/"));
    fc.assert(
      fc.property(short, short, (a, b) => {
        const found = world.some((at) => covers(a, at) && covers(b, at));
        expect(overlap(a, b)).toBe(found);
      }),
      { numRuns: 150 },
    );
  });
});

/** Every word of up to so many letters of the alphabet. */
function words(most: number): string[] {
  let level = [""];
  const all: string[] = [];
  for (let length = 1; length <= most; length++) {
    level = level.flatMap((word) => ["a", "b"].map((one) => word + one));
    all.push(...level);
  }
  return all;
}

function pathsOf(names: readonly string[], depth: number): string[] {
  if (depth === 1) return [...names];
  // Two levels of all names, and below them one name: deeper ones add nothing that `**` does not show.
  const above = pathsOf(depth > 2 ? names.slice(0, 2) : names, depth - 1);
  return above.flatMap((head) => names.map((name) => `${head}/${name}`));
}
