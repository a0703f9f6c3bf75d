import { mkdirSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { signalPrefixes } from "../../src/engine/git/signal-refs.ts";
import { branchOf, isQueueName, queueOfBranch } from "../../src/lib/branch.ts";
import { keptRecords, optionsFor, ownFolder, recordFolder } from "../../src/lib/record-folder.ts";
import { tempDir } from "../helpers/git.ts";

describe("which branch is meant", () => {
  type Asked = Parameters<typeof branchOf>[0];
  const rows: [name: string, asked: Asked, config: Record<string, string>, branch: string, queue?: string][] =
    [
      ["nothing said", {}, {}, "owp"],
      ["--queue", { queue: "ops" }, {}, "owp-ops", "ops"],
      ["--branch", { branch: "coord" }, {}, "coord"],
      ["--queue beside --branch", { branch: "coord", queue: "ops" }, {}, "coord-ops", "ops"],
      ["owp.branch", {}, { "owp.branch": "coord" }, "coord"],
      ["--queue with owp.branch", { queue: "ops" }, { "owp.branch": "coord" }, "coord-ops", "ops"],
      ["OWP_QUEUE", { env: { OWP_QUEUE: "ops" } }, {}, "owp-ops", "ops"],
      ["an empty OWP_QUEUE", { env: { OWP_QUEUE: "" } }, {}, "owp"],
      ["owp.queue", {}, { "owp.queue": "ops" }, "owp-ops", "ops"],
      ["OWP_QUEUE before owp.queue", { env: { OWP_QUEUE: "a" } }, { "owp.queue": "b" }, "owp-a", "a"],
      ["--queue before both", { queue: "c", env: { OWP_QUEUE: "a" } }, { "owp.queue": "b" }, "owp-c", "c"],
      [
        "--branch as it stands, whatever is set",
        { branch: "owp", env: { OWP_QUEUE: "a" } },
        { "owp.queue": "b" },
        "owp",
      ],
      ["a branch in a folder", { branch: "team/owp", queue: "ops" }, {}, "team/owp-ops", "ops"],
    ];
  test.each(rows)("%s", (_name, asked, config, branch, queue) => {
    expect(branchOf(asked, (key) => config[key])).toMatchObject({
      ok: true,
      branch,
      ...(queue && { queue }),
    });
  });

  const bad: [name: string, asked: Asked, config: Record<string, string>, says: RegExp][] = [
    ["a path", { queue: "../x" }, {}, /^--queue is "..\/x"/],
    ["a folder", { queue: "a/b" }, {}, /^--queue is "a\/b"/],
    ["nothing", { queue: "" }, {}, /^--queue is ""/],
    ["capitals", { env: { OWP_QUEUE: "Ops" } }, {}, /^OWP_QUEUE is "Ops"/],
    ["a dash in front", {}, { "owp.queue": "-x" }, /^owp.queue is "-x"/],
    ["a newline", { queue: "a\nb" }, {}, /^--queue is "a\\nb"/],
    ["41 characters", { queue: "x".repeat(41) }, {}, /^--queue is/],
    ["the place of heartbeats", { queue: "signals" }, {}, /^--queue is "signals"/],
    ["another queue's place of heartbeats", { queue: "ops-signals" }, {}, /^--queue is/],
    ["the branch of messages", { queue: "channels" }, {}, /^--queue is/],
    [
      "a branch that is a place of heartbeats",
      { branch: "owp-signals" },
      {},
      /^The branch owp-signals is none for a record/,
    ],
    ["a branch that git does not take", { branch: "a..b" }, {}, /no name that a branch can have/],
  ];
  test.each(bad)("F12 refused: %s", (_name, asked, config, says) => {
    expect(branchOf(asked, (key) => config[key])).toMatchObject({
      ok: false,
      code: "usage",
      message: expect.stringMatching(says),
    });
  });

  test("queues are told by their branches", () => {
    const branches = [
      "owp",
      "owp-ops",
      "owp-signals",
      "owp-ops-signals",
      "owp-channels",
      "owp-change-01abc",
      "owp-Big",
      "owpx",
      "main",
      "owp-",
    ];
    expect(branches.map((branch) => queueOfBranch("owp", branch))).toEqual([
      null,
      "ops",
      ...Array(8).fill(undefined),
    ]);
    expect(["a", "a-b", "7", "x".repeat(40)].map(isQueueName)).toEqual([true, true, true, true]);
  });
});

describe("the folder of a record", () => {
  const at = tempDir();
  const records: [remote: string | null, branch: string][] = [
    [null, "owp"],
    ["origin", "owp-ops"],
    ["origin", "owp-OPS"],
    ["upstream", "owp"],
    ["upstream", "owp-ops"],
    ["up/stream", "owp"],
    ["up%2fstream", "owp"],
    ["origin", "owp@upstream"],
    ["origin", "team/owp"],
    ["..", "owp"],
    ["origin", "é".repeat(60)],
    ["origin", "é".repeat(61)],
    ["origin", `${"x".repeat(240)}a`],
    ["origin", `${"x".repeat(240)}b`],
  ];

  test("is its own, and a plain name below owp's folder", () => {
    const folders = records.map(([remote, branch]) => recordFolder(at, remote, branch));
    expect(new Set(folders).size).toBe(records.length);
    expect(folders[0]).toBe(ownFolder(at));
    for (const folder of folders.slice(1)) {
      const name = folder.slice(`${ownFolder(at)}/records/`.length);
      expect(name).toMatch(/^(?!\.)[a-z0-9._%@~-]{1,200}$/);
    }
  });

  test("does not change when a repository gets its first remote", () => {
    for (const branch of ["owp", "owp-ops"])
      expect(recordFolder(at, null, branch)).toBe(recordFolder(at, "origin", branch));
  });

  test("says again which record it is", () => {
    const readable = records.filter(([, branch]) => branch.length < 60);
    for (const [remote, branch] of readable)
      mkdirSync(`${recordFolder(at, remote, branch)}/queue`, { recursive: true });
    const kept = keptRecords(at).map(({ remote, branch }) => [remote ?? "origin", branch]);
    expect(kept.sort()).toEqual(readable.map(([remote, branch]) => [remote ?? "origin", branch]).sort());
  });

  test("is named in hints by the options that mean it", () => {
    expect(optionsFor({ branch: "owp-ops", remote: null }, "owp")).toBe("--queue ops");
    expect(optionsFor({ branch: "owp", remote: null }, "owp")).toBe("--branch owp");
    expect(optionsFor({ branch: "coord", remote: "fork" }, "owp")).toBe("--branch coord --remote fork");
  });
});

test("no record's signals stand where another record is, or another one's signals are", () => {
  const branches = ["owp", "owp-ops", "owp-ops-a", "team/owp", "coord"];
  const places = branches.flatMap((branch) => Object.values(signalPrefixes(branch)));
  expect(new Set(places).size).toBe(places.length);
  for (const place of places)
    for (const other of [...places, ...branches.map((branch) => `refs/heads/${branch}`)])
      if (other !== place) expect(`${other}/`.startsWith(`${place}/`)).toBe(false);
});
