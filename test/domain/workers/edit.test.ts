import { describe, expect, it } from "vitest";
import { planWorkerEdit } from "../../../src/domain/workers/edit.ts";
import { planPause } from "../../../src/domain/workers/pause.ts";
import { planWorkerResume } from "../../../src/domain/workers/resume.ts";
import { planRetire } from "../../../src/domain/workers/retire.ts";
import type { WorkerEditInput } from "../../../src/generated/types.ts";
import {
  applied,
  at,
  code,
  ctx,
  type File,
  lease,
  maintainer,
  ok,
  record,
  task,
  tid,
  worker,
} from "../../helpers/record.ts";

const edit = (files: File[], input: WorkerEditInput, who = "ada") =>
  planWorkerEdit(record(...files), input, ctx(who));

describe("worker edit", () => {
  const rows: [string, string, File[], WorkerEditInput, string][] = [
    ["one's own skills", "ada", [], { add_skill: ["rust"] }, "ok"],
    ["one's own, by name", "ada", [], { name: "ada", display: "Ada" }, "ok"],
    ["another's, as anyone", "ada", [worker("zoe")], { name: "zoe", display: "Z" }, "not_allowed"],
    ["another's, as a maintainer", "max", [], { name: "ada", display: "A" }, "ok"],
    ["A14 trust, as anyone", "ada", [], { trust_tier: "maintainer" }, "not_allowed"],
    ["A14 trust, as a maintainer", "max", [], { name: "ada", trust_tier: "trusted" }, "ok"],
    ["A13 reputation, as anyone", "ada", [], { reputation: 5 }, "not_allowed"],
    ["A13 reputation, as a maintainer", "max", [], { name: "ada", reputation: 2.5 }, "ok"],
    [
      "as a retired maintainer",
      "old",
      [worker("old", { trust_tier: "maintainer", status: "retired" })],
      { name: "ada", trust_tier: "trusted" },
      "not_allowed",
    ],
    ["the last maintainer steps down", "max", [], { trust_tier: "trusted" }, "not_allowed"],
    ["the last but one steps down", "max", [maintainer("mia")], { trust_tier: "trusted" }, "ok"],
    ["A03 limits", "ada", [], { capacity_points: 101 }, "invalid_input"],
    ["set and cleared", "ada", [], { display: "x", clear: ["display"] }, "invalid_input"],
    ["set and added to", "ada", [], { skills: ["a"], add_skill: ["b"] }, "invalid_input"],
    ["an unknown worker", "ada", [], { name: "zoe", display: "x" }, "worker_unknown"],
    ["as one who is not registered", "new", [], { display: "x" }, "worker_unknown"],
  ];
  it.each(rows)("%s", (_name, who, files, input, expected) =>
    expect(code(edit(files, input, who))).toBe(expected),
  );

  it("A13 A14 writes and empties fields, and moves updated_at", () => {
    const state = record(worker("ada", { skills: ["rust", "sql"], display: "Ada", reputation: 3 }));
    const plan = planWorkerEdit(
      state,
      { name: "ada", remove_skill: ["RUST"], add_skill: ["go"], clear: ["display", "reputation"] },
      ctx("max"),
    );
    const next = applied(state, plan).workers.get("ada");
    expect(next).toMatchObject({ skills: ["sql", "go"], updated_at: at(0) });
    expect(next).not.toHaveProperty("display");
    expect(next).not.toHaveProperty("reputation");
    expect(ok(plan).result.changed.sort()).toEqual(["display", "reputation", "skills"]);
    expect(ok(plan).event).toMatchObject({ type: "worker.edited", actor: "max", worker: "ada" });
  });

  it("nothing new makes no commit", () => {
    expect(ok(edit([], { capacity_points: 5 }))).toMatchObject({ changes: [], result: { already: true } });
  });
});

describe("A10 pause, resume, retire", () => {
  const verbs = { pause: planPause, resume: planWorkerResume, retire: planRetire };
  const paused = worker("ada", { status: "paused" });
  const retired = worker("ada", { status: "retired" });
  const rows: [string, keyof typeof verbs, string, string | undefined, File[], string][] = [
    ["pause myself", "pause", "ada", undefined, [], "ok paused"],
    ["pause again", "pause", "ada", undefined, [paused], "already paused"],
    ["resume myself", "resume", "ada", undefined, [paused], "ok active"],
    ["resume what is active", "resume", "ada", undefined, [], "already active"],
    ["retire myself", "retire", "ada", undefined, [], "ok retired"],
    ["pause what is retired", "pause", "ada", undefined, [retired], "worker_retired"],
    ["come back by myself", "resume", "ada", undefined, [retired], "worker_retired"],
    ["be brought back by a maintainer", "resume", "max", "ada", [retired], "ok active"],
    ["pause another", "pause", "ada", "zoe", [worker("zoe")], "not_allowed"],
    ["pause another as a maintainer", "pause", "max", "ada", [], "ok paused"],
    ["retire the last maintainer", "retire", "max", undefined, [], "not_allowed"],
    ["retire one of two maintainers", "retire", "max", undefined, [maintainer("mia")], "ok retired"],
    ["pause the last maintainer", "pause", "max", undefined, [], "ok paused"],
    ["pause someone unknown", "pause", "max", "zoe", [], "worker_unknown"],
  ];
  it.each(rows)("%s", (_name, verb, who, name, files, expected) => {
    const plan = verbs[verb](record(...files), name === undefined ? {} : { name }, ctx(who));
    const word = plan.ok ? `${plan.result.already ? "already" : "ok"} ${plan.result.status}` : plan.code;
    expect(word).toBe(expected);
    if (plan.ok) expect(plan.changes).toHaveLength(plan.result.already ? 0 : 1);
  });

  it("A10 keeps what the worker holds, and says so", () => {
    const plan = planPause(record(task("k3f9"), lease("k3f9")), {}, ctx("ada"));
    expect(ok(plan)).toMatchObject({ result: { holds: [tid("k3f9")] }, event: { type: "worker.paused" } });
    expect(ok(plan).changes).toHaveLength(1);
    expect(ok(plan).warnings?.[0]).toContain("k3f9");
  });
});
