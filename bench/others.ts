/**
 * Claims of several clones at once with other task tools for git repositories, each by its own guide (the recipe is
 * others-loop.sh). They are installed from the npm registry into a temporary folder, at these versions; one that cannot
 * be had, or does not run here, is left out and the result says why.
 *
 * Both keep tasks as files on the code's branch and leave sharing to git, so what is compared is what a worker can rely on
 * when it believes that a task is its own, and what that costs. They do much that owp does not, and nothing here measures
 * it. Not among them: tools that fetch a binary from elsewhere when they are installed (Beads), or need a newer git than
 * owp does (tbd: 2.42).
 */
import { existsSync } from "node:fs";
import { join } from "node:path";
import type { Row, Section } from "./section.ts";
import {
  git,
  median,
  OWP,
  type Place,
  place,
  quantile,
  ROOT,
  record,
  run,
  succeed,
  sum,
  tempDir,
} from "./stage.ts";

const CLONES = 6;
const CLAIMS = 5;

interface Tool {
  name: string;
  /** What npm installs, in exact versions. */
  packages: string[];
  /** The command that must be there then. */
  bin: string;
  /** Its name in others-loop.sh. */
  loop: "backlog" | "seeds";
  init: string[];
  create: (title: string) => string[];
  /** Of each task that is taken: its id and who has it, as the tool itself says in a fresh clone. */
  list: string[];
  holders: (listed: string) => [task: string, worker: string][];
}

const TOOLS: readonly Tool[] = [
  {
    name: "Backlog.md 1.52.0",
    packages: ["backlog.md@1.52.0"],
    bin: "backlog",
    loop: "backlog",
    init: ["init", "bench", "--defaults", "--agent-instructions", "none"],
    create: (title) => ["task", "create", title, "--plain"],
    list: ["task", "list", "--status", "In Progress", "--json"],
    holders: (listed) =>
      (JSON.parse(listed) as { tasks: { id: string; assignees: string[] }[] }).tasks.map(
        ({ id, assignees }) => [id, assignees.join().replace("@", "")],
      ),
  },
  {
    name: "Seeds 0.5.13",
    packages: ["@os-eco/seeds-cli@0.5.13", "bun@1.4.5"],
    bin: "sd",
    loop: "seeds",
    init: ["init"],
    create: (title) => ["create", "--title", title],
    list: ["list", "--status", "in_progress", "--limit", "1000", "--json"],
    holders: (listed) =>
      (JSON.parse(listed) as { issues: { id: string; assignee: string }[] }).issues.map(
        ({ id, assignee }) => [id, assignee],
      ),
  },
];

/** What a worker was told: it has this task. */
interface Told {
  ms: number;
  attempts: number;
  conflicts: number;
  task: string;
  worker: string;
}

interface Race {
  told: Told[];
  wallMs: number;
  gaveUp: number;
  /** Who has each task in the end, on the remote. */
  holders: Map<string, string>;
}

export async function others(clones = CLONES, claims = CLAIMS): Promise<Section[]> {
  const title = (name: string) => `${clones} clones, ${claims} claims each, with ${name}`;
  const sections = [{ name: title("owp"), rows: rowsOf(await raceOwp(clones, claims), true) }];
  for (const tool of TOOLS) {
    const bin = await install(tool);
    if (typeof bin === "string")
      sections.push({ name: title(tool.name), rows: rowsOf(await raceTool(tool, bin, clones, claims)) });
    else sections.push({ name: title(tool.name), rows: [], ...bin });
  }
  return sections;
}

function rowsOf({ told, wallMs, gaveUp, holders }: Race, isOwp = false): Row[] {
  const tasks = new Set(told.map(({ task }) => task));
  const twice = [...tasks].filter((id) => told.filter(({ task }) => task === id).length > 1);
  const lost = told.filter(({ task, worker }) => holders.get(task) !== worker);
  const ms = told.map((one) => one.ms);
  const none: Pick<Row, "limit"> = isOwp ? { limit: { at: "most", value: 0 } } : {};
  return [
    { what: "claims that a worker believes in", value: told.length, unit: "count" },
    { what: "tasks that two or more believe to be theirs", value: twice.length, unit: "count", ...none },
    { what: "claims that are another's in the end", value: lost.length, unit: "count", ...none },
    {
      what: "conflicts at which a worker had to stop",
      value: sum(told.map((one) => one.conflicts)),
      unit: "count",
    },
    {
      what: "push attempts a claim",
      value: sum(told.map((one) => one.attempts)) / told.length,
      unit: "count",
    },
    { what: "a claim, median", value: median(ms), unit: "ms" },
    { what: "a claim, p95", value: quantile(ms, 0.95), unit: "ms" },
    { what: "claims", value: told.length / (wallMs / 1000), unit: "per s" },
    { what: "workers that gave up", value: gaveUp, unit: "count", ...none },
  ];
}

