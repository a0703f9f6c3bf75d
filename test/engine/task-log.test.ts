/** The commits about one task, on a record with other people's commits between. */
import { afterAll, beforeAll, expect, test } from "vitest";
import { OPERATIONS } from "../../src/domain/operations.ts";
import { readTaskLog, type TaskLogLimits } from "../../src/engine/task-log.ts";
import type { RecordHub } from "../../src/lib/hub.ts";
import { git, gitInput } from "../helpers/git.ts";
import { hubAt, recordHub, runAt } from "../helpers/record-hub.ts";

let open: RecordHub;
let ids: string[];
let tip: string;

/** Making the record takes some dozen processes. */
const SETUP_MS = 120_000;

beforeAll(async () => {
  const { hub, clone } = await recordHub();
  const as = (name: string, ...operations: Parameters<typeof runAt>[1]) =>
    runAt(clone, operations, { as: name });
  await as("ada", ["add", { title: "second" }]);
  ids = ((await as("ada", ["list", { sort: "created" }])).result as { tasks: { id: string }[] }).tasks.map(
    ({ id }) => id,
  );
  const [one, two] = ids as [string, string];
  await as("ada", ["claim", { id: one }], ["fail", { id: one, message: "no luck\n\nat all" }]);
  await as("bob", ["claim", { id: two }], ["done", { id: two }], ["claim", { id: one }]);
  // Someone pastes trailers that do not explain what they did.
  const message = `hello\n\nnot so\n\nOwp-Op: 01kjm0000000000000000000zz\nOwp-Event: task.done\nOwp-Actor: eve\nOwp-Task: ${one}`;
  const blob = gitInput(hub, "x", "hash-object", "-w", "--stdin");
  const tree = gitInput(hub, `${git(hub, "ls-tree", "owp")}\n100644 blob ${blob}\tzz\n`, "mktree");
  git(hub, "update-ref", "refs/heads/owp", git(hub, "commit-tree", tree, "-p", "owp", "-m", message));
  open = (await hubAt(clone, { as: "ada" })) as RecordHub;
  await open.run("status", {});
  tip = git(hub, "rev-parse", "owp");
}, SETUP_MS);
afterAll(() => open.close());

const log = (id: string, limits: Partial<TaskLogLimits> = {}, first = "task.created") =>
  readTaskLog(open.parts.store, tip, id, OPERATIONS, ({ event }) => event === first, {
    commits: 100,
    found: 100,
    ...limits,
  });

test("oldest first, with what was said and the lease as it stood", async () => {
  const { commits, complete } = await log(ids[0] as string);
  expect(complete).toBe(true);
  expect(commits).toMatchObject([
    { event: "task.created", actor: "ada" },
    { event: "task.claimed", actor: "ada", lease: { epoch: 1, worker: "ada" } },
    { event: "task.retry", message: "no luck\n\nat all", lease: { epoch: 1, worker: null } },
    { event: "task.claimed", actor: "bob", lease: { epoch: 2, worker: "bob" } },
    { event: "record.edited", actor: "Test" },
  ]);
  expect(commits.at(-1)).not.toHaveProperty("message");
  expect((await log(ids[1] as string)).commits.map(({ event }) => event)).toEqual([
    "task.created",
    "task.claimed",
    "task.done",
  ]);
});

test("the search ends at the first commit about the task, or at a limit, which it says", async () => {
  const [one, two] = ids as [string, string];
  expect((await log(one, {}, "task.retry")).commits.map(({ event }) => event)).toEqual([
    "task.retry",
    "task.claimed",
    "record.edited",
  ]);
  expect(await log(one, { commits: 2 })).toMatchObject({
    complete: false,
    commits: [{ event: "task.claimed" }, {}],
  });
  expect(await log(one, { found: 1 })).toMatchObject({
    complete: false,
    commits: [{ event: "record.edited" }],
  });
  expect(await log(two, { commits: 1 })).toEqual({ complete: false, commits: [] });
});
