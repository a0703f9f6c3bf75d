import { describe, expect, test } from "vitest";
import { OPERATIONS } from "../../src/domain/operations.ts";
import { readLog } from "../../src/engine/ledger.ts";
import { MemoryStore } from "../../src/engine/memory/store.ts";
import { commitsSince, newestFirst } from "../../src/engine/merges.ts";
import { blobOf, encodeCommit, objectOf } from "../../src/engine/objects.ts";
import type { Oid } from "../../src/engine/ports.ts";
import { editTree } from "../../src/engine/tree.ts";
import { ledgerOrder, readCommit } from "../../src/engine/walk.ts";
import { fc } from "../helpers/chance.ts";

/** Commits by name in a store of their own; each has the files that are named for it, and no others. */
class History {
  readonly store = new MemoryStore();
  private readonly oids = new Map<string, Oid>();
  private clock = 1_700_000_000_000;

  async add(name: string, parents: readonly string[], files: Record<string, string>): Promise<Oid> {
    const blobs = Object.values(files).map(blobOf);
    const edits = Object.keys(files).map((path, index) => ({ path, oid: blobs[index]?.oid ?? null }));
    const { tree, objects } = await editTree(this.store, null, edits);
    this.clock += 1000;
    const who = { name: "Person", email: "p@example.org", at_ms: this.clock };
    const made = objectOf(
      "commit",
      encodeCommit({
        tree,
        parents: parents.map((one) => this.oid(one)),
        author: who,
        committer: who,
        message: `${name}\n`,
      }),
    );
    await this.store.write([...blobs, ...objects, made]);
    this.oids.set(name, made.oid);
    return made.oid;
  }

  oid(name: string): Oid {
    const oid = this.oids.get(name);
    if (oid === undefined) throw new Error(`no commit ${name}`);
    return oid;
  }

  /** `name: path path` of each event, newest first. */
  async log(tip: string): Promise<string[]> {
    const events = await readLog(this.store, this.oid(tip), { limit: 100 }, OPERATIONS, this.clock);
    expect(new Set(events.map(({ event }) => event))).toEqual(new Set(["record.edited"]));
    return events.map(({ subject, paths }) => `${subject}: ${paths.join(" ")}`);
  }
}

const fork = async (): Promise<History> => {
  const history = new History();
  await history.add("start", [], { a: "1", b: "1", c: "1" });
  await history.add("ours", ["start"], { a: "2", b: "1", c: "1" });
  await history.add("theirs", ["start"], { a: "1", b: "2", c: "1" });
  return history;
};
const SIDES = ["theirs: b", "ours: a", "start: a b c"];

describe("a merge in the log", () => {
  test.each<[string, Record<string, string>, string[]]>([
    ["is not told where each side told its own", { a: "2", b: "2", c: "1" }, []],
    ["is told where it changes what neither side did", { a: "2", b: "2", c: "3" }, ["merge: c"]],
    ["is told where it takes back what one side did", { a: "2", b: "1", c: "1" }, ["merge: b"]],
    ["is told where it deletes what one side did", { a: "2", c: "1" }, ["merge: b"]],
    ["is told where it brings a file of its own", { a: "2", b: "2", c: "1", d: "1" }, ["merge: d"]],
  ])("%s", async (_name, files, own) => {
    const history = await fork();
    await history.add("merge", ["ours", "theirs"], files);
    expect(await history.log("merge")).toEqual([...own, ...SIDES]);
  });

  test.each<[string, string, boolean]>([
    ["the lines of both sides", "one\nTWO\nthree\nfour\nFIVE\n", false],
    ["one side's file", "one\nTWO\nthree\nfour\nfive\n", true],
    ["a line of its own beside theirs", "one\nTWO\nthree\n4\nFIVE\n", true],
    ["without a line that both had kept", "one\nTWO\nthree\nFIVE\n", true],
    ["the markers of a conflict", "one\n<<<<<<< a\nTWO\nthree\nfour\nFIVE\n", true],
    ["no file", "", true],
  ])("of a file that both sides changed: %s", async (_name, text, isTold) => {
    const history = new History();
    await history.add("start", [], { a: "one\ntwo\nthree\nfour\nfive\n" });
    await history.add("ours", ["start"], { a: "one\nTWO\nthree\nfour\nfive\n" });
    await history.add("theirs", ["start"], { a: "one\ntwo\nthree\nfour\nFIVE\n" });
    await history.add("merge", ["ours", "theirs"], text === "" ? {} : { a: text });
    expect(await history.log("merge")).toEqual([
      ...(isTold ? ["merge: a"] : []),
      "theirs: a",
      "ours: a",
      "start: a",
    ]);
  });

  test("of a file that both sides brought is told", async () => {
    const history = new History();
    await history.add("start", [], {});
    await history.add("ours", ["start"], { a: "1" });
    await history.add("theirs", ["start"], { a: "2" });
    await history.add("merge", ["ours", "theirs"], { a: "1" });
    expect((await history.log("merge"))[0]).toBe("merge: a");
  });

  test("of both sides with the same change is not told", async () => {
    const history = new History();
    await history.add("start", [], { a: "1" });
    await history.add("ours", ["start"], { a: "2" });
    await history.add("theirs", ["start"], { a: "2", b: "1" });
    await history.add("merge", ["ours", "theirs"], { a: "2", b: "1" });
    expect(await history.log("merge")).toEqual(["theirs: a b", "ours: a", "start: a"]);
  });

  test("of a side that had the other merged into it before, as the button of a host does", async () => {
    const history = await fork();
    await history.add("update", ["theirs", "ours"], { a: "2", b: "2", c: "1" });
    await history.add("more", ["ours"], { a: "3", b: "1", c: "1" });
    await history.add("merge", ["more", "update"], { a: "3", b: "2", c: "1" });
    expect(await history.log("merge")).toEqual(["theirs: b", "more: a", "ours: a", "start: a b c"]);
  });
});

/** Histories of up to twelve commits, each with one to three of the commits before it as parents. */
const shapes = fc
  .array(fc.array(fc.nat(11), { minLength: 1, maxLength: 3 }), { minLength: 1, maxLength: 11 })
  .map((rows) => rows.map((row, index) => [...new Set(row.map((at) => at % (index + 1)))]));

test("the log is the ledger's order backwards, whatever the history's shape", async () => {
  await fc.assert(
    fc.asyncProperty(shapes, async (rows) => {
      const history = new History();
      let tip = await history.add("0", [], {});
      for (const [index, row] of rows.entries())
        tip = await history.add(`${index + 1}`, row.map(String), { a: `${index}` });
      const forwards: Oid[] = [];
      for await (const { oid } of ledgerOrder(history.store, tip)) forwards.push(oid);
      const backwards: Oid[] = [];
      for await (const { oid } of newestFirst(history.store, tip)) backwards.push(oid);
      expect(backwards).toEqual(forwards.reverse());
      const since = await commitsSince(history.store, [], tip);
      expect(since.map(({ oid }) => oid)).toEqual(forwards.reverse());
      const { parents } = await readCommit(history.store, tip);
      expect(await commitsSince(history.store, parents, tip)).toHaveLength(1);
    }),
  );
});
