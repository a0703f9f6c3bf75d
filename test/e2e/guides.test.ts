import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { ROOT } from "../helpers/command.ts";
import { runGuide } from "../helpers/guide.ts";

/** What is said to hosts runs on a server, and in hosts-guide.test.ts. */
const GUIDES = readdirSync(join(ROOT, "docs/guides"))
  .filter((name) => name !== "hosts.md")
  .map((name) => `docs/guides/${name}`);
/** One page plays the demo. */
const LIMIT_MS = 300_000;

describe("pages whose commands run as they stand, and print what the page shows", () => {
  test.each(["README.md", ...GUIDES])("%s", { timeout: LIMIT_MS }, async (page) => {
    expect(await runGuide(page, readFileSync(join(ROOT, page), "utf8"))).toBeGreaterThan(0);
  });
});

const block = (marker: string, ...lines: string[]) =>
  `<!-- ${marker} -->\n\`\`\`console\n${lines.join("\n")}\n\`\`\`\n`;
const INIT = block("run: ada", "$ owp init", "…", "$ owp add 'Fix the login'", "k3f9 …", "…");

describe("a page is found out", () => {
  test.each<[string, string, string]>([
    ["when a command fails", block("run: ada", "$ owp claim", "…"), "page.md:2: exit status 4"],
    ["when it prints something else", block("run: ada", "$ echo one", "two"), "--- printed\none"],
    ["when it prints more", block("run: ada", "$ echo one; echo two", "one"), "--- printed\none\ntwo"],
    ["when a later command fails", block("run: ada", "$ true", "$ false"), "$ false"],
    [
      "when an id is another task's",
      `${INIT}${block("run: bo", "$ owp add 'Test it'", "k3f9 …", "…")}`,
      "owp add 'Test it'",
    ],
    ["when a script fails in the middle", "<!-- run: ada -->\n```sh\nfalse\ntrue\n```\n", "exit status 1"],
    ["when a block is not said to run", "```sh\ntrue\n```\n", "neither where nor why not"],
    ["when a comment has a slip", block("run ada", "$ true"), "neither where nor why not"],
    [
      "when a block of another kind is not what was printed",
      "<!-- run: ada $ echo a: 1 -->\n```yaml\na: 2\n```\n",
      "a: 1",
    ],
  ])("%s", async (_name, page, says) => {
    await expect(runGuide("page.md", page)).rejects.toThrow(says);
  });

  test("and one in order is not: clones by name, folders, variables, files, ids in later commands", async () => {
    const page = [
      INIT,
      block(
        "run: bo in .. with OWP_WORKER=eve",
        "$ cd web",
        "$ owp claim k3f9",
        "you are eve, registered with this claim",
        "claimed k3f9 Fix the login",
        "…",
        "$ owp status -q | head -1",
        "you are eve",
      ),
      "<!-- file: bo note.txt -->\n```text\nsaid before\n```\n",
      block("run: bo", '$ owp note k3f9 "$(cat note.txt)"', "…"),
      "<!-- run: ada $ owp show k3f9 | tail -1 -->\n```text\nnotes: bo@box/web, …: said before\n```\n",
      "<!-- not run: it would not end -->\n```sh\nsleep infinity\n```\n",
    ].join("\n");
    expect(await runGuide("page.md", page)).toBe(7);
  });
});
