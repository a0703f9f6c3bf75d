/** One claim on an idle hub by path, against the processes that no claim can do without, run for the same change. */
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { paired } from "./pairs.ts";
import type { Section } from "./section.ts";
import { git, OWP, type Place, place, record, succeed } from "./stage.ts";

const ROUNDS = 15;
const LIMIT = { at: "most", value: 1.5 } as const;

export async function claim(): Promise<Section> {
  const [at, by] = [place(1), place(1)];
  for (const each of [at, by]) record(each, ROUNDS + 5, ["w0"]);
  const [dir] = at.clones as [string];
  const owp = async () =>
    (await succeed(process.execPath, [OWP, "claim", "--another", "--as", "w0"], { cwd: dir })).ms;
  const { first, second, ratio } = await paired(ROUNDS, owp, byHand(by));
  return {
    name: "one claim on an idle hub by path",
    rows: [
      {
        what: "against node -e 0 + git fetch + git fast-import + git push",
        value: ratio,
        unit: "x",
        limit: LIMIT,
      },
      { what: "owp claim", value: first, unit: "ms" },
      { what: "the four processes", value: second, unit: "ms" },
    ],
  };
}

/** Writes a lease as a claim does, with git alone. Answers a function that makes one more. */
export function byHand(at: Place): () => Promise<number> {
  const clone = join(at.hub, "..", "hand.git");
  mkdirSync(clone);
  git(clone, "init", "-q", "--bare");
  git(clone, "remote", "add", "origin", at.hub);
  git(clone, "fetch", "-q", "origin", "+owp:owp");
  const tasks = git(clone, "ls-tree", "-r", "--name-only", "owp", "tasks/").split("\n");
  return async () => {
    const task = tasks.pop() as string;
    const id = task.replace(/.*\/|\.yaml$/g, "");
    const base = git(clone, "rev-parse", "owp");
    let ms = (await succeed(process.execPath, ["-e", "0"], { cwd: clone })).ms;
    ms += (await succeed("git", ["fetch", "-q", "origin", "owp"], { cwd: clone })).ms;
    ms += (
      await succeed("git", ["fast-import", "--quiet"], {
        cwd: clone,
        input: change(base, task.replace("tasks/", "leases/"), lease(id)),
      })
    ).ms;
    ms += (
      await succeed("git", ["push", "-q", `--force-with-lease=owp:${base}`, "origin", "owp"], { cwd: clone })
    ).ms;
    return ms;
  };
}

const data = (text: string) => `data ${Buffer.byteLength(text)}\n${text}\n`;

function change(base: string, path: string, text: string): string {
  const now = Math.floor(Date.now() / 1000);
  return `commit refs/heads/owp\ncommitter bench <bench@example.org> ${now} +0000\n${data(`claim ${path}\n`)}from ${base}\nM 100644 inline ${path}\n${data(text)}\ndone\n`;
}

const lease = (id: string) => `# yaml-language-server: $schema=../../../.owp/schemas/lease.json
kind: Lease
task: ${id}
worker: w0
epoch: 1
attempt: 1
phase: in_progress
ttl: 4h
claimed_at: 2026-01-01T00:00:00Z
expires_at: 2026-01-01T04:00:00Z
`;
