import { describe, expect, test } from "vitest";
import { MemoryStore } from "../../src/engine/memory/store.ts";
import { blobOf, EMPTY_TREE, encodeTree, objectOf } from "../../src/engine/objects.ts";
import type { ObjectStore, Oid } from "../../src/engine/ports.ts";
import { diffTrees, editTree, listFiles, PathBlocked, readPath, readPaths } from "../../src/engine/tree.ts";
import { MissingObject } from "../../src/engine/tree-cache.ts";
import { fc } from "../helpers/chance.ts";
import { git, gitInput, tempDir } from "../helpers/git.ts";

const [x, y] = [blobOf("x"), blobOf("y")];

/** A store that counts its reads. */
class CountingStore extends MemoryStore {
  reads: number[] = [];
  override async read(oids: readonly Oid[]) {
    this.reads.push(oids.length);
    return super.read(oids);
  }
}

async function treeOf(store: ObjectStore, files: Record<string, string>): Promise<Oid> {
  const blobs = Object.values(files).map((text) => blobOf(text));
  const edits = Object.entries(files).map(([path, text]) => ({ path, oid: blobOf(text).oid }));
  const { tree, objects } = await editTree(store, null, edits);
  await store.write([...blobs, ...objects]);
  return tree;
}

/** A fresh store with the same objects, so that nothing is in its cache. */
async function cold(store: MemoryStore, oids: Oid[]): Promise<CountingStore> {
  const copy = new CountingStore();
  const stack = [...oids];
  for (let oid = stack.pop(); oid !== undefined; oid = stack.pop()) {
    const object = store.peek(oid);
    if (!object) continue;
    copy.put(object);
    if (object.type === "tree") for (const file of await listFiles(store, oid)) stack.push(file.oid);
    if (object.type === "tree") {
      const { decodeTree, isTreeMode } = await import("../../src/engine/objects.ts");
      for (const entry of decodeTree(object.data)) if (isTreeMode(entry.mode)) stack.push(entry.oid);
    }
  }
  return copy;
}

const name = fc.constantFrom("a", "b", "a-b", "a.b", "ab", "é", "tasks");
const path = fc.array(name, { minLength: 1, maxLength: 3 }).map((parts) => parts.join("/"));
const edit = fc.record({ path, text: fc.option(fc.constantFrom("1", "2", "3")) });

/** The model of editTree: undefined where a file and a directory would contend. */
function applyToMap(
  files: Map<string, string>,
  edits: { path: string; text: string | null }[],
): Map<string, string> | undefined {
  const next = new Map(files);
  for (const { path } of edits) next.delete(path);
  for (const [path, text] of new Map(edits.map((e) => [e.path, e.text])))
    if (text !== null) next.set(path, text);
  const clash = [...next.keys()].some((a) => [...next.keys()].some((b) => b.startsWith(`${a}/`)));
  return clash ? undefined : next;
}

