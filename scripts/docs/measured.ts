/** The README's figures: exactly those that the bench saved last, or how to get them. */
import { read, type Saved } from "../../bench/report.ts";
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
  const sections = read(results);
  const quoted = ROWS.flatMap(({ says, section, row }) => {
    const found = sections.get(section);
    return found ? [{ where: found.where, cells: [says, figureIn(found, section, row)] }] : [];
  });
  const shared = sharedRaces(sections);
  const where = [...new Set([...quoted, ...shared.map(({ saved }) => saved)].map((each) => each.where))];
  const parts = [
    where.map((each) => `Measured by \`npm run bench\` on ${each}`).join("\n"),
    "Each ratio is of runs that took turns on the same machine; times are medians, and say little about another machine.",
    quoted.length > 0
      ? table(
          ["", "measured"],
          quoted.map(({ cells }) => cells),
        )
      : "",
    others(shared),
    "All of it, with what is promised: [bench/RESULTS.md](bench/RESULTS.md).",
  ];
  return parts.filter((part) => part !== "").join("\n\n");
}

function figureIn({ figures }: Saved, section: string, row: string): string {
  const value = figures.get(row);
  if (value === undefined) throw new Error(`bench/RESULTS.md: "${section}" has no row "${row}"`);
  return value;
}

interface SharedRace {
  race: string;
  tool: string;
  saved: Saved;
}

const sharedRaces = (sections: Map<string, Saved>): SharedRace[] =>
  [...sections].flatMap(([name, saved]) => {
    const [, race = "", tool = ""] = SHARED.exec(name) ?? [];
    return tool ? [{ race, tool, saved }] : [];
  });

/** The same race with owp and with other tools, side by side. */
function others(found: readonly SharedRace[]): string {
  const [first] = found;
  if (!first) return "";
  const head = [first.race, ...found.map(({ tool }) => tool)];
  const lines = [...first.saved.figures.keys()].map((what) => [
    what,
    ...found.map(({ saved }) => saved.figures.get(what) ?? "not measured"),
  ]);
  return `${table(head, lines)}\n\nEach tool by its own guide, the recipe is in [bench/others-loop.sh](bench/others-loop.sh); what else they do is not measured.`;
}
