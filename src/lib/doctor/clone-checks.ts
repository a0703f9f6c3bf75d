/** This machine and this clone: git, the repository, owp's folder in it, the remote it names, the store. */
import { existsSync, readFileSync, rmSync, statfsSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { inSandbox, sandboxOf } from "../../core/sandbox.ts";
import { FileDesk } from "../../engine/desk-files.ts";
import { faultRefusal, hideCredentials } from "../../engine/git/errors.ts";
import { locateRepository, type Repository } from "../../engine/git/locate.ts";
import { makeFolder, openStore, versionRefusal } from "../../engine/git/open.ts";
import { runGit } from "../../engine/git/process.ts";
import { rebuildStore, storeProblem } from "../../engine/git/rebuild.ts";
import type { GitRemote } from "../../engine/git/remote.ts";
import { readSettings, settingOf } from "../../engine/git/settings.ts";
import type { GitStore } from "../../engine/git/store.ts";
import { remoteUrl } from "../../engine/git/url.ts";
import { branchOf } from "../branch.ts";
import { openHub, remoteOf } from "../open.ts";
import { recordFolder } from "../record-folder.ts";
import { type CheckRow, type Finding, failing, fine, type Patient, row } from "./check.ts";

type Connected = Required<
  Pick<Patient, "repository" | "store" | "settings" | "target" | "branch" | "folder">
>;

/** Less free space than this is soon none. */
const SPACE_LOW_BYTES = 50 * 1024 * 1024;

export const CLONE_CHECKS: readonly CheckRow[] = [
  row("git", [], async ({ place }) => {
    const said = await runGit(["version"], { cwd: place.dir });
    const refusal = versionRefusal(said.end === "missing" ? undefined : said.stdout);
    return refusal ? failing(refusal) : fine(said.stdout.trim());
  }),
  row("sandbox", [], async ({ place }) => {
    const found = sandboxOf(place.env ?? {});
    return fine(found?.message ?? "none that owp knows of");
  }),
  row("repository", [], async (patient) => {
    const { dir } = patient.place;
    patient.repository = locateRepository(dir);
    if (!patient.repository)
      return {
        state: "failed",
        message: `${dir} is not inside a git repository.`,
        hint: "git init, or use -C <folder>",
      };
    return fine(`${patient.repository.toplevel ?? patient.repository.gitDir}, ${kindOf(patient.repository)}`);
  }),
  row("object names", ["repository"], async (patient) => {
    if (patient.repository.objectFormat === "sha1") return fine("SHA-1");
    const refused = await openStore(patient.repository);
    (patient as Patient).repository = undefined; // Nothing below can work with it.
    return "code" in refused ? failing(refused) : fine("SHA-1");
  }),
  row("folder", ["repository"], async ({ repository, place }) => {
    const folder = join(repository.commonDir, "owp");
    const probe = join(folder, `doctor.${process.pid}.tmp`);
    try {
      makeFolder(folder);
      writeFileSync(probe, "");
    } catch (error) {
      return {
        state: "failed",
        message: `${folder} cannot be written: ${(error as Error).message}`,
        hint:
          sandboxOf(place.env ?? {})?.hint ?? "give this user the right to write there, or free some space",
      };
    } finally {
      rmSync(probe, { force: true });
    }
    const { bavail, bsize } = statfsSync(folder);
    if (bavail * bsize < SPACE_LOW_BYTES)
      return {
        state: "warning",
        message: `${folder}: only ${Math.round((bavail * bsize) / 1024 / 1024)} MB are free on its disk`,
        hint: "free some space",
      };
    return fine(folder);
  }),
  row("remote", ["repository"], async (patient) => {
    const { repository, place } = patient;
    const home = await openStore(repository);
    if ("code" in home) return failing(inSandbox(home, place.env ?? {}));
    const settings = await readSettings(repository, home);
    if ("ok" in settings) return failing(settings);
    const target = remoteUrl(repository, settings, place.remote);
    if (!target.ok) return failing(target);
    const named = branchOf(place, (key) => settingOf(settings, key));
    if (!named.ok) return failing(named);
    const { branch } = named;
    const folder = recordFolder(repository.commonDir, target.name, branch);
    const store = await openStore(repository, folder);
    if ("code" in store) return failing(store);
    Object.assign(patient, { settings, target, branch, folder, store });
    patient.remote = connect(patient as Patient & Connected);
    if (target.name === null) return fine("none: this repository itself holds the record");
    return fine(`${target.name}: ${hideCredentials(target.url)}`);
  }),
  row("store", ["repository", "store", "settings", "target", "branch", "folder"], async (patient) => {
    const problem = await storeProblem(patient.store.path);
    if (!problem) return fine("sound");
    const found: Finding = {
      state: "failed",
      message: `owp's own copy of the record is damaged: ${problem}. The record itself is on the remote.`,
      hint: "owp doctor --fix",
    };
    return patient.options.fix && !patient.options.offline ? mendStore(patient, found) : found;
  }),
  row("worker", ["target"], async (patient) => {
    const hub = await openHub(patient.place);
    if ("code" in hub) return failing(hub);
    patient.hub = hub;
    const { name, explicit, actor_kind } = hub.parts.caller;
    return fine(`${name} (${actor_kind})${explicit ? "" : ", the default name of this worktree"}`);
  }),
];

async function mendStore(patient: Patient & Connected, found: Finding): Promise<Finding> {
  const { repository, store, target, branch, folder } = patient;
  const lock = await new FileDesk(folder).lock();
  if (!lock)
    return { ...found, hint: "another owp command runs in this clone; try again when it is through" };
  try {
    const remoteFor = (fresh: GitStore) => connect(patient, fresh);
    const rebuilt = await rebuildStore(repository, store, remoteFor);
    if (!rebuilt.ok) {
      const { message } = faultRefusal(rebuilt.fault, {
        remote: target.name ?? "this repository",
        branch,
        doing: "read",
      });
      return {
        ...found,
        message: `${found.message} It could not be fetched anew, and was left as it is: ${message}`,
      };
    }
    patient.store = rebuilt.store;
    patient.remote = remoteFor(rebuilt.store);
    const kept = rebuilt.kept
      ? ` A change that was on its way could not be read from the old copy, which is kept at ${rebuilt.kept}.`
      : "";
    return { state: "ok", message: "sound", fixed: `fetched the record anew into a fresh store.${kept}` };
  } finally {
    await lock.release();
  }
}

/** The remote, which looks for signals where the policy says, as far as that is known by then. */
function connect(patient: Patient & Omit<Connected, "folder">, store: GitStore = patient.store): GitRemote {
  const { repository, settings, target, branch } = patient;
  const signalsIn = () => patient.hub?.parts.view.snapshot.rules.signals ?? "refs";
  return remoteOf(repository, store, settings, target, branch, { signalsIn });
}

/** Kinds of clones that trouble other tools. owp keeps to a store of its own, so that none of them matters. */
function kindOf({ gitDir, commonDir, bare }: Repository): string {
  const config = existsSync(join(commonDir, "config")) ? readFileSync(join(commonDir, "config"), "utf8") : "";
  const kinds = [
    gitDir !== commonDir && "a linked worktree",
    bare && "bare",
    existsSync(join(commonDir, "shallow")) && "shallow",
    /^\s*(?:promisor|partialclone(?:filter)?)\s*=/im.test(config) && "partial",
    /^\s*mirror\s*=\s*true/im.test(config) && "a mirror",
  ].filter((kind) => kind !== false);
  return kinds.length > 0
    ? `${kinds.join(", ")}: fine, owp keeps the record in a store of its own`
    : "an ordinary clone";
}
