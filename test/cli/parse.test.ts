import { describe, expect, test } from "vitest";
import { locate } from "../../src/cli/locate.ts";
import { parseArguments } from "../../src/cli/parse.ts";
import { SAMPLE } from "./support.ts";

/** The command line as a value: no hub, no process. */
async function parse(line: string, env: Record<string, string> = {}) {
  const located = locate(line === "" ? [] : split(line), SAMPLE);
  if (!("to" in located) || located.to !== "run") return located;
  const { schema } = await located.command.load();
  const parsed = parseArguments(located.command, schema, located.argv, env);
  return "to" in parsed && parsed.to === "run" ? { command: located.command.name, ...parsed } : parsed;
}

const split = (line: string) =>
  [...line.matchAll(/'([^']*)'|(\S+)/g)].map((match) => match[1] ?? match[2] ?? "");

describe("arguments to input", () => {
  test.each<[string, string, Record<string, unknown>]>([
    ["add Fix the login", "add", { title: "Fix the login" }],
    ["add 'Fix it' -p P1 --estimate 3", "add", { title: "Fix it", priority: "P1", estimate: 3 }],
    ["add x --priority 80", "add", { title: "x", priority: 80 }],
    ["add x -s rust,sql --skill go", "add", { title: "x", skills: ["rust", "sql", "go"] }],
    ["add x --accept 'a, b' --accept c", "add", { title: "x", accept: ["a, b", "c"] }],
    ["add x --max-attempts 2 --planned", "add", { title: "x", max_attempts: 2, planned: true }],
    ["add x --estimate=-1", "add", { title: "x", estimate: -1 }],
    ["add -- --dashes", "add", { title: "--dashes" }],
    ["add x -d -", "add", { title: "x", description: "-" }],
    ["pr http://x/1", "pr", { url: "http://x/1" }],
    ["pr k3f9 http://x/1", "pr", { id: "k3f9", url: "http://x/1" }],
    ["list --status ready,done -n 5 -a", "list", { status: ["ready", "done"], limit: 5, all: true }],
    ["worker show", "worker show", {}],
    ["worker show ada", "worker show", { name: "ada" }],
  ])("%s", async (line, command, input) => {
    expect(await parse(line)).toMatchObject({ to: "run", command, input });
    const parsed = await parse(line);
    expect("input" in parsed && Object.keys(parsed.input).sort()).toEqual(Object.keys(input).sort());
  });

  test.each<[string, Record<string, unknown>]>([
    ["--json -C sub list", { json: true, dir: "sub" }],
    ["list --json -C sub", { json: true, dir: "sub" }],
    ["worker --json list", { json: true }],
    ["-Csub list", { dir: "sub" }],
    ["list --as=ada --timeout 90s --offline", { as: "ada", timeout_ms: 90_000, offline: true }],
    [
      "add x --dry-run --op-id 01KG9GM2D0AAAAAAAAAAAAAAAA",
      { dry_run: true, op: "01kg9gm2d0aaaaaaaaaaaaaaaa" },
    ],
    [
      "-q list --hub http://x/y --branch b --remote r",
      { quiet: true, hub: "http://x/y", branch: "b", remote: "r" },
    ],
    ["list --no-color", { color: false }],
  ])("global options: %s", async (line, globals) => {
    expect(await parse(line)).toMatchObject({ to: "run", globals });
  });

  test("options that were not given are not in the input", async () => {
    expect(await parse("list")).toEqual({
      to: "run",
      command: "list",
      input: {},
      globals: { json: false, quiet: false, offline: false, dry_run: false },
      stdin: [],
    });
  });

  test("OWP_LEASE_EPOCH is the epoch of commands that take one, unless it is given", async () => {
    const env = { OWP_LEASE_EPOCH: "7" };
    expect(await parse("pr http://x", env)).toMatchObject({ input: { epoch: 7 } });
    expect(await parse("pr http://x --epoch 8", env)).toMatchObject({ input: { epoch: 8 } });
    expect(await parse("list", env)).toMatchObject({ input: {} });
    expect(await parse("pr http://x", { OWP_LEASE_EPOCH: "x" })).toMatchObject({ code: "usage" });
  });
});

describe("usage errors", () => {
  test.each<[string, string | RegExp, string | RegExp]>([
    ["lsit", /no command "lsit"/, "did you mean owp list?"],
    ["worker lst", /no command "worker lst"/, "did you mean owp worker list?"],
    ["worker", /needs one more word: list, show/, "owp help worker"],
    ["--jsno list", /no option --jsno/, /did you mean --json/],
    ["list --statsu ready", /[Uu]nknown option '--statsu'/, /did you mean --status/],
    ["add x --offlin", /[Uu]nknown option/, /did you mean --offline/],
    ["list --status redy", /Allowed choices are ready, done/, /owp list --help/],
    ["add x --type epic", /Allowed choices are feature, bug/, /owp add --help/],
    ["add x --estimate three", /whole number/, /owp add --help/],
    ["add x --estimate 1.5", /whole number/, /owp add --help/],
    ["list --timeout 5", /duration such as/, /owp list --help/],
    ["add x --op-id 12", /ULID/, /owp add --help/],
    ["add", /needs <title>/, "usage: owp add <title...>"],
    ["pr", /needs <url>/, "usage: owp pr [id] <url>"],
    ["pr a b c", /"c" is one too many/, "usage: owp pr [id] <url>"],
    ["list x", /takes no words/, "usage: owp list"],
    ["add x -p", /argument missing/, /owp add --help/],
  ])("%s", async (line, message, hint) => {
    expect(await parse(line)).toMatchObject({
      ok: false,
      code: "usage",
      message: expect.stringMatching(message),
      hint: typeof hint === "string" ? hint : expect.stringMatching(hint),
    });
  });
});

test.each([
  ["", { to: "help", words: [] }],
  ["--help", { to: "help", words: [] }],
  ["-h list", { to: "help", words: ["list"] }],
  ["worker --help", { to: "help", words: ["worker"] }],
  ["--version", { to: "version" }],
  ["list --help", { to: "help" }],
  ["add x -h", { to: "help" }],
])("help and version: %j", async (line, located) => {
  expect(await parse(line)).toEqual(located);
});
