import { expect, test } from "vitest";
import { isSameRepository, pullRequestOf, webAddress } from "../../../src/domain/merges/pull.ts";

const GITHUB = "https://github.com/acme/web";
const GITLAB = "https://gitlab.example.org/acme/team/web";

test.each([
  ["Merge pull request #12 from acme/task/k3f9-fix\n\nFix", GITHUB, `${GITHUB}/pull/12`],
  [
    "Merge pull request #12 from fork/main",
    "https://git.example.org/acme/web",
    "https://git.example.org/acme/web/pull/12",
  ],
  ["Fix the login (#12)\n\n* Fix", GITHUB, `${GITHUB}/pull/12`],
  ['Revert "Fix the login (#12)" (#15)', GITHUB, `${GITHUB}/pull/15`],
  ["Fix the login (#12)", "https://codeberg.org/acme/web", "https://codeberg.org/acme/web/pulls/12"],
  [
    "Merge pull request 'Fix (the) login' (#12) from fix into main",
    "https://git.example.org/a/b",
    "https://git.example.org/a/b/pulls/12",
  ],
  [
    "Merge branch 'fix' into 'main'\n\nFix\n\nSee merge request acme/team/web!12",
    GITLAB,
    `${GITLAB}/-/merge_requests/12`,
  ],
  ["Merge branch 'fix'\n\nSee merge request !12\n", GITLAB, `${GITLAB}/-/merge_requests/12`],
  [
    "Merge branch 'fix'\n\nSee merge request other/app!3",
    GITLAB,
    "https://gitlab.example.org/other/app/-/merge_requests/3",
  ],
  [
    "Merged in fix (pull request #12)\n\nFix",
    "https://bitbucket.org/acme/web",
    "https://bitbucket.org/acme/web/pull-requests/12",
  ],
  [
    "Merged PR 12: Fix",
    "https://dev.azure.com/acme/app/_git/web",
    "https://dev.azure.com/acme/app/_git/web/pullrequest/12",
  ],
  ["Merged PR 12: Fix", GITHUB, undefined],
  // On GitLab such a number is an issue, and of an unknown host no one knows.
  ["Fix the login (#12)", GITLAB, undefined],
  ["Fix the login (#12)", "https://git.example.org/acme/web", undefined],
  ["Merge branch 'fix'", GITHUB, undefined],
  ["Fix #12 in the login", GITHUB, undefined],
  ["Merge pull request #12 from acme/fix", undefined, undefined],
])("%j on %s came by %s", (message, base, expected) => {
  expect(pullRequestOf(message, base)).toBe(expected);
});

test.each([
  ["git@github.com:acme/web.git", GITHUB],
  ["https://ada:s3cret@GitHub.com/acme/web.git/", GITHUB],
  ["ssh://git@github.com:22/acme/web.git", GITHUB],
  ["git://github.com/acme/web", GITHUB],
  ["http://localhost:3000/acme/web.git", "http://localhost:3000/acme/web"],
  ["github.com:acme/web", GITHUB],
  ["/srv/git/web.git", undefined],
  ["../web.git", undefined],
  ["file:///srv/git/web.git", undefined],
  ["C:\\git\\web", undefined],
  ["https://", undefined],
])("%s is %s on the web", (url, expected) => {
  expect(webAddress(url)).toBe(expected);
});

test.each([
  ["git@github.com:Acme/web.git", "https://github.com/acme/web", true],
  ["https://github.com/acme/web", "https://github.com/acme/docs", false],
  ["/srv/web.git", "/srv/web.git", false],
])("%s and %s are one repository: %s", (one, other, expected) => {
  expect(isSameRepository(one, other)).toBe(expected);
});
