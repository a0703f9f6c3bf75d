/** Puts a hub together: the repository, its remote, the clone's own folder, and who is calling. */
import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { type Refusal, refuse } from "../core/refusal.ts";
import { FileDesk } from "../engine/desk-files.ts";
import { classify, faultRefusal } from "../engine/git/errors.ts";
import { locateRepository, type Repository } from "../engine/git/locate.ts";
import { openStore } from "../engine/git/open.ts";
import { GitRemote, type GitRemoteOptions } from "../engine/git/remote.ts";
import { readSettings, type Settings, settingOf } from "../engine/git/settings.ts";
import type { GitStore } from "../engine/git/store.ts";
import { remoteNames, remoteUrl, type Target } from "../engine/git/url.ts";
import { FileIndex } from "../engine/index-files.ts";
import { realClock } from "../engine/real-clock.ts";
import { RecordView } from "../engine/record.ts";
import { branchOf } from "./branch.ts";
import { callerOf, placeIn } from "./caller.ts";
import { cloneId } from "./clone-id.ts";
import { loadWith, RecordHub } from "./hub.ts";
import { newUlid } from "./new-id.ts";
import { recordFolder } from "./record-folder.ts";
import type { HubPlace, OpenOptions } from "./types.ts";

/** Opens the record of the repository around a folder. A refusal where there is none that could be worked with. */
export async function openHub(options: OpenOptions): Promise<RecordHub | Refusal> {
  try {
    return await openClone(options);
  } catch (error) {
    return localRefusal(error, options.dir);
  }
}

/** What this machine's disk or its rights forbid, as a refusal; anything else is a fault, and thrown on. */
export function localRefusal(error: unknown, dir: string): Refusal {
  const fault = classify((error as Error)?.message ?? "");
  if (fault.class !== "disk") throw error;
  return faultRefusal(fault, { remote: dir, branch: "", doing: "read" });
}

async function openClone(options: OpenOptions): Promise<RecordHub | Refusal> {
  if (options.hub !== undefined) return (await import("./open-url.ts")).openUrl(options);
  const repository = locateRepository(options.dir);
  if (!repository) return refuse("no_repository", `${options.dir} is not inside a git repository.`);
  const home = await openStore(repository);
  if ("code" in home) return home;
  const settings = await readSettings(repository, home);
  if ("code" in settings) return settings;
  const target = remoteUrl(repository, settings, options.remote);
  if (!target.ok) return target;
  const named = branchOf(options, (key) => settingOf(settings, key));
  if (!named.ok) return named;
  const { ok: _named, branch, ...queue } = named;
  const folder = recordFolder(repository.commonDir, target.name, branch);
  const store = await openStore(repository, folder);
  if ("code" in store) return store;
  const desk = new FileDesk(folder);
  const clone = cloneId(repository.commonDir);
  const caller = callerOf(options, placeIn(repository), settingOf(settings, "user.name"));
  if (!caller.ok) return caller;
  const clock = realClock();
  const progress: RecordHub["parts"]["progress"] = {};
  const { ok: _ok, ...who } = caller;
  const email = options.env?.GIT_AUTHOR_EMAIL ?? settingOf(settings, "user.email");
  const view = new RecordView({
    store,
    indexes: new FileIndex(join(folder, "index", indexName(target.url, branch))),
    elapsed: clock.elapsed,
    progress: (stage, done, total) =>
      progress.report?.({
        stage,
        ...(done !== undefined && { done }),
        ...(total !== undefined && { total }),
      }),
  });
  const patience: RecordHub["parts"]["patience"] = {};
  const live = { signalsIn: () => view.snapshot.rules.signals, endsAt: () => patience.endsAt };
  return new RecordHub({
    clone,
    store,
    remote: remoteOf(repository, store, settings, target, branch, live),
    desk,
    view,
    clock,
    random: Math.random,
    operations: loadWith(store, progress),
    point: () => undefined,
    names: { remote: target.name ?? "this repository", branch },
    caller: { ...who, clone },
    ...(email !== undefined && { email }),
    clockShiftMs: options.now ? options.now() - Date.now() : 0,
    newOp: newUlid,
    dispose: () => store.close(),
    place: placeOf(repository, target.name, target.url),
    repository,
    folder,
    embedded: target.name === null,
    otherRemotes: remoteNames(settings).filter((name) => name !== target.name),
    queue,
    progress,
    patience,
  });
}

/** The remote of a repository, as git is to reach it. */
export function remoteOf(
  repository: Repository,
  store: GitStore,
  settings: Settings,
  target: Target,
  branch: string,
  live: Pick<GitRemoteOptions, "signalsIn" | "endsAt"> = {},
): GitRemote {
  return new GitRemote({
    store,
    target,
    carried: settings.carried,
    cwd: repository.toplevel ?? repository.gitDir,
    branch,
    ...live,
  });
}

/** What the first repo of a record is named after. */
function placeOf(repository: Repository, remote: string | null, url: string): HubPlace {
  const common = repository.commonDir;
  const heads = [
    ...(remote === null ? [] : [join(common, "refs", "remotes", remote, "HEAD")]),
    join(common, "HEAD"),
  ];
  const branch = heads
    .map((path) => /^ref: refs\/(?:heads|remotes\/[^/]+)\/(.+)$/m.exec(readText(path))?.[1])
    .find(Boolean);
  return {
    folder: repository.folder,
    ...(remote === null ? {} : { url }),
    ...(branch === undefined ? {} : { default_branch: branch }),
  };
}

function readText(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return "";
  }
}

/** One index for each record that this clone looks at. */
export function indexName(url: string, branch: string): string {
  return createHash("sha1").update(`${url} ${branch}`).digest("hex").slice(0, 20);
}
