import { describe, expect, it } from "vitest";
import { BUILT_IN_TEXT, PLACEHOLDERS, PRIME_LIMIT } from "../../../src/core/prime-file.ts";
import { planPrime } from "../../../src/domain/tasks/prime.ts";
import {
  ctx,
  ended,
  type File,
  lease,
  ok,
  policy,
  record,
  task,
  waiting,
  worker,
} from "../../helpers/record.ts";

const prime = (files: readonly File[], name = "ada") => ok(planPrime(record(...files), {}, ctx(name)));
const primeFile = (text: string): File => ["PRIME.md", text];

describe("what an agent must know", () => {
  it("what I hold, what is in progress first; what is ready; the five commands", () => {
    const { result } = prime([
      worker("ada", { max_concurrent_tasks: 20, capacity_points: 50 }),
      task("aaaa", { priority: 90 }),
      lease("aaaa", { phase: "blocked" }),
      task("bbbb"),
      lease("bbbb"),
      ...["cccc", "dddd", "eeee", "ffff"].map((id) => task(id)),
      waiting("gggg", ["cccc"]),
      ended("hhhh", "done"),
    ]);
    expect(result).toMatchObject({ worker: "ada", held_total: 2, ready_total: 4, source: "built-in" });
    expect(result.held.map(({ short, state }) => [short, state])).toEqual([
      ["bbbb", "in_progress"],
      ["aaaa", "blocked"],
    ]);
    expect(result.ready.map(({ short }) => short)).toEqual(["cccc", "dddd", "eeee"]);
    expect(result.commands).toHaveLength(5);
    expect(result).not.toHaveProperty("text");
  });

  it("a worker that may not register itself hears who must do what", () => {
    const closed = [policy({ registration: "closed" }), task("aaaa")];
    expect(prime(closed, "nell").result.shut_out).toBe(
      "ask max to run: owp worker register nell --actor-kind agent",
    );
    expect(prime(closed, "ada").result).not.toHaveProperty("shut_out");
    expect(prime([task("aaaa")], "nell").result).not.toHaveProperty("shut_out");
  });
});

describe("PRIME.md: the record's own text", () => {
  it("comes with its placeholders; remarks stay with those who edit it", () => {
    const { result, warnings } = prime([
      primeFile(
        "\ufeff<!-- for us: {{nothing}} -->\r\n# House rules\r\n{{worker}}, run the tests.\r\n{{ held }}\r\n",
      ),
    ]);
    expect(result.source).toBe("PRIME.md");
    expect(result.text).toBe("# House rules\n{{worker}}, run the tests.\n{{ held }}");
    expect(warnings).toBeUndefined();
  });

  it.each<[name: string, text: string, says: RegExp]>([
    [
      "too long",
      "x".repeat(PRIME_LIMIT + 1),
      /^PRIME\.md: the text has 4001 characters, and may have 4000; owp's own/,
    ],
    ["empty", " \n\t\n", /^PRIME\.md: PRIME\.md says nothing/],
    ["a remark alone", "<!-- later -->\n", /says nothing/],
    ["a control character", "# Rules\n\u001b[31mred\n", /^PRIME\.md:2: the control character U\+001B/],
    ["a merge conflict", "a\n<<<<<<< ours\nb\n", /^PRIME\.md:2: a merge conflict/],
  ])("%s: our own text, and a warning", (_name, text, says) => {
    const { result, warnings } = prime([primeFile(text)]);
    expect(result).toMatchObject({ source: "built-in" });
    expect(result).not.toHaveProperty("text");
    expect(warnings).toEqual([expect.stringMatching(says)]);
  });

  it("at the limit it is told, in characters and not in bytes", () => {
    expect(prime([primeFile("é".repeat(PRIME_LIMIT))]).result.source).toBe("PRIME.md");
  });

  it("a placeholder that no one fills in is warned of with its line, and stays", () => {
    const { result, warnings } = prime([primeFile("{{worker}}\n\n{{hold}} and {{ready}}\n")]);
    expect(result.text).toContain("{{hold}}");
    expect(warnings).toEqual([
      "PRIME.md:3: {{hold}} is filled in by no one; there are worker, held, ready, commands",
    ]);
  });

  it("ours has every placeholder, so that it can be begun with", () => {
    for (const name of Object.keys(PLACEHOLDERS)) expect(BUILT_IN_TEXT).toContain(`{{${name}}}`);
  });
});