describe("editTree", () => {
  test("is a map of files, in any number of steps", async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.array(edit, { maxLength: 6 }), { maxLength: 4 }), async (steps) => {
        const store = new MemoryStore();
        let files = new Map<string, string>();
        let tree: Oid = EMPTY_TREE;
        for (const step of steps) {
          const next = applyToMap(files, step);
          const edits = step.map((e) => ({ path: e.path, oid: e.text === null ? null : blobOf(e.text).oid }));
          if (!next) {
            await expect(editTree(store, tree, edits)).rejects.toThrow(PathBlocked);
            continue;
          }
          const before = files;
          const edited = await editTree(store, tree, edits);
          await store.write(edited.objects);
          const changes = await diffTrees(store, tree, edited.tree);
          expect(new Map(changes.map((c) => [c.path, [c.before, c.after]]))).toEqual(mapDiff(before, next));
          if (changes.length === 0) expect(edited.objects).toEqual([]);
          const fromNothing = await editTree(
            store,
            null,
            [...next].map(([path, text]) => ({ path, oid: blobOf(text).oid })),
          );
          expect(edited.tree).toBe(fromNothing.tree);
          const listed = (await listFiles(store, edited.tree)).map((f) => [f.path, f.oid]);
          expect(listed).toEqual(
            [...next]
              .map(([p, text]) => [p, blobOf(text).oid])
              .sort(([a], [b]) => ((a as string) < (b as string) ? -1 : 1)),
          );
          files = next;
          tree = edited.tree;
        }
      }),
      { numRuns: 300 },
    );
  });

  test.each([
    "",
    "a//b",
    "/a",
    "a/",
    "..",
    "a/../b",
    ".",
    ".git/x",
    "a/.GIT",
    ".git ",
    ".git.",
    "git~1",
    ".g\u200cit",
    "a\\b",
    "a\0b",
    ".git::$INDEX",
  ])("refuses the path %j", async (bad) => {
    await expect(editTree(new MemoryStore(), null, [{ path: bad, oid: x.oid }])).rejects.toThrow(
      "not a path",
    );
  });

  test.each([".gitignore", ".gitattributes", ".owp/schemas/task.json", "git", "a.git", "..."])(
    "takes the path %j",
    async (good) => {
      const store = new MemoryStore();
      const tree = await treeOf(store, { [good]: "x" });
      expect((await listFiles(store, tree)).map((f) => f.path)).toEqual([good]);
    },
  );

  test("links, submodules, executable bits and names that are not UTF-8 survive", async () => {
    const store = new MemoryStore();
    const foreign = objectOf(
      "tree",
      encodeTree([
        { mode: "120000", name: "link", oid: x.oid },
        { mode: "160000", name: "sub", oid: y.oid },
        { mode: "100755", name: "run", oid: x.oid },
        { mode: "100664", name: "old", oid: x.oid },
        { mode: "100644", name: "\ufffd", raw: Buffer.from([0xff]), oid: x.oid },
      ]),
    );
    await store.write([foreign]);
    const edited = await editTree(store, foreign.oid, [
      { path: "dir/new", oid: y.oid },
      { path: "run", oid: y.oid },
      { path: "link", oid: y.oid },
    ]);
    await store.write(edited.objects);
    const back = await editTree(store, edited.tree, [
      { path: "dir/new", oid: null },
      { path: "run", oid: x.oid },
    ]);
    await store.write(back.objects);
    const modes = (await listFiles(store, back.tree)).map((f) => [f.path, f.mode]);
    expect(modes).toEqual([
      ["link", "100644"],
      ["old", "100664"],
      ["run", "100755"],
      ["sub", "160000"],
      ["\ufffd", "100644"],
    ]);
  });

  test("reads only the trees on the way", async () => {
    const store = new MemoryStore();
    const files = Object.fromEntries(
      Array.from({ length: 400 }, (_, i) => [`tasks/${i % 20}/${i}/t.yaml`, `${i}`]),
    );
    const copy = await cold(store, [await treeOf(store, files)]);
    const tree = await treeOf(store, files);
    copy.reads = [];
    await editTree(copy, tree, [{ path: "tasks/3/23/t.yaml", oid: x.oid }]);
    expect(copy.reads).toEqual([1, 1, 1, 1]);
    await editTree(copy, tree, [{ path: "tasks/3/23/t.yaml", oid: y.oid }]);
    expect(copy.reads).toHaveLength(4);
  });

  test("deleting what is not there changes nothing", async () => {
    const store = new MemoryStore();
    const tree = await treeOf(store, { "a/b": "1" });
    for (const path of ["a", "b", "a/b/c", "a/c", "c/d"]) {
      expect(await editTree(store, tree, [{ path, oid: null }])).toEqual({ tree, objects: [] });
    }
  });

  test("deleting everything leaves the empty tree", async () => {
    const store = new MemoryStore();
    const edited = await editTree(store, await treeOf(store, { "a/b": "1" }), [{ path: "a/b", oid: null }]);
    expect(edited.tree).toBe(EMPTY_TREE);
    expect(edited.objects.map((o) => o.oid)).toEqual([EMPTY_TREE]);
  });
});

test("the ids are those of git write-tree and git hash-object", async () => {
  const repo = tempDir();
  git(repo, "init", "--quiet");
  await fc.assert(
    fc.asyncProperty(fc.array(edit, { minLength: 1, maxLength: 12 }), async (edits) => {
      const files = applyToMap(new Map(), edits);
      fc.pre(files !== undefined);
      for (const text of new Set(files?.values()))
        expect(gitInput(repo, text, "hash-object", "-w", "--stdin")).toBe(blobOf(text).oid);
      git(repo, "read-tree", "--empty");
      const rows = [...(files ?? [])].map(([path, text]) => `100644 ${blobOf(text).oid}\t${path}\n`);
      gitInput(repo, rows.join(""), "update-index", "--add", "--index-info");
      const { tree } = await editTree(
        new MemoryStore(),
        null,
        [...(files ?? [])].map(([path, text]) => ({ path, oid: blobOf(text).oid })),
      );
      expect(git(repo, "write-tree")).toBe(tree);
    }),
    { numRuns: 25 },
  );
});

