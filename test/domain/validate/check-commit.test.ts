import { describe, expect, test } from "vitest";
import { encode } from "../../../src/core/codec.ts";
import type { Task } from "../../../src/generated/types.ts";
import {
  BASE,
  beat,
  by,
  done,
  ended,
  jobs,
  merged,
  reclaimed,
  renewed,
  settles,
  step,
  taken,
  without,
} from "./forged/tasks.ts";
import {
  checkForged,
  type Forged,
  free,
  JOB,
  job,
  jobKey,
  jobLease,
  lease,
  NOW,
  outcome,
  pathFor,
  policy,
  T1,
  task,
  type Value,
  worker,
} from "./support.ts";

describe("what operations write is accepted", () => {
  const rows: [string, Forged][] = [
    ["a merge that ends what another held", step([task(), lease()], [merged()], settles("bob"))],
    [
      "a merge that ends what its settler held",
      step([task(), lease()], [merged({ epoch: 3, by: undefined })], settles("ada")),
    ],
    [
      "a merge that ends what no one held, by a worker who is new",
      step(
        [task(), free()],
        [merged({ epoch: 3, worker: null, by: "eve" }), worker("eve", 4)],
        settles("eve"),
      ),
    ],
    [
      "a merge that ends a planned task",
      step([task({ status: "planned" })], [merged({ epoch: 0, worker: null })], settles("bob")),
    ],
    [
      "a merge that ends blocked work",
      step([task(), lease({ phase: "blocked" })], [merged()], settles("bob")),
    ],
    [
      "a merge beside a revert that opens an ended task",
      step([merged()], [task(), free({ epoch: 5, reopened_at: "2026-01-02T11:30:00Z" })], settles("bob")),
    ],
    ["a job is accepted", step([], [job(), jobKey()], jobs("ada"))],
    ["a job is claimed", step([job()], [job(), jobLease({ epoch: 1, attempt: 1 })], jobs("ada"))],
    [
      "a heartbeat of a job, by whoever has the token",
      step([job(), jobLease()], [job(), jobLease(beat)], jobs("eve")),
    ],
    ["a job is claimed again, on the second", step([job(), jobLease()], [job(), reclaimed()], jobs("bob"))],
    ["a job is done, by whoever has the token", step([job(), jobLease()], [ended("done")], jobs("eve"))],
    ["a job has failed", step([job(), jobLease()], [ended("failed")], jobs("ada"))],
    ["attempts are used up", step([job(), jobLease()], [ended("failed", { by: "bob" })], jobs("bob"))],
    [
      "a queued job is cancelled",
      step([job()], [ended("canceled", { epoch: 0, attempt: 0, worker: null, by: "bob" })], jobs("bob")),
    ],
    [
      "a running job is cancelled",
      step([job(), jobLease()], [ended("canceled", { by: "bob" })], jobs("bob")),
    ],
    [
      "a remark on a job that runs",
      step([job(), jobLease()], [job({}, { labels: ["x"] }), jobLease()], by("bob")),
    ],
    [
      "a remark on a job that has ended",
      step([ended("done")], [{ ...ended("done"), labels: ["x"] }], by("bob")),
    ],
    [
      "requests of a job's claims, when it ends",
      step(
        [job(), jobLease()],
        [{ ...ended("done"), job: { ...job().job, request_ids: ["r-1", "r-2"] } } as Task],
        jobs("ada"),
      ),
    ],
    ["add", step([], [task()], by("ada"))],
    ["an import of an ended task", step([], [done()], by("ada"))],
    ["the first claim", step([task()], [task(), lease({ epoch: 1 })], by("ada"))],
    ["a claim after a release", step([task(), free()], [task(), lease({ epoch: 4 })], by("ada"))],
    ["a renewal", step([task(), lease()], [task(), renewed], by("ada"))],
    ["a release", step([task(), lease()], [task(), free()], by("ada"))],
    [
      "a fail with attempts left",
      step([task(), lease()], [task(), free({ phase: "retry", attempt: 1 })], by("ada")),
    ],
    ["block", step([task(), lease()], [task(), lease({ phase: "blocked" })], by("ada"))],
    ["done", step([task(), lease()], [done()], by("ada"))],
    ["a forced done", step([task(), lease()], [done({ epoch: 4, by: "root" })], by("root"))],
    [
      "done by a maintainer, held by no one",
      step([task(), free()], [done({ worker: null, by: "root" })], by("root")),
    ],
    [
      "cancel by its creator",
      step(
        [task()],
        [task({ status: "canceled", outcome: outcome({ epoch: 0, worker: null, by: "ada" }) })],
        by("ada"),
      ),
    ],
    ["requeue of an ended task", step([done()], [task(), free({ epoch: 4 })], by("bob"))],
    ["a takeover after the end", step([task(), lease()], [task(), taken()], by("bob"))],
    [
      "a takeover for silence",
      step(
        [task(), lease()],
        [
          task(),
          taken({
            claimed_at: "2026-01-02T11:00:00Z",
            expires_at: "2026-01-02T15:00:00Z",
            taken_from: { worker: "ada", epoch: 3, reason: "silent" },
          }),
        ],
        by("bob"),
      ),
    ],
    [
      "an expired lease ended by other work in its area",
      step(
        [task(), lease()],
        [
          task(),
          free({ epoch: 4, phase: "retry", taken_from: { worker: "ada", epoch: 3, reason: "expired" } }),
        ],
        { ...by("bob"), at_ms: NOW + 86_400_000, now: NOW + 86_400_000 },
      ),
    ],
    [
      "a takeover in the second in which it may be",
      step(
        [task(), lease()],
        [task(), taken({ claimed_at: "2026-01-02T14:05:00Z", expires_at: "2026-01-02T18:05:00Z" })],
        by("bob"),
      ),
    ],
    [
      "a merge with a side on which the task ended anew",
      step([done()], [done({ epoch: 5, worker: "bob" })], { parents: 2 }),
    ],
    [
      "a hand-over",
      step(
        [task(), lease()],
        [task(), taken({ taken_from: { worker: "ada", epoch: 3, reason: "handoff" } })],
        by("ada"),
      ),
    ],
    [
      "a forced requeue",
      step(
        [task(), lease()],
        [task(), free({ epoch: 4, taken_from: { worker: "ada", epoch: 3, reason: "forced" } })],
        by("root"),
      ),
    ],
    [
      "trust given by a maintainer",
      {
        before: [...BASE],
        after: [...BASE.filter((v) => v !== BASE[3]), worker("bob", 2, { trust_tier: "trusted" })],
        ...by("root"),
      },
    ],
    ["a worker that registers itself", step([], [worker("eve", 4)], by("eve"))],
    [
      "a commit dated ahead within the allowed skew",
      step([], [task()], { ...by("ada"), at_ms: NOW + 5 * 60_000 }),
    ],
    [
      "the first commit",
      {
        before: [],
        after: BASE,
        parents: 0,
        afterText: { "README.md": "x\n", ".owp/schemas/task.json": "{}\n" },
        operations: [{ events: ["task.any"], touches: ["*"] }],
        ...by("root"),
      },
    ],
    [
      "a person's edit of what is to be done",
      step([task(), lease()], [task({ title: "Other", priority: 80 }), lease()]),
    ],
    ["a person's opening of a planned task", step([task({ status: "planned" })], [task()])],
    ["a person's new file", step([], [task()])],
    ["a foreign file", { before: BASE, after: BASE, afterText: { "docs/x.md": "x\n" } }],
  ];
  test.each(rows)("%s", (_name, forged) => expect(checkForged(forged)).toEqual([]));
});

