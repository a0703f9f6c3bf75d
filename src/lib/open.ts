/** Puts a hub together: the repository, its remote, the clone's own folder, and who is calling. */
import { hostname, userInfo } from "node:os";
import { join } from "node:path";
import { ulid } from "ulid";
import { identityOf } from "../core/identity.ts";
import { type Refusal, refuse } from "../core/refusal.ts";
import { FileDesk } from "../engine/desk-files.ts";
import { locateRepository, type Repository } from "../engine/git/locate.ts";
import { openStore } from "../engine/git/open.ts";
import { GitRemote } from "../engine/git/remote.ts";
import { readSettings, type Settings, settingOf } from "../engine/git/settings.ts";
import { remoteUrl } from "../engine/git/url.ts";
import { FileIndex } from "../engine/index-files.ts";
import { realClock } from "../engine/real-clock.ts";
import { RecordView } from "../engine/record.ts";
import { loadOperation, RecordHub } from "./hub.ts";
import type { OpenOptions } from "./types.ts";

const DEFAULT_BRANCH = "owp";
const CLONE_ID_LENGTH = 16;

/** Opens the record of the repository around a folder. A refusal where there is none that could be worked with. */
export async function openHub(options: OpenOptions): Promise<RecordHub | Refusal> {
  const repository = locateRepository(options.dir);
  if (!repository) return refuse("no_repository", `${options.dir} is not inside a git repository.`);
  const store = await openStore(repository);
  if ("code" in store) return store;
  const settings = await readSettings(repository, store);
  if ("code" in settings) return settings;
  const target = remoteUrl(repository, settings, options.remote);
  if (!target.ok) return target;
  const branch = options.branch ?? settingOf(settings, "owp.branch") ?? DEFAULT_BRANCH;
  const desk = new FileDesk(join(repository.commonDir, "owp"));
  const clone = await cloneId(desk);
  const caller = callerOf(options, repository, settings);
  if (!caller.ok) return caller;
  const clock = realClock();
  const progress: RecordHub["parts"]["progress"] = {};
  const { ok: _ok, ...who } = caller;
  const email = options.env?.GIT_AUTHOR_EMAIL ?? settingOf(settings, "user.email");
  return new RecordHub({
    clone,
    store,
    remote: new GitRemote({ store, target, carried: settings.carried, cwd: repository.toplevel ?? repository.gitDir, branch }),
    desk,
    view: new RecordView({
      store,
      indexes: new FileIndex(join(repository.commonDir, "owp", "index", indexName(target.url, branch))),
      elapsed: clock.elapsed,
      progress: (stage, done, total) => progress.report?.({ stage, ...(done !== undefined && { done }), ...(total !== undefined && { total }) }),
    }),
    clock,
    random: Math.random,
    operations: loadOperation,
    point: () => undefined,
    names: { remote: target.name ?? "this repository", branch },
    caller: { ...who, clone },
    ...(email !== undefined && { email }),
    clockShiftMs: options.now ? options.now() - Date.now() : 0,
    newOp: () => ulid().toLowerCase(),
    dispose: () => store.close(),
    progress,
  });
}

/** One index for each record that this clone looks at. */
function indexName(url: string, branch: string): string {
  return Buffer.from(`${url} ${branch}`).toString("base64url").slice(-60);
}

/** The clone's id: made once, and kept with the clone. */
async function cloneId(desk: FileDesk): Promise<string> {
  const known = await desk.recall<string>("clone");
  if (known) return known;
  const made = ulid().toLowerCase().slice(-CLONE_ID_LENGTH);
  await desk.remember("clone", made);
  return (await desk.recall<string>("clone")) ?? made;
}

function callerOf(options: OpenOptions, repository: Repository, settings: Settings): ReturnType<typeof identityOf> {
  const git_user = settingOf(settings, "user.name");
  return identityOf({
    env: options.env ?? {},
    hostname: hostname(),
    os_user: userName(),
    worktree: repository.worktree,
    ...(options.as !== undefined && { as: options.as }),
    ...(git_user !== undefined && { git_user }),
  });
}

/** A container's user may have no name. */
function userName(): string {
  try {
    return userInfo().username;
  } catch {
    return "worker";
  }
}
