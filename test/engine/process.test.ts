/** What a process says arrives whole, however late this process comes to read it. */
import { expect, test } from "vitest";
import { runGit } from "../../src/engine/git/process.ts";
import { bareHub, cloneOf } from "../helpers/git.ts";

const busy = (ms: number) => {
  for (const end = Date.now() + ms; Date.now() < end; );
};
const idle = (ms: number) => new Promise((go) => setTimeout(go, ms));

test("an event loop that stands still for longer than the outputs are waited for loses none of them", async () => {
  const hub = bareHub();
  cloneOf(hub);
  const said: [number | null, boolean][] = [];
  for (let round = 0; round < 6; round++) {
    const runs = Array.from({ length: 8 }, () => runGit(["ls-remote", hub, "refs/heads/*"], { cwd: hub }));
    for (const pause of [round * 3, 2]) {
      await idle(pause);
      busy(300);
    }
    for (const { code, stdout } of await Promise.all(runs))
      said.push([code, stdout.includes("refs/heads/main")]);
  }
  expect(said.filter(([code, whole]) => code !== 0 || !whole)).toEqual([]);
});