/** All clones at once; each worker makes its claims one after another. */
async function race(
  at: Place,
  work: (dir: string, name: string) => Promise<Told[]>,
): Promise<Omit<Race, "holders">> {
  const began = performance.now();
  const all = await Promise.allSettled(at.clones.map((dir, i) => work(dir, `w${i}`)));
  for (const one of all) if (one.status === "rejected") process.stderr.write(`${one.reason}\n`);
  return {
    wallMs: performance.now() - began,
    told: all.flatMap((one) => (one.status === "fulfilled" ? one.value : [])),
    gaveUp: all.filter((one) => one.status === "rejected").length,
  };
}

async function raceOwp(clones: number, claims: number): Promise<Race> {
  const at = place(clones);
  const names = at.clones.map((_, i) => `w${i}`);
  record(at, clones * claims + 5, names);
  const raced = await race(at, async (cwd, worker) => {
    const told: Told[] = [];
    for (let n = 0; n < claims; n++) {
      const words = ["claim", "--another", "--json", "--as", worker];
      const { ms, stdout } = await succeed(process.execPath, [OWP, ...words], { cwd });
      const answer = JSON.parse(stdout) as {
        attempts?: number;
        result: { tasks: { id: string; already_held?: true }[] };
      };
      const task = answer.result.tasks.find((one) => !one.already_held)?.id ?? "";
      told.push({ ms, attempts: answer.attempts ?? 1, conflicts: 0, task, worker });
    }
    return told;
  });
  return { ...raced, holders: leasesIn(at) };
}

/** Read with git alone: what the branch says. */
function leasesIn(at: Place): Map<string, string> {
  const found = git(at.hub, "grep", "-h", "-E", "^(task|worker): ", "owp", "--", "leases").replaceAll(
    "\n",
    " ",
  );
  return new Map(
    [...found.matchAll(/task: (\S+) worker: (\S+)/g)].map(([, task = "", worker = ""]) => [task, worker]),
  );
}

async function raceTool(tool: Tool, bin: string, clones: number, claims: number): Promise<Race> {
  const env = { PATH: `${bin}:${process.env.PATH}` };
  const at = place(clones);
  const [first] = at.clones as [string];
  await succeed(tool.bin, tool.init, { cwd: first, env });
  for (let i = 0; i < clones * claims + 5; i++)
    await succeed(tool.bin, tool.create(`Task ${i}`), { cwd: first, env });
  git(first, "add", "-A");
  git(first, "commit", "-q", "-m", "tasks");
  git(first, "push", "-q", "origin", "main");
  for (const dir of at.clones) {
    git(dir, "pull", "-q", "--rebase", "origin", "main");
    git(dir, "branch", "-q", "-u", "origin/main");
  }
  const raced = await race(at, async (dir, worker) => {
    const loop = join(ROOT, "bench/others-loop.sh");
    const { stdout } = await succeed("bash", [loop, tool.loop, dir, worker, String(claims)], { env });
    return stdout
      .trim()
      .split("\n")
      .map((line) => {
        const [ms = 0, attempts = 0, conflicts = 0] = line.split(" ").map(Number);
        return { ms, attempts, conflicts, task: line.split(" ")[3] ?? "", worker };
      });
  });
  const fresh = join(tempDir(), "fresh");
  git(at.hub, "clone", "-q", at.hub, fresh);
  const { stdout } = await succeed(tool.bin, tool.list, { cwd: fresh, env });
  return { ...raced, holders: new Map(tool.holders(stdout)) };
}

/** The folder of its command, or why there is none. npm is the machine's, with its registry. */
async function install({ name, packages, bin }: Tool): Promise<string | { note: string }> {
  const dir = tempDir();
  const words = ["install", "--prefix", dir, "--no-audit", "--no-fund", "--loglevel=error", ...packages];
  const installed = await run("npm", words, { env: process.env }).catch((error: Error) => ({
    code: 1,
    stderr: error.message,
  }));
  const folder = join(dir, "node_modules/.bin");
  if (installed.code !== 0 || !existsSync(join(folder, bin)))
    return { note: `${name} could not be installed from the npm registry: ${firstLine(installed.stderr)}` };
  const asked = await run(join(folder, bin), ["--version"], {
    env: { PATH: `${folder}:${process.env.PATH}` },
  });
  const version = asked.stdout.trim().split("\n").at(-1) ?? "";
  if (asked.code === 0 && name.endsWith(version) && version !== "") return folder;
  return { note: `${name} does not run here: ${firstLine(asked.stderr) || `it calls itself ${version}`}` };
}

const firstLine = (text: string): string => text.trim().split("\n")[0]?.slice(0, 200) ?? "";
