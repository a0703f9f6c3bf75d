import { cpSync, readdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { expect, test } from "vitest";
import { keepFirst } from "../../src/engine/desk-files.ts";
import { openHub } from "../../src/lib/open.ts";
import { cloneOf, git, tempDir } from "../helpers/git.ts";
import { hubAt, recordHub, runAt } from "../helpers/record-hub.ts";

test("the first commands of a clone, all at once, agree on the clone's id", async () => {
  const { hub } = await recordHub();
  const clone = cloneOf(hub);
  const opened = await Promise.all(Array.from({ length: 8 }, () => openHub({ dir: clone, env: {} })));
  const ids = opened.map((each) => ("parts" in each ? each.parts.clone : each.message));
  expect(new Set(ids).size).toBe(1);
  expect(ids[0]).toMatch(/^[0-9a-hjkmnp-tv-z]{16}$/);
  for (const each of opened) if ("parts" in each) await each.close();
});

test("of two processes that name the same fact the first one's word stands for both", () => {
  const file = join(tempDir(), "memo", "clone.json");
  expect([keepFirst(file, "a"), keepFirst(file, "b")]).toEqual(["a", "a"]);
  expect(readdirSync(dirname(file))).toEqual(["clone.json"]);
});

test("records whose addresses end alike have an index each, and no address shows in a file's name", async () => {
  const { clone, hub } = await recordHub();
  const tail = join("a-folder-with-a-name-that-is-long-enough-to-fill-every-part-of-a-name", "hub.git");
  const [left, right] = [join(tempDir(), tail), join(tempDir(), tail)];
  cpSync(hub, left, { recursive: true });
  cpSync(hub, right, { recursive: true });
  git(right, "update-ref", "refs/heads/owp", "owp~1");
  git(clone, "remote", "add", "left", left);
  git(clone, "remote", "add", "right", right);
  const count = async (remote: string) =>
    (await runAt<{ tasks: unknown[] }>(clone, [["list"]], { as: "ada", remote })).result.tasks.length;
  expect([await count("left"), await count("right"), await count("left")]).toEqual([1, 0, 1]);
});

test("a heartbeat that the remote declines says why", async () => {
  const { hub, clone } = await recordHub();
  writeFileSync(join(hub, "hooks", "update"), "#!/bin/sh\necho no signals here; exit 1\n", { mode: 0o755 });
  const opened = await hubAt(clone, { as: "ada" });
  expect(await opened.run("heartbeat", {})).toMatchObject({
    ok: false,
    code: "remote_denied",
    message: expect.stringContaining("no signals here"),
  });
  await opened.close();
});
