import { describe, expect, it } from "vitest";
import { pathOf } from "../../../src/core/paths.ts";
import { planProposalDiff } from "../../../src/domain/governance/diff.ts";
import { planProposalEdit } from "../../../src/domain/governance/edit.ts";
import { planProposalFork } from "../../../src/domain/governance/fork.ts";
import { nextStatuses, PROPOSAL_STATUSES, PROPOSAL_STEPS } from "../../../src/domain/governance/lifecycle.ts";
import { planProposalList } from "../../../src/domain/governance/list.ts";
import { planProposalNew } from "../../../src/domain/governance/new.ts";
import { planProposalOpen } from "../../../src/domain/governance/open.ts";
import { planProposalShow } from "../../../src/domain/governance/show.ts";
import { planProposalWithdraw } from "../../../src/domain/governance/withdraw.ts";
import type { ProposalNewInput } from "../../../src/generated/types.ts";
import { applied, at, code, ctx, HOUR, ok, refused } from "../../helpers/record.ts";
import { cast, group, nextOp, ppid, proposal, proposalIn, vote } from "./support.ts";

const DRAFT = proposal("aaaa", { status: "draft", opened_at: undefined });
const by = (name: string) => ctx(name, { op: nextOp() });
const create = (input: ProposalNewInput, state = group(), name = "max") =>
  planProposalNew(state, input, by(name));

describe("C29 a new proposal", () => {
  it("is a draft of its author", () => {
    const plan = ok(create({ title: " Add a cache ", body: "## Why\n", repo: "web" }));
    const { id } = plan.result;
    expect(applied(group(), plan).doc(pathOf("Proposal", id))?.value).toEqual({
      ...{ kind: "Proposal", id, title: "Add a cache", body: "## Why", author: "max", status: "draft" },
      ...{ repo: "web", created_at: at(0) },
    });
  });

  it("takes the fields of a file, and options over them", () => {
    const plan = ok(create({ value: { title: "A", body: "b", repo: "web" }, title: "B" }));
    expect(plan.result).toMatchObject({ title: "B", repo: "web" });
  });

  it.each([
    ["a title is missing", {}, "invalid_input"],
    ["the title has two lines", { title: "a\nb" }, "invalid_input"],
    ["the repo is not there", { title: "a", repo: "nope" }, "repo_unknown"],
    ["the parent is not there", { title: "a", forked_from: "zzzz" }, "proposal_unknown"],
    ["a field is unknown", { value: { title: "a", colour: "red" } }, "invalid_input"],
    ["the effect is none", { title: "a", effect: {} }, "invalid_input"],
    ["the effect has an unknown part", { title: "a", effect: { launch: {} } }, "invalid_input"],
  ])("is refused where %s", (_why, input, expected) => {
    expect(code(create(input))).toBe(expected);
  });

  it("is refused to someone who is not registered", () => {
    expect(code(create({ title: "a" }, group(), "zoe"))).toBe("worker_unknown");
  });
});

describe("C30 C32 C33 the lifecycle", () => {
  const acts = {
    edit: (state: ReturnType<typeof group>, name: string) =>
      planProposalEdit(state, { id: "aaaa", title: "Other" }, by(name)),
    open: (state: ReturnType<typeof group>, name: string) =>
      planProposalOpen(state, { id: "aaaa" }, by(name)),
    withdraw: (state: ReturnType<typeof group>, name: string) =>
      planProposalWithdraw(state, { id: "aaaa" }, by(name)),
  };
  for (const status of PROPOSAL_STATUSES) {
    for (const act of ["edit", "open", "withdraw"] as const) {
      it(`${act} of one that is ${status}, by its author and by another`, () => {
        const state = group(proposal("aaaa", { status }));
        const step = PROPOSAL_STEPS[status][act];
        const mine = acts[act](state, "max");
        expect(code(mine)).toBe(step ? "ok" : "proposal_state");
        if (step) expect(proposalIn(applied(state, mine), "aaaa").status).toBe(step.to);
        expect(code(acts[act](state, "ada"))).toBe(step ? "not_author" : "proposal_state");
      });
    }
  }

  it("goes by hand to open and withdrawn alone; nothing follows an end but being superseded", () => {
    expect(Object.fromEntries(PROPOSAL_STATUSES.map((status) => [status, nextStatuses(status)]))).toEqual({
      draft: ["open", "withdrawn"],
      open: ["withdrawn", "accepted", "rejected"],
      accepted: ["superseded"],
      ...{ rejected: [], withdrawn: [], superseded: [] },
    });
  });
});

