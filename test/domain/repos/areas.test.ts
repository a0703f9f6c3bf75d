import { describe, expect, it } from "vitest";
import { decode } from "../../../src/core/codec.ts";
import { pathOf } from "../../../src/core/paths.ts";
import { planImport } from "../../../src/domain/exchange/import.ts";
import { type Areas, coveringAreas, overlapping } from "../../../src/domain/repos/areas.ts";
import { planAreas } from "../../../src/domain/repos/list-areas.ts";
import { planRepoSet } from "../../../src/domain/repos/set.ts";
import { planAdd } from "../../../src/domain/tasks/add.ts";
import { planClaim } from "../../../src/domain/tasks/claim.ts";
import { planEdit } from "../../../src/domain/tasks/edit.ts";
import { planResume } from "../../../src/domain/tasks/resume.ts";
import { planShow } from "../../../src/domain/tasks/show.ts";
import type { RepoSetInput } from "../../../src/generated/types.ts";
import { fc } from "../../helpers/chance.ts";
import {
  applied,
  code,
  ctx,
  type File,
  LATE,
  lease,
  leaseIn,
  ok,
  record,
  refused,
  repo,
  task,
  tid,
} from "../../helpers/record.ts";

const AREAS: Areas = {
  web: { paths: ["web/**"] },
  "web/login": { paths: ["web/login/**", "web/session.ts"] },
  api: { paths: ["api/**"], description: "The HTTP server" },
  docs: { paths: ["**/*.md"] },
};
const web = (more: object = {}): File => repo("web", { areas: AREAS, ...more });
const closed = web({ areas_closed: true });

describe("which area a path belongs to", () => {
  const rows: [path: string, areas: string[]][] = [
    ["web/login/form.ts", ["web/login", "web"]],
    ["web/cart/list.ts", ["web"]],
    ["web/login/README.md", ["web/login", "web", "docs"]],
    ["README.md", ["docs"]],
    ["lib/x.ts", []],
    ["web/", ["web"]],
    ["web/login/", ["web/login", "web"]],
  ];
  it.each(rows)("%s: %j, the most precise first", (path, areas) => {
    expect(coveringAreas(AREAS, path)).toEqual(areas);
  });
});

