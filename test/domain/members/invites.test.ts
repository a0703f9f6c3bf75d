import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { nthId } from "../../../src/core/ids.ts";
import type { Plan } from "../../../src/core/operation.ts";
import type { State } from "../../../src/core/state.ts";
import { planMemberInvite } from "../../../src/domain/members/invite.ts";
import { planMemberInvites } from "../../../src/domain/members/invites.ts";
import { planMemberRevoke } from "../../../src/domain/members/revoke.ts";
import { creditsUsed, statusOf } from "../../../src/domain/members/standing.ts";
import { enlist } from "../../../src/domain/workers/acting.ts";
import { planRegister } from "../../../src/domain/workers/register.ts";
import {
  applied,
  at,
  bare,
  broken,
  code,
  ctx,
  HOUR,
  MINUTE,
  NOW,
  ok,
  policy,
  refused,
  repo,
  worker,
} from "../../helpers/record.ts";
import { closedGroup, hashOf, invite, inviteIn, ivid, memberIn, under } from "./support.ts";

let made = 0;
const again = () => ({ op: nthId("01kjm000000000000000000000", 1000 * ++made) });
const ask = (state: State, name: string, input: { ttl?: string; code?: string } = {}) =>
  planMemberInvite(
    state,
    { code_hash: hashOf(input.code ?? `secret-${made}`), ...(input.ttl && { ttl: input.ttl }) },
    ctx(name, again()),
  );
const revoke = (state: State, name: string, id: string) =>
  planMemberRevoke(state, { id }, ctx(name, again()));
const register = (state: State, name: string, given?: string, now = NOW) =>
  planRegister(
    state,
    { name, ...(given !== undefined && { invite_hash: hashOf(given) }) },
    ctx(name, { ...again(), now }),
  );
const list = (state: State, name: string, all = false, now = NOW) =>
  ok(planMemberInvites(state, { all }, ctx(name, { now }))).result;

describe("C06 C07 C08 inviting", () => {
  it("writes a file with the hash alone, and answers what the seed asks for", () => {
    const state = closedGroup();
    const plan = ask(state, "ada", { code: "open sesame" });
    const { id } = ok(plan).result;
    expect(ok(plan).result).toEqual({
      ...{ id, status: "issued", expires_at: at(7 * 24 * HOUR), credits_used: 1, credits_limit: 2 },
    });
    expect(ok(plan).changes).toEqual([
      {
        path: `invites/${id}.yaml`,
        value: {
          ...{ kind: "Invite", id, code_hash: hashOf("open sesame"), by: "ada" },
          ...{ created_at: at(0), expires_at: at(7 * 24 * HOUR) },
        },
      },
    ]);
    expect(JSON.stringify(plan)).not.toContain("open sesame");
    expect(ok(plan).event).toEqual({
      type: "member.invited",
      subject: `make invite ${id.slice(-4)}`,
      actor: "ada",
    });
  });

  it("counts credits: as many as the policy gives, each member for themselves", () => {
    let state = closedGroup();
    for (const used of [1, 2]) {
      const plan = ask(state, "ada");
      expect(ok(plan).result.credits_used).toBe(used);
      state = applied(state, plan);
    }
    expect(refused(ask(state, "ada"))).toMatchObject({
      code: "invite_credits",
      data: { credits_used: 2, credits_limit: 2 },
    });
    expect(code(ask(state, "bob"))).toBe("ok");
  });

  it("C08 taking one back returns its credit, its end by time does not, and a used one is spent", () => {
    const both = closedGroup(
      invite("aaaa", { expires_at: at(-MINUTE) }),
      invite("bbbb", { used_by: "bob", used_at: at(-MINUTE) }),
    );
    expect(code(ask(both, "ada"))).toBe("invite_credits");
    const state = applied(both, revoke(both, "ada", "aaaa"));
    expect(code(ask(state, "ada"))).toBe("ok");
    expect(creditsUsed(state, "ada")).toBe(1);
  });

  it.each([
    ["2d", 48 * HOUR],
    ["7d", 168 * HOUR],
  ] as const)("counts for %s where that is asked for", (ttl, length) => {
    expect(ok(ask(closedGroup(), "ada", { ttl })).result.expires_at).toBe(at(length));
  });

  it.each([
    ["for longer than the policy gives", "ada", { ttl: "8d" }, "invalid_input"],
    ["for no length of time", "ada", { ttl: "soon" }, "invalid_input"],
    ["by a stranger", "zoe", {}, "worker_unknown"],
    ["by one who is retired", "ret", {}, "worker_retired"],
    ["by one who is paused", "pat", {}, "worker_retired"],
    ["with the code of another", "bob", { code: "code-aaaa" }, "already_exists"],
  ] as const)("is refused %s", (_name, who, input, expected) => {
    const state = closedGroup(
      worker("ret", { status: "retired" }),
      worker("pat", { status: "paused" }),
      invite("aaaa"),
    );
    expect(code(ask(state, who, input))).toBe(expected);
  });

  it("is refused to all where the policy gives no credits", () => {
    expect(code(ask(under({ invites: { per_member: 0 } }), "max"))).toBe("invite_credits");
  });
});

