/** What is known of the host of a remote by its URL: the page where a branch is proposed, and the program that opens a request. Pure. */
import type { Review } from "../types.ts";

/** A change on its branch, as a host's page or program is to name it. */
export interface Proposed {
  /** The record's branch, and the one with the change. */
  into: string;
  branch: string;
  title: string;
  body: string;
}

interface HostRow {
  /** A label of the host's name that begins so: gitlab.com, gitlab.example.org. */
  name: RegExp;
  /** The page with the difference, and with the button that opens a request. */
  page: (site: string, path: string, what: Proposed) => string;
  /** The program that opens one, and its arguments. */
  program: (site: string, path: string, what: Proposed) => [command: string, ...args: string[]];
}

const segments = (branch: string): string => branch.split("/").map(encodeURIComponent).join("/");

const HOSTS: readonly HostRow[] = [
  {
    name: /(?:^|\.)github/i,
    page: (site, path, { into, branch }) =>
      `https://${site}/${path}/compare/${segments(into)}...${segments(branch)}?expand=1`,
    program: (site, path, { into, branch, title, body }) => [
      ...(["gh", "pr", "create", "--repo", `${site}/${path}`, "--base", into, "--head", branch] as const),
      ...["--title", title, "--body", body],
    ],
  },
  {
    name: /(?:^|\.)gitlab/i,
    page: (site, path, { into, branch }) => {
      const query = new URLSearchParams([
        ["merge_request[source_branch]", branch],
        ["merge_request[target_branch]", into],
      ]);
      return `https://${site}/${path}/-/merge_requests/new?${query}`;
    },
    program: (site, path, { into, branch, title, body }) => [
      ...(["glab", "mr", "create", "--repo", `https://${site}/${path}`, "--target-branch", into] as const),
      ...["--source-branch", branch, "--title", title, "--description", body, "--yes"],
    ],
  },
];

/** Names under which the same site answers ssh where its usual port is closed. */
const ALIASES: Record<string, string> = { "ssh.github.com": "github.com", "altssh.gitlab.com": "gitlab.com" };

export interface Page {
  url: string;
  program: [command: string, ...args: string[]];
}

/** The host's page and program for a change; undefined where the host is not known by its name. */
export function pageOf(remoteUrl: string, what: Proposed): Page | undefined {
  const place = placeOf(remoteUrl);
  const host = place && HOSTS.find(({ name }) => name.test(place.site));
  if (!place || !host) return undefined;
  const { site, path } = place;
  return { url: host.page(site, path, what), program: host.program(site, path, what) };
}

/** `git@github.com:acme/web.git` and its like: the site, with a port only where pages are served there, and the path. */
function placeOf(remoteUrl: string): { site: string; path: string } | undefined {
  const scp = /^(?:[^@/:]+@)?([^/:]{2,}):(?!\/\/)(.+)$/.exec(remoteUrl);
  const url = scp || !URL.canParse(remoteUrl) ? undefined : new URL(remoteUrl);
  if (!scp && !/^(?:https?|ssh|git):$/.test(url?.protocol ?? "")) return undefined;
  const name = scp?.[1] ?? (/^https?:$/.test(url?.protocol ?? "") ? url?.host : url?.hostname) ?? "";
  const path = (scp?.[2] ?? url?.pathname ?? "").replace(/^\/+|\/+$/g, "").replace(/\.git$/, "");
  return path.includes("/") ? { site: ALIASES[name] ?? name, path } : undefined;
}

/** What one usually does next with a change, as command lines. remote null: the repository itself is the remote. */
export function commandsFor(
  remote: string | null,
  what: Proposed,
  page: Page | undefined,
): Review["commands"] {
  if (page) return [page.program.map(quoted).join(" ")];
  const at = (branch: string) => (remote === null ? branch : `${remote}/${branch}`);
  const fetch = `git fetch ${remote} ${what.into} ${what.branch}`;
  return [...(remote === null ? [] : [fetch]), `git diff ${at(what.into)}...${at(what.branch)}`];
}

/** A word as a shell reads it back. */
const quoted = (word: string): string =>
  /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`;
