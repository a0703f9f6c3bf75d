/** The built command on a terminal, where it asks a person. */
import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { OWP, start } from "../helpers/command.ts";
import { bareHub, cloneOf } from "../helpers/git.ts";
import { runAt } from "../helpers/record-hub.ts";

/** util-linux's script makes a terminal. */
const canAsk = spawnSync("script", ["-qec", "true", "/dev/null"]).status === 0;
if (!canAsk) console.warn("terminal.test.ts: skipped: there is no script of util-linux on this machine");

async function asked(dir: string, line: string, typed: string) {
  const command = `'${process.execPath}' '${OWP}' ${line}`;
  const ended = await start("script", ["-qec", command, "/dev/null"], dir, {
    input: `${typed}\n`,
    env: { NO_COLOR: "1" },
  }).ended;
  return { status: ended.status, screen: ended.stdout.replaceAll("\r\n", "\n") };
}

test.skipIf(!canAsk)("owp setup shows what it would write, and writes it after a yes", async () => {
  const dir = cloneOf(bareHub());
  const rule = join(dir, ".cursor/rules/owp.mdc");
  const no = await asked(dir, "setup cursor", "no");
  expect([no.status, existsSync(rule)], no.screen).toEqual([8, false]);
  expect(no.screen).toMatch(/new \.cursor\/rules\/owp\.mdc\n\+---[\s\S]*Write this\? Type yes to go on: /);
  const yes = await asked(dir, "setup cursor", "yes");
  expect([yes.status, existsSync(rule)], yes.screen).toEqual([0, true]);
});

test.skipIf(!canAsk)("owp uninit asks too", async () => {
  const dir = cloneOf(bareHub());
  await runAt(dir, [["init"]]);
  const no = await asked(dir, "uninit", "no");
  expect([no.status, existsSync(join(dir, ".git/owp"))], no.screen).toEqual([8, true]);
  expect(no.screen).toContain("Not confirmed. Nothing was changed.");
  const yes = await asked(dir, "uninit", "yes");
  expect([yes.status, existsSync(join(dir, ".git/owp"))], yes.screen).toEqual([0, false]);
});