describe("areas lock each other", () => {
  it("where their globs have a path in common, nested ones too", () => {
    expect(Object.fromEntries(Object.keys(AREAS).map((name) => [name, overlapping(AREAS, name)]))).toEqual({
      web: ["web/login", "docs"],
      "web/login": ["web", "docs"],
      api: ["docs"],
      docs: ["web", "web/login", "api"],
    });
    expect(overlapping(AREAS, "free text")).toEqual([]);
    expect(overlapping(AREAS, "constructor")).toEqual([]);
  });

  const name = fc.constantFrom("a", "b", "a/b", "*", "**");
  const glob = fc.array(name, { minLength: 1, maxLength: 3 }).map((names) => names.join("/"));
  const area = fc.array(glob, { minLength: 1, maxLength: 3 }).map((paths) => ({ paths }));

  it("symmetrically, whatever the areas", () => {
    fc.assert(
      fc.property(fc.dictionary(fc.constantFrom("p", "q", "r", "s"), area), (areas) => {
        for (const one of Object.keys(areas))
          for (const other of Object.keys(areas))
            expect(overlapping(areas, one).includes(other)).toBe(overlapping(areas, other).includes(one));
      }),
      { numRuns: 500 },
    );
  });

  /** bob holds `held`; may ada claim `wanted`, and the other way round? */
  const locked = (held: string, wanted: string, policy: File) => {
    const files = [
      policy,
      task("hand", { area: held }),
      lease("hand", { worker: "bob" }),
      task("aaaa", { area: wanted }),
    ];
    return code(planClaim(record(...files), { id: tid("aaaa") }, ctx("ada"))) !== "ok";
  };
  const pairs: [a: string, b: string, locks: boolean][] = [
    ["web", "web/login", true],
    ["web/login", "docs", true],
    ["web", "api", false],
    ["api", "api", true],
    ["free", "free", true],
    ["free", "web", false],
    ["web", "web/cart", false],
  ];
  it.each(pairs)("A30 A40 %s and %s: %s, in both directions", (a, b, locks) => {
    expect([locked(a, b, web()), locked(b, a, web())]).toEqual([locks, locks]);
    expect(locked(a, b, web({ area_locks_enabled: false }))).toBe(false);
  });

  it("and say with whom", () => {
    const files = [
      task("hand", { area: "web" }),
      lease("hand", { worker: "bob" }),
      task("aaaa", { area: "web/login" }),
    ];
    expect(refused(planClaim(record(web(), ...files), { id: tid("aaaa") }, ctx("ada")))).toMatchObject({
      message: expect.stringContaining(
        "is in area web/login, which shares files with web, where hand is in progress",
      ),
      data: { reason: "area_locked", locked_by: [tid("hand")] },
    });
  });

  it("A37 within one claim of several", () => {
    const tasks = [
      task("aaaa", { area: "web", priority: 90 }),
      task("bbbb", { area: "web/login" }),
      task("cccc", { area: "api" }),
    ];
    const plan = ok(planClaim(record(web(), ...tasks), { count: 2 }, ctx("ada")));
    expect(plan.result.tasks.map(({ id }) => id)).toEqual([tid("aaaa"), tid("cccc")]);
  });

  it("A40 A47 a late lease in an area that shares files ends when the work begins", () => {
    const files = [
      task("past", { area: "web" }),
      lease("past", { worker: "bob", ...LATE }),
      task("aaaa", { area: "web/login", priority: 90 }),
    ];
    const state = record(web(), ...files);
    const plan = ok(planClaim(state, {}, ctx("ada")));
    expect(plan.result.tasks.map(({ id }) => id)).toEqual([tid("aaaa")]);
    expect(leaseIn(applied(state, plan), "past")).toMatchObject({
      worker: null,
      epoch: 2,
      taken_from: { worker: "bob" },
    });
  });

  it("for whoever goes on with a task too", () => {
    const files = [
      task("hand", { area: "web" }),
      lease("hand", { worker: "bob" }),
      task("aaaa", { area: "docs" }),
      lease("aaaa", { phase: "blocked" }),
    ];
    expect(refused(planResume(record(web(), ...files), { id: tid("aaaa") }, ctx("ada"))).data).toMatchObject({
      reason: "area_locked",
    });
  });
});

