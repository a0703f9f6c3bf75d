/** Content of objects from files, standard input and the editor, and how objects are shown. */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { commands } from "../../src/cli/commands.ts";
import { templateOf } from "../../src/cli/object-template.ts";
import { readYaml } from "../../src/core/yaml-safe.ts";
import { KIND_OF_WORD, type KindWord } from "../../src/domain/objects/words.ts";
import { run } from "./support.ts";

let dir = "";
beforeAll(() => {
  dir = mkdtempSync(join(tmpdir(), "owp-objects-"));
});
afterAll(() => rmSync(dir, { recursive: true, force: true }));

function fileWith(text: string): string {
  const path = join(dir, "content");
  writeFileSync(path, text);
  return path;
}

const NEW = ["object", "new", "doctrine"];
const owp = (argv: string[], world: Parameters<typeof run>[1] = {}) => run(argv, { commands, ...world });

describe("content", () => {
  test("comes from a file of YAML, with options over it", async () => {
    const file = fileWith("namespace: ops\nlinks:\n  - https://example.org\n");
    const { seen } = await owp([...NEW, "--file", file, "--name", "probes", "--tag", "a,b"]);
    expect(seen).toMatchObject([
      {
        name: "object new",
        input: {
          ...{ kind: "doctrine", name: "probes", tag: ["a", "b"] },
          value: { namespace: "ops", links: ["https://example.org"] },
        },
      },
    ]);
  });

  test("comes from standard input as JSON", async () => {
    const { seen } = await owp([...NEW, "--file", "-"], { stdin: '{"namespace": "ops"}' });
    expect(seen[0]?.input).toEqual({ kind: "doctrine", value: { namespace: "ops" } });
  });

  const BAD: [why: string, text: string, words: RegExp][] = [
    ["YAML that ends in the middle", "a: 1\nb: [1\n", /content:2: .*Nothing was changed/],
    ["a key twice", "a: 1\na: 2\n", /content:2: .*duplicate|twice/],
    ["no mapping", "- a\n", /content.*mapping/],
    ["half of a JSON object", '{"a": 1', /content is no JSON/],
  ];
  test.each(BAD)("is refused as %s, with the file and the line", async (_why, text, words) => {
    const { code, err, seen } = await owp([...NEW, "--file", fileWith(text)]);
    expect([code, seen]).toEqual([2, []]);
    expect(err).toMatch(words);
  });

  test("is refused where there is no such file", async () => {
    const { code, err } = await owp([...NEW, "--file", join(dir, "gone")]);
    expect([code, err]).toEqual([2, expect.stringContaining("it is not there. Nothing was changed.")]);
  });

  test("is written in the editor on a terminal, on a template of the kind", async () => {
    const EDITOR =
      "sed -i -e 's/^# statement:.*/statement: Probe it./' -e 's/^# namespace:.*/namespace: ops/'";
    const { seen } = await owp(NEW, { tty: true, env: { EDITOR } });
    expect(seen[0]?.input).toEqual({ kind: "doctrine", value: { statement: "Probe it.", namespace: "ops" } });
  });

  test("is edited on what is there, without what owp writes itself", async () => {
    const object = { kind: "Run", id: "rn_x", status: "running", created_at: "2026-01-01T00:00:00Z" };
    const answer = (name: string) => (name === "object show" ? { result: { object } } : {});
    const env = { VISUAL: "sed -i s/running/done/", EDITOR: "false" };
    const { seen } = await owp(["object", "edit", "run", "k3f9"], { tty: true, env, answer });
    expect(seen.map(({ name, input }) => [name, input])).toEqual([
      ["object show", { id: "k3f9", kind: "run" }],
      ["object edit", { id: "k3f9", kind: "run", value: { kind: "Run", status: "done" } }],
    ]);
  });

  test("is left alone where the editor changed nothing, or failed", async () => {
    const kept = await owp(NEW, { tty: true, env: { EDITOR: "true" } });
    expect([kept.code, kept.seen, kept.err]).toEqual([8, [], expect.stringContaining("left as it was")]);
    const failed = await owp(NEW, { tty: true, env: { EDITOR: "false" } });
    expect([failed.code, failed.seen]).toEqual([2, []]);
  });

  test("asks no editor away from a terminal: the plan says what is missing", async () => {
    const { seen } = await owp(NEW, { env: { EDITOR: "false" } });
    expect(seen[0]?.input).toEqual({ kind: "doctrine" });
  });

  test.each(Object.keys(KIND_OF_WORD) as KindWord[])(
    "the template of %s is YAML once its signs are gone",
    (word) => {
      const text = templateOf(word);
      const filled = text.replace(/^# (?! *#)(?! *Take)(?! *A new)/gm, "");
      const read = readYaml(filled);
      expect(read.ok ? Object.keys(read.value).length : read.finding).toBeGreaterThan(5);
      expect(text).not.toMatch(/^[^#\n]/m);
    },
  );
});

describe("views", () => {
  const rows = [
    {
      id: "rn_00000000000000000000000001",
      short: "0001",
      title: "It answers",
      created_at: "2026-01-01T00:00:00Z",
      status: "done",
      issue: "t_00000000000000000000000001",
    },
    {
      id: "rn_00000000000000000000000002",
      short: "0002",
      title: "agent run by ada",
      created_at: "2026-01-01T00:00:00Z",
      status: "planned",
    },
  ];
  const result = { kind: "Run", objects: rows, total: 3, offset: 0 };

  test("a list is a table on a terminal, and a line each elsewhere", async () => {
    const wide = await owp(["object", "list", "run", "--no-color"], {
      tty: true,
      answer: () => ({ result }),
    });
    expect(wide.out.split("\n").slice(0, 3)).toEqual([
      "id    status   issue  title",
      "0001  done     0001   It answers",
      "0002  planned         agent run by ada",
    ]);
    expect(wide.out).toContain("1–2 of 3 (more with --offset 2 or --limit)");
    const compact = await owp(["object", "list", "run"], { answer: () => ({ result }) });
    expect(compact.out).toContain('0002 "agent run by ada" status planned\n');
  });

  test("an object is shown as YAML that can be given back", async () => {
    const object = { kind: "Run", id: "rn_x", outputs: { decision_log: ["a: b"] } };
    const { out } = await owp(["object", "show", "k3f9"], {
      answer: () => ({ result: { kind: "Run", object } }),
    });
    expect(readYaml(out)).toMatchObject({ ok: true, value: object });
  });

  test("a new object is its id with --quiet", async () => {
    const made = { kind: "ContextPacket", id: "cp_x", short: "k3f9", version: "2", path: "p" };
    const quiet = await owp(["object", "new", "context-packet", "--summary", "x", "-q"], {
      answer: () => ({ result: made }),
    });
    expect(quiet.out).toBe("cp_x\n");
    const told = await owp(["object", "new", "context-packet", "--summary", "x"], {
      answer: () => ({ result: made }),
    });
    expect(told.out).toContain("context packet k3f9 version 2 is new: cp_x");
  });
});
