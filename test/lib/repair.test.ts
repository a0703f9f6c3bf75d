/** `owp repair`, row by row: what a bad commit did, and what the one commit that mends it leaves. */
import { beforeAll, beforeEach, describe, expect, test } from "vitest";
import { decode } from "../../src/core/codec.ts";
import { pathOf, shortId } from "../../src/core/paths.ts";
import { PROBLEMS } from "../../src/core/problem.ts";
import type { Repaired } from "../../src/domain/repair/repair.ts";
import { BY_HAND, REPAIRS } from "../../src/domain/repair/rows.ts";
import { RULES } from "../../src/domain/validate/rules.ts";
import type { Lease, Task } from "../../src/generated/types.ts";
import { type Edit, MemoryRecord } from "../helpers/memory-record.ts";

let start: MemoryRecord;
let record: MemoryRecord;
let ids: Record<"held" | "free" | "other" | "ended" | "back", string>;

const taskPath = (id: string) => pathOf("Task", id);
const leasePath = (id: string) => pathOf("Lease", id);

/** held: ada's, epoch 3. free: never claimed. other: released at epoch 1. ended: done by ada at epoch 1. back: done and requeued. */
beforeAll(async () => {
  record = new MemoryRecord();
  await record.did("max", "init", { repo: "web" });
  const add = async (title: string) => (await record.did<{ id: string }>("max", "add", { title })).result.id;
  ids = {
    ...{ held: await add("held"), free: await add("free"), other: await add("other") },
    ...{ ended: await add("ended"), back: await add("back") },
  };
  for (const id of [ids.held, ids.held, ids.other]) {
    await record.did("bob", "claim", { id });
    await record.did("bob", "release", { id });
  }
  for (const id of [ids.ended, ids.back]) {
    await record.did("ada", "claim", { id });
    await record.did("ada", "done", { id });
  }
  await record.did("max", "requeue", { id: ids.back });
  await record.did("ada", "claim", { id: ids.held });
  start = record;
});
beforeEach(() => {
  record = start.fork();
});

const read = async <T>(path: string): Promise<T> => {
  const text = await record.text(path);
  const decoded = decode(path, new TextEncoder().encode(text));
  if (!decoded.ok) throw new Error(`${path}: ${decoded.problem.message}`);
  return decoded.doc.value as T;
};
const lease = (name: keyof typeof ids) => read<Lease>(leasePath(ids[name]));
const task = (name: keyof typeof ids) => read<Task>(taskPath(ids[name]));

const line = (from: RegExp, to: string) => (text: string) => {
  if (!from.test(text)) throw new Error(`${from} is not in\n${text}`);
  return text.replace(from, to);
};
const waitsFor = (id: string) => (text: string) => `${text}relationships:\n  blocked_by:\n    - ${id}\n`;
const partOf = (id: string) => (text: string) => `${text}relationships:\n  parent: ${id}\n`;
const conflict = (text: string) =>
  text.replace(/^title:.*$/m, "<<<<<<< a\n$&\n=======\ntitle: other\n>>>>>>> b");

/** Repairs, and holds the commit to what every repair must be. Answers `path code` of each mend. */
async function repaired(): Promise<Repaired> {
  const before = record.tip;
  const { result } = await record.did<Repaired>("max", "repair");
  const left = result.left.map(({ path, code }) => `${path} ${code}`);
  expect((await record.errors()).filter((one) => !left.includes(one))).toEqual([]);
  expect(await record.errorsSince(before)).toEqual([]);
  const log = await record.did<{ events: { event: string; actor: string }[] }>("max", "log", { limit: 1 });
  expect(log.result.events).toMatchObject([{ event: "record.repaired", actor: "max" }]);
  const again = await record.run("max", "repair");
  if (left.length === 0) expect(again).toMatchObject({ ok: true, commit: null, result: { already: true } });
  else expect(again).toMatchObject({ ok: false, code: "validation_failed" });
  return result;
}

const briefly = ({ mends }: Repaired) => mends.map(({ path, code }) => `${path} ${code}`);

describe("a record without damage", () => {
  test("has nothing to mend, and gets no commit", async () => {
    const tip = record.tip;
    expect((await record.did<Repaired>("max", "repair")).result).toMatchObject({
      already: true,
      mends: [],
      left: [],
    });
    expect(record.tip).toBe(tip);
  });
});