describe("C31 opening", () => {
  it("is refused without a repo, and names the command that gives one", () => {
    const refusal = refused(
      planProposalOpen(
        group(proposal("aaaa", { status: "draft", repo: undefined })),
        { id: "aaaa" },
        by("max"),
      ),
    );
    expect([refusal.code, refusal.hint]).toEqual(["proposal_state", "owp proposal edit aaaa --repo <slug>"]);
  });
});

describe("C34 C35 editing a draft", () => {
  it("changes title, text and repo; the repo can be taken away", () => {
    let state = applied(
      group(DRAFT),
      planProposalEdit(group(DRAFT), { id: "aaaa", title: "New", body: "text" }, by("max")),
    );
    expect(proposalIn(state, "aaaa")).toMatchObject({ title: "New", body: "text", updated_at: at(0) });
    state = applied(state, planProposalEdit(state, { id: "aaaa", clear_repository: true }, by("max")));
    expect(proposalIn(state, "aaaa")).not.toHaveProperty("repo");
    expect(ok(planProposalEdit(state, { id: "aaaa", title: "New" }, by("max"))).result.already).toBe(true);
  });

  it("is refused with a repo and without one at once", () => {
    const input = { id: "aaaa", repo: "web", clear_repository: true };
    expect(refused(planProposalEdit(group(DRAFT), input, by("max")))).toMatchObject({
      code: "invalid_input",
      data: { field: "repo" },
    });
  });
});

describe("C40 a fork", () => {
  it("is the forker's draft with the parent's text, and names it", () => {
    const state = group(proposal("aaaa", { status: "rejected", body: "text" }));
    const plan = ok(planProposalFork(state, { id: "aaaa", title: "Again" }, by("ada")));
    const value = applied(state, plan).doc(pathOf("Proposal", plan.result.id))?.value;
    expect(value).toMatchObject({
      ...{ title: "Again", body: "text", repo: "web", author: "ada", status: "draft" },
      forked_from: ppid("aaaa"),
    });
    expect(ok(planProposalShow(applied(state, plan), { id: "aaaa" }, by("ada"))).result.forks).toEqual([
      plan.result.id,
    ]);
    expect(
      ok(planProposalDiff(applied(state, plan), { id: plan.result.id }, by("ada"))).result.changed,
    ).toEqual(["title"]);
  });

  it("of nothing is refused", () => {
    expect(code(planProposalFork(group(), { id: "aaaa" }, by("ada")))).toBe("proposal_unknown");
  });

  it("diff needs to be told with what, where there is no parent", () => {
    expect(code(planProposalDiff(group(DRAFT), { id: "aaaa" }, by("ada")))).toBe("usage");
  });
});