describe("commits in which more than one thing is wrong", () => {
  const rows: [string, Forged, string[]][] = [
    [
      "a job that was done has failed",
      step([ended("done")], [ended("failed")], jobs("ada")),
      ["status_step", "job_reopened"],
    ],
    [
      "owp requeue of a job",
      step([ended("done")], [job(), free({ task: JOB, attempt: 0 })], by("root")),
      ["job_reopened", "job_command"],
    ],
    [
      "a person gives a lease to another",
      step([task(), lease()], [task(), lease({ worker: "bob" })]),
      ["holder_same_epoch", "coordination_edited"],
    ],
    [
      "a broken file in an otherwise sound step",
      step([task(), lease()], [task()], {
        afterText: { [pathFor(lease())]: encode(pathFor(lease()), lease()).replace("epoch: 3", "epoch: x") },
      }),
      ["schema"],
    ],
    [
      "a newer protocol",
      { before: BASE, after: [...without("Policy"), policy({ protocol: "2.0" })] },
      ["protocol_newer", "protocol_changed"],
    ],
    [
      "trailers with a stale epoch",
      step([task(), free()], [task(), lease({ epoch: 4 })], { entry: { tasks: [{ id: T1, epoch: 3 }] } }),
      ["coordination_edited", "trailers_ignored"],
    ],
    [
      "a release by someone else, dressed as a takeover",
      step(
        [task(), lease()],
        [task(), free({ taken_from: { worker: "ada", epoch: 3, reason: "silent" } })],
        by("bob"),
      ),
      ["taken_from_epoch", "not_holder"],
    ],
    [
      "a takeover for someone else",
      step([task(), lease()], [task(), taken()], by("cyd")),
      ["claim_for_other"],
    ],
    [
      "a merge that drops the other side's task",
      step([task(), lease()], [], { parents: 2 }),
      ["file_deleted"],
    ],
    [
      "a merge that takes the older side of a lease",
      step([task(), lease({ epoch: 5 })], [task(), lease({ epoch: 4, worker: "bob" })], { parents: 2 }),
      ["epoch_decreased"],
    ],
  ];
  test.each(rows)("%s", (_name, forged, codes) => {
    expect(checkForged(forged).map((finding) => finding.code)).toEqual(codes);
  });
});