describe("a file that cannot be read", () => {
  test.each<[string, Edit, string]>([
    ["with the markers of a conflict", conflict, "conflict_marker"],
    ["with a key twice", (text) => `${text}priority: 80\n`, "duplicate_key"],
    ["with a value that breaks the schema", line(/^priority: .*$/m, "priority: soon"), "schema"],
    ["that is no YAML", "title: [\n", "yaml_syntax"],
    ["that is empty", "", "not_a_mapping"],
  ])("%s is as it was before, and what it lost is told", async (_name, edit, code) => {
    const before = await record.text(taskPath(ids.free));
    await record.push({ [taskPath(ids.free)]: edit }, "a bad edit");
    const result = await repaired();
    expect(briefly(result)).toEqual([`${taskPath(ids.free)} ${code}`]);
    expect(result.mends[0]?.did).toContain(`(add ${shortId(ids.free)}: free)`);
    expect(await record.text(taskPath(ids.free))).toBe(before);
  });

  test.each<[string, string]>([
    ["a worker", pathOf("Worker", "ada")],
    ["a repo", pathOf("Repo", "web")],
    ["the policy", pathOf("Policy", "owp")],
  ])("%s is as it was before", async (_name, path) => {
    const before = await record.text(path);
    await record.push({ [path]: (text) => `${text}<<<<<<< a\n` });
    expect(briefly(await repaired())).toEqual([`${path} conflict_marker`]);
    expect(await record.text(path)).toBe(before);
  });

  test("is taken from before a second bad commit, and after the last good one", async () => {
    await record.push({ [taskPath(ids.free)]: line(/^title: .*$/m, "title: better") });
    const better = await record.text(taskPath(ids.free));
    await record.push({ [taskPath(ids.free)]: conflict });
    await record.push({ [taskPath(ids.free)]: "nothing: [\n" });
    await repaired();
    expect(await record.text(taskPath(ids.free))).toBe(better);
  });

  test("after a merge is taken from the side on which the task went further", async () => {
    const fork = record.tip;
    await record.did("bob", "claim", { id: ids.free });
    await record.did("bob", "done", { id: ids.free });
    const done = await record.text(taskPath(ids.free));
    const side = await record.hand({ [taskPath(ids.free)]: line(/^title: .*$/m, "title: theirs") }, [fork]);
    const record2 = record.tip;
    // The person's side is the first parent, as it is after git pull; the lease is as on the record.
    record.remote.record = await record.hand(
      { ...(await record.files(record2)), [taskPath(ids.free)]: conflict },
      [side, record2],
    );
    await repaired();
    expect(await record.text(taskPath(ids.free))).toBe(done);
    expect(await task("free")).toMatchObject({ status: "done", outcome: { epoch: 1, worker: "bob" } });
  });

  test("that never could be read is left to people, and the rest is mended", async () => {
    const born = pathOf("Task", "t_01kjm0000000000000000000zz");
    await record.push({ [born]: "title: [\n", [taskPath(ids.free)]: conflict });
    const result = await repaired();
    expect(briefly(result)).toEqual([`${taskPath(ids.free)} conflict_marker`]);
    expect(result.left).toMatchObject([
      { path: born, line: 1, code: "yaml_syntax", todo: expect.stringContaining("editor") },
    ]);
  });

  test("of the only maintainer can be mended by no command, and that is said", async () => {
    await record.push({ [pathOf("Worker", "max")]: (text) => `${text}<<<<<<< a\n` });
    const outcome = await record.run("max", "repair");
    expect(outcome).toMatchObject({
      ok: false,
      code: "not_allowed",
      message: expect.stringContaining("cannot be read"),
    });
  });
});