describe("C01 C05 registering with an invite", () => {
  it("uses it up in the same change, which says by whom and when", () => {
    const state = closedGroup(invite("aaaa"));
    const plan = register(state, "fay", "code-aaaa");
    expect(ok(plan).result).toMatchObject({ name: "fay", invite: ivid("aaaa") });
    const next = applied(state, plan);
    expect(memberIn(next, "fay").invite).toBe(ivid("aaaa"));
    expect(inviteIn(next, "aaaa")).toMatchObject({ used_by: "fay", used_at: at(0), by: "ada" });
    expect(refused(register(next, "gus", "code-aaaa"))).toMatchObject({
      code: "invite_state",
      data: { id: ivid("aaaa"), status: "used" },
    });
  });

  const states = [
    ["C09 unknown", "code-zzzz", "invite_unknown", undefined],
    ["C09 used", "code-dead", "invite_state", "used"],
    ["C09 expired", "code-past", "invite_state", "expired"],
    ["C09 at its end", "code-n0w0", "invite_state", "expired"],
    ["C09 taken back", "code-back", "invite_state", "revoked"],
    ["C05 none", undefined, "invite_required", undefined],
  ] as const;
  it.each(states)("is refused with one that is %s", (_name, given, expected, status) => {
    const state = closedGroup(
      invite("dead", { used_by: "bob", used_at: at(-MINUTE) }),
      invite("past", { expires_at: at(-1000) }),
      invite("n0w0", { expires_at: at(0) }),
      invite("back", { revoked_at: at(-MINUTE) }),
    );
    const refusal = refused(register(state, "fay", given));
    expect(refusal.code).toBe(expected);
    expect(refusal.message).not.toContain(given ?? "sha256");
    if (status) expect(refusal.data).toMatchObject({ status });
  });

  it("names the next command", () => {
    expect(refused(register(closedGroup(), "fay"))).toMatchObject({
      hint: "owp member register fay --invite <code>",
    });
  });

  it("C12 the first member needs none", () => {
    const files = [policy({ governance: { invites: { required: true } } }), repo("web")];
    expect(code(register(bare(...files), "ada"))).toBe("ok");
    expect(enlist(bare(...files), ctx("ada"))).toMatchObject({ ok: true, isNew: true });
    expect(code(register(bare(...files, worker("bob")), "ada"))).toBe("invite_required");
  });

  it("a maintainer who registers someone shows one too, and one that is not asked for is used all the same", () => {
    const state = closedGroup(invite("aaaa"));
    const named = (input: object) => planRegister(state, { name: "fay", ...input }, ctx("max", again()));
    expect(code(named({}))).toBe("invite_required");
    expect(code(named({ invite_hash: hashOf("code-aaaa") }))).toBe("ok");
    const open = under({}, invite("aaaa"));
    expect(inviteIn(applied(open, register(open, "fay", "code-aaaa")), "aaaa").used_by).toBe("fay");
    expect(code(register(open, "fay", "code-zzzz"))).toBe("invite_unknown");
  });

  it("a first claim obeys the same rule: it registers no one, and names the command", () => {
    expect(enlist(closedGroup(), ctx("fay"))).toMatchObject({
      ok: false,
      code: "worker_unknown",
      hint: "owp member register fay --invite <code>",
    });
    expect(enlist(under({}), ctx("fay"))).toMatchObject({ ok: true, isNew: true });
  });

  it("who is registered uses none up by registering again", () => {
    const state = closedGroup(invite("aaaa"));
    expect(ok(register(state, "bob", "code-aaaa"))).toMatchObject({ changes: [], result: { already: true } });
  });

  it("F11 an invite that cannot be read counts as unusable", () => {
    expect(code(register(closedGroup(broken(invite("aaaa"))), "fay", "code-aaaa"))).toBe("invite_unknown");
  });
});

