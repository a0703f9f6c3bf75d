import { describe, expect, test } from "vitest";
import { encode } from "../../../src/core/codec.ts";
import { OBJECT_COMMIT_RULES } from "../../../src/domain/validate/object-commit-rules.ts";
import { RULES } from "../../../src/domain/validate/rules.ts";
import { RUN_RULES } from "../../../src/domain/validate/run-rules.ts";
import type { Lease, Task } from "../../../src/generated/types.ts";
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
  repo,
  T1,
  T2,
  task,
  tokenHash,
  type Value,
  worker,
} from "./support.ts";

const BASE: Value[] = [
  policy(),
  repo(),
  worker("ada", 1),
  worker("bob", 2),
  worker("root", 3, { trust_tier: "maintainer" }),
];
const without = (kind: Value["kind"]): Value[] => BASE.filter((value) => value.kind !== kind);

/** A step of one task, with the rest of the record standing still. */
const step = (before: Value[], after: Value[], more: Partial<Forged> = {}): Forged => ({
  before: [...BASE, ...before],
  after: [...BASE, ...after],
  ...more,
});
const by = (actor: string): Partial<Forged> => ({ entry: { actor } });
const done = (more = {}) => task({ status: "done", outcome: outcome(more) });

/** bob takes over from ada, whose lease ended at 14:00. */
const taken = (more = {}) =>
  lease({
    worker: "bob",
    epoch: 4,
    claimed_at: "2026-01-02T14:10:00Z",
    expires_at: "2026-01-02T18:10:00Z",
    taken_from: { worker: "ada", epoch: 3, reason: "expired" },
    ...more,
  });
const renewed = lease({ renewed_at: "2026-01-02T12:30:00Z", expires_at: "2026-01-02T16:30:00Z" });

const SHA = "4f2a91c04f2a91c04f2a91c04f2a91c04f2a91c0";
/** bob settles a merge of what ada held. */
const merged = (more = {}) => {
  const proof = { merged_as: SHA, artifacts: [{ type: "commit" as const, uri: SHA }] };
  return done({ epoch: 4, by: "bob", ...proof, ...more });
};
const settles = (actor: string): Partial<Forged> => ({
  entry: { actor, event: "task.merged" },
  operations: [{ events: ["task.merged"], touches: ["Worker", "Task", "Lease"] }],
});
const NEVER = policy({ merge: { closes: false } });

/** Jobs: an operation of owp job by someone. */
const jobs = (actor: string): Partial<Forged> => ({
  entry: { actor, event: "job.any" },
  operations: [{ events: ["job.any"], touches: ["Worker", "Task", "Lease", "JobKey"] }],
});
const ended = (status: Task["status"], more: Partial<Task["outcome"]> = {}) =>
  job({ last_event_id: `evt_${"0".repeat(26)}_1` }, { status, outcome: outcome({ attempt: 3, ...more }) });
/** bob claims what ada lost at 10:01. */
const reclaimed = (more: Partial<Lease> = {}, token = tokenHash("2")) =>
  jobLease(
    {
      ...{ worker: "bob", epoch: 4, attempt: 4 },
      ...{ claimed_at: "2026-01-02T10:01:00Z", expires_at: "2026-01-02T10:02:00Z" },
      taken_from: { worker: "ada", epoch: 3, reason: "expired" },
      ...more,
    },
    token,
  );
const beat = { renewed_at: "2026-01-02T10:00:30Z", expires_at: "2026-01-02T10:01:30Z" };

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

