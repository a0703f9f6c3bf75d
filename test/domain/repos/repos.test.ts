import { describe, expect, it } from "vitest";
import { planRepoList } from "../../../src/domain/repos/list.ts";
import { publicUrl, slugOf } from "../../../src/domain/repos/name.ts";
import { planRepoSet } from "../../../src/domain/repos/set.ts";
import { planRepoShow } from "../../../src/domain/repos/show.ts";
import type { Repo, RepoSetInput } from "../../../src/generated/types.ts";
import {
  applied,
  at,
  bare,
  broken,
  code,
  ctx,
  ended,
  type File,
  lease,
  ok,
  policy,
  record,
  refused,
  repo,
  task,
} from "../../helpers/record.ts";

const set = (input: RepoSetInput, who = "max", files: File[] = []) =>
  planRepoSet(record(...files), input, ctx(who));

/** Repo web with more fields. */
const webWith = (fields: Partial<Repo>): File => {
  const [path, value] = repo("web");
  return [path, { ...(value as Repo), ...fields }];
};

describe("repo set", () => {
  it("A60 B22 adds a repo with its policy", () => {
    const state = record();
    const plan = planRepoSet(
      state,
      {
        slug: "api",
        name: "The API",
        max_open_prs: 3,
        area_locks_enabled: "no",
        default_branch: "main",
        visibility: "public",
        url: "https://me:secret@example.org/api.git",
      },
      ctx("ada"),
    );
    const value = applied(state, plan).repos.get("api");
    expect(value).toMatchObject({
      ...{
        kind: "Repo",
        slug: "api",
        name: "The API",
        default_branch: "main",
        visibility: "public",
        created_at: at(0),
      },
      ...{
        policy: { max_open_prs: 3, area_locks_enabled: false },
        source: { system: "git", url: "https://example.org/api.git" },
      },
    });
    expect(value?.id).toMatch(/^r_/);
    expect(ok(plan)).toMatchObject({
      result: { slug: "api", created: true },
      event: { type: "repo.set", subject: "add repo api" },
    });
  });

  const rows: [string, RepoSetInput, string, File[], string][] = [
    ["A60 max_open_prs 0 stops claims", { slug: "web", max_open_prs: 0 }, "max", [], "ok"],
    ["A60 max_open_prs 100", { slug: "web", max_open_prs: 100 }, "max", [], "ok"],
    ["A60 max_open_prs 101", { slug: "web", max_open_prs: 101 }, "max", [], "invalid_input"],
    ["A60 max_open_prs -1", { slug: "web", max_open_prs: -1 }, "max", [], "invalid_input"],
    ["F12 a slug that is a path", { slug: "../web" }, "max", [], "invalid_input"],
    ["a slug in capitals", { slug: "Web" }, "max", [], "invalid_input"],
    ["A21 a slug of 101 characters", { slug: "x".repeat(101) }, "max", [], "invalid_input"],
    ["an address of one machine", { slug: "web", url: "/home/me/web.git" }, "max", [], "invalid_input"],
    ["a change by anyone", { slug: "web", name: "W" }, "ada", [], "not_allowed"],
    ["a new one by anyone", { slug: "api" }, "ada", [], "ok"],
    [
      "given and cleared",
      { slug: "web", url: "https://example.org/x", clear: ["url"] },
      "max",
      [],
      "invalid_input",
    ],
    ["F11 over a file that cannot be read", { slug: "api" }, "max", [broken(repo("api"))], "record_invalid"],
  ];
  it.each(rows)("%s", (_name, input, who, files, expected) =>
    expect(code(set(input, who, files))).toBe(expected),
  );

  it("B24 a new name leaves the slug as it is", () => {
    const state = record();
    const next = applied(state, planRepoSet(state, { slug: "web", name: "The Web" }, ctx("max")));
    expect(next.repos.get("web")).toMatchObject({
      slug: "web",
      name: "The Web",
      id: state.repos.get("web")?.id,
      updated_at: at(0),
    });
    expect(next.repos.size).toBe(state.repos.size);
  });

  it("B22 what is not named stays, and a cleared field goes", () => {
    const state = record(
      webWith({ policy: { max_open_prs: 2, allowed_tools: ["git"] }, visibility: "public" }),
    );
    const plan = planRepoSet(
      state,
      { slug: "web", clear: ["max_open_prs"], default_branch: "trunk" },
      ctx("max"),
    );
    const next = applied(state, plan).repos.get("web");
    expect(next).toMatchObject({
      policy: { allowed_tools: ["git"] },
      visibility: "public",
      default_branch: "trunk",
    });
    expect(next?.policy).not.toHaveProperty("max_open_prs");
    expect(ok(plan).result.changed).toEqual(["max_open_prs", "default_branch"]);
  });

  it("the same again makes no commit, whoever asks", () => {
    const plan = planRepoSet(
      record(webWith({ policy: { max_open_prs: 2 } })),
      { slug: "web", max_open_prs: 2, area_locks_enabled: "yes" },
      ctx("ada"),
    );
    expect(ok(plan)).toMatchObject({ changes: [], result: { already: true, created: false } });
  });
});

