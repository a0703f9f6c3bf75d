import { describe, expect, it } from "vitest";
import { attemptsOf, type TaskStep } from "../../../src/domain/tasks/attempts.ts";
import { planShow, type ShowResult } from "../../../src/domain/tasks/show.ts";
import type { Lease } from "../../../src/generated/types.ts";
import {
  at,
  ctx,
  ended,
  type File,
  HOUR,
  LATE,
  lease,
  ok,
  record,
  task,
  tid,
  waiting,
} from "../../helpers/record.ts";

const brief = (files: readonly File[], id: string, name = "ada"): ShowResult =>
  ok(planShow(record(...files), { id, brief: true }, ctx(name))).result;

describe("the brief of a task", () => {
  it("the task, what it builds on and what that came to, who waits for it", () => {
    const result = brief(
      [
        ended("aaaa", "done", { message: "in redis", artifacts: [{ type: "commit", uri: "4f2a91c" }] }),
        task("bbbb"),
        waiting("cccc", ["aaaa", "bbbb", "n0ne"], {
          description: "Do it.",
          acceptance: { criteria: ["green"] },
          notes: [{ at: at(-HOUR), by: "bob", text: "mind the gap" }],
          doctrine_refs: [{ kind: "DoctrineRef", id: "style" }],
          meta: { "x.y": "not needed" },
        }),
        waiting("dddd", ["cccc"]),
      ],
      "cccc",
    );
    expect(result.task).toMatchObject({
      ...{ title: "Task cccc", description: "Do it.", acceptance: { criteria: ["green"] } },
      notes: [{ by: "bob", text: "mind the gap" }],
      doctrine_refs: [{ id: "style" }],
    });
    expect(result.task).not.toHaveProperty("meta");
    expect(result.dependencies).toMatchObject([
      {
        ...{ short: "aaaa", state: "done", worker: "ada", message: "in redis" },
        artifacts: [{ type: "commit", uri: "4f2a91c" }],
      },
      { short: "bbbb", state: "queued" },
      { short: "n0ne", state: "missing" },
    ]);
    expect(result.dependents).toMatchObject([{ short: "dddd" }]);
    expect(result.brief).toMatchObject({ yours: false, attempts: [], more_attempts: false, cut: [] });
  });

  const ways: [name: string, files: File[], who: string, commands: string[]][] = [
    ["queued", [task("aaaa")], "ada", ["owp claim aaaa"]],
    [
      "mine",
      [task("aaaa"), lease("aaaa")],
      "ada",
      ["owp done aaaa", "owp pr aaaa", "owp block aaaa", "owp fail aaaa", "owp release aaaa"],
    ],
    ["mine, and late", [task("aaaa"), lease("aaaa", LATE)], "ada", ["owp done aaaa"]],
    ["another's, and late", [task("aaaa"), lease("aaaa", LATE)], "bob", ["owp claim aaaa"]],
    ["another's", [task("aaaa"), lease("aaaa")], "bob", ["owp note aaaa"]],
    ["mine, blocked", [task("aaaa"), lease("aaaa", { phase: "blocked" })], "ada", ["owp resume aaaa"]],
    ["mine, under review", [task("aaaa"), lease("aaaa", { phase: "pr_opened" })], "ada", ["owp done aaaa"]],
    ["planned", [task("aaaa", { status: "planned" })], "ada", ["owp edit aaaa --status ready"]],
    ["ended", [ended("aaaa", "failed")], "ada", ["owp requeue aaaa"]],
  ];
  it.each(ways)("how to go on: %s", (_name, files, who, commands) => {
    const told = brief(files, "aaaa", who).brief?.finish.map(([command]) => command) ?? [];
    for (const [index, command] of commands.entries()) expect(told[index]).toContain(command);
  });

  it("what waits is claimed later", () => {
    const { finish } = brief([task("aaaa"), waiting("bbbb", ["aaaa"])], "bbbb").brief ?? {};
    expect(finish).toEqual([["owp claim bbbb", "once all that it waits for is done"]]);
  });

  const holders: [name: string, files: File[], more: boolean][] = [
    ["never held", [task("aaaa")], false],
    ["its first holder", [task("aaaa"), lease("aaaa")], false],
    ["its second holder", [task("aaaa"), lease("aaaa", { epoch: 2 })], true],
    ["released", [task("aaaa"), lease("aaaa", { worker: null, phase: "queued" })], true],
    ["done by its first holder", [ended("aaaa", "done")], false],
    ["done by its third holder", [ended("aaaa", "done", { epoch: 3 })], true],
  ];
  it.each(holders)("whether someone had it before: %s", (_name, files, more) => {
    expect(brief(files, "aaaa").brief?.more_attempts).toBe(more);
  });

  it("the largest task stays on one page, and each cut is told", () => {
    const text = (length: number) => "word ".repeat(length / 5);
    const said = {
      message: text(4000),
      artifacts: Array.from({ length: 200 }, () => ({
        type: "link" as const,
        uri: `https://e.org/${"x".repeat(1900)}`,
      })),
    };
    const before = ["aaab", "aaac", "aaad", "aaae", "aaaf", "aaag", "aaah", "aaaj", "aaak", "aaam"];
    const result = brief(
      [
        ...before.map((id) => ended(id, "done", { ...said, message: text(4000) })),
        waiting("aaaa", before, {
          title: text(300).trim(),
          area: text(120).trim(),
          skills: Array.from({ length: 50 }, (_, at) => `${at} ${text(90)}`),
          labels: Array.from({ length: 100 }, (_, at) => `${at} ${text(90)}`),
          description: text(65_000),
          acceptance: {
            criteria: Array.from({ length: 50 }, () => text(4000)),
            tests_expected: Array.from({ length: 50 }, () => text(4000)),
          },
          notes: Array.from({ length: 50 }, () => ({ at: at(-HOUR), by: "bob", text: text(4000) })),
          context_packets: Array.from({ length: 500 }, (_, at) => ({
            kind: "ContextPacket" as const,
            id: `${at}`,
          })),
        }),
        lease("aaaa", { epoch: 9, ...said }),
        ...Array.from({ length: 40 }, (_, index) =>
          waiting(`zz${String(index).padStart(2, "0")}`, ["aaaa"], { title: text(300).trim() }),
        ),
      ],
      "aaaa",
    );
    expect(JSON.stringify(result).length).toBeLessThan(20_000);
    expect(result.brief?.cut).toEqual(
      expect.arrayContaining([
        "description (3000 of 65000 characters)",
        "criteria (10 of 50)",
        "notes (the last 5 of 50)",
        "tasks that it waits for (6 of 10)",
        "tasks that wait for it (6 of 40)",
        "artifacts (the last 4 of 200)",
      ]),
    );
  });
});

