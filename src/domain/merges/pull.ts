/** The pull request by which a commit came to its branch, from what hosts write into messages, and its address. */

interface Form {
  /** Group 1 is the number. */
  pattern: RegExp;
  /** Group 2, where there is one, is the project as the host names it. */
  address: (base: string, number: string, project?: string) => string | undefined;
}

const github: Form["address"] = (base, number) => `${base}/pull/${number}`;
const gitea: Form["address"] = (base, number) => `${base}/pulls/${number}`;

/** Merges say which software made them. */
const FORMS: readonly Form[] = [
  { pattern: /^Merge pull request #(\d+) from \S+/, address: github },
  { pattern: /^Merge pull request '.*' \(#(\d+)\) from \S+ into \S+/, address: gitea },
  {
    pattern: /^Merged in \S+ \(pull request #(\d+)\)/,
    address: (base, number) => `${base}/pull-requests/${number}`,
  },
  {
    pattern: /^See merge request (?<project>[^\s!]+)?!(?<number>\d+)\s*$/m,
    address: (base, number, project) =>
      `${project === undefined ? base : `${originOf(base)}/${project}`}/-/merge_requests/${number}`,
  },
  {
    pattern: /^Merged PR (\d+): /,
    address: (base, number) => (base.includes("/_git/") ? `${base}/pullrequest/${number}` : undefined),
  },
];

/** A squash has only `(#12)` at the end of its first line, which is a pull request on some hosts and an issue on others. */
const SQUASHED = /^[^\n]*\(#(\d+)\)[ \t]*(?:\n|$)/;
const HOSTS: readonly [host: RegExp, address: Form["address"]][] = [
  [/github/, github],
  [/gitea|forgejo|codeberg/, gitea],
];

/** base: the repository's web address, as webAddress gives it. undefined: the message names none, or the host is unknown. */
export function pullRequestOf(message: string, base: string | undefined): string | undefined {
  if (base === undefined) return undefined;
  for (const { pattern, address } of FORMS) {
    const match = pattern.exec(message);
    if (match) return address(base, match.groups?.number ?? match[1] ?? "", match.groups?.project);
  }
  const number = SQUASHED.exec(message)?.[1];
  const host = HOSTS.find(([name]) => name.test(hostOf(base)));
  return number === undefined ? undefined : host?.[1](base, number);
}

const hostOf = (base: string): string => new URL(base).host;
const originOf = (base: string): string => new URL(base).origin;

const SCP = /^(?:[^@/\s]+@)?([A-Za-z0-9.-]+):(?!\/\/)\/?([^\s\\]+)$/;

/** `git@host:team/web.git` as `https://host/team/web`; undefined for a path of this machine. */
export function webAddress(url: string): string | undefined {
  const scp = /^[A-Za-z]:[\\/]/.test(url) ? null : SCP.exec(url);
  if (scp) return `https://${scp[1]?.toLowerCase()}/${trimmed(scp[2] ?? "")}`;
  if (!/^(?:https?|ssh|git):\/\//i.test(url) || !URL.canParse(url)) return undefined;
  const { protocol, host, hostname, pathname } = new URL(url);
  const isWeb = protocol === "http:" || protocol === "https:";
  return `${isWeb ? `${protocol}//${host}` : `https://${hostname}`}/${trimmed(pathname)}`;
}

const trimmed = (path: string): string => path.replace(/^\/+|\/+$/g, "").replace(/\.git$/i, "");

/** Whether two addresses lead to one repository, by whatever protocol; a path of this machine is like no other. */
export function isSameRepository(one: string, other: string): boolean {
  const [a, b] = [one, other].map((url) =>
    webAddress(url)
      ?.replace(/^https?:/, "")
      .toLowerCase(),
  );
  return a !== undefined && a === b;
}