/** Each row is forged in one way, and only the named rule says so. */
const ROWS: [code: string, name: string, forged: Forged][] = [
  [
    "epoch_decreased",
    "a lease turned back",
    step([task(), free({ epoch: 5 })], [task(), free({ epoch: 4 })], by("root")),
  ],
  [
    "epoch_decreased",
    "an outcome below its lease",
    step([task(), lease({ epoch: 5 })], [done({ epoch: 4 })], by("ada")),
  ],
  [
    "epoch_decreased",
    "an ended task opened without its epoch",
    step([done()], [task(), free({ epoch: 1 })], by("bob")),
  ],
  ["epoch_decreased", "an ended task opened without a lease", step([done()], [task()], by("bob"))],
  [
    "epoch_decreased",
    "an unreadable lease mended with a smaller epoch",
    step([task()], [task(), free({ epoch: 5 })], {
      beforeText: { [pathFor(free())]: "<<<<<<< a\nepoch: 4\n=======\nepoch: 7\n>>>>>>> b\n" },
    }),
  ],
  ["lease_removed", "a lease that just goes", step([task(), free()], [task()], by("ada"))],
  [
    "holder_same_epoch",
    "a lease edited by hand to another worker",
    step([task(), lease()], [task(), lease({ worker: "bob" })], { parents: 2 }),
  ],
  ["holder_same_epoch", "a claim that adds nothing", step([task(), free()], [task(), lease()], by("ada"))],
  ["epoch_jump", "a claim that adds two", step([task(), free()], [task(), lease({ epoch: 5 })], by("ada"))],
  [
    "outcome_epoch",
    "an end under the next epoch, not forced",
    step([task(), lease()], [done({ epoch: 4 })], by("ada")),
  ],
  [
    "outcome_rewritten",
    "a second end of one epoch",
    step([done()], [done({ worker: "bob" })], { parents: 2 }),
  ],
  ["outcome_rewritten", "a later end", step([done()], [done({ at: "2026-01-02T11:30:00Z" })], by("ada"))],
  [
    "status_step",
    "blocked where no one holds it",
    step([done()], [task({ status: "failed", outcome: outcome() })], by("ada")),
  ],
  [
    "status_step",
    "an open pull request that is blocked (A57)",
    step([task(), lease({ phase: "pr_opened" })], [task(), lease({ phase: "blocked" })], by("ada")),
  ],
  [
    "status_step",
    "a planned task that is claimed",
    step([task({ status: "planned" })], [task({ status: "planned" }), lease({ epoch: 1 })], by("ada")),
  ],
  ["status_step", "a new task that is held already", step([], [task(), lease({ epoch: 1 })], by("ada"))],
  [
    "outcome_worker",
    "an end by a worker who did not hold it",
    step([task(), lease()], [done({ epoch: 4, worker: "bob", by: "root" })], by("root")),
  ],
  ["not_holder", "a release by someone else", step([task(), lease()], [task(), free()], by("bob"))],
  ["not_holder", "an end by someone else", step([task(), lease()], [done()], by("bob"))],
  [
    "not_holder",
    "an end where no one holds it",
    step([task(), free()], [done({ worker: null, by: "bob" })], by("bob")),
  ],
  [
    "not_holder",
    "a forced act by one who is no maintainer",
    step(
      [task(), lease()],
      [task(), taken({ taken_from: { worker: "ada", epoch: 3, reason: "forced" } })],
      by("bob"),
    ),
  ],
  [
    "claim_for_other",
    "a claim in another's name",
    step([task(), free()], [task(), lease({ worker: "ada", epoch: 4 })], by("bob")),
  ],
  [
    "takeover_unexplained",
    "a takeover that does not say from whom",
    step([task(), lease()], [task(), taken({ taken_from: undefined })], by("root")),
  ],
  [
    "takeover_unexplained",
    "a takeover that names another",
    step(
      [task(), lease()],
      [task(), taken({ taken_from: { worker: "eve", epoch: 3, reason: "expired" } })],
      by("root"),
    ),
  ],
  [
    "takeover_early",
    "a takeover of a lease that stands",
    step(
      [task(), lease()],
      [task(), taken({ claimed_at: "2026-01-02T14:03:00Z", expires_at: "2026-01-02T18:03:00Z" })],
      by("bob"),
    ),
  ],
  [
    "takeover_early",
    "a takeover of blocked work (A48)",
    step([task(), lease({ phase: "blocked" })], [task(), taken()], by("bob")),
  ],
  [
    "takeover_early",
    "a takeover for silence of an open pull request (A48)",
    step(
      [task(), lease({ phase: "pr_opened" })],
      [task(), taken({ taken_from: { worker: "ada", epoch: 3, reason: "silent" } })],
      by("bob"),
    ),
  ],
  [
    "takeover_early",
    "a takeover of a lease without an end (E40)",
    step([task(), lease({ ttl: null, expires_at: null })], [task(), taken()], by("bob")),
  ],
  [
    "merge_unproven",
    "a merge that names no commit",
    step([task(), lease()], [merged({ merged_as: undefined })], settles("bob")),
  ],
  [
    "merge_unproven",
    "a merge whose commit is not among the artifacts",
    step([task(), lease()], [merged({ artifacts: [{ type: "commit", uri: "0123456" }] })], settles("bob")),
  ],
  [
    "merge_unproven",
    "a merge that cancels",
    step([task(), lease()], [{ ...merged(), status: "canceled" }], settles("bob")),
  ],
  [
    "merge_unproven",
    "a merge that leaves the late holder its epoch",
    step([task(), lease()], [merged({ epoch: 3 })], settles("bob")),
  ],
  [
    "merge_unproven",
    "a merge that takes an epoch from no one",
    step([task(), free()], [merged({ worker: null })], settles("bob")),
  ],
  [
    "merge_unproven",
    "a merge that hides who settled it",
    step([task(), lease()], [merged({ by: undefined })], settles("bob")),
  ],
  [
    "merge_unproven",
    "a merge where policy closes nothing",
    {
      before: [...without("Policy"), NEVER, task(), lease()],
      after: [...without("Policy"), NEVER, merged()],
      ...settles("bob"),
    },
  ],
  [
    "outcome_worker",
    "a merge that says another did the work",
    step([task(), lease()], [merged({ worker: "bob" })], settles("bob")),
  ],
  [
    "not_holder",
    "a merge's proof under another event",
    step([task(), free()], [merged({ epoch: 3, worker: null })], by("bob")),
  ],
  ["merge_other_step", "a release among merges", step([task(), lease()], [task(), free()], settles("ada"))],
  [
    "outcome_rewritten",
    "another commit as its merge",
    step([merged()], [merged({ merged_as: "0123456" })], by("bob")),
  ],
  ["coordination_edited", "a release by hand", step([task(), lease()], [task(), free()])],
  [
    "coordination_edited",
    "an artifact added by hand",
    step([done()], [done({ artifacts: [{ type: "link", uri: "x" }] })]),
  ],
  [
    "immutable_field",
    "another beginning (B04)",
    step([task()], [task({ created_at: "2025-01-01T00:00:00Z" })]),
  ],
  ["immutable_field", "another author", step([task()], [task({ created_by: "bob" })], { parents: 2 })],
  [
    "immutable_field",
    "another id of a worker",
    {
      before: BASE,
      after: [
        ...without("Worker"),
        worker("ada", 9),
        worker("bob", 2),
        worker("root", 3, { trust_tier: "maintainer" }),
      ],
      ...by("root"),
    },
  ],
  [
    "immutable_field",
    "another id of a repo (B24)",
    {
      before: BASE,
      after: [...without("Repo"), repo("main", { id: "r_01jh0000000000000000000077" })],
      ...by("root"),
    },
  ],
  ["file_deleted", "a task", step([task()], [], by("root"))],
  ["file_deleted", "a held task with its lease", step([task(), lease()], [])],
  ["file_deleted", "a worker", { before: BASE, after: BASE.slice(0, -1), parents: 2 }],
  ["file_deleted", "a repo", { before: BASE, after: without("Repo"), ...by("root") }],
  ["file_deleted", "the policy", { before: BASE, after: without("Policy"), ...by("root") }],
  [
    "protocol_changed",
    "back from a newer major version",
    { before: [...without("Policy"), policy({ protocol: "2.0" })], after: BASE },
  ],
  [
    "trust_raised",
    "by itself",
    {
      before: BASE,
      after: [
        ...without("Worker"),
        worker("ada", 1, { trust_tier: "maintainer" }),
        worker("bob", 2),
        worker("root", 3, { trust_tier: "maintainer" }),
      ],
      ...by("ada"),
    },
  ],
  [
    "trust_raised",
    "registered above the default",
    step([], [worker("eve", 4, { trust_tier: "trusted" })], by("eve")),
  ],
  [
    "trust_edited",
    "by a commit that is no operation",
    step([], [worker("eve", 4, { trust_tier: "trusted" })]),
  ],
  [
    "trust_edited",
    "an unreadable worker mended with more",
    step([], [worker("eve", 4, { trust_tier: "trusted" })], {
      beforeText: { "workers/eve.yaml": "<<<<<<< a\n" },
    }),
  ],
  [
    "not_maintainer",
    "another worker's file",
    {
      before: BASE,
      after: [
        ...without("Worker"),
        worker("ada", 1),
        worker("bob", 2, { status: "retired" }),
        worker("root", 3, { trust_tier: "maintainer" }),
      ],
      ...by("ada"),
    },
  ],
  [
    "not_maintainer",
    "the policy",
    { before: BASE, after: [...without("Policy"), policy({ max_estimate: 9 })], ...by("ada") },
  ],
  ["trailers_ignored", "an unknown event", step([], [task()], { entry: { event: "task.made_up" } })],
  [
    "trailers_ignored",
    "an event that does not touch this kind",
    step([], [task()], { ...by("ada"), operations: [{ events: ["task.any"], touches: ["Worker"] }] }),
  ],
  ["job_changed", "another payload", step([job()], [job({ payload: { goal: "y" } })])],
  ["job_changed", "a payload where there was none", step([job({ payload: undefined })], [job()])],
  ["job_changed", "another type", step([job()], [job({ type: "wiki.build" })], by("root"))],
  [
    "job_changed",
    "a later place in the queue",
    step([job()], [job({ accepted_event_id: `evt_${"1".repeat(26)}` })]),
  ],
  ["job_changed", "more attempts", step([job()], [job({}, { max_attempts: 4 })])],
  [
    "job_changed",
    "a request less",
    step([job({ request_ids: ["r-1", "r-2"] })], [job({ request_ids: ["r-2"] })]),
  ],
  ["job_changed", "a job is one no more", step([job()], [job({}, { job: undefined })])],
  ["job_changed", "a merge loses the job", step([job()], [job({}, { job: undefined })], { parents: 2 })],
  [
    "job_reopened",
    "opened again, as a task would be",
    step([ended("done")], [job(), free({ task: JOB, attempt: 0 })], jobs("root")),
  ],
  [
    "job_reopened",
    "an artifact after the end",
    step(
      [ended("done")],
      [{ ...ended("done"), job: { ...ended("done").job, artifacts: { a: "b" } } } as Task],
    ),
  ],
  [
    "job_step",
    "complete, and no one had claimed it",
    step([job()], [ended("done", { epoch: 0, worker: null })], jobs("root")),
  ],
  [
    "job_fence",
    "another token under the same epoch",
    step([job(), jobLease()], [job(), jobLease(beat, tokenHash("2"))], jobs("ada")),
  ],
  [
    "job_fence",
    "the same token under the next epoch",
    step([job(), jobLease()], [job(), reclaimed({}, tokenHash("1"))], jobs("bob")),
  ],
  [
    "job_fence",
    "a claim that counts as no attempt",
    step([job(), jobLease()], [job(), reclaimed({ attempt: 3 })], jobs("bob")),
  ],
  [
    "job_fence",
    "attempts given back",
    step([job(), jobLease()], [job(), jobLease({ ...beat, attempt: 1 })], jobs("ada")),
  ],
  ["job_record", "a cut record", step([], [task()], { ...by("ada"), jobRecords: ['job.accepted {"job_id'] })],
  [
    "job_command",
    "owp claim of a job",
    step([job()], [job(), jobLease({ epoch: 1, attempt: 1 })], by("ada")),
  ],
  ["job_command", "owp done of a job", step([job(), jobLease()], [ended("done")], by("ada"))],
  [
    "takeover_early",
    "a job, a second before its lease ended",
    step(
      [job(), jobLease()],
      [job(), reclaimed({ claimed_at: "2026-01-02T10:00:59Z", expires_at: "2026-01-02T10:01:59Z" })],
      jobs("bob"),
    ),
  ],
  [
    "takeover_early",
    "a job, since its worker was silent",
    step(
      [job(), jobLease()],
      [job(), reclaimed({ taken_from: { worker: "ada", epoch: 3, reason: "silent" } })],
      jobs("bob"),
    ),
  ],
  [
    "epoch_decreased",
    "a job's epoch, to let a stale token in",
    step([job(), reclaimed()], [job(), jobLease({ attempt: 4 }, tokenHash("2"))], jobs("bob")),
  ],
  ["immutable_field", "a key leads to another job", step([jobKey()], [jobKey({ task: T1 })])],
  ["file_deleted", "a key is deleted", step([job(), jobKey()], [job()])],
  [
    "trailers_ignored",
    "a foreign file beside the operation",
    step([], [task()], { ...by("ada"), afterText: { "x.txt": "x\n" } }),
  ],
  ["trailers_ignored", "another task than they name", step([], [task()], { entry: { tasks: [{ id: T2 }] } })],
  [
    "trailers_ignored",
    "the beginning of a record that had begun",
    step([], [task()], { ...by("ada"), operations: [{ events: ["task.any"], touches: ["*"] }] }),
  ],
  ["trailers_ignored", "a merge with pasted trailers", step([], [task()], { ...by("ada"), parents: 2 })],
  [
    "commit_future",
    "dated 2096",
    step([], [task()], { ...by("ada"), at_ms: Date.parse("2096-01-01T00:00:00Z") }),
  ],
];

describe("each rule of history finds what it is for, and nothing else does", () => {
  test.each(ROWS)("%s: %s", (code, _name, forged) => {
    expect(checkForged(forged).map((finding) => finding.code)).toEqual([code]);
  });

  test("every rule of history has a row", () => {
    const rules = RULES.filter(({ scope }) => scope === "commit").map(({ code }) => code);
    const covered = new Set(
      [...ROWS, ...[...OBJECT_COMMIT_RULES, ...RUN_RULES].map(({ code }) => [code])].map(([code]) => code),
    );
    expect(rules.filter((code) => !covered.has(code))).toEqual([]);
  });
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
