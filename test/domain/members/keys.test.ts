import { describe, expect, it } from "vitest";
import { nthId } from "../../../src/core/ids.ts";
import type { State } from "../../../src/core/state.ts";
import { planMemberRotate } from "../../../src/domain/members/rotate.ts";
import { planWorkerEdit } from "../../../src/domain/workers/edit.ts";
import { planRegister } from "../../../src/domain/workers/register.ts";
import { applied, at, code, ctx, HOUR, ok, refused, worker } from "../../helpers/record.ts";
import { KEYS, memberIn, under } from "./support.ts";

const [A, B, C] = KEYS;
const SECRET = "-----BEGIN OPENSSH PRIVATE KEY-----\nb3BlbnNzaC1rZXktdjEAAAAAsecretsecret\n-----END";
const rotate = (state: State, who: string, ssh_key: string, name?: string) =>
  planMemberRotate(state, { ssh_key, ...(name && { name }) }, ctx(who));
const register = (state: State, input: object, who = "fay") =>
  planRegister(state, input, ctx(who, { op: nthId("01kjm000000000000000000000", 77) }));

const group = under(
  {},
  worker("cy", { ssh_key: A, former_keys: [{ key: C, until: at(-HOUR) }] }),
  worker("ret", { ssh_key: B, status: "retired" }),
);

describe("C01 a key at registration", () => {
  it("is kept as one canonical line, without its comment", () => {
    const state = under({});
    const next = applied(state, register(state, { ssh_key: `${A} fay@box\n`, email: "fay@example.org" }));
    expect(memberIn(next, "fay")).toMatchObject({ ssh_key: A, email: "fay@example.org" });
  });

  it.each([
    ["that another member has", A, "key_taken"],
    ["that one who is retired has", B, "key_taken"],
    ["that someone had before", C, "key_taken"],
    ["that is none", "ssh-ed25519 AAAA", "invalid_input"],
    ["that is a private one", SECRET, "invalid_input"],
  ])("is refused %s", (_name, ssh_key, expected) => {
    const refusal = refused(register(group, { ssh_key }));
    expect(refusal.code).toBe(expected);
    expect(JSON.stringify(refusal)).not.toContain(ssh_key.slice(-12));
    expect(JSON.stringify(refusal)).not.toContain("b3Blbn");
  });

  it.each([["ada"], ["ada@"], ["a b@c.de"], [`${"x".repeat(250)}@c.de`]])(
    "C03 email %s is refused",
    (email) => {
      expect(refused(register(under({}), { email }))).toMatchObject({ data: { field: "email" } });
    },
  );

  it("C03 email is optional, and edited and emptied like the rest of the profile (C15)", () => {
    let state = under({});
    state = applied(state, planWorkerEdit(state, { email: "ada@example.org", display: "Ada" }, ctx("ada")));
    expect(memberIn(state, "ada")).toMatchObject({ email: "ada@example.org", display: "Ada" });
    state = applied(state, planWorkerEdit(state, { clear: ["email"] }, ctx("ada")));
    expect(memberIn(state, "ada")).not.toHaveProperty("email");
    expect(code(planWorkerEdit(state, { email: "x@y.z" }, ctx("bob")))).toBe("ok");
    expect(code(planWorkerEdit(state, { name: "ada", email: "x@y.z" }, ctx("bob")))).toBe("not_allowed");
  });

  it("registering again with another key leads to rotation", () => {
    const again = (ssh_key: string) => planRegister(group, { ssh_key }, ctx("cy"));
    expect(ok(again(A))).toMatchObject({ changes: [], result: { already: true } });
    expect(refused(again(B))).toMatchObject({ code: "already_exists", hint: "owp member rotate" });
  });
});

describe("C14 rotation", () => {
  it("gives the first key, and then keeps the old ones with their end", () => {
    let state = under({});
    state = applied(state, rotate(state, "ada", A));
    expect(memberIn(state, "ada")).toMatchObject({ ssh_key: A, updated_at: at(0) });
    expect(memberIn(state, "ada")).not.toHaveProperty("former_keys");
    state = applied(state, rotate(state, "ada", B));
    const plan = rotate(state, "ada", C);
    expect(ok(plan).result).toEqual({ name: "ada", ssh_key: C, former: 2 });
    state = applied(state, plan);
    expect(memberIn(state, "ada").former_keys).toEqual([
      { key: A, until: at(0) },
      { key: B, until: at(0) },
    ]);
    expect(ok(rotate(state, "ada", C))).toMatchObject({ changes: [], result: { already: true } });
    expect(code(rotate(state, "ada", A))).toBe("key_taken");
  });

  it.each([
    ["by itself", "cy", "cy", "ok"],
    ["by a maintainer, when the old key is lost", "max", "cy", "ok"],
    ["by another", "bob", "cy", "not_allowed"],
    ["of nobody", "max", "zoe", "worker_unknown"],
    ["of one who is retired", "max", "ret", "worker_retired"],
  ])("%s", (_name, who, name, expected) => {
    const fresh = KEYS[1].replace(/.{4}=$/, "AAA=").replace("YmJi", "ZGRk");
    expect(code(rotate(group, who, fresh, name))).toBe(expected);
  });

  it.each([
    ["a key that another has", B, "key_taken"],
    ["one's own former key", C, "key_taken"],
    ["a private key", SECRET, "invalid_input"],
  ])("is refused with %s", (_name, key, expected) => expect(code(rotate(group, "cy", key))).toBe(expected));
});
