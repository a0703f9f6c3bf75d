import { expect, test } from "vitest";
import { MemoryStore } from "../../src/engine/memory/store.ts";
import { PathHistory, stepsTo } from "../../src/engine/path-history.ts";
import type { Oid } from "../../src/engine/ports.ts";
import { readPaths } from "../../src/engine/tree.ts";
import { commit } from "../helpers/commit.ts";

const PATHS = ["a", "b/c", "b/c/d", "b/e/f.yaml", "b", "gone/x"];

/** More commits than are read at once; files come, change, go, and become folders. */
async function longHistory() {
  const store = new MemoryStore();
  let tip: Oid | null = null;
  for (let at = 0; at < 620; at++) {
    const path = ["a", "b/c", "b/e/f.yaml", "gone/x", "other/y"][at % 5] as string;
    const isFolder = at > 300 && path === "b/c";
    const files: Record<string, string | null> = isFolder
      ? { "b/c": null, "b/c/d": `${at}` }
      : { [path]: at % 7 === 0 ? null : `${at}` };
    if (isFolder && at > 303) delete files["b/c"];
    tip = await commit(store, tip, files);
  }
  return { store, tip: tip as Oid };
}

test("the files at each commit are those that a reader of single commits finds", async () => {
  const { store, tip } = await longHistory();
  const steps = await stepsTo(store, tip);
  const history = await PathHistory.read(store, steps, PATHS);
  expect(steps).toHaveLength(620);
  for (const step of steps) {
    const read = await readPaths(store, step.tree, PATHS);
    expect(PATHS.map((path) => history.at(step.oid, path))).toEqual(read);
  }
  for (const path of PATHS) {
    const at = steps.map((step) => history.at(step.oid, path));
    const changes = at.filter((blob, index) => blob !== (at[index - 1] ?? null));
    expect(history.versions(path).map(({ blob }) => blob)).toEqual(changes);
  }
});

test("the last good version is looked for backwards", async () => {
  const store = new MemoryStore();
  let tip: Oid | null = null;
  for (const text of ["good 1", "good 2", "bad", null, "bad again"])
    tip = await commit(store, tip, { a: text });
  const history = await PathHistory.read(store, await stepsTo(store, tip as Oid), ["a"]);
  const [, second] = history.versions("a");
  const good = new Set(
    history
      .versions("a")
      .slice(0, 2)
      .map(({ blob }) => blob),
  );
  expect(history.lastGood(tip as Oid, "a", (blob) => good.has(blob)).map(({ blob }) => blob)).toEqual([
    second?.blob,
  ]);
  expect(history.lastGood(tip as Oid, "a", () => false)).toEqual([]);
});