describe("a task's area", () => {
  const add = (input: object, policy = web()) =>
    planAdd(record(policy), { title: "x", ...input }, ctx("ada"));

  it("is the one that a path belongs to", () => {
    const state = record(web());
    const plan = ok(planAdd(state, { title: "x", path: "web/login/form.ts" }, ctx("ada")));
    expect(applied(state, plan).openTask(plan.result.id)?.area).toBe("web/login");
    expect(plan.warnings).toEqual([]);
  });

  const rows: [name: string, input: object, policy: File, code: string, warning?: RegExp][] = [
    ["any word, in a repo without areas", { area: "anything" }, repo("web"), "ok"],
    ["a listed one", { area: "web" }, web(), "ok"],
    [
      "one that is not listed, with a warning",
      { area: "wbe" },
      web(),
      "ok",
      /lists no area wbe \(web, web\/login, api, docs\)/,
    ],
    ["one that is not listed, where the list is closed", { area: "wbe" }, closed, "invalid_input"],
    ["none, where the list is closed", {}, closed, "ok"],
    [
      "a path that no area covers, with a warning",
      { path: "lib/x.ts" },
      web(),
      "ok",
      /No area of web covers lib\/x.ts/,
    ],
    ["a path that no area covers, where the list is closed", { path: "lib/x.ts" }, closed, "invalid_input"],
    ["a path and an area", { path: "web/x.ts", area: "web" }, web(), "invalid_input"],
    ["a name that objects have", { area: "constructor" }, closed, "invalid_input"],
    ["a newline in it", { area: "a\nb" }, repo("web"), "invalid_input"],
  ];
  it.each(rows)("add: %s", (_name, input, policy, expected, warning) => {
    const plan = add(input, policy);
    expect(code(plan)).toBe(expected);
    if (plan.ok) expect(plan.warnings?.join()).toMatch(warning ?? /^$/);
    else expect(plan.message).toMatch(/Nothing was changed\.$/);
  });

  it("edit and import keep to a closed list as well", () => {
    const state = record(closed, task("aaaa", { area: "old" }));
    expect(code(planEdit(state, { id: tid("aaaa"), area: "wbe" }, ctx("ada")))).toBe("invalid_input");
    expect(code(planEdit(state, { id: tid("aaaa"), title: "It keeps its old area" }, ctx("ada")))).toBe("ok");
    expect(code(planEdit(state, { id: tid("aaaa"), area: "api" }, ctx("ada")))).toBe("ok");
    const item = { key: "1", title: "x", area: "wbe", line: 7 };
    expect(refused(planImport(state, { system: "file", items: [item] }, ctx("ada")))).toMatchObject({
      code: "invalid_input",
      message: expect.stringMatching(/^line 7: web has no area wbe/),
    });
    const open = ok(
      planImport(record(web()), { system: "file", items: [item, { ...item, key: "2" }] }, ctx("ada")),
    );
    expect(open.warnings).toEqual([expect.stringContaining("lists no area wbe")]);
  });

  it("tells whoever claims or shows the task which files it means", () => {
    const state = record(web(), task("aaaa", { area: "web/login" }));
    const paths = ["web/login/**", "web/session.ts"];
    expect(ok(planClaim(state, {}, ctx("ada"))).result.tasks[0]).toMatchObject({ area_paths: paths });
    expect(ok(planShow(state, { id: tid("aaaa") }, ctx("ada"))).result).toMatchObject({ area_paths: paths });
    const free = record(web(), task("aaaa", { area: "free" }));
    expect(ok(planClaim(free, {}, ctx("ada"))).result.tasks[0]).not.toHaveProperty("area_paths");
  });

  it("is what claim --area takes, and no other", () => {
    const state = record(
      web(),
      task("aaaa", { area: "web", priority: 90 }),
      task("bbbb", { area: "web/login" }),
    );
    expect(ok(planClaim(state, { area: "web/login" }, ctx("ada"))).result.tasks.map(({ id }) => id)).toEqual([
      tid("bbbb"),
    ]);
    expect(code(planClaim(state, { area: "api" }, ctx("ada")))).toBe("nothing_to_claim");
  });
});

describe("owp areas", () => {
  it("lists the areas with what goes on in them, and free words that tasks use", () => {
    const state = record(web(), task("aaaa", { area: "web" }), lease("aaaa"), task("bbbb", { area: "free" }));
    expect(ok(planAreas(state, {}, ctx("ada"))).result).toMatchObject({
      repo: "web",
      closed: false,
      areas: [
        {
          area: "web",
          paths: ["web/**"],
          overlaps: ["web/login", "docs"],
          open_tasks: 1,
          in_progress: [tid("aaaa")],
        },
        { area: "web/login", open_tasks: 0, in_progress: [] },
        { area: "api", description: "The HTTP server", overlaps: ["docs"] },
        { area: "docs" },
        { area: "free", overlaps: [], open_tasks: 1 },
      ],
    });
  });

  it("says which one a path belongs to, and which others cover it", () => {
    const ask = (path: string) => ok(planAreas(record(web()), { path }, ctx("ada"))).result;
    expect(ask("web/login/form.ts")).toMatchObject({
      area: "web/login",
      areas: [{ area: "web/login" }, { area: "web" }],
    });
    expect(ask("lib/x.ts")).toMatchObject({ area: null, areas: [] });
    expect(code(planAreas(record(web()), { repo: "nowhere" }, ctx("ada")))).toBe("repo_unknown");
  });
});

