/** Packs as git makes them, read without git: what is read is what git reads, and what is odd is left to it. */
import { readdirSync, rmSync, truncateSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, describe, expect, test } from "vitest";
import { PackedReader } from "../../src/engine/git/packed.ts";
import { GitStore } from "../../src/engine/git/store.ts";
import { blobOf, oidOf } from "../../src/engine/objects.ts";
import { commit } from "../helpers/commit.ts";
import { bareHub, git } from "../helpers/git.ts";

const NONE = "0".repeat(40);
let hub: string;
let oids: string[];

const pack = (ending: string) => {
  const folder = join(hub, "objects", "pack");
  return readdirSync(folder)
    .filter((name) => name.endsWith(ending))
    .map((name) => join(folder, name));
};

beforeAll(async () => {
  hub = bareHub();
  const store = new GitStore(hub);
  let tip: string | null = null;
  const text = (round: number) =>
    Array.from({ length: 400 }, (_, i) => `line ${i === round * 7 ? `changed ${round}` : i}\n`).join("");
  for (let round = 0; round < 30; round++)
    tip = await commit(store, tip, {
      "long.txt": text(round),
      [`tasks/${round % 4}/${round}.yaml`]: `title: ${round}\n`,
      empty: "",
    });
  store.close();
  git(hub, "update-ref", "refs/heads/owp", tip as string);
  git(hub, "repack", "-adfq", "--depth=50", "--window=50");
  git(hub, "prune-packed");
  oids = git(hub, "cat-file", "--batch-all-objects", "--batch-check=%(objectname)").split("\n");
});

test("every object of a pack with deltas reads as git reads it", () => {
  const chains = git(hub, "verify-pack", "-v", pack(".idx")[0] as string);
  expect(chains).toMatch(/^chain length = [2-9]:/m);
  expect(oids.length).toBeGreaterThan(150);
  const reader = new PackedReader(hub);
  for (const oid of oids) {
    const object = reader.read(oid);
    expect(object && oidOf(object.type, object.data)).toBe(oid);
  }
  reader.close();
});

test("deltas whose base is named, and packs that owp itself wrote", async () => {
  const other = bareHub();
  git(other, "fetch", "-q", hub, "owp:owp");
  git(other, "-c", "repack.usedeltabaseoffset=false", "repack", "-adfq");
  const store = new GitStore(other);
  const many = Array.from({ length: 40 }, (_, i) => blobOf(`${i}\n`.repeat(i * 9)));
  await store.write(many);
  const reader = new PackedReader(other);
  for (const oid of [...oids, ...many.map((blob) => blob.oid)]) {
    const object = reader.read(oid);
    expect(object && oidOf(object.type, object.data)).toBe(oid);
  }
  reader.close();
  store.close();
});

describe("what is left to git", () => {
  test("an object that is not there, and a store without packs", () => {
    const reader = new PackedReader(hub);
    expect(reader.read(NONE)).toBeUndefined();
    expect(reader.read("f".repeat(40))).toBeUndefined();
    reader.close();
    expect(new PackedReader(bareHub()).read(NONE)).toBeUndefined();
  });

  test("a large object", async () => {
    const other = bareHub();
    const file = join(other, "big");
    writeFileSync(file, "x".repeat(3_000_000));
    const oid = git(other, "hash-object", "-w", file);
    git(other, "update-ref", "refs/tags/big", oid);
    git(other, "repack", "-adq");
    expect(new PackedReader(other).read(oid)).toBeUndefined();
    const store = new GitStore(other);
    expect((await store.read([oid]))[0]?.data.length).toBe(3_000_000);
    store.close();
  });

  test("a pack that was replaced since, one that is cut off, and one of another version", async () => {
    const other = bareHub();
    git(other, "fetch", "-q", hub, "owp:owp");
    git(other, "repack", "-adfq");
    const folder = join(other, "objects", "pack");
    const named = (ending: string) =>
      join(folder, readdirSync(folder).find((name) => name.endsWith(ending)) ?? "");
    const early = new PackedReader(other);
    expect(early.read(NONE)).toBeUndefined();
    const idx = named(".idx");
    truncateSync(idx, 1100);
    const cut = new PackedReader(other);
    for (const oid of oids) expect(cut.read(oid)).toBeUndefined();
    writeFileSync(idx, Buffer.alloc(5000, 1), { flag: "r+" });
    expect(new PackedReader(other).read(oids[0] as string)).toBeUndefined();
    rmSync(idx);
    rmSync(named(".pack"));
    for (const oid of oids.slice(0, 5)) expect(new PackedReader(other).read(oid)).toBeUndefined();
    early.close();
  });
});