describe("a lease", () => {
  test("that cannot be read is as it was, and its holder goes on", async () => {
    const before = await record.text(leasePath(ids.held));
    await record.push({ [leasePath(ids.held)]: (text) => `${text}<<<<<<< a\n` });
    await repaired();
    expect(await record.text(leasePath(ids.held))).toBe(before);
    await record.did("ada", "done", { id: ids.held, epoch: 3 });
  });

  test("whose epoch went back gets one above every epoch that there was, for the same holder", async () => {
    await record.push({ [leasePath(ids.held)]: line(/^epoch: 3$/m, "epoch: 1") });
    expect(briefly(await repaired())).toEqual([`${leasePath(ids.held)} epoch_decreased`]);
    expect(await lease("held")).toMatchObject({ worker: "ada", epoch: 4, phase: "in_progress" });
    expect(await record.run("ada", "done", { id: ids.held, epoch: 1 })).toMatchObject({ code: "lease_lost" });
    await record.did("ada", "done", { id: ids.held });
  });

  test("whose epoch went back before others worked on it", async () => {
    await record.push({ [leasePath(ids.other)]: line(/^epoch: 1$/m, "epoch: 7") });
    await record.push({ [leasePath(ids.other)]: line(/^epoch: 7$/m, "epoch: 1") });
    await record.did("ada", "claim", { id: ids.other, another: true });
    await record.did("ada", "done", { id: ids.other });
    await repaired();
    expect(await task("other")).toMatchObject({ status: "done", outcome: { epoch: 8, worker: "ada" } });
  });

  test("that is unreadable and shows a higher epoch gets one above that", async () => {
    await record.push({
      [leasePath(ids.held)]: (text) => `${text.replace("epoch: 3", "epoch: 6")}<<<<<<< a\n`,
    });
    await repaired();
    expect(await lease("held")).toMatchObject({ worker: "ada", epoch: 7 });
  });

  test("that contradicts itself is as it was, above the epoch at which someone else was named", async () => {
    await record.push({
      [leasePath(ids.held)]: (text) =>
        text.replace("worker: ada", "worker: bob").replace("in_progress", "queued"),
    });
    expect(briefly(await repaired())).toEqual([`${leasePath(ids.held)} holder_phase`]);
    expect(await lease("held")).toMatchObject({
      ...{ worker: "ada", epoch: 4, phase: "in_progress" },
      taken_from: { worker: "bob", epoch: 3, reason: "forced" },
    });
  });

  test("with a longer time than it may have is as it was", async () => {
    const before = await record.text(leasePath(ids.held));
    await record.push({ [leasePath(ids.held)]: line(/^expires_at: \d{4}/m, "expires_at: 2099") });
    expect(briefly(await repaired())).toEqual([`${leasePath(ids.held)} lease_expiry`]);
    expect(await record.text(leasePath(ids.held))).toBe(before);
  });

  test("that was given to another at the same epoch gets a new one", async () => {
    await record.push({ [leasePath(ids.held)]: line(/^worker: ada$/m, "worker: bob") });
    expect(briefly(await repaired())).toEqual([`${leasePath(ids.held)} holder_same_epoch`]);
    expect(await lease("held")).toMatchObject({ worker: "bob", epoch: 4 });
  });

  test("that was deleted comes back with its holder", async () => {
    const before = await record.text(leasePath(ids.held));
    await record.push({ [leasePath(ids.held)]: null });
    expect(briefly(await repaired())).toEqual([`${leasePath(ids.held)} lease_removed`]);
    expect(await record.text(leasePath(ids.held))).toBe(before);
  });

  test("that was deleted and claimed anew gets an epoch above the first one's", async () => {
    await record.push({ [leasePath(ids.held)]: null });
    await record.did("bob", "claim", { id: ids.held });
    expect((await lease("held")).epoch).toBe(1);
    await repaired();
    expect(await lease("held")).toMatchObject({ worker: "bob", epoch: 4 });
  });

  test("over which two sides of a merge differ is held by no one, above both", async () => {
    const fork = record.tip;
    await record.did("ada", "claim", { id: ids.other, another: true });
    const [ours, files] = [record.tip, await record.files()];
    record.remote.record = fork;
    const theirs = await record.hand({ [leasePath(ids.other)]: await claimedBy("bob", 2) }, [fork]);
    record.remote.record = await record.hand({ ...files, [leasePath(ids.other)]: "<<<<<<< a\n" }, [
      ours,
      theirs,
    ]);
    await repaired();
    expect(await lease("other")).toMatchObject({ worker: null, epoch: 3, phase: "queued" });
  });

  test("of a task that has ended goes", async () => {
    await record.push({ [leasePath(ids.ended)]: await claimedBy("bob", 1, ids.ended) });
    expect(briefly(await repaired())).toEqual([`${leasePath(ids.ended)} lease_ended`]);
    expect(await record.text(leasePath(ids.ended))).toBeUndefined();
    expect((await task("ended")).outcome?.epoch).toBe(1);
  });

  test("of a task that has ended goes, and the outcome keeps the higher epoch", async () => {
    await record.push({ [leasePath(ids.ended)]: await claimedBy("bob", 5, ids.ended) });
    await repaired();
    expect(await task("ended")).toMatchObject({ status: "done", outcome: { epoch: 6, worker: "ada" } });
  });

  test("of no task goes", async () => {
    const stray = "t_01kjm0000000000000000000zz";
    await record.push({ [leasePath(stray)]: await claimedBy("bob", 1, stray) });
    expect(briefly(await repaired())).toEqual([`${leasePath(stray)} lease_stray`]);
    expect(await record.text(leasePath(stray))).toBeUndefined();
  });

  test("of a task that was deleted brings the task back", async () => {
    const before = await record.text(taskPath(ids.held));
    await record.push({ [taskPath(ids.held)]: null });
    expect(briefly(await repaired())).toEqual([`${taskPath(ids.held)} gone`]);
    expect(await record.text(taskPath(ids.held))).toBe(before);
  });

  test("of a worker who was deleted brings the worker back", async () => {
    await record.push({ [pathOf("Worker", "ada")]: null });
    expect(briefly(await repaired())).toEqual([`${pathOf("Worker", "ada")} gone`]);
    await record.did("ada", "done", { id: ids.held });
  });

  test("of a worker who never was is left to people", async () => {
    await record.push({ [leasePath(ids.other)]: await claimedBy("eve", 2) });
    const outcome = await record.run("max", "repair");
    expect(outcome).toMatchObject({
      ok: false,
      code: "validation_failed",
      hint: expect.stringContaining(`owp requeue ${shortId(ids.other)}`),
    });
  });
});

