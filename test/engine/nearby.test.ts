/** Taking over what a repository on this disk has, without a process; and leaving to git what is not plainly there. */
import { copyFileSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { beforeEach, describe, expect, test } from "vitest";
import { commitsSince, fetchNearby, nearbyFolder } from "../../src/engine/git/nearby.ts";
import { signalPrefixes } from "../../src/engine/git/signal-refs.ts";
import { GitStore } from "../../src/engine/git/store.ts";
import type { Oid } from "../../src/engine/ports.ts";
import { commit } from "../helpers/commit.ts";
import { type Connection, connect } from "../helpers/connect.ts";
import { bareHub, cloneOf, git } from "../helpers/git.ts";

const RECORD = "refs/heads/owp";
const PLACES = signalPrefixes("owp");
const SIGNALS = PLACES.refs;
const SILENT = { refs: new Map(), branches: new Map() };

let hub: string;
let writer: Connection;
let reader: Connection;
let base: Oid;

const connected = async (): Promise<Connection> => {
  const connection = await connect(cloneOf(hub));
  if (!connection.ok) throw new Error(connection.message);
  return connection;
};
const publish = async (parent: Oid | null, files: Record<string, string>) => {
  const tip = await commit(writer.store, parent, files);
  expect(await writer.remote.push({ record: { base: parent, tip } })).toMatchObject({ record: "accepted" });
  return tip;
};
const take = () => fetchNearby(reader.store, hub, RECORD, PLACES);
const fsck = () => git(reader.store.path, "fsck", "--strict", "--full", "--no-dangling");

beforeEach(async () => {
  hub = bareHub();
  [writer, reader] = [await connected(), await connected()];
  base = await publish(null, { "tasks/a/b/t.yaml": "title: 1\n", "tasks/a/c/u.yaml": "title: 2\n" });
  await reader.remote.fetch();
});

describe("which addresses are on this disk", () => {
  const rows: [url: string, folder: string | undefined][] = [
    ["/srv/hub.git", "/srv/hub.git"],
    ["file:///srv/hub%20x.git", "/srv/hub x.git"],
    ["file://elsewhere/srv/hub.git", undefined],
    ["https://example.org/hub.git", undefined],
    ["git@example.org:hub.git", undefined],
    ["hub.git", undefined],
  ];
  test.each(rows)("%s", (url, folder) => expect(nearbyFolder(url)).toBe(folder));
});

describe("what is taken over", () => {
  test("nothing new", async () => {
    expect(await take()).toEqual({ record: base, signals: SILENT });
  });

  test("some commits, with all that they changed: the store is whole, as after a fetch by git", async () => {
    let tip = base;
    for (const title of ["x", "y", "z"])
      tip = await publish(tip, { "tasks/a/b/t.yaml": `title: ${title}\n` });
    tip = await publish(tip, { "leases/a/b/t.yaml": "epoch: 1\n", [`deep/${"x/".repeat(9)}f`]: "1\n" });
    expect(await take()).toEqual({ record: tip, signals: SILENT });
    expect(git(reader.store.path, "rev-parse", "refs/owp/record")).toBe(tip);
    fsck();
    // The next push rests on it.
    const next = await commit(reader.store, tip, { "tasks/a/b/t.yaml": "title: w\n" });
    expect(await reader.remote.push({ record: { base: tip, tip: next } })).toMatchObject({
      record: "accepted",
    });
  });

  test("many objects come as one pack", async () => {
    let tip = base;
    for (let i = 0; i < 8; i++) tip = await publish(tip, { [`tasks/${i}/t.yaml`]: `title: ${i}\n` });
    expect((await take())?.record).toBe(tip);
    expect(
      readdirSync(join(reader.store.path, "objects", "pack")).filter((name) => /\.pack$/.test(name)),
    ).toHaveLength(1);
    fsck();
    expect(await new GitStore(reader.store.path).read([tip])).toMatchObject([{ oid: tip, type: "commit" }]);
  });

  test("signals", async () => {
    const message = "kind: Heartbeat\n";
    const who = ["-c", "user.name=x", "-c", "user.email=x@example.org"];
    const tree = git(hub, "hash-object", "-w", "-t", "tree", "/dev/null");
    const beat = git(hub, ...who, "commit-tree", "-m", message, tree);
    git(hub, "update-ref", `${SIGNALS}/c-1`, beat);
    git(hub, "update-ref", `${PLACES.branches}/c-2`, beat);
    expect((await take())?.signals).toEqual({
      refs: new Map([["c-1", beat]]),
      branches: new Map([["c-2", beat]]),
    });
    expect(await reader.store.read([beat])).toMatchObject([{ type: "commit" }]);
  });
});

describe("what is left to git", () => {
  const rows: [name: string, change: () => Promise<void> | void][] = [
    ["a record that this store never saw", () => rmSync(join(reader.store.path, "refs/owp/record"))],
    ["packed refs", () => void git(hub, "pack-refs", "--all")],
    ["packed objects", () => void git(hub, "gc", "-q", "--prune=now")],
    [
      "a record that was set back",
      async () => {
        await take();
        git(hub, "update-ref", RECORD, `${RECORD}~1`);
      },
    ],
    ["a record that is gone", () => void git(hub, "update-ref", "-d", RECORD)],
    ["a ref that is half-written", () => writeFileSync(join(hub, RECORD), "123")],
    [
      "packed signals",
      () => {
        git(hub, "update-ref", `${SIGNALS}/c-1`, RECORD);
        git(hub, "pack-refs", "--all");
        git(hub, "update-ref", RECORD, `${RECORD}~1`);
        git(hub, "update-ref", RECORD, "ORIG");
      },
    ],
    ["a signal that is no heartbeat", () => void git(hub, "update-ref", `${SIGNALS}/c-1`, RECORD)],
  ];
  test.each(rows)("%s", async (_, change) => {
    const tip = await publish(base, { "tasks/a/b/t.yaml": "title: x\n" });
    git(hub, "update-ref", "ORIG", tip);
    await change();
    expect(await take()).toBeUndefined();
  });

  test("a merge", async () => {
    const side = await commit(writer.store, base, { side: "1" });
    const main = await publish(base, { main: "1" });
    git(hub, "fetch", "-q", writer.store.path, side);
    const who = ["-c", "user.name=x", "-c", "user.email=x@example.org"];
    const merge = git(hub, ...who, "commit-tree", "-m", "merge", "-p", main, "-p", side, `${main}^{tree}`);
    git(hub, "update-ref", RECORD, merge);
    expect(await take()).toBeUndefined();
    expect(commitsSince(hub, RECORD, base)).toBeUndefined();
    expect(await reader.remote.fetch()).toMatchObject({ ok: true, view: { record: merge } });
  });

  test("an object whose content is not what its name says", async () => {
    const tip = await publish(base, { "tasks/a/b/t.yaml": "title: x\n" });
    const tree = git(hub, "rev-parse", `${tip}^{tree}`);
    const other = git(hub, "rev-parse", `${base}^{tree}`);
    const file = (oid: Oid) => join(hub, "objects", oid.slice(0, 2), oid.slice(2));
    rmSync(file(tree));
    copyFileSync(file(other), file(tree));
    expect(await take()).toBeUndefined();
    expect(await reader.store.read([tip])).toEqual([undefined]);
  });
});
