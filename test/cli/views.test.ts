import { describe, expect, test } from "vitest";
import type { Look } from "../../src/view/look.ts";
import { columns } from "../../src/view/paint.ts";
import { loadView } from "../../src/view/views.ts";
import { NOW } from "./support.ts";

const COMPACT: Look = { color: false, width: 100, now: NOW, compact: true };
const TERMINAL: Look = { color: false, width: 90, now: NOW, compact: false };

const show = async (command: string, result: unknown, look: Look) =>
  (await loadView(command)).render(result, look);
const next = async (command: string, result: unknown) => (await loadView(command)).next?.(result);
const quiet = async (command: string, result: unknown) => (await loadView(command)).quiet?.(result);

const ID = "t_01kg9gm2d0000000000000k3f9";
const at = (ms: number) => new Date(NOW + ms).toISOString();
const HOUR = 3_600_000;

const row = {
  id: ID,
  short: "k3f9",
  title: "Fix the login",
  repo: "web",
  priority: 80,
  estimate: 2,
  tier: 0,
  area: "auth",
  skills: ["rust"],
  state: "in_progress",
};
const held = {
  ...row,
  worker: "ada",
  epoch: 3,
  attempt: 1,
  claimed_at: at(-HOUR),
  expires_at: at(HOUR),
  time_left_ms: HOUR,
};
const claimed = {
  ...row,
  epoch: 3,
  attempt: 1,
  max_attempts: 5,
  ttl: "4h",
  expires_at: at(4 * HOUR),
  branch: "task/k3f9-fix-the-login",
  trailer: "Owp-Task: t_01jh0000000000000000000k3f",
  description: "It fails on Safari.\nSince May.",
  acceptance: { criteria: ["a test"] },
};

describe("claim", () => {
  test("compact: what, until when, what for", async () => {
    const text = await show("claim", { worker: "ada", tasks: [claimed] }, COMPACT);
    expect(text.split("\n")).toEqual([
      "claimed k3f9 Fix the login",
      "epoch 3, attempt 1 of 5, lease ends in 4h; repo web, area auth, estimate 2",
      "branch task/k3f9-fix-the-login; Owp-Task: t_01jh0000000000000000000k3f",
      "done when: a test",
      "description: It fails on Safari. Since May.",
    ]);
  });

  const long = "Lorem ipsum dolor sit amet consectetur. ".repeat(1600);
  const largest = {
    ...claimed,
    title: long.slice(0, 300),
    skills: Array.from({ length: 50 }, (_, at) => `skill-${at}`),
    description: long,
    acceptance: { criteria: Array.from({ length: 200 }, () => long.slice(0, 4000)) },
    depends_on: Array.from({ length: 500 }, () => ({ id: ID, short: "k3f9", title: long.slice(0, 300) })),
    left_message: long.slice(0, 4000),
    notes: Array.from({ length: 5 }, () => ({ at: at(0), by: "ada", text: long.slice(0, 4000) })),
    artifacts: Array.from({ length: 200 }, () => ({
      type: "link",
      uri: `https://example.org/${"x".repeat(1900)}`,
    })),
    taken_from: {
      worker: `${"a".repeat(59)}/${"b".repeat(60)}`,
      epoch: 2,
      reason: "expired",
      evidence: long.slice(0, 500),
    },
  };

  test("what was cut is named", async () => {
    expect(await show("claim", { worker: "ada", tasks: [largest] }, COMPACT)).toMatch(
      /more: owp show k3f9 --brief$/,
    );
    expect(await show("claim", { worker: "ada", tasks: [claimed] }, COMPACT)).not.toContain("more:");
  });

  test("a takeover and what was left behind come first", async () => {
    const task = {
      ...claimed,
      taken_from: { worker: "bob", epoch: 2, reason: "silent" },
      left_message: "half done",
      already_held: undefined,
    };
    const text = await show("claim", { worker: "ada", tasks: [task] }, COMPACT);
    expect(text).toMatch(/taken over: from bob \(epoch 2\): silent\nleft behind: half done/);
  });

  test("held already; several; quiet; next", async () => {
    const result = {
      worker: "ada",
      tasks: [
        { ...claimed, already_held: true },
        { ...claimed, short: "m2x7" },
      ],
    };
    expect(await show("claim", result, TERMINAL)).toMatch(/^yours already: k3f9[\s\S]*claimed m2x7/);
    expect(await quiet("claim", result)).toBe("k3f9\nm2x7");
    expect(await next("claim", result)).toEqual([
      'owp done k3f9 -m "<what was done>"',
      'owp done m2x7 -m "<what was done>"',
    ]);
    const parked = { worker: "ada", tasks: [{ ...claimed, state: "blocked", already_held: true }] };
    expect(await next("claim", parked)).toEqual(["owp resume k3f9"]);
  });

  test("a worker that this claim registered hears its name; what was built on says what it came to", async () => {
    const depends_on = [
      {
        id: ID,
        short: "m2x7",
        title: "Keep sessions",
        message: "in redis",
        artifacts: [{ type: "commit", uri: "4f2a91c" }],
      },
    ];
    const task = { ...claimed, depends_on, left_message: "no luck", left_by_failure: true };
    const text = await show("claim", { worker: "ada", registered: true, tasks: [task] }, COMPACT);
    expect(text).toMatch(/^you are ada, registered with this claim\nclaimed k3f9/);
    expect(text).toContain("the last attempt failed: no luck\n");
    expect(text).toContain("builds on: m2x7 Keep sessions: in redis (commit 4f2a91c)");
  });
});