describe("C09 taking an invite back", () => {
  it.each([
    ["its maker", "ada", "aaaa", "ok"],
    ["a maintainer", "max", "aaaa", "ok"],
    ["its maker, after its end", "ada", "past", "ok"],
    ["another member", "bob", "aaaa", "not_allowed"],
    ["a stranger", "zoe", "aaaa", "worker_unknown"],
    ["its maker, once it is used", "ada", "dead", "invite_state"],
    ["anyone, where there is none", "ada", "zzzz", "invite_unknown"],
    ["anyone, by a part that several have", "ada", "0000", "invite_unknown"],
    ["anyone, by too little of it", "ada", "aa", "usage"],
  ])("by %s", (_name, who, id, expected) => {
    const state = closedGroup(
      invite("aaaa"),
      invite("past", { expires_at: at(-HOUR / 2) }),
      invite("dead", { used_by: "bob", used_at: at(-MINUTE) }),
    );
    expect(code(revoke(state, who, id))).toBe(expected);
  });

  it("stands, and is no second change", () => {
    const state = closedGroup(invite("aaaa"));
    const next = applied(state, revoke(state, "ada", "aaaa"));
    expect(inviteIn(next, "aaaa").revoked_at).toBe(at(0));
    expect(ok(revoke(next, "ada", "aaaa"))).toMatchObject({ changes: [], result: { already: true } });
    expect(code(register(next, "fay", "code-aaaa"))).toBe("invite_state");
  });
});

describe("C09 C10 the list", () => {
  const state = closedGroup(
    invite("aaaa", { expires_at: at(HOUR) }),
    invite("bbbb", { used_by: "bob", used_at: at(-MINUTE) }),
    invite("cccc", { by: "bob", revoked_at: at(-MINUTE) }),
    broken(invite("dddd")),
  );
  const short = ({ invites }: ReturnType<typeof list>) => invites.map((row) => `${row.short} ${row.status}`);

  it("has one's own, with the status as it is now", () => {
    expect(short(list(state, "ada"))).toEqual(["bbbb used", "aaaa issued"]);
    expect(short(list(state, "ada", false, NOW + HOUR))).toEqual(["bbbb used", "aaaa expired"]);
    expect(list(state, "ada")).toMatchObject({ credits_used: 2, credits_limit: 2 });
    expect(list(state, "bob").credits_used).toBe(0);
  });

  it("has all members' where that is asked for, no hash, and says what cannot be read", () => {
    expect(short(list(state, "ada", true))).toEqual(["cccc revoked", "bbbb used", "aaaa issued"]);
    const plan = ok(planMemberInvites(state, { all: true }, ctx("ada")));
    expect(JSON.stringify(plan.result)).not.toContain("sha256");
    expect(plan.warnings).toEqual([expect.stringContaining(ivid("dddd"))]);
  });
});

it("C06 C08 whatever a group does with invites: one code makes one member, and nobody has more than the policy gives", () => {
  const names = ["ada", "bob", "max", "fay", "gus"];
  const step = fc.record({
    act: fc.constantFrom("invite", "register", "revoke"),
    who: fc.nat(4),
    which: fc.nat(9),
    minutes: fc.constantFrom(0, 1, 60 * 24 * 8),
  });
  fc.assert(
    fc.property(fc.array(step, { maxLength: 40 }), (steps) => {
      let state = closedGroup();
      let now = NOW;
      const ids: string[] = [];
      for (const [n, { act, who, which, minutes }] of steps.entries()) {
        now += minutes * MINUTE;
        const caller = ctx(names[who] ?? "ada", { ...again(), now });
        const picked = which % Math.max(1, ids.length);
        const plan: Plan =
          act === "invite"
            ? planMemberInvite(state, { code_hash: hashOf(`k${n}`) }, caller)
            : act === "register"
              ? planRegister(
                  state,
                  { name: `new${n}`, invite_hash: hashOf(`k${ids[picked] ?? "x"}`) },
                  caller,
                )
              : planMemberRevoke(state, { id: [...state.objects("Invite")][picked]?.id ?? "zzzz" }, caller);
        if (act === "invite" && plan.ok) ids.push(String(n));
        if (plan.ok && plan.changes.length > 0) state = applied(state, plan);
      }
      const users = [...state.workers.values()].flatMap(({ invite: id }) => id ?? []);
      expect(new Set(users).size).toBe(users.length);
      const rows = [...state.objects("Invite")];
      expect(rows.filter(({ facts }) => facts.used_by).length).toBe(users.length);
      for (const name of names) expect(creditsUsed(state, name)).toBeLessThanOrEqual(2);
      for (const { facts } of rows)
        expect(["issued", "used", "expired", "revoked"]).toContain(statusOf(facts as never, now));
    }),
    { numRuns: 60 },
  );
});