describe("a repair", () => {
  const OPERATIONS = [
    { events: ["record.repaired"], touches: ["Policy", "Worker", "Repo", "Task", "Lease", ""] },
  ];
  const repaired = (before: Value[], after: Value[], actor = "root", more: Partial<Forged> = {}) =>
    step(before, after, { entry: { event: "record.repaired", actor }, operations: OPERATIONS, ...more });
  const rows: [string, Forged, string[]][] = [
    ["raises an epoch by more than one", repaired([task(), lease()], [task(), lease({ epoch: 9 })]), []],
    ["brings back a deleted task with its lease", repaired([], [task(), lease()]), []],
    ["ends again what had its outcome", repaired([task({ outcome: outcome() })], [done()]), []],
    ["moves a file", repaired([task()], [task()], "root", { beforeText: { "tasks/x.yaml": "x\n" } }), []],
    ["lowers no epoch", repaired([task(), lease()], [task(), lease({ epoch: 2 })]), ["epoch_decreased"]],
    ["reopens no task", repaired([done()], [task(), free({ epoch: 4 })]), ["status_step"]],
    ["rewrites no outcome", repaired([done()], [done({ worker: "bob" })]), ["outcome_rewritten"]],
    [
      "is a maintainer's",
      repaired([task(), lease()], [task(), lease({ epoch: 9 })], "bob"),
      ["epoch_jump", "not_holder"],
    ],
  ];
  test.each(rows)("%s", (_name, forged, codes) => {
    expect(checkForged(forged).map((finding) => finding.code)).toEqual(codes);
  });
});

test("a lease edited by hand is named with the line that differs, and with its first where it came or went", () => {
  const edited = (before: Value[], after: Value[]) =>
    checkForged(step(before, after)).filter(({ code }) => code === "coordination_edited");
  const lines = encode(pathFor(lease()), lease()).split("\n");
  const [changed] = edited([task(), lease()], [task(), lease({ ttl: "5h" })]);
  expect([changed?.path, lines[(changed?.line ?? 0) - 1]]).toEqual([pathFor(lease()), "ttl: 4h"]);
  expect(edited([task(), lease()], [task()])).toMatchObject([{ line: 1 }]);
  expect(edited([task()], [task(), lease({ epoch: 1 })])).toMatchObject([{ line: 1 }]);
});

test("findings name the commit, the file and the line", () => {
  const [finding] = checkForged(step([task(), free()], [task(), lease()], by("ada")));
  expect(finding).toMatchObject({ commit: "c".repeat(40), path: pathFor(lease()), severity: "error" });
  const text = encode(pathFor(lease()), lease());
  expect(text.split("\n")[(finding?.line ?? 0) - 1]).toBe("worker: ada");
});

test("the policy of that moment counts: its skew", () => {
  const wide = [policy({ leases: { max_skew: "2h" } }), ...without("Policy")];
  const forged = { before: [...wide, task(), lease()], after: [...wide, task(), taken()], ...by("bob") };
  expect(checkForged(forged).map((finding) => finding.code)).toEqual(["takeover_early"]);
  expect(checkForged(step([task(), lease()], [task(), taken()], by("bob")))).toEqual([]);
});