async function claimedBy(worker: string, epoch: number, id = ids.other): Promise<string> {
  const held = (await record.text(leasePath(ids.held))) ?? "";
  return held
    .replaceAll(ids.held, id)
    .replace("worker: ada", `worker: ${worker}`)
    .replace("epoch: 3", `epoch: ${epoch}`);
}

describe("a task that was ended or opened by hand", () => {
  test("with a status alone gets its outcome; its holder is fenced off", async () => {
    await record.push({ [taskPath(ids.held)]: line(/^status: ready$/m, "status: done") });
    expect(briefly(await repaired())).toEqual([
      `${taskPath(ids.held)} outcome_missing`,
      `${leasePath(ids.held)} lease_ended`,
    ]);
    expect(await task("held")).toMatchObject({
      status: "done",
      outcome: { epoch: 4, worker: "ada", by: "max" },
    });
    expect(await record.run("ada", "done", { id: ids.held, epoch: 3 })).toMatchObject({ code: "lease_lost" });
  });

  test("that no one held keeps its epoch", async () => {
    await record.push({ [taskPath(ids.other)]: line(/^status: ready$/m, "status: canceled") });
    await repaired();
    expect(await task("other")).toMatchObject({ status: "canceled", outcome: { epoch: 1, worker: null } });
  });

  test("with its outcome still there is ended again", async () => {
    await record.push({ [taskPath(ids.ended)]: line(/^status: done$/m, "status: ready") });
    expect(briefly(await repaired())).toEqual([`${taskPath(ids.ended)} outcome_unexpected`]);
    expect(await task("ended")).toMatchObject({ status: "done", outcome: { epoch: 1, worker: "ada" } });
  });

  test("without its outcome stays open, and its next holder gets a higher epoch", async () => {
    await record.push({
      [taskPath(ids.ended)]: (text) =>
        text.replace("status: done", "status: ready").replace(/^outcome:\n(?: .*\n)+/m, ""),
    });
    expect(briefly(await repaired())).toEqual([`${leasePath(ids.ended)} epoch_decreased`]);
    const { result } = await record.did<{ tasks: { epoch: number }[] }>("bob", "claim", { id: ids.ended });
    expect(result.tasks[0]?.epoch).toBe(3);
  });
});

