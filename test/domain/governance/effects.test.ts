import { describe, expect, it } from "vitest";
import { pathOf } from "../../../src/core/paths.ts";
import { planProposalEdit } from "../../../src/domain/governance/edit.ts";
import { planProposalNew } from "../../../src/domain/governance/new.ts";
import { planProposalSettle } from "../../../src/domain/governance/settle.ts";
import { planProposalShow } from "../../../src/domain/governance/show.ts";
import type { Effect, Policy } from "../../../src/generated/types.ts";
import {
  applied,
  bare,
  code,
  ctx,
  maintainer,
  ok,
  policy,
  refused,
  repo,
  worker,
} from "../../helpers/record.ts";
import { cast, groupUnder, MEMBERS, nextOp, proposal, proposalIn, vote } from "./support.ts";

const ALL = { effects: ["doctrine", "policy", "tasks"] as ("doctrine" | "policy" | "tasks")[] };
const DOCTRINE = {
  namespace: "code",
  name: "tests",
  version: "2",
  type: "policy",
  statement: "Tests first.",
};
const three = (short = "aaaa") => ["ada", "bob", "cy"].map((name) => vote(short, name));
const with_ = (effect: Effect, governance: NonNullable<Policy["governance"]> = ALL) =>
  groupUnder(governance, proposal("aaaa", { effect }), ...three());
const by = (name: string) => ctx(name, { op: nextOp() });
const decideIt = (state: ReturnType<typeof groupUnder>) => ok(cast(state, "dee", { value: "up" }));

describe("an effect is applied in the commit that accepts its proposal", () => {
  it("doctrine: the version is adopted, in the author's name", () => {
    const plan = decideIt(with_({ doctrine: DOCTRINE }));
    const created = plan.result.decided?.decision.created ?? [];
    const after = applied(with_({ doctrine: DOCTRINE }), plan);
    expect(created).toHaveLength(1);
    expect(after.object(created[0] as string)?.facts).toMatchObject({
      namespace: "code",
      name: "tests",
      version: "2",
    });
    expect(proposalIn(after, "aaaa").decision).toMatchObject({ effect: "applied", created });
  });

  it("policy: the patch is merged into owp.yaml", () => {
    const state = with_({ policy: { max_estimate: 8, governance: { consensus: { threshold: 0.9 } } } });
    const after = applied(state, decideIt(state));
    expect(after.policy).toMatchObject({
      max_estimate: 8,
      governance: { ...ALL, consensus: { threshold: 0.9 } },
    });
  });

  it("tasks: they are made as the author's, and the commit names them", () => {
    const state = with_({ tasks: [{ title: "Write it" }, { title: "Ship it", priority: 80 }] });
    const plan = decideIt(state);
    const after = applied(state, plan);
    const ids = plan.result.decided?.decision.created ?? [];
    expect(plan.event?.tasks?.map(({ id }) => id)).toEqual(ids);
    expect(ids.map((id) => after.openTask(id)?.title)).toEqual(["Write it", "Ship it"]);
    expect(after.doc(pathOf("Task", ids[0] as string))?.value).toMatchObject({ created_by: "max" });
  });

  it("all of them at once, and the same whoever settles", () => {
    const effect = { doctrine: DOCTRINE, policy: { max_estimate: 8 }, tasks: [{ title: "Write it" }] };
    const state = groupUnder(ALL, proposal("aaaa", { effect }), ...three(), vote("aaaa", "dee"));
    const op = nextOp();
    const plans = ["eve", "zoe"].map((name) => ok(planProposalSettle(state, {}, ctx(name, { op }))));
    expect(plans[0]?.changes).toEqual(plans[1]?.changes);
    expect(plans[0]?.changes).toHaveLength(4);
  });

  it("a rejected proposal has none", () => {
    const votes = ["ada", "bob", "cy"].map((name) => vote("aaaa", name, { value: -1 }));
    const state = groupUnder(ALL, proposal("aaaa", { effect: { policy: { max_estimate: 8 } } }), ...votes);
    const plan = ok(cast(state, "dee", { value: "down" }));
    expect(plan.changes).toHaveLength(2);
  });
});

