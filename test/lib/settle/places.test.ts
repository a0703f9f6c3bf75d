import { mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { expect, test } from "vitest";
import { locateRepository, type Repository } from "../../../src/engine/git/locate.ts";
import type { ConfigEntry } from "../../../src/engine/git/settings.ts";
import type { Repo } from "../../../src/generated/types.ts";
import { placesOf } from "../../../src/lib/settle/places.ts";
import { git, tempDir } from "../../helpers/git.ts";
import * as r from "../../helpers/record.ts";

const WEB = "https://github.com/acme/web";
const DOCS = "https://github.com/acme/docs";

const repo = (slug: string, url?: string, default_branch?: string): r.File => {
  const [path, value] = r.repo(slug);
  const source = url ? { source: { system: "git", url } } : {};
  return [path, { ...(value as Repo), ...source, ...(default_branch ? { default_branch } : {}) }];
};
const remote = (name: string, url: string): ConfigEntry => [`remote.${name}.url`, url];

/** A repository with a HEAD of its own and of remotes: `origin/main`. */
function repository(heads: readonly string[] = [], ...options: string[]): Repository {
  const dir = tempDir();
  git(dir, "init", "--quiet", "--initial-branch=trunk", ...options);
  const found = locateRepository(dir) as Repository;
  for (const head of heads) {
    const [name = "", branch = ""] = head.split("/");
    const file = join(found.commonDir, "refs/remotes", name, "HEAD");
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, `ref: refs/remotes/${name}/${branch}\n`);
  }
  return found;
}

interface Case {
  repos: r.File[];
  remotes: ConfigEntry[];
  heads?: string[];
  options?: string[];
  record?: { remote: string; branch: string };
  expected: string[];
}

const CASES: Record<string, Case> = {
  "the remote's default branch, where the repo names none": {
    repos: [repo("web")],
    remotes: [remote("origin", "/srv/web.git")],
    heads: ["origin/main"],
    expected: ["refs/remotes/origin/main web -"],
  },
  "the branch that the repo names": {
    repos: [repo("web", WEB, "develop")],
    remotes: [remote("origin", `${WEB}.git`)],
    heads: ["origin/main"],
    expected: [`refs/remotes/origin/develop web ${WEB}`],
  },
  "several repos of one repository": {
    repos: [repo("api", WEB, "main"), repo("ui", WEB, "main"), repo("old", WEB, "v1")],
    remotes: [remote("origin", "git@github.com:acme/web.git")],
    expected: [`refs/remotes/origin/main api,ui ${WEB}`, `refs/remotes/origin/v1 old ${WEB}`],
  },
  "a fork: the branch of the repository, not of the fork": {
    repos: [repo("web", WEB, "main")],
    remotes: [remote("origin", "git@github.com:bob/web.git"), remote("upstream", `${WEB}.git`)],
    record: { remote: "upstream", branch: "owp" },
    expected: [`refs/remotes/upstream/main web ${WEB}`],
  },
  "a record in a repository of its own: the code is elsewhere": {
    repos: [repo("web", WEB, "main"), repo("docs", DOCS, "main")],
    remotes: [remote("origin", WEB), remote("queue", "https://github.com/acme/queue")],
    record: { remote: "queue", branch: "main" },
    expected: [`refs/remotes/origin/main web ${WEB}`],
  },
  "an address that is no remote's: the record's remote is believed": {
    repos: [repo("web", WEB, "main")],
    remotes: [remote("origin", "work:web.git")],
    expected: [`refs/remotes/origin/main web ${WEB}`],
  },
  "an address through insteadOf": {
    repos: [repo("web", WEB, "main"), repo("docs", DOCS, "main")],
    remotes: [remote("origin", "gh:web"), ["url.https://github.com/acme/.insteadof", "gh:"]],
    expected: [`refs/remotes/origin/main web ${WEB}`],
  },
  "no remote: the repository's own branch": {
    repos: [repo("web")],
    remotes: [],
    record: { remote: "this repository", branch: "owp" },
    expected: ["refs/heads/trunk web -"],
  },
  "a mirror: its own branches are the remote's": {
    repos: [repo("web", WEB, "main")],
    remotes: [remote("origin", WEB)],
    options: ["--bare"],
    expected: [`refs/heads/main web ${WEB}`],
  },
  "nothing: the default branch is the record": {
    repos: [repo("web", undefined, "main")],
    remotes: [remote("origin", "/srv/queue.git")],
    record: { remote: "origin", branch: "main" },
    expected: [],
  },
  "no one knows the default branch": {
    repos: [repo("web"), repo("docs")],
    remotes: [remote("origin", "/srv/web.git")],
    expected: ["undefined web,docs -"],
  },
};

test.each(Object.entries(CASES))("%s", (_name, { repos, remotes, heads, options, record, expected }) => {
  const state = r.bare(r.policy(), ...repos);
  const settings = { carried: [], entries: remotes };
  const at = repository(heads, ...(options ?? []));
  const found = placesOf(state, at, settings, record ?? { remote: "origin", branch: "owp" });
  expect(found.map((place) => `${place.ref} ${place.repos.join(",")} ${place.base ?? "-"}`)).toEqual(
    expected,
  );
});