describe("what tasks point to", () => {
  test("a dependency that leads nowhere is taken out, and no other", async () => {
    await record.push({ [taskPath(ids.free)]: waitsFor(`${ids.held}\n    - t_00000000000000000000000000`) });
    expect(briefly(await repaired())).toEqual([`${taskPath(ids.free)} reference`]);
    expect((await task("free")).relationships).toEqual({ blocked_by: [ids.held] });
  });

  test("a dependency on itself, and a parent that is none", async () => {
    await record.push({
      [taskPath(ids.free)]: (text) => waitsFor(ids.free)(text),
      [taskPath(ids.other)]: partOf("t_00000000000000000000000000"),
    });
    await repaired();
    expect([(await task("free")).relationships, (await task("other")).relationships]).toEqual([
      undefined,
      undefined,
    ]);
  });

  test("a task that others wait for comes back where it was deleted", async () => {
    await record.did("max", "edit", { id: ids.free, add_blocked_by: [ids.other] });
    await record.push({ [taskPath(ids.other)]: null, [leasePath(ids.other)]: null });
    await repaired();
    expect(await task("other")).toMatchObject({ title: "other", status: "ready" });
    expect(await lease("other")).toMatchObject({ worker: null, epoch: 1 });
  });

  test("a repo that is none becomes the one before", async () => {
    await record.push({ [taskPath(ids.free)]: line(/^repo: web$/m, "repo: nowhere") });
    expect(briefly(await repaired())).toEqual([`${taskPath(ids.free)} reference`]);
    expect((await task("free")).repo).toBe("web");
  });

  test("a circle that an edit by hand closes is opened there; what the command made stays", async () => {
    // The command comes later in time, as when the edit lay on a branch.
    const side = await record.hand({ [taskPath(ids.free)]: waitsFor(ids.other) });
    await record.did("max", "edit", { id: ids.other, add_blocked_by: [ids.free] });
    const files = await record.files();
    const text = (await record.text(taskPath(ids.free), side)) ?? "";
    record.remote.record = await record.hand({ ...files, [taskPath(ids.free)]: text }, [side, record.tip]);
    expect(briefly(await repaired())).toEqual([`${taskPath(ids.free)} dependency_cycle`]);
    expect((await task("free")).relationships).toBeUndefined();
    expect((await task("other")).relationships).toEqual({ blocked_by: [ids.free] });
  });

  test("of two edits by hand the later one is taken back, also where it stands in blocks", async () => {
    await record.push({ [taskPath(ids.free)]: waitsFor(ids.other) });
    await record.push({ [taskPath(ids.other)]: waitsFor(ids.back) });
    await record.push({ [taskPath(ids.free)]: (text) => `${text}  blocks:\n    - ${ids.back}\n` });
    await repaired();
    expect((await task("free")).relationships).toEqual({ blocked_by: [ids.other] });
    expect((await task("other")).relationships).toEqual({ blocked_by: [ids.back] });
  });

  test("a knot of several circles is opened until none is left", async () => {
    await record.push({ [taskPath(ids.free)]: waitsFor(`${ids.other}\n    - ${ids.back}`) });
    await record.push({
      [taskPath(ids.other)]: waitsFor(ids.free),
      [taskPath(ids.back)]: waitsFor(ids.free),
    });
    expect(briefly(await repaired()).sort()).toEqual(
      [`${taskPath(ids.other)} dependency_cycle`, `${taskPath(ids.back)} dependency_cycle`].sort(),
    );
  });

  test("parts of each other", async () => {
    await record.push({ [taskPath(ids.free)]: partOf(ids.other) });
    await record.push({ [taskPath(ids.other)]: partOf(ids.free) });
    expect(briefly(await repaired())).toEqual([`${taskPath(ids.other)} parent_cycle`]);
    expect((await task("free")).relationships).toEqual({ parent: ids.other });
  });
});

describe("a file in the wrong place", () => {
  test("is moved to the place of its id, which it left", async () => {
    const text = (await record.text(taskPath(ids.free))) ?? "";
    await record.push({ [taskPath(ids.free)]: null, "tasks/moved.yaml": text });
    expect(briefly(await repaired())).toEqual([
      `${taskPath(ids.free)} misplaced`,
      "tasks/moved.yaml misplaced",
    ]);
    expect([await record.text(taskPath(ids.free)), await record.text("tasks/moved.yaml")]).toEqual([
      text,
      undefined,
    ]);
  });

  test("goes where the same stands in its place", async () => {
    await record.push({ [`leases/${ids.held}.yaml`]: (await record.text(leasePath(ids.held))) ?? "" });
    expect(briefly(await repaired())).toEqual([`leases/${ids.held}.yaml misplaced`]);
  });

  test.each<[string, () => Promise<string>, RegExp]>([
    [
      "with another text than the one in its place",
      async () => ((await record.text(taskPath(ids.free))) ?? "").replace("free", "else"),
      /keep one of the two/,
    ],
    ["that says no id", async () => "title: x\n", /path of its id/],
  ])("%s is left to people", async (_name, text, todo) => {
    await record.push({ "tasks/copy.yaml": await text() });
    expect(await record.run("max", "repair")).toMatchObject({
      ok: false,
      code: "validation_failed",
      hint: expect.stringMatching(todo),
    });
  });
});

