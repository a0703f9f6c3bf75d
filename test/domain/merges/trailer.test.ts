import { describe, expect, it } from "vitest";
import { branchOf, namesFor } from "../../../src/domain/merges/names.ts";
import { planTrailer } from "../../../src/domain/merges/trailer.ts";
import * as r from "../../helpers/record.ts";
import { tid } from "../../helpers/record.ts";

describe("a branch for a task", () => {
  it.each([
    ["Fix the login", "task/k3f9-fix-the-login"],
    ["  Über-Größe: 100 %!  ", "task/k3f9-uber-gro-e-100"],
    ["owp/feature", "task/k3f9-owp-feature"],
    ["日本語", "task/k3f9"],
    [`${"word ".repeat(30)}end`, "task/k3f9-word-word-word-word-word-word-word"],
    ["x".repeat(300), "task/k3f9"],
    [".lock ~^:?*[\\", "task/k3f9-lock"],
  ])("%j is %s", (title, branch) => {
    expect(branchOf({ id: tid("k3f9"), title })).toBe(branch);
  });

  it("comes without a trailer where merges close nothing", () => {
    const at = (state: ReturnType<typeof r.record>) => namesFor(state, { id: tid("k3f9"), title: "Fix" });
    expect(at(r.record())).toEqual({ branch: "task/k3f9-fix", trailer: `Owp-Task: ${tid("k3f9")}` });
    expect(at(r.record(r.policy({ merge: { closes: false } })))).toEqual({ branch: "task/k3f9-fix" });
  });
});

const state = r.record(r.task("k3f9"), r.lease("k3f9"), r.task("m2x7"), r.ended("n5y8", "done"));
const two = r.record(r.task("k3f9"), r.lease("k3f9"), r.task("m2x7"), r.lease("m2x7"), r.task("p6z9"));

describe("owp trailer", () => {
  it("is that of the task that I hold, or of the one I name", () => {
    expect(r.ok(planTrailer(state, {}, r.ctx("ada"))).result).toMatchObject({
      short: "k3f9",
      trailer: `Owp-Task: ${tid("k3f9")}`,
      branch: "task/k3f9-task-k3f9",
    });
    expect(r.ok(planTrailer(state, { id: "m2x7" }, r.ctx("ada"))).result.trailer).toBe(
      `Owp-Task: ${tid("m2x7")}`,
    );
    expect(r.ok(planTrailer(state, { id: "n5y8" }, r.ctx("ada"))).warnings).toEqual([
      "n5y8 is done: a merge does not end it again",
    ]);
  });

  it.each([
    ["nothing held", state, {}, "max", "ambiguous_held"],
    ["two held", two, {}, "ada", "ambiguous_held"],
    ["another record's task", state, { id: "zzzz" }, "ada", "task_unknown"],
  ])("is refused: %s", (_name, record, input, who, code) => {
    expect(r.refused(planTrailer(record, input, r.ctx(who))).code).toBe(code);
  });
});

describe("for a commit that no one was asked about", () => {
  it.each([
    ["the one that is held", state, "main", "ada", "k3f9"],
    ["the one that is held, with no branch", state, "", "ada", "k3f9"],
    ["of several the one that the branch names", two, "task/m2x7-write", "ada", "m2x7"],
    ["also in another form", two, "ada/fix_m2x7", "ada", "m2x7"],
    ["by its whole id", two, `feature/${tid("m2x7")}`, "ada", "m2x7"],
    ["on a branch made for a task, that one, though another holds it", state, "task/k3f9-fix", "max", "k3f9"],
    ["and though I hold another", two, "task/p6z9-write", "ada", "p6z9"],
    ["none: several held, and the branch names none", two, "main", "ada", null],
    ["none: the branch names two of them", two, "task/k3f9-m2x7", "ada", null],
    ["none: nothing held", state, "main", "max", null],
    ["none: a branch of a task that is done", state, "task/n5y8-write", "ada", null],
    ["none: a branch of a task that no one knows", state, "task/zzzz-write", "ada", null],
    ["a word that looks like an id is none", state, "feature/fast-tests", "ada", "k3f9"],
  ])("%s", (_name, record, head, who, short) => {
    const { trailer } = r.ok(planTrailer(record, { head }, r.ctx(who))).result;
    expect(trailer).toBe(short === null ? null : `Owp-Task: ${tid(short)}`);
  });
});
