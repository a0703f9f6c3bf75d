/** A push that speaks to `git receive-pack` itself: what it sends, what it reads of the answer, what it leaves to git. */
import { execFileSync } from "node:child_process";
import { chmodSync, existsSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { beforeEach, describe, expect, test } from "vitest";
import { objectsOf } from "../../src/engine/git/nearby.ts";
import { type RefUpdate, sendTo } from "../../src/engine/git/receive-pack.ts";
import { blobOf } from "../../src/engine/objects.ts";
import type { GitObject, Oid } from "../../src/engine/ports.ts";
import { commit } from "../helpers/commit.ts";
import { type Connection, connect } from "../helpers/connect.ts";
import { bareHub, cloneOf, git, tempDir } from "../helpers/git.ts";

const RECORD = "refs/heads/owp";
let hub: string;
let writer: Connection;
let base: Oid;

const hook = (name: string, script: string) => {
  const path = join(hub, "hooks", name);
  writeFileSync(path, `#!/bin/sh\n${script}\n`);
  chmodSync(path, 0o755);
};
const send = (updates: RefUpdate[], objects: GitObject[], folder = hub) =>
  sendTo(folder, updates, objects, { cwd: folder });
const change = async (text = "2") => {
  const tip = await commit(writer.store, base, { x: text });
  const objects = await objectsOf(writer.store, { record: { base, tip } });
  if (!objects) throw new Error("not found");
  return { tip, objects, update: { ref: RECORD, old: base, next: tip } };
};
const standsAt = () => git(hub, "rev-parse", RECORD);

beforeEach(async () => {
  hub = bareHub();
  const connection = await connect(cloneOf(hub));
  if (!connection.ok) throw new Error(connection.message);
  writer = connection;
  base = await commit(writer.store, null, { x: "1", "a/b/y": "1" });
  await writer.remote.push({ record: { base: null, tip: base } });
});

describe("what is sent", () => {
  test("the commits with what they changed, and nothing that the remote has", async () => {
    const { tip, objects, update } = await change();
    expect(objects.map(({ type }) => type).sort()).toEqual(["blob", "commit", "tree"]);
    const answer = await send([update], objects);
    expect(answer?.reports.get(RECORD)).toEqual({ fate: "accepted", summary: "" });
    expect(standsAt()).toBe(tip);
    git(hub, "fsck", "--strict", "--full");
  });

  test("a pack that lacks an object moves nothing", async () => {
    const { objects, update } = await change();
    const answer = await send(
      [update],
      objects.filter(({ type }) => type !== "blob"),
    );
    expect(answer?.reports.get(RECORD)?.fate).toBe("rejected");
    expect(standsAt()).toBe(base);
  });

  test("nothing, where a ref stands elsewhere or is there already", async () => {
    hook("pre-receive", `touch ${join(hub, "asked")}`);
    const { tip, objects } = await change();
    const stale = await send([{ ref: RECORD, old: tip, next: tip }], objects);
    expect(stale).toMatchObject({ sent: false });
    expect(stale?.reports.get(RECORD)).toEqual({ fate: "rejected", summary: "! [rejected] (stale info)" });
    const there = await send([{ ref: RECORD, old: null, next: base }], objects);
    expect(there?.reports.get(RECORD)?.fate).toBe("accepted");
    expect(existsSync(join(hub, "asked"))).toBe(false);
  });

  test("the ref that is free, beside one that is not", async () => {
    const { tip, objects, update } = await change();
    const other = { ref: "refs/owp/signals/c-1", old: tip, next: base };
    const answer = await send([other, update], objects);
    expect([...(answer?.reports ?? [])].map(([ref, { fate }]) => [ref, fate]).sort()).toEqual([
      [RECORD, "accepted"],
      [other.ref, "rejected"],
    ]);
    expect(standsAt()).toBe(tip);
  });

  test("a deletion takes no pack", async () => {
    git(hub, "update-ref", "refs/owp/signals/c-1", base);
    const answer = await send([{ ref: "refs/owp/signals/c-1", old: base, next: null }], []);
    expect(answer?.reports.get("refs/owp/signals/c-1")?.fate).toBe("accepted");
    expect(git(hub, "for-each-ref", "refs/owp/")).toBe("");
  });
});

describe("what is read of the answer", () => {
  test("a hook's words, and its no", async () => {
    hook("pre-receive", "echo 'not on a Friday'; echo 'nor — on a Saturday' >&2; exit 1");
    const { objects, update } = await change();
    const answer = await send([update], objects);
    expect(answer?.reports.get(RECORD)).toEqual({
      fate: "rejected",
      summary: "! [remote rejected] (pre-receive hook declined)",
    });
    expect(answer?.done.stderr.split("\n").sort()).toEqual(
      ["", "remote: nor — on a Saturday", "remote: not on a Friday"].sort(),
    );
  });

  test("a hook that says very much", async () => {
    hook("post-receive", "for i in $(seq 20000); do echo line $i; done");
    const { tip, objects, update } = await change();
    const answer = await send([update], objects);
    expect(answer?.reports.get(RECORD)?.fate).toBe("accepted");
    expect(answer?.done.stderr).toContain("remote: line 20000\n");
    expect(standsAt()).toBe(tip);
  });
});

describe("what is left to git", () => {
  test.each([
    ["a folder that is no repository", () => tempDir()],
    ["a folder that is not there", () => join(tempDir(), "gone")],
    [
      "a repository with longer names",
      () => {
        const other = tempDir();
        execFileSync("git", ["init", "--quiet", "--bare", "--object-format=sha256", other]);
        return other;
      },
    ],
    [
      "a shallow one",
      () => {
        const other = join(tempDir(), "shallow.git");
        git(hub, "update-ref", "HEAD", base);
        execFileSync("git", ["clone", "--quiet", "--bare", "--depth=1", `file://${hub}`, other]);
        writeFileSync(join(other, "shallow"), `${base}\n`);
        return other;
      },
    ],
  ])("%s", async (_name, folder) => {
    const { objects, update } = await change();
    const place = folder();
    expect(await sendTo(place, [update], objects, { cwd: hub })).toBeUndefined();
  });

  test("a change of more objects than lie loose, and a first commit", async () => {
    const files = Object.fromEntries(Array.from({ length: 40 }, (_, at) => [`f/${at}`, `${at}`]));
    const tip = await commit(writer.store, base, files);
    expect(await objectsOf(writer.store, { record: { base, tip } })).toBeUndefined();
    expect(await objectsOf(writer.store, { record: { base: null, tip: base } })).toBeUndefined();
    expect((await writer.remote.push({ record: { base, tip } })).record).toBe("accepted");
  });

  test("a ref that is no heartbeat", async () => {
    const { oid } = blobOf("x");
    expect(await objectsOf(writer.store, { signal: { clone: "c-1", old: null, next: oid } })).toBeUndefined();
  });
});

test("a receive-pack that the user named is used", async () => {
  const mark = join(hub, "named");
  const script = join(tempDir(), "receive");
  writeFileSync(script, `#!/bin/sh\ntouch ${mark}\nexec git receive-pack "$@"\n`);
  chmodSync(script, 0o755);
  git(writer.repository.toplevel ?? "", "config", "remote.origin.receivepack", script);
  const again = await connect(writer.repository.toplevel ?? "");
  if (!again.ok) throw new Error(again.message);
  const { tip } = await change();
  expect((await again.remote.push({ record: { base, tip } })).record).toBe("accepted");
  expect(existsSync(mark)).toBe(true);
});

test("a push URL that leads nowhere keeps its word", async () => {
  const dir = writer.repository.toplevel ?? "";
  git(dir, "config", "remote.origin.pushurl", "no_push");
  const again = await connect(dir);
  if (!again.ok) throw new Error(again.message);
  const { tip } = await change();
  expect((await again.remote.push({ record: { base, tip } })).record).toBe("rejected");
  expect(standsAt()).toBe(base);
});