describe("status", () => {
  const base = {
    worker: { name: "ada", registered: true },
    mine: [held],
    others: [],
    tasks: { in_progress: 1, queued: 4 },
    repositories: [],
    workers: [{}, {}],
    workers_online: 1,
    expired: [],
    problems: 0,
  };

  test("says who I am, what I hold, the queue, and how old the view is", async () => {
    const text = await show("status", base, { ...COMPACT, view: { age_ms: 2 * HOUR, stale: true } });
    expect(text.split("\n")).toEqual([
      "you are ada",
      "you hold",
      " k3f9 Fix the login (in_progress, epoch 3, lease ends in 1h)",
      "queue: 1 in progress, 4 queued; 1 of 2 workers online",
      "as the record stood 2h ago",
    ]);
    expect(await next("status", base)).toEqual(['owp done k3f9 -m "<what was done>"']);
  });

  test("others, takeovers, throttled repos, broken files, a worker who is new", async () => {
    const other = { ...held, short: "m2x7", worker: "bob", state: "blocked", message: "needs a\npassword" };
    const result = {
      ...base,
      worker: { name: "cy", registered: false },
      mine: [],
      others: [other],
      expired: [{ ...other, reason: "expired", evidence: "ran out an hour ago" }],
      repositories: [{ repo: "web", max_open_prs: 2, current_open_prs: 2, throttled: true }],
      problems: 2,
    };
    const text = await show("status", result, COMPACT);
    for (const part of [
      "not registered yet",
      "you hold nothing",
      "@bob, blocked, epoch 3, lease stays, needs a password",
      "m2x7 from bob: ran out an hour ago",
      "web: 2 of 2 pull requests open",
      "2 files of the record cannot be read",
    ]) {
      expect(text).toContain(part);
    }
    expect(await next("status", result)).toEqual(["owp claim"]);
  });
});

describe("ready", () => {
  test("the queue, and why it is empty", async () => {
    expect(await show("ready", { worker: "ada", ready: [row], total: 7, open: 9 }, COMPACT)).toBe(
      "k3f9 p80 e2 Fix the login (area auth; skills rust)\n1 of 7 (--limit)",
    );
    expect(await show("ready", { worker: "ada", ready: [], total: 0, open: 9 }, COMPACT)).toContain(
      "none for ada",
    );
    expect(await show("ready", { worker: "ada", ready: [], total: 0, open: 0 }, COMPACT)).toBe(
      "no task is open",
    );
  });

  test("--explain: one reason for each task", async () => {
    const explained = [
      { ...row, claimable: true, says: "is for you" },
      { ...row, short: "m2x7", claimable: false, says: "needs go" },
    ];
    const result = { worker: "ada", ready: [row], total: 1, open: 2, explained };
    expect(await show("ready", result, COMPACT)).toBe(
      "k3f9 is for you: Fix the login\nm2x7 needs go: Fix the login",
    );
    expect(await show("ready", result, TERMINAL)).toMatch(/why[\s\S]*needs go/);
  });
});