describe("repo list and show", () => {
  const files = [
    repo("api", { max_open_prs: 1 }),
    webWith({ visibility: "public" }),
    task("aaaa"),
    task("bbbb", { repo: "api" }),
    lease("bbbb", { phase: "pr_opened" }),
    ended("cccc", "done"),
  ];

  it("B25 lists by visibility; what does not say is private", () => {
    const list = (visibility?: "public" | "private") =>
      ok(planRepoList(record(...files), { visibility }, ctx("ada"))).result.repos.map(({ slug }) => slug);
    expect([list(), list("public"), list("private")]).toEqual([["api", "web"], ["web"], ["api"]]);
  });

  it("A63 A38 shows the limit, the open pull requests and whether it is throttled", () => {
    const { result } = ok(planRepoShow(record(...files), { slug: "api" }, ctx("ada")));
    expect(result).toMatchObject({
      max_open_prs: 1,
      current_open_prs: 1,
      throttled: true,
      open_tasks: 1,
      held_tasks: 1,
      area_locks_enabled: true,
    });
    const web = ok(planRepoShow(record(...files), { slug: "web" }, ctx("ada"))).result;
    expect(web).toMatchObject({ max_open_prs: null, throttled: false, open_tasks: 1, held_tasks: 0 });
  });

  it("refuses an unknown one, and a record without any", () => {
    expect(refused(planRepoShow(record(), { slug: "shop" }, ctx("ada")))).toMatchObject({
      code: "repo_unknown",
      data: { repos: ["web"] },
    });
    expect(code(planRepoShow(bare(policy()), {}, ctx("ada")))).toBe("repo_unknown");
  });
});

describe("names", () => {
  it.each([
    ["https://example.org/team/My-App.git", "my-app"],
    ["git@example.org:team/app.git", "app"],
    ["ssh://git@example.org:22/team/app/", "app"],
    ["/srv/git/web.git", "web"],
    ["C:\\work\\Café Größe", "cafe-gro-e"],
    [".dotfiles", "dotfiles"],
    ["日本", "main"],
    ["", "main"],
    ["../..", "main"],
    ["x".repeat(300), "x".repeat(100)],
  ])("slugOf(%s)", (text, slug) => expect(slugOf(text)).toBe(slug));

  it.each<[string, string | undefined]>([
    ["https://example.org/a.git", "https://example.org/a.git"],
    ["https://me:token@example.org/a.git?x=1#y", "https://example.org/a.git"],
    ["https://ghp_secret@example.org/a.git", "https://example.org/a.git"],
    ["ssh://git:pw@example.org/a.git", "ssh://git@example.org/a.git"],
    ["git@example.org:team/a.git", "git@example.org:team/a.git"],
    ["/srv/git/a.git", undefined],
    ["../a.git", undefined],
    ["file:///srv/a.git", undefined],
    ["C:\\a.git", undefined],
    ["https://", undefined],
    ["https://example.org/a b", undefined],
  ])("F13 publicUrl(%s)", (url, expected) => expect(publicUrl(url)).toBe(expected));
});
