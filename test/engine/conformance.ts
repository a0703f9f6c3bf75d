/** What every remote with its store must do. Run by conformance.test.ts against git and against memory. */
import { afterAll, beforeEach, describe, expect, test } from "vitest";
import { blobOf, EMPTY_TREE, encodeCommit, objectOf } from "../../src/engine/objects.ts";
import type { ObjectStore, Oid, Remote, RemoteView } from "../../src/engine/ports.ts";
import { listFiles, readPath } from "../../src/engine/tree.ts";
import { commit, treeOf } from "../helpers/commit.ts";

export interface Clone {
  store: ObjectStore;
  remote: Remote;
}

export interface World {
  /** A further clone of the same hub. */
  clone(): Promise<Clone>;
  /** Moves the record on the hub, as someone with more rights would; null deletes it. */
  force(tip: Oid | null): Promise<void>;
  /** Another process's view of a clone's store. */
  reopen(clone: Clone): Promise<ObjectStore>;
  /** Throws where the hub is damaged. */
  check(): Promise<void>;
}

const NONE: Oid = "0".repeat(40);

/** Writes a signal: a parentless commit of the empty tree. */
async function signal(store: ObjectStore, text: string): Promise<Oid> {
  const who = { name: "Test", email: "test@example.org", at_ms: 1 };
  const made = objectOf(
    "commit",
    encodeCommit({ tree: EMPTY_TREE, parents: [], author: who, committer: who, message: text }),
  );
  await store.write([objectOf("tree", new Uint8Array()), made]);
  return made.oid;
}

async function view(clone: Clone): Promise<RemoteView> {
  const fetched = await clone.remote.fetch();
  if (!fetched.ok) throw new Error(fetched.fault.text);
  return fetched.view;
}

