/** When a change is published without a look first, and when not. */
import { beforeEach, expect, test } from "vitest";
import type { RecordHub } from "../../src/lib/hub.ts";
import { cloneOf, git } from "../helpers/git.ts";
import { hubAt, recordHub, runAt } from "../helpers/record-hub.ts";

let hub: string;
let clone: string;
let ada: RecordHub;
let looks: number;
/** ms that this clone believes to have gone by besides the real ones. */
let later: number;

beforeEach(async () => {
  ({ hub, clone } = await recordHub());
  ada = (await hubAt(clone, { as: "ada" })) as RecordHub;
  const { remote, clock } = ada.parts;
  const { fetch } = remote;
  const { elapsed } = clock;
  [looks, later] = [0, 0];
  remote.fetch = (options) => {
    looks++;
    return fetch.call(remote, options);
  };
  clock.elapsed = () => elapsed() + later;
  return () => ada.close();
});

const run = async (name: string, input: object = {}) => {
  looks = 0;
  return ada.run(name, input);
};
const titles = () => git(hub, "grep", "-h", "-o", "title: .*", "owp", "--", "tasks").split("\n").sort();

test("a change right after one's own takes no look", async () => {
  await run("add", { title: "second" });
  expect(await run("add", { title: "third" })).toMatchObject({ ok: true, attempts: 1 });
  expect(looks).toBe(0);
  expect(titles()).toEqual(["title: first", "title: second", "title: third"]);
});

test("what another clone did in the meantime costs a push and loses nothing", async () => {
  await run("add", { title: "second" });
  await runAt(cloneOf(hub), [["add", { title: "theirs" }]], { as: "bob" });
  expect(await run("add", { title: "third" })).toMatchObject({ ok: true, attempts: 2 });
  expect(looks).toBeGreaterThan(0);
  expect(titles()).toEqual(["title: first", "title: second", "title: theirs", "title: third"]);
  // Others are about: the view is looked at again.
  await run("add", { title: "fourth" });
  expect(looks).toBe(1);
});

test("a claim of a task that another clone has just taken is decided on what the remote has", async () => {
  const added = await run("add", { title: "second", priority: 900 });
  const { id } = (added as { result: { id: string } }).result;
  await runAt(cloneOf(hub), [["claim", { id }]], { as: "bob" });
  expect(await run("claim", { id })).toMatchObject({ ok: false, code: "task_held", data: { worker: "bob" } });
});

test("a refusal, and an answer that changes nothing, take a look", async () => {
  await run("claim");
  expect(await run("claim")).toMatchObject({ ok: true, commit: null });
  expect(looks).toBe(1);
  await run("add", { title: "second" });
  expect(await run("done", { id: "zzzzzz" })).toMatchObject({ ok: false });
  expect(looks).toBe(1);
});

test("a view that is old is looked at again", async () => {
  await run("add", { title: "second" });
  later = 29_000;
  await run("add", { title: "third" });
  expect(looks).toBe(0);
  later += 31_000;
  await run("add", { title: "fourth" });
  expect(looks).toBe(1);
});

test("heartbeats are known only after a look", async () => {
  await run("add", { title: "second" });
  await run("heartbeat", { status: "paused" });
  expect(await run("claim")).toMatchObject({ ok: false, code: "worker_retired" });
  await run("add", { title: "third" });
  await run("add", { title: "fourth" });
  expect(looks).toBe(1);
});