describe("an effect that can no longer be applied does not sink the vote", () => {
  it.each([
    ["the policy does not allow it any more", with_({ tasks: [{ title: "x" }] }, {}), /governance\.effects/],
    ["the version is there by now", with_({ doctrine: { ...DOCTRINE, type: "none" } }), /type/],
    [
      "it would lock everyone out by now",
      with_({ policy: { governance: { consensus: { min_votes: 900 } } } }),
      /lock everyone out/,
    ],
    ["its repo is gone", with_({ tasks: [{ title: "x", repo: "gone" }] }), /gone/],
  ])("%s", (_why, state, reason) => {
    const plan = decideIt(state);
    expect(plan.changes).toHaveLength(2);
    expect(plan.warnings?.[0]).toMatch(/its effect could not be applied/);
    const { status, decision } = proposalIn(applied(state, plan), "aaaa");
    expect(status).toBe("accepted");
    expect(decision).toMatchObject({ effect: "failed", effect_failed: expect.stringMatching(reason) });
  });
});

describe("an effect that cannot be is refused before anyone votes", () => {
  const create = (effect: Record<string, unknown>, governance: NonNullable<Policy["governance"]> = ALL) =>
    planProposalNew(groupUnder(governance), { title: "x", effect }, by("max"));

  it.each([
    [
      "a kind that the policy does not allow",
      { tasks: [{ title: "x" }] },
      { effects: ["policy"] },
      "effect_denied",
    ],
    ["any, where the policy allows none", { tasks: [{ title: "x" }] }, {}, "effect_denied"],
    ["a task without a title", { tasks: [{ priority: 5 }] }, ALL, "invalid_input"],
    ["doctrine that is incomplete", { doctrine: { name: "x" } }, ALL, "invalid_input"],
    ["a threshold of 0", { policy: { governance: { consensus: { threshold: 0 } } } }, ALL, "invalid_input"],
    ["a threshold of 1", { policy: { governance: { consensus: { threshold: 1 } } } }, ALL, "invalid_input"],
    [
      "a threshold of one half",
      { policy: { governance: { consensus: { threshold: 0.5 } } } },
      ALL,
      "invalid_input",
    ],
    ["another protocol", { policy: { protocol: "2.0" } }, ALL, "invalid_input"],
    [
      "more min_votes than members",
      { policy: { governance: { consensus: { min_votes: 13 } } } },
      ALL,
      "policy_lockout",
    ],
    [
      "a threshold that all votes do not reach",
      { policy: { governance: { consensus: { threshold: 0.99999 } } } },
      ALL,
      "policy_lockout",
    ],
    [
      "signatures where nobody has a key",
      { policy: { governance: { signatures: { required: true } } } },
      ALL,
      "policy_lockout",
    ],
    [
      "work that nobody finds",
      { policy: { governance: { pow: { required: true, difficulty: 60 } } } },
      ALL,
      "policy_lockout",
    ],
  ] as const)("%s", (_what, effect, governance, expected) => {
    expect(code(create(effect, governance as never))).toBe(expected);
  });

  it("min_votes that all others together can give are fine", () => {
    expect(code(create({ policy: { governance: { consensus: { min_votes: 12 } } } }))).toBe("ok");
  });

  it("registration closed where no maintainer is left", () => {
    const state = bare(policy({ governance: ALL }), repo("web"), ...MEMBERS.map((name) => worker(name)));
    const plan = planProposalNew(
      state,
      { title: "x", effect: { policy: { registration: "closed" } } },
      by("ada"),
    );
    expect(refused(plan)).toMatchObject({ code: "policy_lockout", data: { field: "effect.policy" } });
    const kept = bare(policy({ governance: ALL }), maintainer("max"), worker("ada"));
    expect(
      code(planProposalNew(kept, { title: "x", effect: { policy: { registration: "closed" } } }, by("ada"))),
    ).toBe("ok");
  });

  it("in an edit too", () => {
    const state = groupUnder(ALL, proposal("aaaa", { status: "draft" }));
    const input = { id: "aaaa", effect: { policy: { governance: { consensus: { min_votes: 99 } } } } };
    expect(code(planProposalEdit(state, input, by("max")))).toBe("policy_lockout");
  });
});

describe("owp proposal show --effect", () => {
  const shown = (state: ReturnType<typeof groupUnder>) =>
    ok(planProposalShow(state, { id: "aaaa", effect: true }, by("ada"))).result.effect;

  it("shows what each file would be, with what it is now", () => {
    const [change] = shown(with_({ policy: { max_estimate: 8 } }))?.changes ?? [];
    expect(change?.path).toBe("owp.yaml");
    expect(change?.before).not.toMatch(/max_estimate/);
    expect(change?.after).toMatch(/max_estimate: 8/);
  });

  it("says why it could not be applied", () => {
    expect(shown(with_({ policy: { max_estimate: 8 } }, {}))?.fails).toMatch(/governance\.effects/);
  });

  it("is null where the proposal has none", () => {
    expect(shown(groupUnder(ALL, proposal("aaaa")))).toBeNull();
  });
});
