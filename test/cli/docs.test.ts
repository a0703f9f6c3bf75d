import { existsSync, readdirSync, readFileSync } from "node:fs";
import { dirname, join, normalize } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";
import { markdown } from "../../bench/report.ts";
import { withMeasured } from "../../scripts/docs/measured.ts";
import { renderDocs } from "../../scripts/docs.ts";
import { ERRORS } from "../../src/core/refusal.ts";
import { STATES } from "../../src/domain/tasks/state.ts";
import { ACTS } from "../../src/domain/tasks/transitions.ts";

const ROOT = fileURLToPath(new URL("../..", import.meta.url));
const read = (path: string) => readFileSync(join(ROOT, path), "utf8");
const pages = await renderDocs();

test.each(Object.keys(pages))("%s is what the tables say (npm run docs)", (path) => {
  expect(read(path)).toBe(pages[path]);
});

test("every error code has its row", () => {
  for (const code of Object.keys(ERRORS)) expect(pages["docs/errors.md"]).toContain(`| \`${code}\` |`);
});

test("every state and act stands in the diagram of a task and in the table", () => {
  const page = pages["docs/state-machines.md"] ?? "";
  const [diagram = ""] = /```mermaid[\s\S]*?```/.exec(page) ?? [];
  for (const state of STATES) expect(page).toContain(`\`${state}\``);
  for (const state of STATES.filter((one) => one !== "broken")) expect(diagram).toMatch(`\n    ${state}\n`);
  for (const act of ACTS) {
    expect(page).toContain(`| \`${act}\` |`);
    expect(diagram).toMatch(new RegExp(`\\|(.*, )?${act}(, .*)?\\|`));
  }
});

test("every stored field says what it means", () => {
  const empty = (pages["docs/fields.md"] ?? "").split("\n").filter((line) => line.endsWith("|  |"));
  expect(empty).toEqual([]);
});

describe("links", () => {
  const paths = readdirSync(join(ROOT, "docs"), { recursive: true, encoding: "utf8" }).map(
    (name) => `docs/${name}`,
  );
  const written = [
    "README.md",
    "CONTRIBUTING.md",
    "llms.txt",
    ...paths.filter((path) => path.endsWith(".md")),
  ];
  const LINK = /\[[^\]]*\]\(([^)\s#]*)(#[^)\s"]+)?(?: "([^"]+)")?\)/g;

  test.each(written)("of %s lead somewhere, and tests that it names are there", (path) => {
    for (const [link, to = "", anchor, title] of read(path).matchAll(LINK)) {
      if (/^[a-z]+:/.test(to)) continue;
      const target = to === "" ? path : normalize(join(dirname(path), to));
      expect(existsSync(join(ROOT, target)), link).toBe(true);
      if (title) expect(read(target).includes(title), link).toBe(true);
      if (anchor) expect(anchorsOf(read(target)), link).toContain(anchor);
    }
  });
});

/** As the hosts make them of headings, and those that are written out. */
function anchorsOf(page: string): string[] {
  const headings = [...page.matchAll(/^#+ (.*)$/gm)].map(([, text = ""]) => text.toLowerCase());
  const made = headings.map((text) => `#${text.replace(/[^\w\- ]/g, "").replaceAll(" ", "-")}`);
  return [...made, ...[...page.matchAll(/<a id="([^"]+)">/g)].map(([, id]) => `#${id}`)];
}

describe("the README's figures", () => {
  const README =
    "before\n<!-- measured: made from bench/RESULTS.md by `npm run docs` -->\nold\n<!-- /measured -->\nafter\n";
  const row = (what: string, value: number, unit: "x" | "count" = "x") => ({ what, value, unit });
  const saved = (
    sections: { name: string; rows: ReturnType<typeof row>[]; note?: string; bench?: string }[],
    before = "",
    day = "02",
  ) =>
    markdown(
      {
        date: `2026-01-${day}T03:04:05.000Z`,
        machine: { cpu: "A machine", cores: 2, memory_gb: 8 },
        versions: { node: "v20.0.0", git: "2.39.5", owp: "0.1.0" },
        sections: sections.map((section) => ({ bench: "some", ...section })),
      },
      before,
    );

  test("are those of the last saved run", () => {
    const readme = withMeasured(
      README,
      saved([
        {
          name: "start-up, against node -e 0",
          rows: [row("owp --version", 1.234), row("owp --version", 57, "count")],
        },
        { name: "2 clones, 3 claims each, with owp", rows: [row("twice", 0, "count")] },
        { name: "2 clones, 3 claims each, with Another 1.0", rows: [row("twice", 7, "count")] },
        { name: "2 clones, 3 claims each, with Missing 2.0", rows: [], note: "could not be had" },
      ]),
    );
    expect(readme).toMatch(/^before\n<!-- measured[\s\S]*<!-- \/measured -->\nafter\n$/);
    expect(readme).toContain("on 2026-01-02: A machine, 2 cores");
    expect(readme).toContain("| the command's start, against bare Node | 1.23 x |");
    expect(readme).toContain("| 2 clones, 3 claims each | owp | Another 1.0 | Missing 2.0 |");
    expect(readme).toContain("| twice | 0 | 7 | not measured |");
    expect(readme).not.toContain("old");
    expect(withMeasured(readme, undefined)).toContain("npm run bench -- --save");
  });

  test("keep what another part of the bench measured on another day", () => {
    const startup = { name: "start-up, against node -e 0", bench: "startup" };
    const race = { name: "2 clones, 3 claims each, with owp", bench: "others" };
    const first = saved([
      { ...startup, rows: [row("owp --version", 1)] },
      { ...race, rows: [row("twice", 5, "count")] },
    ]);
    const later = saved([{ ...startup, rows: [row("owp --version", 2)] }], first, "09");
    expect(later.match(/^## .*$/gm)).toEqual([`## ${startup.name}`, `## ${race.name}`]);
    const readme = withMeasured(README, later);
    expect(readme).toContain("on 2026-01-09: A machine");
    expect(readme).toContain("on 2026-01-02: A machine");
    expect(readme).toContain("| 2.00 x |");
    expect(readme).toContain("| twice | 5 |");
  });

  test("are not made up where a run lacks a row, or the README the place for them", () => {
    const lacking = saved([{ name: "start-up, against node -e 0", rows: [row("owp --help", 1)] }]);
    expect(() => withMeasured(README, lacking)).toThrow('no row "owp --version"');
    expect(() => withMeasured("before\nafter\n", undefined)).toThrow("no part between");
  });
});
