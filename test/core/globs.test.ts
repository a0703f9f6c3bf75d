import { describe, expect, test } from "vitest";
import { covers, isGlob, overlap, precision } from "../../src/core/globs.ts";

describe("a glob covers a path", () => {
  const rows: [glob: string, path: string, covered: boolean][] = [
    ["src/auth/**", "src/auth/login.ts", true],
    ["src/auth/**", "src/auth/a/b/c.ts", true],
    ["src/auth/**", "src/authentic/login.ts", false],
    ["src/auth", "src/auth/login.ts", false],
    ["src/auth/**", "src/auth", false],
    ["src/auth/**", "src/auth/", true],
    ["src/auth/*.ts", "src/auth/", false],
    ["src/**", "src/auth/", true],
    ["*/**", "README.md", false],
    ["src/auth/", "src/auth/login.ts", true],
    ["src/auth", "src/auth", true],
    ["src/auth/login.ts", "src/auth", false],
    ["*.md", "README.md", true],
    ["*.md", "docs/README.md", false],
    ["**/*.md", "docs/a/README.md", true],
    ["**/*.md", "README.md", true],
    ["src/*/api/**", "src/web/api/x.ts", true],
    ["src/*/api/**", "src/web/v1/api/x.ts", false],
    ["src/**/test/*.ts", "src/test/a.ts", true],
    ["src/?.ts", "src/a.ts", true],
    ["src/?.ts", "src/ab.ts", false],
    ["{web,api}/**/*.{ts,tsx}", "api/x/y.tsx", true],
    ["{web,api}/**/*.{ts,tsx}", "lib/x/y.tsx", false],
    ["src/.github/*", "src/.github/x.yml", true],
    ["app/(auth)/**", "app/(auth)/page.tsx", true],
    ["**", "anything/at/all", true],
    ["**", ".", true],
    ["src/a*c*e.ts", "src/abcde.ts", true],
    ["src/a*c*e.ts", "src/abde.ts", false],
    ["über/**", "über/straße.ts", true],
    ["SRC/**", "src/x", false],
  ];
  test.each(rows)("%s, %s: %s", (glob, path, covered) => {
    expect(isGlob(glob)).toBe(true);
    expect(covers(glob, path)).toBe(covered);
  });
});

describe("two globs have a path in common", () => {
  const rows: [a: string, b: string, shared: boolean][] = [
    ["web/**", "web/login/**", true],
    ["web/", "web/login/form.ts", true],
    ["web", "web/login/form.ts", false],
    ["**/*.md", "src/**/*.ts", false],
    ["**/*.md", "src/**", true],
    ["web/**", "api/**", false],
    ["src/*.ts", "src/login*", true],
    ["src/*.ts", "src/*.md", false],
    ["src/a*.ts", "src/b*.ts", false],
    ["**/*.test.ts", "src/auth/**", true],
    ["*/x", "a/*", true],
    ["a/b", "a/c", false],
    ["{a,b}/c", "{b,d}/*", true],
    ["{a,b}/c", "{d,e}/*", false],
    ["a/**/z", "a/b/**", true],
    ["?/x", "ab/x", false],
  ];
  test.each(rows)("%s, %s: %s", (a, b, shared) => {
    expect([overlap(a, b), overlap(b, a)]).toEqual([shared, shared]);
  });
});

describe("no glob", () => {
  test.each([
    "",
    "/src",
    "../x",
    "src/../x",
    "./src",
    "a//b",
    "src/[ab]",
    "!src",
    "a\\b",
    "a\nb",
    "{a",
    "{a}",
    "{a,{b,c}}",
    "@(a|b)",
    "x".repeat(201),
    "{a,b}{a,b}{a,b}{a,b}{a,b}{a,b}{a,b}",
  ])("%j", (glob) => {
    expect(isGlob(glob)).toBe(false);
  });
});

test("the longer text before the first wildcard is the more precise glob, then the longer text in all", () => {
  const globs = ["**", "*.md", "src/**", "src/**/*.ts", "src/auth", "src/auth/**", "src/auth/login.ts"];
  const sorted = [...globs].sort((a, b) => {
    const [x, y] = [precision(a), precision(b)];
    return x[0] - y[0] || x[1] - y[1];
  });
  expect(sorted).toEqual([
    "**",
    "*.md",
    "src/**",
    "src/**/*.ts",
    "src/auth",
    "src/auth/**",
    "src/auth/login.ts",
  ]);
});

test("a hostile glob in a file takes no time: braces beyond the limit count as a star", () => {
  const bomb = "{a,b}".repeat(39);
  expect(covers(bomb, "a".repeat(39))).toBe(true);
  expect(covers(`${"*a".repeat(90)}b`, `${"a".repeat(2000)}c`)).toBe(false);
});
