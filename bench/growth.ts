/** What heartbeats and work leave behind in the hub and in a clone that reads, before anything is pruned. */
import { readdirSync, statSync } from "node:fs";
import { join } from "node:path";
import type { openHub } from "../src/lib/index.ts";
import type { Section } from "./section.ts";
import { git, owp, type Place, place, ROOT, record } from "./stage.ts";

const CLONES = 4;
const WORKERS_A_CLONE = 5;
const ROUNDS = 50;
/** The clone that reads looks once in so many rounds. */
const READ_EVERY = 5;
const CYCLES = 20;

export async function growth(): Promise<Section[]> {
  return [await heartbeats(), cycles()];
}

async function heartbeats(): Promise<Section> {
  const at = place(CLONES + 1);
  const names = Array.from({ length: CLONES * WORKERS_A_CLONE }, (_, i) => `w${i}`);
  record(at, names.length, names);
  const [reader = "", ...writers] = at.clones;
  owp(reader, "status");
  const store = join(reader, ".git/owp/store.git");
  const before = { commits: commits(at), hub: weigh(at.hub), reader: weigh(store) };
  const lib = (await import(process.env.OWP_LIB ?? join(ROOT, "dist/index.js"))) as {
    openHub: typeof openHub;
  };
  const hubs = await Promise.all(
    names.map((as, i) => lib.openHub({ dir: writers[i % CLONES] as string, as, env: {} })),
  );
  for (let round = 0; round < ROUNDS; round++) {
    // Those of one clone one after another, as they would come from one machine.
    await Promise.all(writers.map((_, clone) => beatAll(hubs.filter((_, i) => i % CLONES === clone))));
    if (round % READ_EVERY === READ_EVERY - 1) owp(reader, "status");
  }
  for (const hub of hubs) if (!("ok" in hub)) await hub.close();
  const [hub, read] = [weigh(at.hub), weigh(store)];
  return {
    name: `${names.length * ROUNDS} heartbeats of ${names.length} workers in ${CLONES} clones`,
    rows: [
      {
        what: "commits on the record",
        value: commits(at) - before.commits,
        unit: "count",
        limit: { at: "most", value: 0 },
      },
      { what: "objects in the hub", value: hub.objects - before.hub.objects, unit: "count" },
      { what: "bytes in the hub", value: hub.bytes - before.hub.bytes, unit: "bytes" },
      {
        what: `objects in a clone that looked ${ROUNDS / READ_EVERY} times`,
        value: read.objects - before.reader.objects,
        unit: "count",
      },
      {
        what: `bytes in a clone that looked ${ROUNDS / READ_EVERY} times`,
        value: read.bytes - before.reader.bytes,
        unit: "bytes",
      },
    ],
  };
}

async function beatAll(hubs: Awaited<ReturnType<typeof openHub>>[]): Promise<void> {
  for (const hub of hubs) {
    if ("ok" in hub) throw new Error(hub.message);
    const outcome = await hub.run("heartbeat", {});
    if (!outcome.ok) throw new Error(outcome.message);
  }
}

function cycles(): Section {
  const at = place(1);
  record(at, CYCLES, ["w0"]);
  const [dir = ""] = at.clones;
  const before = weigh(at.hub);
  for (let i = 0; i < CYCLES; i++) {
    owp(dir, "claim", "--as", "w0");
    owp(dir, "done", "--as", "w0");
  }
  const after = weigh(at.hub);
  return {
    name: "from claim to done, in the hub before gc",
    rows: [
      { what: "bytes a task", value: (after.bytes - before.bytes) / CYCLES, unit: "bytes" },
      { what: "objects a task", value: (after.objects - before.objects) / CYCLES, unit: "count" },
    ],
  };
}

const commits = (at: Place) => Number(git(at.hub, "rev-list", "--count", "owp"));

/** Objects of a repository, and the bytes of the files that hold them. */
function weigh(repository: string): { objects: number; bytes: number } {
  const counts = new Map(
    git(repository, "count-objects", "-v")
      .split("\n")
      .map((line) => line.split(": ") as [string, string]),
  );
  const files = readdirSync(join(repository, "objects"), { recursive: true, withFileTypes: true }).filter(
    (entry) => entry.isFile(),
  );
  const bytes = files.reduce((sum, entry) => sum + statSync(join(entry.parentPath, entry.name)).size, 0);
  return { objects: Number(counts.get("count")) + Number(counts.get("in-pack")), bytes };
}
