import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, readdirSync, utimesSync, writeFileSync } from "node:fs";
import { hostname } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { FileDesk } from "../../src/engine/desk-files.ts";
import { MemoryDesk, MemoryRoom } from "../../src/engine/memory/desk.ts";
import type { Desk } from "../../src/engine/ports.ts";
import { tempDir } from "../helpers/git.ts";
import { deskConformance } from "./desk.conformance.ts";

deskConformance("memory", async () => {
  const room = new MemoryRoom();
  const names = new Map<Desk, string>();
  const running = new Set<string>();
  return {
    open: () => {
      const name = `p${names.size}`;
      const desk = new MemoryDesk(room, name, (process) => running.has(process));
      names.set(desk, name);
      running.add(name);
      return desk;
    },
    kill: async (desk) => {
      running.delete(names.get(desk) as string);
    },
    close: async () => {},
  };
});

/** Each desk stands for a process of its own: one that sleeps, and can be killed. */
deskConformance("files", async () => {
  const root = tempDir("desk");
  const children = new Map<Desk, ChildProcess>();
  const end = async (child: ChildProcess) => {
    if (child.exitCode !== null || child.signalCode !== null) return;
    child.kill("SIGKILL");
    await once(child, "exit");
  };
  return {
    open: () => {
      const child = spawn("sleep", ["600"], { stdio: "ignore" });
      const desk = new FileDesk(root, child.pid);
      children.set(desk, child);
      return desk;
    },
    kill: async (desk) => end(children.get(desk) as ChildProcess),
    close: async () => {
      for (const child of children.values()) await end(child);
    },
  };
});

const OP = `01k${"0".repeat(23)}`;

test("half-written files of a process that died are no tickets, answers or facts", async () => {
  const root = tempDir("desk");
  const desk = new FileDesk(root);
  for (const folder of ["queue", "offline", "answers", "pending", "memo"]) {
    writeFileSync(join(root, folder, `${OP}.json`), '{"op":"01k');
    writeFileSync(join(root, folder, `${OP}.json.77.x.0.tmp`), "");
  }
  writeFileSync(join(root, "taken", `${OP}.9-x-0.999999999.x-0.nohost.json`), "");
  writeFileSync(join(root, "taken", "litter.json"), "");
  expect(await desk.take({ offline: true, orphans: true })).toEqual([]);
  expect(await desk.collect(OP)).toBeUndefined();
  expect(await desk.pendings()).toEqual([]);
  expect(await desk.recall(OP)).toBeUndefined();
  expect(await desk.offlineTickets()).toEqual([]);
});

test("an empty lock file of a process that died holds others up for a while only", async () => {
  const root = tempDir("desk");
  const desk = new FileDesk(root);
  const file = join(root, "lock");
  writeFileSync(file, "");
  expect(await desk.lock()).toBeUndefined();
  const before = new Date(Date.now() - 130_000);
  utimesSync(file, before, before);
  expect(await desk.lock()).toBeDefined();
});

test("a lock of an earlier process of the same number is stale", async () => {
  const root = tempDir("desk");
  const desk = new FileDesk(root);
  const lock = await desk.lock();
  expect(await new FileDesk(root).lock()).toBeUndefined();
  await lock?.release();
  expect(existsSync(join(root, "lock"))).toBe(false);
  const held = await new FileDesk(root).lock();
  expect(held).toBeDefined();
  const host = hostname().replaceAll(/[^A-Za-z0-9-]/g, "-");
  writeFileSync(join(root, "lock"), JSON.stringify({ pid: process.pid, host, seat: "earlier-0" }));
  expect(await desk.lock()).toBeDefined();
});

test("a chain's commit is held by a ref while it is pending", async () => {
  const root = tempDir("desk");
  const desk = new FileDesk(root);
  const refs = join(root, "store.git", "refs", "owp", "pending");
  const tip = "b".repeat(40);
  await desk.savePending({ tip, base: null, tickets: [] });
  expect(readdirSync(refs)).toEqual([tip]);
  await desk.dropPending(tip);
  expect(readdirSync(refs)).toEqual([]);
});
