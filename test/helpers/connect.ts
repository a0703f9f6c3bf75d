/** From a folder to the clone's store and its remote, for tests of what lies below operations. */
import { type Refusal, refuse } from "../../src/core/refusal.ts";
import { hideCredentials } from "../../src/engine/git/errors.ts";
import { locateRepository, type Repository } from "../../src/engine/git/locate.ts";
import { openStore } from "../../src/engine/git/open.ts";
import { GitRemote } from "../../src/engine/git/remote.ts";
import { readSettings, settingOf } from "../../src/engine/git/settings.ts";
import type { GitStore } from "../../src/engine/git/store.ts";
import { remoteUrl } from "../../src/engine/git/url.ts";

export interface Connection {
  ok: true;
  repository: Repository;
  store: GitStore;
  remote: GitRemote;
  /** How messages name the remote: its name, or `this repository` where there is none. */
  remoteName: string;
  /** Without credentials, for show. */
  url: string;
  /** true: the repository itself is the remote. */
  embedded: boolean;
  branch: string;
}

export interface ConnectOptions {
  /** A remote's name; default: owp.remote, origin, the only one, or the repository itself. */
  remote?: string;
  /** Default: owp.branch of the git config, else `owp`. */
  branch?: string;
}

/** Connects to the record of the repository around a folder. Does not speak to the remote yet. */
export async function connect(folder: string, options: ConnectOptions = {}): Promise<Connection | Refusal> {
  const repository = locateRepository(folder);
  if (!repository)
    return refuse("no_repository", `${folder} is not inside a git repository. Nothing was changed.`);
  const store = await openStore(repository);
  if ("code" in store) return store;
  const settings = await readSettings(repository, store);
  if ("ok" in settings) return settings;
  const target = remoteUrl(repository, settings, options.remote);
  if (!target.ok) return target;
  const branch = options.branch ?? settingOf(settings, "owp.branch") ?? "owp";
  const remote = new GitRemote({
    store,
    target,
    carried: settings.carried,
    cwd: repository.toplevel ?? repository.gitDir,
    branch,
  });
  return {
    ok: true,
    repository,
    store,
    remote,
    remoteName: target.name ?? "this repository",
    url: hideCredentials(target.url),
    embedded: target.name === null,
    branch,
  };
}
