import { describe, expect, test } from "vitest";
import type { Command } from "../../src/cli/command.ts";
import { commands } from "../../src/cli/commands.ts";
import { EXIT_MEANS } from "../../src/cli/exits.ts";
import { argName, fieldsOf } from "../../src/cli/fields.ts";
import { GLOBALS, namesOf } from "../../src/cli/globals.ts";
import { locate } from "../../src/cli/locate.ts";
import { parseArguments } from "../../src/cli/parse.ts";
import { EXIT } from "../../src/core/refusal.ts";
import { run } from "./support.ts";

const shown = commands.filter((command) => !command.hidden);
const rows = shown.map((command): [string, Command] => [command.name, command]);

describe("F15 every command of the table", () => {
  test("has a name of its own", () => {
    expect(new Set(commands.map(({ name }) => name)).size).toBe(commands.length);
  });

  test.each(rows)(
    "%s: its help has a summary, usage, options, an example and exit statuses",
    async (name, command) => {
      const { out, code, err } = await run([...name.split(" "), "--help"], { commands });
      expect([code, err]).toEqual([0, ""]);
      expect(out.startsWith(command.summary)).toBe(true);
      expect(out).toContain(`Usage  owp ${name}`);
      expect(out).toContain("--json");
      expect(command.examples.length).toBeGreaterThan(0);
      for (const example of command.examples) expect(out).toContain(example);
      expect(out).toMatch(/Exit status\n {2}0 {2}done/);
      for (const line of out.split("\n")) {
        // An example is one line, however long.
        if (!line.includes("owp ")) expect(line.length).toBeLessThanOrEqual(100);
      }
    },
  );

  test.each(rows)("%s: no option twice, none that a global option means already", async (_, command) => {
    const { schema } = await command.load();
    const flags = fieldsOf(schema, command.args).flatMap(({ flag, short }) =>
      short ? [flag, short] : [flag],
    );
    const all = [...flags, ...GLOBALS.flatMap((row) => namesOf(row.flags))];
    expect(all.filter((flag, at) => all.indexOf(flag) !== at)).toEqual([]);
  });

  test.each(rows)(
    "%s: its words are fields of its input, and the optional ones are not required",
    async (_, command) => {
      const { schema } = await command.load();
      for (const arg of command.args) {
        expect(Object.keys(schema.properties ?? {})).toContain(argName(arg));
        if (arg.endsWith("?")) expect(schema.required ?? []).not.toContain(argName(arg));
      }
    },
  );

  test.each(rows)("%s: its options are described", async (_, command) => {
    const { schema } = await command.load();
    for (const [name, property] of Object.entries(schema.properties ?? {})) {
      expect(property.description, name).toMatch(/\S/);
    }
  });

  const examples = rows.flatMap(([name, { examples: lines }]) =>
    lines.map((line): [string, string] => [line, name]),
  );
  test.each(examples)("example: %s", async (line, name) => {
    const main = /owp (?:"[^"]*"|'[^']*'|[^"'|>#)])*/.exec(line)?.[0] ?? "";
    const words = [...main.matchAll(/'([^']*)'|"([^"]*)"|(\S+)/g)];
    const argv = words.map((word) => word[1] ?? word[2] ?? word[3] ?? "").slice(1);
    const located = locate(argv, commands);
    expect(located).toMatchObject({ to: "run", command: { name } });
    if (!("to" in located) || located.to !== "run") return;
    const { schema } = await located.command.load();
    expect(parseArguments(located.command, schema, located.argv, {})).toMatchObject({ to: "run" });
  });
});

describe("help", () => {
  test("the overview names every command or its noun", async () => {
    const { out } = await run(["--help"], { commands });
    for (const { name } of shown) expect(out).toMatch(new RegExp(`^ {2}${name.split(" ")[0]} `, "m"));
    expect(await run([], { commands })).toMatchObject({ out, code: 0 });
  });

  test.each([
    "identity",
    "leases",
    "queues",
    "offline",
    "merges",
    "review",
    "exit-codes",
    "json",
    "files",
    "environment",
  ])("topic %s", async (topic) => {
    const { out, code } = await run(["help", topic], { commands });
    expect(code).toBe(0);
    expect(out.length).toBeGreaterThan(200);
  });

  test("exit-codes is the table", async () => {
    const { out } = await run(["help", "exit-codes"], { commands });
    for (const [name, status] of Object.entries(EXIT)) {
      expect(out).toContain(`- ${status} ${EXIT_MEANS[name as keyof typeof EXIT]}`);
    }
  });

  test("help of a command and of a noun", async () => {
    expect((await run(["help", "claim"], { commands })).out).toBe(
      (await run(["claim", "-h"], { commands })).out,
    );
    expect((await run(["help", "worker"], { commands })).out).toContain("owp worker register [name]");
  });

  test("colour survives", async () => {
    expect((await run(["help", "claim"], { commands, tty: true })).out).toContain("\u001b[1mUsage");
  });

  test("an unknown topic suggests", async () => {
    const ran = await run(["help", "leasse"], { commands });
    expect([ran.code, ran.err]).toEqual([2, expect.stringContaining("did you mean owp help leases")]);
  });
});