describe("reading", () => {
  test("readPath and readPaths", async () => {
    const store = new MemoryStore();
    const tree = await treeOf(store, { "a/b/c": "1", "a/d": "2", e: "3" });
    const paths = ["e", "a", "a/b", "a/b/c", "a/d/x", "nope", "", "a/d"];
    const oid = (text: string) => blobOf(text).oid;
    expect(await readPaths(store, tree, paths)).toEqual([
      oid("3"),
      null,
      null,
      oid("1"),
      null,
      null,
      null,
      oid("2"),
    ]);
    expect(Buffer.from((await readPath(store, tree, "a/d")) ?? []).toString()).toBe("2");
    expect(await readPath(store, tree, "a")).toBeUndefined();
    expect(await readPath(store, null, "a")).toBeUndefined();
  });

  test("prefixes bound what is read", async () => {
    const store = new MemoryStore();
    const tree = await treeOf(store, { "a/b": "1", "ab/c": "2", "tasks/x/y": "3", z: "4" });
    const paths = async (prefixes: string[]) => (await listFiles(store, tree, prefixes)).map((f) => f.path);
    expect(await paths(["a"])).toEqual(["a/b"]);
    expect(await paths(["tasks/x", "z"])).toEqual(["tasks/x/y", "z"]);
    expect(await paths(["tasks/"])).toEqual(["tasks/x/y"]);
    expect(await paths([])).toEqual([]);
    const copy = await cold(store, [tree]);
    await listFiles(copy, tree, ["a"]);
    expect(copy.reads).toEqual([1, 1]);
  });

  test("100,000 files: one read a level, and a change reads two trees a level", async () => {
    const store = new MemoryStore();
    const edits = Array.from({ length: 100_000 }, (_, i) => ({
      path: `tasks/${i % 32}/${(i >> 5) % 32}/${i}`,
      oid: x.oid,
    }));
    const { tree, objects } = await editTree(store, null, edits);
    await store.write(objects);
    const edited = await editTree(store, tree, [{ path: "tasks/1/0/1", oid: y.oid }]);
    const copy = new CountingStore();
    await copy.write([...objects, ...edited.objects]);
    expect(await listFiles(copy, tree)).toHaveLength(100_000);
    expect(copy.reads).toEqual([1, 1, 32, 1024]);
    const second = new CountingStore();
    await second.write([...objects, ...edited.objects]);
    expect(await diffTrees(second, tree, edited.tree)).toEqual([
      { path: "tasks/1/0/1", before: x.oid, after: y.oid },
    ]);
    expect(second.reads).toEqual([2, 2, 2, 2]);
  });

  test("a file that becomes a directory, and a mode that changes alone", async () => {
    const store = new MemoryStore();
    const a = objectOf(
      "tree",
      encodeTree([
        { mode: "100644", name: "f", oid: x.oid },
        { mode: "100644", name: "m", oid: x.oid },
      ]),
    );
    const sub = objectOf("tree", encodeTree([{ mode: "100644", name: "g", oid: y.oid }]));
    const b = objectOf(
      "tree",
      encodeTree([
        { mode: "40000", name: "f", oid: sub.oid },
        { mode: "100755", name: "m", oid: x.oid },
      ]),
    );
    await store.write([a, sub, b]);
    expect(await diffTrees(store, a.oid, b.oid)).toEqual([
      { path: "f", before: x.oid, after: null },
      { path: "f/g", before: null, after: y.oid },
      { path: "m", before: x.oid, after: x.oid },
    ]);
  });

  test("a missing tree is named", async () => {
    await expect(listFiles(new MemoryStore(), x.oid)).rejects.toThrow(MissingObject);
  });

  test("a tree made to exhaust its reader is refused", async () => {
    const store = new MemoryStore();
    let oid = objectOf("tree", encodeTree([{ mode: "100644", name: "f", oid: x.oid }])).oid;
    await store.write([objectOf("tree", encodeTree([{ mode: "100644", name: "f", oid: x.oid }]))]);
    for (let level = 0; level < 10; level += 1) {
      const bomb = objectOf(
        "tree",
        encodeTree("abcdefghij".split("").map((name) => ({ mode: "40000", name, oid }))),
      );
      await store.write([bomb]);
      oid = bomb.oid;
    }
    await expect(listFiles(store, oid)).rejects.toThrow("too widely");
  });
});

function mapDiff(before: Map<string, string>, after: Map<string, string>): Map<string, (Oid | null)[]> {
  const oid = (text: string | undefined) => (text === undefined ? null : blobOf(text).oid);
  const changes = new Map<string, (Oid | null)[]>();
  for (const path of new Set([...before.keys(), ...after.keys()])) {
    if (before.get(path) !== after.get(path))
      changes.set(path, [oid(before.get(path)), oid(after.get(path))]);
  }
  return changes;
}