describe("list", () => {
  const task = {
    ...row,
    status: "waiting",
    labels: [],
    waits_for: ["t_01kg9gm2d0000000000000m2x7"],
    holder: "ada",
  };

  test("a table that fits the terminal; wide characters take two columns", async () => {
    const tasks = [task, { ...task, short: "zzzz", title: "日本語の".repeat(30), holder: "claude@box/web" }];
    const text = await show("list", { tasks, total: 2, offset: 0, counts: { waiting: 2 } }, TERMINAL);
    const lines = text.split("\n");
    expect(lines[0]).toMatch(/^id +status +prio +est +title +holder +skills +area/);
    for (const line of lines) expect(columns(line)).toBeLessThanOrEqual(TERMINAL.width);
    expect(columns(lines[1]?.slice(0, lines[1].indexOf("Fix")) ?? "")).toBe(
      columns(lines[2]?.slice(0, lines[2].indexOf("日")) ?? ""),
    );
    expect(text).toContain("2 tasks: 2 waiting");
  });

  test("compact: a line each", async () => {
    const text = await show("list", { tasks: [task], total: 3, offset: 0, counts: { waiting: 3 } }, COMPACT);
    expect(text.split("\n")).toEqual([
      "k3f9 waiting p80 Fix the login (@ada; needs rust; area auth; waits for m2x7)",
      "1–1 of 3 (more with --offset 1 or --limit): 3 waiting",
    ]);
    expect(await show("list", { tasks: [], total: 0, offset: 0, counts: {} }, COMPACT)).toBe("no tasks");
  });
});

describe("acts", () => {
  const result = { id: ID, short: "k3f9", title: "Fix the login", state: "done", worker: "ada", epoch: 3 };
  test.each<[string, object, string, string[]]>([
    [
      "done",
      {
        freed: [{ id: "x", short: "m2x7", title: "Next" }],
        next: { id: "y", short: "r4st", title: "Best" },
      },
      "k3f9 Fix the login: is done (epoch 3)\n  now free: m2x7 Next\n  next for you: r4st Best",
      ["owp claim"],
    ],
    [
      "done",
      { next: { id: "y", short: "r4st", title: "Mine", yours: true } },
      "k3f9 Fix the login: is done (epoch 3)\n  still yours: r4st Mine",
      ["owp claim"],
    ],
    [
      "done",
      { next: { id: "y", short: "r4st", title: "Stuck", yours: true, waits: "blocked" } },
      "k3f9 Fix the login: is done (epoch 3)\n  still yours, blocked: r4st Stuck",
      ["owp resume r4st"],
    ],
    [
      "done",
      { freed: Array.from({ length: 7 }, () => ({ id: "x", short: "m2x7", title: "Next" })) },
      `k3f9 Fix the login: is done (epoch 3)\n${"  now free: m2x7 Next\n".repeat(5)}  and 2 more\n  nothing more is ready for you`,
      [],
    ],
    ["done", { already: true }, "k3f9 Fix the login: is done (epoch 3; it was so before)", ["owp claim"]],
    [
      "done",
      { already: true, merged_as: "4f2a91c04f2a91c0" },
      "k3f9 Fix the login: is done (epoch 3; it was so before; merged as 4f2a91c04f)",
      ["owp claim"],
    ],
    [
      "done",
      { forced: true },
      "k3f9 Fix the login: is done (epoch 3; in the holder's place)\n  nothing more is ready for you",
      [],
    ],
    [
      "fail",
      { state: "retry", worker: null, not_before: at(HOUR) },
      "k3f9 Fix the login: goes back to the queue; the next attempt may start in 1h",
      ["owp claim"],
    ],
    ["fail", { state: "failed", worker: null }, "k3f9 Fix the login: has failed", ["owp claim"]],
    ["release", { worker: null }, "k3f9 Fix the login: is back in the queue", ["owp claim"]],
    [
      "handoff",
      { worker: "bob", expires_at: at(HOUR) },
      "k3f9 Fix the login: is now with bob; the lease ends in 1h (epoch 3)",
      ["owp claim"],
    ],
    [
      "block",
      {},
      "k3f9 Fix the login: is blocked; it stays yours and frees your capacity (epoch 3)",
      ["owp claim", "owp resume k3f9"],
    ],
    ["cancel", { worker: null }, "k3f9 Fix the login: is canceled", []],
  ])("%s %j", async (name, more, text, commands) => {
    expect(await show(name, { ...result, ...more }, COMPACT)).toBe(text);
    expect(await next(name, { ...result, ...more })).toEqual(commands);
  });
});