describe("repo set", () => {
  const set = (input: Omit<RepoSetInput, "slug">, files: File[] = []) => {
    const state = record(...files);
    const plan = planRepoSet(state, { slug: "web", ...input }, ctx("max"));
    return plan.ok ? applied(state, plan).repos.get("web")?.policy : plan;
  };

  it("A60 lists areas, takes the place of their globs, describes and removes them", () => {
    expect(
      set({
        area: ["auth=src/auth/**", "auth = src/session/**", "docs=*.md"],
        describe_area: ["auth=Login and sessions"],
      }),
    ).toEqual({
      areas: {
        auth: { paths: ["src/auth/**", "src/session/**"], description: "Login and sessions" },
        docs: { paths: ["*.md"] },
      },
    });
    expect(set({ area: ["api=server/**"], areas_closed: "yes" }, [web()])).toEqual({
      areas: { ...AREAS, api: { paths: ["server/**"], description: "The HTTP server" } },
      areas_closed: true,
    });
    expect(set({ remove_area: ["web", "web/login", "api"], areas_closed: "no" }, [closed])).toEqual({
      areas: { docs: AREAS.docs },
    });
    expect(set({ remove_area: Object.keys(AREAS) }, [web()])).toBeUndefined();
  });

  it("changes nothing where it was so before", () => {
    const again = ok(planRepoSet(record(web()), { slug: "web", area: ["web=web/**"] }, ctx("max")));
    expect(again).toMatchObject({ changes: [], result: { already: true, changed: [] } });
  });

  const bad: [name: string, input: Omit<RepoSetInput, "slug">][] = [
    ["no =", { area: ["auth"] }],
    ["no name", { area: ["=src/**"] }],
    ["a name of two lines", { area: ["au\nth=src/**"] }],
    ["a path out of the repo", { area: ["auth=../src/**"] }],
    ["an absolute path", { area: ["auth=/src/**"] }],
    ["brackets", { area: ["auth=src/[a-z]*"] }],
    ["no glob", { area: ["auth="] }],
    ["21 globs", { area: Array.from({ length: 21 }, (_, i) => `auth=src/${i}`) }],
    ["101 areas", { area: Array.from({ length: 101 }, (_, i) => `a${i}=src/${i}`) }],
    ["a description of no area", { describe_area: ["nowhere=x"] }],
    ["removing what is not there", { remove_area: ["nowhere"] }],
    ["removing what is given", { area: ["auth=src"], remove_area: ["auth"] }],
  ];
  it.each(bad)("refuses %s", (_name, input) => {
    expect(set(input)).toMatchObject({
      ok: false,
      code: "invalid_input",
      message: expect.stringMatching(/Nothing was changed\.$/),
    });
  });
});

describe("a repo file that someone wrote", () => {
  const read = (areas: string) => {
    const text = `kind: Repo\nid: r_01jd00000000000000000000k3\nslug: web\nname: web\ncreated_at: 2026-01-02T03:04:05Z\npolicy:\n  areas:\n${areas}`;
    return decode(pathOf("Repo", "web"), new TextEncoder().encode(text));
  };
  it.each([
    [
      "a name of two lines",
      '    "a\\nb": { paths: [x] }\n',
      /areas: must not have the name "a\\nb"|one line without =/,
    ],
    [
      "a glob that leaves the repo",
      "    a: { paths: [../x] }\n",
      /policy\.areas\.a\.paths\[0\]: must be a path in the repo/,
    ],
    ["no globs", "    a: { paths: [] }\n", /must not be empty/],
    ["no paths at all", "    a: { description: x }\n", /paths: is missing/],
  ])("with %s is refused, and says where", (_name, areas, says) => {
    const decoded = read(areas);
    expect(decoded.ok ? "ok" : decoded.problem.message).toMatch(says);
  });
  it("may say more than this version knows", () => {
    expect(read('    auth: { paths: ["src/auth/**"], owner: ada }\n').ok).toBe(true);
  });
});
