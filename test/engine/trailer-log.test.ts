/** Commits that carry a trailer, on histories made by hand in memory. */
import { describe, expect, test } from "vitest";
import { pathOf } from "../../src/core/paths.ts";
import { GatheredReads } from "../../src/engine/gathered.ts";
import { MemoryStore } from "../../src/engine/memory/store.ts";
import { commitsSince } from "../../src/engine/merges.ts";
import { blobOf, encodeCommit, objectOf } from "../../src/engine/objects.ts";
import type { GitObject, ObjectStore, Oid } from "../../src/engine/ports.ts";
import { readTrailerLog, readTrailersAt } from "../../src/engine/trailer-log.ts";
import { editTree } from "../../src/engine/tree.ts";
import { fc } from "../helpers/chance.ts";

const ROWS = [{ events: ["job.told"], touches: ["Lease"] }];
const LEASE = pathOf("Lease", "t_01kjm0000000000000000000aa");
const TASK = pathOf("Task", "t_01kjm0000000000000000000aa");

class History {
  readonly store = new MemoryStore();
  private clock = 1_700_000_000_000;
  private count = 0;

  /** values: of the trailer; null: a commit of no operation. */
  async add(
    parents: readonly Oid[],
    values: readonly string[] | null,
    files: Record<string, string> = { [LEASE]: `${this.count}` },
    event = "job.told",
  ): Promise<Oid> {
    const blobs = Object.values(files).map(blobOf);
    const edits = Object.keys(files).map((path, index) => ({ path, oid: blobs[index]?.oid ?? null }));
    const { tree, objects } = await editTree(this.store, null, edits);
    this.clock += 1000;
    const who = { name: "Person", email: "p@example.org", at_ms: this.clock };
    const trailers = [`Owp-Op: op${this.count++}`, `Owp-Event: ${event}`, "Owp-Actor: ada"];
    const message = values
      ? `it\n\n${[...trailers, ...values.map((value) => `Owp-Job: ${value}`)].join("\n")}\n`
      : `by hand\n\nOwp-Job: of no operation\n`;
    const fields = { tree, parents: [...parents], author: who, committer: who, message };
    const made = objectOf("commit", encodeCommit(fields));
    await this.store.write([...blobs, ...objects, made]);
    return made.oid;
  }

  async log(tip: Oid, since?: Oid) {
    const { commits, continues } = await readTrailerLog(this.store, tip, {
      key: "Owp-Job",
      rows: ROWS,
      ...(since !== undefined && { since }),
    });
    return { values: commits.map(({ values }) => values.join(" ")), continues };
  }
}

describe("a trailer counts", () => {
  test("on an operation's commit, in order, with what the commit says", async () => {
    const history = new History();
    const first = await history.add([], ["a", "b"]);
    const tip = await history.add([first], ["c"]);
    const { commits } = await readTrailerLog(history.store, tip, { key: "Owp-Job", rows: ROWS });
    expect(commits).toEqual([
      { commit: first, at_ms: 1_700_000_001_000, op: "op0", actor: "ada", values: ["a", "b"] },
      { commit: tip, at_ms: 1_700_000_002_000, op: "op1", actor: "ada", values: ["c"] },
    ]);
    const placed = await readTrailersAt(history.store, [tip, first], "Owp-Job");
    expect(placed).toMatchObject([...commits].reverse());
    expect(placed.map(({ tree, tasks }) => [typeof tree, tasks])).toEqual(Array(2).fill(["string", []]));
  });

  test.each<[string, readonly string[] | null, Record<string, string>, string?]>([
    ["a commit of no operation", null, { [LEASE]: "x" }],
    ["an event that no operation writes", ["x"], { [LEASE]: "x" }, "job.invented"],
    ["a commit that changes nothing", ["x"], { [LEASE]: "0" }],
    ["a diff that the event does not explain", ["x"], { [TASK]: "x" }],
    ["an operation without this trailer", [], { [LEASE]: "x" }],
  ])("not on %s", async (_name, values, files, event) => {
    const history = new History();
    const first = await history.add([], ["a"]);
    const second = await history.add([first], values, files, event);
    const tip = await history.add([second], ["z"], { ...files, [LEASE]: "z" });
    expect((await history.log(tip)).values).toEqual(["a", "z"]);
  });

  test("not on a merge; those of its sides do, those of the first parent's side first", async () => {
    const history = new History();
    const base = await history.add([], ["base"]);
    const ours = await history.add([base], ["ours"]);
    const theirs = await history.add([base], ["theirs"]);
    const merge = await history.add([ours, theirs], ["merge"]);
    const tip = await history.add([merge], ["after"]);
    expect((await history.log(tip)).values).toEqual(["base", "ours", "theirs", "after"]);
  });
});

