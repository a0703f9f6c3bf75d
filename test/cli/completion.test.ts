import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { complete } from "../../src/cli/commands/__complete.ts";
import { completion } from "../../src/cli/commands/completion.ts";
import { heartbeat } from "../../src/cli/commands/heartbeat.ts";
import { help } from "../../src/cli/commands/help.ts";
import { refusal, run, SAMPLE, type World } from "./support.ts";

const commands = [...SAMPLE, heartbeat, help, completion, complete];
const answer: World["answer"] = (name) =>
  name === "list"
    ? {
        result: {
          tasks: [
            { id: "t_a", short: "k3f9", title: "Fix\tthe \u001b[31mlogin" },
            { id: "t_b", short: "m2x7", title: "Docs" },
          ],
        },
      }
    : { result: { workers: [{ name: "ada" }, { name: "bob" }] } };

async function candidates(line: string, world: World = {}): Promise<string[]> {
  const words = line.split(" ");
  const ran = await run(["__complete", "--", ...words], { commands, answer, ...world });
  expect([ran.code, ran.err]).toEqual([0, ""]);
  return ran.out
    .split("\n")
    .filter((text) => text !== "")
    .map((text) => text.split("\t")[0] ?? "");
}

describe("candidates", () => {
  test.each<[string, string[]]>([
    ["a", ["add"]],
    ["wor", ["worker"]],
    ["worker ", ["list", "show"]],
    ["--js", ["--json"]],
    ["-C sub worker s", ["show"]],
    ["--as ", ["ada", "bob"]],
    ["list --as b", ["bob"]],
    ["list --st", ["--status"]],
    ["list --status ", ["ready", "done"]],
    ["list --status=d", ["--status=done"]],
    ["list --status = d", ["done"]],
    ["list --status =", ["ready", "done"]],
    ["pr k", ["k3f9"]],
    ["pr --json m", ["m2x7"]],
    ["pr k3f9 ", []],
    ["worker show ", ["ada", "bob"]],
    ["completion ", ["bash", "zsh", "fish"]],
    ["help lea", ["leases"]],
    ["heartbeat --status w", ["working"]],
    ["list --dry", []],
    ["add x --dry", ["--dry-run"]],
    ["nonsense ", []],
  ])("owp %s", async (line, expected) => {
    expect(await candidates(line)).toEqual(expected);
  });

  test("ids come from the clone alone, with harmless titles", async () => {
    const ran = await run(["__complete", "--", "pr", "k"], { commands, answer });
    expect(ran.seen).toMatchObject([{ name: "list", options: { offline: true } }]);
    expect(ran.out).toBe("k3f9\tFix the login\n");
  });

  test("errors are silent", async () => {
    const refuseToOpen = refusal("no_repository");
    expect(await candidates("pr ", { refuseToOpen })).toEqual([]);
    const broken = () => {
      throw new Error("boom");
    };
    expect(await candidates("pr ", { answer: broken })).toEqual([]);
  });
});

describe("shells", () => {
  let dir = "";
  beforeAll(async () => {
    dir = mkdtempSync(join(tmpdir(), "owp-completion-"));
    // A stand-in for the program that answers what it was asked.
    writeFileSync(
      join(dir, "owp"),
      '#!/bin/sh\nshift 2\nfor word in "$@"; do printf "[%s]\\tabout\\n" "$word"; done\n',
      { mode: 0o755 },
    );
    for (const shell of ["bash", "zsh", "fish"]) {
      const { out, code } = await run(["completion", shell], { commands });
      expect(code).toBe(0);
      writeFileSync(join(dir, shell), out);
    }
  });
  afterAll(() => rmSync(dir, { recursive: true, force: true }));

  const sh = (shell: string, args: string[]) =>
    spawnSync(shell, args, { encoding: "utf8", env: { ...process.env, PATH: `${dir}:${process.env.PATH}` } });

  test("bash: the function hands over the words up to the cursor, and keeps the values", () => {
    const script = `
      source ${dir}/bash
      COMP_WORDS=(owp worker show "a b" later); COMP_CWORD=3
      _owp; printf '%s\\n' "\${COMPREPLY[@]}"
      complete -p owp`;
    const ran = sh("bash", ["--norc", "-c", script]);
    expect(ran.stderr).toBe("");
    expect(ran.stdout.split("\n")).toEqual([
      "[worker]",
      "[show]",
      "[a b]",
      "complete -o default -F _owp owp",
      "",
    ]);
  });

  test.each(["zsh", "fish"])("%s: the script is valid, where the shell is installed", (shell) => {
    const ran = sh(shell, ["-n", join(dir, shell)]);
    if (ran.error) return;
    expect([ran.status, ran.stderr]).toEqual([0, ""]);
  });

  test("an unknown shell", async () => {
    expect(await run(["completion", "ksh"], { commands })).toMatchObject({ code: 2, out: "" });
  });
});