describe("an object", () => {
  const made = async (input: object) =>
    (await record.did<{ path: string }>("max", "object new", input)).result.path;

  test("that cannot be read is restored, and one in the wrong place is moved", async () => {
    const run = await made({ kind: "run", issue: ids.free });
    const limits = await made({ kind: "constraint-snapshot", scope: "repo" });
    const text = (await record.text(limits)) ?? "";
    await record.push({ [run]: "a: [1\n", [limits]: null, "constraint-snapshots/copy.yaml": text });
    const { mends, left } = await repaired();
    expect(mends.map(({ path }) => path)).toEqual(expect.arrayContaining([run, limits]));
    expect(left).toEqual([]);
    expect(await record.text(limits)).toBe(text);
  });

  test("that leads nowhere is left to people: what it was given is not rewritten", async () => {
    const run = await made({ kind: "run", issue: ids.free });
    const nowhere = `repo:\n  kind: Repo\n  id: r_${"0".repeat(26)}\nstatus:`;
    await record.push({ [run]: line(/^repo:[\s\S]*?\nstatus:/m, nowhere) });
    expect(await record.run("max", "repair")).toMatchObject({
      ok: false,
      code: "validation_failed",
      hint: expect.stringMatching(/make what is named/),
    });
  });
});

describe("a repair", () => {
  test("is a maintainer's", async () => {
    await record.push({ [taskPath(ids.free)]: conflict });
    expect(await record.run("ada", "repair")).toMatchObject({ ok: false, code: "not_allowed" });
    expect(await record.run("nobody", "repair")).toMatchObject({ ok: false, code: "not_allowed" });
  });

  test("shows its difference in a dry run, broken text and all", async () => {
    await record.push({ [taskPath(ids.free)]: conflict });
    const tip = record.tip;
    const outcome = await record.run("max", "repair", {}, { dry_run: true });
    expect(outcome).toMatchObject({
      ok: true,
      changes: [{ path: taskPath(ids.free), before: expect.stringContaining("<<<<<<<") }],
    });
    expect(record.tip).toBe(tip);
  });

  test("does what was agreed to and nothing else", async () => {
    await record.push({ [taskPath(ids.free)]: conflict });
    const { mark } = ((await record.run("max", "repair", {}, { dry_run: true })) as { result: Repaired })
      .result;
    await record.push({ [taskPath(ids.other)]: conflict });
    expect(await record.run("max", "repair", { agreed: mark })).toMatchObject({
      ok: false,
      code: "conflict",
    });
    const again = ((await record.run("max", "repair", {}, { dry_run: true })) as { result: Repaired }).result;
    expect(await record.run("max", "repair", { agreed: again.mark })).toMatchObject({ ok: true });
  });

  test("keeps the lines that go, but no secret", async () => {
    const secret = `ghp_${"a1B2".repeat(10)}`;
    await record.push({
      [taskPath(ids.free)]: (text) => `${text}<<<<<<< a\ndescription: lost words\nnote: ${secret}\n`,
    });
    await repaired();
    const [object] = await record.remote.store.read([record.tip]);
    const message = new TextDecoder().decode(object?.data);
    expect(message).toContain("  description: lost words\n");
    expect(message).not.toContain(secret);
  });

  test("mends many things in one commit", async () => {
    const before = record.tip;
    await record.push({
      [taskPath(ids.free)]: conflict,
      [leasePath(ids.held)]: line(/^epoch: 3$/m, "epoch: 2"),
      [taskPath(ids.other)]: waitsFor("t_00000000000000000000000000"),
      [taskPath(ids.ended)]: line(/^status: done$/m, "status: ready"),
    });
    expect(new Set((await repaired()).mends.map(({ path }) => path)).size).toBe(4);
    expect((await record.errorsSince(before)).some((one) => one.includes("trailers_ignored"))).toBe(false);
  });
});

describe("the table", () => {
  const answered = new Set([...REPAIRS.flatMap(({ codes }) => codes), ...Object.keys(BY_HAND)]);

  test("answers every error that validate finds in a record, by a mend or by what a person does", () => {
    const errors = RULES.filter(({ scope, severity }) => scope !== "commit" && severity === "error");
    const unreadable = Object.keys(PROBLEMS).filter((code) => code !== "foreign_path");
    expect([...errors.map(({ code }) => code), ...unreadable].filter((code) => !answered.has(code))).toEqual(
      [],
    );
  });

  test("names no finding that there is not", () => {
    const known = new Set([...RULES.map(({ code }) => code), ...Object.keys(PROBLEMS), "missing_blob"]);
    expect([...answered].filter((code) => !known.has(code))).toEqual([]);
  });
});