describe("since a commit", () => {
  test("on the line of first parents the log goes on", async () => {
    const history = new History();
    const base = await history.add([], ["base"]);
    const ours = await history.add([base], ["ours"]);
    const theirs = await history.add([base], ["theirs"]);
    const tip = await history.add([ours, theirs], ["merge"]);
    expect(await history.log(tip, ours)).toEqual({ values: ["theirs"], continues: true });
    expect(await history.log(tip, tip)).toEqual({ values: [], continues: true });
  });

  test("on the other side of a merge, or nowhere, it begins anew", async () => {
    const history = new History();
    const base = await history.add([], ["base"]);
    const ours = await history.add([base], ["ours"]);
    const theirs = await history.add([base], ["theirs"]);
    const tip = await history.add([ours, theirs], ["merge"]);
    const all = { values: ["base", "ours", "theirs"], continues: false };
    expect(await history.log(tip, theirs)).toEqual(all);
    expect(await history.log(tip, "0".repeat(40))).toEqual(all);
  });
});

test("more commits than are looked at together", async () => {
  const history = new History();
  let tip = await history.add([], ["0"]);
  for (let n = 1; n < 600; n++) tip = await history.add([tip], [`${n}`]);
  const { values } = await history.log(tip);
  expect(values).toEqual(Array.from({ length: 600 }, (_, n) => `${n}`));
});

/** Histories of up to twelve commits, each with one or two of the commits before it as parents. */
const shapes = fc
  .array(fc.array(fc.nat(11), { minLength: 1, maxLength: 2 }), { minLength: 1, maxLength: 11 })
  .map((rows) => rows.map((row, index) => [...new Set(row.map((at) => at % (index + 1)))]));

test("what is there, and what came since, are the ledger's order, wherever one goes on from", async () => {
  await fc.assert(
    fc.asyncProperty(shapes, fc.nat(11), async (rows, pick) => {
      const history = new History();
      const oids = [await history.add([], ["0"])];
      for (const [index, row] of rows.entries())
        oids.push(
          await history.add(
            row.map((at) => oids[at] as Oid),
            [`${index + 1}`],
          ),
        );
      const tip = oids.at(-1) as Oid;
      const order = (await commitsSince(history.store, [], tip)).filter(({ parents }) => parents.length < 2);
      const whole = await history.log(tip);
      expect(whole.values).toEqual(order.map(({ oid }) => `${oids.indexOf(oid)}`));
      const since = oids[pick % oids.length] as Oid;
      const rest = await history.log(tip, since);
      const before = rest.continues ? (await history.log(since)).values : [];
      expect([...before, ...rest.values]).toEqual(whole.values);
    }),
  );
});

describe("gathered reads", () => {
  const objects = ["a", "b", "c"].map(blobOf);
  const [a, b, c] = objects.map(({ oid }) => oid) as [Oid, Oid, Oid];

  class Counting implements ObjectStore {
    readonly asked: string[][] = [];
    async read(oids: readonly Oid[]): Promise<(GitObject | undefined)[]> {
      this.asked.push([...oids]);
      return oids.map((oid) => objects.find((one) => one.oid === oid));
    }
    async write(): Promise<void> {}
  }

  test("of one turn are one read, each object once, and nothing is read again", async () => {
    const store = new Counting();
    const gathered = new GatheredReads(store);
    const texts = async (...oids: Oid[]) =>
      (await gathered.read(oids)).map((one) => one && new TextDecoder().decode(one.data));
    expect(await Promise.all([texts(a, b), texts(b, c), texts("0".repeat(40))])).toEqual([
      ["a", "b"],
      ["b", "c"],
      [undefined],
    ]);
    expect(store.asked).toEqual([[a, b, c, "0".repeat(40)]]);
    expect(await texts(c, a)).toEqual(["c", "a"]);
    expect(store.asked).toHaveLength(1);
  });

  test("a failed read fails for those who asked, and not for others", async () => {
    const store = new Counting();
    const gathered = new GatheredReads(store);
    store.read = () => Promise.reject(new Error("gone"));
    await expect(Promise.all([gathered.read([a]), gathered.read([b])])).rejects.toThrow("gone");
    store.read = async (oids) => oids.map((oid) => objects.find((one) => one.oid === oid));
    expect((await gathered.read([a]))[0]?.oid).toBe(a);
  });
});
