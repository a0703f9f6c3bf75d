/** The README's figures: exactly those of the last saved run of the bench, or how to get them. */
import { read } from "../../bench/report.ts";
import { table } from "./markdown.ts";

const OPEN = "<!-- measured: made from bench/RESULTS.md by `npm run docs` -->";
const CLOSE = "<!-- /measured -->";

/** What the README says of a row, and where that row stands. */
const ROWS: readonly { says: string; section: string; row: string }[] = [
  {
    says: "one claim, against the git processes that no claim can do without",
    section: "one claim on an idle hub by path",
    row: "against node -e 0 + git fetch + git fast-import + git push",
  },
  {
    says: "the command's start, against bare Node",
    section: "start-up, against node -e 0",
    row: "owp --version",
  },
  ...["long-lived workers, times the loop", "a process a claim, times the loop"].map((row) => ({
    says: `claims a second of 8 clones at once: ${row} of the blog posts`,
    section: "contention: 8 clones, 10 claims each, against the loop of the blog posts",
    row,
  })),
  {
    says: "the slowest twentieth of these claims, against the loop's: a process a claim",
    section: "contention: 8 clones, 10 claims each, against the loop of the blog posts",
    row: "a process a claim: p95 against the loop's",
  },
  {
    says: "bytes that a task adds to the hub from claim to done, before gc",
    section: "from claim to done, in the hub before gc",
    row: "bytes a task",
  },
];

const SHARED = /^(\d+ clones, \d+ claims each), with (.+)$/;

/** A README with its measured part. */
export function withMeasured(readme: string, results: string | undefined): string {
  const [open, close] = [readme.indexOf(OPEN), readme.indexOf(CLOSE)];
  if (open < 0 || close < open) throw new Error(`README.md has no part between ${OPEN} and ${CLOSE}`);
  return `${readme.slice(0, open + OPEN.length)}\n${measured(results)}\n${readme.slice(close)}`;
}

function measured(results: string | undefined): string {
  if (results === undefined)
    return "No run of the bench has been saved yet. `npm run bench -- --save` measures on your machine, and says which of\nthe limits that owp promises hold.";
  const { measured: where, sections } = read(results);
  const rows = ROWS.flatMap(({ says, section, row }) => {
    const found = sections.get(section);
    if (!found) return [];
    return [[says, figureIn(found, section, row)]];
  });
  const parts = [
    where,
    rows.length > 0 ? table(["", "measured"], rows) : "",
    others(sections),
    "All of it, with what is promised: [bench/RESULTS.md](bench/RESULTS.md).",
  ];
  return parts.filter((part) => part !== "").join("\n\n");
}

function figureIn(rows: Map<string, string>, section: string, row: string): string {
  const value = rows.get(row);
  if (value === undefined) throw new Error(`bench/RESULTS.md: "${section}" has no row "${row}"`);
  return value;
}

/** The same race with owp and with other tools, side by side. */
function others(sections: Map<string, Map<string, string>>): string {
  const found = [...sections].flatMap(([name, rows]) => {
    const [, race = "", tool = ""] = SHARED.exec(name) ?? [];
    return tool ? [{ race, tool, rows }] : [];
  });
  const [first] = found;
  if (!first) return "";
  const head = [first.race, ...found.map(({ tool }) => tool)];
  const lines = [...first.rows.keys()].map((what) => [
    what,
    ...found.map(({ rows }) => rows.get(what) ?? "not measured"),
  ]);
  return `${table(head, lines)}\n\nEach tool by its own guide, the recipe is in [bench/others-loop.sh](bench/others-loop.sh); what else they do is not measured.`;
}