export function conformance(name: string, makeWorld: () => Promise<World>): void {
  describe(`${name}: store and remote`, () => {
    let world: World;
    let a: Clone;
    let b: Clone;
    const worlds: World[] = [];
    beforeEach(async () => {
      world = await makeWorld();
      worlds.push(world);
      [a, b] = [await world.clone(), await world.clone()];
    });
    afterAll(async () => {
      for (const each of worlds) await each.check();
    });

    test("fetching nothing: no record is an answer, not a fault", async () => {
      expect(await view(a)).toEqual({ record: null, signals: new Map() });
    });

    test("creation with base null, and the other clone reads what was published", async () => {
      const tip = await commit(a.store, null, { "tasks/a/b/t.yaml": "title: x\n" });
      expect(await a.remote.push({ record: { base: null, tip } })).toEqual({
        record: "accepted",
        signal: "none",
      });
      expect((await view(b)).record).toBe(tip);
      expect(
        Buffer.from(
          (await readPath(b.store, await treeOf(b.store, tip), "tasks/a/b/t.yaml")) ?? [],
        ).toString(),
      ).toBe("title: x\n");
    });

    test("a creation that comes second is a conflict", async () => {
      const [x, y] = [await commit(a.store, null, { x: "1" }), await commit(b.store, null, { y: "1" })];
      expect((await a.remote.push({ record: { base: null, tip: x } })).record).toBe("accepted");
      const late = await b.remote.push({ record: { base: null, tip: y } });
      expect([late.record, late.fault?.class]).toEqual(["rejected", "conflict"]);
      expect((await view(b)).record).toBe(x);
    });

    test("A51: of two that swap the same base, one wins and the other knows that it lost", async () => {
      const base = await commit(a.store, null, { x: "0" });
      await a.remote.push({ record: { base: null, tip: base } });
      await view(b);
      const [x, y] = [await commit(a.store, base, { x: "1" }), await commit(b.store, base, { x: "2" })];
      const outcomes = await Promise.all([
        a.remote.push({ record: { base, tip: x } }),
        b.remote.push({ record: { base, tip: y } }),
      ]);
      expect(outcomes.map((o) => o.record).sort()).toEqual(["accepted", "rejected"]);
      expect(outcomes.find((o) => o.record === "rejected")?.fault?.class).toBe("conflict");
      expect((await view(a)).record).toBe(outcomes[0]?.record === "accepted" ? x : y);
    });

    test("pushing again what has landed is accepted, whatever its base", async () => {
      const base = await commit(a.store, null, { x: "0" });
      const tip = await commit(a.store, base, { x: "1" });
      await a.remote.push({ record: { base: null, tip: base } });
      await a.remote.push({ record: { base, tip } });
      expect((await a.remote.push({ record: { base, tip } })).record).toBe("accepted");
    });

    test("a record that was deleted is not brought back", async () => {
      const base = await commit(a.store, null, { x: "0" });
      await a.remote.push({ record: { base: null, tip: base } });
      await world.force(null);
      const tip = await commit(a.store, base, { x: "1" });
      const outcome = await a.remote.push({ record: { base, tip } });
      expect([outcome.record, outcome.fault?.class]).toEqual(["rejected", "conflict"]);
      expect((await view(a)).record).toBeNull();
    });

    test("a record that was rewound is not brought forward", async () => {
      const first = await commit(a.store, null, { x: "0" });
      const second = await commit(a.store, first, { x: "1" });
      await a.remote.push({ record: { base: null, tip: second } });
      await world.force(first);
      const tip = await commit(a.store, second, { x: "2" });
      const outcome = await a.remote.push({ record: { base: second, tip } });
      expect([outcome.record, outcome.fault?.class]).toEqual(["rejected", "conflict"]);
      expect((await view(a)).record).toBe(first);
    });

    test("a glance shows the commits that came since, newest first, or says that only a fetch can tell", async () => {
      const base = await commit(a.store, null, { x: "0" });
      await a.remote.push({ record: { base: null, tip: base } });
      await view(b);
      const next = await commit(a.store, base, { x: "1" });
      const tip = await commit(a.store, next, { x: "2" });
      await a.remote.push({ record: { base, tip } });
      const glance = (since: Oid) => b.remote.glance?.(since)?.map(({ oid }) => oid);
      if (glance(base) === undefined) return expect(glance(tip)).toBeUndefined();
      expect(glance(tip)).toEqual([]);
      expect(glance(base)).toEqual([tip, next]);
      expect(glance(NONE)).toBeUndefined();
      await world.force(null);
      expect(glance(tip)).toBeUndefined();
    });

    test("signals: create, update, lease mismatch, delete", async () => {
      await a.remote.push({ record: { base: null, tip: await commit(a.store, null, { x: "0" }) } });
      const [s1, s2, s3] = [
        await signal(a.store, "1"),
        await signal(a.store, "2"),
        await signal(a.store, "3"),
      ];
      const push = async (old: Oid | null, next: Oid | null) =>
        (await a.remote.push({ signal: { clone: "c-1", old, next } })).signal;
      expect(await push(null, s1)).toBe("accepted");
      expect((await view(b)).signals).toEqual(new Map([["c-1", s1]]));
      expect(await push(s1, s2)).toBe("accepted");
      expect(await push(s1, s3)).toBe("rejected");
      expect(await push(null, s3)).toBe("rejected");
      expect((await view(b)).signals).toEqual(new Map([["c-1", s2]]));
      expect((await b.store.read([s2]))[0]?.type).toBe("commit");
      expect(await push(s1, null)).toBe("rejected");
      expect(await push(s2, null)).toBe("accepted");
      expect(await push(s2, null)).toBe("rejected");
      expect(await push(null, null)).toBe("accepted");
      expect((await view(b)).signals).toEqual(new Map());
    });

    test("record and signal in one push succeed or fail apart", async () => {
      const base = await commit(a.store, null, { x: "0" });
      const [s1, s2] = [await signal(a.store, "1"), await signal(a.store, "2")];
      const both = await a.remote.push({
        record: { base: null, tip: base },
        signal: { clone: "c-1", old: null, next: s1 },
      });
      expect(both).toEqual({ record: "accepted", signal: "accepted" });
      const tip = await commit(a.store, base, { x: "1" });
      const signalLost = await a.remote.push({
        record: { base, tip },
        signal: { clone: "c-1", old: s2, next: s1 },
      });
      expect(signalLost.record).toBe("accepted");
      const recordLost = await a.remote.push({
        record: { base, tip: await commit(a.store, base, { x: "2" }) },
        signal: { clone: "c-1", old: s1, next: s2 },
      });
      expect([recordLost.record, recordLost.signal, recordLost.fault?.class]).toEqual([
        "rejected",
        "accepted",
        "conflict",
      ]);
      expect(await view(b)).toEqual({ record: tip, signals: new Map([["c-1", s2]]) });
    });

    test("an empty push does nothing", async () => {
      expect(await a.remote.push({})).toEqual({ record: "none", signal: "none" });
    });

    test("16 fetches at once in one store, while another clone publishes", async () => {
      let tip: Oid | null = null;
      for (let round = 0; round < 3; round += 1) {
        const next = await commit(a.store, tip, { [`f${round}`]: "x" });
        const next2 = await commit(a.store, next, { [`g${round}`]: "x" });
        await a.remote.push({
          record: { base: tip, tip: next },
          signal: { clone: `c-${round}`, old: null, next: await signal(a.store, `${round}`) },
        });
        const fetches = Array.from({ length: 16 }, () => b.remote.fetch());
        await a.remote.push({ record: { base: next, tip: next2 } });
        for (const fetched of await Promise.all(fetches)) {
          if (!fetched.ok) throw new Error(fetched.fault.text);
          expect([next, next2]).toContain(fetched.view.record);
          expect((await b.store.read([fetched.view.record as Oid]))[0]?.type).toBe("commit");
        }
        tip = next2;
      }
    });

    test("reads answer in the order asked, with undefined for what is missing", async () => {
      const blobs = Array.from({ length: 200 }, (_, i) => blobOf(`${i}\n`.repeat(i)));
      await a.store.write(blobs);
      const asked = blobs.flatMap((blob, i) => (i % 3 === 0 ? [blob.oid, NONE] : [blob.oid]));
      const [whole, part] = await Promise.all([
        a.store.read(asked),
        a.store.read([NONE, blobs[7]?.oid as Oid]),
      ]);
      expect(whole.map((object) => object?.oid)).toEqual(
        asked.map((oid) => (oid === NONE ? undefined : oid)),
      );
      expect(part.map((object) => object && Buffer.from(object.data).toString())).toEqual([
        undefined,
        "7\n".repeat(7),
      ]);
      expect(await a.store.read([])).toEqual([]);
    });

    test("1,000 objects in one write, read by another process, published and fetched", async () => {
      const files = Object.fromEntries(
        Array.from({ length: 1000 }, (_, i) => [`tasks/${i % 32}/${i}.yaml`, `title: ${i}\n`]),
      );
      const tip = await commit(a.store, null, files);
      const other = await world.reopen(a);
      expect(await listFiles(other, await treeOf(other, tip))).toHaveLength(1000);
      expect((await a.remote.push({ record: { base: null, tip } })).record).toBe("accepted");
      await view(b);
      const listed = await listFiles(b.store, await treeOf(b.store, tip));
      const texts = (await b.store.read(listed.map((file) => file.oid))).map((object) =>
        Buffer.from(object?.data ?? []).toString(),
      );
      expect(Object.fromEntries(listed.map((file, i) => [file.path, texts[i]]))).toEqual(files);
    });

    test("writing what is there is no error, and bytes of every size come back", async () => {
      const sizes = [0, 1, 15, 16, 17, 127, 2047, 2048, 65_535, 65_536, 1_000_000];
      const blobs = sizes.map((size) => objectOf("blob", Buffer.alloc(size, `${size}x`)));
      await a.store.write([...blobs, ...blobs]);
      await a.store.write(blobs);
      const many = Array.from({ length: 150 }, (_, i) =>
        objectOf("blob", Buffer.alloc(sizes[i % sizes.length] ?? 0, `pack${i}`)),
      );
      await a.store.write([...many, ...blobs, ...many]);
      const other = await world.reopen(a);
      const read = await other.read([...blobs, ...many].map((blob) => blob.oid));
      for (const [i, blob] of [...blobs, ...many].entries())
        expect(Buffer.from(read[i]?.data ?? [9]).equals(Buffer.from(blob.data))).toBe(true);
    });
  });
}
