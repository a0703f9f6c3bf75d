import { describe, expect, test } from "vitest";
import { commandsFor, pageOf } from "../../src/lib/review/host.ts";

const WHAT = { into: "owp", branch: "owp-change-7c2k9q4m", title: "edit k3f9: title", body: "why: it's old" };
const QUERY = "merge_request%5Bsource_branch%5D=owp-change-7c2k9q4m&merge_request%5Btarget_branch%5D=owp";

describe("the page of a change", () => {
  test.each<[string, string]>([
    ["git@github.com:acme/web.git", "https://github.com/acme/web/compare/owp...owp-change-7c2k9q4m?expand=1"],
    ["https://github.com/acme/web", "https://github.com/acme/web/compare/owp...owp-change-7c2k9q4m?expand=1"],
    [
      "https://ada:t0ken@github.com/acme/web.git/",
      "https://github.com/acme/web/compare/owp...owp-change-7c2k9q4m?expand=1",
    ],
    [
      "ssh://git@ssh.github.com:443/acme/web.git",
      "https://github.com/acme/web/compare/owp...owp-change-7c2k9q4m?expand=1",
    ],
    [
      "https://github.example.org:8443/acme/web.git",
      "https://github.example.org:8443/acme/web/compare/owp...owp-change-7c2k9q4m?expand=1",
    ],
    ["git@gitlab.com:group/sub/web.git", `https://gitlab.com/group/sub/web/-/merge_requests/new?${QUERY}`],
    [
      "ssh://git@gitlab.example.org:2222/acme/web.git",
      `https://gitlab.example.org/acme/web/-/merge_requests/new?${QUERY}`,
    ],
  ])("%s", (url, page) => {
    expect(pageOf(url, WHAT)?.url).toBe(page);
  });

  test.each([
    "/srv/github/hub.git",
    "file:///srv/github.com/acme/web.git",
    "C:/github.com/web",
    "git@bitbucket.org:acme/web.git",
    "https://notgithub.com/acme/web",
    "https://github.com/web",
    ".",
  ])("%s has none", (url) => {
    expect(pageOf(url, WHAT)).toBeUndefined();
  });

  test("names branches as a URL and a shell take them", () => {
    const odd = { ...WHAT, into: "team/queue#1" };
    expect(pageOf("git@github.com:acme/web.git", odd)?.url).toContain("/compare/team/queue%231...");
    const [command] = commandsFor("origin", odd, pageOf("git@github.com:acme/web.git", odd));
    expect(command).toBe(
      `gh pr create --repo github.com/acme/web --base 'team/queue#1' --head owp-change-7c2k9q4m --title 'edit k3f9: title' --body 'why: it'\\''s old'`,
    );
  });
});

test.each<[string | null, string[]]>([
  [
    "origin",
    ["git fetch origin owp owp-change-7c2k9q4m", "git diff origin/owp...origin/owp-change-7c2k9q4m"],
  ],
  [null, ["git diff owp...owp-change-7c2k9q4m"]],
])("without a page, git shows the change: remote %s", (remote, commands) => {
  expect(commandsFor(remote, WHAT, undefined)).toEqual(commands);
});

test("glab opens a merge request without asking", () => {
  const page = pageOf("git@gitlab.com:acme/web.git", WHAT);
  expect(page?.program.slice(0, 5)).toEqual([
    "glab",
    "mr",
    "create",
    "--repo",
    "https://gitlab.com/acme/web",
  ]);
  expect(page?.program.at(-1)).toBe("--yes");
});
