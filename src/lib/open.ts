/** Puts a hub together: the repository, its remote, the clone's own folder, and who is calling. */
import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { type Refusal, refuse } from "../core/refusal.ts";
import { FileDesk } from "../engine/desk-files.ts";
import { locateRepository, type Repository } from "../engine/git/locate.ts";
import { openStore } from "../engine/git/open.ts";
import { isBranchName } from "../engine/git/refs.ts";
import { GitRemote } from "../engine/git/remote.ts";
import { readSettings, type Settings, settingOf } from "../engine/git/settings.ts";
import type { GitStore } from "../engine/git/store.ts";
import { remoteUrl, type Target } from "../engine/git/url.ts";
import { FileIndex } from "../engine/index-files.ts";
import { realClock } from "../engine/real-clock.ts";
import { RecordView } from "../engine/record.ts";
import { callerOf } from "./caller.ts";
import { loadWith, RecordHub } from "./hub.ts";
import { newUlid } from "./new-id.ts";
import type { HubPlace, OpenOptions } from "./types.ts";

export const DEFAULT_BRANCH = "owp";
const CLONE_ID_LENGTH = 16;

/** Opens the record of the repository around a folder. A refusal where there is none that could be worked with. */
export async function openHub(options: OpenOptions): Promise<RecordHub | Refusal> {
  if (options.hub !== undefined) return (await import("./open-url.ts")).openUrl(options);
  const repository = locateRepository(options.dir);
  if (!repository) return refuse("no_repository", `${options.dir} is not inside a git repository.`);
  const store = await openStore(repository);
  if ("code" in store) return store;
  const settings = await readSettings(repository, store);
  if ("code" in settings) return settings;
  const target = remoteUrl(repository, settings, options.remote);
  if (!target.ok) return target;
  const branch = options.branch ?? settingOf(settings, "owp.branch") ?? DEFAULT_BRANCH;
  if (!isBranchName(branch))
    return refuse("usage", `"${branch}" is no name that a branch can have. Nothing was changed.`, {
      hint: "owp help init",
    });
  const folder = join(repository.commonDir, "owp");
  const desk = new FileDesk(folder);
  const clone = await cloneId(desk);
  const caller = callerOf(options, repository.worktree, settingOf(settings, "user.name"));
  if (!caller.ok) return caller;
  const clock = realClock();
  const progress: RecordHub["parts"]["progress"] = {};
  const { ok: _ok, ...who } = caller;
  const email = options.env?.GIT_AUTHOR_EMAIL ?? settingOf(settings, "user.email");
  return new RecordHub({
    clone,
    store,
    remote: remoteOf(repository, store, settings, target, branch),
    desk,
    view: new RecordView({
      store,
      indexes: new FileIndex(join(folder, "index", indexName(target.url, branch))),
      elapsed: clock.elapsed,
      progress: (stage, done, total) =>
        progress.report?.({
          stage,
          ...(done !== undefined && { done }),
          ...(total !== undefined && { total }),
        }),
    }),
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
    progress,
  });
}

/** The remote of a repository, as git is to reach it. */
export function remoteOf(
  repository: Repository,
  store: GitStore,
  settings: Settings,
  target: Target,
  branch: string,
): GitRemote {
  return new GitRemote({
    store,
    target,
    carried: settings.carried,
    cwd: repository.toplevel ?? repository.gitDir,
    branch,
  });
}

/** What the first repo of a record is named after. */
function placeOf(repository: Repository, remote: string | null, url: string): HubPlace {
  const common = repository.commonDir;
  const folder = basename(basename(common) === ".git" ? dirname(common) : common).replace(/\.git$/, "");
  const heads = [
    ...(remote === null ? [] : [join(common, "refs", "remotes", remote, "HEAD")]),
    join(common, "HEAD"),
  ];
  const branch = heads
    .map((path) => /^ref: refs\/(?:heads|remotes\/[^/]+)\/(.+)$/m.exec(readText(path))?.[1])
    .find(Boolean);
  return {
    folder,
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

/** The clone's id: made once, and kept with the clone. */
async function cloneId(desk: FileDesk): Promise<string> {
  const known = await desk.recall<string>("clone");
  if (known) return known;
  return desk.rememberFirst("clone", newCloneId());
}

export const newCloneId = (): string => newUlid().slice(-CLONE_ID_LENGTH);
