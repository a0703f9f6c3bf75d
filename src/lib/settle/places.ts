/** The default branches whose history settles tasks: those of the record's repos, as far as this clone has them. */
import type { Snapshot } from "../../core/snapshot.ts";
import { isSameRepository, webAddress } from "../../domain/merges/pull.ts";
import type { Repository } from "../../engine/git/locate.ts";
import type { Settings } from "../../engine/git/settings.ts";
import { remoteUrl } from "../../engine/git/url.ts";
import type { Repo } from "../../generated/types.ts";
import { headOf } from "./refs.ts";

export interface Place {
  /** Slugs of the repos whose default branch this is. */
  repos: string[];
  /** Full name of the ref in the user's repository; left out where no one knows which branch it is. */
  ref?: string;
  /** For people: `origin/main`. */
  name: string;
  /** The repository's web address, for those of its pull requests. */
  base?: string;
}

interface Remote {
  name: string;
  urls: string[];
}

/** record: the remote and the branch of the record, which is no code. */
export function placesOf(
  { repos }: Pick<Snapshot, "repos">,
  repository: Repository,
  settings: Settings,
  record: { remote: string; branch: string },
): Place[] {
  const remotes = remotesOf(repository, settings, record.remote);
  const places = new Map<string, Place>();
  for (const [repo, remote] of homesOf([...repos.values()], remotes)) {
    const branch = repo.default_branch ?? headOf(repository, remote?.name);
    if (branch === record.branch && remote === remotes[0]) continue;
    const place = placeOf(repo, branch, remote, repository);
    const key = place.ref ?? `${remote?.name} ?`;
    const known = places.get(key);
    if (known) known.repos.push(repo.slug);
    else places.set(key, place);
  }
  return [...places.values()];
}

function placeOf(
  { slug, source }: Repo,
  branch: string | undefined,
  remote: Remote | undefined,
  repository: Repository,
): Place {
  const [base] = [source?.url ?? "", ...(remote?.urls ?? [])].flatMap((url) => webAddress(url) ?? []);
  const place = { repos: [slug], ...(base === undefined ? {} : { base }) };
  if (branch === undefined) return { ...place, name: `the default branch of ${slug}` };
  // A mirror has the remote's branches as its own.
  const mirrors = repository.bare && headOf(repository, remote?.name) === undefined;
  return remote && !mirrors
    ? { ...place, ref: `refs/remotes/${remote.name}/${branch}`, name: `${remote.name}/${branch}` }
    : { ...place, ref: `refs/heads/${branch}`, name: branch };
}

/** The record's remote first; none: the repository itself is the hub. */
function remotesOf(repository: Repository, settings: Settings, first: string): Remote[] {
  const urls = new Map<string, string[]>();
  for (const [key, value] of settings.entries) {
    const name = /^remote\.(.+)\.(?:url|pushurl)$/.exec(key)?.[1];
    if (name !== undefined) urls.set(name, [...(urls.get(name) ?? []), value]);
  }
  return [...urls]
    .map(([name, written]) => {
      const target = remoteUrl(repository, settings, name);
      return { name, urls: target.ok ? [...written, target.url] : written };
    })
    .sort((a, b) => Number(b.name === first) - Number(a.name === first));
}

type Home = [repo: Repo, remote: Remote | undefined];

/**
 * The remote that holds the code of each repo, by its address. A repo without an address is where the record is. Where
 * no address fits any remote (an alias of ssh, a mirror), they all are; else those that fit none lie elsewhere.
 */
function homesOf(repos: readonly Repo[], remotes: readonly Remote[]): Home[] {
  const [record] = remotes;
  const homes = repos.map((repo): Home => {
    const url = repo.source?.url;
    return [repo, url ? remotes.find(({ urls }) => urls.some((one) => isSameRepository(one, url))) : record];
  });
  const fits = homes.some(([repo, remote]) => repo.source?.url && remote);
  return fits
    ? homes.filter(([repo, remote]) => remote || !repo.source?.url)
    : repos.map((repo) => [repo, record]);
}
