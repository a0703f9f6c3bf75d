/** The server's own store, as far as a clone can see it, and what its host should be told. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { faultOf } from "../../engine/git/errors.ts";
import { locateRepository } from "../../engine/git/locate.ts";
import { writeLoose } from "../../engine/git/loose.ts";
import { runGit } from "../../engine/git/process.ts";
import { REMOTE } from "../../engine/git/remote.ts";
import { GitStore } from "../../engine/git/store.ts";
import type { Oid } from "../../engine/ports.ts";
import { remoteOf } from "../open.ts";
import { type CheckRow, count, type Finding, fine, type Patient, row } from "./check.ts";

/** Commits that are fetched afresh: objects are lost among the newest, when a gc meets a push. */
const DEPTH = 50;
const TIMEOUT_MS = 120_000;
/** With more open tasks the trial would fetch too much. */
const TASK_LIMIT = 20_000;
/** Rounds of mending: what is missing below a missing object shows when that is back. */
const MEND_ROUNDS = 100;

type Server = Patient &
  Required<Pick<Patient, "repository" | "store" | "settings" | "target" | "branch" | "hub">>;

export const SERVER_CHECKS: readonly CheckRow[] = [
  row(
    "server",
    ["repository", "store", "settings", "target", "branch", "fetched", "record", "hub"],
    async (patient) => {
      const open = [...patient.hub.parts.view.snapshot.open()].length;
      if (open > TASK_LIMIT)
        return {
          state: "skipped",
          message: `not looked at: fetching ${open} tasks afresh takes long; git clone --depth 1 shows the same`,
        };
      const problem = await freshFetch(patient);
      if (!problem) return fine("a new clone can fetch the record");
      const found: Finding = {
        state: "failed",
        message: `A new clone cannot fetch the record; the server seems to lack objects of it, as after a gc that ran during a push: ${problem}`,
        hint: `on the server: git unpack-objects, fed by a clone that has them: git --git-dir ${patient.store.path} pack-objects --revs --stdout, with refs/owp/record as its input`,
      };
      const hub = /^\//.test(patient.target.url) ? locateRepository(patient.target.url) : undefined;
      if (!hub) return found;
      if (!patient.options.fix)
        return { ...found, hint: "owp doctor --fix gives the server what this clone has" };
      const given = await giveMissing(hub.commonDir, patient.store, `refs/heads/${patient.branch}`);
      const still = await freshFetch(patient);
      if (still)
        return {
          ...found,
          message: `${found.message} This clone gave it ${count(given, "object")}, and that was not enough.`,
        };
      return {
        ...fine("a new clone can fetch the record"),
        fixed: `gave the server ${count(given, "object")} that it had lost`,
      };
    },
  ),
  row("host", ["target", "branch"], async ({ target, branch }) => {
    if (target.name === null) return fine("this repository is the server: nothing to set");
    return fine(
      `on the host, let those who take part push to ${branch} directly: linear history, no force push, no deletion, no required review or check on this one branch`,
    );
  }),
];

/** Fetches the newest commits with nothing to start from, as a new clone would. undefined: it worked. */
async function freshFetch({ repository, settings, target, branch }: Server): Promise<string | undefined> {
  const folder = mkdtempSync(join(tmpdir(), "owp-doctor-"));
  try {
    const made = await runGit(["init", "--quiet", "--bare", "--template=", folder], { cwd: folder });
    if (made.code !== 0) throw new Error(faultOf(made).text);
    const remote = remoteOf(repository, new GitStore(folder), settings, target, branch);
    const args = [
      "fetch",
      "--quiet",
      "--no-write-fetch-head",
      "--no-auto-maintenance",
      "--no-tags",
      `--depth=${DEPTH}`,
      REMOTE,
      `+${remote.record}:refs/owp/fresh`,
    ];
    const done = await remote.git(args, { timeoutMs: TIMEOUT_MS });
    return done.code === 0 ? undefined : faultOf(done).text.split("\n").slice(0, 2).join("; ");
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Writes into a repository on this machine the objects of a ref that it lacks and the store has; answers how many. */
async function giveMissing(hub: string, store: GitStore, ref: string): Promise<number> {
  const given = new Set<Oid>();
  for (let round = 0; round < MEND_ROUNDS; round++) {
    const listed = await runGit(["--git-dir", hub, "rev-list", "--objects", "--missing=print", ref], {
      cwd: hub,
      timeoutMs: TIMEOUT_MS,
    });
    const named = [
      ...listed.stdout.matchAll(/^\?([0-9a-f]{40})/gm),
      ...listed.stderr.matchAll(/\b([0-9a-f]{40})\b/g),
    ];
    const oids = named.map((match) => match[1] as Oid).filter((oid) => !given.has(oid));
    const objects = (await store.read([...new Set(oids)])).filter((object) => object !== undefined);
    if (objects.length === 0) break;
    for (const object of objects) {
      writeLoose(hub, object);
      given.add(object.oid);
    }
  }
  return given.size;
}