describe("C38 C39 superseding", () => {
  const OLD = proposal("0000", { status: "accepted", decided_at: at(-HOUR) });
  const open = (state: ReturnType<typeof group>, supersedes: string) =>
    planProposalOpen(state, { id: "aaaa", supersedes }, by("max"));

  it("leaves the old one as it is until the new one is accepted, and then both change in one commit", () => {
    let state = group(DRAFT, OLD);
    state = applied(state, open(state, "0000"));
    expect([proposalIn(state, "aaaa").supersedes, proposalIn(state, "0000").status]).toEqual([
      ppid("0000"),
      "accepted",
    ]);
    for (const name of ["ada", "bob", "cy"]) state = applied(state, cast(state, name, { value: "up" }));
    expect(proposalIn(state, "0000").status).toBe("accepted");
    const plan = ok(cast(state, "dee", { value: "up" }));
    expect(plan.result.decided?.superseded).toBe(ppid("0000"));
    state = applied(state, plan);
    expect(proposalIn(state, "0000")).toMatchObject({ status: "superseded", superseded_by: ppid("aaaa") });
  });

  it("a rejected successor leaves it", () => {
    let state = group(DRAFT, OLD);
    state = applied(state, open(state, "0000"));
    for (const name of ["ada", "bob", "cy", "dee"])
      state = applied(state, cast(state, name, { value: "down" }));
    expect([proposalIn(state, "aaaa").status, proposalIn(state, "0000").status]).toEqual([
      "rejected",
      "accepted",
    ]);
  });

  it.each([
    ["itself", "aaaa", "proposal_state"],
    ["nothing", "zzzz", "proposal_unknown"],
    ["a draft", "draft", "proposal_state"],
    ["one that is open", "open", "proposal_state"],
    ["one that is rejected", "rejected", "proposal_state"],
    ["one that is withdrawn", "withdrawn", "proposal_state"],
    ["one that is superseded", "superseded", "proposal_state"],
  ])("of %s is refused", (_what, which, expected) => {
    const other = PROPOSAL_STATUSES.find((status) => status === which);
    const state = group(DRAFT, ...(other ? [proposal("0000", { status: other })] : []));
    expect(code(open(state, other ? "0000" : which))).toBe(expected);
  });

  it("of two successors the first that is accepted takes the place; the other is accepted beside it", () => {
    const next = (short: string) => proposal(short, { supersedes: ppid("0000") });
    const votes = (short: string) => ["ada", "bob", "cy"].map((name) => vote(short, name));
    let state = group(OLD, next("aaaa"), next("bbbb"), ...votes("aaaa"), ...votes("bbbb"));
    state = applied(state, cast(state, "dee", { value: "up" }));
    const second = ok(cast(state, "dee", { id: "bbbb", value: "up" }));
    expect(second.warnings?.[0]).toMatch(/is superseded already/);
    state = applied(state, second);
    expect(proposalIn(state, "bbbb").status).toBe("accepted");
    expect(proposalIn(state, "0000").superseded_by).toBe(ppid("aaaa"));
  });
});

describe("C36 C37 C41 listing", () => {
  const many = () =>
    group(
      proposal("aaaa", { created_at: at(-3 * HOUR) }),
      proposal("bbbb", { status: "accepted", author: "ada", created_at: at(-2 * HOUR) }),
      proposal("cccc", { status: "draft", created_at: at(-2 * HOUR) }),
      ...["ada", "bob", "max"].map((name) => vote("aaaa", name)),
      vote("aaaa", "cy", { value: -1 }),
      vote("aaaa", "dee", { value: undefined, removed_at: at(0) }),
    );
  const shorts = (input: Parameters<typeof planProposalList>[1]) =>
    ok(planProposalList(many(), input, by("ada"))).result.proposals.map(({ short }) => short);

  it.each([
    [{}, ["cccc", "bbbb", "aaaa"]],
    [{ status: "accepted" as const }, ["bbbb"]],
    [{ author: "max" }, ["cccc", "aaaa"]],
    [{ limit: 1, offset: 1 }, ["bbbb"]],
    [{ offset: 5 }, []],
  ])("%j: %j", (input, expected) => {
    expect(shorts(input)).toEqual(expected);
  });

  it("has the sums of the votes, without a vote of the author and without removed ones", () => {
    const { proposals, total } = ok(planProposalList(many(), { status: "open" }, by("ada"))).result;
    expect(total).toBe(1);
    expect(proposals[0]).toMatchObject({ upvotes: 2, downvotes: 1, score: 1 });
  });

  it("finds one by a part of its id, and says which where there are several", () => {
    const state = group(proposal("aaaa"), proposal("0aaaa".slice(0, 5)));
    expect(code(planProposalShow(state, { id: "aaaa" }, by("ada")))).toBe("ok");
    expect(
      code(planProposalShow(group(proposal("1aaaa"), proposal("2aaaa")), { id: "aaaa" }, by("ada"))),
    ).toBe("proposal_ambiguous");
    expect(code(planProposalShow(state, { id: "aa" }, by("ada")))).toBe("usage");
  });
});
