import { describe, expect, it } from "vitest";
import { pathOf } from "../../../src/core/paths.ts";
import { planRegister } from "../../../src/domain/workers/register.ts";
import type { Worker, WorkerRegisterInput } from "../../../src/generated/types.ts";
import {
  applied,
  broken,
  type Called,
  code,
  ctx,
  type File,
  ok,
  policy,
  record,
  refused,
  worker,
} from "../../helpers/record.ts";

const HASH = `sha256:${"a1".repeat(32)}`;
const register = (files: File[], input: WorkerRegisterInput, who = "new", called: Called = {}) =>
  planRegister(record(...files), input, ctx(who, called));
const written = (plan: ReturnType<typeof planRegister>) => ok(plan).changes[0]?.value as Worker;

describe("register", () => {
  it("A01 A02 F13 takes the seed's fields, answers an id, and keeps the token's hash alone", () => {
    const state = record();
    const input = {
      name: "Alice",
      github_handle: "alice",
      skills: ["python", "docs"],
      capacity_points: 5,
      max_concurrent_tasks: 2,
      token_hash: HASH,
    };
    const plan = planRegister(state, input, ctx("max"));
    const value = applied(state, plan).workers.get("alice");
    expect(value).toMatchObject({
      ...input,
      name: "alice",
      display: "Alice",
      status: "active",
      trust_tier: "basic",
    });
    expect(ok(plan).result).toEqual({ worker_id: value?.id, name: "alice", trust_tier: "basic" });
    expect(ok(plan).result.worker_id).toMatch(/^w_/);
    expect(JSON.stringify(ok(plan).result)).not.toContain("sha256");
    expect(ok(plan).event).toEqual({
      type: "worker.registered",
      subject: "register alice",
      actor: "max",
      worker: "alice",
    });
  });

  it("A03 A04 defaults: 5 points, 2 tasks, no skills; or the policy's", () => {
    expect(written(register([], {}))).toMatchObject({
      name: "new",
      capacity_points: 5,
      max_concurrent_tasks: 2,
      skills: [],
    });
    const files = [
      policy({
        worker_defaults: { capacity_points: 9, max_concurrent_tasks: 4 },
        default_trust: "untrusted",
      }),
    ];
    expect(written(register(files, {}))).toMatchObject({
      capacity_points: 9,
      max_concurrent_tasks: 4,
      trust_tier: "untrusted",
    });
  });

  it("A05 the same skill in another case is one skill", () => {
    expect(written(register([], { skills: ["Rust", " rust ", "sql"] })).skills).toEqual(["Rust", "sql"]);
  });

  const rows: [string, File[], WorkerRegisterInput, string][] = [
    ["A03 a name of 120 characters", [], { name: "x".repeat(120) }, "ok"],
    ["A03 a name of 121", [], { name: "x".repeat(121) }, "invalid_input"],
    ["A03 an empty name", [], { name: " " }, "invalid_input"],
    ["F12 a name that is a path", [], { name: "../../owp" }, "invalid_input"],
    ["F12 a name with two slashes", [], { name: "a/b/c" }, "invalid_input"],
    ["a name in a folder that looks like a file", [], { name: "a.yaml/b" }, "invalid_input"],
    ["A03 a handle of 121 characters", [], { github_handle: "x".repeat(121) }, "invalid_input"],
    ["A03 0 points", [], { capacity_points: 0 }, "invalid_input"],
    ["A03 101 points", [], { capacity_points: 101 }, "invalid_input"],
    ["A03 100 points", [], { capacity_points: 100 }, "ok"],
    ["A03 21 tasks", [], { max_concurrent_tasks: 21 }, "invalid_input"],
    ["a skill with a newline", [], { skills: ["a\nb"] }, "invalid_input"],
    ["A02 a token in the hash's place", [], { token_hash: "secret" }, "invalid_input"],
    ["a name that is taken", [], { name: "ada" }, "already_exists"],
    ["a name that is taken, in capitals", [], { name: "ADA" }, "already_exists"],
    ["me again with nothing new", [worker("new")], {}, "ok"],
    ["me again with something new", [worker("new")], { skills: ["rust"] }, "already_exists"],
    [
      "F11 in the place of a file that cannot be read",
      [broken(worker("zoe"))],
      { name: "zoe" },
      "record_invalid",
    ],
    ["closed registration", [policy({ registration: "closed" })], {}, "not_allowed"],
  ];
  it.each(rows)("%s", (_name, files, input, expected) => expect(code(register(files, input))).toBe(expected));

  it("closed registration is open to maintainers", () => {
    expect(code(register([policy({ registration: "closed" })], { name: "zoe" }, "max"))).toBe("ok");
  });

  it("me again makes no commit, and says that a new token is void", () => {
    const plan = register([worker("new")], { token_hash: HASH });
    expect(ok(plan)).toMatchObject({ changes: [], result: { already: true, name: "new" } });
  });

  it("names field, value and rule", () => {
    expect(refused(register([], { capacity_points: 101 }))).toMatchObject({
      data: { field: "capacity_points", value: 101 },
    });
  });

  it("a default name belongs to its clone, and another clone's takes a longer one", () => {
    const first = record();
    const own = { explicit: false, clone: "c10ne001" };
    const plan = planRegister(first, {}, ctx("ada@box/web", own));
    expect(written(plan).clone).toBe("c10ne001");
    const second = planRegister(
      applied(first, plan),
      {},
      ctx("ada@box/web", { explicit: false, clone: "c10ne999" }),
    );
    expect(ok(second).result.name).toBe("ada@box/web-e999");
    expect(ok(second).changes[0]?.path).toBe(pathOf("Worker", "ada@box/web-e999"));
    expect(written(planRegister(first, {}, ctx("zoe"))).clone).toBeUndefined();
  });
});
