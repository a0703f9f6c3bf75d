import { expect, test } from "vitest";
import type { SettleResult } from "../../../src/domain/merges/settle.ts";
import { bareHub, cloneOf } from "../../helpers/git.ts";
import { runAt } from "../../helpers/record-hub.ts";

test("a program that knows what was merged says so itself", async () => {
  const dir = cloneOf(bareHub());
  const added = await runAt<{ id: string }>(dir, [["init"], ["add", { title: "Fix" }]], { as: "max" });
  const merged = [{ task: added.result.id, commit: "4f2a91c", at: "2026-01-01T00:00:00Z" }];
  const settled = await runAt<SettleResult>(dir, [["settle", { merged }]], { as: "hook" });
  expect(settled.result.merged).toMatchObject([{ id: added.result.id, merged_as: "4f2a91c" }]);
});