test("show: one task with lease, links, notes, outcome", async () => {
  const task = {
    id: ID,
    title: "Fix the login",
    repo: "web",
    status: "ready",
    priority: 80,
    estimate: 2,
    created_at: at(-HOUR),
    created_by: "bob",
    description: "It fails.\nSince May.",
    notes: [{ at: at(-60_000), by: "cy", text: "on Safari" }],
  };
  const lease = {
    worker: "ada",
    epoch: 3,
    attempt: 1,
    claimed_at: at(-60_000),
    expires_at: at(HOUR),
    message: "stuck",
  };
  const link = { id: ID, short: "m2x7", title: "Before", state: "done" };
  const result = {
    id: ID,
    short: "k3f9",
    state: "in_progress",
    task,
    lease,
    attempt: 1,
    max_attempts: 5,
    epoch: 3,
    dependencies: [link],
    dependents: [{ ...link, title: undefined, state: "missing" }],
  };
  const text = await show("show", result, COMPACT);
  for (const part of [
    "k3f9 Fix the login (in progress)",
    "made 1h ago by bob",
    "lease: ada, epoch 3, attempt 1 of 5, since 1m ago, ends in 1h: stuck",
    "waits for: m2x7 Before (done)",
    "wait for it: m2x7 (missing)",
    " It fails.\n Since May.",
    "cy, 1m ago: on Safari",
  ]) {
    expect(text).toContain(part);
  }
  expect(await show("show", result, TERMINAL)).toContain("description\n  It fails.");
});

test("log: a commit a line; one event a line as JSON; a clock ahead is not shown as a time", async () => {
  const event = {
    commit: "0123456789",
    at: at(-HOUR),
    event: "task.claimed",
    actor: "ada",
    subject: "claim k3f9: Fix",
    tasks: [{ id: ID, epoch: 3 }],
    paths: [],
  };
  const ahead = { ...event, at: at(1e12), future: true };
  expect(await show("log", { events: [event] }, COMPACT)).toBe(
    "2026-01-31T11:00:00.000Z 01234567 task.claimed ada k3f9#3: claim k3f9: Fix",
  );
  expect(await show("log", { events: [ahead] }, TERMINAL)).toContain("dated ahead");
  expect((await loadView("log")).lines?.({ events: [event] })).toEqual([event]);
});

