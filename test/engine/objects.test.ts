import { describe, expect, test } from "vitest";
import {
  blobOf,
  decodeCommit,
  decodeTree,
  encodeCommit,
  encodeTree,
  formatMessage,
  oidOf,
  parseTrailers,
  type TreeEntry,
} from "../../src/engine/objects.ts";
import { fc } from "../helpers/chance.ts";
import { git, gitInput, tempDir } from "../helpers/git.ts";

const repo = tempDir();
git(repo, "init", "--quiet");
const blob = blobOf("x\n");
gitInput(repo, "x\n", "hash-object", "-w", "--stdin");

const who = { name: "Ada", email: "ada@example.org", at_ms: 1_700_000_000_000 };

describe("trees", () => {
  test("order and ids are those of git mktree", () => {
    const names: [string, string][] = [
      ["40000", "a"],
      ["100644", "a-b"],
      ["100644", "a.b"],
      ["100755", "a0"],
      ["40000", "ab"],
      ["120000", "é"],
      ["100644", "\u{1f600}"],
      ["100644", "\uffee"],
      ["100644", "Z"],
    ];
    const sub = gitInput(repo, "", "mktree");
    const entries = names.map(
      ([mode, name]): TreeEntry => ({ mode, name, oid: mode === "40000" ? sub : blob.oid }),
    );
    const input = entries.map(
      (e) => `${e.mode.padStart(6, "0")} ${e.mode === "40000" ? "tree" : "blob"} ${e.oid}\t${e.name}\0`,
    );
    const expected = gitInput(repo, input.join(""), "mktree", "-z");
    expect(oidOf("tree", encodeTree(entries))).toBe(expected);
    expect(oidOf("tree", encodeTree([...entries].reverse()))).toBe(expected);
    expect(
      decodeTree(encodeTree(entries))
        .map((e) => e.name)
        .sort(),
    ).toEqual(names.map(([, name]) => name).sort());
  });

  test("names that are not UTF-8 and odd modes survive a round trip", () => {
    const raw = Buffer.concat([
      Buffer.from("100664 "),
      Buffer.from([0x61, 0xff, 0xfe, 0]),
      Buffer.from(blob.oid, "hex"),
      Buffer.from("040000 b\0"),
      Buffer.from(blob.oid, "hex"),
    ]);
    expect(Buffer.from(encodeTree(decodeTree(raw))).equals(raw)).toBe(true);
  });

  test.each([["100644 a"], ["100644 a\0short"], ["nospace"]])("bytes that are no tree throw: %j", (text) => {
    expect(() => decodeTree(Buffer.from(text))).toThrow("not a git tree");
  });
});

describe("commits", () => {
  test("the id is that of git commit-tree", () => {
    const tree = gitInput(repo, "", "mktree");
    const env = {
      ...process.env,
      GIT_AUTHOR_DATE: "1700000000 +0000",
      GIT_COMMITTER_DATE: "1700000000 +0000",
    };
    Object.assign(process.env, env);
    const expected = gitInput(repo, "subject\n\nbody\n", "commit-tree", tree);
    delete process.env.GIT_AUTHOR_DATE;
    delete process.env.GIT_COMMITTER_DATE;
    const signature = { name: "Test", email: "test@example.org", at_ms: 1_700_000_000_999 };
    const data = encodeCommit({
      tree,
      parents: [],
      author: signature,
      committer: signature,
      message: "subject\n\nbody\n",
    });
    expect(oidOf("commit", data)).toBe(expected);
  });

  test("round trip", () => {
    const commit = {
      tree: blob.oid,
      parents: [blob.oid, blob.oid],
      author: who,
      committer: who,
      message: "a\n\nb: c\n",
    };
    expect(decodeCommit(encodeCommit(commit))).toEqual(commit);
  });

  test.each([
    ["Evil\n<x>", "a>b\nparent 1", "Evil x", "ab parent 1"],
    [" .,dots,. ", "", "dots", ""],
    ["", "", "unknown", ""],
    ["\u0000nul", "e@x", "nul", "e@x"],
  ])("names cannot break the format: %j %j", (name, email, cleanName, cleanEmail) => {
    const author = { name, email, at_ms: 1000 };
    const decoded = decodeCommit(
      encodeCommit({ tree: blob.oid, parents: [], author, committer: author, message: "m\n" }),
    );
    expect(decoded.author).toEqual({ name: cleanName, email: cleanEmail, at_ms: 1000 });
    expect(decoded.parents).toEqual([]);
  });

  const raw = (lines: string[], message: string | Uint8Array = "m\n") =>
    Buffer.concat([Buffer.from(`tree ${blob.oid}\n${lines.join("\n")}\n\n`), Buffer.from(message)]);
  const A = "author A <a@x> 100 +0000";
  const C = "committer C <c@x> 200 -1234567";
  test.each([
    [
      "signed",
      raw([A, C, "gpgsig -----BEGIN", " ", " parent 0000000000000000000000000000000000000000", " -----END"]),
      200_000,
      "m\n",
    ],
    ["merge tag", raw([A, C, "mergetag object 1", " type commit", " ", " text"]), 200_000, "m\n"],
    ["latin1", raw([A, C, "encoding ISO-8859-1"], Buffer.from([0xe9])), 200_000, "é"],
    ["unknown encoding", raw([A, C, "encoding klingon"], "é"), 200_000, "é"],
    ["no date", raw([A, "committer C <c@x>"]), 0, "m\n"],
    ["negative date", raw([A, "committer C <c@x> -5 +0000"]), 0, "m\n"],
    ["huge date", raw([A, "committer C <c@x> 99999999999999999999 +0000"]), 0, "m\n"],
    ["no committer", raw([A]), 0, "m\n"],
    ["no message", Buffer.from(`tree ${blob.oid}\n${A}\n${C}`), 200_000, ""],
  ])("reads what git accepts: %s", (_name, data, at_ms, message) => {
    const commit = decodeCommit(data);
    expect([commit.tree, commit.parents, commit.committer.at_ms, commit.message]).toEqual([
      blob.oid,
      [],
      at_ms,
      message,
    ]);
  });

  test("bytes without a tree throw", () =>
    expect(() => decodeCommit(Buffer.from("parent x\n\nm"))).toThrow("no tree"));
});

