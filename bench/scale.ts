/** What commands cost as a record grows: a hundred tasks, ten thousand, a hundred thousand with few or all of them open. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { encode } from "../src/core/codec.ts";
import { nthId } from "../src/core/ids.ts";
import { pathOf } from "../src/core/paths.ts";
import type { Row, Section } from "./section.ts";
import { ENV, git, median, OWP, owp, type Place, place, ROOT, succeed } from "./stage.ts";

interface Size {
  name: string;
  tasks: number;
  open: number;
  /** A claim's time as a multiple of that among a hundred tasks. */
  claimAtMost?: number;
}

const SIZES: readonly Size[] = [
  { name: "100 tasks", tasks: 100, open: 100 },
  { name: "10,000 tasks", tasks: 10_000, open: 10_000, claimAtMost: 1.3 },
  { name: "100,000 tasks, 5,000 open", tasks: 100_000, open: 5_000, claimAtMost: 1.6 },
  { name: "100,000 tasks, all open", tasks: 100_000, open: 100_000, claimAtMost: 3 },
];
const COMMANDS: readonly string[][] = [
  ["claim", "--another", "--as", "w0"],
  ["ready"],
  ["list"],
  ["status"],
  ["validate"],
];
const ROUNDS = 9;
/** Whole looks at the record: too long to repeat. */
const SLOW = new Set(["validate"]);
const MEMORY_LIMIT_MB = 300;
const WORKERS = 50;
const FIRST_ID = "01k00000000000000000000000";

export async function scale(): Promise<Section[]> {
  const places: Place[] = [];
  const cold: Row[] = [];
  for (const size of SIZES) {
    const at = place(1);
    owp(at.clones[0] as string, "init", "--repo", "bench", "--as", "w0");
    for (let i = 0; i < 2; i++)
      owp(
        at.clones[0] as string,
        "worker",
        "edit",
        "w0",
        "--capacity-points",
        "100",
        "--max-concurrent-tasks",
        "20",
        "--as",
        "w0",
      );
    await fill(at.hub, size);
    cold.push(...(await firstLook(at, size)));
    places.push(at);
  }
  return [...(await warm(places)), { name: "first command after a clone", rows: cold }];
}

/** Each command at each size in turn, so that whatever else the machine does strikes all sizes. */
async function warm(places: readonly Place[]): Promise<Section[]> {
  const dirs = places.map(({ clones }) => clones[0] as string);
  const sections: Section[] = [];
  for (const words of COMMANDS) {
    const [name = ""] = words;
    const times = dirs.map((): number[] => []);
    for (let round = 0; round < (SLOW.has(name) ? 1 : ROUNDS); round++) {
      for (const [i, dir] of dirs.entries())
        times[i]?.push((await succeed(process.execPath, [OWP, ...words], { cwd: dir })).ms);
    }
    const [base = []] = times;
    const rows: Row[] = [];
    for (const [i, size] of SIZES.entries()) {
      const ms = times[i] ?? [];
      const ratio: Row = {
        what: `${size.name}, against 100`,
        value: median(ms.map((each, round) => each / (base[round] ?? 1))),
        unit: "x",
      };
      if (name === "claim" && size.claimAtMost) ratio.limit = { at: "most", value: size.claimAtMost };
      rows.push({ what: size.name, value: median(ms), unit: "ms" });
      if (i > 0) rows.push(ratio);
      const peak = await peakMb(dirs[i] as string, words);
      rows.push({
        what: `${size.name}, peak memory`,
        value: peak,
        unit: "MB",
        limit: { at: "most", value: MEMORY_LIMIT_MB },
      });
    }
    sections.push({ name: `owp ${name}, warm`, rows });
  }
  return sections;
}

/** The largest memory of the process itself; those that it starts do not count. */
async function peakMb(dir: string, words: readonly string[]): Promise<number> {
  const { stderr } = await succeed(process.execPath, ["-r", join(ROOT, "bench/peak.cjs"), OWP, ...words], {
    cwd: dir,
  });
  return Number(/^peak (\d+)/m.exec(stderr)?.[1]) / 1024;
}

/** The first command in a new clone: it fetches the whole record and makes the index. */
async function firstLook(at: Place, size: Size): Promise<Row[]> {
  const dir = join(at.hub, "..", "new");
  git(join(at.hub, ".."), "clone", "-q", at.hub, dir);
  const { ms } = await succeed(process.execPath, [OWP, "status"], { cwd: dir });
  return [{ what: size.name, value: ms / 1000, unit: "s" }];
}

/** Adds tasks to a record in one commit, straight into the hub: text by text through one fast-import. */
export async function fill(hub: string, { tasks, open }: Size): Promise<void> {
  const base = git(hub, "rev-parse", "owp");
  const child = spawn("git", ["fast-import", "--quiet"], {
    cwd: hub,
    env: ENV,
    stdio: ["pipe", "ignore", "inherit"],
  });
  const write = async (text: string) => child.stdin.write(text) || (await once(child.stdin, "drain"));
  const data = (text: string) => `data ${Buffer.byteLength(text)}\n${text}\n`;
  await write(
    `commit refs/heads/owp\ncommitter bench <bench@example.org> ${Math.floor(Date.now() / 1000)} +0000\n${data("tasks\n")}from ${base}\n`,
  );
  for (let i = 0; i < tasks; i++) {
    const id = `t_${nthId(FIRST_ID, i)}`;
    const path = pathOf("Task", id);
    await write(`M 100644 inline ${path}\n${data(encode(path, task(i, id, i >= tasks - open)))}`);
  }
  child.stdin.end("done\n");
  const [code] = await once(child, "close");
  if (code !== 0) throw new Error(`git fast-import ended with ${code}`);
}

function task(i: number, id: string, isOpen: boolean): object {
  const at = "2026-01-01T00:00:00Z";
  return {
    kind: "Task",
    id,
    title: `Task ${i}: make the ${i % 97}th part of the thing work as it should`,
    repo: "bench",
    status: isOpen ? "ready" : "done",
    priority: 10 + (i % 90),
    estimate: 1 + (i % 5),
    labels: [`group-${i % 20}`],
    created_at: at,
    created_by: "w0",
    ...(!isOpen && { outcome: { epoch: 1, attempt: 1, worker: `w${i % WORKERS}`, at } }),
  };
}