test("sync, heartbeat, workers, import, init: their facts stand in the text", async () => {
  const answers = [
    { op: "a", name: "add", ok: true },
    { op: "b", ok: false, message: "It ended.", hint: "owp show k3f9" },
  ];
  expect(await show("sync", { answers, notices: ["x landed"] }, COMPACT)).toBe(
    "x landed\nsent owp add (a)\nrefused b: It ended.\n  next: owp show k3f9",
  );
  expect(await show("sync", { answers: [], notices: [] }, COMPACT)).toBe("up to date");
  expect(
    await show(
      "heartbeat",
      { worker: "ada", status: "working", holding: [{ task: ID, epoch: 3 }], renewed: [ID] },
      COMPACT,
    ),
  ).toBe("ada: working; holds k3f9 epoch 3 renewed");
  const worker = {
    worker_id: "w_1",
    name: "ada",
    actor_kind: "human",
    status: "active",
    trust_tier: "basic",
    skills: ["rust"],
    capacity_points: 5,
    max_concurrent_tasks: 2,
    presence: { online: false, status: null, last_seen: at(-HOUR) },
    load: { points: 2, tasks: 1 },
    holds: [held],
    me: true,
    created_at: at(-HOUR),
    reputation: 0,
  };
  expect(await show("worker list", { workers: [worker], total: 1, online: 0 }, COMPACT)).toBe(
    "ada (you): human, 1h ago, 2/5 pts 1/2, basic, holds k3f9, skills rust",
  );
  expect(await show("worker show", worker, TERMINAL)).toMatch(/load: 2\/5 pts 1\/2 tasks/);
  const imported = {
    created: 2,
    updated: 1,
    unchanged: 3,
    kept: 0,
    skipped: 4,
    tasks: [{ id: ID, short: "k3f9", title: "A", external_id: "bd-1" }],
    changed: [{ id: ID, short: "c4ng", title: "B", fields: ["title", "labels"] }],
    left: [
      { key: "bd-3", title: "C", why: "over at the source" },
      { key: "D", title: "D", why: "over at the source" },
    ],
    gone: [{ id: ID, short: "g0ne", title: "E" }],
  };
  expect(await show("import", imported, COMPACT)).toBe(
    "2 new tasks, 1 updated, 3 unchanged, 4 over at the source and left out (--all takes them as open work), 1 no longer there\n  k3f9 A bd-1",
  );
  const look: Look = { ...COMPACT };
  expect((await loadView("import")).planned?.(imported, look).split("\n").slice(1)).toEqual([
    "  new    A bd-1",
    "  change c4ng B (title, labels)",
    "  skip   bd-3 C: over at the source",
    "  skip   D: over at the source",
    "  gone   g0ne E: did not come this time, and stays",
  ]);
  const many = { ...imported, tasks: Array.from({ length: 60 }, () => imported.tasks[0]) };
  expect((await loadView("import")).planned?.(many, look)).toContain("\n  and 10 more (--json has all)\n");
  expect(await show("init", { repo: "web", worker: "ada", protocol: "1.0" }, COMPACT)).toContain(
    "first maintainer",
  );
});

describe("settle, and sync that settles", () => {
  const task = { id: "t_k3f9", short: "k3f9", title: "Fix the login", state: "done", epoch: 3 };
  const commit = "4f2a91c04f2a91c04f2a91c04f2a91c04f2a91c0";
  const result = {
    merged: [
      { ...task, worker: "ada", commit, pr: "https://x.example/pull/1" },
      { ...task, worker: null, commit },
    ],
    reopened: [{ ...task, state: "queued", worker: null, commit }],
    skipped: [],
    freed: [{ id: "t_m2x7", short: "m2x7", title: "Ship it" }],
  };
  const lines = [
    "k3f9 Fix the login: is done, merged as 4f2a91c04f, https://x.example/pull/1 (held by ada; epoch 3)",
    "k3f9 Fix the login: is done, merged as 4f2a91c04f",
    "k3f9 Fix the login: is open again, taken back by 4f2a91c04f",
    "  now free: m2x7 Ship it",
  ];

  test("tell what ended, what is open again and what is free", async () => {
    expect((await show("settle", result, COMPACT)).split("\n")).toEqual(lines);
    expect(await next("settle", result)).toEqual(["owp claim"]);
    expect(await quiet("settle", result)).toBe("k3f9\nk3f9\nk3f9");
    const synced = { answers: [], notices: ["a notice"], settled: result };
    expect((await show("sync", synced, COMPACT)).split("\n")).toEqual(["a notice", ...lines]);
  });

  test("and say so where there is nothing", async () => {
    expect(await show("settle", { merged: [], reopened: [], skipped: [] }, COMPACT)).toBe(
      "nothing to settle",
    );
    expect(await show("sync", { answers: [], notices: [] }, COMPACT)).toBe("up to date");
  });
});
