import { describe, expect, it } from "vitest";
import { planHandoff } from "../../../src/domain/tasks/handoff.ts";
import { issueOf } from "../../../src/domain/tasks/issue.ts";
import { actingWorker, draftWorker, enlist } from "../../../src/domain/workers/acting.ts";
import { findWorker } from "../../../src/domain/workers/find.ts";
import type { Task } from "../../../src/generated/types.ts";
import {
  applied,
  at,
  bare,
  broken,
  ctx,
  lease,
  leaseIn,
  maintainer,
  ok,
  policy,
  record,
  repo,
  task,
  taskIn,
  worker,
} from "../../helpers/record.ts";

describe("who acts", () => {
  const rows: [string, Parameters<typeof worker>[1] | null, boolean, string][] = [
    ["a new default name", null, false, "cleo@box/web"],
    ["a default name of this clone", { clone: "c10ne001" }, false, "cleo@box/web"],
    ["a default name of another clone", { clone: "0ther009" }, false, "cleo@box/web-e001"],
    ["a name that no clone claims", {}, false, "cleo@box/web"],
    ["a name that was given is meant", { clone: "0ther009" }, true, "cleo@box/web"],
  ];
  it.each(rows)("%s", (_name, fields, explicit, expected) => {
    const state = fields ? record(worker("cleo@box/web", fields)) : record();
    expect(actingWorker(state, ctx("cleo@box/web", { explicit })).name).toBe(expected);
  });

  it("the suffixed name is a worker of its own from its second command on", () => {
    const state = record(worker("cleo", { clone: "0ther009" }), worker("cleo-e001", { clone: "c10ne001" }));
    expect(actingWorker(state, ctx("cleo", { explicit: false })).worker?.name).toBe("cleo-e001");
  });

  it("a name at the limit stays within it", () => {
    const long = "a".repeat(120);
    const { name } = actingWorker(
      record(worker(long, { clone: "0ther009" })),
      ctx(long, { explicit: false }),
    );
    expect(name).toHaveLength(120);
    expect(name.endsWith("-e001")).toBe(true);
  });
});

describe("registration by a first change", () => {
  it("A03 A06 fills in the policy's defaults; a chosen name is bound to no clone", () => {
    const state = record(
      policy({
        default_trust: "untrusted",
        worker_defaults: { capacity_points: 9, max_concurrent_tasks: 4 },
      }),
    );
    const who = enlist(state, ctx("nell", { actor_kind: "human" }));
    if (!who.ok) throw new Error(who.message);
    expect(who.worker).toEqual({
      ...{
        kind: "Worker",
        name: "nell",
        actor_kind: "human",
        skills: [],
        capacity_points: 9,
        max_concurrent_tasks: 4,
      },
      ...{
        status: "active",
        trust_tier: "untrusted",
        created_at: at(0),
        id: expect.stringMatching(/^w_[0-9a-z]{26}$/),
      },
    });
    expect(who.changes).toEqual([{ path: "workers/nell.yaml", value: who.worker }]);
    expect(draftWorker(state.rules, "nell", ctx("nell", { explicit: false })).clone).toBe("c10ne001");
  });

  it("a name that a maintainer registered becomes that of the first clone that acts under it by default", () => {
    const state = record(worker("cleo@box/web"));
    const first = enlist(state, ctx("cleo@box/web", { explicit: false }));
    if (!first.ok) throw new Error(first.message);
    expect(first.changes).toMatchObject([{ value: { name: "cleo@box/web", clone: "c10ne001" } }]);
    const bound = record(worker("cleo@box/web", { clone: "c10ne001" }));
    expect(enlist(bound, ctx("cleo@box/web", { explicit: false }))).toMatchObject({ changes: [] });
    const other = enlist(bound, ctx("cleo@box/web", { explicit: false, clone: "0ther009" }));
    expect(other).toMatchObject({ name: "cleo@box/web-r009", isNew: true });
    expect(enlist(state, ctx("cleo@box/web"))).toMatchObject({ changes: [] });
  });

  it("closed registration: who must do what, as a command that can be copied", () => {
    const closed = policy({ registration: "closed" });
    const state = record(
      closed,
      maintainer("lead"),
      worker("gone", { trust_tier: "maintainer", status: "retired" }),
    );
    expect(enlist(state, ctx("codex@box/api", { explicit: false }))).toMatchObject({
      code: "worker_unknown",
      message:
        "You are codex@box/api here, and no such worker is registered. Registration is closed: a maintainer (lead, max) registers workers. Nothing was changed.",
      hint: "ask lead to run: owp worker register codex@box/api --actor-kind agent",
      data: { worker: "codex@box/api", maintainers: ["lead", "max"] },
    });
    const taken = record(closed, worker("kim@box/web", { clone: "0ther009" }));
    expect(enlist(taken, ctx("kim@box/web", { explicit: false, actor_kind: "human" }))).toMatchObject({
      message: expect.stringContaining(
        "You are kim@box/web-e001 here, since kim@box/web is the worker of another clone,",
      ),
      hint: "ask max to run: owp worker register kim@box/web-e001",
    });
    expect(enlist(bare(closed, repo("web")), ctx("kim"))).toMatchObject({
      message: expect.stringContaining("Registration is closed: a maintainer registers workers."),
      hint: expect.stringContaining("ask a maintainer to run: "),
    });
  });

  it.each([
    ["a known worker changes nothing", record(), "ada", "ok"],
    ["closed registration", record(policy({ registration: "closed" })), "nell", "worker_unknown"],
    ["closed registration, known worker", record(policy({ registration: "closed" })), "ada", "ok"],
    [
      "F11 an unreadable worker file",
      bare(policy(), repo("web"), broken(worker("nell"))),
      "nell",
      "record_invalid",
    ],
  ])("%s", (_name, state, name, expected) => {
    const who = enlist(state, ctx(name));
    expect(who.ok ? "ok" : who.code).toBe(expected);
    if (who.ok) expect(who.changes).toEqual([]);
  });
});

it("F04 one record answers worker_id, actor_id, username and owner", () => {
  const state = record(
    worker("bob", { display: "Bob", actor_kind: "human" }),
    task("aaaa", { assigned_to: "bob" }),
    lease("aaaa"),
  );
  const bob = findWorker(state, "bob");
  expect(bob?.id).toMatch(/^w_/);
  expect(findWorker(state, ` ${bob?.id} `)).toBe(bob);
  expect(findWorker(state, "BOB")).toBe(bob);
  expect(findWorker(state, "w_nobody")).toBeUndefined();
  expect(issueOf(state, taskIn(state, "aaaa") as Task, "queued").assignees).toEqual([
    { actor_kind: "human", actor_id: "bob", display: "Bob" },
  ]);
  const handed = applied(state, planHandoff(state, { to: String(bob?.id) }, ctx("ada")));
  expect(leaseIn(handed, "aaaa")?.worker).toBe("bob");
  expect(ok(planHandoff(handed, { id: "aaaa", to: String(bob?.id) }, ctx("ada"))).result.already).toBe(true);
});