/** A commit after which the lease stands like this; null: there is none. */
const step = (
  hours: number,
  event: string,
  lease: Partial<Lease> | null,
  more: Partial<TaskStep> = {},
): TaskStep => ({
  at: at(hours * HOUR),
  event,
  actor: "ada",
  ...(lease
    ? { lease: { kind: "Lease", task: tid("aaaa"), ttl: null, expires_at: null, ...lease } as Lease }
    : {}),
  ...more,
});
const held = (worker: string, epoch: number, attempt: number, more: Partial<Lease> = {}): Partial<Lease> => ({
  ...{ worker, epoch, attempt, phase: "in_progress" },
  ...more,
});
const free = (epoch: number, more: Partial<Lease> = {}): Partial<Lease> => ({
  ...{ worker: null, epoch, attempt: 1, phase: "retry" },
  ...more,
});

describe("who had a task before, from its commits", () => {
  const rows: [name: string, steps: TaskStep[], told: object[]][] = [
    ["no one", [step(-9, "task.created", null)], []],
    [
      "a failure, then one who works on it",
      [
        step(-9, "task.claimed", held("ada", 1, 1, { claimed_at: at(-9 * HOUR) })),
        step(-8, "task.retry", free(1), { message: "no luck" }),
        step(-7, "task.claimed", held("bob", 2, 2)),
      ],
      [
        {
          epoch: 1,
          worker: "ada",
          claimed_at: at(-9 * HOUR),
          ended: "failed",
          ended_at: at(-8 * HOUR),
          message: "no luck",
        },
        { epoch: 2, attempt: 2, worker: "bob" },
      ],
    ],
    [
      "blocked and resumed is one time with it; released",
      [
        step(-9, "task.claimed", held("ada", 1, 1)),
        step(-8, "task.blocked", held("ada", 1, 1, { phase: "blocked", message: "stuck" })),
        step(-7, "task.resumed", held("ada", 1, 1)),
        step(-6, "task.released", free(1, { phase: "queued", message: "half done" })),
      ],
      [{ epoch: 1, ended: "released", message: "half done" }],
    ],
    [
      "taken over, with the evidence",
      [
        step(-9, "task.claimed", held("ada", 1, 1)),
        step(
          -1,
          "task.taken_over",
          held("bob", 2, 2, {
            taken_from: { worker: "ada", epoch: 1, reason: "expired", evidence: "passed 2h ago" },
          }),
        ),
      ],
      [{ worker: "ada", ended: "expired", message: "passed 2h ago" }, { worker: "bob" }],
    ],
    [
      "a late lease that ended with someone else's claim in its area",
      [step(-9, "task.claimed", held("ada", 1, 1)), step(-1, "task.claimed", free(2))],
      [{ worker: "ada", ended: "expired" }],
    ],
    [
      "done, and opened again",
      [
        step(-9, "task.claimed", held("ada", 1, 1)),
        step(-8, "task.done", null, { message: "it works" }),
        step(-7, "task.requeued", free(2), { message: "it does not" }),
        step(-6, "task.claimed", held("bob", 3, 1)),
      ],
      [
        { worker: "ada", ended: "done", message: "it works" },
        { worker: "bob", epoch: 3 },
      ],
    ],
    [
      "handed over",
      [
        step(-9, "task.claimed", held("ada", 1, 1)),
        step(
          -8,
          "task.handed_off",
          held("bob", 2, 1, { taken_from: { worker: "ada", epoch: 1, reason: "handoff" } }),
          {
            message: "yours",
          },
        ),
      ],
      [{ worker: "ada", ended: "handoff", message: "yours" }, { worker: "bob" }],
    ],
    [
      "a hand that changed the file and told no one",
      [step(-9, "task.claimed", held("ada", 1, 1)), step(-8, "record.edited", held("bob", 5, 1))],
      [
        { worker: "ada", ended: "edited" },
        { worker: "bob", epoch: 5 },
      ],
    ],
  ];
  it.each(rows)("%s", (_name, steps, told) => {
    expect(attemptsOf(steps)).toMatchObject(told);
    expect(attemptsOf(steps)).toHaveLength(told.length);
  });
});