describe("trailers", () => {
  test.each<[string, string, [string, string][]]>([
    [
      "last paragraph",
      "s\n\nb\n\nA: 1\nB-c: 2\n",
      [
        ["A", "1"],
        ["B-c", "2"],
      ],
    ],
    ["subject alone is none", "A: 1\n", []],
    ["not the last paragraph", "s\n\nA: 1\n\nprose\n", []],
    ["prose among them", "s\n\nA: 1\nprose here\n", []],
    [
      "prose, but git's own among them",
      "s\n\nprose here\nA: 1\nSigned-off-by: x\n",
      [
        ["A", "1"],
        ["Signed-off-by", "x"],
      ],
    ],
    [
      "continuation",
      "s\n\nA: 1\n 2\nB: 3\n",
      [
        ["A", "1 2"],
        ["B", "3"],
      ],
    ],
    [
      "carriage returns",
      "s\r\n\r\nA: 1\r\nB: 2\r\n",
      [
        ["A", "1"],
        ["B", "2"],
      ],
    ],
    [
      "empty value, spaces",
      "s\n\nA:\nB :  2  \n",
      [
        ["A", ""],
        ["B", "2"],
      ],
    ],
    ["blank line of spaces", "s\n  \nA: 1\n\n\n", [["A", "1"]]],
    ["comments", "s\n\n# c\nA: 1\n", [["A", "1"]]],
    ["empty", "", []],
  ])("%s", (_name, message, trailers) => {
    expect(parseTrailers(message)).toEqual(trailers);
  });

  test("git interpret-trailers reads what formatMessage writes, whatever the texts hold", () => {
    const text = fc.oneof(
      fc.string(),
      fc.string({ unit: "binary" }),
      fc.constantFrom("A: b\nC: d", "x\n\nOwp-Op: forged", "\n", "---"),
    );
    fc.assert(
      fc.property(text, text, fc.array(text, { minLength: 1, maxLength: 3 }), (subject, body, values) => {
        const trailers = values.map((value, i): [string, string] => [`Key-${i}`, value]);
        const message = formatMessage(subject, body, trailers);
        const parsed = parseTrailers(message);
        expect(parsed.map(([key]) => key)).toEqual(trailers.map(([key]) => key));
        expect(parsed.every(([, value]) => !/[\r\n]/.test(value))).toBe(true);
        expect(message.split("\n")[1]).toBe("");
      }),
    );
    const message = formatMessage("s", "x\n\nOwp-Op: forged", [["Owp-Op", "real\n\nOwp-Op: forged"]]);
    expect(gitInput(repo, message, "interpret-trailers", "--parse", "--no-divider")).toBe(
      "Owp-Op: real Owp-Op: forged",
    );
    expect(parseTrailers(message)).toEqual([["Owp-Op", "real Owp-Op: forged"]]);
  });

  test("a key that is none is a bug", () => expect(() => formatMessage("s", "", [["a b", "c"]])).toThrow());
});
