/** Ten thousand issues of GitHub brought in at once: one commit and one push, against git alone writing the same files. */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Section } from "./section.ts";
import { git, median, OWP, owp, type Place, place, ROOT, succeed, tempDir } from "./stage.ts";

const ISSUES = 10_000;
const ROUNDS = 3;
const MEMORY_LIMIT_MB = 300;

export async function imports(): Promise<Section> {
  const file = join(tempDir(), "issues.json");
  writeFileSync(file, JSON.stringify(Array.from({ length: ISSUES }, (_, at) => issue(at + 1))));
  const [first, again, byHand, peaks]: number[][] = [[], [], [], []];
  let [commits, pushes] = [0, 0];
  for (let round = 0; round < ROUNDS; round++) {
    const at = place(1);
    const [dir] = at.clones as [string];
    owp(dir, "init", "--repo", "bench", "--as", "max");
    git(at.hub, "config", "core.logAllRefUpdates", "true");
    const bring = () =>
      succeed(process.execPath, ["-r", join(ROOT, "bench/peak.cjs"), OWP, "import", file, "--as", "max"], {
        cwd: dir,
      });
    const before = git(at.hub, "rev-parse", "owp");
    const { ms, stderr } = await bring();
    first?.push(ms);
    peaks?.push(Number(/^peak (\d+)/m.exec(stderr)?.[1]) / 1024);
    commits = Number(git(at.hub, "rev-list", "--count", `${before}..owp`));
    pushes = git(at.hub, "reflog", "show", "owp").split("\n").filter(Boolean).length;
    byHand?.push(await sameByHand(at, before));
    again?.push((await bring()).ms);
  }
  const ratio = median((first ?? []).map((ms, round) => ms / (byHand?.[round] ?? 1)));
  return {
    name: `owp import of ${ISSUES.toLocaleString("en")} issues`,
    rows: [
      { what: "commits on the record", value: commits, unit: "count", limit: { at: "most", value: 1 } },
      { what: "pushes", value: pushes, unit: "count", limit: { at: "most", value: 1 } },
      {
        what: "the first time, against git fast-import + git push of the same files",
        value: ratio,
        unit: "x",
      },
      { what: "the first time", value: median(first ?? []) / 1000, unit: "s" },
      { what: "again, when nothing has changed", value: median(again ?? []) / 1000, unit: "s" },
      {
        what: "peak memory",
        value: Math.max(...(peaks ?? [])),
        unit: "MB",
        limit: { at: "most", value: MEMORY_LIMIT_MB },
      },
    ],
  };
}

/** The same files, made into a commit by git alone and pushed to another branch. */
async function sameByHand(at: Place, base: string): Promise<number> {
  const clone = join(at.hub, "..", "hand.git");
  git(at.hub, "clone", "-q", "--bare", "--single-branch", "--branch", "main", at.hub, clone);
  git(clone, "fetch", "-q", at.hub, `${base}:refs/heads/owp`);
  const refspec = "refs/heads/owp:refs/heads/hand";
  const input = git(at.hub, "fast-export", `--refspec=${refspec}`, `${base}..owp`);
  const made = await succeed("git", ["fast-import", "--quiet"], { cwd: clone, input: `${input}\n` });
  const pushed = await succeed("git", ["push", "-q", at.hub, "hand"], { cwd: clone });
  return made.ms + pushed.ms;
}

function issue(number: number): object {
  return {
    ...{
      number,
      title: `Issue ${number}: the ${number % 97}th part does not do what it should`,
      state: "OPEN",
    },
    url: `https://github.com/octo/web/issues/${number}`,
    body: `${`What happens, what should happen, and how to see it, step ${number}.\r\n`.repeat(12)}`,
    labels: [{ name: "bug" }, { name: `priority:${number % 100}` }, { name: `estimate:${1 + (number % 5)}` }],
    assignees: number % 3 === 0 ? [{ login: `user-${number % 40}` }] : [],
    milestone: number % 4 === 0 ? { title: `${number % 7}.0` } : null,
  };
}
